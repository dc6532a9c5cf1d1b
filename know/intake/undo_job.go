package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/load"
)

// undoKind is the kind of job that undoes an import.
const undoKind = "import_undo"

// Blocker is a later import or a change by hand that keeps an import from being undone.
type Blocker struct {
	Text     string `json:"text" doc:"A sentence with the cure."`
	ImportID id.ID  `json:"import_id,omitempty" doc:"The import to undo first."`
	ImportNo int64  `json:"import_no,omitempty"`
	Record   string `json:"record,omitempty" doc:"What kind of record was changed by hand, such as customer."`
	RecordID id.ID  `json:"record_id,omitempty" doc:"One that was changed by hand."`
}

// Blockers tells what keeps an import from being undone; nothing for one that can be.
func (in *Intake) Blockers(ctx context.Context, im Import) ([]Blocker, error) {
	blockers := []Blocker{}
	kind := in.kinds[im.Kind]
	if kind.Fact || len(kind.Records) == 0 {
		return blockers, nil
	}
	found, err := kind.Records[0].Blockers(ctx, in.cfg.DB.Read(), im.ID)
	if err != nil {
		return nil, err
	}
	for _, b := range found {
		one, err := in.blocker(ctx, b)
		if err != nil {
			return nil, err
		}
		blockers = append(blockers, one)
	}
	used, err := kind.Records[0].UsedBy(ctx, in.cfg.Warehouse, in.cfg.DB.Read(), im.ID, in.keeps)
	if err != nil {
		return nil, err
	}
	for _, u := range used {
		later, err := in.store.find(ctx, search{before: u.ImportNo + 1, limit: 1})
		if err != nil {
			return nil, err
		}
		b := undo.Blocker{What: u.Label, Uses: true, Touch: undo.Touch{Records: u.Rows}}
		if len(later) > 0 && later[0].No == u.ImportNo {
			b.ImportID = later[0].ID
		}
		one, err := in.blocker(ctx, b)
		if err != nil {
			return nil, err
		}
		blockers = append(blockers, one)
	}
	return blockers, nil
}

func (in *Intake) blocker(ctx context.Context, b undo.Blocker) (Blocker, error) {
	if b.ImportID == "" && b.Uses {
		return Blocker{Text: fmt.Sprintf("What it created is used by %d %s; take these back first.", b.Records, b.What)}, nil
	}
	if b.ImportID == "" {
		return Blocker{Record: b.What, RecordID: b.RecordID, Text: fmt.Sprintf(
			"%s changed %d of its records by hand since, last on %s; undoing would lose that.", b.ActorName, b.Records, b.At.UTC().Format(time.DateOnly))}, nil
	}
	later, err := in.store.get(ctx, b.ImportID)
	if err != nil {
		return Blocker{}, err
	}
	out := Blocker{ImportID: later.ID, ImportNo: later.No}
	label := strings.ToLower(in.kinds[later.Kind].Label)
	if b.Uses {
		out.Text = fmt.Sprintf("Import %d of %s brought %d %s that use what it created; undo import %d first.", later.No, label, b.Records, b.What, later.No)
	} else {
		out.Text = fmt.Sprintf("Import %d of %s changed %d of its records since; undo import %d first.", later.No, label, b.Records, later.No)
	}
	return out, nil
}

// keeps tells whether the program keeps facts in a table of the warehouse.
func (in *Intake) keeps(table string) bool {
	return slices.ContainsFunc(in.cfg.Kinds, func(k Kind) bool { return k.Table == table })
}

type undoArgs struct {
	ImportID id.ID `json:"import_id"`
}

// Undo starts the job that takes everything back that an import brought, exactly, also after later ones. Errors: Conflict
// when it brought nothing that counts, or with what keeps it from being undone.
func (in *Intake) Undo(ctx context.Context, importID id.ID) (job.Job, error) {
	im, err := in.store.get(ctx, importID)
	if err != nil {
		return job.Job{}, err
	}
	if err := in.undoable(ctx, im); err != nil {
		return job.Job{}, err
	}
	var j job.Job
	err = in.cfg.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		title := fmt.Sprintf("Undo import %d of %s", im.No, strings.ToLower(in.kinds[im.Kind].Label))
		if j, err = in.cfg.Jobs.Enqueue(ctx, tx, job.Spec{Kind: undoKind, Title: title, Args: undoArgs{im.ID}, Unique: true, Key: string(im.ID)}); err != nil {
			return err
		}
		return in.store.setUndoJob(ctx, tx, im.ID, j.ID)
	})
	return j, err
}

func (in *Intake) undoable(ctx context.Context, im Import) error {
	if im.State != Accepted {
		return fault.New(fault.Conflict, "import.not_undoable", "Import %d brought nothing that counts, so there is nothing to undo.", im.No)
	}
	if kind := in.kinds[im.Kind]; !kind.Fact && len(kind.Records) == 0 {
		return fault.New(fault.Conflict, "import.not_undoable", "Imports of %s cannot be undone.", strings.ToLower(kind.Label))
	}
	blockers, err := in.Blockers(ctx, im)
	if err != nil || len(blockers) == 0 {
		return err
	}
	texts := make([]string, len(blockers))
	for i, b := range blockers {
		texts[i] = b.Text
	}
	return fault.New(fault.Conflict, "import.undo_blocked", "Import %d cannot be undone yet. %s", im.No, strings.Join(texts, " "))
}

// AlsoUndo has something done whenever an import is undone, in the transaction that records it. Call it before the jobs start.
func (in *Intake) AlsoUndo(also func(ctx context.Context, tx bun.Tx, importID id.ID) error) {
	in.alsoUndo = append(in.alsoUndo, also)
}

// workUndo is the handler of the job; it may be repeated.
func (in *Intake) workUndo(ctx context.Context, run *job.Run, args undoArgs) (any, error) {
	var im Import
	err := in.whenReady(ctx, run.Progress, func() (err error) {
		im, err = in.takeBack(ctx, args.ImportID, run.Progress)
		return err
	})
	if err != nil && !errors.Is(context.Cause(ctx), job.ErrStopping) {
		free := in.cfg.DB.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
			return in.store.setUndoJob(ctx, tx, args.ImportID, "")
		})
		return nil, errors.Join(err, free)
	}
	return im, err
}

func (in *Intake) takeBack(ctx context.Context, importID id.ID, progress func(done, total int64, note string)) (Import, error) {
	im, err := in.store.get(ctx, importID)
	if err != nil || im.State == Removed {
		return im, err
	}
	if err := in.undoable(ctx, im); err != nil {
		return im, err
	}
	kind := in.kinds[im.Kind]
	var recounted []Import
	if kind.Fact {
		if recounted, err = in.undoFacts(ctx, kind, im, progress); err != nil {
			return im, err
		}
	}
	progress(im.Read, im.Read, "Putting records back")
	return in.undoRecords(ctx, kind, im, recounted)
}

// undoFacts takes the rows of an import out of the warehouse. Where it changed rows that were there, or later imports met
// its rows, the table is made again from the kept files of the others, which is slower and always right.
func (in *Intake) undoFacts(ctx context.Context, kind Kind, im Import, progress func(done, total int64, note string)) ([]Import, error) {
	all, err := in.store.find(ctx, search{kind: kind.Key, states: []State{Accepted}, oldest: true})
	if err != nil {
		return nil, err
	}
	alone := im.Updated == 0
	others := slices.DeleteFunc(all, func(other Import) bool { return other.ID == im.ID })
	for _, other := range others {
		alone = alone && (other.No < im.No || other.Updated+other.Unchanged == 0)
	}
	if alone || im.Created+im.Updated == 0 {
		progress(0, im.Read, "Taking the rows out")
		return nil, in.removeFacts(ctx, kind, []Import{im})
	}
	return in.derive(ctx, kind, others, progress)
}

// derive makes the table of a kind again from these imports, in one transaction. It returns those for which other counts
// hold now.
func (in *Intake) derive(ctx context.Context, kind Kind, imports []Import, progress func(done, total int64, note string)) ([]Import, error) {
	if in.cfg.CatchUp != nil {
		if err := in.cfg.CatchUp(ctx); err != nil {
			return nil, err
		}
	}
	ways := map[id.ID]load.Way{}
	for {
		recounted, slow, err := in.deriveOnce(ctx, kind, imports, ways, progress)
		var again *load.ErrAgain
		if !errors.As(err, &again) {
			return recounted, err
		}
		ways[slow] = again.Way
	}
}

// deriveOnce is one try; slow is the import that needs a more careful way.
func (in *Intake) deriveOnce(ctx context.Context, kind Kind, imports []Import, ways map[id.ID]load.Way, progress func(done, total int64, note string)) (recounted []Import, slow id.ID, err error) {
	var done, total int64
	for _, im := range imports {
		total += im.Read
	}
	err = in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM "+kind.Table+" WHERE import_no > 0", nil); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM import_load WHERE kind = :kind", engine.Args{"kind": kind.Key}); err != nil {
			return err
		}
		for _, im := range imports {
			slow = im.ID
			report := func(n, _ int64, _ string) {
				progress(done+min(n, im.Read), total, fmt.Sprintf("Reading import %d again", im.No))
			}
			out, err := in.bringAgain(ctx, tx, kind, im, ways[im.ID], report)
			if err != nil {
				return fmt.Errorf("load import %d again: %w", im.No, err)
			}
			if changed, differs := im.Recounted(out); differs {
				recounted = append(recounted, changed)
			}
			done += im.Read
		}
		return nil
	})
	return recounted, slow, err
}

// bringAgain loads an import in a transaction that others share, and clears up behind it.
func (in *Intake) bringAgain(ctx context.Context, tx *engine.Tx, kind Kind, im Import, w load.Way, progress func(done, total int64, note string)) (out load.Outcome, err error) {
	files, lookups, err := in.store.filesOf(ctx, im.ID)
	if err != nil {
		return load.Outcome{}, err
	}
	s := in.staging(im, files, lookups)
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Prepare(ctx, w); err != nil {
		return load.Outcome{}, err
	}
	if out, err = in.bring(ctx, tx, im, s, w, progress); err != nil {
		return out, err
	}
	return out, dropTemporary(ctx, tx)
}

func dropTemporary(ctx context.Context, tx *engine.Tx) error {
	rows, err := tx.Query(ctx, "SELECT 'VIEW ' || view_name FROM duckdb_views() WHERE temporary AND NOT internal UNION ALL SELECT 'TABLE ' || table_name FROM duckdb_tables() WHERE temporary", nil)
	if err != nil {
		return fmt.Errorf("clear up: %w", err)
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		drops = append(drops, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range drops {
		if _, err := tx.Exec(ctx, "DROP "+name, nil); err != nil {
			return fmt.Errorf("clear up: %w", err)
		}
	}
	return nil
}

// undoRecords puts records back and deletes those that the import created, and marks it as undone, in one transaction.
func (in *Intake) undoRecords(ctx context.Context, kind Kind, im Import, recounted []Import) (Import, error) {
	own, along := in.recordsOf(kind)
	used := make([]map[id.ID]bool, len(along))
	for i, r := range along {
		var err error
		if used[i], err = r.UsedInFacts(ctx, in.cfg.Warehouse, in.cfg.DB.Read(), im.ID, in.keeps); err != nil {
			return im, err
		}
	}
	var note string
	err := in.cfg.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var changes []audit.Change
		note = ""
		for _, r := range own {
			if _, err := r.Delete(ctx, tx, im.ID); err != nil {
				return err
			}
		}
		for _, r := range append(slices.Clone(own), along...) {
			if _, err := r.PutBack(ctx, tx, im.ID); err != nil {
				return err
			}
			changes = append(changes, audit.Change{Kind: r.Table.Name, Action: audit.Delete, ImportID: im.ID})
		}
		for i, r := range along {
			_, left, err := r.DeleteLoose(ctx, tx, im.ID, used[i])
			if err != nil {
				return err
			}
			if left > 0 {
				note += fmt.Sprintf("%d that it created in %s stay, since others use or changed them. ", left, strings.ReplaceAll(r.Table.Name, "_", " "))
			}
		}
		if err := undo.Forget(ctx, tx, im.ID); err != nil {
			return err
		}
		for _, also := range in.alsoUndo {
			if err := also(ctx, tx, im.ID); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, changes...); err != nil {
			return err
		}
		for _, other := range recounted {
			if err := in.store.endIn(ctx, tx, other); err != nil {
				return err
			}
		}
		now, by := in.cfg.Now().UTC().Truncate(time.Microsecond), audit.ActorOf(ctx).Name
		im.State, im.UndoneAt, im.UndoneByName = Removed, &now, by
		im.Note = strings.TrimSpace(note + "Where customers stand was computed before this was undone; compute it again.")
		return in.store.endIn(ctx, tx, im)
	})
	return im, err
}

// recordsOf are the records that a kind is about, and those that it makes along with them: what stays when others use it.
func (in *Intake) recordsOf(kind Kind) (own, along []undo.Records) {
	if len(kind.Records) > 0 {
		own, along = kind.Records[:1], kind.Records[1:]
	}
	for _, f := range kind.Fields {
		if of, ok := in.kinds[f.Refers]; ok && of.Stub != nil {
			along = append(slices.Clip(along), of.Records[0])
		}
	}
	return own, along
}

// dropStubs takes the stubs of an import away that failed after making them.
func (in *Intake) dropStubs(ctx context.Context, im Import) error {
	if !im.WantsStubs() {
		return nil
	}
	_, along := in.recordsOf(Kind{Fields: in.kinds[im.Kind].Fields})
	return in.cfg.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, r := range along {
			if _, _, err := r.DeleteLoose(ctx, tx, im.ID, map[id.ID]bool{}); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Change{Kind: r.Table.Name, Action: audit.Delete, ImportID: im.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxStubs is how many stubs of a kind are listed.
const maxStubs = 1_000

// stubsOf lists the records that an import made of their codes and that are still there.
func (in *Intake) stubsOf(ctx context.Context, im Import) ([]stub, error) {
	all := []stub{}
	for _, f := range in.kinds[im.Kind].Fields {
		of := in.kinds[f.Refers]
		if of.Stub == nil {
			continue
		}
		var found []stub
		err := in.cfg.DB.Read().NewSelect().Table(of.Records[0].Table.Name).Column("id", "code", "name").ColumnExpr("? AS kind", of.Key).
			Where("import_id = ?", im.ID).Order("code").Limit(maxStubs).Scan(ctx, &found)
		if err != nil {
			return nil, fmt.Errorf("list what the import made: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}
