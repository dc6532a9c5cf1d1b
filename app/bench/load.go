package bench

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
)

// firstRows is how many customers are imported into an empty server to measure that alone.
const firstRows = 100_000

// firstCustomers imports the first customers of a larger company.
func (m *bench) firstCustomers(ctx context.Context) error {
	i := slices.IndexFunc(m.files, func(f demo.File) bool { return f.Kind == "customers" })
	if m.files[i].Rows <= firstRows {
		return nil
	}
	first, err := m.head(m.files[i], firstRows)
	if err != nil {
		return err
	}
	if err := m.fresh(ctx, "first"); err != nil {
		return err
	}
	if err := m.before(ctx, "customers"); err != nil {
		return err
	}
	_, err = m.bring(ctx, first, "import the first customers", "(goal ≤ 5)")
	return err
}

// head is a file of the first rows of a file.
func (m *bench) head(f demo.File, rows int) (first demo.File, err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	first = f
	first.Path, first.Rows = filepath.Join(m.dir, "first-"+filepath.Base(f.Path)), int64(rows)
	out, err := os.Create(first.Path)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	from, to := csv.NewReader(in), csv.NewWriter(out)
	for range rows + 1 {
		record, err := from.Read()
		if err != nil {
			return f, err
		}
		if err := to.Write(record); err != nil {
			return f, err
		}
	}
	to.Flush()
	return first, to.Error()
}

// parquet imports the purchases as a Parquet file, against the engine's own load of that file.
func (m *bench) parquet(ctx context.Context) error {
	purchases := m.files[len(m.files)-1]
	copied := purchases
	copied.Path = filepath.Join(filepath.Dir(purchases.Path), "purchases.parquet")
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return err
	}
	bare := sql.OpenDB(connector)
	_, err = bare.ExecContext(ctx, "COPY (SELECT * FROM read_csv("+quoted(purchases.Path)+")) TO "+quoted(copied.Path)+" (FORMAT parquet)")
	if err := errors.Join(err, bare.Close()); err != nil {
		return fmt.Errorf("write the purchases as Parquet: %w", err)
	}
	raw, err := m.rawLoad(ctx, copied.Path, "read_parquet", "DuckDB's own load of the Parquet file")
	if err != nil {
		return err
	}
	if err := m.fresh(ctx, "parquet"); err != nil {
		return err
	}
	if err := m.before(ctx, "purchases"); err != nil {
		return err
	}
	took, err := m.bring(ctx, copied, "import purchases from Parquet", "")
	if err != nil {
		return err
	}
	m.say("%-44s %8.2f × DuckDB's own load (goal ≤ 2)", "", took.Seconds()/raw.Seconds())
	return nil
}

// everything imports all files into the server that the other measurements ask.
func (m *bench) everything(ctx context.Context) error {
	last := len(m.files) - 1
	raw, err := m.rawLoad(ctx, m.files[last].Path, "read_csv", "DuckDB's own load of the purchases file")
	if err != nil {
		return err
	}
	if err := m.fresh(ctx, "data"); err != nil {
		return err
	}
	for i, f := range m.files {
		took, err := m.bring(ctx, f, "import "+f.Kind, "")
		if err != nil {
			return err
		}
		if i == last {
			m.say("%-44s %8.2f × DuckDB's own load (goal ≤ 2)", "", took.Seconds()/raw.Seconds())
		}
	}
	return nil
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// rawLoad lets the bare engine load a file, twice, and returns the better time.
func (m *bench) rawLoad(ctx context.Context, path, reader, name string) (best time.Duration, err error) {
	best = time.Hour
	for range 2 {
		file := filepath.Join(m.dir, "raw.duckdb")
		w, err := engine.Open(ctx, engine.Config{Path: file, ImportDir: filepath.Dir(path), Timeout: time.Hour})
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		err = w.Write(ctx, func(tx *engine.Tx) error {
			_, err := tx.Exec(ctx, "CREATE TABLE raw AS SELECT * FROM "+reader+"("+quoted(path)+")", nil)
			return err
		})
		best = min(best, time.Since(begun))
		if err := errors.Join(err, w.Close(), os.Remove(file)); err != nil {
			return 0, fmt.Errorf("load with the bare engine: %w", err)
		}
	}
	m.say("%-44s %8.2f s", name, best.Seconds())
	return best, nil
}

// before imports what a kind refers to, without saying how long that took.
func (m *bench) before(ctx context.Context, kind string) error {
	for _, f := range m.files {
		if f.Kind == kind {
			return nil
		}
		if slices.Contains([]string{"units", "people", "rates", "products", "customers"}, f.Kind) {
			if _, err := m.bring(ctx, f, "", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring imports a file and says how long that took, when it has a name.
func (m *bench) bring(ctx context.Context, f demo.File, name, goal string) (time.Duration, error) {
	if name != "" {
		if err := m.quiet(ctx); err != nil {
			return 0, err
		}
	}
	begun := time.Now()
	fileID, err := m.op.Upload(ctx, f.Path)
	if err != nil {
		return 0, err
	}
	uploaded := time.Since(begun)
	var reply intake.Begun
	request := map[string]any{"kind": f.Kind, "file_ids": []string{fileID}, "mapping": identity(f), "source": "bench"}
	if err := m.op.Call(ctx, http.MethodPost, "/imports", request, &reply); err != nil {
		return 0, err
	}
	if _, err := m.op.Await(ctx, reply.Job.ID, func(job.Job) {}); err != nil {
		return 0, err
	}
	all := time.Since(begun)
	var done intake.Import
	if err := m.op.Call(ctx, http.MethodGet, "/imports/"+string(reply.Import.ID), nil, &done); err != nil {
		return 0, err
	}
	if done.Rejected > 0 {
		return 0, fmt.Errorf("import %s: %d of %d rows were rejected, so its time says nothing", f.Path, done.Rejected, done.Read)
	}
	if name != "" {
		m.say("%-44s %8.2f s  %d rows, %.2f s of it upload %s", name, all.Seconds(), f.Rows, uploaded.Seconds(), goal)
	}
	return all, nil
}

// identity maps every column of a file of the generator onto the field of its name.
func identity(f demo.File) map[string]any {
	columns := map[string]string{}
	for _, c := range f.Columns {
		columns[c] = c
	}
	return map[string]any{"kind": f.Kind, "columns": columns}
}
