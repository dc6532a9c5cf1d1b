// Package loading lets the tests of a word bring rows in as people do: through the real intake, into the real stores.
package loading

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// Intake is an intake of some kinds between a store and a warehouse of its own.
type Intake struct {
	*intake.Intake
	DB        *db.DB
	Warehouse *engine.Warehouse
}

// New returns an intake before the store, with a warehouse that holds the intake's tables and those of the schema.
func New(t testing.TB, d *db.DB, now func() time.Time, schema []string, kinds ...intake.Kind) *Intake {
	t.Helper()
	files := t.TempDir()
	warehouse, err := engine.Open(t.Context(), engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), ImportDir: files, MemoryMB: 512,
		Schema: append(schema, intake.WarehouseSchema)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := warehouse.Close(); err != nil {
			t.Error(err)
		}
	})
	jobs := job.New(d, slog.New(slog.DiscardHandler)) // only enqueues: Load runs the imports itself
	if err := jobs.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	in, err := intake.New(intake.Config{DB: d, Warehouse: warehouse, Jobs: jobs, Dir: files, Kinds: kinds, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return &Intake{in, d, warehouse}
}

// Exec changes the warehouse beside the intake, for what other words would have put there.
func (in *Intake) Exec(t testing.TB, text string, args engine.Args) {
	t.Helper()
	if _, err := in.Warehouse.Exec(t.Context(), text, args); err != nil {
		t.Fatal(err)
	}
}

// Load imports a CSV text whose columns are named as the fields of the kind, from a source or none, and returns what came
// of it and each reject, a line each.
func (in *Intake) Load(t testing.TB, kind, source, text string) []string {
	t.Helper()
	ctx := t.Context()
	file, err := in.Upload(ctx, kind+".csv", strings.NewReader(text+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	asNamed := mapping.Mapping{Kind: kind, Source: source, Columns: map[string]mapping.Value{}}
	header, _, _ := strings.Cut(text, "\n")
	for column := range strings.SplitSeq(header, ",") {
		asNamed.Columns[column] = mapping.Value{Column: column}
	}
	begun, err := in.Start(ctx, intake.Request{FileIDs: []string{file.ID}, Mapping: &asNamed})
	if err != nil {
		t.Fatal(err)
	}
	done, err := in.Run(ctx, begun.Import.ID, func(int64, int64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprintf("created %d, updated %d, unchanged %d, rejected %d", done.Created, done.Updated, done.Unchanged, done.Rejected)}
	var rejects []struct {
		Line           int64
		Column, Reason string
	}
	err = in.DB.Read().NewSelect().Table("import_reject").Column("line", "column", "reason").Where("import_id = ?", done.ID).Order("seq").Scan(ctx, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rejects {
		out = append(out, fmt.Sprintf("line %d, %s: %s", r.Line, r.Column, r.Reason))
	}
	return out
}
