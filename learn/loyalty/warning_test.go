package loyalty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/learn/loyalty"
)

// gamma draws from a gamma distribution of a shape (Marsaglia and Tsang 2000).
func gamma(rnd *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(rnd, shape+1) * math.Pow(rnd.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rnd.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-rnd.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// simulate is a customer since so many months who buys at a rate per month with gaps of a gamma shape; slowed times as often in
// the last three months.
func simulate(rnd *rand.Rand, shape, perMonth float64, months int, slowed float64) (r loyalty.Rhythm, told bool) {
	const month, last = 365.25 / 12, 3
	age := float64(months) * month
	counts := make([]int64, months+1)
	var day, before float64
	for at := 0.0; ; {
		gap := gamma(rnd, shape) / shape * month / perMonth
		if at+gap > age-last*month {
			from := math.Max(at, age-last*month)
			gap = from - at + (at+gap-from)/slowed
		}
		if at += gap; at > age {
			break
		}
		if day = math.Floor(at); day != before { // two on one day are one purchase
			counts[int((age-at)/month)]++
		}
		before = day
	}
	r = loyalty.Rhythm{Months: int64(min(months-1, last+23) - last + 1), Last: last, Silence: int64(age - before)}
	for k, n := range counts[:last+int(r.Months)] {
		if k < last {
			r.Recent += n
		} else {
			r.Past, r.Squares = r.Past+n, r.Squares+n*n
		}
	}
	if months >= 16 {
		r.YearAgo = counts[12] + counts[13] + counts[14]
	}
	return r, r.Past+r.Recent >= 8 && r.Months >= 6
}

// alarms is the part of simulated customers that are warned about at a rate.
func alarms(n int, rate float64, customer func() (loyalty.Rhythm, bool)) (part float64, tested int) {
	warned := 0
	for range n {
		if r, told := customer(); told {
			tested++
			if r.Chance() < rate {
				warned++
			}
		}
	}
	return float64(warned) / math.Max(1, float64(tested)), tested
}

// Whoever does not change is warned about at most as often as the company allowed: buyers in bursts (shape 0.5), by chance (1)
// and ever more regular ones (up to 12), seldom and often, new and old, with a season and without.
func TestFalseAlarmsStayBelowTheRate(t *testing.T) {
	t.Parallel()
	const n = 5_000
	for _, rate := range []float64{0.01, 0.05} {
		for _, shape := range []float64{0.5, 0.7, 1, 2, 4, 12} {
			for _, perMonth := range []float64{0.5, 1, 2, 4, 8} {
				for _, months := range []int{10, 14, 28} {
					rnd := rand.New(rand.NewPCG(uint64(shape*10), uint64(perMonth*100)+uint64(months)))
					season := months == 28 && perMonth == 2
					got, tested := alarms(n, rate, func() (loyalty.Rhythm, bool) {
						r, told := simulate(rnd, shape, perMonth, months, 1)
						r.Season = season && r.YearAgo > 0
						return r, told
					})
					// Four standard errors of the simulation.
					if most := rate + 4*math.Sqrt(rate*(1-rate)/math.Max(1, float64(tested))); got > most {
						t.Errorf("rate %v, shape %v, %v a month for %d months: %.4f of %d were warned about, at most %.4f may", rate, shape, perMonth, months, got, tested, most)
					}
				}
			}
		}
	}
}

// What a halved rhythm of three months is seen with. It needs many purchases or a regular customer: of one who buys twice a
// month by chance nothing can be seen so soon, whatever the test.
func TestPowerForAHalvedRate(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ shape, perMonth, least, most float64 }{
		{1, 2, 0.02, 0.10}, {1, 8, 0.25, 0.45}, {2, 8, 0.50, 0.80}, {4, 4, 0.25, 0.55}, {4, 8, 0.80, 1}, {12, 4, 0.5, 0.9}, {12, 8, 0.98, 1},
	} {
		rnd := rand.New(rand.NewPCG(7, 7))
		got, tested := alarms(4000, 0.01, func() (loyalty.Rhythm, bool) { return simulate(rnd, x.shape, x.perMonth, 28, 0.5) })
		t.Logf("shape %v, %v a month, halved: seen of %.0f %% of %d", x.shape, x.perMonth, 100*got, tested)
		if got < x.least || got > x.most {
			t.Errorf("shape %v, %v a month: %.3f seen, want %v to %v", x.shape, x.perMonth, got, x.least, x.most)
		}
	}
}

// Where purchases come by chance the tail is the binomial one: of 10 purchases in 10 months none in the last two is (8/10)^10,
// at most one is that + 10 × .2 × .8^9.
func TestTailIsExactForChance(t *testing.T) {
	t.Parallel()
	// A dispersion of 1 exactly: 8 months, 8 purchases, squares 15: (15 − 8) ÷ 7 ÷ 1 = 1, widened by 1 + 4/7.
	r := loyalty.Rhythm{Months: 8, Past: 8, Squares: 15, Last: 2, Recent: 0, Silence: 1}
	if got, want := r.Dispersion(), 1+4.0/7; math.Abs(got-want) > 1e-12 {
		t.Errorf("dispersion %v, want %v", got, want)
	}
	// Then 8 purchases count as 8 ÷ 1.571 independent ones: 2 × .8^5.09.
	if got, want := r.Chance(), 2*math.Pow(0.8, 8/(1+4.0/7)); math.Abs(got-want) > 1e-12 {
		t.Errorf("chance %v, want %v", got, want)
	}
	if got := loyalty.Fall(-2.776445*1.2, 4); math.Abs(got-0.025) > 1e-6 { // Student's table
		t.Errorf("t of -2.776 with 4 degrees: %v, want .025", got)
	}
	if loyalty.Fall(0, 4) != 1 || loyalty.Fall(3, 4) != 1 || loyalty.Fall(-3, 0) != 1 || (loyalty.Rhythm{Months: 6, Last: 3, Silence: 9}).Chance() != 1 {
		t.Error("something is seen where there is nothing")
	}
}

// The step counts what the tests are told, and tells what they say: random customers, counted here by hand.
func TestStepEqualsTheTests(t *testing.T) {
	t.Parallel()
	for _, season := range []bool{false, true} {
		c := newCompany(t)
		c.define(t, func(d *loyalty.Definition) { d.Warning.Season = season })
		const n = 25
		c.customers(t, n)
		rnd := rand.New(rand.NewPCG(3, 4))
		days, amounts := map[int][]date.Date{}, map[int][]float64{}
		for i := range n {
			for at := 20 + rnd.IntN(400+80*i); at > 0; at -= 1 + rnd.IntN(10+2*i) {
				amount := math.Round(100*math.Exp(rnd.NormFloat64()/2)) / 4
				if i%3 == 0 && at < 90 {
					amount = math.Round(amount/2*4) / 4
				}
				days[i], amounts[i] = append(days[i], today.AddDays(-at)), append(amounts[i], math.Max(amount, 1))
			}
		}
		c.write(t, func(exec func(string, engine.Args)) {
			for i := range n {
				exec("INSERT INTO potential VALUES (cast(:id AS uuid), cast(:id AS uuid), 1000000, 'surveyed', DATE '2000-01-01')", engine.Args{"id": key(i)})
				if i%2 == 0 {
					exec("INSERT INTO potential VALUES (cast(:next AS uuid), cast(:id AS uuid), :amount, 'surveyed', :day)",
						engine.Args{"next": key(100 + i), "id": key(i), "amount": 1_000_000 + int64(i)*100_000, "day": today.AddDays(-30)})
				}
				for j, day := range days[i] {
					exec("INSERT INTO purchase VALUES (cast(:id AS uuid), :day, :fine, NULL)", engine.Args{"id": key(i), "day": day, "fine": int64(amounts[i][j] * 1e4)})
				}
			}
		})
		c.score(t)
		rhythms, falls, shares := 0, 0, 0
		for i := range n {
			wantRhythm, wantFall, wantShare := byHand(days[i], amounts[i], season, float64(i%2)+float64(1-i%2)*(1+float64(i)/10*30/91))
			var rhythm, fall, share *float64
			c.read(t, i, "rhythm_chance, amount_chance, share_chance", &rhythm, &fall, &share)
			for _, x := range []struct {
				name      string
				got, want *float64
				n         *int
				within    float64
			}{{"rhythm", rhythm, wantRhythm, &rhythms, 1e-9}, {"amounts", fall, wantFall, &falls, 0.006}, {"share", share, wantShare, &shares, 0.015}} { // by an approximation
				if (x.got == nil) != (x.want == nil) || x.got != nil && math.Abs(*x.got-*x.want) > x.within {
					t.Errorf("season %v, customer %d, %s: %v, want %v", season, i, x.name, told(x.got), told(x.want))
				}
				if x.got != nil && *x.got < 1 {
					*x.n++
				}
			}
		}
		if rhythms < 3 || falls < 3 || shares < 3 {
			t.Errorf("season %v: only %d rhythms, %d falls and %d shares were compared", season, rhythms, falls, shares)
		}
	}
}

// byHand works the chances out of a customer's purchases and how much larger its potential became, nil where there is too
// little. What the step does not ask, since there is no shortfall, has the chance 1.
func byHand(days []date.Date, amounts []float64, season bool, could float64) (rhythm, fall, share *float64) {
	month := func(day date.Date) int {
		k := 0
		for day <= today.AddMonths(-k-1) {
			k++
		}
		return k
	}
	counts, volumes, first := map[int]int64{}, map[int]float64{}, 0
	var now, then []float64
	for i, day := range days {
		k := month(day)
		counts[k]++
		volumes[k] += amounts[i]
		first = max(first, k)
		if k < 3 {
			now = append(now, math.Log(amounts[i]))
		} else if !season && k < 27 || season && k >= 12 && k < 15 {
			then = append(then, math.Log(amounts[i]))
		}
	}
	silence := int64(today.Time().Sub(days[len(days)-1].Time()).Hours() / 24)
	r := loyalty.Rhythm{Months: int64(min(first, 27) - 3), Last: 3, Silence: silence, Season: season, YearAgo: counts[12] + counts[13] + counts[14]}
	s := loyalty.Shares{Could: 1, CouldNow: could}
	for k := range 27 {
		if k < 3 {
			r.Recent, s.Lately = r.Recent+counts[k], s.Lately+volumes[k]
		} else if k < first {
			r.Past, r.Squares = r.Past+counts[k], r.Squares+counts[k]*counts[k]
			s.Volume, s.Volumes = s.Volume+volumes[k], s.Volumes+volumes[k]*volumes[k]
		}
	}
	months := float64(r.Months)
	if s.Rhythm, s.Bought = r, s.Volume; season {
		s.Bought, months = volumes[12]+volumes[13]+volumes[14], 3
	}
	if r.Months < 6 || silence > 365 {
		return nil, nil, nil
	}
	one := 1.0
	if !season && r.Past+r.Recent >= 8 || season && first >= 15 && r.YearAgo+r.Recent >= 8 {
		if rhythm = &one; r.Recent*r.Months < r.Past*3 || !season && silence*r.Past > 30*r.Months {
			chance := r.Chance()
			rhythm = &chance
		}
		if r.Past > 0 && s.Bought > 0 {
			if share = &one; s.Lately/3/could < s.Bought/months {
				chance := s.Chance()
				share = &chance
			}
		}
	}
	if len(now) >= 3 && len(then) >= 5 {
		fall = &one
		if t, freedom := student(now, then); t < -0.01 { // the step takes t in hundredths, towards 0
			chance := loyalty.Fall(t, freedom)
			fall = &chance
		}
	}
	return rhythm, fall, share
}

// student is the t of two samples and its degrees of freedom.
func student(now, then []float64) (float64, int64) {
	mean := func(x []float64) (m, squares float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		for _, v := range x {
			squares += (v - m) * (v - m)
		}
		return m, squares
	}
	a, aa := mean(now)
	b, bb := mean(then)
	freedom := float64(len(now) + len(then) - 2)
	return (a - b) / math.Sqrt((aa+bb)/freedom*(1/float64(len(now))+1/float64(len(then)))), int64(freedom)
}

// Bought every 14 days for two years and nothing for 51 days.
func TestSilenceOfARegularCustomer(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.customers(t, 3)
	c.buys(t, 0, 100, 0, every(today.AddDays(-51), 14, 60)...)
	c.buys(t, 1, 100, 0, every(today.AddDays(-3), 14, 60)...)
	c.buys(t, 2, 100, 0, every(today.AddDays(-3), 90, 6)...)
	c.score(t)
	var warning, strength *string
	var chance, every *float64
	c.read(t, 0, "warning, warning_strength, warning_chance, buys_every", &warning, &strength, &chance, &every)
	if warning == nil || *warning != "rhythm" || strength == nil || *chance >= 0.01 || math.Abs(*every-14) > 0.5 {
		t.Errorf("silent: %v %v %v, every %v", warning, strength, told(chance), told(every))
	}
	c.read(t, 1, "warning, warning_strength, warning_chance", &warning, &strength, &chance)
	if warning == nil || *warning != "none" || strength != nil {
		t.Errorf("unchanged: %v %v %v", warning, strength, told(chance))
	}
	c.read(t, 2, "warning, warning_chance", &warning, &chance)
	if warning != nil || chance != nil {
		t.Errorf("six purchases are too few to say: %v %v", warning, told(chance))
	}
	p, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{Period: loyalty.Quarter})
	if err != nil {
		t.Fatal(err)
	}
	w := p.Warnings
	if w.Tested != 2 || w.Untested != 1 || math.Abs(w.Expected-0.02) > 1e-12 || len(w.First) != 1 || string(w.First[0].ID) != key(0) || *w.First[0].Silence != 51 {
		t.Errorf("%+v", w)
	}
}
