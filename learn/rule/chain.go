package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// source says where the values of measures and fields stand: in a run, in the tables of the steps; in a preview, in the
// scored version.
type source struct {
	measures     []scoring.Column
	column       func(c scoring.Column) string // the SQL that yields a measure
	from         filter.Clause                 // the tables, joined; the customer is c
	asOf         any
	finePerMinor int64
}

// fields are what is known of a customer beside its measures.
func fields() []Name {
	text := func(key, label string) Name { return Name{Key: key, Label: label, Kind: Text, Note: "field"} }
	return []Name{text("industry", "Industry"), text("country", "Country"), text("city", "City"), text("lifecycle", "Lifecycle"), text("customer_kind", "Kind"),
		{Key: "size_employees", Label: "Employees", Kind: Figure, Note: "field"}}
}

// fieldColumn is the field's column of the warehouse's customers.
func fieldColumn(key string) string {
	switch key {
	case "customer_kind":
		return "c.kind"
	case "size_employees":
		return "cast(c.size_employees AS double)"
	default:
		return "nullif(c." + key + ", '')" // an empty field is a missing one
	}
}

// names are what a first rule can speak of.
func names(measures []scoring.Column) []Name {
	all := fields()
	for _, c := range measures {
		n := Name{Key: c.Named(), Label: c.Label, Kind: kindOf(c.Unit), Note: string(c.Unit)}
		if c.Unit == scoring.FineMoney {
			n.Note = string(scoring.Money)
		}
		all = append(all, n)
	}
	for i := range all {
		all[i].sql = "r.n_" + all[i].Key
	}
	return all
}

func kindOf(u scoring.Unit) Kind {
	switch u {
	case scoring.Word:
		return Text
	case scoring.Date:
		return Day
	default:
		return Figure
	}
}

// link is a rule in a chain: compiled, or left out with the mistake.
type link struct {
	rule     Placed
	compiled Compiled
	mistake  *Mistake
}

// compile compiles the rules in their order. One that is wrong is left out, and the rules that use it with it.
func compile(book Book, measures []scoring.Column) []link {
	known := names(measures)
	var all []link
	for _, p := range book.Rules {
		l := link{rule: p}
		var err error
		if slices.ContainsFunc(known, func(n Name) bool { return n.Key == p.Key || n.Key == p.classKey() }) {
			l.mistake = &Mistake{0, fmt.Sprintf("There is a measure or field %q already; give the rule another key.", p.Key)}
		} else if l.compiled, err = Compile(p.Expression, known); err != nil {
			l.mistake = mistakeOf(err)
		} else {
			known = append(known, Name{Key: p.Key, Label: p.Label, Kind: Figure, Note: "rule", sql: "r.n_" + p.Key})
			if len(p.Classes.Names) > 0 {
				known = append(known, Name{Key: p.classKey(), Label: p.Label, Kind: Text, Note: "rule", sql: "r.n_" + p.classKey()})
			}
		}
		all = append(all, l)
	}
	return all
}

// statement is the question that yields customer_id, the value of each rule as <column> and its class as <column>_class.
// Each rule is a step of its own, so that the text grows with the rules and not with how often they use each other.
func statement(links []link, from source) filter.Clause {
	var b strings.Builder
	var args []any
	add := func(c filter.Clause) {
		b.WriteString(c.SQL)
		args = append(args, c.Args...)
	}
	b.WriteString("WITH r0 AS (SELECT c.id AS customer_id, cast(? AS date) AS as_of")
	args = append(args, from.asOf)
	used := func(key string) bool {
		return slices.ContainsFunc(links, func(l link) bool { return slices.Contains(l.compiled.Uses, key) })
	}
	for _, f := range fields() {
		if used(f.Key) {
			b.WriteString(", " + fieldColumn(f.Key) + " AS n_" + f.Key)
		}
	}
	for _, c := range from.measures {
		if used(c.Named()) {
			b.WriteString(", " + from.figure(c) + " AS n_" + c.Named())
		}
	}
	b.WriteString(" FROM ")
	add(from.from)
	b.WriteString(")")
	last := "r0"
	var out strings.Builder
	for i, l := range links {
		if l.mistake != nil {
			continue
		}
		raw, key := fmt.Sprintf("raw_%d", i), l.rule.Key
		fmt.Fprintf(&b, ", a%d AS (SELECT r.*, ", i)
		add(l.compiled.Clause)
		// What is not finite is no value. NaN is neither above nor below anything in one engine, above all in the other.
		fmt.Fprintf(&b, " AS %[1]s FROM %[2]s r), b%[3]d AS (SELECT r.*, CASE WHEN abs(%[1]s) <= 1e300 THEN %[1]s END AS n_%[4]s FROM a%[3]d r)", raw, last, i, key)
		last = fmt.Sprintf("b%d", i)
		if len(l.rule.Classes.Names) > 0 {
			fmt.Fprintf(&b, ", c%d AS (SELECT r.*, ", i)
			add(classes(l.rule.Classes, "n_"+key))
			fmt.Fprintf(&b, " AS n_%s FROM %s r)", l.rule.classKey(), last)
			last = fmt.Sprintf("c%d", i)
			fmt.Fprintf(&out, ", n_%s AS %s", l.rule.classKey(), l.rule.classColumn())
		}
		fmt.Fprintf(&out, ", %s AS %s", from.kept(l.rule.Unit, "n_"+key), l.rule.column())
	}
	b.WriteString(" SELECT customer_id" + out.String() + " FROM " + last)
	return filter.Clause{SQL: b.String(), Args: args}
}

// figure is a measure as expressions see it: money in whole units of the base currency.
func (s source) figure(c scoring.Column) string {
	sql := s.column(c)
	switch c.Unit {
	case scoring.FineMoney:
		return fmt.Sprintf("cast(%s AS double) / %d", sql, money.FinePerMajor)
	case scoring.Money:
		return fmt.Sprintf("cast(%s AS double) / %d", sql, money.FinePerMajor/s.finePerMinor)
	case scoring.Word, scoring.Date:
		return sql
	default:
		return "cast(" + sql + " AS double)"
	}
}

// kept is a rule's value as score keeps it: money in minor units.
func (s source) kept(u scoring.Unit, sql string) string {
	if u == scoring.Money {
		return fmt.Sprintf("round(%s * %d)", sql, money.FinePerMajor/s.finePerMinor)
	}
	return sql
}

// classes names the part that a value lies in.
func classes(c Classes, sql string) filter.Clause {
	var b strings.Builder
	var args []any
	b.WriteString("CASE WHEN " + sql + " IS NULL THEN NULL")
	for i := len(c.At) - 1; i >= 0; i-- {
		b.WriteString(" WHEN " + sql + " >= cast(? AS double) THEN cast(? AS varchar)")
		args = append(args, c.At[i], c.Names[i+1])
	}
	b.WriteString(" ELSE cast(? AS varchar) END")
	return filter.Clause{SQL: b.String(), Args: append(args, c.Names[0])}
}
