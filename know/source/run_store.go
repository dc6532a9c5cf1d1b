package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// keptRuns is how many runs of a feed are listed; a feed that runs every five minutes makes a hundred thousand a year.
const keptRuns = 500

type runRow struct {
	bun.BaseModel `bun:"table:source_run"`

	Run
}

func (r *runRow) run() Run {
	run := r.Run
	run.StartedAt = run.StartedAt.UTC()
	if run.EndedAt != nil {
		run.EndedAt = new(run.EndedAt.UTC())
	}
	return run
}

// runQuery narrows a listing of runs; zero fields do not narrow.
type runQuery struct {
	id, source, feed id.ID
	before           id.ID // older than this one
	unfinished       bool
	limit            int
}

// runs returns runs, newest first.
func (s *store) runs(ctx context.Context, by runQuery) ([]Run, error) {
	return readRuns(ctx, s.db.Read(), by)
}

func readRuns(ctx context.Context, idb bun.IDB, by runQuery) ([]Run, error) {
	var rows []runRow
	q := idb.NewSelect().Model(&rows).ModelTableExpr("source_run AS r").ColumnExpr("r.*, f.name AS feed_name").
		Join("JOIN source_feed AS f ON f.id = r.feed_id").OrderExpr("r.id DESC")
	for column, value := range map[string]id.ID{"r.id = ?": by.id, "r.source_id = ?": by.source, "r.feed_id = ?": by.feed, "r.id < ?": by.before} {
		if value != "" {
			q = q.Where(column, value)
		}
	}
	if by.unfinished {
		q = q.Where("r.state IN (?, ?)", Reading, Importing)
	}
	if by.limit > 0 {
		q = q.Limit(int64(by.limit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	runs := make([]Run, len(rows))
	for i := range rows {
		runs[i] = rows[i].run()
	}
	return runs, nil
}

func (s *store) run(ctx context.Context, runID id.ID) (Run, error) {
	found, err := s.runs(ctx, runQuery{id: runID})
	if err != nil {
		return Run{}, err
	}
	if len(found) == 0 {
		return Run{}, errNoRun()
	}
	return found[0], nil
}

// busy is a Conflict while the source is being read or what was read is being imported.
func busy(ctx context.Context, idb bun.IDB, sourceID id.ID) error {
	found, err := readRuns(ctx, idb, runQuery{source: sourceID, unfinished: true, limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "source.busy_reading", "%q of this source is being read or imported; wait until that has ended, or cancel its job.", found[0].FeedName)
}

// begin records a new run and the feed's next turn; enqueue, in the same transaction, starts its job. A source that is busy
// is a Conflict.
func (s *store) begin(ctx context.Context, f Feed, by string, enqueue func(context.Context, bun.Tx, *Run) error) (Run, error) {
	now := s.instant()
	run := Run{ID: id.New(), FeedID: f.ID, SourceID: f.SourceID, FeedName: f.Name, State: Reading, StartedByName: by, StartedAt: now}
	if f.WatermarkColumn != "" {
		run.Since = f.Watermark
	}
	f.plan(now)
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := busy(ctx, tx, f.SourceID); err != nil {
			return err
		}
		if err := enqueue(ctx, tx, &run); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&runRow{Run: run}).Returning("NULL").Exec(ctx); db.IsUnique(err) {
			return fault.New(fault.Conflict, "source.busy_reading", "This source is being read already; wait until that has ended.")
		} else if err != nil {
			return fmt.Errorf("begin a run: %w", err)
		}
		if _, err := tx.NewUpdate().Table("source_feed").Set("next_at = ?", f.NextAt).Where("id = ?", f.ID).Exec(ctx); err != nil {
			return fmt.Errorf("plan the next run: %w", err)
		}
		_, err := tx.NewDelete().Table("source_run").Where("feed_id = ? AND id NOT IN (?)", f.ID,
			tx.NewSelect().Table("source_run").Column("id").Where("feed_id = ?", f.ID).OrderExpr("id DESC").Limit(keptRuns)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget old runs: %w", err)
		}
		return nil
	})
	return run, err
}

// put writes how far a run has come, unless it has ended meanwhile. Done moves the feed's watermark to the highest value
// that the run read, unless somebody set it otherwise while it ran.
func (s *store) put(ctx context.Context, run Run) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model(&runRow{Run: run}).Column("state", "until", "rows", "import_id", "error", "ended_at").
			Where("id = ? AND state IN (?, ?)", run.ID, Reading, Importing).Exec(ctx)
		if err != nil {
			return fmt.Errorf("record a run: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 || run.State != Done || run.Until == "" {
			return err
		}
		_, err = tx.NewUpdate().Table("source_feed").Set("watermark = ?", run.Until).Where("id = ? AND watermark = ?", run.FeedID, run.Since).Exec(ctx)
		if err != nil {
			return fmt.Errorf("move the watermark: %w", err)
		}
		return nil
	})
}

// setBack takes the watermark back to where a run began whose import is undone, in the same transaction: what the import
// had brought is read again by the next run. One that stands further back stays.
func (s *store) setBack(ctx context.Context, tx bun.Tx, importID id.ID) error {
	var back struct {
		FeedID           id.ID
		Since, Watermark string
	}
	err := tx.NewSelect().TableExpr("source_run AS r").ColumnExpr("r.feed_id, r.since, f.watermark").Join("JOIN source_feed AS f ON f.id = r.feed_id").
		Where("r.import_id = ? AND r.since <> '' AND f.watermark_column <> ''", importID).Limit(1).Scan(ctx, &back)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	since, known := parseMark(back.Since)
	now, ordered := parseMark(back.Watermark)
	if err == nil && known && ordered && since.less(now) {
		_, err = tx.NewUpdate().Table("source_feed").Set("watermark = ?", back.Since).Where("id = ?", back.FeedID).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("set the watermark back: %w", err)
	}
	return nil
}

// failed is the run ended with a sentence.
func (s *store) failed(ctx context.Context, run Run, why string) error {
	run.State, run.Error, run.EndedAt = Failed, why, new(s.instant())
	return s.put(context.WithoutCancel(ctx), run)
}

// sentence is what people read of an error; "" when it is no fault but one of the program.
func sentence(err error) string {
	f := fault.Of(err)
	switch {
	case f != nil && len(f.Fields) > 1:
		return f.Error()
	case f != nil:
		return f.Detail
	case errors.Is(err, context.Canceled):
		return "The run was cancelled. Nothing of it was imported."
	case errors.Is(err, context.DeadlineExceeded):
		return "Reading took longer than it may, and was stopped. Nothing was imported. Read less at a time with :since."
	}
	return ""
}
