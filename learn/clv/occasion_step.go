package clv

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/occasion"
)

//go:embed occasions.sql
var occasionsSQL string

// fewestOccasions is how many whole periods of the past a model of occasions needs, and of the time held out at least one.
const fewestOccasions = 3

// mostOccasions is how many distinct histories the fit takes: each costs a sum over periods.
const mostOccasions = 1500

// Occasions is how the model for fixed occasions (BG/BB) did in the same test: in each period a customer buys or does not.
type Occasions struct {
	Months    int      `json:"months" doc:"Of a period."`
	TooFew    string   `json:"too_few,omitempty" doc:"Why it could not be tried."`
	Fit       ModelFit `json:"fit" doc:"Its log-likelihood is of other data than that of the models beside it: do not compare the two."`
	Periods   int      `json:"periods" doc:"The most whole periods that a customer was seen before the time held out."`
	Held      float64  `json:"held" doc:"Periods held out."`
	Each      float64  `json:"each" doc:"Purchases in a period with any, on average; expected periods times this is expected purchases."`
	Errors    *Errors  `json:"errors" doc:"In purchases, of the same customers as the other models."`
	Expected  float64  `json:"expected_periods" doc:"Periods with a purchase that it expected in the time held out, of all."`
	Actual    float64  `json:"actual_periods" doc:"Those that came."`
	Bins      []Bin    `json:"bins" nullable:"false" doc:"By periods with a purchase before the time held out: mean periods with one in it."`
	Better    bool     `json:"better" doc:"It erred less than the chosen model."`
	Customers float64  `json:"customers"`
}

// held is customers equal in what a model of occasions sees of them, and in what they did in the time held out.
type held struct {
	occasion.History
	later, after float64 // purchases, and periods with one
}

// occasions tries the model of occasions on the past. The error is of the engine; what the data do not give is said.
func (l *learner) occasions(ctx context.Context, t *Test, chosen Errors) error {
	months := l.kept.Definition.Occasion
	if months == 0 {
		return nil
	}
	days := math.Round(float64(months) * 365.25 / 12)
	o := &Occasions{Months: months, Fit: ModelFit{Parameters: []Parameter{}}, Bins: []Bin{}, Held: float64(daysBetween(l.calibration, l.s.AsOf)) / days}
	t.Occasions = o
	var rows []held
	bought, purchases := 0.0, 0.0
	err := l.s.Each(ctx, occasionsSQL, engine.Args{"calibration": l.calibration, "days": days}, func(found *sql.Rows) error {
		var h held
		var sum float64
		if err := found.Scan(&h.Purchases, &h.Last, &h.Periods, &h.later, &h.after, &h.Weight, &sum); err != nil {
			return err
		}
		rows = append(rows, h)
		o.Periods = max(o.Periods, int(h.Periods))
		o.Customers += h.Weight
		bought, purchases = bought+h.Weight*h.Purchases, purchases+sum
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case o.Periods < fewestOccasions || o.Held < 1:
		o.TooFew = fmt.Sprintf("The past holds %d whole periods of %d months before the time held out, and %.1f in it. A model of occasions needs %d and one.", o.Periods, months, o.Held, fewestOccasions)
		return nil
	case bought == 0:
		o.TooFew = "Nobody bought in any later period: there is nothing to learn."
		return nil
	}
	o.Each = purchases / bought
	histories := distinct(rows)
	if len(histories) > mostOccasions {
		o.TooFew = fmt.Sprintf("There are %d different histories, and it takes at most %d. Give longer periods in the settings.", len(histories), mostOccasions)
		return nil
	}
	fit, err := occasion.FitBGBB(histories)
	if err != nil {
		o.TooFew = fmt.Sprintf("It could not be fitted: %v.", err)
		return nil
	}
	o.Fit = described("BG/BB", fit.Estimate)
	o.evaluate(rows, fit.Model)
	o.Better = o.Errors.RMSE < chosen.RMSE
	return nil
}

// distinct is the histories as the fit wants them, each once.
func distinct(rows []held) []occasion.History {
	at := map[[3]float64]int{}
	var all []occasion.History
	for _, h := range rows {
		k := [3]float64{h.Purchases, h.Last, h.Periods}
		i, ok := at[k]
		if !ok {
			at[k] = len(all)
			all = append(all, h.History)
			continue
		}
		all[i].Weight += h.Weight
	}
	return all
}

// evaluate holds what the model expected against what came, in periods and in purchases.
func (o *Occasions) evaluate(rows []held, m occasion.BGBB) {
	type answer struct{ periods, alive float64 }
	answers := map[occasion.History]answer{}
	tuples, actual := make([]lifetime.Tuple, len(rows)), make([]float64, len(rows))
	expected, alive := make([]float64, len(rows)), make([]float64, len(rows))
	bins := make([]Bin, lastBin+1)
	for i, h := range rows {
		k := h.History
		k.Weight = 0
		a, ok := answers[k]
		if !ok {
			a = answer{ahead(m, k, o.Held), m.Alive(k)}
			answers[k] = a
		}
		tuples[i], actual[i] = lifetime.Tuple{Frequency: h.Purchases, Weight: h.Weight}, h.later
		expected[i], alive[i] = a.periods*o.Each, a.alive
		o.Expected, o.Actual = o.Expected+h.Weight*a.periods, o.Actual+h.Weight*h.after
		b := &bins[min(lastBin, int(h.Purchases))]
		b.Customers += h.Weight
		b.Actual, b.Expected = b.Actual+h.Weight*h.after, b.Expected+h.Weight*a.periods
	}
	e := errorsOf(lifetime.Compare(tuples, expected, alive, actual, lastBin))
	o.Errors = &e
	for x, b := range bins {
		if b.Customers > 0 {
			b.Repeats, b.AndMore = x, x == lastBin
			b.Actual, b.Expected = b.Actual/b.Customers, b.Expected/b.Customers
			o.Bins = append(o.Bins, b)
		}
	}
}

// ahead is the expected periods with a purchase in the next ones, the last of which may be a part.
func ahead(m occasion.BGBB, h occasion.History, periods float64) float64 {
	whole := math.Floor(periods)
	low := m.Expected(h, int(whole))
	if periods == whole {
		return low
	}
	return low + (periods-whole)*(m.Expected(h, int(whole)+1)-low)
}
