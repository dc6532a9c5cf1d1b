package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
)

var columns = filter.Columns{"name": "c.name", "revenue": "s.revenue", "unit": "c.unit_id", "id": "c.id"}

func TestCompile(t *testing.T) {
	for _, tc := range []struct {
		name string
		expr filter.Expr
		sql  string
		args []any
	}{
		{"nothing", nil, "true", nil},
		{"equal", filter.Eq("name", "x"), "c.name = ?", []any{"x"}},
		{"and, skipping nil", filter.And(filter.Eq("name", "x"), nil, filter.AtLeast("revenue", 5)), "(c.name = ? AND s.revenue >= ?)", []any{"x", 5}},
		{"or", filter.Or(filter.IsNull("unit"), filter.In("unit", "a", "b")), "(c.unit_id IS NULL OR c.unit_id IN (?,?))", []any{"a", "b"}},
		{"in nothing never holds", filter.In[string]("unit"), "false", nil},
		{"or of nothing never holds", filter.Or(), "false", nil},
		{"contains escapes wildcards", filter.Contains("name", `50%_\A`), `lower(c.name) LIKE ? ESCAPE '\'`, []any{`%50\%\_\\a%`}},
		{"not", filter.Not(filter.Eq("name", "x")), "NOT (c.name = ?)", []any{"x"}},
		{"never", filter.Never(), "false", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			clause, err := filter.Compile(tc.expr, columns)
			if err != nil {
				t.Fatal(err)
			}
			if clause.SQL != tc.sql || !cmp.Equal(clause.Args, tc.args) {
				t.Errorf("got %q %v, want %q %v", clause.SQL, clause.Args, tc.sql, tc.args)
			}
		})
	}
}

func TestUnknownFieldIsRefusedByName(t *testing.T) {
	_, err := filter.Compile(filter.Eq("name; DROP TABLE customer", 1), columns)
	if !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "use one of: id, name, revenue, unit") {
		t.Errorf("got %v", err)
	}
	if _, err := filter.Order([]filter.Sort{{Name: "(select 1)"}}, columns); !fault.Is(err, fault.Malformed) {
		t.Errorf("sort: got %v", err)
	}
}

// A06: whatever names and values are given, the SQL consists of the program's own texts alone.
func TestA06NoInputReachesTheSQL(t *testing.T) {
	var allowed []string
	for _, c := range columns {
		allowed = append(allowed, c)
	}
	for _, text := range []string{` LIKE ? ESCAPE '\'`, "lower(", " IS NULL", " IN (?", ",?", " = ?", " >= ?", " <= ?", " > ?", " < ?", " AND ", " OR ", "NOT (", "true", "false", "(", ")"} {
		allowed = append(allowed, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		clause, err := filter.Compile(randomExpr(t, 4), columns)
		if err != nil {
			return // an unknown name
		}
		rest := clause.SQL
		for _, text := range allowed {
			rest = strings.ReplaceAll(rest, text, "")
		}
		if rest != "" {
			t.Fatalf("SQL %q holds %q", clause.SQL, rest)
		}
		if n := strings.Count(clause.SQL, "?"); n != len(clause.Args) {
			t.Fatalf("%d placeholders, %d values in %q", n, len(clause.Args), clause.SQL)
		}
	})
}

func randomExpr(t *rapid.T, depth int) filter.Expr {
	name := rapid.OneOf(rapid.SampledFrom([]string{"name", "revenue", "unit"}), rapid.String()).Draw(t, "name")
	value := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"' OR 1=1 --", `"; DROP TABLE x`, "?", "$1", "\x00"})).Draw(t, "value")
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth == 0 {
		kind %= 6
	}
	switch kind {
	case 0:
		return filter.Eq(name, value)
	case 1:
		return filter.Contains(name, value)
	case 2:
		return filter.In(name, value, value)
	case 3:
		return filter.IsNull(name)
	case 4:
		return filter.StartsWith(name, value)
	case 5:
		return filter.After([]filter.Sort{{Name: name, Desc: true}, {Name: "id"}}, []any{value, nil})
	case 6:
		return filter.And(randomExpr(t, depth-1), randomExpr(t, depth-1))
	case 7:
		return filter.Or(randomExpr(t, depth-1), randomExpr(t, depth-1))
	default:
		return filter.Not(randomExpr(t, depth-1))
	}
}

func TestExpressionsAreBounded(t *testing.T) {
	parts := make([]filter.Expr, 10_000)
	for i := range parts {
		parts[i] = filter.Eq("name", i)
	}
	if _, err := filter.Compile(filter.Or(parts...), columns); !fault.Is(err, fault.Malformed) {
		t.Errorf("10,000 terms: got %v", err)
	}
}

func TestCursorKeepsValues(t *testing.T) {
	want := []any{"ø", int64(9007199254740993), nil, 0.5, true}
	got, err := filter.ParseCursor(filter.Cursor(want...), len(want))
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %#v, %v", got, err)
	}
	for _, bad := range []string{"%%%", "bm90IGpzb24", filter.Cursor(1), filter.Cursor([]int{1}, 2, 3, 4, 5)} {
		if _, err := filter.ParseCursor(bad, 5); !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func ExampleParseSort() {
	fmt.Println(filter.ParseSort("-revenue, name"))
	// Output: [{revenue true} {name false}]
}
