package lifetime

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/testkit"
)

func grocery(t testing.TB) []Purchase {
	t.Helper()
	var log []Purchase
	scan := bufio.NewScanner(testkit.Published(t, "grocery/groceryElog.csv"))
	for scan.Scan() {
		id, date, ok := strings.Cut(strings.ReplaceAll(scan.Text(), `"`, ""), ",")
		n, err := strconv.Atoi(id)
		if !ok || err != nil {
			continue // header
		}
		var y, m, d int
		if _, err := fmt.Sscanf(date, "%d-%d-%d", &y, &m, &d); err != nil {
			t.Fatal(err)
		}
		log = append(log, Purchase{n, day(y, m, d), 1})
	}
	return log
}

func TestA6_Grocery_BTYDplus120(t *testing.T) {
	log := grocery(t)
	near(t, "lines", float64(len(log)), 10483, 0)
	customers, later, _, all := split(t, log, Observation{End: day(2006, 12, 31), HoldOut: day(2007, 12, 30), Unit: 7})
	near(t, "customers", float64(len(customers)), 1525, 0)
	actual := 0.0
	for _, l := range later {
		actual += l
	}
	near(t, "hold-out", actual, 3389, 0)
	tuples := Tally(customers)
	nbd, err := FitNBD(tuples)
	fitted(t, nbd, err, -16376.864, 1e-2, 1e-3, .4203195, 5.2451073)
	pareto, err := FitPareto(tuples)
	fitted(t, pareto, err, -15782.3921, 1e-3, 2e-3, .7864354, 5.6789760, .3862209, 5.7171182)
	bg, err := FitBetaGeometric(tuples, 1, false)
	fitted(t, bg, err, -15836.5662, 1e-3, 1e-3, .3485920, 2.5809376, .5038262, 3.6443625)
	mbg, err := FitBetaGeometric(tuples, 1, true)
	fitted(t, mbg, err, -15781.9394, 1e-3, 1e-3, 1.2567908, 6.0384758, .3682515, .7157352)
	regular, err := FitRegular(tuples, true, 0)
	fitted(t, regular, err, -14978.2107, 1e-3, 1e-3, 1.3291973, 2.8126003, .4247156, .7900402)
	if k := regular.Model.(BetaGeometric).K; k != 2 {
		t.Errorf("k = %d, want 2", k)
	}
	bgk, err := FitBetaGeometric(tuples, 2, false)
	fitted(t, bgk, err, -15054.1729, 1e-3, 0)
	for _, c := range []struct {
		fit      Fit
		sum, mae float64
	}{{nbd, 6354.7, 2.6092}, {pareto, 3990.8, 1.5079}, {bg, 3996.4, 1.5774}, {mbg, 4024.9, 1.5131}} {
		h := Evaluate(c.fit.Model, customers, later, 52, 7)
		rel(t, c.fit.Model.Name()+" sum", h.Expected, c.sum, 3e-4)
		near(t, c.fit.Model.Name()+" MAE", h.MAE, c.mae, 5e-4)
	}
	// BTYDplus scales its approximation so that the total is ΣE[X(T+t)] − ΣE[X(T)], 3970.0; ours is the exact conditional
	// expectation, whose total need not be the same on real data. Both are checked.
	total := 0.0
	for _, c := range customers {
		total += regular.Model.Expected(c.Age+52) - regular.Model.Expected(c.Age)
	}
	rel(t, "unconditional total", total, 3970.0, 1e-3)
	h := Evaluate(regular.Model, customers, later, 52, 7)
	t.Logf("MBG/CNBD-2 exact: sum %.1f MAE %.4f", h.Expected, h.MAE)
	rel(t, "conditional total", h.Expected, 3970.0, 5e-2)
	if h.MAE > 1.4310 {
		t.Errorf("MAE %.4f is worse than that of the approximation, 1.4310", h.MAE)
	}
	_, _, _, all = split(t, log, Observation{End: day(2007, 12, 30), Unit: 7}) // the peer's is of the whole log, by lot
	var gaps [][]float64
	for _, s := range all {
		gaps = append(gaps, s.Gaps)
	}
	near(t, "Wheat-Morrison k", WheatMorrison(gaps), 1.8245, .05)
}
