package lifetime

import (
	"fmt"
	"math"
	"testing"

	"github.com/kvadrant/kvadrant/internal/testkit"
	money "github.com/kvadrant/kvadrant/learn/spend"
)

// cdnow reads a CDNOW log: id, date yyyymmdd, CDs, dollars. The sample has another id in front.
func cdnow(t testing.TB, name string) []Purchase {
	t.Helper()
	var log []Purchase
	for _, r := range testkit.PublishedNumbers(t, name) {
		if len(r) == 5 {
			r = r[1:]
		}
		d := int(r[1])
		log = append(log, Purchase{int(r[0]), day(d/10000, d/100%100, d%100), r[3]})
	}
	return log
}

func cdnowWeeks() Observation {
	return Observation{End: day(1997, 9, 30), HoldOut: day(1998, 6, 30), Unit: 7}
}

// split gives the tuples of a calibration, what came after it, and the spend.
func split(t testing.TB, log []Purchase, o Observation) (customers []Tuple, later []float64, spend []money.Customer, all []Summary) {
	t.Helper()
	all, err := Summarise(log, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		customers, later, spend = append(customers, s.Tuple()), append(later, s.Later), append(spend, money.Customer{Purchases: s.Frequency, Mean: s.Monetary, Weight: 1})
	}
	return customers, later, spend, all
}

func TestA1_CDNOWSample_SummaryFromTheLog_BTYDcbs(t *testing.T) {
	customers, later, spend, _ := split(t, cdnow(t, "cdnow/CDNOW_sample.txt"), cdnowWeeks())
	want, money := cbs(t), exactSpend(t)
	if len(customers) != len(want) {
		t.Fatalf("%d customers, want %d", len(customers), len(want))
	}
	sum := 0.0
	for i, c := range customers {
		near(t, fmt.Sprint("frequency of ", i), c.Frequency, want[i].Frequency, 0)
		near(t, fmt.Sprint("recency of ", i), c.Recency, want[i].Recency, 1e-9)
		near(t, fmt.Sprint("age of ", i), c.Age, want[i].Age, 1e-9)
		near(t, fmt.Sprint("spend of ", i), spend[i].Mean, money[i].Mean, 1e-6)
		sum += later[i]
	}
	near(t, "hold-out purchases", sum, 1882, 0)
}

func TestA2_CDNOWSample_HoldOut_RunHere(t *testing.T) {
	customers, later, _, _ := split(t, cdnow(t, "cdnow/CDNOW_sample.txt"), cdnowWeeks())
	tuples := Tally(customers)
	nbd, err0 := FitNBD(tuples)
	bg, err1 := FitBetaGeometric(tuples, 1, false)
	mbg, err2 := FitBetaGeometric(tuples, 1, true)
	pareto, err3 := FitPareto(tuples)
	for _, err := range []error{err0, err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		fit                         Fit
		sum, mae, rmse, corr, alive float64
	}{
		{nbd, 2929.82, 1.0410, 1.8595, .5834, 1},
		{bg, 1653.39, .78545, 1.60798, .62565, .81344},
		{mbg, 1576.71, .76478, 1.60718, .62725, .44872},
		{pareto, 1665.43, .75451, 1.60285, .63022, .44619},
	} {
		h, name := Evaluate(c.fit.Model, customers, later, 39, 7), c.fit.Model.Name()
		near(t, name+" actual", h.Actual, 1882, 0)
		near(t, name+" sum", h.Expected, c.sum, .5)
		near(t, name+" MAE", h.MAE, c.mae, 1e-4)
		near(t, name+" RMSE", h.RMSE, c.rmse, 1e-4)
		near(t, name+" correlation", h.Corr, c.corr, 1e-4)
		near(t, name+" mean P(alive)", h.Alive, c.alive, 1e-4)
	}
	actual := []float64{.237, .697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359}
	p, b := Evaluate(pareto.Model, customers, later, 39, 7).Bins, Evaluate(bg.Model, customers, later, 39, 7).Bins
	for i, w := range []float64{.138, .600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403} {
		near(t, fmt.Sprint("actual of bin ", i), p[i].Actual, actual[i], 6e-4)
		near(t, fmt.Sprint("Pareto/NBD of bin ", i), p[i].Expected, w, 1e-3)
	}
	for i, w := range []float64{.225, .523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157} {
		near(t, fmt.Sprint("BG/NBD of bin ", i), b[i].Expected, w, 6e-4)
	}
}

func TestA2_CDNOWSample_WeeklyTracking_Walkthrough(t *testing.T) {
	customers := cbs(t)
	var actual []float64
	before := 0.0
	for _, r := range testkit.PublishedNumbers(t, "cdnow/btyd_cdnow_cu_tracking.csv") {
		actual = append(actual, r[1]-before)
		before = r[1]
	}
	bg, err := FitBetaGeometric(customers, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	pareto, err := FitPareto(customers)
	if err != nil {
		t.Fatal(err)
	}
	b, p := Track(bg.Model, customers, 1, 78, actual), Track(pareto.Model, customers, 1, 78, actual)
	for i, w := range [][6]float64{ // weeks 20..25: actual, Pareto, BG; and from the beginning
		{73, 78.308, 76.865, 1359, 1308.856, 1312.458}, {55, 76.419, 74.888, 1414, 1385.275, 1387.346},
		{70, 74.648, 73.046, 1484, 1459.923, 1460.392}, {33, 72.983, 71.322, 1517, 1532.906, 1531.713},
		{56, 71.414, 69.704, 1573, 1604.320, 1601.418}, {99, 69.933, 68.182, 1672, 1674.253, 1669.600},
	} {
		x, y := p[i+19], b[i+19]
		for j, got := range [6]float64{x.Actual, x.Expected, y.Expected, x.ActualSum, x.ExpectSum, y.ExpectSum} {
			rel(t, fmt.Sprintf("week %d column %d", i+20, j), got, w[j], 1e-4)
		}
	}
}

func TestA2_CLV_Lifetimes0113_CustomerLifetimeValue(t *testing.T) {
	c, s := csvWeeks(t)
	m := BetaGeometric{.2425929, 4.4135323, .7928860, 2.4257524, 1, false}
	g := money.GammaGamma{P: 6.248802, Q: 3.744588, V: 15.447748}
	plan := Plan{Steps: 12, Step: WeeksPerMonth, Interest: .01, Margin: 1}
	want := []float64{36.2785, 4.6375, 8.3441, 8.3441, 8.3441, 283.5236, 6.8814, 8.3441, 43.3536, 8.3441}
	sum := 0.0
	for i, a := range Score(m, c, Question{Plan: plan}) {
		clv := a.Worth * g.Mean(s[i].Purchases, s[i].Mean)
		sum += clv
		if i < len(want) {
			rel(t, fmt.Sprint("customer ", i+1), clv, want[i], 1e-4)
		}
	}
	rel(t, "sum", sum, 71509.90, 1e-5)
}

func TestA2_CLV_CLVTools0121_Predict(t *testing.T) {
	c, s := cbs(t), exactSpend(t)
	m, g := Pareto{.55327, 10.57780, .60602, 11.66391}, money.GammaGamma{P: 6.24934918, Q: 3.744256334, V: 15.44430668} // CLVTools' fits
	var cet, dert, clv float64
	for i, a := range Score(m, c, Question{Horizons: []float64{39}, Rate: math.Log(1.1)}) {
		spend := g.Mean(s[i].Purchases, s[i].Mean)
		cet, dert, clv = cet+a.Expected[0], dert+a.Residual, clv+a.Residual*spend
		if i == 0 {
			near(t, "P(alive) of customer 1", a.Alive, .8691655, 1e-6)
			near(t, "CET of customer 1", a.Expected[0], 1.4553208, 1e-5)
			near(t, "DERT of customer 1", a.Residual, .4250934, 1e-6)
			near(t, "mean spend of customer 1", spend, 24.654031, 1e-5)
			near(t, "CLV of customer 1", a.Residual*spend, 10.4802666, 1e-4)
			near(t, "the same by itself", ResidualValue(m, c[0], math.Log(1.1), spend, 1), a.Residual*spend, 1e-12)
		}
	}
	rel(t, "sum CET", cet, 1665.688, 1e-5)
	rel(t, "sum DERT", dert, 490.886, 1e-5)
	rel(t, "sum CLV", clv, 17816.345, 1e-5)
}

func TestA3_CDNOWFull_ThreePeersAgree(t *testing.T) {
	log := cdnow(t, "cdnow/CDNOW_master.txt.gz")
	near(t, "lines", float64(len(log)), 69659, 0)
	customers, later, spend, _ := split(t, log, cdnowWeeks())
	repeats, zero, after := 0.0, 0, 0.0
	for i, c := range customers {
		repeats += c.Frequency
		after += later[i]
		if c.Frequency == 0 {
			zero++
		}
	}
	near(t, "customers", float64(len(customers)), 23570, 0)
	near(t, "repeats", repeats, 24337, 0)
	near(t, "without a repeat", float64(zero), 14119, 0)
	near(t, "hold-out", after, 19684, 0)
	tuples := Tally(customers)
	bg, err := FitBetaGeometric(tuples, 1, false)
	fitted(t, bg, err, -95368.4439, 1e-3, 1e-3, .2516240, 4.7889425, .7234308, 2.1610784)
	pareto, err := FitPareto(tuples)
	fitted(t, pareto, err, -95415.1186, 1e-3, 2e-3, .59741, 11.58545, .52233, 8.8329)
	mbg, err := FitBetaGeometric(tuples, 1, true)
	// The peer's run is of weeks rounded to two places: its likelihood differs in the third decimal of a hundred thousand.
	fitted(t, mbg, err, -95336.95832, 2e-2, 1e-3, .6371397, 7.3102902, .8074741, 1.2283940)
	g, err := money.FitGammaGamma(spend)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "spenders", g.Customers, 9450, 0)
	for i, w := range []float64{6.27536, 3.62445, 14.98369} {
		rel(t, g.Parameters[i].Name, g.Parameters[i].Value, w, 1e-3)
	}
	for _, c := range []struct {
		fit      Fit
		sum, mae float64
	}{{bg, 16873.7, .81874}, {mbg, 15933.6, .79453}, {pareto, 17153.6, .79377}} {
		h := Evaluate(c.fit.Model, customers, later, 39, 7)
		rel(t, c.fit.Model.Name()+" sum", h.Expected, c.sum, 2e-4)
		near(t, c.fit.Model.Name()+" MAE", h.MAE, c.mae, 5e-5)
	}
}
