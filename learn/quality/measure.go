package quality

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"math"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
)

//go:embed *.sql
var texts embed.FS

func text(file string) (string, error) {
	b, err := texts.ReadFile(file)
	return string(b), err
}

const (
	// monthsBack bounds the months that are judged and shown.
	monthsBack = 120
	// windowMonths is the time that a potential speaks of: a year.
	windowMonths = 12
	// staleMonths is after how long a statement of potential is out of date.
	staleMonths = 24
	// fewestValues is how many values a field must have before any can be called far off.
	fewestValues = 20
)

// args are the parameters that every sheet may use, with the fences of the kind's fields.
func args(asOf date.Date, currency string, k kind, fences map[string]*Fence) engine.Args {
	a := engine.Args{"as_of": asOf, "from": asOf.AddMonths(-windowMonths), "stale": asOf.AddMonths(-staleMonths), "base": currency,
		"fine_per_minor": money.FinePerMinor(currency)}
	for _, f := range k.fields {
		if f.value == "" {
			continue
		}
		a[f.name+"_low"], a[f.name+"_high"] = nil, nil
		if fence := fences[f.name]; fence != nil {
			scale := f.scale(currency)
			a[f.name+"_low"], a[f.name+"_high"] = fence.Low*scale, fence.High*scale
		}
	}
	return a
}

// scale is how many of the column's units one unit of the fence is.
func (f field) scale(currency string) float64 {
	if f.money == fine {
		return float64(money.FinePerMinor(currency))
	}
	return 1
}

// examination is one check at work.
type examination struct {
	tx       *engine.Tx
	asOf     date.Date
	currency string
}

// kind asks everything about a kind.
func (x examination) kind(ctx context.Context, k kind) (KindReport, error) {
	report := KindReport{Kind: k.key, Fields: []Field{}, Findings: []Finding{}}
	distinct, err := x.distinct(ctx, k)
	if err != nil {
		return report, err
	}
	report.Records = distinct[0]
	fences := map[string]*Fence{}
	for _, f := range k.fields {
		if f.value != "" && report.Records > 0 {
			if fences[f.name], err = x.fence(ctx, k, f); err != nil {
				return report, err
			}
		}
	}
	counts := map[string]int64{}
	for at := range k.sheets {
		if err := x.count(ctx, k, at, args(x.asOf, x.currency, k, fences), counts); err != nil {
			return report, fmt.Errorf("%s: %w", k.sheets[at].file, err)
		}
		for _, d := range k.definitions(at) {
			if d.weight == "" || strings.HasPrefix(d.key, "outlier_") && fences[strings.TrimPrefix(d.key, "outlier_")] == nil {
				continue
			}
			report.Findings = append(report.Findings, Finding{Key: d.key, Weight: d.weight, Count: counts[d.key], Of: part(d.of, counts, report.Records), Rows: true})
		}
	}
	for i, f := range k.fields {
		report.Fields = append(report.Fields, f.report(counts, report.Records, distinct[i+1], fences[f.name]))
	}
	return report, nil
}

func part(of string, counts map[string]int64, records int64) int64 {
	if of == "" {
		return records
	}
	return counts[of]
}

func (f field) report(counts map[string]int64, records, distinct int64, fence *Fence) Field {
	of := part(f.of, counts, records)
	filled := of - counts["missing_"+f.name]
	r := Field{Name: f.name, Of: of, Filled: filled, Valid: filled - counts["invalid_"+f.name], Distinct: distinct, Fence: fence,
		Missing: f.missing != "", Invalid: f.invalid != ""}
	if fence != nil {
		outliers := counts["outlier_"+f.name]
		r.Outliers = &outliers
	}
	return r
}

// distinct returns how many records there are and how many different values each field has.
func (x examination) distinct(ctx context.Context, k kind) ([]int64, error) {
	columns := []string{"count(*)"}
	for _, f := range k.fields {
		columns = append(columns, "count(DISTINCT "+f.distinct+")")
	}
	return x.numbers(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+k.table, nil, len(columns))
}

// count counts the flags of a sheet into counts, in one pass.
func (x examination) count(ctx context.Context, k kind, at int, a engine.Args, counts map[string]int64) error {
	sheet, err := text(k.sheets[at].file)
	if err != nil {
		return err
	}
	flags := k.flags(at)
	columns := make([]string, len(flags))
	for i, flag := range flags {
		columns[i] = "count(CASE WHEN " + flag + " THEN 1 END)"
	}
	var holes []engine.Hole
	if k.sheets[at].by != unsliced {
		holes = append(holes, engine.Hole{Name: "slice"}) // all of it
	}
	numbers, err := x.numbers(ctx, "WITH sheet AS (\n"+sheet+") SELECT "+strings.Join(columns, ", ")+" FROM sheet", a, len(columns), holes...)
	if err != nil {
		return err
	}
	for i, flag := range flags {
		counts[flag] = numbers[i]
	}
	return nil
}

// flags are the columns of a sheet to count, each once.
func (k kind) flags(at int) []string {
	var flags []string
	seen := map[string]bool{"": true}
	for _, d := range k.definitions(at) {
		for _, flag := range []string{d.key, d.of} {
			if !seen[flag] {
				seen[flag] = true
				flags = append(flags, flag)
			}
		}
	}
	return flags
}

func (x examination) numbers(ctx context.Context, question string, a engine.Args, width int, holes ...engine.Hole) ([]int64, error) {
	rows, err := x.tx.Query(ctx, question, a, holes...)
	if err != nil {
		return nil, err
	}
	numbers, into := make([]int64, width), make([]any, width)
	for i := range numbers {
		into[i] = &numbers[i]
	}
	return numbers, each(rows, func() error { return rows.Scan(into...) })
}

// fence returns what is usual of a field; nil where there are too few values, or half of them are one.
func (x examination) fence(ctx context.Context, k kind, f field) (*Fence, error) {
	question, err := text("fences.sql")
	if err != nil {
		return nil, err
	}
	which := filter.Clause{SQL: f.which}
	if f.which != "" {
		which.Args = []any{x.currency}
	}
	rows, err := x.tx.Query(ctx, question, nil, engine.Hole{Name: "value", Clause: filter.Clause{SQL: f.value}},
		engine.Hole{Name: "table", Clause: filter.Clause{SQL: k.table}}, engine.Hole{Name: "which", Clause: which})
	if err != nil {
		return nil, fmt.Errorf("fences of %s: %w", f.name, err)
	}
	var q1, q3 sql.NullFloat64
	var number int64
	if err := each(rows, func() error { return rows.Scan(&q1, &q3, &number) }); err != nil {
		return nil, fmt.Errorf("fences of %s: %w", f.name, err)
	}
	return fenceOf(q1.Float64/f.scale(x.currency), q3.Float64/f.scale(x.currency), number, f.money != plain), nil
}

// fenceOf rounds the fences of money outwards to whole minor units, so that they come back exactly when they are shown,
// kept and asked with.
func fenceOf(q1, q3 float64, number int64, isMoney bool) *Fence {
	spread := math.Pow(q3/q1, 3)
	if number < fewestValues || !(q1 > 0) || !(q3 > q1) || math.IsInf(spread, 0) || math.IsNaN(spread) {
		return nil
	}
	f := &Fence{Low: q1 / spread, High: q3 * spread, Money: isMoney}
	if isMoney {
		f.Low, f.High = math.Floor(f.Low), math.Ceil(f.High)
	}
	return f
}

// months asks for the sums by month and judges them.
func (x examination) months(ctx context.Context) ([]Month, error) {
	question, err := text("months.sql")
	if err != nil {
		return nil, err
	}
	rows, err := x.tx.Query(ctx, question, engine.Args{"first": x.asOf.MonthStart().AddMonths(1 - monthsBack), "as_of": x.asOf})
	if err != nil {
		return nil, fmt.Errorf("sums by month: %w", err)
	}
	months := []Month{}
	err = each(rows, func() error {
		var m Month
		if err := rows.Scan(&m.Month, &m.Lines, &m.Revenue, &m.Budget); err != nil {
			return err
		}
		m.Revenue = money.Minor(m.Revenue, x.currency)
		if m.Budget != nil {
			budget := money.Minor(*m.Budget, x.currency)
			m.Budget = &budget
		}
		months = append(months, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sums by month: %w", err)
	}
	if months = judge(months, x.asOf); months == nil {
		months = []Month{}
	}
	return months, nil
}

// each reads all rows and closes them.
func each(rows *sql.Rows, read func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}
