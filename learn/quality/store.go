package quality

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// store keeps the reports. They are computed, not edited, so the change log does not speak of them.
type store struct{ db *db.DB }

type runRow struct {
	bun.BaseModel `bun:"table:quality_run"`

	ID            id.ID           `bun:"id,pk"`
	AsOf          date.Date       `bun:"as_of"`
	Cause         Cause           `bun:"cause"`
	ImportNo      int64           `bun:"import_no"`
	Milliseconds  int64           `bun:"milliseconds"`
	Kinds         json.RawMessage `bun:"kinds"`
	Report        json.RawMessage `bun:"report"`
	CreatedByName string          `bun:"created_by_name"`
	CreatedAt     time.Time       `bun:"created_at"`
}

func (s store) put(ctx context.Context, r Report) error {
	report, err := json.Marshal(r)
	if err != nil {
		return err
	}
	kinds, err := json.Marshal(r.run().Kinds)
	if err != nil {
		return err
	}
	row := runRow{ID: r.ID, AsOf: r.AsOf, Cause: r.Cause, ImportNo: r.ImportNo, Milliseconds: r.Milliseconds, Kinds: kinds, Report: report,
		CreatedByName: r.CreatedByName, CreatedAt: r.CreatedAt}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return fmt.Errorf("keep the data check: %w", err)
		}
		return nil
	})
}

// get returns the report of a check, the latest without an id. Faults: quality.empty, quality.not_found.
func (s store) get(ctx context.Context, runID id.ID) (Report, error) {
	var row runRow
	q := s.db.Read().NewSelect().Model(&row).Column("report").OrderExpr("id DESC").Limit(1)
	if runID != "" {
		q.Where("id = ?", runID)
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) && runID == "" {
		return Report{}, neverChecked()
	}
	if errors.Is(err, sql.ErrNoRows) {
		return Report{}, fault.New(fault.NotFound, "quality.not_found", "There is no such data check.")
	}
	if err != nil {
		return Report{}, fmt.Errorf("read the data check: %w", err)
	}
	var r Report
	if err := json.Unmarshal(row.Report, &r); err != nil {
		return Report{}, fmt.Errorf("read the data check: %w", err)
	}
	return r, nil
}

// list returns up to limit checks, the latest first, those before an id.
func (s store) list(ctx context.Context, before id.ID, limit int) ([]Run, error) {
	var rows []runRow
	q := s.db.Read().NewSelect().Model(&rows).Column("id", "as_of", "cause", "import_no", "kinds", "created_by_name", "created_at").
		OrderExpr("id DESC").Limit(int64(limit))
	if before != "" {
		q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the data checks: %w", err)
	}
	runs := make([]Run, len(rows))
	for i, row := range rows {
		runs[i] = Run{ID: row.ID, AsOf: row.AsOf, Cause: row.Cause, ImportNo: row.ImportNo, CreatedAt: row.CreatedAt.UTC(), CreatedByName: row.CreatedByName}
		if err := json.Unmarshal(row.Kinds, &runs[i].Kinds); err != nil {
			return nil, fmt.Errorf("list the data checks: %w", err)
		}
	}
	return runs, nil
}
