package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

func TestBind(t *testing.T) {
	t.Parallel()
	clause := Hole{Name: "reach", Clause: filter.Clause{SQL: "(u = ? OR n LIKE ? ESCAPE '\\')", Args: []any{"a", "b?"}}}
	for _, tt := range []struct {
		name, text string
		args       Args
		holes      []Hole
		sql        string
		values     []any
		fails      string
	}{
		{name: "plain", text: "select 1", sql: "select 1"},
		{name: "parameter", text: "select :a + :b_2 - :a", args: Args{"a": "x", "b_2": 2.5}, sql: "select ? + ? - ?", values: []any{"x", 2.5, "x"}},
		{name: "order of appearance with a hole between", text: "select :a from t where {{reach}} and x = :c",
			args: Args{"a": "x", "c": "y"}, holes: []Hole{clause},
			sql: `select ? from t where (u = ? OR n LIKE ? ESCAPE '\') and x = ?`, values: []any{"x", "a", "b?", "y"}},
		{name: "empty clause", text: "where {{ reach }}", holes: []Hole{{Name: "reach"}}, sql: "where true"},
		{name: "a hole twice", text: "{{reach}} {{reach}}", holes: []Hole{{Name: "reach", Clause: filter.Clause{SQL: "x=?", Args: []any{"y"}}}},
			sql: "x=? x=?", values: []any{"y", "y"}},
		{name: "quoted text", text: `select ':a {{x}} ? '' :b', ":c", "q""?"`, sql: `select ':a {{x}} ? '' :b', ":c", "q""?"`},
		{name: "line comment", text: "select 1 -- :a ; ? '\n+ :b", args: Args{"b": "2"}, sql: "select 1 -- :a ; ? '\n+ ?", values: []any{"2"}},
		{name: "nested comment", text: "select /* :a /* ; */ ? */ :b", args: Args{"b": "2"}, sql: "select /* :a /* ; */ ? */ ?", values: []any{"2"}},
		{name: "cast by colons is left alone", text: "select x::date, :a", args: Args{"a": "1"}, sql: "select x::date, ?", values: []any{"1"}},
		{name: "named argument is left alone", text: "f(a := 1)", sql: "f(a := 1)"},
		{name: "letters beyond ASCII", text: "select 'ü', größe, :a", args: Args{"a": "ß"}, sql: "select 'ü', größe, ?", values: []any{"ß"}},
		{name: "semicolon at the end", text: "select 1 ; -- done\n", sql: "select 1  -- done\n"},
		{name: "surplus values are ignored", text: "select 1", args: Args{"z": 1}, sql: "select 1"},
		{name: "empty id is NULL", text: "select :a", args: Args{"a": id.ID("")}, sql: "select ?", values: []any{nil}},

		{name: "numbers, dates and ids are written out", text: "select :n, :d, :i, {{x}}",
			args:  Args{"n": -7, "d": date.Date("2026-10-31"), "i": id.ID("0193B0A0-0000-7000-8000-00000000000A")},
			holes: []Hole{{"x", filter.Clause{SQL: "a > ?", Args: []any{int64(1) << 40}}}},
			sql:   "select cast(-7 AS bigint), DATE '2026-10-31', '0193b0a0-0000-7000-8000-00000000000a', a > cast(1099511627776 AS bigint)"},
		{name: "an id that is none", text: "select :i", args: Args{"i": id.ID("' OR true --")}, fails: "is not an id"},

		{name: "missing value", text: "select :a", fails: "no value for :a"},
		{name: "missing hole", text: "select {{x}}", fails: "nothing was given for {{x}}"},
		{name: "hole that the text lacks", text: "select 1", holes: []Hole{clause}, fails: "there is no {{reach}}"},
		{name: "hole only in quotes", text: "select '{{reach}}'", holes: []Hole{clause}, fails: "there is no {{reach}}"},
		{name: "two statements", text: "select 1; drop table t", fails: "one statement"},
		{name: "two statements around a comment", text: "select 1; /* x */ select 2", fails: "one statement"},
		{name: "mark in a text", text: "select ?", fails: "may not stand"},
		{name: "dollar quote", text: "select $$;$$", fails: "may not stand"},
		{name: "open quote", text: "select 'x", fails: "not closed"},
		{name: "open name", text: `select "x`, fails: "not closed"},
		{name: "open comment", text: "select /* /* */", fails: "not closed"},
		{name: "open hole", text: "select {{x", fails: "not closed"},
		{name: "NUL", text: "select 1\x00; drop table t", fails: "may not stand"},
		{name: "clause with too few values", text: "{{x}}", holes: []Hole{{"x", filter.Clause{SQL: "a=? and b=?", Args: []any{1}}}}, fails: "more marks"},
		{name: "clause with too many values", text: "{{x}}", holes: []Hole{{"x", filter.Clause{SQL: "a=?", Args: []any{1, 2}}}}, fails: "more values"},
		{name: "clause with a second statement", text: "{{x}}", holes: []Hole{{"x", filter.Clause{SQL: "true; drop table t"}}}, fails: "semicolon"},
		{name: "no calendar date", text: "select :d", args: Args{"d": date.Date("2026-02-30")}, fails: "not a date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := bind(tt.text, tt.args, tt.holes)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("got %q and error %v, want an error with %q", got.sql, err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.sql != tt.sql {
				t.Errorf("got  %s\nwant %s", got.sql, tt.sql)
			}
			if diff := cmp.Diff(tt.values, got.args); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzBind(f *testing.F) {
	f.Add("select ':a' :b {{h}} /* x */ -- y\n;", "v")
	f.Fuzz(func(t *testing.T, text, value string) {
		got, err := bind(text, Args{"a": value, "b": value}, []Hole{{Name: "h", Clause: filter.Clause{SQL: "x = ?", Args: []any{value}}}})
		if err != nil {
			return
		}
		marks := 0
		if err := scanClause(got.sql, func(kind tokenKind, _ string) error {
			if kind == tokenMark {
				marks++
			}
			return nil
		}); err != nil {
			t.Fatalf("the bound text does not scan: %v: %q", err, got.sql)
		}
		if marks != len(got.args) {
			t.Fatalf("%d marks for %d values in %q", marks, len(got.args), got.sql)
		}
	})
}
