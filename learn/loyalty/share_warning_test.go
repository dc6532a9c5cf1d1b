package loyalty_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/loyalty"
)

// amounts draws what a purchase comes to: always the same, or scattered, by a distribution of mean 1.
type amounts struct {
	name string
	draw func(rnd *rand.Rand) float64
}

func lognormal(sigma float64) func(*rand.Rand) float64 {
	return func(rnd *rand.Rand) float64 { return math.Exp(sigma*rnd.NormFloat64() - sigma*sigma/2) }
}

func kindsOfAmounts() []amounts {
	return []amounts{
		{"the same", func(*rand.Rand) float64 { return 1 }},
		{"a little scattered", lognormal(0.3)},
		{"scattered", lognormal(0.8)},
		{"widely scattered", lognormal(1.2)},
		{"even up to twice", func(rnd *rand.Rand) float64 { return 2 * rnd.Float64() }},
		{"mostly small", func(rnd *rand.Rand) float64 { return gamma(rnd, 0.5) / 0.5 }},
		{"now and then ten times as much", func(rnd *rand.Rand) float64 {
			if rnd.Float64() < 0.1 {
				return 10. / 1.9
			}
			return 1 / 1.9
		}},
	}
}

// buyer is one customer simulated: what the three tests are told of him.
type buyer struct {
	shares    loyalty.Shares
	now, then []float64 // logarithms of amounts
	rhythm    bool      // enough purchases for rhythm
}

// spend is simulate with amounts, and purchases less in the last three months by a factor. Of stationary buyers that is 1.
func spend(rnd *rand.Rand, shape, perMonth float64, months int, draw func(*rand.Rand) float64, less float64) (b buyer) {
	const month, last = 365.25 / 12, 3
	age := float64(months) * month
	counts, sums := make([]int64, months+1), make([]float64, months+1)
	day := -1.0
	var amount float64
	var k int
	enter := func() {
		if day < 0 {
			return
		}
		counts[k]++
		sums[k] += amount
		if k < last {
			b.now = append(b.now, math.Log(amount))
		} else if k < last+24 {
			b.then = append(b.then, math.Log(amount))
		}
	}
	for at := 0.0; ; {
		if at += gamma(rnd, shape) / shape * month / perMonth; at > age {
			break
		}
		x := math.Max(draw(rnd), 1e-3)
		if int((age-at)/month) < last {
			x *= less
		}
		if math.Floor(at) == day {
			amount += x
			continue
		}
		enter()
		day, amount, k = math.Floor(at), x, int((age-at)/month)
	}
	enter()
	s := &b.shares
	s.Rhythm = loyalty.Rhythm{Months: int64(min(months-1, last+23) - last + 1), Last: last, Silence: int64(age - day)}
	for k, n := range counts[:last+int(s.Months)] {
		if k < last {
			s.Recent, s.Lately = s.Recent+n, s.Lately+sums[k]
		} else {
			s.Past, s.Squares, s.Bought, s.Volumes = s.Past+n, s.Squares+n*n, s.Bought+sums[k], s.Volumes+sums[k]*sums[k]
		}
	}
	s.Volume, s.Could, s.CouldNow = s.Bought, 1, 1
	b.rhythm = s.Past+s.Recent >= 8 && s.Months >= 6
	return b
}

func (b buyer) share() (float64, bool)  { return b.shares.Chance(), b.rhythm }
func (b buyer) seldom() (float64, bool) { return b.shares.Rhythm.Chance(), b.rhythm }
func (b buyer) amount() (float64, bool) {
	if len(b.now) < 3 || len(b.then) < 5 {
		return 1, false
	}
	return loyalty.Fall(student(b.now, b.then)), true
}

// Whoever does not change is warned about at most as often as the company allowed by amounts, by shares, and by all that is
// asked together: whatever its purchases come to and however they come. Measured: amounts up to 0.011 where 0.01 was allowed, at
// amounts spread evenly up to a most; shares up to 0.006.
func TestFalseAlarmsOfAmountsAndShares(t *testing.T) {
	const n = 600
	for _, kind := range kindsOfAmounts() {
		for _, shape := range []float64{0.5, 1, 4} {
			for _, perMonth := range []float64{1, 4} {
				for _, months := range []int{10, 28} {
					rnd := rand.New(rand.NewPCG(uint64(shape*10), uint64(perMonth*100)+uint64(months)))
					tested, warned := map[string]int{}, map[string]int{}
					const rate = 0.02
					count := func(what string, p float64) {
						if tested[what]++; p < rate {
							warned[what]++
						}
					}
					for range n {
						b := spend(rnd, shape, perMonth, months, kind.draw, 1)
						parts, least := 0.0, 1.0
						for what, test := range map[string]func() (float64, bool){"amounts": b.amount, "shares": b.share, "rhythm": b.seldom} {
							if p, told := test(); told {
								parts, least = parts+1, min(least, p)
								count(what, p)
							}
						}
						if parts > 0 {
							count("all together", parts*least)
						}
					}
					for what, of := range tested {
						// Four standard errors of the simulation.
						got, most := float64(warned[what])/float64(of), rate+4*math.Sqrt(rate*(1-rate)/float64(of))
						if got > most {
							t.Errorf("%s, amounts %s, shape %v, %v a month for %d months: %.4f of %d were warned about, at most %.4f may", what, kind.name, shape, perMonth, months, got, of, most)
						}
					}
				}
			}
		}
	}
}

// What a share that fell to a half in three months is seen with, at one false alarm in a hundred, and where a potential doubled
// and purchases stayed.
func TestPowerForAHalvedShare(t *testing.T) {
	draw := lognormal(0.3)
	for _, x := range []struct {
		shape, perMonth, less, now float64
		least, most                float64
	}{{1, 4, 0.5, 1, 0.02, 0.35}, {4, 8, 0.5, 1, 0.7, 1}, {4, 8, 1, 2, 0.7, 1}, {4, 8, 0.5, 0.5, 0, 0.01}} {
		rnd := rand.New(rand.NewPCG(7, 7))
		seen, tested := 0, 0
		for range 1000 {
			b := spend(rnd, x.shape, x.perMonth, 28, draw, x.less)
			b.shares.CouldNow = x.now
			if p, told := b.share(); told {
				if tested++; p < 0.01 {
					seen++
				}
			}
		}
		if got := float64(seen) / float64(tested); got < x.least || got > x.most {
			t.Errorf("shape %v, %v a month, amounts × %v, potential × %v: %.3f seen, want %v to %v", x.shape, x.perMonth, x.less, x.now, got, x.least, x.most)
		}
	}
}

// states enters a statement of potential, in whole euro.
func (c *company) states(t testing.TB, customer int, amount float64, source string, day date.Date) {
	t.Helper()
	c.write(t, func(exec func(string, engine.Args)) {
		exec("INSERT INTO potential VALUES (cast(:p AS uuid), cast(:id AS uuid), :amount, :source, :day)",
			engine.Args{"p": string(id.New()), "id": key(customer), "amount": int64(amount * 100), "source": source, "day": day})
	})
}

// Twice a week for two and a quarter years: a year is 104 purchases of 100.
func TestAFallingShareSaysWhatMoved(t *testing.T) {
	c := newCompany(t)
	c.customers(t, 7)
	const half, whole = 50.0, 100.0
	long, lately := every(today.AddDays(-92), 7, 104), every(today, 7, 13)
	for i, amount := range []float64{whole, half, whole, half, half, half, half} {
		for j, day := range long {
			c.buys(t, i, whole+float64(j%5), 0, day)
		}
		for j, day := range lately {
			c.buys(t, i, amount+float64(j%5)/2, 0, day)
		}
	}
	c.states(t, 0, 20_000, "surveyed", "2020-01-01")
	c.states(t, 1, 20_000, "surveyed", "2020-01-01")
	c.states(t, 2, 20_000, "surveyed", "2020-01-01")
	c.states(t, 2, 60_000, "surveyed", today.AddMonths(-3))
	c.states(t, 3, 20_000, "surveyed", "2020-01-01")
	c.states(t, 3, 10_000, "surveyed", today.AddMonths(-3)) // it can buy half as much: the share stayed
	c.states(t, 4, 20_000, "surveyed", "2020-01-01")
	c.states(t, 4, 60_000, "declared", today.AddMonths(-3)) // another source says nothing of a change
	c.states(t, 5, 20_000, "surveyed", "2020-01-01")
	c.states(t, 5, 30_000, "surveyed", today.AddMonths(-3))
	c.score(t)
	for customer, want := range []struct{ warning, moved string }{{"none", ""}, {"amount_share", "purchases"}, {"share", "potential"}, {"amount", ""}, {"amount_share", "purchases"}, {"amount_share", "both"}, {"amount", ""}} {
		var warning, moved *string
		var chance, before, lately, potential *float64
		c.read(t, customer, "warning, share_fell_by, share_chance, share_before, share_lately, potential_change", &warning, &moved, &chance, &before, &lately, &potential)
		if warning == nil || *warning != want.warning || (moved == nil) != (want.moved == "") || moved != nil && *moved != want.moved {
			t.Errorf("customer %d: %v by %v, want %+v; chance %v, share %v to %v, potential %v", customer, word(warning), word(moved), want, told(chance), told(before), told(lately), told(potential))
		}
	}
	var chance, before, lately2, potential *float64
	c.read(t, 2, "share_chance, share_before, share_lately, potential_change", &chance, &before, &lately2, &potential)
	// 52 purchases of 102 a year of 20,000, and of 60,000.
	if before == nil || math.Abs(*before-0.265) > 0.01 || math.Abs(*lately2-0.088) > 0.005 || math.Abs(*potential-2) > 0.03 {
		t.Errorf("share %v to %v, potential %v", told(before), told(lately2), told(potential))
	}
	c.read(t, 6, "share_chance, share_before", &chance, &before)
	if chance != nil || before != nil {
		t.Errorf("nobody stated the potential, and yet the share fell with a chance of %v", told(chance))
	}
	p, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{Period: loyalty.Quarter})
	if err != nil {
		t.Fatal(err)
	}
	if w := p.Warnings; len(w.First) != 6 || w.Strong.Customers+w.Clear.Customers != 6 {
		t.Errorf("%+v", w)
	}
}

func word(s *string) string {
	if s == nil {
		return "nothing"
	}
	return *s
}
