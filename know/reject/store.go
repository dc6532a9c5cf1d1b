package reject

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// Store keeps rejected rows in the operational store.
type Store struct{ db *db.DB }

// NewStore returns the store.
func NewStore(d *db.DB) *Store { return &Store{d} }

type row struct {
	bun.BaseModel `bun:"table:import_reject"`

	ImportID id.ID           `bun:"import_id,pk"`
	Seq      int64           `bun:"seq,pk"`
	File     string          `bun:"file"`
	Line     int64           `bun:"line"`
	Column   string          `bun:"column"`
	Field    string          `bun:"field"`
	Value    string          `bun:"value"`
	Code     string          `bun:"code"`
	Reason   string          `bun:"reason"`
	Raw      string          `bun:"raw"`
	Cells    json.RawMessage `bun:"cells,nullzero"`
	Reasons  json.RawMessage `bun:"reasons,nullzero"`
}

func (r row) reject() (Reject, error) {
	out := Reject{Seq: r.Seq, File: r.File, Line: r.Line, Column: r.Column, Field: r.Field, Value: r.Value, Code: r.Code, Reason: r.Reason, Raw: r.Raw, Cells: []string{}, Reasons: []fault.Reason{}}
	if len(r.Cells) > 0 {
		if err := json.Unmarshal(r.Cells, &out.Cells); err != nil {
			return Reject{}, fmt.Errorf("read a rejected row: %w", err)
		}
	}
	if len(r.Reasons) > 0 {
		if err := json.Unmarshal(r.Reasons, &out.Reasons); err != nil {
			return Reject{}, fmt.Errorf("read why a row was rejected: %w", err)
		}
	}
	return out, nil
}

// Drop forgets the rejected rows of an import.
func Drop(ctx context.Context, tx bun.Tx, importID id.ID) error {
	if _, err := tx.NewDelete().Table("import_reject").Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("forget rejected rows: %w", err)
	}
	return nil
}

// saveAtOnce is how many rows one statement writes.
const saveAtOnce = 500

// Save keeps rejected rows, in place of those of an earlier attempt, and what is to be known to read their cells.
func (s *Store) Save(ctx context.Context, importID id.ID, h Header, rejects []Reject) error {
	header, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("keep rejected rows: %w", err)
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := Drop(ctx, tx, importID); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Table("import").Set("columns = ?", string(header)).Where("id = ?", importID).Exec(ctx); err != nil {
			return fmt.Errorf("keep the columns of rejected rows: %w", err)
		}
		for from := 0; from < len(rejects); from += saveAtOnce {
			var rows []row
			for i, r := range rejects[from:min(from+saveAtOnce, len(rejects))] {
				for c := range r.Cells {
					r.Cells[c] = tabular.Clean(r.Cells[c])
				}
				cells, err := json.Marshal(r.Cells)
				if err != nil {
					return fmt.Errorf("keep rejected rows: %w", err)
				}
				reasons, err := json.Marshal(r.Reasons)
				if err != nil {
					return fmt.Errorf("keep rejected rows: %w", err)
				}
				rows = append(rows, row{ImportID: importID, Seq: int64(from + i + 1), File: r.File, Line: r.Line, Column: r.Column, Field: r.Field,
					Value: tabular.Clean(r.Value), Code: r.Code, Reason: r.Reason, Raw: r.Raw, Cells: cells, Reasons: reasons})
			}
			if _, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
				return fmt.Errorf("keep rejected rows: %w", err)
			}
		}
		return nil
	})
}

// Page returns up to limit rejected rows after seq, in the order of files and lines.
func (s *Store) Page(ctx context.Context, importID id.ID, after int64, limit int) ([]Reject, error) {
	var rows []row
	err := s.db.Read().NewSelect().Model(&rows).Where("import_id = ? AND seq > ?", importID, after).Order("seq").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list rejected rows: %w", err)
	}
	found := make([]Reject, len(rows))
	for i, r := range rows {
		if found[i], err = r.reject(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Header is what a list of rejected rows needs to know of their import.
type Header struct {
	No      int64    `json:"-"`
	Columns []string `json:"columns"` // under which the cells stand
	Decimal string   `json:"decimal"` // how numbers are written in them
}

// Header returns what is known of the import; NotFound when there is none.
func (s *Store) Header(ctx context.Context, importID id.ID) (Header, error) {
	var found struct {
		No      int64           `bun:"no"`
		Columns json.RawMessage `bun:"columns"`
	}
	err := s.db.Read().NewSelect().Table("import").Column("no", "columns").Where("id = ?", importID).Scan(ctx, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return Header{}, fault.New(fault.NotFound, "import.not_found", "There is no such import.")
	}
	if err != nil {
		return Header{}, fmt.Errorf("read the import: %w", err)
	}
	h := Header{No: found.No, Columns: []string{}}
	if len(found.Columns) > 0 {
		if err := json.Unmarshal(found.Columns, &h); err != nil {
			return Header{}, fmt.Errorf("read the columns of import %d: %w", h.No, err)
		}
	}
	return h, nil
}
