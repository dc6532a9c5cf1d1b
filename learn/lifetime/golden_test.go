package lifetime

import (
	"fmt"
	"testing"

	"github.com/kvadrant/kvadrant/internal/testkit"
	money "github.com/kvadrant/kvadrant/learn/spend"
)

// Every figure here is from REFERENCE.md (A.1–A.3), which names its source: papers, vignettes and tests of BTYD, BTYDplus,
// CLVTools and lifetimes, and runs of those on the same data in November 2026.

func csvWeeks(t *testing.T) ([]Tuple, []money.Customer) {
	t.Helper()
	var c []Tuple
	var s []money.Customer
	for _, r := range testkit.PublishedNumbers(t, "cdnow/cdnow_customers_summary_with_transactions.csv") {
		c = append(c, Tuple{Frequency: r[1], Recency: r[2], Age: r[3], Weight: 1})
		s = append(s, money.Customer{Purchases: r[1], Mean: r[4], Weight: 1})
	}
	return c, s
}

func exactSpend(t *testing.T) []money.Customer {
	t.Helper()
	c := cbs(t)
	var s []money.Customer
	for i, r := range testkit.PublishedNumbers(t, "cdnow/btyd_cdnow_m_x.csv") {
		s = append(s, money.Customer{Purchases: c[i].Frequency, Mean: r[0], Weight: 1})
	}
	return s
}

func fitted(t *testing.T, f Fit, err error, ll, llTolerance float64, tolerance float64, want ...float64) Fit {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	near(t, f.Model.Name()+" log-likelihood", f.LogLikelihood, ll, llTolerance)
	for i, p := range f.Parameters {
		if i < len(want) {
			rel(t, f.Model.Name()+" "+p.Name, p.Value, want[i], tolerance)
		}
	}
	if len(f.Flags) != 0 {
		t.Errorf("%s is flagged %v: %s", f.Model.Name(), f.Flags, f.Statement)
	}
	return f
}

func stdErrs(t *testing.T, f Fit, tolerance float64, want ...float64) {
	t.Helper()
	for i, w := range want {
		rel(t, f.Model.Name()+" standard error of "+f.Parameters[i].Name, f.Parameters[i].StdErr, w, tolerance)
	}
}

func TestA1_CDNOWSample_BTYD243_CLVTools0121(t *testing.T) {
	c := Tally(cbs(t))
	f, err := FitBetaGeometric(c, 1, false)
	fitted(t, f, err, -9582.429207, 1e-5, 1e-4, .2425945, 4.4136019, .7929199, 2.4258881)
	stdErrs(t, f, 1e-4, .0125574, .3782239, .1857328, .7054069)
	f, err = FitPareto(c)
	fitted(t, f, err, -9594.976181, 1e-5, 1e-3, .55327, 10.57780, .60602, 11.66391)
	stdErrs(t, f, 1e-3, .0476264, .8427222, .1872594, 6.2105448) // printed in CLVTools' test
	f, err = FitBetaGeometric(c, 1, true)
	fitted(t, f, err, -9582.135716, 1e-5, 1e-4, .5248436, 6.1830928, .8913878, 1.6140483)
	f, err = FitNBD(c)
	fitted(t, f, err, -9763.657615, 1e-5, 1e-4, .3847659, 12.0720137)
}

func TestA1_CDNOWSample_Published_FaderHardieLee2005(t *testing.T) {
	c := cbs(t)
	f, err := FitBetaGeometric(c, 1, false)
	fitted(t, f, err, -9582.4, .05, 1e-2, .243, 4.414, .793, 2.426)
	f, err = FitPareto(c)
	fitted(t, f, err, -9595.0, .05, 2e-2, .553, 10.578, .606, 11.669)
	near(t, "BG/NBD at the printed parameters", BetaGeometric{.243, 4.414, .793, 2.426, 1, false}.LogLikelihood(c), -9582.430478, 1e-6)
	near(t, "Pareto/NBD at the printed parameters", Pareto{.553, 10.578, .606, 11.669}.LogLikelihood(c), -9594.976259, 1e-6)
}

func TestA1_CDNOWSample_Lifetimes0113_RoundedWeeks(t *testing.T) {
	c, s := csvWeeks(t)
	f, err := FitBetaGeometric(c, 1, false)
	fitted(t, f, err, -9582.42556, 1e-5, 1e-3, .2425929, 4.4135323, .7928860, 2.4257524)
	near(t, "BG/NBD at the printed parameters", BetaGeometric{.243, 4.414, .793, 2.426, 1, false}.LogLikelihood(c), -9582.426831, 1e-6)
	f, err = FitPareto(c)
	fitted(t, f, err, -9594.97393, 1e-4, 2e-3, .5533, 10.578, .6062, 11.666)
	f, err = FitBetaGeometric(c, 1, true)
	fitted(t, f, err, -9582.132685, 1e-5, 1e-3, .5248377, 6.1829885, .8913563, 1.6140000)
	g, err := money.FitGammaGamma(s)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Gamma-Gamma log-likelihood", g.LogLikelihood, -4055.923244, 1e-5)
	for i, w := range []float64{6.248802, 3.744588, 15.447748} {
		rel(t, g.Parameters[i].Name, g.Parameters[i].Value, w, 1e-3)
	}
}

func TestA1_CDNOWSample_GammaGamma_FaderHardie2013_BTYD243(t *testing.T) {
	s := exactSpend(t)
	g, err := money.FitGammaGamma(s)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", g.LogLikelihood, -4055.917695, 1e-6)
	for i, w := range []float64{6.24934918, 3.744256334, 15.44430668} {
		rel(t, g.Parameters[i].Name, g.Parameters[i].Value, w, 1e-3)
	}
	near(t, "customers", g.Customers, 946, 0)
	near(t, "left out", g.LeftOut, 1411, 0)
	m := money.GammaGamma{P: 6.25, Q: 3.74, V: 15.44}
	for i, w := range []float64{24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17} { // note 025, atol .1
		near(t, fmt.Sprint("mean spend of customer ", i+1), m.Mean(s[i].Purchases, s[i].Mean), w, .1)
	}
	_, s = csvWeeks(t)
	for i, w := range map[int]float64{0: 24.6637, 1: 18.9169, 2: 35.2190, 5: 71.4697, 8: 27.2884} { // run here, rounded spend
		near(t, fmt.Sprint("mean spend of customer ", i+1), m.Mean(s[i].Purchases, s[i].Mean), w, 1e-4)
	}
	rel(t, "spend.marginal(6,4,16; 35, 3)", money.GammaGamma{P: 6, Q: 4, V: 16}.Density(35, 3), .01628040741, 1e-9)
	for i, w := range []float64{35.06674, 35.03937, 35.02792, 35.02163, 35.01765, 35.01491, 35.01291, 35.01138, 35.01017, 35.00920} {
		near(t, fmt.Sprint("mean of 35 over ", i+1), m.Mean(float64(i+1), 35), w, 6e-6)
	}
}

func TestA1_CDNOWSample_FactsOfTheSample(t *testing.T) {
	bins, repeats, mean := make([]int, 8), 0.0, 0.0
	c, s := cbs(t), exactSpend(t)
	for i := range c {
		bins[min(7, int(c[i].Frequency))]++
		repeats += c[i].Frequency
		if c[i].Frequency > 0 {
			mean += s[i].Mean / 946
		}
	}
	for i, w := range []int{1411, 439, 214, 100, 62, 38, 29, 64} {
		near(t, fmt.Sprint("customers with x = ", i), float64(bins[i]), float64(w), 0)
	}
	near(t, "repeat purchases", repeats, 2457, 0)
	near(t, "mean spend", mean, 35.0778, 1e-4)
}

func TestA2_BGNBD_BTYD243_And_Excel(t *testing.T) {
	m := BetaGeometric{.243, 4.414, .793, 2.426, 1, false}
	h := func(x, tx, age float64) Tuple { return Tuple{Frequency: x, Recency: tx, Age: age, Weight: 1} }
	for i, w := range []float64{.05326789117, .1033897398, .1508652309, .1960681724, .2392882003, .2807558936, .3206588234, .359152293, .3963667968, .4324133622} {
		rel(t, fmt.Sprintf("E[X(%d)]", i+1), m.Expected(float64(i+1)), w, 1e-9)
	}
	for at, w := range map[float64]float64{.1429: .0078, 1: .0532, 3: .1506, 31.8571: 1.0405, 32: 1.0437, 78: 1.8576} { // of a fit
		f := BetaGeometric{.2425929, 4.4135323, .7928860, 2.4257524, 1, false}
		near(t, fmt.Sprintf("E[X(%g)] of the Excel", at), f.Expected(at), w, 5e-4)
	}
	rel(t, "E[Y(39)|2,30.43,38.86]", Expected(m, h(2, 30.43, 38.86), 39), 1.226028175, 1e-9)
	near(t, "P(alive|2,30.43,38.86)", m.Alive(h(2, 30.43, 38.86)), .7266, 5e-5)
	rel(t, "E[Y(2)|10,35,39]", Expected(m, h(10, 35, 39), 2), .3915692071, 1e-9)
	for i, w := range []float64{.1221717988, .1281041499, .1275365563, .1213699422, .1109849037, .0979785448, .0838800807, .0699371918, .0570176026, .0456155650, .0359225039, .0279193247, .0214617625, .0163459670, .0123525157, .0092724268} {
		rel(t, fmt.Sprintf("E[Y(2)|%d,25,39]", i+5), Expected(m, h(float64(i+5), 25, 39), 2), w, 1e-8)
	}
	rel(t, "P(alive|23,39,39)", m.Alive(h(23, 39, 39)), .9685554542, 1e-9)
	for i, w := range []float64{.7056268472, .6870911325, .663866181, .6365456419, .6056144893, .5715517342, .5348847516, .4962124844, .4562050527, .4155845331, .3750918929, .3354462162, .2973031346, .2612190431, .2276260877, .1968204445} {
		rel(t, fmt.Sprintf("P(alive|%d,30,39)", i+5), m.Alive(h(float64(i+5), 30, 39)), w, 1e-9)
	}
	near(t, "P(alive|0)", m.Alive(h(0, 0, 39)), 1, 0)
	rel(t, "P(X(2)=10)", m.Probability(10, 2), 1.07868964e-07, 1e-8)
	rel(t, "P(X(39)=0)", m.Probability(0, 39), .5737863521, 1e-9)
	for i, w := range []float64{.001999521447, .00151702363, .001163315007, .0009003147896, .0007023637659, .0005517902426, .0004361912809, .0003467171396, .0002769612648, .000222226048} {
		rel(t, fmt.Sprintf("P(X(30)=%d)", i+11), m.Probability(i+11, 30), w, 1e-8)
	}
	near(t, "LL(.5,6,1.2,3.3; 3,4,6)", BetaGeometric{.5, 6, 1.2, 3.3, 1, false}.LogLikelihood([]Tuple{h(3, 4, 6)}), -7.576381877, 1e-8)
	near(t, "the same of the whole sample", BetaGeometric{.5, 6, 1.2, 3.3, 1, false}.LogLikelihood(cbs(t)), -9783.444286, 1e-5)
}

func TestA2_BGNBD_Walkthrough_Fitted(t *testing.T) {
	m := BetaGeometric{.2425982, 4.4136842, .7929899, 2.4261667, 1, false} // BTYD's fit
	h := func(x, tx, age float64) Tuple { return Tuple{Frequency: x, Recency: tx, Age: age, Weight: 1} }
	near(t, "E[X(52)]", m.Expected(52), 1.444004, 1e-5)
	near(t, "customer 1516: E[Y(52)]", Expected(m, h(26, 30.857142857, 31), 52), 25.75659, 1e-4)
	near(t, "customer 1516: P(alive)", m.Alive(h(26, 30.857142857, 31)), .9688523, 1e-6)
	for x, w := range map[float64]float64{10: .3474606, 15: .04283391, 20: .004158973, 25: .0003583685} {
		rel(t, fmt.Sprintf("E[Y(52)|%g,20,39]", x), Expected(m, h(x, 20, 39), 52), w, 1e-5)
	}
}

func TestA2_ParetoNBD_BTYD243_And_Walkthrough(t *testing.T) {
	m := Pareto{.55, 10.56, .61, 11.64}
	h := func(x, tx, age float64) Tuple { return Tuple{Frequency: x, Recency: tx, Age: age, Weight: 1} }
	for i, w := range []float64{.05077820617, .09916088423, .1454250652, .1897992992, .2324746582, .2736127368, .3133515937, .3518102436, .3890921095, .4252877132} {
		rel(t, fmt.Sprintf("E[X(%d)]", i+1), m.Expected(float64(i+1)), w, 1e-9)
	}
	rel(t, "E[Y(2)|10,35,39]", Expected(m, h(10, 35, 39), 2), .3884117232, 1e-9)
	for i, w := range []float64{.1344214299, .1445115044, .1493646822, .1491389121, .1443308172, .13573562, .124348744, .1112339092, .0973927605, .0836663255, .0706832393, .0588529114, .0483909281, .0393609574, .0317200398, .0253590066} {
		rel(t, fmt.Sprintf("E[Y(2)|%d,25,39]", i+5), Expected(m, h(float64(i+5), 25, 39), 2), w, 1e-8)
	}
	rel(t, "P(X(2)=10)", m.Probability(10, 2), 1.893707596e-09, 1e-8)
	rel(t, "P(X(39)=0)", m.Probability(0, 39), .5959380696, 1e-9)
	for i, w := range []float64{.001889941473, .001332276544, .0009432439749, .0006702499122, .0004777460972, .0003414425343, .0002445943922, .0001755737048, .000126256431, 9.093734799e-05} {
		rel(t, fmt.Sprintf("P(X(30)=%d)", i+11), m.Probability(i+11, 30), w, 1e-8)
	}
	f := Pareto{.5533971, 10.5801985, .6060625, 11.6562237} // BTYD's fit
	near(t, "P(alive|0,0,39)", f.Alive(h(0, 0, 39)), .2941633358, 1e-7)
	near(t, "P(alive|26,30.857,31)", f.Alive(h(26, 30.857142857, 31)), .997874, 1e-6)
	near(t, "P(alive|26,30.86,31)", f.Alive(h(26, 30.86, 31)), .9979178964, 1e-8)
	near(t, "E[Y(52)|26,30.86,31]", Expected(f, h(26, 30.86, 31), 52), 25.4553181, 1e-5)
	fit, err := FitPareto(cbs(t)) // the walkthrough prints what its own fit gives
	if err != nil {
		t.Fatal(err)
	}
	near(t, "E[X(52)]", fit.Model.Expected(52), 1.473434, 1e-5)
	near(t, "E[Y(52)|26,30.857,31]", Expected(fit.Model, h(26, 30.857142857, 31), 52), 25.45647, 2e-3) // the surface is flat
	for x, w := range map[float64]float64{10: .7062289, 15: .1442396, 20: .02250658, 25: .00309267} {
		rel(t, fmt.Sprintf("E[Y(52)|%g,20,39]", x), Expected(fit.Model, h(x, 20, 39), 52), w, 1e-3)
	}
	g := Pareto{.5, 8, .7, 10}
	near(t, "LL(.5,8,.7,10; 3,4,6)", g.LogLikelihood([]Tuple{h(3, 4, 6)}), -7.774886116, 1e-8)
	near(t, "the same of the whole sample", g.LogLikelihood(cbs(t)), -9611.362082, 1e-5)
}

func TestA2_ParetoNBD_DERT_FaderHardieLee2005_BTYD243(t *testing.T) {
	m := Pareto{.5629966, 12.559037, .4081095, 10.5148048}
	rel(t, "x=7 t.x=35", Residual(m, Tuple{Frequency: 7, Recency: 35, Age: 77.86}, .0027), 1.864183328, 1e-9)
	for i, w := range []float64{2.19915545, 2.843534406, 2.867128391, 2.445410079, 1.840501924, 1.262416472, .8096181195, .4948036194, .2920247016, .1679275086} {
		rel(t, fmt.Sprintf("x=%d t.x=30", i+1), Residual(m, Tuple{Frequency: float64(i + 1), Recency: 30, Age: 77.86}, .0027), w, 1e-8)
	}
}

func TestA2_MBGNBD_BTYDplus120_And_PyMC(t *testing.T) {
	m := BetaGeometric{.525, 6.183, .891, 1.614, 1, true}
	h := func(x, tx, age float64) Tuple { return Tuple{Frequency: x, Recency: tx, Age: age, Weight: 1} }
	rel(t, "E[Y(39)|2,30.43,38.86]", Expected(m, h(2, 30.43, 38.86), 39), 1.262960623, 1e-9)
	rel(t, "P(alive|2,30.43,38.86)", m.Alive(h(2, 30.43, 38.86)), .7062022651, 1e-9)
	f := BetaGeometric{.5248436, 6.1830928, .8913878, 1.6140483, 1, true}
	rel(t, "P(alive|0,0,39)", f.Alive(h(0, 0, 39)), .3893269103, 1e-7)
	for at, w := range map[float64]float64{1: .05306022, 39: 1.182268666} {
		rel(t, fmt.Sprintf("E[X(%g)]", at), f.Expected(at), w, 1e-6)
	}
	// BTYDplus adds up n·P(X = n) to n = 99 and leaves the tail out: 1.803322078. The whole sum is 1.803606.
	cut, whole := 0.0, 0.0
	for n := 1; n < 2000; n++ {
		whole += float64(n) * f.Probability(n, 78)
		if n == 99 {
			cut = whole
		}
	}
	rel(t, "E[X(78)] without the tail", cut, 1.803322078, 1e-6)
	rel(t, "E[X(78)]", f.Expected(78), whole, 1e-9)
	for i, w := range []float64{.5826054734, .1827646278, .0868710111, .0485507630, .0297588783, .0193755982} {
		rel(t, fmt.Sprintf("P(X(39)=%d)", i), f.Probability(i, 39), w, 1e-7)
	}
	p := BetaGeometric{.25, 4, .80, 2.50, 1, true}
	near(t, "pymc logp(0,0)", p.LogLikelihood([]Tuple{h(0, 0, 40)}), -.41792826, 1e-7)
	near(t, "pymc logp(200,38)", p.LogLikelihood([]Tuple{h(200, 38, 40)}), 100.7869, 1e-4)
}
