package loyalty_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kvadrant/kvadrant/learn/loyalty"
)

// buyer is the days on which a simulated customer buys: gaps from a gamma distribution of a shape.
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

func simulate(rnd *rand.Rand, shape, perMonth float64, months int, slowed float64) (loyalty.Rhythm, bool) {
	const month = 365.25 / 12
	const last = 3
	age := float64(months) * month
	counts := make([]int64, months+1)
	mean := month / perMonth
	lastDay := 0.0
	prev := 0.0
	for t := 0.0; ; {
		g := gamma(rnd, shape) / shape * mean
		if slowed != 1 && t > age-last*month {
			g /= slowed
		}
		t += g
		if t > age {
			break
		}
		if math.Floor(t) == math.Floor(prev) { // the same day
			continue
		}
		prev = t
		lastDay = t
		counts[int((age-t)/month)]++
	}
	r := loyalty.Rhythm{Months: int64(min(months-1, last+24-1) - last + 1), Last: last, Silence: int64(age - lastDay)}
	for k, n := range counts[:last+int(r.Months)] {
		if k < last {
			r.Recent += n
		} else {
			r.Past += n
			r.Squares += n * n
		}
	}
	return r, r.Past+r.Recent >= 8 && r.Months >= 6
}

func TestCal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, shape := range []float64{0.5, 0.7, 1, 2, 4, 12} {
		for _, rate := range []float64{0.5, 1, 2, 4, 8} {
			for _, months := range []int{10, 14, 28} {
				var al, n, pw, np int
				for range 20000 {
					if r, ok := simulate(rnd, shape, rate, months, 1); ok {
						n++
						if r.Chance() < 0.01 {
							al++
						}
					}
				}
				for range 3000 {
					if r, ok := simulate(rnd, shape, rate, months, .5); ok {
						np++
						if r.Chance() < 0.01 {
							pw++
						}
					}
				}
				fmt.Printf("shape %4.1f rate %4.1f months %d: alarms %.4f of %d  power %.3f\n", shape, rate, months, float64(al)/float64(max(n, 1)), n, float64(pw)/float64(max(np, 1)))
			}
		}
	}
}
