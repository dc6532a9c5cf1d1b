// Package projection brings what changed in the operational store into the warehouse.
//
// The change log of internal/audit is the feed: it says which records changed, and their present rows are loaded anew, so
// applying a change twice does no harm. The position in the feed stands in the warehouse itself and moves in the
// transaction that writes the rows. A crash therefore repeats a step or did it fully, and a warehouse that is built anew
// starts from everything without being told.
package projection

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Schema is the table of the position. It belongs into the schema of the warehouse, beside the tables of the words.
//
//go:embed warehouse.sql
var Schema string

const (
	// pageSize is how many changes are read at once.
	pageSize = 10_000
	// refreshAll is from how many changed records on all records of the kind are loaded: one scan is then cheaper than
	// many look-ups.
	refreshAll = 5_000
	// deleteAtOnce is how many keys one DELETE names.
	deleteAtOnce = 1_000
)

// Source is one kind of record and the warehouse tables that show it.
type Source struct {
	Kind   string // as the word writes it to the change log, such as "customer"
	Tables []Table
}

// Table is one warehouse table that shows records of a source.
type Table struct {
	Name    string
	Columns []string
	Key     string // the column with the id of the record; many rows may have the same
	Own     string // a condition on the rows that are of records, where others are of imports; empty when all are

	// Rows yields the present rows of the records with these ids, all records for nil, in the order of Columns. A record
	// that is gone has no rows. yield copies what it keeps; its error must be returned.
	Rows func(ctx context.Context, ids []id.ID, yield func(row []any) error) error
}

// Projection keeps the warehouse tables of its sources as the operational store is.
type Projection struct {
	db      *db.DB
	w       *engine.Warehouse
	sources []Source
	shape   string        // what the sources look like; another shape loads all again
	running chan struct{} // holds one token while one catches up
}

// New returns the projection of the sources.
func New(d *db.DB, w *engine.Warehouse, sources ...Source) *Projection {
	p := &Projection{db: d, w: w, sources: sources, running: make(chan struct{}, 1)}
	for _, s := range sources {
		for _, t := range s.Tables {
			p.shape += fmt.Sprintln(s.Kind, t.Name, t.Key, t.Columns)
		}
	}
	return p
}

// CatchUp applies all changes that were committed before the call; when there are none it costs two small reads. Many may
// call it at once: they take turns, and all but the first find nothing to do. It reads the operational store, so never
// call it inside a write there. Errors are those of the two stores; a fault Unavailable while the warehouse is not ready.
func (p *Projection) CatchUp(ctx context.Context) error {
	select {
	case p.running <- struct{}{}:
		defer func() { <-p.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	last, err := audit.Last(ctx, p.db.Read())
	if err != nil {
		return fmt.Errorf("bring changes to the warehouse: %w", err)
	}
	at, err := p.position(ctx)
	if err != nil {
		return fmt.Errorf("read how far the warehouse is: %w", err)
	}
	if at.shape == p.shape && at.seq == last {
		return nil
	}
	todo, err := p.changes(ctx, at, last)
	if err != nil {
		return err
	}
	err = p.w.Write(ctx, func(tx *engine.Tx) error { return p.apply(ctx, tx, todo, last) })
	if err != nil {
		return fmt.Errorf("bring changes to the warehouse: %w", err)
	}
	return nil
}

// position is how far the warehouse is, and under which shape it got there. A new warehouse has neither.
type position struct {
	seq   int64
	shape string
}

func (p *Projection) position(ctx context.Context) (position, error) {
	rows, err := p.w.Query(ctx, "SELECT seq, shape FROM projection_position", nil)
	if err != nil {
		return position{}, err
	}
	defer rows.Close()
	var at position
	for rows.Next() {
		if err := rows.Scan(&at.seq, &at.shape); err != nil {
			return position{}, err
		}
	}
	return at, rows.Err()
}

// change is what to load of one source.
type change struct {
	all bool
	ids map[id.ID]bool
}

func (c *change) add(one id.ID) {
	if one == "" || len(c.ids) >= refreshAll {
		c.all = true
	}
	if c.all {
		c.ids = nil
		return
	}
	if c.ids == nil {
		c.ids = map[id.ID]bool{}
	}
	c.ids[one] = true
}

// changes gathers what changed after the position, for each source by its place. All of everything when the position is
// of no use: it is of another shape, or the operational store was restored to before it.
func (p *Projection) changes(ctx context.Context, at position, last int64) ([]change, error) {
	todo := make([]change, len(p.sources))
	if at.shape != p.shape || at.seq > last {
		for i := range todo {
			todo[i].all = true
		}
		return todo, nil
	}
	for seq := at.seq; seq < last; {
		page, err := audit.Since(ctx, p.db.Read(), seq, pageSize)
		if err != nil {
			return nil, fmt.Errorf("bring changes to the warehouse: %w", err)
		}
		for _, ref := range page {
			if i := p.sourceOf(ref.Kind); i >= 0 && ref.Seq <= last {
				todo[i].add(ref.ID)
			}
			seq = ref.Seq
		}
		if len(page) < pageSize {
			break
		}
	}
	return todo, nil
}

func (p *Projection) sourceOf(kind string) int {
	return slices.IndexFunc(p.sources, func(s Source) bool { return s.Kind == kind })
}

// apply replaces the rows of what changed and moves the position.
func (p *Projection) apply(ctx context.Context, tx *engine.Tx, todo []change, last int64) error {
	for i, c := range todo {
		if !c.all && len(c.ids) == 0 {
			continue
		}
		for _, t := range p.sources[i].Tables {
			if err := t.replace(ctx, tx, c); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM projection_position", nil); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO projection_position(seq, shape) VALUES (:seq, :shape)",
		engine.Args{"seq": last, "shape": p.shape})
	return err
}

func (t Table) replace(ctx context.Context, tx *engine.Tx, c change) error {
	var ids []id.ID
	if c.all {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name+" WHERE "+cmp.Or(t.Own, "true"), nil); err != nil {
			return err
		}
	} else {
		for one := range c.ids {
			ids = append(ids, one)
		}
		slices.Sort(ids)
		if err := t.remove(ctx, tx, ids); err != nil {
			return err
		}
	}
	next, stop := iter.Pull2(t.rows(ctx, ids))
	defer stop()
	_, err := tx.Append(ctx, t.Name, t.Columns, func() ([]any, bool, error) {
		row, err, more := next()
		return row, more, err
	})
	return err
}

func (t Table) remove(ctx context.Context, tx *engine.Tx, ids []id.ID) error {
	for some := range slices.Chunk(ids, deleteAtOnce) {
		keys, err := filter.Compile(filter.In("key", some...), filter.Columns{"key": t.Key})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name+" WHERE {{keys}}", nil, engine.Hole{Name: "keys", Clause: keys}); err != nil {
			return err
		}
	}
	return nil
}

// errEnough ends Rows when the warehouse takes no more.
var errEnough = errors.New("no more rows are wanted")

// rows turns Rows, which pushes, into a sequence, from which the warehouse pulls.
func (t Table) rows(ctx context.Context, ids []id.ID) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		enough := false
		err := t.Rows(ctx, ids, func(row []any) error {
			if enough = enough || !yield(row, nil); enough {
				return errEnough
			}
			return nil
		})
		if err != nil && !enough {
			yield(nil, err)
		}
	}
}
