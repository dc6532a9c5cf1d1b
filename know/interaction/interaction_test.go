package interaction_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/interaction"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// directory is the tables of other words that interactions refer to, as far as this word reads them.
const directory = `CREATE TABLE customer (id UUID, code VARCHAR); CREATE TABLE person (id UUID, code VARCHAR, name VARCHAR)`

// world is a warehouse with two customers and a person, and what can be done to it.
type world struct {
	store     *db.DB
	warehouse *engine.Warehouse
	intake    *intake.Intake
	diary     *interaction.Diary
	customers map[string]id.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	files := t.TempDir()
	warehouse, err := engine.Open(t.Context(), engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), ImportDir: files, MemoryMB: 512,
		Schema: []string{directory, interaction.Schema, intake.WarehouseSchema}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := warehouse.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{store: testkit.DB(t), warehouse: warehouse, diary: interaction.NewDiary(warehouse), customers: map[string]id.ID{}}
	jobs := job.New(w.store, slog.New(slog.DiscardHandler)) // only enqueues: the tests run imports themselves
	if err := jobs.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.intake, err = intake.New(intake.Config{DB: w.store, Warehouse: warehouse, Jobs: jobs, Dir: files, Kinds: []intake.Kind{interaction.Imports()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"C1", "C2"} {
		w.customers[code] = id.New()
		w.exec(t, "INSERT INTO customer VALUES (:id, :code)", engine.Args{"id": w.customers[code], "code": code})
	}
	w.exec(t, "INSERT INTO person VALUES (uuid(), 'S1', 'Sara')", nil)
	return w
}

func (w *world) exec(t *testing.T, text string, args engine.Args) {
	t.Helper()
	if _, err := w.warehouse.Exec(t.Context(), text, args); err != nil {
		t.Fatal(err)
	}
}

func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		return map[string]testkit.Command{"load": w.load, "list": w.list}
	})
}

func (w *world) load(t *testing.T, _, input string) []string {
	t.Helper()
	ctx := t.Context()
	file, err := w.intake.Upload(ctx, "interactions.csv", strings.NewReader(input+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	asNamed := mapping.Mapping{Kind: "interactions", Columns: map[string]mapping.Value{}}
	header, _, _ := strings.Cut(input, "\n")
	for column := range strings.SplitSeq(header, ",") {
		asNamed.Columns[column] = mapping.Value{Column: column}
	}
	begun, err := w.intake.Start(ctx, intake.Request{FileIDs: []string{file.ID}, Mapping: &asNamed})
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.intake.Run(ctx, begun.Import.ID, func(int64, int64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprintf("created %d, updated %d, unchanged %d, rejected %d", done.Created, done.Updated, done.Unchanged, done.Rejected)}
	var rejects []struct {
		Line           int64
		Column, Reason string
	}
	err = w.store.Read().NewSelect().Table("import_reject").Column("line", "column", "reason").Where("import_id = ?", done.ID).Order("seq").Scan(ctx, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rejects {
		out = append(out, fmt.Sprintf("line %d, %s: %s", r.Line, r.Column, r.Reason))
	}
	return out
}

// list shows a page: list C1 limit=2 skip=4. What is skipped is gone over page by page.
func (w *world) list(t *testing.T, args, _ string) (out []string) {
	t.Helper()
	fields := strings.Fields(args)
	customer := cmp.Or(w.customers[fields[0]], id.New())
	numbers := map[string]int{}
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		number, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		numbers[name] = number
	}
	var after []any
	for range numbers["skip"] {
		_, after = w.page(t, customer, after, 1)
	}
	out, _ = w.page(t, customer, after, numbers["limit"])
	return out
}

func (w *world) page(t *testing.T, customer id.ID, after []any, limit int) (out []string, last []any) {
	t.Helper()
	list, err := w.diary.List(t.Context(), customer, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		minutes := int64(-1)
		if n.Minutes != nil {
			minutes = *n.Minutes
		}
		out = append(out, fmt.Sprint(n.Date, " ", n.Kind, " ", cmp.Or(n.PersonName, "-"), " ", minutes, " ", cmp.Or(n.Result, "-"), " ", cmp.Or(n.Note, "-")))
		last = []any{n.Date, n.ImportNo, n.RowNo}
	}
	return out, last
}
