package wallet_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// planted is an invented customer: what it could buy in a year, and what part of it it buys here, in minor units.
type planted struct {
	industry        string
	employees       int32
	wallet, revenue float64
	states          bool // it has declared its potential
}

// plant fills the warehouse with the customers and scores them. The answer has a row for each, in their order: estimate,
// from and to.
func plant(t *testing.T, all []planted) ([][3]int64, scoring.Version) {
	t.Helper()
	w := newWorld(t)
	key := func(i int) id.ID { return id.ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", i)) }
	fill := func(tx *engine.Tx, table string, columns []string, row func(i int) []any) error {
		i := -1
		_, err := tx.Append(t.Context(), table, columns, func() ([]any, bool, error) {
			for i++; i < len(all); i++ {
				if r := row(i); r != nil {
					return r, true, nil
				}
			}
			return nil, false, nil
		})
		return err
	}
	err := w.warehouse.Write(t.Context(), func(tx *engine.Tx) error {
		err := fill(tx, "customer", []string{"id", "code", "name", "industry", "size_employees"}, func(i int) []any {
			code := fmt.Sprintf("%06d", i)
			return []any{key(i), code, code, all[i].industry, all[i].employees}
		})
		if err != nil {
			return err
		}
		err = fill(tx, "purchase", []string{"customer_id", "purchase_date", "revenue"}, func(i int) []any {
			if all[i].revenue == 0 {
				return nil
			}
			return []any{key(i), asOf.AddDays(-10), int64(math.Round(all[i].revenue)) * 100}
		})
		if err != nil {
			return err
		}
		return fill(tx, "potential", []string{"id", "customer_id", "amount", "source", "valid_from"}, func(i int) []any {
			if !all[i].states {
				return nil
			}
			return []any{key(i), key(i), int64(all[i].wallet), "declared", asOf.AddDays(-100)}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.scorer.Score(t.Context(), asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.warehouse.Query(t.Context(), "SELECT potential_estimate, potential_low, potential_high FROM score WHERE version = :version ORDER BY code", engine.Args{"version": v.Version})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out [][3]int64
	for rows.Next() {
		var r [3]int64
		if err := rows.Scan(&r[0], &r[1], &r[2]); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(out) != len(all) {
		t.Fatalf("%d customers are scored, want %d", len(out), len(all))
	}
	return out, v
}

const asOf = date.Date("2026-06-30")

// z80 is the 80 % quantile of the standard normal distribution.
const z80 = 0.8416212335729143

// Without any statement: in each of 300 industries the 80 % quantile of revenue is planted as the potential, and 50 of its
// customers are seen. The interval of a prospect there must hold the planted one with a chance of 80 %, and what is left of
// the binomial's steps: 50 draws give 84 %.
func TestTheIntervalHoldsThePlantedQuantile(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1978))
	var all []planted
	const industries = 300
	for g := range industries {
		name, middle := fmt.Sprintf("Industry %03d", g), 12+2*r.NormFloat64()
		all = append(all, planted{industry: name, wallet: math.Exp(middle + 0.7*z80)}) // the prospect
		for range 50 {
			all = append(all, planted{industry: name, revenue: math.Exp(middle + 0.7*r.NormFloat64())})
		}
	}
	got, v := plant(t, all)
	held, off := 0, []float64{}
	for i, p := range all {
		if p.wallet > 0 {
			if float64(got[i][1]) <= p.wallet && p.wallet <= float64(got[i][2]) {
				held++
			}
			off = append(off, math.Abs(math.Log(float64(got[i][0])/p.wallet)))
		}
	}
	// 84 % of 300 ± 3 standard errors of 2.1 points.
	if share := float64(held) / industries; share < 0.77 || share > 0.91 {
		t.Errorf("the interval holds the planted quantile in %.1f %% of the industries", 100*share)
	}
	// The asymptotic standard error of the quantile's logarithm: 0.7 √(0.8 × 0.2 / 50) ÷ φ(z80) = 0.141; half of the errors
	// are within 0.674 of it.
	slices.Sort(off)
	if middle := off[len(off)/2]; middle < 0.06 || middle > 0.14 {
		t.Errorf("half of the estimates are off by up to %.3f in logarithm, want some 0.095", middle)
	}
	if k := kept(t, v); k.Trial.Verdict != wallet.Untested || k.Trial.Estimate != nil || k.Trial.Above != 0 {
		t.Errorf("nobody stated a potential, and yet it is tested: %+v", k.Trial)
	}
}

// With statements: what a customer could buy depends on industry and size and on chance, each buys a part of it here, and
// three of ten have said what they could buy. The interval must hold what the silent ones could buy as often as it says,
// the test must have found so, and the estimate must beat the mean of the look-alikes.
func TestPlantedPotentialsAreRecovered(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 2006))
	var all []planted
	for g := range 20 {
		of := 10 + 1.5*r.NormFloat64()
		for size, employees := range []int32{5, 25, 120, 900} {
			for range 100 {
				p := planted{industry: fmt.Sprintf("Industry %02d", g), employees: employees, states: r.Float64() < 0.3}
				p.wallet = math.Floor(math.Exp(of + 1.2*float64(size) + 0.35*r.NormFloat64()))
				p.revenue = math.Max(1, math.Floor(p.wallet*r.Float64()))
				all = append(all, p)
			}
		}
	}
	got, v := plant(t, all)
	silent, held := 0, 0
	for i, p := range all {
		if float64(got[i][0]) < p.revenue || got[i][1] > got[i][0] || got[i][2] < got[i][0] {
			t.Fatalf("%+v is estimated as %v: below its revenue, or outside of its interval", p, got[i])
		}
		if !p.states {
			silent++
			if float64(got[i][1]) <= p.wallet && p.wallet <= float64(got[i][2]) {
				held++
			}
		}
	}
	k := kept(t, v)
	share := float64(held) / float64(silent)
	if share < 0.77 || share > 0.84 {
		t.Errorf("the 80 %% interval holds what %.1f %% of those who said nothing could buy", 100*share)
	}
	trial := k.Trial
	if trial.Customers < 2000 || trial.Coverage == nil || math.Abs(*trial.Coverage-share) > 0.03 {
		t.Errorf("the test says otherwise: %+v", trial)
	}
	if trial.Verdict != wallet.Trusted || trial.Estimate.MedianError >= 0.9*trial.Naive.MedianError {
		t.Errorf("the estimate (%+v) does not clearly beat the mean of the look-alikes (%+v), or is judged as %s", trial.Estimate, trial.Naive, trial.Verdict)
	}
}

// Chance alone is found out: where the traits say nothing of what a customer could buy, nobody is told to trust the
// estimates of single customers.
func TestEstimatesFromNothingAreNotTrusted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var all []planted
	for i := range 2000 {
		w := math.Floor(math.Exp(10 + 2*r.NormFloat64()))
		all = append(all, planted{industry: fmt.Sprintf("Industry %d", i%10), wallet: w, revenue: math.Max(1, math.Floor(w*r.Float64()*0.5)), states: true})
	}
	if _, v := plant(t, all); kept(t, v).Trial.Verdict == wallet.Trusted {
		t.Errorf("trusted: %+v", kept(t, v).Trial)
	}
}

func kept(t *testing.T, v scoring.Version) (k wallet.Kept) {
	t.Helper()
	if err := json.Unmarshal(v.Cuts["wallet"], &k); err != nil {
		t.Fatal(err)
	}
	return k
}
