package profit

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed largest.sql
	largestSQL string
	//go:embed shares.sql
	sharesSQL string
)

const (
	// watched is among how many of the largest customers a falling share is looked for.
	watched = 50
	// yearAgo is how far back the share is compared, in months; drift is how many months older the version may be that it is
	// compared with.
	yearAgo, drift = 12, 6
)

// Loss is what losing the largest customers would cost a year like the window. Amounts are minor units.
type Loss struct {
	Largest      int64    `json:"largest" doc:"How many of the largest customers by profit."`
	Revenue      int64    `json:"revenue"`
	Profit       int64    `json:"profit"`
	RevenueShare *float64 `json:"revenue_share" doc:"Of all revenue; null where there is none."`
	ProfitShare  *float64 `json:"profit_share" doc:"Of all profit; null where that is not above nothing. More than 1 where the others together make a loss."`
	LeastProfit  int64    `json:"least_profit" doc:"Of the least of them: customers with at least this profit are these."`
}

// Large is one of the largest customers. Amounts are minor units.
type Large struct {
	ID          id.ID    `json:"id"`
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Revenue     int64    `json:"revenue"`
	Profit      *int64   `json:"profit"`
	Share       *float64 `json:"share" doc:"Of the customer's wallet."`
	ShareBefore *float64 `json:"share_before" doc:"A year before."`
}

// Risk is how much hangs on few customers (D5).
type Risk struct {
	Losses  []Loss    `json:"losses" nullable:"false" doc:"Of the top 1, 5 and 10; fewer where there are fewer customers."`
	Top     []Large   `json:"top" nullable:"false" doc:"The ten largest by profit."`
	Against date.Date `json:"against,omitempty" doc:"The scored date with which the shares are compared; absent where none is about a year older."`
	Watched int       `json:"watched" doc:"Among how many of the largest by revenue a falling share was looked for."`
	Falling []Large   `json:"falling" nullable:"false" doc:"Large customers whose share fell, the largest revenue first."`
}

// large is one of the largest customers, in fine units.
type large struct {
	id     id.ID
	sums   sums
	profit *int64
	share  *float64
}

// largest reads the customers who bought in the window in an order, only those of a condition.
func (q *Questions) largest(ctx context.Context, a asked, order string, which filter.Clause, limit int) ([]large, error) {
	all, err := q.leading.Of(ctx, a.version, a.settled, func() ([]large, error) { return q.askLargest(ctx, a, order, which, limit) },
		a.reach, a.narrow, order, which, limit)
	return slices.Clone(all), err
}

func (q *Questions) askLargest(ctx context.Context, a asked, order string, which filter.Clause, limit int) ([]large, error) {
	var all []large
	holes := []engine.Hole{{Name: "reach", Clause: a.within()}, {Name: "which", Clause: which}, {Name: "order", Clause: filter.Clause{SQL: order}}}
	err := q.each(ctx, largestSQL, engine.Args{"version": a.version.Version, "limit": limit}, holes, func(rows *sql.Rows) error {
		var l large
		var margin *int64
		err := rows.Scan(&l.id, &l.sums.Lines, &l.sums.Costed, &l.sums.Revenue, &l.sums.Cost, &margin, &l.sums.CostToServe, &l.profit, &l.share)
		if margin != nil {
			l.sums.Known = *margin + l.sums.Cost
		}
		all = append(all, l)
		return err
	})
	return all, err
}

// Orders of the largest customers.
const (
	byProfit  = "s.profit DESC NULLS LAST"
	byLoss    = "s.profit ASC NULLS LAST"
	byRevenue = "s.revenue DESC"
)

func (q *Questions) risk(ctx context.Context, reach access.Reach, a asked, all Total) (Risk, error) {
	r := Risk{Losses: []Loss{}, Top: []Large{}, Falling: []Large{}}
	top, err := q.largest(ctx, a, byProfit, filter.Clause{SQL: "s.profit IS NOT NULL"}, 10)
	if err != nil {
		return r, err
	}
	r.Losses = losses(top, all, a.currency)
	if r.Top, err = q.named(ctx, reach, top, nil, a.currency); err != nil {
		return r, err
	}
	against, err := q.yearBefore(ctx, a.version)
	if err != nil || against == nil {
		return r, err
	}
	r.Against = against.AsOf
	r.Falling, r.Watched, err = q.falling(ctx, reach, a, *against)
	return r, err
}

func losses(top []large, all Total, currency string) []Loss {
	of := func(part, whole int64) *float64 {
		if whole <= 0 {
			return nil
		}
		share := float64(part) / float64(whole)
		return &share
	}
	lost := []Loss{}
	var revenue, profit int64
	for i, c := range top {
		revenue, profit = revenue+c.sums.Revenue, profit+*c.profit
		if n := int64(i + 1); n == 1 || n == 5 || n == 10 || i == len(top)-1 && n < 10 {
			l := Loss{Largest: n, Revenue: money.Minor(revenue, currency), Profit: money.Minor(profit, currency), LeastProfit: money.Minor(*c.profit, currency)}
			l.RevenueShare, l.ProfitShare = of(l.Revenue, all.Revenue), of(l.Profit, all.Profit)
			lost = append(lost, l)
		}
	}
	return lost
}

// yearBefore finds the version to compare shares with: the latest that is a year older, but not much more.
func (q *Questions) yearBefore(ctx context.Context, v scoring.Version) (*scoring.Version, error) {
	all, err := q.versions.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, old := range all { // the latest first
		if old.AsOf <= v.AsOf.AddMonths(-yearAgo) {
			if old.AsOf < v.AsOf.AddMonths(-yearAgo-drift) {
				return nil, nil
			}
			return &old, nil
		}
	}
	return nil, nil
}

// falling finds the large customers whose share of wallet fell, as far as both versions know it.
func (q *Questions) falling(ctx context.Context, reach access.Reach, a asked, against scoring.Version) ([]Large, int, error) {
	top, err := q.largest(ctx, a, byRevenue, filter.Clause{SQL: "s.share IS NOT NULL"}, watched)
	if err != nil || len(top) == 0 {
		return []Large{}, 0, err
	}
	ids := idsOf(top)
	before, err := q.shares.OfVersion(against, func() (map[id.ID]float64, error) { return q.askShares(ctx, against, ids) }, ids)
	if err != nil {
		return nil, 0, err
	}
	compared := 0
	fell := slices.DeleteFunc(top, func(l large) bool {
		share, known := before[l.id]
		if known {
			compared++
		}
		// A billionth for the rounding of shares: a fall of exactly the setting is one.
		return !known || share-*l.share < max(a.kept.Definition.Falling, 1e-9)-1e-12
	})
	named, err := q.named(ctx, reach, fell, before, a.currency)
	return named, compared, err
}

// askShares reads what share of their wallets customers gave as of a version.
func (q *Questions) askShares(ctx context.Context, v scoring.Version, of []id.ID) (map[id.ID]float64, error) {
	which, err := filter.Compile(filter.In("customer", of...), filter.Columns{"customer": "s.customer_id"})
	if err != nil {
		return nil, err
	}
	shares := map[id.ID]float64{}
	err = q.each(ctx, sharesSQL, engine.Args{"version": v.Version}, []engine.Hole{{Name: "which", Clause: which}}, func(rows *sql.Rows) error {
		var one id.ID
		var share float64
		err := rows.Scan(&one, &share)
		shares[one] = share
		return err
	})
	return shares, err
}

func idsOf(all []large) []id.ID {
	ids := make([]id.ID, len(all))
	for i, l := range all {
		ids[i] = l.id
	}
	return ids
}

// named gives customers their names of today. Who is no longer within reach is left out.
func (q *Questions) named(ctx context.Context, reach access.Reach, all []large, before map[id.ID]float64, currency string) ([]Large, error) {
	known, err := q.customers.Named(ctx, reach, idsOf(all))
	if err != nil {
		return nil, err
	}
	out := []Large{}
	for _, l := range all {
		c := known[l.id]
		if c == nil {
			continue
		}
		n := Large{ID: l.id, Code: c.Code, Name: c.Name, Revenue: money.Minor(l.sums.Revenue, currency), Share: l.share}
		if l.profit != nil {
			profit := money.Minor(*l.profit, currency)
			n.Profit = &profit
		}
		if share, ok := before[l.id]; ok {
			n.ShareBefore = &share
		}
		out = append(out, n)
	}
	if before != nil {
		slices.SortStableFunc(out, func(a, b Large) int { return cmp.Compare(b.Revenue, a.Revenue) })
	}
	return out, nil
}
