package survival_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/survival"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// still is a projection that has nothing to bring: the test writes to the warehouse itself.
type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type window int

func (w window) WindowMonths(context.Context) (int, error) { return int(w), nil }

type line struct {
	customer int
	day      date.Date
}

func key(customer int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", customer) }

// thirty customers first buy on 2023-01-01, ten only then, ten again a year later, ten again in 2026; five are new.
func company() (lines []line) {
	for c := range 35 {
		switch {
		case c < 10:
			lines = append(lines, line{c, "2023-01-01"})
		case c < 20:
			lines = append(lines, line{c, "2023-01-01"}, line{c, "2024-01-01"})
		case c < 30:
			lines = append(lines, line{c, "2023-01-01"}, line{c, "2026-01-01"})
		default:
			lines = append(lines, line{c, "2025-12-01"})
		}
	}
	return lines
}

func questions(t *testing.T) *survival.Questions {
	t.Helper()
	ctx := context.Background()
	settings := setting.NewStore(testkit.DB(t), now)
	lifetime := clv.NewDefinitions(settings)
	steps := []scoring.Step{wallet.Step(nil), clv.Step(lifetime)}
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	warehouse := testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	lines := company()
	err = warehouse.Write(ctx, func(tx *engine.Tx) error {
		c, l := 0, 0
		_, err := tx.Append(ctx, "customer", []string{"id", "code", "name", "industry"}, func() ([]any, bool, error) {
			if c == 35 {
				return nil, false, nil
			}
			c++
			return []any{id.ID(key(c - 1)), key(c - 1), key(c - 1), []string{"Even", "Odd"}[(c-1)%2]}, true, nil
		})
		_, err2 := tx.Append(ctx, "purchase", []string{"customer_id", "purchase_date", "revenue", "cost"}, func() ([]any, bool, error) {
			if l == len(lines) {
				return nil, false, nil
			}
			l++
			return []any{id.ID(key(lines[l-1].customer)), lines[l-1].day, int64(100 * money.FinePerMajor), int64(60 * money.FinePerMajor)}, true, nil
		})
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := scoring.New(scoring.Config{Warehouse: warehouse, Projection: still{}, Window: window(12), Currency: settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scorer.Score(ctx, "2026-06-30", nil); err != nil {
		t.Fatal(err)
	}
	return survival.NewQuestions(warehouse, scorer, settings, survival.NewDefinitions(settings), clv.Interest(lifetime))
}

func TestPicture_FromPurchases(t *testing.T) {
	q := questions(t)
	p, err := q.Picture(t.Context(), access.Everything(), "", survival.ByIndustry)
	if err != nil {
		t.Fatal(err)
	}
	if p.Known != "2025-06-30" || p.Customers != 35 || p.TooNew != 5 {
		t.Errorf("known %s, %d customers, %d too new", p.Known, p.Customers, p.TooNew)
	}
	// Lost in their first month, after eleven whole months, or there for 911 days and more.
	all := p.Survival.All
	if all.Customers != 30 || all.Lost != 20 || len(all.Steps) != 2 || all.Steps[0].AtRisk != 30 || all.Steps[1].Months != 11 || all.Steps[1].AtRisk != 20 || all.Last != 29 {
		t.Errorf("all: %+v", all)
	}
	near(t, "S(11)", &all.Steps[1].Survival, 1./3, 1e-12)
	near(t, "median", all.Median, 11, 0)
	near(t, "mean", all.Mean, 11*2./3+18./3, 1e-9)
	if len(p.Survival.Groups) != 2 || p.Survival.Groups[0].Name != "Even" || p.Survival.Groups[0].TooFew == "" || p.Survival.Comparison != nil {
		t.Errorf("groups of 15 each are too few: %+v", p.Survival)
	}
	r := p.Renewal
	if r.Customers != 30 || len(r.Cohorts) != 1 || r.TooFew != "" {
		t.Fatalf("renewal: %+v", r)
	}
	c := r.Cohorts[0]
	if c.Periods != 2 || c.Customers != 30 || c.Survivors[1] != 20 || c.Survivors[2] != 10 || c.First > "2023-01-01" || c.Until < "2023-01-01" {
		t.Errorf("cohort: %+v", c)
	}
	if c.Margin == nil || *c.Margin != 40_00 || c.Value == nil || c.Remaining == nil || *c.Value < int64(*c.Remaining*40_00*10)-1 || *c.Value > int64(*c.Remaining*40_00*10)+1 {
		t.Errorf("money: %+v", c)
	}
	if p.Survival.All.TooFew != "" || p.UsualMonths != nil { // twenty bought again
		t.Errorf("usual months %v", p.UsualMonths)
	}
}

func TestPicture_OfNobody(t *testing.T) {
	p, err := questions(t).Picture(t.Context(), access.Reach{}, "", survival.Together)
	if err != nil || p.Customers != 0 || p.Survival.All.TooFew == "" || p.Renewal.TooFew == "" || p.Renewal.Value != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestDefinition_SaysWhatCannotBe(t *testing.T) {
	if err := survival.DefaultDefinition().Validate(); err != nil {
		t.Error(err)
	}
	for _, d := range []survival.Definition{{0, 12, 31, 30}, {12, 0, 0, 30}, {12, 1, 31, 30}, {12, 12, 31, 5}} {
		if d.Validate() == nil {
			t.Errorf("%+v passes", d)
		}
	}
}
