package quality_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/interaction"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/learn/quality"
)

// world is a checker on the real stores. Its warehouse is filled by the test.
type world struct {
	warehouse *engine.Warehouse
	checker   *quality.Checker
	now       time.Time
	report    quality.Report
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 6, 30, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.warehouse = testkit.Warehouse(t, projection.Schema, org.WarehouseSchema, product.Schema, customer.WarehouseSchema, purchase.Schema,
		interaction.Schema, intake.WarehouseSchema)
	in, err := intake.New(intake.Config{DB: d, Warehouse: w.warehouse, Dir: filepath.Join(t.TempDir(), "files"), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	w.checker = quality.New(quality.Config{DB: d, Warehouse: w.warehouse, Projection: projection.New(d, w.warehouse),
		Currency: setting.NewStore(d, clock), Imports: in, Customers: customer.NewStore(d, clock), Clock: clock})
	return w
}

// made is the id that a code has in a test.
func made(code string) string { return uuid.NewHash(sha1.New(), uuid.Nil, []byte(code), 5).String() }

// load fills a table from lines of comma-separated values under a line of column names. What ends in _id is a code.
func (w *world) load(t *testing.T, table, input string) []string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(input)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		values, marks := engine.Args{}, []string{}
		for i, cell := range line {
			name := lines[0][i]
			marks = append(marks, ":"+name)
			switch {
			case cell == "":
				values[name] = nil
			case name == "id" || strings.HasSuffix(name, "_id"):
				values[name] = made(cell)
			default:
				values[name] = cell
			}
		}
		text := "INSERT INTO " + table + " (" + strings.Join(lines[0], ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
		if _, err := w.warehouse.Exec(context.Background(), text, values); err != nil {
			t.Fatalf("%v: %v", line, err)
		}
	}
	return []string{fmt.Sprintf("%d", len(lines)-1)}
}

// check makes a check and tells the grade of each kind that has records, with what was found in it.
func (w *world) check(t *testing.T, asOf string) []string {
	t.Helper()
	w.now = date.Date(asOf).Time().Add(10 * time.Hour)
	var err error
	w.report, err = w.checker.Check(context.Background(), quality.Asked, func(int64, int64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, k := range w.report.Kinds {
		if k.Records == 0 {
			continue
		}
		seen = append(seen, fmt.Sprintf("%s %s %d", k.Kind, k.Grade, k.Records))
		for _, f := range k.Findings {
			if f.Count > 0 {
				seen = append(seen, fmt.Sprintf("  %s %d/%d %s", f.Key, f.Count, f.Of, f.Grade))
			}
		}
	}
	return seen
}

func (w *world) fields(t *testing.T, kind string) (seen []string) {
	t.Helper()
	for _, k := range w.report.Kinds {
		if k.Kind != kind {
			continue
		}
		for _, f := range k.Fields {
			line := fmt.Sprintf("%s of %d filled %d valid %d distinct %d", f.Name, f.Of, f.Filled, f.Valid, f.Distinct)
			if f.Outliers != nil {
				line += fmt.Sprintf(" outliers %d beyond %.0f and %.0f", *f.Outliers, f.Fence.Low, f.Fence.High)
			}
			seen = append(seen, line)
		}
	}
	return seen
}

// rows lists what is behind a figure, two on a page, and makes sure that it is as many as the figure says.
func (w *world) rows(t *testing.T, args string) []string {
	t.Helper()
	words := strings.Fields(args)
	l := quality.List{Kind: words[0], Finding: words[1], Limit: 2}
	if len(words) > 2 {
		l.Month = date.Date(words[2])
	}
	var seen []string
	for {
		page, err := w.checker.Rows(context.Background(), access.Everything(), l)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			line := strings.TrimSpace(strings.Join([]string{r.Code, string(r.Date), r.Document, r.Line, r.ProductCode}, " "))
			seen = append(seen, strings.Join(strings.Fields(line), " "))
		}
		if l.Cursor = page.Next; l.Cursor == "" {
			break
		}
	}
	for _, k := range w.report.Kinds {
		for _, f := range k.Findings {
			if k.Kind == l.Kind && f.Key == l.Finding && l.Month == "" && f.Count != int64(len(seen)) {
				t.Errorf("the figure says %d, its list has %d rows", f.Count, len(seen))
			}
		}
	}
	return seen
}

func (w *world) export(t *testing.T, args string) []string {
	t.Helper()
	kind, finding, _ := strings.Cut(args, " ")
	e, err := w.checker.Export(context.Background(), access.Everything(), quality.List{Kind: kind, Finding: finding})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := e.CSV(context.Background(), &file); err != nil {
		t.Fatal(err)
	}
	return append([]string{e.Name()}, strings.Split(strings.TrimSpace(strings.ReplaceAll(file.String(), "\r\n", "\n")), "\n")...)
}

func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t, testkit.DB(t))
		return map[string]testkit.Command{
			"load":   func(t *testing.T, args, input string) []string { return w.load(t, args, input) },
			"check":  func(t *testing.T, args, _ string) []string { return w.check(t, args) },
			"fields": func(t *testing.T, args, _ string) []string { return w.fields(t, args) },
			"rows":   func(t *testing.T, args, _ string) []string { return w.rows(t, args) },
			"export": func(t *testing.T, args, _ string) []string { return w.export(t, args) },
			"months": func(t *testing.T, _, _ string) (seen []string) {
				for _, m := range w.report.Months {
					budget := "-"
					if m.Budget != nil {
						budget = fmt.Sprint(*m.Budget)
					}
					seen = append(seen, fmt.Sprintf("%s lines %d revenue %d budget %s %s", m.Month[:7], m.Lines, m.Revenue, budget, m.State))
				}
				return seen
			},
		}
	})
}
