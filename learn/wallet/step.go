package wallet

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps what was found out.
const stepName = "wallet"

var (
	//go:embed spend.sql
	spendSQL string
	//go:embed base.sql
	baseSQL string
	//go:embed cells.sql
	cellsSQL string
	//go:embed alike.sql
	alikeSQL string
	//go:embed buyers.sql
	buyersSQL string
	//go:embed spending.sql
	spendingSQL string
	//go:embed told.sql
	toldSQL string
	//go:embed wallet.sql
	walletSQL string
	//go:embed profile.sql
	profileSQL string
	//go:embed tree.sql
	treeSQL string
)

// What Go finds out and the engine joins. Numbers of categories are those of wallet_main; labels count those that are
// compared, from 0.
const (
	numberTable  = "CREATE TEMP TABLE wallet_number (category_id VARCHAR, category INTEGER)"
	productTable = "CREATE TEMP TABLE wallet_product AS SELECT p.id AS product_id, n.category FROM product p JOIN wallet_number n ON n.category_id = cast(p.category_id AS VARCHAR)"
	mainTable    = "CREATE TEMP TABLE wallet_main (category INTEGER, name VARCHAR)"
	labelTable   = "CREATE TEMP TABLE wallet_label (label INTEGER, name VARCHAR)"
	judgedTable  = "CREATE TEMP TABLE wallet_judged (cell INTEGER, grp INTEGER)"
	groupTable   = `CREATE TEMP TABLE wallet_group (grp INTEGER, alike_by VARCHAR, industry VARCHAR, size_band VARCHAR, country VARCHAR, main_category VARCHAR,
		buyers INTEGER, estimate BIGINT, low BIGINT, high BIGINT,
		bit1 BIGINT, bit2 BIGINT, bit3 BIGINT, bit4 BIGINT, bit5 BIGINT, bit6 BIGINT, bit7 BIGINT, bit8 BIGINT,
		packed1 BIGINT, packed2 BIGINT, packed3 BIGINT, packed4 BIGINT, packed5 BIGINT, packed6 BIGINT, packed7 BIGINT, packed8 BIGINT)`
	usualTable = "CREATE TEMP TABLE wallet_usual (grp INTEGER, category INTEGER, label INTEGER, bit BIGINT, share BIGINT, reach DOUBLE, usual BOOLEAN)"
)

// mostMains is how many categories are numbered, those with the most products: a number has three digits. The products of
// the rest count as without a category.
const mostMains = 999

// Step gives the scoring the columns of the wallet. Revenue and cost are fine units, all else minor units of the base
// currency. Without definitions statements are all there is: nobody is estimated, and the warehouse needs neither products
// nor sizes of customers.
func Step(definitions *Definitions) scoring.Step {
	return scoring.Step{Name: stepName, SQL: walletSQL, Columns: columns(), Explain: explain,
		Keeps: []scoring.Keep{{Name: "wallet_profile", SQL: profileSQL, Columns: []scoring.Column{
			{Name: "alike_by", Type: scoring.Text}, {Name: "industry", Type: scoring.Text}, {Name: "size_band", Type: scoring.Text},
			{Name: "country", Type: scoring.Text}, {Name: "main_category", Type: scoring.Text}, {Name: "buyers", Type: scoring.Whole},
			{Name: "category", Type: scoring.Text}, {Name: "share", Type: scoring.Real}, {Name: "reach", Type: scoring.Real}}}},
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			l := &learner{s: s, def: DefaultDefinition()}
			if definitions != nil {
				l.alike = true
				var err error
				if l.def, _, err = definitions.Get(ctx); err != nil {
					return scoring.Resolved{}, err
				}
			}
			return l.learn(ctx)
		}}
}

// learner finds out what one version must know of all customers.
type learner struct {
	s      *scoring.Snapshot
	def    Definition
	alike  bool     // look for look-alikes
	names  []string // of the categories, by number
	labels []int    // numbers of the categories that are compared, the one with the most revenue first
	judged judged
}

func (l *learner) learn(ctx context.Context) (scoring.Resolved, error) {
	args := engine.Args{"months": l.s.WindowMonths, "less": l.def.Less, "estimating": l.alike && l.def.Estimate}
	if err := l.look(ctx, args); err != nil {
		return scoring.Resolved{}, err
	}
	var trial Trial
	if l.alike {
		cells, err := l.cells(ctx)
		if err != nil {
			return scoring.Resolved{}, err
		}
		if trial, err = l.judge(ctx, cells); err != nil {
			return scoring.Resolved{}, err
		}
		if err := l.profile(ctx); err != nil {
			return scoring.Resolved{}, err
		}
	}
	if err := l.fill(ctx); err != nil {
		return scoring.Resolved{}, err
	}
	args["below"], args["above"] = trial.Below, trial.Above
	kept := Kept{Definition: l.def, Groups: len(l.judged.groups), Trial: trial}
	kept.Definition.Estimate = l.alike && l.def.Estimate
	return scoring.Resolved{Keep: kept, Args: args}, l.s.Make(ctx, toldSQL, args)
}

// look gathers what is known of each customer.
func (l *learner) look(ctx context.Context, args engine.Args) error {
	category, products, size := text("cast(NULL AS integer)"), text(""), text("''")
	if l.alike {
		category, products, size = text("w.category"), text("LEFT JOIN wallet_product w ON w.product_id = p.product_id"), l.def.sizes()
		if err := l.number(ctx); err != nil {
			return err
		}
	}
	if products.SQL == "" {
		products.SQL = " "
	}
	if err := l.s.Make(ctx, spendSQL, nil, engine.Hole{Name: "category", Clause: category}, engine.Hole{Name: "products", Clause: products}); err != nil {
		return err
	}
	place, fresh := l.def.trust(l.s)
	if err := l.s.Make(ctx, baseSQL, args, engine.Hole{Name: "place", Clause: place}, engine.Hole{Name: "fresh", Clause: fresh}, engine.Hole{Name: "size", Clause: size}); err != nil {
		return err
	}
	if err := l.s.Make(ctx, cellsSQL, nil); err != nil {
		return err
	}
	var marks []string
	var sources []any
	for _, source := range trusted() {
		marks, sources = append(marks, "?"), append(sources, source)
	}
	return l.s.Make(ctx, alikeSQL, nil, engine.Hole{Name: "trusted", Clause: filter.Clause{SQL: "b.source IN (" + strings.Join(marks, ", ") + ")", Args: sources}})
}

func text(sql string) filter.Clause { return filter.Clause{SQL: sql} }

// trust gives the order of the sources, and which statements are fresh on the date.
func (d Definition) trust(s *scoring.Snapshot) (place, fresh filter.Clause) {
	place.SQL, fresh.SQL = "CASE source", "CASE source"
	for i, t := range d.Trust {
		place.SQL, fresh.SQL = place.SQL+" WHEN ? THEN ?", fresh.SQL+" WHEN ? THEN valid_from > ?"
		place.Args, fresh.Args = append(place.Args, t.Source, i), append(fresh.Args, t.Source, s.AsOf.AddMonths(-12*t.Years))
	}
	place.SQL, fresh.SQL = fmt.Sprintf("%s ELSE %d END", place.SQL, len(d.Trust)), fresh.SQL+" ELSE false END"
	return place, fresh
}

// sizes names the band of each customer's employees.
func (d Definition) sizes() filter.Clause {
	c := filter.Clause{SQL: "CASE WHEN customer.size_employees IS NULL THEN ''"}
	names, from := d.bands()
	for i := range names {
		c.SQL += " WHEN customer.size_employees >= ? THEN ?"
		c.Args = append(c.Args, from[i], names[i])
	}
	c.SQL += " ELSE '' END"
	return c
}

// number gives every product the number of its category, at the level at which categories are compared.
func (l *learner) number(ctx context.Context) error {
	var tree []category
	err := l.s.Each(ctx, treeSQL, nil, func(rows *sql.Rows) error {
		var c category
		err := rows.Scan(&c.id, &c.parent, &c.code, &c.name)
		tree = append(tree, c)
		return err
	})
	if err != nil {
		return err
	}
	labels, products := mains(tree), map[string]int64{}
	err = l.s.Each(ctx, "SELECT cast(category_id AS VARCHAR), count(*) FROM product WHERE category_id IS NOT NULL GROUP BY category_id", nil, func(rows *sql.Rows) error {
		var id string
		var n int64
		err := rows.Scan(&id, &n)
		products[labels[id]] += n
		return err
	})
	if err != nil {
		return err
	}
	for _, label := range labels {
		l.names = append(l.names, label)
	}
	slices.Sort(l.names)
	l.names = slices.Compact(l.names)
	slices.SortStableFunc(l.names, func(a, b string) int { return cmp.Compare(products[b], products[a]) })
	l.names = l.names[:min(len(l.names), mostMains)]
	number := map[string]int{}
	for i, name := range l.names {
		number[name] = i
	}
	if err := l.s.Make(ctx, numberTable, nil); err != nil {
		return err
	}
	var rows [][]any
	for _, c := range tree {
		if no, ok := number[labels[c.id]]; ok {
			rows = append(rows, []any{c.id, int32(no)})
		}
	}
	if err := l.s.Fill(ctx, "wallet_number", []string{"category_id", "category"}, each(rows)); err != nil {
		return err
	}
	return l.s.Make(ctx, productTable, nil)
}

// each gives the rows one by one.
func each(rows [][]any) func() ([]any, bool, error) {
	return func() ([]any, bool, error) {
		if len(rows) == 0 {
			return nil, false, nil
		}
		row := rows[0]
		rows = rows[1:]
		return row, true, nil
	}
}

func (l *learner) cells(ctx context.Context) ([]Traits, error) {
	var all []Traits
	err := l.s.Each(ctx, "SELECT industry, size_band, country, main FROM wallet_cell ORDER BY cell", nil, func(rows *sql.Rows) error {
		var t Traits
		var main int
		if err := rows.Scan(&t.Industry, &t.Size, &t.Country, &main); err != nil {
			return err
		}
		if main >= 0 {
			t.Category = l.names[main]
		}
		all = append(all, t)
		return nil
	})
	return all, err
}

// judge estimates, and tests the estimates.
func (l *learner) judge(ctx context.Context, cells []Traits) (Trial, error) {
	var buyers []buyer
	var stated []statement
	err := l.s.Each(ctx, buyersSQL, nil, func(rows *sql.Rows) error {
		var cell int
		var yearly int64
		var tested sql.NullInt64
		if err := rows.Scan(&cell, &yearly, &tested); err != nil {
			return err
		}
		if yearly > 0 {
			buyers = append(buyers, buyer{cell, yearly})
		}
		if tested.Valid {
			stated = append(stated, statement{cell, yearly, tested.Int64})
		}
		return nil
	})
	if err != nil {
		return Trial{}, err
	}
	l.judged = judge(cells, buyers, l.def)
	return try(l.judged, stated, l.def.Level), nil
}

// profile finds what look-alikes buy.
func (l *learner) profile(ctx context.Context) error {
	var rows []spending
	revenue := make([]float64, len(l.names))
	err := l.s.Each(ctx, spendingSQL, nil, func(found *sql.Rows) error {
		var r spending
		var sum float64
		err := found.Scan(&r.cell, &r.category, &r.buyers, &r.shares, &sum)
		rows = append(rows, r)
		revenue[r.category] += sum
		return err
	})
	if err != nil {
		return err
	}
	for no := range l.names {
		l.labels = append(l.labels, no)
	}
	slices.SortStableFunc(l.labels, func(a, b int) int { return cmp.Compare(math.Round(revenue[b]), math.Round(revenue[a])) })
	l.labels = l.labels[:min(len(l.labels), mostCategories)]
	l.judged.add(slices.DeleteFunc(rows, func(r spending) bool { return !slices.Contains(l.labels, r.category) }))
	return nil
}

// fill gives the engine what was found out.
func (l *learner) fill(ctx context.Context) error {
	var mains, labels, cells, groups, usuals [][]any
	for no, name := range l.names {
		mains = append(mains, []any{int32(no), name})
	}
	label := map[int]int{}
	for i, no := range l.labels {
		label[no] = i
		labels = append(labels, []any{int32(i), l.names[no]})
	}
	number := map[*group]int{}
	for i, g := range l.judged.groups {
		number[g] = i
		row := []any{int32(i), string(g.level), g.traits.Industry, g.traits.Size, g.traits.Country, g.traits.Category, int32(g.buyers), g.estimate, g.low, g.high}
		bits, packed := make([]any, mostGaps), make([]any, mostGaps)
		for k := range mostGaps {
			bits[k], packed[k] = int64(1), int64(0)
		}
		gaps := 0
		for _, u := range g.usuals(0) {
			at := label[u.category]
			usual := u.reach >= l.def.Usual
			usuals = append(usuals, []any{int32(i), int32(u.category), int32(at), int64(1) << at, u.share, u.reach, usual})
			if usual && gaps < mostGaps {
				bits[gaps], packed[gaps] = int64(1)<<at, u.share*64+int64(63-at)
				gaps++
			}
		}
		groups = append(groups, append(append(row, bits...), packed...))
	}
	for cell, g := range l.judged.of {
		if g != nil {
			cells = append(cells, []any{int32(cell), int32(number[g])})
		}
	}
	for _, t := range []struct {
		make, name string
		columns    []string
		rows       [][]any
	}{
		{mainTable, "wallet_main", []string{"category", "name"}, mains},
		{labelTable, "wallet_label", []string{"label", "name"}, labels},
		{judgedTable, "wallet_judged", []string{"cell", "grp"}, cells},
		{groupTable, "wallet_group", groupColumns(), groups},
		{usualTable, "wallet_usual", []string{"grp", "category", "label", "bit", "share", "reach", "usual"}, usuals},
	} {
		if err := l.s.Make(ctx, t.make, nil); err != nil {
			return err
		}
		if err := l.s.Fill(ctx, t.name, t.columns, each(t.rows)); err != nil {
			return err
		}
	}
	return nil
}

func groupColumns() []string {
	all := []string{"grp", "alike_by", "industry", "size_band", "country", "main_category", "buyers", "estimate", "low", "high"}
	for _, name := range []string{"bit", "packed"} {
		for i := range mostGaps {
			all = append(all, fmt.Sprintf("%s%d", name, i+1))
		}
	}
	return all
}
