package org

import (
	"slices"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

func TestHistory(t *testing.T) {
	h := history{{Beginning, "a"}, {"2025-01-01", "b"}, {"2026-01-01", "a"}}
	for day, want := range map[date.Date]id.ID{
		"1899-12-31": "", Beginning: "a", "2024-12-31": "a", "2025-01-01": "b", "2025-12-31": "b", "2026-01-01": "a", "2026-11-22": "a",
	} {
		if got := h.on(day); got != want {
			t.Errorf("on %s: %q, want %q", day, got, want)
		}
	}
	for _, c := range []struct {
		name    string
		from    date.Date
		unit    id.ID
		differs bool
		want    history
	}{
		{"same day, same unit", "2025-01-01", "b", false, h},
		{"same day, other unit", "2025-01-01", "c", true, history{{Beginning, "a"}, {"2025-01-01", "c"}, {"2026-01-01", "a"}}},
		{"in force already", "2025-06-01", "b", false, h},
		{"in force already at the end", "2026-06-01", "a", false, h},
		{"between", "2025-06-01", "c", true, history{{Beginning, "a"}, {"2025-01-01", "b"}, {"2025-06-01", "c"}, {"2026-01-01", "a"}}},
		{"after", "2026-06-01", "", true, history{{Beginning, "a"}, {"2025-01-01", "b"}, {"2026-01-01", "a"}, {"2026-06-01", ""}}},
		{"before the first", "1800-01-01", "", true, history{{"1800-01-01", ""}, {Beginning, "a"}, {"2025-01-01", "b"}, {"2026-01-01", "a"}}},
	} {
		before := slices.Clone(h)
		got, differs := h.with(c.from, c.unit)
		if differs != c.differs || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, differs, c.want, c.differs)
		}
		if !slices.Equal(h, before) {
			t.Fatalf("%s changed the history it was given", c.name)
		}
	}
	if last := (history{}).last(); last != "" {
		t.Errorf("the last place of none is %q", last)
	}
}

func TestEntryPlace(t *testing.T) {
	const today date.Date = "2026-11-22"
	h := history{{Beginning, "a"}, {"2026-01-01", "b"}}
	for _, c := range []struct {
		name  string
		entry entry
		unit  id.ID
		moves []moved
	}{
		{"new", entry{unit: "a", mapped: true}, "a", []moved{{"r", Beginning, "a"}}},
		{"new, since", entry{unit: "a", from: "2020-01-01", mapped: true}, "a", []moved{{"r", "2020-01-01", "a"}}},
		{"not mapped", entry{before: h, unit: "", from: "2026-06-01"}, "b", nil},
		{"the same", entry{before: h, unit: "b", mapped: true}, "b", nil},
		{"moved", entry{before: h, unit: "a", mapped: true}, "a", []moved{{"r", today, "a"}}},
		{"moved to none", entry{before: h, unit: "", mapped: true}, "", []moved{{"r", today, ""}}},
		{"moved in the past", entry{before: h, unit: "c", from: "2025-01-01", mapped: true}, "b", []moved{{"r", "2025-01-01", "c"}}},
		{"the same in the past", entry{before: h, unit: "a", from: "2025-01-01", mapped: true}, "b", nil},
		{"since when is corrected", entry{before: h, unit: "b", from: "2025-06-01", mapped: true}, "b", []moved{{"r", "2025-06-01", "b"}}},
	} {
		unit, moves := c.entry.place("r", today)
		if unit != c.unit || !slices.Equal(moves, c.moves) {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, unit, moves, c.unit, c.moves)
		}
	}
}

func TestTree(t *testing.T) {
	tree := NewTree(map[id.ID]id.ID{"top": "", "dk": "top", "de": "top", "jutland": "dk", "aarhus": "jutland", "lost": "unknown"})
	for unit, want := range map[id.ID][]id.ID{
		"top": {"top", "de", "dk", "jutland", "aarhus"}, "dk": {"dk", "jutland", "aarhus"}, "aarhus": {"aarhus"}, "lost": {"lost"}, "nowhere": nil, "": nil,
	} {
		if got := tree.Below(unit); !slices.Equal(got, want) {
			t.Errorf("below %q: %v, want %v", unit, got, want)
		}
	}
	for _, c := range []struct {
		unit, parent id.ID
		ok           bool
	}{
		{"de", "dk", true}, {"dk", "", true}, {"new", "dk", true}, {"aarhus", "top", true}, {"jutland", "dk", true},
		{"dk", "dk", false}, {"dk", "aarhus", false}, {"top", "de", false}, {"dk", "nowhere", false}, {"new", "new", false},
	} {
		if err := tree.MayHang(c.unit, c.parent); (err == nil) != c.ok {
			t.Errorf("%q under %q: %v", c.unit, c.parent, err)
		}
	}
	circle := NewTree(map[id.ID]id.ID{"a": "b", "b": "a"})
	if got := circle.Below("a"); !slices.Equal(got, []id.ID{"a", "b"}) {
		t.Errorf("below in a circle: %v", got)
	}
}
