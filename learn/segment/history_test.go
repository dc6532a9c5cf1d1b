package segment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// scene has five customers, two of nora and three of sven, whose shares are known as of three dates:
//
//	      March  April  May
//	A n   0.6    0.6    0.2     leaves in May
//	B n   0.1    0.7    0.7     enters in April
//	C s   0.9    -      0.9     leaves in April, as unknown, and comes back
//	D s   0.2    0.2    0.2     never
//	E s   (new)         0.8     enters in May; nothing is known of it before
func scene(t *testing.T) *world {
	w := newWorld(t, testkit.DB(t))
	w.person(t, "nora")
	w.person(t, "sven")
	for code, owner := range map[string]string{"A": "nora", "B": "nora", "C": "sven", "D": "sven", "E": "sven"} {
		w.customers(t, someone{code: code, name: "Customer " + code, owner: owner})
	}
	for code, shares := range map[string][3]any{"A": {.6, .6, .2}, "B": {.1, .7, .7}, "C": {.9, nil, .9}, "D": {.2, .2, .2}, "E": {nil, nil, .8}} {
		for i, day := range []string{"2026-03-31", "2026-04-30", "2026-05-31"} {
			w.fact(t, day, code, 100*(i+1), shares[i], nil, nil)
		}
	}
	return w
}

func (w *world) history(t *testing.T, who string, g *Segment) string {
	t.Helper()
	ctx, reach := w.as(t, who)
	h, err := w.book.History(ctx, reach, g.ID)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if h.Pending {
		b.WriteString("pending")
	}
	for _, p := range h.Points {
		fmt.Fprintf(&b, "%s %d +%d -%d\n", p.AsOf[5:7], p.Customers, p.Entered, p.Left)
	}
	return b.String()
}

func (w *world) moves(t *testing.T, who string, g *Segment, asOf string, entered bool) string {
	t.Helper()
	ctx, reach := w.as(t, who)
	moves, next, err := w.book.Moves(ctx, reach, g.ID, MoveQuery{AsOf: date.Date(asOf), Entered: entered, Limit: 100})
	if err != nil || next != nil {
		t.Fatal(next, err)
	}
	var lines []string
	for _, m := range moves {
		line := m.Code + ":"
		for _, r := range m.Reasons {
			line += fmt.Sprintf(" %s %v→%v", r.Field, r.Before, r.After)
		}
		if m.By != "" {
			line += " " + m.By + " " + string(m.Way)
		}
		lines = append(lines, line)
	}
	return strings.Join(sorted(lines), "; ")
}

func sorted(lines []string) []string {
	for i := range lines {
		for j := range i {
			if lines[i] < lines[j] {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
	}
	return lines
}

func TestWhoEnteredAndLeftAndWhy(t *testing.T) {
	t.Parallel()
	w := scene(t)
	rule := all(is("share", ">=", "0.5"), is("amount", ">=", "0"))
	g := w.made(t, boss, Segment{Name: "half", Kind: Live, Shared: true, Rule: &rule}, Gathering{})
	for _, asOf := range []date.Date{"2026-03-31", "2026-04-30", "2026-05-31"} {
		w.score(t, asOf)
		w.rebuild(t)
	}
	want := "03 2 +0 -0\n04 2 +1 -1\n05 3 +2 -1\n"
	if got := w.history(t, boss, g); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, test := range []struct {
		who, asOf string
		entered   bool
		want      string
	}{
		{boss, "2026-04-30", true, "B: share 0.1→0.7"},
		{boss, "2026-04-30", false, "C: share 0.9→<nil>"},
		{boss, "2026-05-31", true, "C: share <nil>→0.9; E: share <nil>→0.8"},
		{boss, "2026-05-31", false, "A: share 0.6→0.2"},
		{nora, "2026-05-31", true, ""},
		{nora, "2026-05-31", false, "A: share 0.6→0.2"},
		{sven, "2026-05-31", true, "C: share <nil>→0.9; E: share <nil>→0.8"},
	} {
		if got := w.moves(t, test.who, g, test.asOf, test.entered); got != test.want {
			t.Errorf("%s %s entered %v: got %q, want %q", test.who, test.asOf, test.entered, got, test.want)
		}
	}
	// Each salesperson sees the sizes of their own: together they are the whole.
	if got := w.history(t, nora, g); got != "03 1 +0 -0\n04 2 +1 -0\n05 1 +0 -1\n" {
		t.Errorf("nora sees\n%s", got)
	}
	if got := w.history(t, sven, g); got != "03 1 +0 -0\n04 0 +0 -1\n05 2 +2 -0\n" {
		t.Errorf("sven sees\n%s", got)
	}
	// Only changes are kept: two of April, three of May, none of who stays.
	if got := w.count(t, "SELECT count(*) FROM segment_change"); got != 5 {
		t.Errorf("%d changes are kept, want 5", got)
	}
	ctx, reach := w.as(t, nora)
	list, err := w.book.List(ctx, reach)
	if err != nil || len(list) != 1 || *list[0].Customers != 1 || list[0].Entered != 0 || list[0].Left != 1 || *list[0].Since != "2026-04-30" || *list[0].AsOf != "2026-05-31" {
		t.Errorf("nora's list: %+v, %v", list, err)
	}
	of, err := w.book.Of(ctx, reach, w.id("B"))
	if err != nil || len(of) != 1 || of[0].ID != g.ID {
		t.Errorf("segments of B: %v, %v", of, err)
	}
	if of, err := w.book.Of(ctx, reach, w.id("A")); err != nil || len(of) != 0 {
		t.Errorf("segments of A: %v, %v", of, err)
	}
	if _, err := w.book.Of(ctx, reach, w.id("C")); !fault.Is(err, fault.NotFound) {
		t.Errorf("segments of another's customer: %v", err)
	}
}

func (w *world) count(t *testing.T, question string) int64 {
	t.Helper()
	rows, err := w.warehouse.Query(t.Context(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := each(rows, func() error { return rows.Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// The past follows the versions in whatever order they were scored, and the present rule.
func TestThePastIsThatOfThePresentRule(t *testing.T) {
	t.Parallel()
	w := scene(t)
	rule := is("share", ">=", "0.5")
	g := w.made(t, boss, Segment{Name: "half", Kind: Live, Rule: &rule}, Gathering{})
	w.score(t, "2026-05-31")
	if got := w.history(t, boss, g); got != "pending" {
		t.Errorf("before it is worked out: %q", got)
	}
	w.rebuild(t)
	w.score(t, "2026-03-31")
	w.rebuild(t)
	if got := w.history(t, boss, g); got != "03 2 +0 -0\n05 3 +2 -1\n" {
		t.Errorf("of two dates:\n%s", got)
	}
	if got := w.moves(t, boss, g, "2026-05-31", true); got != "B: share 0.1→0.7; E: share <nil>→0.8" {
		t.Errorf("of two dates: %s", got)
	}
	w.score(t, "2026-04-30") // between them
	w.rebuild(t)
	want := "03 2 +0 -0\n04 2 +1 -1\n05 3 +2 -1\n"
	if got := w.history(t, boss, g); got != want {
		t.Errorf("with the date between:\n%s", got)
	}
	// A second rebuild changes nothing, and neither does one after the same date was scored again.
	before := w.count(t, "SELECT cast(sum(hash(segment_id, customer_id, as_of, entered) % 1000000) AS BIGINT) FROM segment_change")
	w.rebuild(t)
	w.score(t, "2026-04-30")
	w.rebuild(t)
	if after := w.count(t, "SELECT cast(sum(hash(segment_id, customer_id, as_of, entered) % 1000000) AS BIGINT) FROM segment_change"); after != before {
		t.Error("the changes are others after a rebuild of the same facts")
	}
	if err := w.scorer.Remove(t.Context(), "2026-04-30"); err != nil {
		t.Fatal(err)
	}
	w.rebuild(t)
	if got := w.history(t, boss, g); got != "03 2 +0 -0\n05 3 +2 -1\n" {
		t.Errorf("without the date between:\n%s", got)
	}

	// Another rule, which means A and D in May and B and D in March.
	ctx, reach := w.as(t, boss)
	in := &changeInput{ID: g.ID}
	in.Body.Rule = new(no(is("share", ">=", "0.5")))
	if _, err := w.book.update(ctx, reach, g.Version, in); err != nil {
		t.Fatal(err)
	}
	if got := w.history(t, boss, g); got != "pending" {
		t.Errorf("a new rule before it is worked out: %q", got)
	}
	w.rebuild(t)
	if got := w.history(t, boss, g); got != "03 2 +0 -0\n05 2 +1 -1\n" {
		t.Errorf("by the new rule:\n%s", got)
	}
	if err := w.book.store.remove(ctx, w.principal(boss), reach, g.ID, 2); err != nil {
		t.Fatal(err)
	}
	w.made(t, boss, Segment{Name: "another", Kind: Live, Rule: &rule}, Gathering{})
	w.rebuild(t)
	if n := w.count(t, "SELECT count(*) FROM segment_change WHERE segment_id = '"+string(g.ID)+"'"); n != 0 {
		t.Errorf("%d changes of a deleted segment are left", n)
	}
}

// More segments than one number has bits, each with rules that differ, are worked out as if alone.
func TestManySegmentsAtOnce(t *testing.T) {
	t.Parallel()
	w := scene(t)
	for i := range 2*bits + 7 {
		rule := is("share", ">=", fmt.Sprintf("0.%02d", i%100))
		w.made(t, boss, Segment{Name: fmt.Sprint("segment ", i), Kind: Live, Rule: &rule}, Gathering{})
	}
	w.score(t, "2026-03-31")
	w.score(t, "2026-05-31")
	w.rebuild(t)
	ctx, reach := w.as(t, boss)
	shown, err := w.book.List(ctx, reach)
	if err != nil || len(shown) != 2*bits+7 {
		t.Fatal(len(shown), err)
	}
	shares := [][2]float64{{.6, .2}, {.1, .7}, {.9, .9}, {.2, .2}, {-1, .8}}
	for _, s := range shown {
		var least float64
		if _, err := fmt.Sscan(s.Rule.Value, &least); err != nil {
			t.Fatal(err)
		}
		var size, entered, left int64
		for _, at := range shares {
			was, is := at[0] >= least, at[1] >= least
			if is {
				size++
			}
			if is && !was {
				entered++
			}
			if was && !is {
				left++
			}
		}
		g := s.Segment
		if got, want := w.history(t, boss, &g), fmt.Sprintf("05 %d +%d -%d\n", size, entered, left); *s.Customers != size || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %d, history\n%swant %s", s.Rule.Value, *s.Customers, got, want)
		}
	}
}

func TestFrozenSegmentsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	w := scene(t)
	w.score(t, "2026-03-31")
	g := w.made(t, boss, Segment{Name: "half of March", Kind: Frozen, Shared: true}, Gathering{From: &Listed{Rule: new(is("share", ">=", "0.5"))}, Codes: []string{"D", "gone", "D", " "}})
	member := is("segment", "=", string(g.ID))
	if got := w.meeting(t, boss, "", member); got != "A C D" {
		t.Errorf("frozen in March: %s", got)
	}
	w.score(t, "2026-05-31")
	w.rebuild(t)
	if got := w.meeting(t, boss, "", member); got != "A C D" {
		t.Errorf("after another scoring: %s", got)
	}
	if got := w.meeting(t, nora, "", member); got != "A" {
		t.Errorf("nora's of it: %s", got)
	}
	w.clock = w.clock.Add(48 * time.Hour)
	ctx, reach := w.as(t, boss)
	in := &membersInput{ID: g.ID}
	in.Body.Add, in.Body.Codes, in.Body.Remove = []id.ID{w.id("B")}, []string{"E"}, []id.ID{w.id("A")}
	after, done, err := w.book.move(ctx, reach, g.Version, in)
	if err != nil || done.Added != 2 || done.Removed != 1 || after.Version != 2 {
		t.Fatalf("%+v %+v %v", after, done, err)
	}
	if err := w.catchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.meeting(t, boss, "", member); got != "B C D E" {
		t.Errorf("after moving by hand: %s", got)
	}
	if got := w.history(t, boss, g); got != "11 3 +3 -0\n11 4 +2 -1\n" {
		t.Errorf("history:\n%s", got)
	}
	if got := w.moves(t, boss, g, "2026-11-22", true); got != "A: boss list; C: boss list; D: boss list" {
		t.Errorf("who came in: %s", got)
	}
	if got := w.moves(t, boss, g, "2026-11-24", false); got != "A: boss " {
		t.Errorf("who went out: %s", got)
	}
	if got := w.moves(t, sven, g, "2026-11-24", true); got != "E: boss codes" {
		t.Errorf("who of sven's came in: %s", got)
	}
	// A customer who leaves the company's books leaves the segment.
	w.write(t, []any{"DELETE FROM customer WHERE code = 'C'"})
	sizes, err := w.book.store.sizes(ctx, reach)
	if err != nil || sizes[g.ID] != 3 {
		t.Errorf("sizes %v, %v", sizes, err)
	}
}

// A warehouse that is built anew has the members of frozen segments from the store, and the past of live ones from the versions.
func TestAWarehouseBuiltAnew(t *testing.T) {
	t.Parallel()
	w := scene(t)
	w.score(t, "2026-03-31")
	w.score(t, "2026-05-31")
	frozen := w.made(t, boss, Segment{Name: "f", Kind: Frozen}, Gathering{Codes: []string{"A", "B"}})
	live := w.made(t, boss, Segment{Name: "l", Kind: Live, Rule: new(all(is("segment", "=", string(frozen.ID)), is("share", ">=", "0.5")))}, Gathering{})
	w.rebuild(t)
	before := w.history(t, boss, live)
	if before != "03 1 +0 -0\n05 1 +1 -1\n" {
		t.Errorf("before:\n%s", before)
	}
	if err := w.warehouse.Write(t.Context(), func(tx *engine.Tx) error {
		for _, table := range []string{"projection_position", "segment_member", "segment_built", "segment_change"} {
			if _, err := tx.Exec(t.Context(), "DELETE FROM "+table, nil); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.rebuild(t)
	if after := w.history(t, boss, live); after != before {
		t.Errorf("after:\n%s", after)
	}
	if got := w.meeting(t, boss, "", filter.Tree{Field: "segment", Sign: "=", Value: string(frozen.ID)}); got != "A B" {
		t.Errorf("members: %s", got)
	}
}
