package wallet

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed one.sql
	oneSQL string
	//go:embed near.sql
	nearSQL string
	//go:embed buys.sql
	buysSQL string
	//go:embed spent.sql
	spentSQL string
)

// Estimate is what look-alikes say of a customer's potential.
type Estimate struct {
	Amount int64   `json:"amount"`
	Low    int64   `json:"low"`
	High   int64   `json:"high"`
	Level  Level   `json:"level" enum:"industry_size_country_category,industry_size_country,industry_size,size,industry,all" doc:"In what the look-alikes are alike."`
	Traits Traits  `json:"traits" doc:"What they share; empty where it is not compared or not known."`
	Buyers int64   `json:"buyers" doc:"How many look-alikes buy."`
	Rank   int     `json:"rank" doc:"The estimate is the yearly revenue of this one of them, counted from the smallest, unless the customer's own is more."`
	Chance float64 `json:"chance" doc:"With which the interval is to hold what it is for."`
	// Tested tells what the interval is for.
	Tested bool `json:"tested" doc:"The interval is for this customer's potential, drawn from what others stated; else for the quantile of the look-alikes alone."`
}

// Neighbour is a look-alike that is near to the customer.
type Neighbour struct {
	ID        id.ID  `json:"id"`
	Code      string `json:"code"`
	Name      string `json:"name"`
	Employees *int64 `json:"employees"`
	Revenue   int64  `json:"revenue"`
	Potential *int64 `json:"potential"`
	Source    string `json:"potential_source"`
}

// CategoryShare is what a customer buys of a category, against what is to be expected.
type CategoryShare struct {
	Category string   `json:"category" doc:"Empty for what has no category."`
	Spent    int64    `json:"spent" doc:"A year, from us."`
	Expected *int64   `json:"expected" doc:"Potential × the average share that look-alikes spend on it; null where that is not known."`
	Share    *float64 `json:"share" doc:"Spent ÷ expected."`
	Reach    *float64 `json:"reach" doc:"The share of the look-alikes that buy it."`
	White    int64    `json:"white_space" doc:"Expected less spent, where look-alikes usually buy it and the customer does not or buys much less; else 0."`
}

// Card is what is known of one customer's potential.
type Card struct {
	AsOf       date.Date       `json:"as_of"`
	Currency   string          `json:"currency"`
	Revenue    int64           `json:"revenue" doc:"Of the window."`
	Potential  *int64          `json:"potential"`
	Source     string          `json:"source"`
	State      State           `json:"state" enum:"fresh,out_of_date,look_alikes,unknown"`
	Since      date.Date       `json:"since,omitempty" doc:"From when the statement is."`
	FreshUntil date.Date       `json:"fresh_until,omitempty" doc:"The last day on which it is not out of date."`
	Estimate   *Estimate       `json:"estimate" doc:"Beside a statement too; null when too few customers are alike."`
	Least      int             `json:"least" doc:"So many look-alikes are needed."`
	Neighbours []Neighbour     `json:"neighbours" nullable:"false" doc:"The nearest look-alikes within the asker's reach, by revenue and employees."`
	Categories []CategoryShare `json:"categories" nullable:"false" doc:"The largest expected first."`
}

// Card returns what is known of the customer's potential on the date, the latest for an empty one. Faults: as of Picture,
// customer.not_found beyond the reach, and wallet.not_in_version for a customer that was unknown when the date was scored.
func (q *Questions) Card(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) (Card, error) {
	var c Card
	if err := q.customers.Within(ctx, reach, customerID); err != nil {
		return c, err
	}
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return c, fmt.Errorf("look at a potential: %w", err)
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return c, err
	}
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		c = Card{AsOf: v.AsOf, Currency: currency, Neighbours: []Neighbour{}, Categories: []CategoryShare{}}
		k, err := keptOf(v)
		if err != nil {
			return err
		}
		if err := q.one(ctx, v, customerID, k, &c); err != nil {
			return err
		}
		if c.Estimate != nil {
			if err := q.near(ctx, v, reach, within, customerID, &c); err != nil {
				return err
			}
		}
		return q.categories(ctx, v, customerID, k, &c)
	})
	return c, err
}

func (q *Questions) one(ctx context.Context, v scoring.Version, customerID id.ID, k Kept, c *Card) error {
	found := false
	err := q.each(ctx, oneSQL, engine.Args{"version": v.Version, "customer": customerID}, func(rows *sql.Rows) error {
		found = true
		var source, level sql.NullString
		var since sql.NullTime
		var estimate, low, high, buyers sql.NullInt64
		var t Traits
		if err := rows.Scan(&c.Revenue, &c.Potential, &source, &since, &estimate, &low, &high, &level, &buyers, &t.Industry, &t.Size, &t.Country, &t.Category); err != nil {
			return err
		}
		c.Revenue, c.Source, c.Least = money.Minor(c.Revenue, c.Currency), source.String, k.Definition.Minimum
		switch {
		case c.Potential == nil:
			c.State = unknown
		case !since.Valid:
			c.State = LookAlikes
		default:
			c.Since = date.Of(since.Time)
			if c.FreshUntil, c.State = k.Definition.until(c.Source, c.Since), Fresh; c.FreshUntil < v.AsOf {
				c.State = OutOfDate
			}
		}
		if !estimate.Valid {
			return nil
		}
		traits, _ := t.at(Level(level.String))
		c.Estimate = &Estimate{Amount: estimate.Int64, Low: low.Int64, High: high.Int64, Level: Level(level.String), Traits: traits, Buyers: buyers.Int64,
			Rank: rank(int(buyers.Int64), k.Definition.Quantile), Chance: k.Definition.Level, Tested: k.Trial.Above > 0}
		return nil
	})
	if err == nil && !found {
		return fault.New(fault.NotFound, "wallet.not_in_version", "This customer was not known when the customers were scored as of %s. Score that date again.", v.AsOf)
	}
	return err
}

// sharing is the condition on rows s of score to share the traits of the level.
func (e Estimate) sharing() filter.Clause {
	c := filter.Clause{SQL: "true"}
	and := func(column, value string) {
		c.SQL += " AND coalesce(s." + column + ", '') = ?"
		c.Args = append(c.Args, value)
	}
	if slices.Contains([]Level{ByCategory, ByCountry, ByIndSize, ByIndustry}, e.Level) {
		and("industry", e.Traits.Industry)
	}
	if slices.Contains([]Level{ByCategory, ByCountry, ByIndSize, BySize}, e.Level) {
		and("size_band", e.Traits.Size)
	}
	if slices.Contains([]Level{ByCategory, ByCountry}, e.Level) {
		and("country", e.Traits.Country)
	}
	if e.Level == ByCategory {
		and("main_category", e.Traits.Category)
	}
	return c
}

func (q *Questions) near(ctx context.Context, v scoring.Version, reach access.Reach, within filter.Clause, customerID id.ID, c *Card) error {
	like := c.Revenue
	if like <= 0 {
		like = c.Estimate.Amount
	}
	fine := float64(like) * float64(money.FinePerMinor(c.Currency))
	var ids []id.ID
	var all []Neighbour
	err := q.each(ctx, nearSQL, engine.Args{"version": v.Version, "customer": customerID, "like": math.Log(fine)}, func(rows *sql.Rows) error {
		var n Neighbour
		var source sql.NullString
		if err := rows.Scan(&n.ID, &n.Revenue, &n.Potential, &source, &n.Employees); err != nil {
			return err
		}
		n.Revenue, n.Source = money.Minor(n.Revenue, c.Currency), source.String
		ids, all = append(ids, n.ID), append(all, n)
		return nil
	}, engine.Hole{Name: "alike", Clause: c.Estimate.sharing()}, engine.Hole{Name: "reach", Clause: within})
	if err != nil || len(all) == 0 {
		return err
	}
	named, err := q.customers.Named(ctx, reach, ids)
	if err != nil {
		return fmt.Errorf("name the look-alikes: %w", err)
	}
	for _, n := range all {
		if of := named[n.ID]; of != nil {
			n.Code, n.Name = of.Code, of.Name
			c.Neighbours = append(c.Neighbours, n)
		}
	}
	return nil
}

// categories compares what the customer buys of each category with what is to be expected. The catalogue is today's.
func (q *Questions) categories(ctx context.Context, v scoring.Version, customerID id.ID, k Kept, c *Card) error {
	var tree []category
	err := q.each(ctx, treeSQL, nil, func(rows *sql.Rows) error {
		var of category
		err := rows.Scan(&of.id, &of.parent, &of.code, &of.name)
		tree = append(tree, of)
		return err
	})
	if err != nil {
		return err
	}
	labels, spent := mains(tree), map[string]float64{}
	err = q.each(ctx, spentSQL, engine.Args{"customer": customerID, "from": v.From(), "as_of": v.AsOf}, func(rows *sql.Rows) error {
		var categoryID string
		var fine int64
		err := rows.Scan(&categoryID, &fine)
		spent[labels[categoryID]] += float64(fine) * 12 / float64(v.WindowMonths) / float64(money.FinePerMinor(c.Currency))
		return err
	})
	if err != nil {
		return err
	}
	if c.Estimate != nil && c.Potential != nil {
		t := c.Estimate.Traits
		args := engine.Args{"version": v.Version, "level": string(c.Estimate.Level), "industry": t.Industry, "size": t.Size, "country": t.Country, "category": t.Category}
		err := q.each(ctx, buysSQL, args, func(rows *sql.Rows) error {
			var s CategoryShare
			var share, reach float64
			if err := rows.Scan(&s.Category, &share, &reach); err != nil {
				return err
			}
			of := spent[s.Category]
			delete(spent, s.Category)
			s.expect(of, float64(*c.Potential)*share, reach, k.Definition)
			c.Categories = append(c.Categories, s)
			return nil
		})
		if err != nil {
			return err
		}
	}
	rest := []CategoryShare{}
	for name, of := range spent {
		rest = append(rest, CategoryShare{Category: name, Spent: int64(math.Round(of))})
	}
	slices.SortFunc(rest, func(a, b CategoryShare) int {
		return cmp.Or(cmp.Compare(b.Spent, a.Spent), cmp.Compare(a.Category, b.Category))
	})
	c.Categories = append(c.Categories, rest...)
	return nil
}

// expect fills in what follows from what is spent and expected of the category.
func (s *CategoryShare) expect(spent, expected, reach float64, d Definition) {
	amount := int64(math.Round(expected))
	s.Spent, s.Expected, s.Reach = int64(math.Round(spent)), &amount, &reach
	if amount > 0 {
		share := spent / expected
		s.Share = &share
	}
	if reach >= d.Usual && spent < expected*d.Less {
		s.White = int64(math.Round(expected - max(0, spent)))
	}
}
