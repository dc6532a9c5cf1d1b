package quality

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
)

// List is a question for the rows behind a figure of the latest check.
type List struct {
	Kind    string
	Finding string
	Month   date.Date // only of this month, for what has a date; empty for all
	Cursor  string
	Limit   int
}

// Page is a part of a list, and the cursor of the next, empty on the last.
type Page struct {
	AsOf date.Date
	Rows []Row
	Next string
}

// keyType is what a value of a cursor must be.
type keyType int

const (
	textKey keyType = iota
	dayKey
	idKey
	wholeKey
)

// subject is how the records of a kind are told apart, listed and read.
type subject struct {
	place keyType
	keys  []key
	// ofCustomer tells that the records are a customer's: reach goes by it.
	ofCustomer bool
}

type key struct {
	name string
	is   keyType
}

func subjectOf(name string) subject {
	switch name {
	case "customer":
		return subject{place: textKey, keys: []key{{"customer_id", idKey}}, ofCustomer: true}
	case "potential":
		return subject{place: dayKey, keys: []key{{"potential_id", idKey}}, ofCustomer: true}
	case "line", "budget", "interaction":
		return subject{place: dayKey, keys: []key{{"customer_id", idKey}, {"import_no", wholeKey}, {"row_no", wholeKey}}, ofCustomer: true}
	}
	return subject{place: textKey, keys: []key{{name + "_id", idKey}}} // product, person, unit
}

// list is a List whose names were looked up.
type list struct {
	kind    kind
	subject subject
	sheet   sheet
	finding definition
	report  Report
	month   date.Date
}

// open looks the names of a List up. Faults: quality.unknown_kind, quality.unknown_finding, quality.bad_month,
// quality.empty.
func (c *Checker) open(ctx context.Context, l List) (list, error) {
	k, ok := kindOf(l.Kind)
	if !ok {
		return list{}, fault.New(fault.Malformed, "quality.unknown_kind", "There is no such kind of data.").At("kind", "Use a kind of the data check.")
	}
	s, d, ok := k.find(l.Finding)
	if !ok {
		return list{}, fault.New(fault.Malformed, "quality.unknown_finding", "The data check of %s has no such figure.", k.key).
			At("finding", "Use the key of a finding of this kind.")
	}
	open := list{kind: k, subject: subjectOf(k.subject), sheet: s, finding: d, month: l.Month}
	if l.Month != "" && (!l.Month.Valid() || open.subject.place != dayKey) || l.Month == "" && d.key == anyLine {
		return list{}, fault.New(fault.Malformed, "quality.bad_month", "The month must be the date of its first day, such as 2026-10-01, of something that has a date.").
			At("month", "Write it as 2026-10-01.")
	}
	var err error
	open.report, err = c.store.get(ctx, "")
	return open, err
}

// Rows returns a page of the rows behind a figure, within reach. The rows are those of now; the date and the fences are
// those of the latest check. Who was taken out of the asker's reach a moment ago is left out, so a page may be shorter than
// its limit and yet have a next.
func (c *Checker) Rows(ctx context.Context, reach access.Reach, l List) (Page, error) {
	open, err := c.open(ctx, l)
	if err != nil {
		return Page{}, err
	}
	return c.page(ctx, reach, open, l.Cursor, l.Limit)
}

func (c *Checker) page(ctx context.Context, reach access.Reach, l list, cursor string, limit int) (Page, error) {
	page := Page{AsOf: l.report.AsOf}
	var at [][]any
	parts, err := c.parts(ctx, l, cursor)
	if err != nil {
		return Page{}, err
	}
	for more := true; more && len(page.Rows) <= limit; {
		var slice filter.Clause
		if slice, more, err = parts.next(ctx); err != nil {
			return Page{}, fmt.Errorf("list %s of %s: %w", l.finding.key, l.kind.key, err)
		}
		question, holes, err := l.question(reach, cursor, slice, limit+1-len(page.Rows))
		if err != nil {
			return Page{}, err
		}
		rows, err := c.cfg.Warehouse.Query(ctx, question, l.args(), holes...)
		if err != nil {
			return Page{}, fmt.Errorf("list %s of %s: %w", l.finding.key, l.kind.key, err)
		}
		err = each(rows, func() error {
			r, values, err := l.scan(rows)
			page.Rows, at = append(page.Rows, r), append(at, values)
			return err
		})
		if err != nil {
			return Page{}, fmt.Errorf("list %s of %s: %w", l.finding.key, l.kind.key, err)
		}
	}
	if len(page.Rows) > limit {
		page.Rows, page.Next = page.Rows[:limit], filter.Cursor(at[limit-1]...)
	}
	page.Rows, err = c.within(ctx, reach, l, page.Rows)
	return page, err
}

// args are those of the check whose figure is opened.
func (l list) args() engine.Args {
	fences := map[string]*Fence{}
	if k := l.report.kind(l.kind.key); k != nil {
		for _, f := range k.Fields {
			fences[f.Name] = f.Fence
		}
	}
	return args(l.report.AsOf, l.report.Currency, l.kind, fences)
}

// question composes the text of a page from the sheet and the text of the subject's rows.
func (l list) question(reach access.Reach, cursor string, slice filter.Clause, limit int) (string, []engine.Hole, error) {
	sheet, err := text(l.sheet.file)
	if err != nil {
		return "", nil, err
	}
	rows, err := text(l.kind.subject + "_rows.sql")
	if err != nil {
		return "", nil, err
	}
	place := "s.place"
	if l.finding.place != "" {
		place = "s." + l.finding.place
	}
	after, err := l.after(place, cursor)
	if err != nil {
		return "", nil, err
	}
	within, err := l.within(reach)
	if err != nil {
		return "", nil, err
	}
	month, err := l.inMonth(place)
	if err != nil {
		return "", nil, err
	}
	holes := []engine.Hole{
		{Name: "place", Clause: filter.Clause{SQL: place}}, {Name: "flag", Clause: filter.Clause{SQL: "s." + l.finding.key}},
		{Name: "after", Clause: after}, {Name: "reach", Clause: within}, {Name: "month", Clause: month},
		{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(limit)}}}
	if l.sheet.by != unsliced {
		holes = append(holes, engine.Hole{Name: "slice", Clause: slice})
	}
	return "WITH sheet AS (\n" + sheet + ")\n" + rows, holes, nil
}

// after is the condition that a row comes after the last of the page before. The values are checked, since the engine
// compares them by the types of their columns.
func (l list) after(place, cursor string) (filter.Clause, error) {
	sorts, columns := []filter.Sort{{Name: "place"}}, filter.Columns{"place": place}
	for _, k := range l.subject.keys {
		sorts = append(sorts, filter.Sort{Name: k.name})
		columns[k.name] = "s." + k.name
	}
	values, err := l.last(cursor)
	if err != nil || values == nil {
		return filter.Clause{}, err
	}
	return filter.Compile(filter.After(sorts, values), columns)
}

// last is where the page before ended: the place and the keys of its last row; nil for the first page.
func (l list) last(cursor string) ([]any, error) {
	values, err := filter.ParseCursor(cursor, 1+len(l.subject.keys))
	if err != nil || values == nil {
		return nil, err
	}
	for i, v := range values {
		is := l.subject.place
		if i > 0 {
			is = l.subject.keys[i-1].is
		}
		if values[i], err = is.check(v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (t keyType) check(v any) (any, error) {
	s, isText := v.(string)
	_, isWhole := v.(int64)
	switch {
	case t == wholeKey && isWhole, t == textKey && isText, t == idKey && isText && id.Valid(s):
		return v, nil
	case t == dayKey && isText && date.Date(s).Valid():
		return date.Date(s), nil
	}
	return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
}

// within is the reach as a condition on the customers; products, people and units are everybody's.
func (l list) within(reach access.Reach) (filter.Clause, error) {
	if reach.All() || !l.subject.ofCustomer {
		return filter.Clause{}, nil
	}
	c, err := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "own.unit_id", "owner": "own.owner_id"})
	if err != nil {
		return c, err
	}
	return filter.Clause{SQL: "s.customer_id IN (SELECT own.id FROM customer own WHERE " + c.SQL + ")", Args: c.Args}, nil
}

func (l list) inMonth(place string) (filter.Clause, error) {
	if l.month == "" {
		return filter.Clause{}, nil
	}
	first := l.month.MonthStart()
	return filter.Compile(filter.And(filter.AtLeast("day", first), filter.Less("day", first.AddMonths(1)), filter.AtMost("day", l.report.AsOf)),
		filter.Columns{"day": place})
}

// within leaves out the rows of customers that are out of reach by what the operational store knows now.
func (c *Checker) within(ctx context.Context, reach access.Reach, l list, rows []Row) ([]Row, error) {
	if reach.All() || !l.subject.ofCustomer || len(rows) == 0 {
		return rows, nil
	}
	ids := make([]id.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.CustomerID
	}
	known, err := c.cfg.Customers.Named(ctx, reach, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r Row) bool { return known[r.CustomerID] == nil }), nil
}

// scan reads a row and the values of its cursor.
func (l list) scan(rows *sql.Rows) (Row, []any, error) {
	r := Row{}
	var place string
	var own id.ID
	var importNo, rowNo int64
	into := []any{&place, &r.CustomerID, &importNo, &rowNo}
	switch l.kind.subject {
	case "customer":
		into = []any{&place, &r.CustomerID, &r.Code, &r.Name, &r.Industry, &r.Street, &r.PostalCode, &r.City, &r.Country, &r.Phone,
			&r.Email, &r.Website, &r.SizeEmployees, &r.OwnerName, &r.UnitName}
	case "product":
		into = []any{&place, &own, &r.Code, &r.Name, &r.CategoryName, &r.Cost, &r.Currency}
	case "line":
		into = append(into, &r.Code, &r.Name, &r.Document, &r.Line, &r.ProductCode, &r.ProductName, &r.Quantity, &r.Revenue, &r.Cost, &r.Channel, &r.PersonName)
	case "potential":
		into = []any{&place, &own, &r.CustomerID, &r.Code, &r.Name, &r.Amount, &r.Source}
	case "budget":
		into = append(into, &r.Code, &r.Name, &r.Revenue)
	case "interaction":
		into = append(into, &r.Code, &r.Name, &r.TouchKind, &r.Minutes, &r.Result, &r.PersonName)
	default: // a person or a unit
		into = []any{&place, &own, &r.Code, &r.Name, &r.UnitName}
	}
	if l.subject.place == dayKey {
		into[0] = &r.Date
	}
	if err := rows.Scan(into...); err != nil {
		return r, nil, err
	}
	l.count(&r)
	if l.subject.place == dayKey {
		place = string(r.Date)
	}
	values := []any{place}
	for _, k := range l.subject.keys {
		switch k.name {
		case "customer_id":
			values = append(values, r.CustomerID)
		case "import_no":
			values = append(values, importNo)
		case "row_no":
			values = append(values, rowNo)
		default:
			values = append(values, own)
		}
	}
	r.Key = strings.Trim(fmt.Sprint(values[1:]...), "[]")
	return r, values, nil
}

// count brings fine units into minor units and says the currency. A quantity that is no number is none.
func (l list) count(r *Row) {
	if r.Quantity != nil && (math.IsNaN(*r.Quantity) || math.IsInf(*r.Quantity, 0)) {
		r.Quantity = nil
	}
	if l.kind.subject == "line" || l.kind.subject == "budget" {
		for _, fine := range []*int64{r.Revenue, r.Cost} {
			if fine != nil {
				*fine = money.Minor(*fine, l.report.Currency)
			}
		}
	}
	if l.kind.subject != "product" && (r.Revenue != nil || r.Amount != nil) {
		r.Currency = l.report.Currency
	}
}
