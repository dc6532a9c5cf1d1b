package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/reject"
)

// trialKind is the kind of job that finds out what an import would do.
const trialKind = "import_trial"

// How much of a trial is shown.
const (
	trialRows    = 20
	trialReasons = 50
)

// Trial is what an import would do.
type Trial struct {
	Kind      string `json:"kind"`
	Read      int64  `json:"read" doc:"created + updated + unchanged + rejected"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Rejected  int64  `json:"rejected"`
	Stubs     int64  `json:"stubs" doc:"Customers and products that would be made of their code alone."`

	Reasons []TrialReason `json:"reasons" nullable:"false" doc:"Why rows would be rejected, the most frequent first."`
	Rows    []TrialRow    `json:"rows" nullable:"false" doc:"The first rows that would change something."`
}

// TrialReason is why some rows would be rejected.
type TrialReason struct {
	Field   string `json:"field,omitempty"`
	Column  string `json:"column"`
	Code    string `json:"code,omitempty"`
	Rows    int64  `json:"rows"`
	Example Reject `json:"example"`
}

// TrialRow is a record as it is and as it would become, by fields of the kind.
type TrialRow struct {
	RowNo  int64          `json:"row_no" doc:"Ordinal of the row in the files, from 0."`
	Before map[string]any `json:"before,omitempty" doc:"Absent when it would be created."`
	After  map[string]any `json:"after"`
}

// trial gathers what is shown of an import that is only tried.
type trial struct{ rows []TrialRow }

// Trial tells that the import is only tried: nothing that Load writes stays, and one transaction of the operational store
// does not see what another wrote.
func (b *Batch) Trial() bool { return b.trial != nil }

// Shows tells a trial how a row changes its record, by fields of the kind; nil before for one that is created.
func (b *Batch) Shows(rowNo int64, before, after map[string]any) {
	if b.trial != nil && len(b.trial.rows) < trialRows {
		b.trial.rows = append(b.trial.rows, TrialRow{rowNo, before, after})
	}
}

// StartTrial starts the job that finds out what an import would do; its result is a [Trial]. Errors: as those of Start.
func (in *Intake) StartTrial(ctx context.Context, r Request) (job.Job, error) {
	im, _, _, err := in.compose(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	r.Mapping, r.Dialect, r.Follows = &im.Mapping, im.Dialect, im.Follows
	return in.cfg.Jobs.Submit(ctx, job.Spec{Kind: trialKind, Title: "Try the import of " + strings.ToLower(in.kinds[im.Kind].Label) + " from " + im.Files[0].Name, Args: r})
}

func (in *Intake) workTrial(ctx context.Context, run *job.Run, r Request) (any, error) {
	return in.Try(ctx, r, run.Progress)
}

// errTried rolls the transaction of a trial back.
var errTried = errors.New("only tried")

// Try carries an import out in full and keeps nothing of it.
func (in *Intake) Try(ctx context.Context, r Request, progress func(done, total int64, note string)) (Trial, error) {
	im, files, lookups, err := in.compose(ctx, r)
	if err != nil {
		return Trial{}, err
	}
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
	case <-ctx.Done():
		return Trial{}, ctx.Err()
	}
	if in.cfg.CatchUp != nil {
		progress(0, 0, "Bringing the warehouse up to date")
		if err := in.cfg.CatchUp(ctx); err != nil {
			return Trial{}, err
		}
	}
	ctx = db.Rehearse(ctx)
	var w way
	for {
		t, err := in.tryOnce(ctx, im, in.staging(in.kinds[im.Kind], im, files, lookups), w, progress)
		var again *errAgain
		if !errors.As(err, &again) {
			return t, err
		}
		w = way{general: again.general, copied: again.copied}
	}
}

func (in *Intake) tryOnce(ctx context.Context, im Import, s *staging, w way, progress func(done, total int64, note string)) (t Trial, err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	progress(0, 0, "Preparing the files")
	if err := s.prepare(ctx, w); err != nil {
		return Trial{}, err
	}
	list := newRejectList()
	var bits map[int64]int64
	err = in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		var b *Batch
		if b, bits, err = in.batch(ctx, tx, im, s, w, list, progress); err != nil {
			return err
		}
		b.trial = &trial{}
		counts, err := s.kind.Load(ctx, b)
		if err != nil {
			return err
		}
		out, err := s.outcome(counts, list)
		if err != nil {
			return err
		}
		t = Trial{Kind: im.Kind, Read: out.read, Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged, Rejected: out.rejected, Stubs: b.stubs}
		if s.kind.Fact && s.kind.Shown != "" {
			if err := b.showFacts(ctx); err != nil {
				return err
			}
		}
		t.Rows = slices.Clip(b.trial.rows)
		return errTried
	})
	if !errors.Is(err, errTried) {
		return Trial{}, err
	}
	rejects, err := s.locate(ctx, list, bits)
	t.Reasons = grouped(rejects)
	if t.Rows == nil {
		t.Rows = []TrialRow{}
	}
	return t, err
}

// showFacts reads the first facts that the import wrote, and what stood there before: the table replaced, which a merge
// leaves, has the facts as they were under the row that altered them.
func (b *Batch) showFacts(ctx context.Context) error {
	written := "SELECT * FROM " + b.kind.Table + " WHERE import_no = :no ORDER BY row_no LIMIT :rows"
	after, err := b.shown(ctx, written, engine.Args{"no": b.Import.No, "rows": trialRows})
	if err != nil {
		return err
	}
	before := map[int64]map[string]any{}
	if replaced, err := b.hasReplaced(ctx); err != nil {
		return err
	} else if replaced {
		old, err := b.shown(ctx, "SELECT * FROM replaced ORDER BY row_no LIMIT :rows", engine.Args{"rows": trialRows})
		if err != nil {
			return err
		}
		for _, row := range old {
			before[row.RowNo] = row.After
		}
	}
	for _, row := range after {
		b.Shows(row.RowNo, before[row.RowNo], row.After)
	}
	return nil
}

func (b *Batch) hasReplaced(ctx context.Context) (bool, error) {
	rows, err := b.Tx.Query(ctx, "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'replaced'", nil)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return rows.Next(), rows.Err()
}

func (b *Batch) shown(ctx context.Context, facts string, args engine.Args) ([]TrialRow, error) {
	rows, err := b.Tx.Query(ctx, "WITH fact AS ("+facts+") SELECT * FROM ("+b.kind.Shown+") AS shown ORDER BY row_no", args)
	if err != nil {
		return nil, fmt.Errorf("show rows: %w", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var found []TrialRow
	for rows.Next() {
		cells, into := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := TrialRow{After: map[string]any{}}
		for i, name := range names {
			switch v := cells[i].(type) {
			case nil:
			case int64:
				if name == "row_no" {
					row.RowNo = v
					continue
				}
				row.After[name] = v
			case time.Time:
				row.After[name] = v.Format(time.DateOnly)
			default:
				row.After[name] = v
			}
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// grouped counts rejects by column and reason, the most frequent first. Values that a reason repeats do not tell it apart.
func grouped(rejects []reject.Reject) []TrialReason {
	at := map[string]int{}
	all := []TrialReason{}
	for _, r := range rejects {
		what := r.Reason
		if r.Code != "" && r.Code != "row" {
			what = r.Code
		} else if r.Value != "" {
			what = strings.ReplaceAll(what, r.Value, "…")
		}
		key := r.Column + "\x00" + what
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, TrialReason{Field: r.Field, Column: r.Column, Code: r.Code, Example: r})
		}
		all[i].Rows++
	}
	slices.SortStableFunc(all, func(a, b TrialReason) int { return int(b.Rows - a.Rows) })
	return all[:min(len(all), trialReasons)]
}
