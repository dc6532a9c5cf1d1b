package quality_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/quality"
)

// Thirty lines between 10.00 and 20.00, one of 1,000.00 and one of 0.01: the two are beyond the fences, and their lists hold
// them.
func TestOutliersOpenTheirRows(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	lines := "import_no,row_no,source,document,line,purchase_date,customer_id,quantity,revenue,cost,currency,amount\n"
	for i := range 30 {
		lines += fmt.Sprintf("1,%d,x,F%d,1,2026-01-10,C1,1,%d,%d,EUR,1\n", i, i, 100_000+i*3_400, 5)
	}
	lines += "1,90,x,F90,1,2026-01-10,C1,1,10000000,5,EUR,1\n1,91,x,F91,1,2026-01-11,C1,1,-100,5,EUR,1\n"
	w.load(t, "purchase", lines)
	w.load(t, "customer", "id,code,name\nC1,C1,One\n")
	got := strings.Join(w.check(t, "2026-06-30"), "\n")
	if !strings.Contains(got, "outlier_revenue 2/32 A") || strings.Contains(got, "outlier_cost") {
		t.Errorf("got:\n%s", got)
	}
	if rows := strings.Join(w.rows(t, "purchases outlier_revenue"), ", "); rows != "C1 2026-01-10 F90 1, C1 2026-01-11 F91 1" {
		t.Errorf("rows: %s", rows)
	}
	for _, f := range w.fields(t, "purchases") {
		if strings.HasPrefix(f, "cost") && strings.Contains(f, "outliers") {
			t.Errorf("half of the costs are one value, yet there are fences: %s", f)
		}
	}
}

func TestQuestionsThatCannotBe(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	ask := func(l quality.List) error {
		l.Limit = 10
		_, err := w.checker.Rows(context.Background(), access.Everything(), l)
		return err
	}
	if err := ask(quality.List{Kind: "customers", Finding: "same_name"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("before the first check: %v", err)
	}
	w.check(t, "2026-06-30")
	for name, l := range map[string]quality.List{
		"no such kind":         {Kind: "sums", Finding: "same_name"},
		"no such finding":      {Kind: "customers", Finding: "id IS NOT NULL --"},
		"a finding of another": {Kind: "units", Finding: "missing_owner"},
		"months have no rows":  {Kind: "purchases", Finding: "gap_months"},
		"all lines":            {Kind: "purchases", Finding: "any_line"},
		"no date":              {Kind: "purchases", Finding: "any_line", Month: "2026-13-01"},
		"customers in a month": {Kind: "customers", Finding: "same_name", Month: "2026-01-01"},
		"a torn cursor":        {Kind: "customers", Finding: "same_name", Cursor: "!"},
		"a short cursor":       {Kind: "customers", Finding: "same_name", Cursor: filter.Cursor("x")},
		"a cursor without id":  {Kind: "customers", Finding: "same_name", Cursor: filter.Cursor("x", "y")},
		"a number for a text":  {Kind: "customers", Finding: "same_name", Cursor: filter.Cursor(1, made("C1"))},
		"no day in a cursor":   {Kind: "purchases", Finding: "repeated", Cursor: filter.Cursor("x", made("C1"), 1, 1)},
	} {
		if err := ask(l); !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A manager's list holds the customers of the unit alone, by the warehouse and by the operational store.
func TestNoReachNoRows(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	w.load(t, "customer", "id,code,name,unit_id\nC1,C1,One,u1\nC2,C2,Two,u2\n")
	w.load(t, "purchase", "import_no,row_no,purchase_date,customer_id,revenue\n1,1,2026-01-01,C1,5\n1,2,2026-01-01,C2,5\n")
	w.check(t, "2026-06-30")
	for _, l := range []quality.List{{Kind: "customers", Finding: "missing_owner", Limit: 10}, {Kind: "purchases", Finding: "missing_cost", Limit: 10}} {
		all, err := w.checker.Rows(context.Background(), access.Everything(), l)
		if err != nil || len(all.Rows) != 2 {
			t.Fatalf("%v %v", all.Rows, err)
		}
		// The zero reach covers nothing.
		none, err := w.checker.Rows(context.Background(), access.Reach{}, l)
		if err != nil || len(none.Rows) != 0 {
			t.Errorf("%s: %v %v", l.Kind, none.Rows, err)
		}
	}
}

// Every check is kept on both databases, the latest first.
func TestChecksAreKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.load(t, "customer", "id,code,name,country,owner_id\nC1,C1,One,,p1\n")
		w.check(t, "2026-06-29")
		first := w.report.ID
		w.load(t, "customer", "id,code,name,country,owner_id\nC2,C2,Two,DK,p1\n")
		w.check(t, "2026-06-30")
		runs, err := w.checker.Runs(context.Background(), "", 10)
		if err != nil || len(runs) != 2 || runs[1].ID != first || runs[0].AsOf != "2026-06-30" || runs[0].Cause != quality.Asked {
			t.Fatalf("%+v %v", runs, err)
		}
		for i, want := range []string{"1/2", "1/1"} {
			for _, f := range runs[i].Kinds[0].Findings {
				if f.Key == "missing_country" && fmt.Sprintf("%d/%d", f.Count, f.Of) != want {
					t.Errorf("run %d: %+v, want %s", i, f, want)
				}
			}
		}
		older, err := w.checker.Runs(context.Background(), runs[0].ID, 10)
		if err != nil || len(older) != 1 || older[0].ID != first {
			t.Errorf("%+v %v", older, err)
		}
		kept, err := w.checker.Report(context.Background(), first)
		if err != nil || kept.Kinds[0].Records != 1 || !kept.CreatedAt.Equal(date.Date("2026-06-29").Time().Add(10*time.Hour)) {
			t.Errorf("%+v %v", kept, err)
		}
		if _, err := w.checker.Report(context.Background(), "01980000-0000-7000-8000-000000000000"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a check that never was: %v", err)
		}
	})
}

// What is imported while a check runs need not wait for it, and the check does not see it: all its figures are of one moment.
func TestWritersGoOnDuringACheck(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	w.load(t, "customer", "id,code,name\nC1,C1,One\n")
	w.load(t, "purchase", "import_no,row_no,purchase_date,customer_id,revenue\n1,1,2026-01-01,C1,5\n")
	lines := func(write bool) (n int64) {
		report, err := w.checker.Check(context.Background(), quality.Asked, func(done, total int64, _ string) {
			if write && done == 1 { // the first kind is looked through, the lines are not; a check that held the turn would wait here for ever
				w.load(t, "purchase", "import_no,row_no,purchase_date,customer_id,revenue\n2,1,2026-02-01,C1,7\n")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if report.Kinds[0].Kind == "purchases" {
			t.Fatal("the lines come first: the test says nothing")
		}
		for _, k := range report.Kinds {
			if k.Kind == "purchases" {
				n = k.Records
			}
		}
		return n
	}
	if during := lines(true); during != 1 {
		t.Errorf("the check counts %d lines, want the one of its beginning", during)
	}
	if after := lines(false); after != 2 {
		t.Errorf("the next check counts %d lines, want 2", after)
	}
}

// A list that is looked for slice by slice is the list that is looked for as a whole, page by page and within a month, too.
func TestSlicedLists(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	customers, lines, potentials := "id,code,name\n", "import_no,row_no,purchase_date,customer_id,document,quantity,revenue\n", "id,customer_id,amount,source,valid_from\n"
	for i := range 23 {
		customers += fmt.Sprintf("C%02d,C%02d,Customer %d\n", i, i*7%23, i)
		if i%3 > 0 {
			potentials += fmt.Sprintf("P%d,C%02d,%d,declared,2025-01-01\n", i, i, 100*(i%5))
		}
	}
	for i := range 150 {
		day := date.Date("2026-01-01").AddDays(i * i % 90)
		lines += fmt.Sprintf("1,%d,%s,C%02d,D%d,%d,%d\n", i, day, i%9, i%9, 1-3*(i%2), 500*(i%9)-700)
		if i%4 == 0 {
			lines += fmt.Sprintf("2,%d,%s,C%02d,D%d,%d,%d\n", i, day, i%9, i%9, 1-3*(i%2), 500*(i%9)-700)
		}
	}
	w.load(t, "customer", customers)
	w.load(t, "purchase", lines)
	w.load(t, "potential", potentials)
	w.checker.SliceBy(1_000_000, 1_000_000)
	w.check(t, "2026-06-30")
	for _, list := range []string{"purchases repeated", "purchases repeated 2026-02-01", "customers no_potential", "customers no_purchases",
		"customers beyond_potential", "customers returned_beyond"} {
		w.checker.SliceBy(1_000_000, 1_000_000)
		whole := w.rows(t, list)
		if len(whole) < 3 {
			t.Errorf("%s: %d rows say nothing", list, len(whole))
		}
		for _, size := range []int64{1, 4, 30} {
			w.checker.SliceBy(size, size)
			if sliced := w.rows(t, list); !slices.Equal(sliced, whole) {
				t.Errorf("%s in slices of %d: %v, want %v", list, size, sliced, whole)
			}
		}
	}
}
