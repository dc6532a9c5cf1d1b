package org_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/know/org"
)

// bench is a shop whose units and people come from files, through the real intake.
type bench struct {
	shop
	intake *intake.Intake
	jobs   *job.Runner
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	folder := t.TempDir()
	files := filepath.Join(folder, "files")
	w, err := engine.Open(t.Context(), engine.Config{
		Path: filepath.Join(folder, "w.duckdb"), Schema: []string{intake.WarehouseSchema}, ImportDir: files, MemoryMB: 512,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := bench{shop: newShop(t, d), jobs: job.New(d, slog.New(slog.DiscardHandler))}
	b.intake, err = intake.New(intake.Config{DB: d, Warehouse: w, Jobs: b.jobs, Dir: files, Kinds: b.Intake(), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.jobs.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.jobs.Stop(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// load imports a file whose columns are called as the fields, and returns "created updated unchanged" and the rejected
// rows as "line column".
func (b bench) load(kind, source string, lines ...string) (string, []string) {
	b.t.Helper()
	ctx := b.t.Context()
	f, err := b.intake.Upload(ctx, kind+".csv", strings.NewReader(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		b.t.Fatal(err)
	}
	m := intake.Mapping{Kind: kind, Source: source, Columns: map[string]mapping.Value{}}
	for name := range strings.SplitSeq(lines[0], ",") {
		m.Columns[name] = mapping.Value{Column: name}
	}
	begun, err := b.intake.Start(ctx, intake.Request{FileIDs: []string{f.ID}, Mapping: &m})
	if err != nil {
		b.t.Fatal(err)
	}
	done, err := b.jobs.Wait(ctx, begun.Job.ID)
	if err != nil || done.State != job.Done {
		b.t.Fatalf("the import ended as %+v, %v", done, err)
	}
	var im struct{ Created, Updated, Unchanged int64 }
	if err := b.db.Read().NewSelect().Table("import").Column("created", "updated", "unchanged").Where("id = ?", begun.Import.ID).Scan(ctx, &im); err != nil {
		b.t.Fatal(err)
	}
	var rejects []struct {
		Line   int64
		Column string
	}
	err = b.db.Read().NewSelect().Table("import_reject").Column("line", "column").Where("import_id = ?", begun.Import.ID).Order("line").Scan(ctx, &rejects)
	if err != nil {
		b.t.Fatal(err)
	}
	rejected := []string{}
	for _, r := range rejects {
		rejected = append(rejected, fmt.Sprintf("%d %s", r.Line, r.Column))
	}
	return fmt.Sprintf("%d %d %d", im.Created, im.Updated, im.Unchanged), rejected
}

// want loads and compares.
func (b bench) want(counts string, rejects []string, kind string, lines ...string) {
	b.t.Helper()
	got, rejected := b.load(kind, "", lines...)
	if got != counts || !slices.Equal(rejected, rejects) {
		b.t.Errorf("import of %s %q: %s, rejected %q; want %s, rejected %q", kind, lines, got, rejected, counts, rejects)
	}
}

// tree draws the units as "code kind parent", by code.
func (b bench) drawing() string {
	b.t.Helper()
	units, err := b.Units(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	codes := map[id.ID]string{"": "-"}
	for _, u := range units {
		codes[u.ID] = u.Code
	}
	var lines []string
	for _, u := range units {
		lines = append(lines, u.Code+" "+u.Kind+" "+codes[u.ParentID])
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func (b bench) byCode(code string) org.Unit {
	b.t.Helper()
	units, err := b.Units(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, u := range units {
		if u.Code == code {
			return u
		}
	}
	b.t.Fatalf("there is no unit %s", code)
	return org.Unit{}
}

func TestImportOfUnits(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		none := []string{}
		// Parents may stand below their children; each row that cannot stand is told, with what hangs on it.
		b.want("4 0 0", []string{"6 code", "7 parent", "8 parent", "9 parent", "10 parent", "11 valid_from"}, "units",
			"code,name,kind,parent,valid_from",
			"JU,Jutland,market,DK,2024-01-01",
			"DK,Danmark,country,TOP,",
			"TOP,Nordlys,,,",
			"DE,Deutschland,,TOP,",
			"DK,Again,,,",
			"X1,Circle,,X2,",
			"X2,Circle,,X1,",
			"X3,On the circle,,X1,",
			"X4,Orphan,,NOWHERE,",
			"X5,Tomorrow,,TOP,2026-11-23")
		if got, want := b.drawing(), "DE department TOP; DK country TOP; JU market DK; TOP company -"; got != want {
			t.Errorf("units %s, want %s", got, want)
		}
		places, err := b.UnitPlaces(t.Context(), b.byCode("JU").ID)
		if err != nil || len(places) != 1 || places[0].ValidFrom != "2024-01-01" {
			t.Errorf("places %+v, %v", places, err)
		}
		// The same rows again change nothing, whatever stands beside them.
		b.want("1 0 4", none, "units",
			"code,name,kind,parent,valid_from", "JU,Jutland,market,DK,2024-01-01", "DK,Danmark,country,TOP,", "TOP,Nordlys,company,,", "DE,Deutschland,department,TOP,", "PL,Polska,country,TOP,")
		// A column that is missing leaves its field; a move without a date holds from today.
		b.want("0 1 1", none, "units", "code,name", "DK,Denmark", "DE,Deutschland")
		b.want("0 1 0", none, "units", "code,name,parent", "JU,Jutland,DE")
		if got, want := b.drawing(), "DE department TOP; DK country TOP; JU market DE; PL country TOP; TOP company -"; got != want {
			t.Errorf("units %s, want %s", got, want)
		}
		before, err := b.TreeAsOf(t.Context(), "2026-11-21")
		if err != nil || !slices.Contains(before.Below(b.byCode("DK").ID), b.byCode("JU").ID) {
			t.Errorf("yesterday Jutland was in Denmark: %v", err)
		}
		// A row that would close a circle with units of the store.
		b.want("0 0 0", []string{"2 parent"}, "units", "code,name,parent", "TOP,Nordlys,JU")
		// Swapping two units in one file is no circle.
		b.want("0 2 0", none, "units", "code,name,parent", "DE,Deutschland,JU", "JU,Jutland,TOP")
	})
}

func TestImportOfPeople(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		none := []string{}
		top := b.unit("TOP", "")
		dk := b.unit("DK", top.ID)
		b.want("2 0 0", []string{"4 code", "5 unit", "6 valid_from", "7 name"}, "people",
			"code,name,email,title,unit,valid_from",
			"AN,Anna Holm,anna@example.com,Seller,DK,2025-01-01",
			"BO,Bo Berg,,,,",
			"AN,Again,,,,",
			"CY,Cyd,,,NOWHERE,",
			"DI,Di,,,DK,2027-01-01",
			"EL,,,,DK,")
		b.want("0 1 1", none, "people", "code,name,email,title,unit,valid_from", "AN,Anna Holm,anna@example.com,Seller,DK,2025-01-01", "BO,Bo Berg,bo@example.com,,,")
		b.want("0 1 0", none, "people", "code,name,unit,valid_from", "AN,Anna Holm,TOP,2026-01-01")
		people, err := b.People(ctx, org.PeopleQuery{Limit: 9})
		if err != nil || len(people) != 2 || people[0].UnitID != top.ID || people[0].Title != "Seller" || people[1].Email != "bo@example.com" || people[1].UnitID != "" {
			t.Fatalf("people %+v, %v", people, err)
		}
		places, err := b.PersonPlaces(ctx, people[0].ID)
		want := []org.Place{{ValidFrom: "2025-01-01", UnitID: dk.ID}, {ValidFrom: "2026-01-01", UnitID: top.ID}}
		if err != nil || !slices.Equal(places, want) {
			t.Errorf("places %+v, %v; want %+v", places, err, want)
		}
	})
}

func TestImportIsTakenBack(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		top := b.unit("TOP", "")
		b.load("units", "demo", "code,name,parent", "DK,Danmark,TOP", "JU,Jutland,DK")
		b.load("people", "demo", "code,name,unit", "AN,Anna,JU")
		mine := b.unit("MINE", b.byCode("JU").ID)
		if err := b.intake.Remove(ctx, "demo"); err != nil {
			t.Fatal(err)
		}
		if got, want := b.drawing(), "MINE department -; TOP company -"; got != want {
			t.Errorf("units %s, want %s", got, want)
		}
		if got := b.below(top); len(got) != 1 {
			t.Errorf("below the top there are %v", got)
		}
		if places, err := b.UnitPlaces(ctx, mine.ID); err != nil || len(places) != 1 || places[0].UnitID != "" {
			t.Errorf("places %+v, %v", places, err)
		}
		if people, err := b.People(ctx, org.PeopleQuery{Limit: 9}); err != nil || len(people) != 0 {
			t.Errorf("people %+v, %v", people, err)
		}
	})
}
