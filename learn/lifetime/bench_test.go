package lifetime

import (
	"fmt"
	"math/rand/v2"
	"testing"

	money "github.com/kvadrant/kvadrant/learn/spend"
)

// many makes n customers out of the full CDNOW cohort: with spread, every one has times of its own.
func many(b testing.TB, n int, spread bool) ([]Tuple, []money.Customer) {
	b.Helper()
	customers, _, spend, _ := split(b, cdnow(b, "cdnow/CDNOW_master.txt.gz"), cdnowWeeks())
	r := rand.New(rand.NewPCG(1, 2))
	c, s := make([]Tuple, n), make([]money.Customer, n)
	for i := range c {
		c[i], s[i] = customers[i%len(customers)], spend[i%len(customers)]
		if spread {
			f := 0.8 + 0.4*r.Float64()
			c[i].Recency *= f
			c[i].Age *= f
			s[i].Mean *= f
		}
	}
	return c, s
}

func BenchmarkFit(b *testing.B) {
	for _, n := range []int{2357, 23570, 100_000, 1_000_000} {
		for _, spread := range []bool{false, true} {
			customers, spend := many(b, n, spread)
			name := fmt.Sprintf("%d", n)
			if spread {
				name += "-distinct"
			}
			b.Run("BG-NBD/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := FitBetaGeometric(Tally(customers), 1, false); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("MBG-NBD/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := FitBetaGeometric(Tally(customers), 1, true); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("Pareto-NBD/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := FitPareto(Tally(customers)); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("Gamma-Gamma/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := money.FitGammaGamma(spend); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkScore(b *testing.B) {
	customers, _ := many(b, 1_000_000, false)
	distinct, _ := many(b, 1_000_000, true)
	q := Question{Horizons: []float64{13, 52}, Rate: .0027, Level: .8, Within: 4, Plan: Plan{Steps: 12, Step: WeeksPerMonth, Margin: 1}}
	for _, m := range []Model{BetaGeometric{.2425945, 4.4136019, .7929199, 2.4258881, 1, false}, Pareto{.55327, 10.57780, .60602, 11.66391}} {
		b.Run(m.Name(), func(b *testing.B) {
			for b.Loop() {
				Score(m, customers, q)
			}
		})
		b.Run(m.Name()+"-distinct-without-residual", func(b *testing.B) {
			for b.Loop() {
				Score(m, distinct, Question{Horizons: []float64{13, 52}})
			}
		})
	}
}
