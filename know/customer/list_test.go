package customer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/fold"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// harbour is a shop with customers that differ in everything that lists show.
func harbour(t *testing.T, d *db.DB) *shop {
	s := newShop(t, d)
	for _, c := range []struct{ code, name, industry, city, country, lifecycle, unit, owner string }{
		{"K-05", "adidas Marine", "Clothing", "Hamburg", "DE", "customer", "DE", "uwe"},
		{"K-01", "Ørsted Energi A/S", "Energy", "Skærbæk", "DK", "customer", "DK", "anna"},
		{"K-02", "Zeta Shipping", "Shipping", "Aarhus", "DK", "lead", "CPH", "bo"},
		{"K-03", "Østersøens Skibshandel", "Shipping", "Gdańsk", "PL", "former", "CPH", "bo"},
		{"K-04", "高雄船具有限公司", "Shipping", "高雄", "TW", "customer", "", ""},
		{"100%_\\", "Wild * \"Card\" (ApS) -", "", "", "", "prospect", "DK", "anna"},
		{"K-06", "Zeta Shipping", "Energy", "Aarhus", "DE", "customer", "DE", "uwe"},
	} {
		s.add(c.code, c.name, c.unit, c.owner, func(x *Customer) {
			x.Industry, x.City, x.Country, x.Lifecycle = c.industry, c.city, c.country, c.lifecycle
		})
	}
	return s
}

func TestListOrders(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := harbour(t, d)
		for sort, want := range map[string]string{
			"name":     "K-05 K-01 K-03 100%_\\ K-02 K-06 K-04",
			"code":     "100%_\\ K-01 K-02 K-03 K-04 K-05 K-06",
			"city":     "100%_\\ K-02 K-06 K-03 K-05 K-01 K-04",
			"country":  "100%_\\ K-05 K-06 K-01 K-02 K-03 K-04",
			"industry": "100%_\\ K-05 K-01 K-06 K-03 K-02 K-04",
		} {
			for _, desc := range []bool{false, true} {
				q := Query{Sort: filter.Sort{Name: sort, Desc: desc}}
				expect := strings.Fields(want)
				if desc {
					slices.Reverse(expect)
				}
				if got := s.codes(access.Everything(), q); got != strings.Join(expect, " ") {
					t.Errorf("by %s (turned round: %v): %s, want %s", sort, desc, got, expect)
				}
				// The same, page by page: each row once, in the same order.
				for size := 1; size <= 3; size++ {
					if got := s.pages(q, size); got != strings.Join(expect, " ") {
						t.Errorf("by %s (turned round: %v) in pages of %d: %s, want %s", sort, desc, size, got, expect)
					}
				}
			}
		}
		if got := s.codes(access.Everything(), Query{}); !strings.HasPrefix(got, "K-05 K-01") {
			t.Errorf("without a sort: %s", got)
		}
	})
}

// pages walks a list as the interface does, through cursors.
func (s *shop) pages(q Query, size int) string {
	s.t.Helper()
	var found []string
	for range 20 {
		q.Limit = size
		rows, err := s.List(s.t.Context(), access.Everything(), q)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range rows {
			found = append(found, c.Code)
		}
		if len(rows) < size {
			return strings.Join(found, " ")
		}
		place := q.place(rows[size-1])
		if q.After, err = filter.ParseCursor(filter.Cursor(place...), len(place)); err != nil {
			s.t.Fatal(err)
		}
	}
	return "no end"
}

func TestListNarrows(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := harbour(t, d)
		for _, c := range []struct {
			name string
			q    Query
			want string
		}{
			{"industry", Query{Industry: "Shipping"}, "K-03 K-02 K-04"},
			{"industry and country", Query{Industry: "Shipping", Country: "PL"}, "K-03"},
			{"stage", Query{Lifecycle: "customer"}, "K-05 K-01 K-06 K-04"},
			{"owner", Query{Owner: s.ids["bo"]}, "K-03 K-02"},
			{"unit with those below", Query{Unit: s.ids["DK"]}, "K-01 K-03 100%_\\ K-02"},
			{"all units", Query{Unit: s.ids["TOP"]}, "K-05 K-01 K-03 100%_\\ K-02 K-06"},
			{"unknown unit", Query{Unit: id.New()}, ""},
			{"unknown owner", Query{Owner: id.New()}, ""},
			{"everything at once", Query{Unit: s.ids["DK"], Owner: s.ids["bo"], Industry: "Shipping", Country: "DK", Lifecycle: "lead", Text: "zeta"}, "K-02"},
			{"nothing at all", Query{Industry: "Shipping", Country: "SE"}, ""},
			{"a value with quotes", Query{Industry: "' OR '1'='1"}, ""},
			{"limit", Query{Limit: 2}, "K-05 K-01"},
		} {
			if got := s.codes(access.Everything(), c.q); got != c.want {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
		if got := s.codes(s.own("bo"), Query{Unit: s.ids["DE"]}); got != "" {
			t.Errorf("a filter went beyond the reach: %s", got)
		}
	})
}

func TestSearch(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := harbour(t, d)
		for text, want := range map[string]string{
			"zeta": "K-02 K-06", "ETA": "K-02 K-06", "ship": "K-02 K-06", "zeta shipping": "K-02 K-06", "Zeta  Shipping": "K-02 K-06", "zeta-ship": "K-02 K-06",
			"ørsted": "K-01", "ØRSTED": "K-01", "orsted": "K-01", "rsted": "K-01", "skibshandel": "K-03", "søens": "K-03", "soens": "K-03",
			"gdansk": "K-03", "GDAŃSK": "K-03", "skaerbaek": "K-01", // the city
			"K-0": "K-05 K-01 K-03 K-02 K-06 K-04", "K-02": "K-02", "k 02": "K-02", // the code
			// one and two letters: words that begin so
			"z": "K-02 K-06", "ø": "K-01 K-03", "o": "K-01 K-03", "øs": "K-03", "a": "K-05 K-01 100%_\\ K-02 K-06", "ad": "K-05", "k": "K-05 K-01 K-03 K-02 K-06 K-04", "06": "K-06", "ip": "",
			// Chinese: any part, from one letter on
			"高": "K-04", "船": "K-04", "船具": "K-04", "有限公司": "K-04", "高雄船具": "K-04", "具船": "",
			// what search engines take for their own
			`"`: "", "*": "", "-": "", "(": "", "%": "", "_": "", `\`: "", "AND": "K-03", "zeta OR adidas": "", "zeta*": "K-02 K-06", `"zeta`: "K-02 K-06", "-zeta": "K-02 K-06",
			"(aps)": "100%_\\", `wild * "card`: "100%_\\", "100%": "100%_\\", "name:zeta": "", "NEAR(zeta)": "", "zeta ^": "K-02 K-06", "zeta' OR '1'='1": "",
			"a/s": "K-01", "\x00zeta\x00": "K-02 K-06", "\xff\xfe": "", "": "K-05 K-01 K-03 100%_\\ K-02 K-06 K-04", "  ": "K-05 K-01 K-03 100%_\\ K-02 K-06 K-04",
			strings.Repeat("zeta ", 40): "",
		} {
			if got := s.codes(access.Everything(), Query{Text: text}); got != want {
				t.Errorf("search %q: %s, want %s", text, got, want)
			}
		}
		if got := s.codes(s.own("uwe"), Query{Text: "zeta"}); got != "K-06" {
			t.Errorf("a search went beyond the reach: %s", got)
		}
	})
}

// TestDrivers: whatever SQLite begins with, the list is the same as of the plain questions.
func TestDrivers(t *testing.T) {
	d := testkit.DB(t)
	s := newShop(t, d)
	const n = 3 * few
	s.exec(fmt.Sprintf(`INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, owner_id, unit_id, lifecycle,
		version, created_at, updated_at, sort_name, search_text)
		WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i < %d)
		SELECT printf('00000000-0000-7000-8000-%%012d', i), printf('C%%05d', i), 'N', 'organisation', printf('I%%d', i %% 2), '', '', printf('T%%d', i %% 7), printf('L%%d', i %% 1000), '', '', '',
			CASE i %% 3 WHEN 0 THEN '%s' WHEN 1 THEN '%s' END, CASE i %% 5 WHEN 0 THEN '%s' ELSE '%s' END, 'customer', 1, '2026-01-01', '2026-01-01',
			printf('n %%d', i * 7919 %% 1000), printf('  n  %%d  c%%05d', i * 7919 %% 1000, i) FROM r`,
		n-1, s.ids["anna"], s.ids["bo"], s.ids["CPH"], s.ids["DK"]))
	queries := map[string]Query{
		"all": {}, "dense industry": {Industry: "I1"}, "rare country": {Country: "L7"}, "both": {Industry: "I1", Country: "L7"}, "neither": {Industry: "I0", Country: "L7"},
		"dense search": {Text: "n"}, "rare search": {Text: "c000"}, "no such text": {Text: "xyz"}, "dense owner": {Owner: s.ids["bo"]}, "dense unit": {Unit: s.ids["DK"]},
		"all of it": {Owner: s.ids["bo"], Unit: s.ids["DK"], Industry: "I1", Text: "n"},
	}
	reaches := map[string]access.Reach{"all": access.Everything(), "dense reach": s.unit("bo", "DK"), "rare reach": s.unit("", "CPH"), "own": s.own("anna"), "none": s.own("uwe")}
	for what, q := range queries {
		for who, r := range reaches {
			for _, sort := range []string{"name", "city", "-country", "code"} {
				q.Sort, q.Limit = filter.ParseSort(sort)[0], 25
				got, err := s.List(t.Context(), r, q)
				if err != nil {
					t.Fatalf("%s, %s by %s: %v", what, who, sort, err)
				}
				if want := s.plainly(r, q); !slices.Equal(ids(got), want) {
					t.Errorf("%s, %s by %s: %d rows %v, want %d %v", what, who, sort, len(got), ids(got), len(want), want)
				}
			}
		}
	}
}

func ids(rows []*Customer) []string {
	var all []string
	for _, c := range rows {
		all = append(all, string(c.ID))
	}
	return all
}

// plainly answers a query without any index.
func (s *shop) plainly(r access.Reach, query Query) []string {
	s.t.Helper()
	order, err := query.order()
	if err != nil {
		s.t.Fatal(err)
	}
	conditions, err := s.conditions(s.t.Context(), r, query)
	if err != nil {
		s.t.Fatal(err)
	}
	q := s.db.Read().NewSelect().TableExpr("customer AS c NOT INDEXED").ColumnExpr("c.id").Limit(int64(query.Limit))
	for _, c := range conditions {
		if err := where(q, c.expr, "+c"); err != nil {
			s.t.Fatal(err)
		}
	}
	if query.Text != "" {
		q.Where("instr(c.search_text, ?) > 0", fold.Needle(query.Text))
	}
	for _, column := range order {
		if query.Sort.Desc {
			column += " DESC"
		}
		q.OrderExpr(column)
	}
	var found []string
	if err := q.Scan(s.t.Context(), &found); err != nil {
		s.t.Fatal(err)
	}
	return found
}

func TestHostileSortAndPlace(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := harbour(t, d)
		good := string(id.New())
		for name, q := range map[string]Query{
			"SQL":              {Sort: filter.Sort{Name: "name; DROP TABLE customer"}},
			"a hidden column":  {Sort: filter.Sort{Name: "sort_name"}},
			"an id":            {Sort: filter.Sort{Name: "owner"}},
			"few values":       {After: []any{"x"}},
			"many values":      {After: []any{"x", "y", good}},
			"a number":         {After: []any{int64(1), good}},
			"nothing":          {After: []any{nil, good}},
			"no id":            {After: []any{"x", "y"}},
			"a zero byte":      {After: []any{"x\x00", good}},
			"no letters":       {After: []any{"\xff", good}},
			"an id with SQL":   {After: []any{"x", good + "' OR 1=1 --"}},
			"of another order": {After: []any{"x", good}, Sort: filter.Sort{Name: "city"}},
		} {
			q.Limit = 10
			if rows, err := s.List(t.Context(), access.Everything(), q); !fault.Is(err, fault.Malformed) {
				t.Errorf("%s: got %d rows, %v", name, len(rows), err)
			}
		}
		if got := s.codes(access.Everything(), Query{After: []any{"' OR '1'='1", good}}); strings.Count(got, " ") != 6 {
			t.Errorf("a quote as a place: %s", got)
		}
	})
}

func TestFacets(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		empty := func(who string, r access.Reach) {
			if industries, countries, err := s.Facets(t.Context(), r); err != nil || len(industries)+len(countries) > 0 {
				t.Errorf("%s: %v %v, %v", who, industries, countries, err)
			}
		}
		empty("of nothing", access.Everything())
		s = harbour(t, testkitLike(t, d))
		for _, c := range []struct {
			who                   string
			reach                 access.Reach
			industries, countries string
		}{
			{"all", access.Everything(), "Clothing Energy Shipping", "DE DK PL TW"},
			{"Germany and Bo's", s.unit("bo", "DE"), "Clothing Energy Shipping", "DE DK PL"},
			{"a manager who is no person", s.unit("", "CPH"), "Shipping", "DK PL"},
			{"Anna", s.own("anna"), "Energy", "DK"},
		} {
			industries, countries, err := s.Facets(t.Context(), c.reach)
			if err != nil || strings.Join(industries, " ") != c.industries || strings.Join(countries, " ") != c.countries {
				t.Errorf("%s: %v %v, %v", c.who, industries, countries, err)
			}
		}
		empty("of nobody", access.Reach{})
	})
}

// testkitLike returns another fresh store of the same engine.
func testkitLike(t *testing.T, d *db.DB) *db.DB {
	if d.Dialect() == db.Postgres {
		return testkit.Postgres(t)
	}
	return testkit.DB(t)
}

// What thousands have is found along the order or by the search index, as the texts happen to stand; either way the pages
// are the list, whole and in order.
func TestSearchesThatThousandsAnswer(t *testing.T) {
	t.Parallel()
	c := gather(t, 60_000)
	for text, sorts := range map[string][]filter.Sort{
		"shipping": {{}, {Name: "name", Desc: true}, {Name: "code"}, {Name: "city"}}, // all over the names
		"star":     {{}, {Name: "name", Desc: true}},                                 // at the beginning of names far down
	} {
		var want []*Customer
		if err := c.store.db.Read().NewSelect().Model(&want).Where("instr(search_text, ?) > 0", text).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(want) <= few {
			t.Fatalf("%d have %q, which is not many", len(want), text)
		}
		for _, sort := range sorts {
			var found []*Customer
			q := Query{Text: text, Sort: sort, Limit: 1_500}
			for len(found)%q.Limit == 0 {
				rows, err := c.store.List(t.Context(), access.Everything(), q)
				if err != nil {
					t.Fatal(err)
				}
				if found = append(found, rows...); len(rows) < q.Limit {
					break
				}
				q.After = nil
				for _, v := range q.place(rows[len(rows)-1]) {
					q.After = append(q.After, fmt.Sprint(v))
				}
			}
			slices.SortFunc(want, func(a, b *Customer) int {
				for i, v := range q.place(a) {
					if n := strings.Compare(fmt.Sprint(v), fmt.Sprint(q.place(b)[i])); n != 0 && sort.Desc {
						return -n
					} else if n != 0 {
						return n
					}
				}
				return 0
			})
			if !slices.EqualFunc(found, want, func(a, b *Customer) bool { return a.ID == b.ID }) {
				t.Errorf("%q by %+v: %d found, %d want, or in another order", text, sort, len(found), len(want))
			}
		}
	}
}
