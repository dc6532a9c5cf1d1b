package org_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/org"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// shop is a store with some units in it, by their codes.
type shop struct {
	t *testing.T
	*org.Store
	db *db.DB
}

func newShop(t *testing.T, d *db.DB) shop { return shop{t, org.NewStore(d, noon), d} }

func (s shop) unit(code string, parent id.ID) org.Unit {
	s.t.Helper()
	u := org.Unit{Code: code, Name: "Unit " + code, ParentID: parent}
	if err := s.CreateUnit(s.t.Context(), &u, ""); err != nil {
		s.t.Fatal(err)
	}
	return u
}

func (s shop) move(u org.Unit, parent id.ID, from date.Date) (org.Unit, error) {
	return s.UpdateUnit(s.t.Context(), u.ID, u.Version, func(u *org.Unit) { u.ParentID = parent }, from)
}

func (s shop) below(u org.Unit) []id.ID {
	s.t.Helper()
	units, err := s.Below(s.t.Context(), u.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return units
}

func TestUnits(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s, ctx := newShop(t, d), t.Context()
		top := s.unit("TOP", "")
		dk := s.unit("DK", top.ID)
		if top.Kind != org.Company || dk.Kind != org.Department || dk.Version != 1 {
			t.Errorf("made %+v and %+v", top, dk)
		}
		got, err := s.Unit(ctx, dk.ID)
		if err != nil || got != dk {
			t.Errorf("read %+v, %v; want %+v", got, err, dk)
		}
		for _, c := range []struct {
			unit org.Unit
			from date.Date
			kind fault.Kind
		}{
			{org.Unit{Code: "DK", Name: "Again"}, "", fault.Conflict},
			{org.Unit{Code: " ", Name: "No code"}, "", fault.Invalid},
			{org.Unit{Code: "X", Name: "X", Kind: "empire"}, "", fault.Invalid},
			{org.Unit{Code: "X", Name: "X", ParentID: id.New()}, "", fault.Invalid},
			{org.Unit{Code: "X", Name: "X"}, "2026-11-23", fault.Invalid},
		} {
			if err := s.CreateUnit(ctx, &c.unit, c.from); !fault.Is(err, c.kind) {
				t.Errorf("create %+v from %q: %v", c.unit, c.from, err)
			}
		}
		if _, err := s.UpdateUnit(ctx, dk.ID, 2, func(*org.Unit) {}, ""); !fault.Is(err, fault.Precondition) {
			t.Errorf("an update of another version: %v", err)
		}
		if _, err := s.UpdateUnit(ctx, id.New(), 1, func(*org.Unit) {}, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("an update of nothing: %v", err)
		}
		dk, err = s.UpdateUnit(ctx, dk.ID, 1, func(u *org.Unit) { u.Name, u.Kind = "Danmark", org.Country }, "")
		if err != nil || dk.Version != 2 || dk.Name != "Danmark" || dk.ParentID != top.ID {
			t.Errorf("updated to %+v, %v", dk, err)
		}
		units, err := s.Units(ctx)
		if err != nil || len(units) != 2 || units[0] != dk {
			t.Errorf("units %+v, %v", units, err)
		}
		entries, err := audit.List(ctx, d.Read(), audit.Query{Kind: org.UnitKind, RecordID: dk.ID, Limit: 10})
		if err != nil || len(entries) != 2 || entries[0].Action != audit.Update || len(entries[0].Before) == 0 {
			t.Errorf("log %+v, %v", entries, err)
		}
	})
}

func TestUnitsHangAsOf(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s, ctx := newShop(t, d), t.Context()
		top := s.unit("TOP", "")
		dk, de := s.unit("DK", top.ID), s.unit("DE", top.ID)
		flensburg := s.unit("FL", dk.ID)
		flensburg, err := s.move(flensburg, de.ID, "2026-03-01")
		if err != nil || flensburg.ParentID != de.ID {
			t.Fatalf("moved to %+v, %v", flensburg, err)
		}
		// A correction of the past changes the history and not today.
		flensburg, err = s.move(flensburg, top.ID, "2025-01-01")
		if err != nil || flensburg.ParentID != de.ID || flensburg.Version != 3 {
			t.Fatalf("corrected to %+v, %v", flensburg, err)
		}
		places, err := s.UnitPlaces(ctx, flensburg.ID)
		want := []org.Place{{ValidFrom: org.Beginning, UnitID: dk.ID}, {ValidFrom: "2025-01-01", UnitID: top.ID}, {ValidFrom: "2026-03-01", UnitID: de.ID}}
		if err != nil || !slices.Equal(places, want) {
			t.Errorf("places %+v, %v", places, err)
		}
		for day, parent := range map[date.Date]org.Unit{"2020-06-01": dk, "2024-12-31": dk, "2025-01-01": top, "2026-02-28": top, "2026-03-01": de, "2026-11-22": de} {
			tree, err := s.TreeAsOf(ctx, day)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range []org.Unit{dk, de} {
				if got, want := slices.Contains(tree.Below(u.ID), flensburg.ID), u.ID == parent.ID; got != want {
					t.Errorf("on %s it hangs under %s: %v, want %v", day, u.Code, got, want)
				}
			}
			if !slices.Contains(tree.Below(top.ID), flensburg.ID) {
				t.Errorf("on %s it is not below the top", day)
			}
		}
		if _, err := s.UnitPlaces(ctx, id.New()); !fault.Is(err, fault.NotFound) {
			t.Errorf("places of nothing: %v", err)
		}
	})
}

func TestTreeHasNoCircle(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		top := s.unit("TOP", "")
		dk := s.unit("DK", top.ID)
		jutland := s.unit("JU", dk.ID)
		for _, parent := range []org.Unit{dk, jutland} {
			if _, err := s.move(dk, parent.ID, ""); fault.Of(err) == nil || fault.Of(err).Code != "org.circle" {
				t.Errorf("DK under %s: %v", parent.Code, err)
			}
		}
		// Jutland leaves today; before, Denmark under Jutland would still be a circle.
		jutland, err := s.move(jutland, top.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.move(dk, jutland.ID, "2026-01-01"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a circle in the past: %v", err)
		}
		if _, err := s.move(dk, jutland.ID, ""); err != nil {
			t.Errorf("today there is no circle: %v", err)
		}
	})
}

func TestTwoMovesAtOnceMakeNoCircle(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		a, b := s.unit("A", ""), s.unit("B", "")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { _, errs[0] = s.move(a, b.ID, "") })
		wg.Go(func() { _, errs[1] = s.move(b, a.ID, "") })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("exactly one of the moves should be refused: %v", errs)
		}
	})
}

func TestBelowFollowsEveryChange(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		other := newShop(t, d) // another process on the same store
		top := s.unit("TOP", "")
		dk := s.unit("DK", top.ID)
		if got := s.below(top); !slices.Equal(got, []id.ID{top.ID, dk.ID}) {
			t.Fatalf("below %v", got)
		}
		if got := other.below(top); len(got) != 2 {
			t.Fatalf("below, seen by another: %v", got)
		}
		jutland := s.unit("JU", dk.ID)
		if got := other.below(top); len(got) != 3 || !slices.Contains(got, jutland.ID) {
			t.Errorf("below, seen by another after a change: %v", got)
		}
		if _, err := other.move(jutland, "", ""); err != nil {
			t.Fatal(err)
		}
		if got := s.below(top); len(got) != 2 {
			t.Errorf("below after another's change: %v", got)
		}
		if got := s.below(org.Unit{ID: id.New()}); got != nil {
			t.Errorf("below an unknown unit: %v", got)
		}
	})
}

func TestPeople(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s, ctx := newShop(t, d), t.Context()
		top := s.unit("TOP", "")
		dk := s.unit("DK", top.ID)
		add := func(code, name string, unit id.ID) org.Person {
			p := org.Person{Code: code, Name: name, Email: code + "@example.com", Title: "Seller", UnitID: unit}
			if err := s.CreatePerson(ctx, &p, ""); err != nil {
				t.Fatal(err)
			}
			return p
		}
		anna, bo, _ := add("AN", "Anna", dk.ID), add("BO", "Bo", top.ID), add("CY", "Cyd", "")
		if got, err := s.Person(ctx, anna.ID); err != nil || got != anna {
			t.Errorf("read %+v, %v; want %+v", got, err, anna)
		}
		for _, c := range []struct {
			query org.PeopleQuery
			want  []string
		}{
			{org.PeopleQuery{Limit: 10}, []string{"AN", "BO", "CY"}},
			{org.PeopleQuery{Limit: 2}, []string{"AN", "BO"}},
			{org.PeopleQuery{Limit: 2, After: []any{"Anna", string(anna.ID)}}, []string{"BO", "CY"}},
			{org.PeopleQuery{Limit: 9, Unit: top.ID}, []string{"AN", "BO"}},
			{org.PeopleQuery{Limit: 9, Unit: dk.ID}, []string{"AN"}},
			{org.PeopleQuery{Limit: 9, Unit: id.New()}, nil},
			{org.PeopleQuery{Limit: 9, Text: "bO@"}, []string{"BO"}},
			{org.PeopleQuery{Limit: 9, Text: "%"}, nil},
		} {
			people, err := s.People(ctx, c.query)
			var codes []string
			for _, p := range people {
				codes = append(codes, p.Code)
			}
			if err != nil || !slices.Equal(codes, c.want) {
				t.Errorf("%+v: %v, %v; want %v", c.query, codes, err, c.want)
			}
		}
		if err := s.CreatePerson(ctx, &org.Person{Code: "AN", Name: "Again"}, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a code twice: %v", err)
		}
		if err := s.CreatePerson(ctx, &org.Person{Code: "X", Name: "X", UnitID: id.New()}, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a unit that is none: %v", err)
		}
		for person, want := range map[id.ID]bool{anna.ID: true, id.New(): false} {
			if got, err := s.HasPerson(ctx, person); err != nil || got != want {
				t.Errorf("has person %v, %v; want %v", got, err, want)
			}
		}

		bo, err := s.UpdatePerson(ctx, bo.ID, 1, func(p *org.Person) { p.UnitID, p.Title = dk.ID, "Manager" }, "2026-06-01")
		if err != nil || bo.UnitID != dk.ID || bo.Title != "Manager" || bo.Version != 2 {
			t.Errorf("moved to %+v, %v", bo, err)
		}
		if _, err := s.UpdatePerson(ctx, bo.ID, 1, func(*org.Person) {}, ""); !fault.Is(err, fault.Precondition) {
			t.Errorf("an update of an old version: %v", err)
		}
		for day, want := range map[date.Date]id.ID{"2026-05-31": top.ID, "2026-06-01": dk.ID} {
			units, err := s.PeopleAsOf(ctx, day)
			if err != nil || units[bo.ID] != want || units[anna.ID] != dk.ID || len(units) != 2 {
				t.Errorf("on %s: %v, %v", day, units, err)
			}
		}
		places, err := s.PersonPlaces(ctx, bo.ID)
		if err != nil || len(places) != 2 || places[1] != (org.Place{ValidFrom: "2026-06-01", UnitID: dk.ID}) {
			t.Errorf("places %+v, %v", places, err)
		}
	})
}
