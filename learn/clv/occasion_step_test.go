package clv_test

import (
	"math"
	"testing"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/clv"
)

// TestA5_Occasions_FromPurchases_FaderHardieShang2010: the published donors as purchases in the warehouse, a year's occasions,
// give the published fit beside the other models.
func TestA5_Occasions_FromPurchases_FaderHardieShang2010(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	def := clv.DefaultDefinition()
	def.Occasion = 12
	b.define(t, def)
	calibration := today.AddMonths(-12)
	in := func(period int) int { return -365*(6-period) - 100 } // days from the calibration
	var lines []line
	customers, everyYear := 0, 0
	for _, r := range testkit.PublishedNumbers(t, "cdnow/donations.csv") {
		x, last := int(r[0]), int(r[1])
		for range int(r[3]) {
			lines = append(lines, line{customers, calibration.AddDays(in(0)), 1_000_000, nil})
			for n := 1; n < x; n++ {
				lines = append(lines, line{customers, calibration.AddDays(in(n)), 1_000_000, nil})
			}
			if x > 0 {
				// Twice on the last occasion: purchases are more than occasions.
				lines = append(lines, line{customers, calibration.AddDays(in(last)), 1_000_000, nil}, line{customers, calibration.AddDays(in(last) + 7), 1_000_000, nil})
			}
			if x == 6 {
				lines = append(lines, line{customers, today.AddDays(-100), 1_000_000, nil})
				everyYear++
			}
			customers++
		}
	}
	b.load(t, customers, nil, lines)
	_, kept := b.score(t, today)
	if kept.Test == nil || kept.Test.Occasions == nil {
		t.Fatalf("%+v", kept)
	}
	o := kept.Test.Occasions
	if o.TooFew != "" || o.Months != 12 || o.Periods != 6 || o.Held != 1 || o.Customers != 11104 || o.Actual != float64(everyYear) {
		t.Fatalf("%+v", o)
	}
	if math.Abs(*o.Fit.LogLikelihood+33225.58127) > 2e-5 {
		t.Errorf("log-likelihood %.6f", *o.Fit.LogLikelihood)
	}
	for i, want := range []float64{1.203507, .7497667, .6567568, 2.783887} {
		if got := o.Fit.Parameters[i].Value; math.Abs(got-want) > 1e-3*want {
			t.Errorf("%s = %g, want %g", o.Fit.Parameters[i].Name, got, want)
		}
	}
	if o.Errors == nil || o.Each <= 1 || math.Abs(o.Errors.Expected-o.Expected*o.Each) > 1e-6*o.Errors.Expected || len(o.Bins) != 7 || o.Bins[6].Actual != 1 || o.Bins[0].Actual != 0 {
		t.Errorf("%+v", o)
	}
	if c := kept.Test.Candidates[0]; o.Better != (o.Errors.RMSE < c.Errors.RMSE) || c.Errors.Alive == o.Errors.Alive {
		t.Errorf("better %v: %g beside %g", o.Better, o.Errors.RMSE, c.Errors.RMSE)
	}
}

// TestOccasionsSayWhatIsMissing: a short past, and the setting that leaves them out.
func TestOccasionsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	lines, industry := town(300, 5)
	b.load(t, 300, industry, lines)
	for _, c := range []struct {
		months int
		tried  bool
		tooFew bool
	}{{0, false, false}, {24, true, true}, {1, true, false}} {
		def := clv.DefaultDefinition()
		def.Occasion, def.Minimum = c.months, 20
		b.define(t, def)
		_, kept := b.score(t, today)
		o := kept.Test.Occasions
		if (o != nil) != c.tried || c.tried && (o.TooFew != "") != c.tooFew || c.tried && (o.Errors == nil) != c.tooFew {
			t.Errorf("periods of %d months: %+v", c.months, o)
		}
	}
}
