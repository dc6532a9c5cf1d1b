package statistics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Names says in words what a report is narrowed by.
type Names interface {
	Unit(ctx context.Context, unitID id.ID) (org.Unit, error)
	Person(ctx context.Context, personID id.ID) (org.Person, error)
}

// ReportConfig is what the reports work with.
type ReportConfig struct {
	Questions *Questions
	Names     Names
	// Segment is the name of a segment that the person of the context may see.
	Segment func(ctx context.Context, segmentID id.ID) (string, error)
	Company func(ctx context.Context) (access.Company, error)
	Now     func() time.Time
}

// Reports makes a page on paper of any matrix: its figures, with date, filter and definitions.
type Reports struct{ ReportConfig }

// NewReports returns the maker of reports.
func NewReports(c ReportConfig) *Reports { return &Reports{c} }

// Page is everything that a report says, in English; amounts are minor units.
type Page struct {
	Picture Picture
	Company string
	Shown   []string // the date, the customers, the filter
	Said    []string // where effort and value are out of balance
	Defined []string // what the axes and the figures are
	Made    string   // when and by whom
}

// Figures of a report, as far as the version has them.
const (
	revenueKey, unusedKey, visitsKey = "revenue", "unused", "visits"
)

// Page gathers the report for the customers within reach. Faults as of Statistics, and those of names that do not exist.
func (r *Reports) Page(ctx context.Context, reach access.Reach, who access.Principal, a Ask) (Page, error) {
	a.Figures, a.Effort, a.Value = revenueKey, "", ""
	p, err := r.Questions.Statistics(ctx, reach, a)
	if err != nil {
		return Page{}, err
	}
	offered := func(key string) bool {
		return slices.ContainsFunc(p.Offered, func(f Figure) bool { return f.Key == key })
	}
	if offered(unusedKey) {
		a.Figures += "," + unusedKey
	}
	if offered(visitsKey) {
		a.Effort, a.Value = visitsKey, revenueKey
	}
	a.AsOf = p.AsOf
	if p, err = r.Questions.Statistics(ctx, reach, a); err != nil {
		return Page{}, err
	}
	company, err := r.Company(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("make a report: %w", err)
	}
	filter, err := r.filter(ctx, a.Narrow)
	if err != nil {
		return Page{}, err
	}
	if !reach.All() {
		filter += " Only the customers that " + who.Name + " may see."
	}
	w := writer{message.NewPrinter(language.English), p.Currency}
	page := Page{Picture: p, Company: company.Name, Said: w.said(p), Made: "Made on " + r.Now().UTC().Format("2 January 2006, 15:04 UTC") + " by " + who.Name + " with Kvadrant."}
	page.Shown = []string{
		fmt.Sprintf("As of %s. Purchases from %s to %s (%d months). %s customers. Amounts in %s.", w.date(p.AsOf), w.date(p.Window.From), w.date(p.Window.To), p.Window.Months, w.whole(float64(p.Total.Customers)), p.Currency),
		filter,
	}
	page.Defined = w.defined(p, r.Questions.Measures.Standing())
	return page, nil
}

// filter says in words what the report is narrowed by.
func (r *Reports) filter(ctx context.Context, n matrix.Narrow) (string, error) {
	var parts []string
	say := func(what, without, value string) {
		switch value {
		case "":
		case matrix.None:
			parts = append(parts, without)
		default:
			parts = append(parts, what+": "+value)
		}
	}
	unit, owner := string(n.Unit), string(n.Owner)
	if n.Unit != "" && n.Unit != matrix.None {
		u, err := r.Names.Unit(ctx, n.Unit)
		if err != nil {
			return "", err
		}
		if unit = u.Name; n.Direct {
			unit += " itself"
		}
	}
	if n.Owner != "" && n.Owner != matrix.None {
		p, err := r.Names.Person(ctx, n.Owner)
		if err != nil {
			return "", err
		}
		owner = p.Name
	}
	say("Unit", "Without a unit", unit)
	say("Looked after by", "Looked after by nobody", owner)
	say("Industry", "Without an industry", n.Industry)
	say("Country", "Without a country", n.Country)
	if n.Segment != "" {
		name, err := r.Segment(ctx, n.Segment)
		if err != nil {
			return "", err
		}
		parts = append(parts, "Segment: "+name)
	}
	if n.Rule != "" {
		parts = append(parts, "By a rule of its own")
	}
	if len(parts) == 0 {
		return "No filter.", nil
	}
	return "Filter: " + strings.Join(parts, "; ") + ".", nil
}

// writer writes figures in English.
type writer struct {
	printer  *message.Printer
	currency string
}

func (w writer) whole(x float64) string { return w.printer.Sprintf("%d", int64(math.Round(x))) }

func (w writer) date(d date.Date) string { return d.Time().Format("2 January 2006") }

// amount is whole major units.
func (w writer) amount(minor float64) string {
	return w.whole(minor / math.Pow10(money.Digits(w.currency)))
}

func (w writer) percent(share float64) string {
	rounded := math.Round(1000*share)/10 + 0 // plus nothing, since less than half a tenth below it is no minus
	return strconv.FormatFloat(rounded, 'f', 1, 64) + " %"
}

func (w writer) value(unit scoring.Unit, x float64) string {
	switch unit {
	case scoring.Money:
		return w.amount(x) + " " + w.currency
	case scoring.Share, scoring.Chance:
		return w.percent(x)
	}
	return w.printer.Sprintf("%v", math.Round(x*100)/100)
}

// said is the balance of effort and value in sentences; nothing where too little is known.
func (w writer) said(p Picture) []string {
	if p.Balance == nil || p.Balance.TooFew != "" {
		return nil
	}
	var all []string
	sentence := func(part *Part, verb string) {
		if part == nil {
			return
		}
		names := make([]string, len(part.Cells))
		for i, key := range part.Cells {
			names[i] = cellName(p.Matrix, key)
		}
		all = append(all, fmt.Sprintf("%s of %s %s %s customers (%s of all) with %s of %s: %s.", w.percent(part.ShareOfEffort), figureName(p, p.Balance.Effort), verb,
			w.whole(float64(part.Customers)), w.percent(part.ShareOfCustomers), w.percent(part.ShareOfValue), figureName(p, p.Balance.Value), strings.Join(names, ", ")))
	}
	sentence(p.Balance.Over, "go to")
	sentence(p.Balance.Under, "go to only")
	if all == nil {
		all = append(all, "No cells get at least twice, or at most half, the share of "+figureName(p, p.Balance.Effort)+" that they have of "+figureName(p, p.Balance.Value)+".")
	}
	return all
}

func figureName(p Picture, key string) string {
	for _, f := range p.Figures {
		if f.Key == key {
			return strings.ToLower(f.Label)
		}
	}
	return key
}

// defined says what the axes, the figures and the cells are.
func (w writer) defined(p Picture, known measure.Set) []string {
	axis := func(name string, a grid.Axis, begins []*float64) string {
		m, _ := known.Find(a.Measure)
		text := fmt.Sprintf("%s: %s. %s", name, strings.ToLower(m.Label), m.Definition)
		if a.By == grid.ByWord || len(begins) == 0 {
			return text
		}
		var parts []string
		for i := len(begins) - 1; i >= 0; i-- {
			if begins[i] == nil {
				parts = append(parts, a.Classes[i+1].Name+": nobody")
				continue
			}
			parts = append(parts, a.Classes[i+1].Name+" from "+w.value(m.Unit, *begins[i]))
		}
		return text + " " + strings.Join(append(parts, a.Classes[0].Name+" below"), ", ") + "."
	}
	all := []string{axis("Rows", p.Matrix.Rows, p.RowsBegin), axis("Columns", p.Matrix.Columns, p.ColumnsBegin)}
	for _, f := range p.Figures {
		if m, ok := known.Find(f.Key); ok && m.Key != p.Matrix.Rows.Measure && m.Key != p.Matrix.Columns.Measure {
			all = append(all, m.Label+": "+m.Definition)
		}
	}
	return all
}

// className is how people call a class of an axis.
func className(a grid.Axis, key string) string {
	for _, c := range a.Classes {
		if c.Key == key {
			return c.Name
		}
	}
	return "Not known"
}

// cellName is how people call a cell.
func cellName(d grid.Definition, key string) string {
	row, column := grid.SplitCell(key)
	if name := d.Cell(row, column).Name; name != "" {
		return name
	}
	if row == grid.Unknown && column == grid.Unknown {
		return "Not known"
	}
	return className(d.Rows, row) + ", " + className(d.Columns, column)
}
