package matrix_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// measureSorts are sorts by measures that have no rank of their own: figures with ties and gaps, dates and words.
func measureSorts() []string {
	var all []string
	for _, s := range []string{"rfm_points", "rfm_r", "rfm_cell", "days_since_purchase", "cost", "lines", "potential_source", "revenue_ever"} {
		all = append(all, s, "-"+s)
	}
	return all
}

// Sorting by a measure puts the values in order, those without one last, and equals by revenue.
func TestMeasureSortsAreInOrder(t *testing.T) {
	t.Parallel()
	w := crowd(t, 60)
	for _, by := range measureSorts() {
		key := strings.TrimPrefix(by, "-")
		page, err := w.questions.Customers(context.Background(), access.Everything(), matrix.List{Sort: by, Columns: key, Limit: 500})
		if err != nil || len(page.Lines) != 60 {
			t.Fatal(len(page.Lines), err)
		}
		for i := 1; i < len(page.Lines); i++ {
			a, b := page.Lines[i-1], page.Lines[i]
			x, y := a.Measures[key], b.Measures[key]
			switch {
			case x == nil && y != nil:
				t.Errorf("%s: %s has no value and stands before %s", by, a.Code, b.Code)
			case x == nil || y == nil:
			case fmt.Sprint(x) == fmt.Sprint(y):
				if a.Revenue < b.Revenue {
					t.Errorf("%s: equals %s and %s are not by revenue", by, a.Code, b.Code)
				}
			case !inOrder(x, y, strings.HasPrefix(by, "-")):
				t.Errorf("%s: %v before %v", by, x, y)
			}
		}
	}
}

func inOrder(x, y any, desc bool) bool {
	up := false
	switch x := x.(type) {
	case int64:
		up = x < y.(int64)
	case float64:
		up = x < y.(float64)
	case string:
		up = x < y.(string)
	}
	return up != desc
}

// A condition on a measure keeps exactly the customers whose shown value fulfils it.
func TestConditionsOnMeasures(t *testing.T) {
	t.Parallel()
	w := crowd(t, 60)
	ctx := context.Background()
	everything, err := w.questions.Customers(ctx, access.Everything(), matrix.List{Columns: "revenue,share,rfm_points,rfm_r,potential,potential_source,last_purchase", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	number := func(l matrix.Line, key string) (float64, bool) {
		switch v := l.Measures[key].(type) {
		case int64:
			return float64(v), true
		case float64:
			return v, true
		}
		return 0, false
	}
	for _, c := range []struct {
		conditions []string
		holds      func(l matrix.Line) bool
	}{
		{[]string{"revenue>=6000"}, func(l matrix.Line) bool { x, _ := number(l, "revenue"); return x >= 6000 }}, // 60.00
		{[]string{"share<0.5"}, func(l matrix.Line) bool { x, ok := number(l, "share"); return ok && x < 0.5 }},
		{[]string{"rfm_points>10", "rfm_points<=30"}, func(l matrix.Line) bool { x, ok := number(l, "rfm_points"); return ok && x > 10 && x <= 30 }},
		{[]string{"rfm_r=5"}, func(l matrix.Line) bool { x, ok := number(l, "rfm_r"); return ok && x == 5 }},
		{[]string{"rfm_r="}, func(l matrix.Line) bool { _, ok := number(l, "rfm_r"); return !ok }},
		{[]string{"potential!=", "potential!=20000"}, func(l matrix.Line) bool { x, ok := number(l, "potential"); return ok && x != 20000 }},
		{[]string{"potential_source=declared"}, func(l matrix.Line) bool { return l.Measures["potential_source"] == "declared" }},
		{[]string{"last_purchase>=2026-03-01"}, func(l matrix.Line) bool { return l.LastPurchase >= "2026-03-01" }},
	} {
		var want []string
		for _, l := range everything.Lines {
			if c.holds(l) {
				want = append(want, l.Code)
			}
		}
		if len(want) == 0 || len(want) == 60 {
			t.Errorf("%v: the test tells nothing: %d of 60", c.conditions, len(want))
		}
		page, err := w.questions.Customers(ctx, access.Everything(), matrix.List{Measures: c.conditions, Limit: 500})
		if err != nil || !slices.Equal(codesOf(page.Lines), want) {
			t.Errorf("%v: got %v %v, want %v", c.conditions, codesOf(page.Lines), err, want)
		}
	}
	for _, bad := range []string{"", "revenue", "nothing>=1", "revenue>=x", "revenue>=1e400", "revenue>=NaN", "cell>gold", "last_purchase=now", "revenue>=", "1=1 OR revenue>=1", "revenue>=1;DROP TABLE score", "s.revenue>1"} {
		if _, err := w.questions.Customers(ctx, access.Everything(), matrix.List{Measures: []string{bad}}); !fault.Is(err, fault.Malformed) {
			t.Errorf("%q was taken: %v", bad, err)
		}
	}
	for _, bad := range []matrix.List{{Columns: "revenue,password"}, {Columns: strings.Repeat("revenue,", 21)}, {Measures: slices.Repeat([]string{"revenue>1"}, 11)}} {
		if _, err := w.questions.Customers(ctx, access.Everything(), bad); !fault.Is(err, fault.Malformed) {
			t.Errorf("%+v was taken: %v", bad, err)
		}
	}
}

func TestExportHasTheChosenMeasures(t *testing.T) {
	t.Parallel()
	w := crowd(t, 6)
	e, err := w.questions.Export(context.Background(), access.Everything(), matrix.List{Columns: "revenue_ever,rfm_points,potential_source", Measures: []string{"revenue>0"}})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := e.CSV(context.Background(), &file); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(file.String()), "\r\n")
	if !strings.HasSuffix(lines[0], `"as_of","revenue_ever","rfm_points","potential_source"`) {
		t.Error(lines[0])
	}
	if len(lines) < 2 || !strings.Contains(lines[1], `"2026-06-30",`) {
		t.Error(lines)
	}
	for _, line := range lines[1:] {
		if cells := strings.Split(line, ","); len(cells) != 20 || cells[6] != cells[17] { // all was bought in the window
			t.Error(line)
		}
	}
}
