package segment

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// truth is what can be said of a condition: 1 true, 0 false, -1 it cannot be told.
type truth int

// known is all that is known of a customer of the property test; a missing key is unknown.
type knownOf map[string]any

// judge is the meaning of a tree in plain Go, by the words of filter.Tree.
func judge(t filter.Tree, c knownOf, in func(segment string) bool, below map[string][]string) truth {
	switch {
	case t.Not != nil:
		switch judge(*t.Not, c, in, below) {
		case 1:
			return 0
		case 0:
			return 1
		}
		return -1
	case len(t.All) > 0:
		least := truth(1)
		for _, p := range t.All {
			switch judge(p, c, in, below) {
			case 0:
				return 0
			case -1:
				least = -1
			}
		}
		return least
	case len(t.Any) > 0:
		most := truth(0)
		for _, p := range t.Any {
			switch judge(p, c, in, below) {
			case 1:
				return 1
			case -1:
				most = -1
			}
		}
		return most
	}
	if t.Field == "segment" {
		return yes(in(t.Value) == (t.Sign == "="))
	}
	v, has := c[t.Field]
	switch {
	case t.Sign == "unknown":
		return yes(!has)
	case t.Sign == "known":
		return yes(has)
	case !has:
		return -1
	}
	if t.Field == "unit" {
		given := t.Values
		if t.Sign != "in" {
			given = []string{t.Value}
		}
		among := false
		for _, g := range given {
			among = among || slices.Contains(below[g], v.(string))
		}
		return yes(among == (t.Sign != "!="))
	}
	if t.Sign == "in" {
		for _, g := range t.Values {
			if order(v, g, t.Field) == 0 {
				return 1
			}
		}
		return 0
	}
	switch t.Sign {
	case "=":
		return yes(order(v, t.Value, t.Field) == 0)
	case "!=":
		return yes(order(v, t.Value, t.Field) != 0)
	case ">":
		return yes(order(v, t.Value, t.Field) > 0)
	case ">=":
		return yes(order(v, t.Value, t.Field) >= 0)
	case "<":
		return yes(order(v, t.Value, t.Field) < 0)
	case "<=":
		return yes(order(v, t.Value, t.Field) <= 0)
	case "contains":
		return yes(strings.Contains(strings.ToLower(v.(string)), strings.ToLower(t.Value)))
	}
	return yes(strings.HasPrefix(strings.ToLower(v.(string)), strings.ToLower(t.Value)))
}

func yes(b bool) truth {
	if b {
		return 1
	}
	return 0
}

// order compares a value of a customer with one of a condition.
func order(v any, given, field string) int {
	switch v := v.(type) {
	case string:
		return strings.Compare(v, given)
	case float64:
		x, err := strconv.ParseFloat(given, 64)
		if err != nil {
			panic(err)
		}
		if field == "amount" {
			x *= 100 // a minor unit of the base currency is 100 fine units
		}
		return int(max(-1, min(1, (v-x)*1e9)))
	}
	panic(fmt.Sprintf("%T", v))
}

type generator struct {
	r        *rand.Rand
	segments []string
	units    []string
	owners   []string
}

func (g generator) one(of ...string) string { return of[g.r.IntN(len(of))] }

func (g generator) tree(depth int) filter.Tree {
	switch k := g.r.IntN(6); {
	case depth > 1 && k == 0:
		return no(g.tree(depth - 1))
	case depth > 1 && k <= 3:
		parts := make([]filter.Tree, 1+g.r.IntN(3))
		for i := range parts {
			parts[i] = g.tree(depth - 1)
		}
		if k == 1 {
			return some(parts...)
		}
		return all(parts...)
	}
	field := g.one("code", "name", "industry", "country", "city", "lifecycle", "size", "unit", "owner", "amount", "share", "place", "seen", "segment")
	signs := []string{"=", "!=", "unknown", "known", "in"}
	var value func() string
	switch field {
	case "code":
		value = func() string { return "C" + strconv.Itoa(g.r.IntN(40)) }
		signs = append(signs, "contains", "starts")
	case "name", "city", "industry", "country", "lifecycle":
		value = func() string {
			return g.one("a", "B", "Å", "%", "_", "o'Hara", `\`, "DK", "customer", "prospect", "Toys", "--", "?")
		}
		signs = append(signs, "contains", "starts")
	case "size":
		value = func() string { return strconv.Itoa(g.r.IntN(6)) }
		signs = append(signs, "<", "<=", ">", ">=")
	case "amount":
		value = func() string { return strconv.Itoa(g.r.IntN(8) - 2) }
		signs = append(signs, "<", "<=", ">", ">=")
	case "share":
		value = func() string { return g.one("0", "0.25", "0.5", "0.75", "1") }
		signs = append(signs, "<", "<=", ">", ">=")
	case "seen":
		value = func() string { return "2026-0" + strconv.Itoa(1+g.r.IntN(5)) + "-15" }
		signs = append(signs, "<", "<=", ">", ">=")
	case "place":
		value = func() string { return g.one("gold_bubble", "gold_loyal", "unknown", "'; --") }
	case "unit":
		value = func() string { return g.one(g.units...) }
	case "owner":
		value = func() string { return g.one(g.owners...) }
	case "segment":
		return is("segment", g.one("=", "!="), g.one(g.segments...))
	}
	t := filter.Tree{Field: field, Sign: g.one(signs...)}
	switch t.Sign {
	case "unknown", "known":
	case "in":
		for range 1 + g.r.IntN(3) {
			t.Values = append(t.Values, value())
		}
	default:
		t.Value = value()
	}
	return t
}

// Random rules over random customers with unknowns mean in the warehouse what they mean in plain Go.
func TestRulesMeanWhatPlainGoSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.DB(t))
	g := generator{r: rand.New(rand.NewPCG(7, 11))}
	w.unit(t, "top", "")
	w.unit(t, "left", "top")
	w.unit(t, "right", "top")
	w.person(t, "nora")
	w.person(t, "sven")
	g.units = []string{string(w.id("top")), string(w.id("left")), string(w.id("right"))}
	g.owners = []string{string(w.id("nora")), string(w.id("sven"))}
	below := map[string][]string{g.units[0]: g.units, g.units[1]: g.units[1:2], g.units[2]: g.units[2:3]}
	known := map[id.ID]knownOf{}
	var people []someone
	for i := range 40 {
		c := someone{code: "C" + strconv.Itoa(i), name: g.one("Aa", "Bo o'Hara", "Å_%", `x\y`), industry: g.one("", "Toys", "a"), country: g.one("", "DK", "SE"),
			city: g.one("", "Å", "Bor"), lifecycle: g.one("customer", "prospect"), unit: g.one("", "top", "left", "right"), owner: g.one("", "nora", "sven")}
		if g.r.IntN(3) > 0 {
			c.size = new(int64(g.r.IntN(6)))
		}
		k := knownOf{"code": c.code, "name": c.name, "lifecycle": c.lifecycle}
		for field, v := range map[string]string{"industry": c.industry, "country": c.country, "city": c.city, "unit": string(w.id(c.unit)), "owner": string(w.id(c.owner))} {
			if v != "" {
				k[field] = v
			}
		}
		if c.size != nil {
			k["size"] = float64(*c.size)
		}
		people, known[w.id(c.code)] = append(people, c), k
	}
	w.customers(t, people...)
	for _, c := range people {
		if g.r.IntN(8) == 0 {
			continue // nothing is known
		}
		k, row := known[w.id(c.code)], map[string]any{}
		for field, v := range map[string]any{"amount": float64(100 * (g.r.IntN(8) - 2)), "share": float64(g.r.IntN(5)) / 4,
			"place": g.one("gold_bubble", "gold_loyal", "unknown"), "seen": "2026-0" + strconv.Itoa(1+g.r.IntN(5)) + "-15"} {
			if g.r.IntN(4) > 0 {
				k[field], row[field] = v, v
			}
		}
		w.fact(t, "2026-06-30", c.code, row["amount"], row["share"], row["place"], row["seen"])
	}
	w.score(t, "2026-06-30")

	// A frozen segment and live ones, one of which speaks of others.
	frozen := w.made(t, boss, Segment{Name: "frozen", Kind: Frozen}, Gathering{Codes: []string{"C1", "C2", "C3", "C17"}})
	rules := map[string]filter.Tree{}
	live := func(name string, rule filter.Tree) {
		s := w.made(t, boss, Segment{Name: name, Kind: Live, Rule: &rule}, Gathering{})
		g.segments, rules[string(s.ID)] = append(g.segments, string(s.ID)), rule
	}
	g.segments = []string{string(frozen.ID)}
	live("half", is("share", ">=", "0.5"))
	live("deep", some(no(is("segment", "=", g.segments[1])), all(is("segment", "=", g.segments[0]), is("city", "unknown", ""))))

	ctx, reach := w.as(t, boss)
	told := 0
	for n := range 300 {
		rule := g.tree(4)
		var want []id.ID
		var untold int64
		for of, k := range known {
			var in func(string) bool
			in = func(segment string) bool {
				if segment == string(frozen.ID) {
					return slices.Contains([]any{"C1", "C2", "C3", "C17"}, k["code"])
				}
				return judge(rules[segment], k, in, below) == 1
			}
			switch judge(rule, k, in, below) {
			case 1:
				want = append(want, of)
			case -1:
				untold++
			}
		}
		text, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.meeting(t, boss, "2026-06-30", rule); got != w.codes(want) {
			t.Fatalf("rule %d %s:\n got %s\nwant %s", n, text, got, w.codes(want))
		}
		p, err := w.book.Preview(ctx, reach, "", rule)
		if err != nil || p.Customers != int64(len(want)) || p.Of != 40 || p.Untold != untold {
			t.Fatalf("rule %d %s: preview %+v, %v; want %d and %d untold", n, text, p, err, len(want), untold)
		}
		told += len(want)
	}
	if told < 1000 {
		t.Errorf("the rules mean only %d customers together: the test looks at nothing", told)
	}
}

// What cannot be a rule is refused with its place, and no value of a rule ever stands in the SQL (A06, A27).
func TestWhatIsNoRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.DB(t))
	w.score(t, "2026-06-30")
	self := w.made(t, boss, Segment{Name: "a", Kind: Live, Rule: new(is("share", ">", "0"))}, Gathering{})
	deep := is("share", ">", "0")
	for range filter.MaxDepth {
		deep = no(deep)
	}
	wide := make([]filter.Tree, filter.MaxConditions+1)
	for i := range wide {
		wide[i] = is("share", ">", "0")
	}
	for name, test := range map[string]struct {
		rule  filter.Tree
		place string
	}{
		"nothing":             {filter.Tree{}, "rule"},
		"an empty group":      {all(filter.Tree{}), "rule.all[0]"},
		"two things":          {filter.Tree{Field: "share", Sign: "=", Value: "1", Any: []filter.Tree{is("share", "=", "1")}}, "rule"},
		"an unknown field":    {all(is("share", ">", "0"), no(is("1=1; DROP TABLE score", "=", "1"))), "rule.all[1].not"},
		"a column of another": {is("customer_id", "=", "1"), "rule"},
		"the customer's id":   {is("customer", "=", "1"), "rule"},
		"a sign":              {is("share", "= 1 OR 1 =", "1"), "rule"},
		"a sign of a field":   {is("name", "> '' OR", "1"), "rule"},
		"no value":            {is("share", ">", ""), "rule"},
		"a word as number":    {is("share", ">", "1); --"), "rule"},
		"no end":              {is("share", ">", "Inf"), "rule"},
		"a word as date":      {is("seen", ">", "yesterday"), "rule"},
		"a word as size":      {is("size", ">", "many"), "rule"},
		"an order of words":   {is("place", ">", "a"), "rule"},
		"a zero byte":         {is("name", "=", "a\x00"), "rule"},
		"a long value":        {is("name", "=", strings.Repeat("x", 300)), "rule"},
		"no unit":             {is("unit", "=", "' OR true"), "rule"},
		"no owner":            {is("owner", "=", "1"), "rule"},
		"a part of an owner":  {is("owner", "contains", string(id.New())), "rule"},
		"values of one":       {filter.Tree{Field: "name", Sign: "=", Value: "a", Values: []string{"b"}}, "rule"},
		"no values":           {filter.Tree{Field: "name", Sign: "in"}, "rule"},
		"too deep":            {deep, "rule" + strings.Repeat(".not", filter.MaxDepth)},
		"too wide":            {all(wide...), "rule.all[100]"},
		"no such segment":     {is("segment", "=", string(id.New())), "rule"},
		"part of a segment":   {is("segment", "contains", string(self.ID)), "rule"},
	} {
		_, err := w.create(t, boss, Segment{Name: name, Kind: Live, Rule: &test.rule}, Gathering{})
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Malformed || len(f.Fields) != 1 || f.Fields[0].Path != test.place {
			t.Errorf("%s: got %v, want a fault at %s", name, err, test.place)
		}
	}
	// A segment cannot become part of its own rule, by any way round.
	other := w.made(t, boss, Segment{Name: "b", Kind: Live, Rule: new(is("segment", "=", string(self.ID)))}, Gathering{})
	ctx, reach := w.as(t, boss)
	in := &changeInput{ID: self.ID}
	in.Body.Rule = new(is("segment", "!=", string(other.ID)))
	if _, err := w.book.update(ctx, reach, 1, in); !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "own rule") {
		t.Errorf("a circle: %v", err)
	}
	for _, text := range []string{"", "{", "[]", `{"all":{}}`, `{"field":"share","sign":">","value":"0"} {}`, `{"sql":"1"}`, strings.Repeat("[", 100_000), strings.Repeat(`{"not":`, 5_000) + "1"} {
		if _, err := w.book.Among(ctx, mustFind(t, w), "", text); text != "" && !fault.Is(err, fault.Malformed) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzRule(f *testing.F) {
	w := newWorld(f, testkit.DB(f))
	w.score(f, "2026-06-30")
	v := mustFind(f, w)
	f.Add(`{"any":[{"field":"share","sign":">=","value":"0.5"},{"not":{"field":"name","sign":"contains","value":"zq'--"}}]}`)
	f.Add(`{"field":"seen","sign":"=","value":"2026-01-01"}`)
	f.Add(`{"field":"place","sign":"in","values":["xy;","zz"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := filter.ParseTree(text)
		if err != nil {
			return
		}
		c, err := w.book.compiler(context.Background(), v)
		if err != nil {
			t.Fatal(err)
		}
		made, err := c.Rule(context.Background(), "", tree)
		if err != nil {
			if !fault.Is(err, fault.Malformed) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		// What remains of the SQL without the words of the program must be nothing: no byte of a value.
		rest := made.Clause.SQL
		for _, leaf := range tree.Leaves() {
			for _, value := range append([]string{leaf.Value}, leaf.Values...) {
				if len(value) > 12 && strings.Contains(rest, value) {
					t.Fatalf("%q stands in %s", value, rest)
				}
			}
		}
		if strings.ContainsAny(strings.NewReplacer("ESCAPE '\\'", "", "nullif(c.kind, '')", "", "nullif(c.city, '')", "", "nullif(c.lifecycle, '')", "", "nullif(c.postal_code, '')", "").Replace(rest), `'";\`) {
			t.Fatalf("a quote of %q stands in %s", text, rest)
		}
	})
}

func mustFind(t testing.TB, w *world) (v scoring.Version) {
	t.Helper()
	v, err := w.scorer.Find(context.Background(), date.Date(""))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
