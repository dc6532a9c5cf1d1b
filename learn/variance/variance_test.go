package variance_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/variance"
)

// company is worked out by hand:
//
//	customer  unit  person  budget Jan, Feb   bought                    the year before
//	A         N1    P       100, 100          80 web X, 40 shop Y       60 web X, 20 shop Y
//	B         N1    Q        50, –            60 web X                  10 web X
//	C         S     R         –, 300          100 shop Y                15 web X, 5 shop Y
//	D         none  none      –, –            30 of no product          –
//	E         N     P        40, –            –                         –
func company(t *testing.T, d *db.DB) *world {
	w := newWorld(t, d)
	w.unit(t, "K", "")
	w.unit(t, "N", "K")
	w.unit(t, "S", "K")
	w.unit(t, "N1", "N")
	for code, unit := range map[string]string{"P": "N1", "Q": "N1", "R": "S"} {
		w.person(t, code, unit)
	}
	w.class(t, "T", "")
	w.class(t, "T1", "T")
	w.class(t, "T2", "T")
	w.product(t, "X", "T1")
	w.product(t, "Y", "T2")
	w.customer(t, "A", "N1", "P", "DK")
	w.customer(t, "B", "N1", "Q", "DK")
	w.customer(t, "C", "S", "R", "DE")
	w.customer(t, "D", "", "", "")
	w.customer(t, "E", "N", "P", "DE")
	w.budget(t, "A", "2026-01", whole(100))
	w.budget(t, "A", "2026-02", whole(100))
	w.budget(t, "B", "2026-01", whole(50))
	w.budget(t, "C", "2026-02", whole(300))
	w.budget(t, "E", "2026-01", whole(40))
	w.buy(t, "A", "2026-01-01", "web", "X", whole(80))
	w.buy(t, "A", "2026-02-28", "shop", "Y", whole(40))
	w.buy(t, "B", "2026-01-31", "web", "X", whole(60))
	w.buy(t, "C", "2026-02-01", "shop", "Y", whole(100))
	w.buy(t, "D", "2026-01-15", "", "", whole(30))
	w.buy(t, "A", "2025-01-10", "web", "X", whole(60))
	w.buy(t, "A", "2025-02-10", "shop", "Y", whole(20))
	w.buy(t, "B", "2025-02-28", "web", "X", whole(10))
	w.buy(t, "C", "2025-01-01", "web", "X", whole(15))
	w.buy(t, "C", "2025-02-01", "shop", "Y", whole(5))
	// Outside the months of this year and of the one before.
	w.buy(t, "A", "2026-03-01", "web", "Y", whole(999))
	w.buy(t, "A", "2025-03-01", "shop", "Y", whole(999))
	w.buy(t, "A", "2024-12-31", "shop", "Y", whole(999))
	w.buy(t, "A", "2025-12-31", "shop", "Y", whole(999))
	return w
}

func TestParts(t *testing.T) {
	w := company(t, testkit.DB(t))
	ctx, reach := director()
	for _, c := range []struct {
		by   variance.Dimension
		way  []string
		want string
		even bool
	}{
		{"", nil, "S 300 100 *, N 290 180 *, - 0 30", false},
		{variance.ByUnit, []string{"unit:N"}, "N1 250 180 *, =N 40 0 *", false},
		{variance.ByUnit, []string{"unit:N", "unit:N1"}, "P 200 120 *, Q 50 60", false}, // nothing below: by person
		{variance.ByPerson, nil, "R 300 100 *, P 240 120 *, - 0 30, Q 50 60", false},
		{variance.ByPerson, []string{"unit:=N"}, "P 40 0 *", false},
		{variance.ByCountry, nil, "DE 340 100 *, DK 250 180 *, - 0 30", false},
		{variance.ByCustomer, nil, "C 300 100 *, A 200 120 *, E 40 0, D 0 30, B 50 60", false},
		{variance.ByClass, nil, "T1 425 140 *, ? 40 0, - 0 30, T2 125 140", false},
		{variance.ByChannel, nil, "web 425 140 *, ? 40 0, - 0 30, shop 125 140", false},
		{variance.ByCustomer, []string{"month:2026-01-01", "country:DE"}, "E 40 0 *", false},
		{variance.ByProduct, []string{"class:T1"}, "X 425 140 *", false},
		{variance.ByUnit, []string{"class:T1"}, "S 225 0 *, N 200 140 *", false},
		{variance.ByMonth, nil, "2026-02-01 400 140 *, 2026-01-01 190 170", false},
		{variance.ByMonth, []string{"channel:web"}, "2026-02-01 300 0 *, 2026-01-01 125 140", false},
		{variance.ByPerson, []string{"month:2026-02-01"}, "R 300 100 *, P 100 40 *", false},
		{variance.ByCustomer, []string{"unit:N", "class:T1"}, "A 150 80 *, B 50 60", false},
		{variance.ByChannel, []string{"customer:A"}, "web 150 80 *, shop 50 40", false},
		{variance.ByCustomer, []string{"unit:-"}, "D 0 30 *", false},
		{variance.ByCustomer, []string{"person:-"}, "D 0 30 *", false},
		{variance.ByProduct, []string{"class:-"}, "- 0 30 *", false},
		{variance.ByCustomer, []string{"channel:-"}, "D 0 30 *", false},
		{variance.ByChannel, []string{"country:DE"}, "web 225 0 *, ? 40 0, shop 75 100", false},
	} {
		r, err := w.questions.Report(ctx, reach, variance.Ask{Way: w.way(c.way...), By: c.by})
		if err != nil {
			t.Fatalf("%v by %s: %v", c.way, c.by, err)
		}
		if got := strings.Join(w.lines(r), ", "); got != c.want || r.Exceptions.Even != c.even || r.From != "2026-01-01" || r.Until[:4] != "2026" {
			t.Errorf("%v by %s from %s until %s:\n%s (everywhere %v), want\n%s", c.way, c.by, r.From, r.Until, got, r.Exceptions.Even, c.want)
		}
	}
	r, err := w.questions.Report(ctx, reach, variance.Ask{By: variance.ByPerson})
	if err != nil {
		t.Fatal(err)
	}
	e := r.Exceptions
	if r.Total.Budget != 59_000 || r.Total.Actual != 31_000 || r.Total.Difference != -28_000 || e.Direction != "missing" || e.Gross != 32_000 || e.Parts != 2 || e.Of != 2 || e.Share != 1 {
		t.Errorf("%+v %+v", r.Total, e)
	}
	if r.Unplanned != (variance.Gap{Customers: 1, Amount: 3_000}) || r.Idle != (variance.Gap{Customers: 1, Amount: 4_000}) || r.Customers != 5 || r.Spread || r.Open || r.BudgetTo != "2026-02-01" {
		t.Errorf("%+v", r)
	}
	if share := r.Parts[0].Share; *share != 0.625 || *r.Parts[0].Customers != 1 || r.Parts[2].Share != nil || r.Parts[2].Percent != nil || r.Parts[0].Name != "Person R" {
		t.Errorf("%+v", r.Parts)
	}
	r, err = w.questions.Report(ctx, reach, variance.Ask{Way: w.way("unit:N", "class:T1", "product:X"), From: "2026-01-20", To: "2026-12-24"})
	if err != nil || !r.Spread || !r.Open || r.Way[1].Name != "Class T1" || r.Way[0].Name != "Unit N" || r.Way[2].Name != "Product X" || r.To != "2026-12-01" {
		t.Errorf("%+v %v", r, err)
	}
}

// Where it takes most of the parts to explain what is missing, none of them is an exception.
func TestEverywhere(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	for _, code := range []string{"A", "B", "C", "D"} {
		w.customer(t, code, "", "", "")
		w.budget(t, code, "2026-01", whole(100))
	}
	w.buy(t, "D", "2026-01-05", "", "", whole(170))
	ctx, reach := director()
	r, err := w.questions.Report(ctx, reach, variance.Ask{By: variance.ByCustomer})
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Exceptions; !e.Even || e.Parts != 3 || e.Of != 3 || e.Gross != 30_000 || r.Parts[0].Exception || *r.Parts[0].Share < 0.333 || w.code(r.Parts[3].Key) != "D" {
		t.Errorf("%+v %v", e, w.lines(r))
	}
}

// Who was handed over later stays where it was; who may see it goes by today's owner, and beyond that there is nothing.
func TestHandedOverAndReach(t *testing.T) {
	w := company(t, testkit.DB(t))
	w.moves(t, "A", "2026-03-15", "S", "R")
	ctx, reach := director()
	r, err := w.questions.Report(ctx, reach, variance.Ask{})
	if got := strings.Join(w.lines(r), ", "); err != nil || got != "S 300 100 *, N 290 180 *, - 0 30" || !r.MayRecord {
		t.Errorf("%s %v", got, err)
	}
	r, err = w.questions.Report(ctx, reach, variance.Ask{From: "2026-01-01", To: "2026-03-01", By: variance.ByUnit})
	if got := strings.Join(w.lines(r), ", "); err != nil || got != "S 500 1219 *, - 0 30, N 90 60" {
		t.Errorf("to March: %s %v", got, err)
	}
	ctx, reach = as(access.Principal{Role: access.Manager, Scope: access.ScopeUnit, Units: []id.ID{w.id("S")}})
	for _, c := range []struct {
		way  []string
		by   variance.Dimension
		want string
		may  bool
	}{
		{nil, variance.ByUnit, "S 300 100 *, N 200 120 *", false},
		{nil, variance.ByClass, "T1 375 80 *, T2 125 140", false},
		{nil, variance.ByMonth, "2026-02-01 400 140 *, 2026-01-01 100 80", false},
		{[]string{"unit:N"}, variance.ByPerson, "P 200 120 *", false},
		{[]string{"unit:S"}, variance.ByPerson, "R 300 100 *", true},
		{[]string{"customer:A"}, variance.ByMonth, "2026-02-01 100 40 *, 2026-01-01 100 80 *", true},
		{[]string{"customer:A"}, variance.ByCustomer, "A 200 120 *", true},
	} {
		r, err := w.questions.Report(ctx, reach, variance.Ask{Way: w.way(c.way...), By: c.by})
		if got := strings.Join(w.lines(r), ", "); err != nil || got != c.want || r.MayRecord != c.may {
			t.Errorf("%v by %s: %s, may record %v, %v", c.way, c.by, got, r.MayRecord, err)
		}
	}
	if _, err := w.questions.Report(ctx, reach, variance.Ask{Way: w.way("customer:B")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a customer of somebody else: %v", err)
	}
	_, nobody := as(access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn})
	if r, err := w.questions.Report(ctx, nobody, variance.Ask{By: variance.ByCustomer}); err != nil || len(r.Parts) != 0 || r.Total.Budget != 0 || r.Customers != 0 {
		t.Errorf("who reaches nothing: %+v %v", r, err)
	}
}

func TestWrongQuestions(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	ctx, reach := director()
	r, err := w.questions.Report(ctx, reach, variance.Ask{})
	if err != nil || r.BudgetTo != "" || len(r.Parts) != 0 || r.Rest != nil || r.Exceptions.Parts != 0 || r.Total.Percent != nil || r.Until != "2026-02-28" {
		t.Errorf("an empty company: %+v %v", r, err)
	}
	for code, ask := range map[string]variance.Ask{
		"variance.invalid_months":   {From: "2026-05-01", To: "2026-04-01"},
		"variance.month_outside":    {From: "2026-05-01", To: "2026-05-01", Way: w.way("month:2026-04-01")},
		"variance.unknown_division": {By: "colour"},
	} {
		if _, err := w.questions.Report(ctx, reach, ask); fault.Of(err) == nil || fault.Of(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := w.questions.Report(ctx, reach, variance.Ask{From: "2020-01-01", To: "2026-01-01"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many months: %v", err)
	}
	for _, step := range []string{"unit", "unit:", "unit:x", "colour:red", "month:2026-01-02", "month:x", "customer:-", "person:=" + string(id.New()), "channel:" + strings.Repeat("x", 400)} {
		if _, err := variance.ParseWay([]string{step}); !fault.Is(err, fault.Malformed) {
			t.Errorf("%.40s: %v", step, err)
		}
	}
}

// However one drills, the parts and the rest add up to the whole, and what was one part is the same money when it is gone into.
func TestSumsHoldOnEveryWay(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	random := rand.New(rand.NewPCG(6, 2026))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	w.unit(t, "K", "")
	w.unit(t, "L", "")
	for i, u := range []string{"N", "S", "N1", "N2"} {
		w.unit(t, u, []string{"K", "K", "N", "N"}[i])
	}
	for _, p := range []string{"P", "Q"} {
		w.person(t, p, "N1")
	}
	w.class(t, "T", "")
	w.class(t, "U", "")
	w.class(t, "T1", "T")
	for i, p := range []string{"X", "Y", "Z", "O"} {
		w.product(t, p, []string{"T", "T1", "U", ""}[i])
	}
	for i := range 60 {
		code := "c" + string(rune('0'+i/10)) + string(rune('0'+i%10))
		w.customer(t, code, pick("K", "L", "N", "S", "N1", "N2", ""), pick("P", "Q", ""), pick("DK", "DE", ""))
		for range random.IntN(4) {
			w.buy(t, code, pick("2026-01-03", "2026-02-05", "2025-01-09", "2025-02-11"), pick("web", "shop", ""), pick("X", "Y", "Z", "O", ""), random.Int64N(90_001)-9_000)
		}
		if random.IntN(3) > 0 {
			w.budget(t, code, pick("2026-01", "2026-02"), random.Int64N(80_001))
		}
	}
	ctx, reach := director()
	asked := 0
	var descend func(way []variance.Step, want *variance.Figures, depth int)
	descend = func(way []variance.Step, want *variance.Figures, depth int) {
		var first *variance.Report
		r, err := w.questions.Report(ctx, reach, variance.Ask{From: "2026-01-01", To: "2026-02-01", Way: way})
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range r.Choices {
			asked++
			r, err := w.questions.Report(ctx, reach, variance.Ask{From: "2026-01-01", To: "2026-02-01", Way: way, By: by})
			if err != nil {
				t.Fatalf("%v by %s: %v", way, by, err)
			}
			var sum variance.Figures
			for _, p := range r.Parts {
				sum.Budget, sum.Actual, sum.Difference = sum.Budget+p.Budget, sum.Actual+p.Actual, sum.Difference+p.Difference
			}
			if r.Rest != nil || sum.Budget != r.Total.Budget || sum.Actual != r.Total.Actual || sum.Difference != r.Total.Difference {
				t.Errorf("%v by %s: the parts are %+v, the whole %+v", way, by, sum, r.Total)
			}
			if first == nil {
				first = &r
			}
			// A part was rounded so that its sisters add up: it may be off by one.
			for _, other := range []*variance.Figures{want, &first.Total} {
				if other != nil && (apart(other.Budget, r.Total.Budget) > 1 || apart(other.Actual, r.Total.Actual) > 1) {
					t.Errorf("%v by %s: %+v, was %+v", way, by, r.Total, *other)
				}
			}
			if depth == 0 {
				continue
			}
			for i, p := range r.Parts {
				if p.Key == variance.Untold || i > 1 {
					continue
				}
				descend(append(slices.Clone(way), variance.Step{By: r.By, Key: p.Key}), &p.Figures, depth-1)
			}
		}
	}
	descend(w.way("unit:K", "class:T"), nil, 1)
	if asked < 60 {
		t.Errorf("only %d questions were asked", asked)
	}
}

func apart(a, b int64) int64 { return max(a-b, b-a) }

// What people found is kept with the figures of that day, told to who reaches the cut, changed by version, and logged.
func TestCauses(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		w := company(t, d)
		ctx, reach := director()
		form := func(kind variance.Kind, comment string, way ...string) variance.Form {
			f := variance.Form{Words: variance.Words{Kind: kind, Comment: comment}, From: "2026-01-31", To: "2026-02-01", At: []string{}}
			for _, s := range w.way(way...) {
				f.At = append(f.At, s.String())
			}
			return f
		}
		add := func(ctx context.Context, reach access.Reach, f variance.Form) variance.Cause {
			t.Helper()
			c, err := w.causes.Add(ctx, reach, f)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		company := add(ctx, reach, form(variance.Event, "Strike in January"))
		south := add(ctx, reach, form(variance.SellingChannel, "  The shop sells less  ", "unit:S", "channel:web"))
		if south.Budget != 22_500 || south.Actual != 0 || south.Comment != "The shop sells less" || south.CreatedByName != "Dora" || south.FromMonth != "2026-01-01" || south.UnitID != w.id("S") {
			t.Errorf("%+v", south)
		}
		add(ctx, reach, form(variance.TargetWrong, "Set twice", "unit:N", "customer:A"))

		manager, below := as(access.Principal{Name: "Mona", Role: access.Manager, Scope: access.ScopeUnit, Units: []id.ID{w.id("S")}})
		seen := func(ctx context.Context, reach access.Reach, f variance.CauseFilter) string {
			t.Helper()
			all, err := w.causes.List(ctx, reach, f, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			var words []string
			for _, c := range all {
				words = append(words, c.Comment)
			}
			return strings.Join(words, ", ")
		}
		for _, c := range []struct {
			who    string
			filter variance.CauseFilter
			want   string
		}{
			{"director", variance.CauseFilter{}, "Set twice, The shop sells less, Strike in January"},
			{"director", variance.CauseFilter{Kind: variance.Event}, "Strike in January"},
			{"director", variance.CauseFilter{From: "2026-02-11", To: "2026-12-31"}, "Set twice, The shop sells less, Strike in January"},
			{"director", variance.CauseFilter{From: "2026-03-01"}, ""},
			{"director", variance.CauseFilter{To: "2025-12-31"}, ""},
			{"director", variance.CauseFilter{CustomerID: w.id("A")}, "Set twice"},
			{"manager", variance.CauseFilter{}, "The shop sells less"},
			{"manager", variance.CauseFilter{CustomerID: w.id("A")}, ""},
		} {
			of, to := ctx, reach
			if c.who == "manager" {
				of, to = manager, below
			}
			if got := seen(of, to, c.filter); got != c.want {
				t.Errorf("%s %+v sees %q, want %q", c.who, c.filter, got, c.want)
			}
		}
		got, err := w.causes.Get(manager, below, south.ID)
		if err != nil || len(got.Way) != 2 || got.Way[0].Name != "Unit S" || got.Way[1].Key != "web" || got.Version != 1 || !got.CreatedAt.Equal(now()) {
			t.Errorf("%+v %v", got, err)
		}
		for _, err := range []error{
			second(w.causes.Get(manager, below, company.ID)),
			second(w.causes.Put(manager, below, company.ID, 1, variance.Words{Kind: variance.Other, Comment: "mine"})),
			w.causes.Delete(manager, below, company.ID, 1),
			second(w.causes.Add(manager, below, form(variance.Other, "theirs", "customer:B"))),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("beyond reach: %v", err)
			}
		}
		for _, way := range [][]string{nil, {"unit:N"}, {"channel:web"}} {
			if _, err := w.causes.Add(manager, below, form(variance.Other, "all", way...)); fault.Of(err) == nil || fault.Of(err).Code != "variance.beyond_reach" {
				t.Errorf("%v: %v", way, err)
			}
		}
		for _, words := range []variance.Words{{Kind: variance.Event, Comment: " "}, {Kind: "mood", Comment: "x"}, {Kind: variance.Event, Comment: strings.Repeat("x", 2001)}} {
			if _, err := w.causes.Put(ctx, reach, south.ID, 1, words); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.40v: %v", words, err)
			}
		}
		changed, err := w.causes.Put(manager, below, south.ID, 1, variance.Words{Kind: variance.ProductTrend, Comment: "Nobody wants X"})
		if err != nil || changed.Version != 2 || changed.Kind != variance.ProductTrend || changed.Budget != 22_500 {
			t.Errorf("%+v %v", changed, err)
		}
		if _, err := w.causes.Put(ctx, reach, south.ID, 1, variance.Words{Kind: variance.Event, Comment: "late"}); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale change: %v", err)
		}
		if err := w.causes.Delete(ctx, reach, south.ID, 1); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale deletion: %v", err)
		}
		if err := w.causes.Delete(ctx, reach, south.ID, 2); err != nil {
			t.Fatal(err)
		}
		if got := seen(ctx, reach, variance.CauseFilter{From: "2026-01-01", To: date.Date("2026-01-31")}); got != "Set twice, Strike in January" {
			t.Errorf("left: %s", got)
		}
		log, err := audit.List(ctx, d.Read(), audit.Query{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range log {
			if e.RecordID == south.ID {
				actions = append(actions, string(e.Action))
			}
		}
		slices.Sort(actions)
		if strings.Join(actions, " ") != "create delete update" {
			t.Errorf("logged %v", actions)
		}
	})
}

func second[T any](_ T, err error) error { return err }
