package projection_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

const schema = "CREATE TABLE port(id UUID, name VARCHAR); CREATE TABLE berth(port_id UUID, number INTEGER)"

// harbour is a word of its own with one kind of record and two tables in the warehouse.
type harbour struct {
	t     *testing.T
	db    *db.DB
	loads []int // how many ids each load of ports named; -1 for all
	fails error
}

func newHarbour(t *testing.T, d *db.DB) *harbour {
	t.Helper()
	for _, text := range []string{"CREATE TABLE port(id CHAR(36) PRIMARY KEY, name TEXT)", "CREATE TABLE berth(port_id CHAR(36), number INTEGER)"} {
		if _, err := d.WriteSQL().Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	return &harbour{t: t, db: d}
}

func (h *harbour) source() projection.Source {
	return projection.Source{Kind: "port", Tables: []projection.Table{
		{Name: "port", Columns: []string{"id", "name"}, Key: "id", Rows: h.ports},
		{Name: "berth", Columns: []string{"port_id", "number"}, Key: "port_id", Rows: h.berths},
	}}
}

func (h *harbour) ports(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	h.loads = append(h.loads, len(ids))
	if ids == nil {
		h.loads[len(h.loads)-1] = -1
	}
	var all []struct {
		ID   id.ID
		Name string
	}
	q := h.db.Read().NewSelect().Table("port").Column("id", "name").Order("id")
	if ids != nil {
		q.Where("id IN (?)", bun.In(ids))
	}
	if err := q.Scan(ctx, &all); err != nil {
		return err
	}
	for _, p := range all {
		if err := yield([]any{p.ID, p.Name}); err != nil {
			return err
		}
	}
	return nil
}

func (h *harbour) berths(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	if h.fails != nil {
		return h.fails
	}
	var all []struct {
		PortID id.ID
		Number int
	}
	q := h.db.Read().NewSelect().Table("berth").Column("port_id", "number").Order("port_id", "number")
	if ids != nil {
		q.Where("port_id IN (?)", bun.In(ids))
	}
	if err := q.Scan(ctx, &all); err != nil {
		return err
	}
	for _, b := range all {
		if err := yield([]any{b.PortID, b.Number}); err != nil {
			return err
		}
	}
	return nil
}

// put writes a port with its berths and records the change.
func (h *harbour) put(port id.ID, name string, berths int) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx bun.Tx) error {
		if err := h.clear(ctx, tx, port); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO port(id, name) VALUES (?, ?)", port, name); err != nil {
			return err
		}
		for n := range berths {
			if _, err := tx.ExecContext(ctx, "INSERT INTO berth(port_id, number) VALUES (?, ?)", port, n+1); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Change{Kind: "port", ID: port, Action: audit.Update})
	})
}

func (h *harbour) remove(port id.ID) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx bun.Tx) error {
		return errors.Join(h.clear(ctx, tx, port), audit.Record(ctx, tx, audit.Change{Kind: "port", ID: port, Action: audit.Delete}))
	})
}

func (h *harbour) clear(ctx context.Context, tx bun.Tx, port id.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM port WHERE id = ?", port)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM berth WHERE port_id = ?", port)
	}
	return err
}

func (h *harbour) write(fn func(ctx context.Context, tx bun.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// log records changes without making any.
func (h *harbour) log(changes ...audit.Change) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx bun.Tx) error { return audit.Record(ctx, tx, changes...) })
}

func openWarehouse(t *testing.T, path string) *engine.Warehouse {
	t.Helper()
	w, err := engine.Open(context.Background(), engine.Config{Path: path, Schema: []string{projection.Schema, schema}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// seen returns what the warehouse shows: "name berths" of each port.
func seen(t *testing.T, w *engine.Warehouse) []string {
	t.Helper()
	rows, err := w.Query(context.Background(), `SELECT p.name, count(b.number) FROM port p LEFT JOIN berth b ON b.port_id = p.id
		GROUP BY p.id, p.name ORDER BY p.name`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		var berths int
		if err := rows.Scan(&name, &berths); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(name, " ", berths))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCatchUp(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		h := newHarbour(t, d)
		w := openWarehouse(t, filepath.Join(t.TempDir(), "w.duckdb"))
		p := projection.New(d, w, h.source())
		expect := func(what string, loads []int, want ...string) {
			t.Helper()
			if err := p.CatchUp(ctx); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if got := seen(t, w); !slices.Equal(got, want) {
				t.Errorf("%s: the warehouse shows %q, want %q", what, got, want)
			}
			if !slices.Equal(h.loads, loads) {
				t.Errorf("%s: loads %v, want %v", what, h.loads, loads)
			}
			h.loads = nil
		}
		aarhus, gdynia, kiel := id.New(), id.New(), id.New()
		h.put(aarhus, "Aarhus", 2)
		h.put(gdynia, "Gdynia", 1)
		expect("a new warehouse gets all", []int{-1}, "Aarhus 2", "Gdynia 1")
		expect("nothing changed", nil, "Aarhus 2", "Gdynia 1")
		h.put(aarhus, "Århus", 3)
		h.put(aarhus, "Århus Havn", 4)
		h.put(kiel, "Kiel", 0)
		expect("changed and new", []int{2}, "Gdynia 1", "Kiel 0", "Århus Havn 4")
		h.remove(gdynia)
		expect("removed", []int{1}, "Kiel 0", "Århus Havn 4")
		h.log(audit.Change{Kind: "weather", ID: id.New(), Action: audit.Create})
		expect("a kind that is not shown", nil, "Kiel 0", "Århus Havn 4")
		h.log(audit.Change{Kind: "port", Action: audit.Import}, audit.Change{Kind: "port", ID: kiel, Action: audit.Update})
		expect("many at once", []int{-1}, "Kiel 0", "Århus Havn 4")
		many := make([]audit.Change, 5_100)
		for i := range many {
			many[i] = audit.Change{Kind: "port", ID: id.New(), Action: audit.Update}
		}
		h.log(many[:1_500]...)
		expect("more than one DELETE", []int{1_500}, "Kiel 0", "Århus Havn 4")
		h.log(many...)
		expect("too many to name", []int{-1}, "Kiel 0", "Århus Havn 4")
		wider := h.source()
		wider.Tables[0].Columns = []string{"id", "name"}
		wider.Tables[0].Key = "port.id"
		p = projection.New(d, w, wider)
		expect("another shape", []int{-1}, "Kiel 0", "Århus Havn 4")
	})
}

func TestCrashBetween(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		h := newHarbour(t, d)
		path := filepath.Join(t.TempDir(), "w.duckdb")
		w := openWarehouse(t, path)
		p := projection.New(d, w, h.source())
		port := id.New()
		h.put(port, "Odense", 1)
		if err := p.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		h.put(port, "Svendborg", 2)
		h.fails = errors.New("the connection is gone")
		if err := p.CatchUp(ctx); !errors.Is(err, h.fails) {
			t.Errorf("got %v", err)
		}
		if got := seen(t, w); !slices.Equal(got, []string{"Odense 1"}) {
			t.Errorf("half of a change shows: %q", got)
		}
		if err := w.Close(); err != nil { // and the program with it
			t.Fatal(err)
		}
		h.fails = nil
		w = openWarehouse(t, path)
		p = projection.New(d, w, h.source())
		if err := p.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		if got := seen(t, w); !slices.Equal(got, []string{"Svendborg 2"}) {
			t.Errorf("after the restart: %q", got)
		}
		if err := w.Rebuild(ctx, func(ctx context.Context, _ func(done, total int64)) error { return p.CatchUp(ctx) }); err != nil {
			t.Fatal(err)
		}
		if got := seen(t, w); !slices.Equal(got, []string{"Svendborg 2"}) {
			t.Errorf("after the rebuild: %q", got)
		}
	})
}

func TestOperationalStoreFromBefore(t *testing.T) {
	d := testkit.DB(t)
	h := newHarbour(t, d)
	w := openWarehouse(t, filepath.Join(t.TempDir(), "w.duckdb"))
	p := projection.New(d, w, h.source())
	h.put(id.New(), "Esbjerg", 1)
	h.put(id.New(), "Ribe", 1)
	if err := p.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.write(func(ctx context.Context, tx bun.Tx) error { // as restored from a backup before Ribe
		for _, text := range []string{"DELETE FROM port WHERE name = 'Ribe'", "DROP TRIGGER IF EXISTS change_log_no_delete",
			"DELETE FROM change_log WHERE seq = (SELECT max(seq) FROM change_log)"} {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err := p.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, w); !slices.Equal(got, []string{"Esbjerg 1"}) {
		t.Errorf("the warehouse shows %q", got)
	}
}

func TestManyCatchUpAtOnce(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		h := newHarbour(t, d)
		w := openWarehouse(t, filepath.Join(t.TempDir(), "w.duckdb"))
		p := projection.New(d, w, h.source())
		port := id.New()
		h.put(port, "Rønne", 1)
		for n := range 5 {
			h.put(port, "Rønne", n+2)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if err := p.CatchUp(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if got, want := seen(t, w), fmt.Sprint("Rønne ", n+2); !slices.Equal(got, []string{want}) {
				t.Errorf("the warehouse shows %q, want %q", got, want)
			}
		}
		if len(h.loads) != 5 {
			t.Errorf("%d loads for 5 changes", len(h.loads))
		}
	})
}
