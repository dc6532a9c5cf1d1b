package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// The order across the two stores: the import is 'running' in the operational store; the warehouse commits the facts
// together with a row of import_load; the import becomes 'accepted'. Whoever finds a running import that nobody runs asks
// import_load whether it happened.

// loadChecks is what import_load keeps of an import.
type loadChecks struct {
	Import    id.ID            `json:"import"`
	Read      int64            `json:"read"`
	Created   int64            `json:"created"`
	Updated   int64            `json:"updated"`
	Unchanged int64            `json:"unchanged"`
	Rejected  int64            `json:"rejected"`
	Note      string           `json:"note,omitempty"`
	Checks    map[string]int64 `json:"checks,omitempty"`
}

func recordLoad(ctx context.Context, tx *engine.Tx, im Import, out outcome) error {
	checks, err := json.Marshal(loadChecks{Import: im.ID, Read: out.read, Created: out.counts.Created, Updated: out.counts.Updated,
		Unchanged: out.counts.Unchanged, Rejected: out.rejected, Note: out.note, Checks: out.counts.Checks})
	if err != nil {
		return fmt.Errorf("record the load: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO import_load(import_no, kind, rows, checks) VALUES (cast(:no AS INTEGER), :kind, cast(:rows AS BIGINT), :checks)",
		engine.Args{"no": im.No, "kind": im.Kind, "rows": out.counts.Created + out.counts.Updated, "checks": string(checks)})
	if err != nil {
		return fmt.Errorf("record the load: %w", err)
	}
	return nil
}

// settle returns the import as it really is: one that the warehouse has is accepted, whatever its record says.
func (in *Intake) settle(ctx context.Context, importID id.ID) (Import, error) {
	im, err := in.store.get(ctx, importID)
	if err != nil || im.State != Running && im.State != Failed || !in.kinds[im.Kind].Fact {
		return im, err
	}
	out, loaded, err := in.loaded(ctx, im)
	if err != nil || !loaded {
		return im, err
	}
	return in.accept(ctx, im, out)
}

func (in *Intake) loaded(ctx context.Context, im Import) (out outcome, loaded bool, err error) {
	rows, err := in.cfg.Warehouse.Query(ctx, "SELECT checks FROM import_load WHERE import_no = :no AND kind = :kind", engine.Args{"no": im.No, "kind": im.Kind})
	if err != nil {
		return outcome{}, false, fmt.Errorf("ask the warehouse for import %d: %w", im.No, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var c loadChecks
	for rows.Next() {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return outcome{}, false, fmt.Errorf("ask the warehouse for import %d: %w", im.No, err)
		}
		if err := json.Unmarshal(text, &c); err != nil {
			return outcome{}, false, fmt.Errorf("read what the warehouse knows of import %d: %w", im.No, err)
		}
		// The number alone is not enough: an operational store from a backup gives numbers out again.
		loaded = loaded || c.Import == im.ID
	}
	return outcome{read: c.Read, rejected: c.Rejected, note: c.Note,
		counts: Counts{Created: c.Created, Updated: c.Updated, Unchanged: c.Unchanged}}, loaded, rows.Err()
}

// Recover settles the imports that an earlier process left unfinished and that no job will carry on. Call it once at the
// start, when the warehouse answers; alive tells whether a job is still to run.
func (in *Intake) Recover(ctx context.Context, alive func(ctx context.Context, jobID id.ID) (bool, error)) error {
	open, err := in.store.find(ctx, search{states: []State{Queued, Running}, oldest: true})
	if err != nil {
		return err
	}
	for _, im := range open {
		if im, err = in.settle(ctx, im.ID); err != nil {
			return err
		}
		if im.State == Accepted {
			continue
		}
		if im.JobID != "" {
			runs, err := alive(ctx, im.JobID)
			if err != nil {
				return err
			}
			if runs {
				continue
			}
		}
		ended := in.cfg.Now().UTC().Truncate(time.Microsecond)
		im.State, im.EndedAt, im.Error = Failed, &ended, "The server stopped while this ran. Nothing of it counts; start the import again."
		if err := in.store.end(ctx, im); err != nil {
			return err
		}
	}
	return nil
}

// facts lists the accepted imports that brought facts, oldest first.
func (in *Intake) facts(ctx context.Context) ([]Import, error) {
	all, err := in.store.find(ctx, search{states: []State{Accepted}, loaded: true, oldest: true})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(im Import) bool { return !in.kinds[im.Kind].Fact }), nil
}

// Counted tells whether amounts stand in the warehouse, so that the base currency can no longer be changed.
func (in *Intake) Counted(ctx context.Context) (bool, error) {
	all, err := in.facts(ctx)
	return len(all) > 0, err
}

// Replay loads every accepted import of facts into an empty warehouse again, in the order in which they came, from the kept
// files. The projection must stand already. Imports that a half-built warehouse has are left out.
func (in *Intake) Replay(ctx context.Context, progress func(done, total int64)) error {
	all, err := in.facts(ctx)
	if err != nil {
		return err
	}
	var total, done int64
	for _, im := range all {
		total += im.Read
	}
	for _, im := range all {
		progress(done, total)
		if _, has, err := in.loaded(ctx, im); err != nil {
			return err
		} else if !has {
			if _, err := in.carryOut(ctx, im, func(n, _ int64, _ string) { progress(done+min(n, im.Read), total) }); err != nil {
				return fmt.Errorf("load import %d (%s) again: %w", im.No, im.Kind, err)
			}
		}
		done += im.Read
	}
	progress(total, total)
	return nil
}

// Remove takes back everything that came from a source: facts leave the warehouse, and the other kinds take their records
// back, those that refer to others first. It runs in turn with the imports. Running it again completes what was stopped.
//
// Rows of other sources that were overwritten by this one come back with the next rebuild of the warehouse only.
func (in *Intake) Remove(ctx context.Context, source string) error {
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	all, err := in.store.find(ctx, search{source: &source, states: []State{Running, Accepted, Failed, Cancelled}})
	if err != nil {
		return err
	}
	for _, kind := range slices.Backward(in.cfg.Kinds) {
		of := slices.DeleteFunc(slices.Clone(all), func(im Import) bool { return im.Kind != kind.Key })
		if len(of) == 0 {
			continue
		}
		if err := in.removeKind(ctx, kind, of); err != nil {
			return fmt.Errorf("remove %s of %q: %w", kind.Key, source, err)
		}
	}
	return nil
}

func (in *Intake) removeKind(ctx context.Context, kind Kind, of []Import) error {
	switch {
	case kind.Fact:
		if err := in.removeFacts(ctx, kind, of); err != nil {
			return err
		}
	case kind.Remove == nil:
		return fault.New(fault.Conflict, "import_row.not_removable", "%s that were imported cannot be removed again.", kind.Label)
	default:
		if err := kind.Remove(ctx, of); err != nil {
			return err
		}
	}
	ids := make([]id.ID, len(of))
	for i, im := range of {
		ids[i] = im.ID
	}
	return in.store.markRemoved(ctx, kind.Key, ids)
}

func (in *Intake) removeFacts(ctx context.Context, kind Kind, of []Import) error {
	return in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		for _, im := range of {
			for _, table := range []string{kind.Table, "import_load"} {
				if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE import_no = :no", engine.Args{"no": im.No}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Archive compresses the files of accepted imports that are not in use, and returns how many. Reading them works on.
func (in *Intake) Archive(ctx context.Context) (int, error) {
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	ids, err := in.store.archivable(ctx)
	if err != nil {
		return 0, err
	}
	for n, fileID := range ids {
		if err := in.folder.Archive(ctx, fileID); err != nil {
			return n, err
		}
	}
	return len(ids), nil
}

// Verify returns an error that names an accepted import of facts which the warehouse does not have: it was restored from
// elsewhere or lost what it had acknowledged, and must be built anew.
func (in *Intake) Verify(ctx context.Context) error {
	all, err := in.facts(ctx)
	if err != nil {
		return err
	}
	for _, im := range all {
		if _, has, err := in.loaded(ctx, im); err != nil {
			return err
		} else if !has {
			return fmt.Errorf("the warehouse lacks import %d of %s", im.No, im.Kind)
		}
	}
	return nil
}

// Standing tells whether an import is under way or waiting, and when the newest accepted one that
// changed something ended, zero when there is none.
func (in *Intake) Standing(ctx context.Context) (busy bool, ended time.Time, err error) {
	if busy, ended, err = in.store.standing(ctx); err != nil {
		return false, time.Time{}, fmt.Errorf("see how the imports stand: %w", err)
	}
	return busy, ended, nil
}
