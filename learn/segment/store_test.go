package segment

import (
	"context"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// Segments are kept, seen, changed and deleted by those who may, on both databases.
func TestSegmentsAreKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.person(t, "nora")
		w.person(t, "sven")
		w.customers(t, someone{code: "N1", name: "n", owner: "nora"}, someone{code: "N2", name: "n", owner: "nora"}, someone{code: "S1", name: "s", owner: "sven"})
		rule := is("name", "starts", "n")
		private := w.made(t, nora, Segment{Name: " Mine ", Kind: Live, Rule: &rule}, Gathering{})
		shared := w.made(t, boss, Segment{Name: "Ours", Kind: Frozen, Shared: true}, Gathering{Codes: []string{"N1", "S1", "X"}})

		names := func(who string) string {
			ctx, reach := w.as(t, who)
			all, err := w.book.List(ctx, reach)
			if err != nil {
				t.Fatal(err)
			}
			list := ""
			for _, s := range all {
				list += s.Name
				if s.Customers != nil {
					list += string(rune('0' + *s.Customers))
				}
				list += " "
			}
			return list
		}
		for who, want := range map[string]string{nora: "Mine Ours1 ", sven: "Ours1 ", boss: "Ours2 "} {
			if got := names(who); got != want {
				t.Errorf("%s sees %q, want %q", who, got, want)
			}
		}
		ctx, reach := w.as(t, sven)
		p := w.principal(sven)
		if _, err := w.book.Get(ctx, reach, private.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's private segment: %v", err)
		}
		if _, err := w.book.update(ctx, reach, 1, &changeInput{ID: private.ID}); !fault.Is(err, fault.NotFound) {
			t.Errorf("changing it: %v", err)
		}
		if err := w.book.store.remove(ctx, p, reach, private.ID, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleting it: %v", err)
		}
		if err := w.book.store.remove(ctx, p, reach, shared.ID, 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("deleting a shared one of somebody else: %v", err)
		}
		if _, err := w.create(t, sven, Segment{Name: "s", Kind: Live, Rule: new(is("segment", "=", string(private.ID)))}, Gathering{}); !fault.Is(err, fault.Malformed) {
			t.Errorf("speaking of another's private segment: %v", err)
		}

		// A salesperson's codes are their own customers'; the others are as unknown as those that nobody has.
		ids, unknown, err := w.book.store.byCode(ctx, reach, []string{"S1", "N1", "X", "S1"})
		if err != nil || len(ids) != 1 || len(unknown) != 2 || unknown[0] != "N1" || unknown[1] != "X" {
			t.Errorf("sven's codes: %v %v %v", ids, unknown, err)
		}
		if kept, err := w.book.store.still(ctx, reach, []id.ID{w.id("S1"), w.id("N1"), id.New()}); err != nil || len(kept) != 1 || kept[0] != w.id("S1") {
			t.Errorf("sven's customers: %v %v", kept, err)
		}

		ctx, reach = w.as(t, nora)
		p = w.principal(nora)
		if _, err := w.create(t, nora, Segment{Name: "Mine", Kind: Frozen}, Gathering{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name twice: %v", err)
		}
		if _, err := w.create(t, nora, Segment{Name: "m", Kind: Live, Shared: true, Rule: new(is("segment", "=", string(private.ID)))}, Gathering{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a shared segment that speaks of a private one: %v", err)
		}
		in := &changeInput{ID: private.ID}
		in.Body.Shared, in.Body.Description = new(true), new("about")
		g, err := w.book.update(ctx, reach, 1, in)
		if err != nil || !g.Shared || g.Version != 2 || g.Rule == nil || g.Rule.Value != "n" {
			t.Fatalf("sharing: %+v %v", g, err)
		}
		if _, err := w.book.update(ctx, reach, 1, in); !fault.Is(err, fault.Precondition) {
			t.Errorf("an old version: %v", err)
		}
		user := w.made(t, sven, Segment{Name: "uses", Kind: Live, Rule: new(is("segment", "!=", string(private.ID)))}, Gathering{})
		in.Body.Shared = new(false)
		if _, err := w.book.update(ctx, reach, 2, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("hiding one that another's rule speaks of: %v", err)
		}
		if err := w.book.store.remove(ctx, p, reach, private.ID, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("deleting one that another's rule speaks of: %v", err)
		}
		if err := w.book.RemoveOf(ctx, []id.ID{user.OwnerID}); err != nil {
			t.Fatal(err)
		}
		if err := w.book.store.remove(ctx, p, reach, private.ID, 2); err != nil {
			t.Errorf("deleting it afterwards: %v", err)
		}
		entries, err := audit.List(context.Background(), d.Read(), audit.Query{Kind: AuditKind, RecordID: private.ID, Limit: 10})
		if err != nil || len(entries) != 3 || entries[0].Action != audit.Delete || entries[0].ActorName != "nora" {
			t.Errorf("the change log: %+v %v", entries, err)
		}
		if _, _, _, err := w.book.store.change(ctx, p, access.Everything(), shared.ID, 1, nil, ByHand, []id.ID{w.id("N1")}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("nora takes a customer out of the boss's: %v", err)
		}
	})
}
