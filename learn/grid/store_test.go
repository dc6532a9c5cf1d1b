package grid_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// unscored is a company in which nothing was scored yet.
type unscored struct{}

func (unscored) Find(context.Context, date.Date) (scoring.Version, error) {
	return scoring.Version{}, fault.New(fault.NotFound, "scoring.empty", "Nothing yet.")
}

func registry(d *db.DB) *measure.Registry {
	settings := setting.NewStore(d, now)
	return measure.NewRegistry([]scoring.Step{wallet.Step(nil), matrix.Step(matrix.NewDefinitions(settings)), clv.Step(clv.NewDefinitions(settings))})
}

func sound() grid.Definition {
	classes := []grid.Class{{Key: "low", Name: "Low"}, {Key: "high", Name: "High"}}
	return grid.Definition{Key: "own", Name: "Our own", Rows: grid.Axis{Measure: "revenue", By: grid.ByCumulativeShare, At: []float64{0.8}, Classes: classes},
		Columns: grid.Axis{Measure: "potential_class", By: grid.ByWord, Classes: []grid.Class{{Key: "top", Name: "Top", Words: []string{"gold"}}}},
		Cells:   []grid.Cell{{Row: "high", Column: "top", Name: "Best", Colour: "green", Strategy: "care", Advice: "Call."}}}
}

// What cannot stand is told with its place.
func TestValidate(t *testing.T) {
	set := registry(testkit.DB(t)).Standing()
	if err := sound().Validate(set); err != nil {
		t.Fatal(err)
	}
	for place, spoil := range map[string]func(*grid.Definition){
		"key":                      func(d *grid.Definition) { d.Key = "Own key" },
		"name":                     func(d *grid.Definition) { d.Name = " " },
		"description":              func(d *grid.Definition) { d.Description = strings.Repeat("x", 501) },
		"rows.measure":             func(d *grid.Definition) { d.Rows.Measure = "revenue; DROP" },
		"columns.measure":          func(d *grid.Definition) { d.Columns = d.Rows },
		"rows.by":                  func(d *grid.Definition) { d.Rows.By = grid.ByWord; d.Rows.At = nil },
		"columns.by":               func(d *grid.Definition) { d.Columns.By = grid.ByQuantile },
		"rows.at":                  func(d *grid.Definition) { d.Rows.At = nil },
		"rows.at[0]":               func(d *grid.Definition) { d.Rows.At = []float64{1.2} },
		"rows.classes[0].key":      func(d *grid.Definition) { d.Rows.Classes[0].Key = "very_low" },
		"rows.classes[1].key":      func(d *grid.Definition) { d.Rows.Classes[1].Key = "low" },
		"rows.classes[1].name":     func(d *grid.Definition) { d.Rows.Classes[1].Name = "" },
		"columns.classes[0].words": func(d *grid.Definition) { d.Columns.Classes[0].Words = nil },
		"columns.classes[0].key":   func(d *grid.Definition) { d.Columns.Classes[0].Key = "unknown" },
		"cells[0].row":             func(d *grid.Definition) { d.Cells[0].Row = "middle" },
		"cells[0].colour":          func(d *grid.Definition) { d.Cells[0].Colour = "pink" },
		"cells[0].strategy":        func(d *grid.Definition) { d.Cells[0].Strategy = "squeeze" },
		"rows.classes":             func(d *grid.Definition) { d.Rows.Classes = make([]grid.Class, 8) },
	} {
		d := sound()
		spoil(&d)
		f := fault.Of(d.Validate(set))
		if f == nil || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Fields, func(at fault.Field) bool { return at.Path == place }) {
			t.Errorf("%s: %v", place, f)
		}
	}
	// A share or a mean cannot be added up, so it has no cumulative share.
	for _, m := range []string{"share", "mean_spend"} {
		d := sound()
		d.Rows.Measure = m
		if f := fault.Of(d.Validate(set)); f == nil || f.Fields[0].Path != "rows.by" {
			t.Errorf("cumulative share of %s: %v", m, f)
		}
	}
}

// Presets can stand, and are offered when their measures are there.
func TestPresets(t *testing.T) {
	d := testkit.DB(t)
	set := registry(d).Standing()
	var keys []string
	for _, p := range grid.Presets(set) {
		if err := p.Validate(set); err != nil {
			t.Errorf("%s: %v", p.Key, err)
		}
		keys = append(keys, p.Key)
	}
	if got := strings.Join(keys, " "); got != "customer value-chance value-to-come-chance value-danger" {
		t.Errorf("offered: %s", got)
	}
	for _, cell := range matrix.Cells() {
		row, column := grid.SplitCell(cell)
		if grid.CellKey(row, column) != cell {
			t.Errorf("%s becomes %s", cell, grid.CellKey(row, column))
		}
	}
}

// A matrix is kept, changed by who has read it, copied from a preset under another key, and removed; the log tells.
func TestStore(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := audit.WithActor(t.Context(), audit.Actor{Name: "Ada"})
		s := grid.NewStore(d, now, registry(d), unscored{})
		made, err := s.Create(ctx, sound())
		if err != nil || made.Version != 1 {
			t.Fatal(made, err)
		}
		for name, is := range map[string]struct {
			do   func() error
			kind fault.Kind
		}{
			"the same key":     {func() error { _, err := s.Create(ctx, sound()); return err }, fault.Conflict},
			"key of a preset":  {func() error { d := sound(); d.Key = "customer"; _, err := s.Create(ctx, d); return err }, fault.Conflict},
			"a preset changed": {func() error { _, err := s.Update(ctx, "customer", 0, sound()); return err }, fault.Conflict},
			"a preset removed": {func() error { return s.Remove(ctx, "customer", 0) }, fault.Conflict},
			"stale":            {func() error { _, err := s.Update(ctx, "own", 7, sound()); return err }, fault.Precondition},
			"stale removal":    {func() error { return s.Remove(ctx, "own", 7) }, fault.Precondition},
			"not there":        {func() error { _, err := s.Get(ctx, "nowhere"); return err }, fault.NotFound},
		} {
			if err := is.do(); !fault.Is(err, is.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		changed := sound()
		changed.Name, changed.Key = "Renamed", "ignored"
		if _, err := s.Update(ctx, "own", 1, changed); err != nil {
			t.Fatal(err)
		}
		o, err := s.Get(ctx, "own")
		if err != nil || o.Name != "Renamed" || o.Key != "own" || o.Version != 2 || o.Preset {
			t.Errorf("%+v, %v", o, err)
		}
		all, err := s.List(ctx)
		if err != nil || len(all) != 5 || all[0].Key != grid.CustomerKey || !all[0].Preset || all[4].Key != "own" || !all[4].Usable {
			t.Errorf("%d: %v", len(all), err)
		}
		if err := s.Remove(ctx, "own", 2); err != nil {
			t.Fatal(err)
		}
		log, err := audit.List(ctx, d.Read(), audit.Query{Kind: grid.Kind, Limit: 10})
		if err != nil || len(log) != 3 || log[0].Action != audit.Delete || log[2].Action != audit.Create || log[1].ActorName != "Ada" {
			t.Errorf("the log: %+v, %v", log, err)
		}
	})
}
