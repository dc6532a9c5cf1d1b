package migration_test

import (
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/migration"
)

// K7: everybody sees the movements of the customers within reach; unit and owner that a picture is narrowed to are those of
// the later date, so both sides are of the same customers.
func TestReachAndFilter(t *testing.T) {
	t.Parallel()
	w := five(t, testkit.DB(t))
	ann := reachOf(t, access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: w.id("ANN")})
	south := reachOf(t, access.Principal{Role: access.Manager, Scope: access.ScopeUnit, PersonID: w.id("BOB"), Units: []id.ID{w.id("SOUTH")}})
	check(t, "ann", flows(w.ask(t, ann, migration.Ask{By: migration.ByRow})), "gold → gold: 1, 420 → 180", "gold → silver: 1, 300 → 300")
	check(t, "south", flows(w.ask(t, south, migration.Ask{By: migration.ByRow})), "silver → silver: 1, 0 → 150", "absent → bronze: 1, 0 → 10")
	check(t, "a unit; who is gone counts where it was", flows(w.ask(t, access.Everything(), migration.Ask{By: migration.ByRow, Narrow: matrix.Narrow{Unit: w.id("NORTH")}})),
		"gold → gold: 1, 420 → 180", "gold → silver: 1, 300 → 300", "unknown → absent: 1, 50 → 0")
	check(t, "a country", flows(w.ask(t, access.Everything(), migration.Ask{By: migration.ByRow, Narrow: matrix.Narrow{Country: "DE"}})), "silver → silver: 1, 0 → 150")
	w.owned(t, "A", "SOUTH", "BOB", "2026-01-01")
	w.score(t, "2026-06-30")
	check(t, "changed hands", flows(w.ask(t, access.Everything(), migration.Ask{By: migration.ByRow, Narrow: matrix.Narrow{Unit: w.id("SOUTH")}})),
		"gold → gold: 1, 420 → 180", "silver → silver: 1, 0 → 150", "absent → bronze: 1, 0 → 10")
}

// What people say of a forecast: its fields, one for a date, nobody's change undone, and only within reach.
func TestStatements(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.unit(t, "NORTH", "")
		w.person(t, "ANN", "NORTH")
		w.person(t, "BOB", "NORTH")
		w.customer(t, "A", "NORTH", "ANN", "DK")
		own := func(person string) access.Reach {
			return reachOf(t, access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: w.id(person)})
		}
		good := migration.Form{AsOf: "2026-06-30", Amount: 100, Reason: "They said so."}
		for _, bad := range []migration.Form{{AsOf: "soon", Amount: 1, Reason: "x"}, {AsOf: "2026-06-30", Amount: -1, Reason: "x"}, {AsOf: "2026-06-30", Amount: 1, Reason: " "}, {AsOf: "2026-06-30", Amount: 1e16, Reason: "x"}} {
			if _, err := w.statements.Add(t.Context(), own("ANN"), w.id("A"), bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := w.statements.Add(t.Context(), own("BOB"), w.id("A"), good); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's customer: %v", err)
		}
		said, err := w.statements.Add(t.Context(), own("ANN"), w.id("A"), good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.statements.Add(t.Context(), own("ANN"), w.id("A"), good); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice for a date: %v", err)
		}
		if _, err := w.statements.Put(t.Context(), own("BOB"), said.ID, 1, good); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's: %v", err)
		}
		good.Amount = 200
		if changed, err := w.statements.Put(t.Context(), own("ANN"), said.ID, 1, good); err != nil || changed.Version != 2 || changed.Amount != 200 {
			t.Errorf("%+v %v", changed, err)
		}
		if _, err := w.statements.Put(t.Context(), own("ANN"), said.ID, 1, good); !fault.Is(err, fault.Precondition) {
			t.Errorf("somebody changed it meanwhile: %v", err)
		}
		if err := w.statements.Delete(t.Context(), own("BOB"), said.ID, 2); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's: %v", err)
		}
		if err := w.statements.Delete(t.Context(), own("ANN"), said.ID, 1); !fault.Is(err, fault.Precondition) {
			t.Errorf("somebody changed it meanwhile: %v", err)
		}
		if list, err := w.statements.List(t.Context(), own("ANN"), w.id("A")); err != nil || len(list) != 1 || list[0].Amount != 200 || list[0].Reason != "They said so." {
			t.Errorf("%+v %v", list, err)
		}
		if err := w.statements.Delete(t.Context(), own("ANN"), said.ID, 2); err != nil {
			t.Error(err)
		}
		if list, err := w.statements.List(t.Context(), own("ANN"), w.id("A")); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
}
