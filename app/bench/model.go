package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/spend"
)

// fitSizes are how many customers the models are fitted to; the first is the number of CDNOW's sample, which the literature
// fits.
func fitSizes() []int { return []int{2357, 23_570, 100_000, 1_000_000} }

// models fits the models of repeat buying to customers that buy as the models say, each with times of its own: the slowest
// case, since no two can be counted as one.
func (m *bench) models(ctx context.Context, customers int) error {
	m.say("fits of the models, seconds:")
	for i, n := range fitSizes() {
		if i > 0 && n > customers {
			return nil
		}
		tuples, spending := simulated(n)
		var line strings.Builder
		for _, fit := range []struct {
			name string
			do   func() error
		}{
			{"BG/NBD", func() error { _, err := lifetime.FitBetaGeometric(lifetime.Tally(tuples), 1, false); return err }},
			{"Pareto/NBD", func() error { _, err := lifetime.FitPareto(lifetime.Tally(tuples)); return err }},
			{"Gamma-Gamma", func() error { _, err := spend.FitGammaGamma(spending); return err }},
		} {
			begun := time.Now()
			if err := errors.Join(fit.do(), ctx.Err()); err != nil {
				return fmt.Errorf("fit %s to %d customers: %w", fit.name, n, err)
			}
			fmt.Fprintf(&line, "   %s %7.3f", fit.name, time.Since(begun).Seconds())
		}
		m.say("  %9d customers%s", n, line.String())
	}
	return nil
}

// simulated are customers of a year who buy at rates of their own, each of whom may leave after any purchase, and what they
// spend.
func simulated(n int) (tuples []lifetime.Tuple, spending []spend.Customer) {
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a measurement that must repeat
	for range n {
		c := lifetime.Tuple{Age: 26 + 26*r.Float64(), Weight: 1}
		// Rates per week are exponential, which is a gamma distribution of shape 1; chances of leaving lean to small ones.
		rate, leave := r.ExpFloat64()/10, math.Pow(r.Float64(), 2)
		for at := r.ExpFloat64() / rate; at < c.Age; at += r.ExpFloat64() / rate {
			c.Frequency, c.Recency = c.Frequency+1, at
			if r.Float64() < leave {
				break
			}
		}
		tuples = append(tuples, c)
		if c.Frequency == 0 {
			continue
		}
		scale := 30 / (r.ExpFloat64() + r.ExpFloat64() + r.ExpFloat64() + r.ExpFloat64())
		sum := 0.0
		for range int(c.Frequency) {
			sum += scale * (r.ExpFloat64() + r.ExpFloat64())
		}
		spending = append(spending, spend.Customer{Purchases: c.Frequency, Mean: sum / c.Frequency, Weight: 1})
	}
	return tuples, spending
}
