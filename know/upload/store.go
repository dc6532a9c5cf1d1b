package upload

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Store keeps what is known of uploads in the operational store.
type Store struct{ db *db.DB }

// NewStore returns the store.
func NewStore(d *db.DB) *Store { return &Store{d} }

type row struct {
	bun.BaseModel `bun:"table:upload"`

	ID        id.ID     `bun:"id,pk"`
	Name      string    `bun:"name"`
	Size      int64     `bun:"size"`
	FileID    string    `bun:"file_id"`
	CreatedBy id.ID     `bun:"created_by"`
	CreatedAt time.Time `bun:"created_at"`
}

func (r row) upload() Upload {
	return Upload{ID: r.ID, Name: r.Name, Size: r.Size, FileID: r.FileID, CreatedAt: r.CreatedAt.UTC(), createdBy: r.CreatedBy}
}

// add records an upload, unless its user has too many that are not complete, or too large ones.
func (s *Store) add(ctx context.Context, up Upload, maxOpen, maxBytes int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var open struct{ Count, Bytes int64 }
		err := tx.NewSelect().Table("upload").ColumnExpr("count(*) AS count, cast(coalesce(sum(size), 0) AS bigint) AS bytes").
			Where("file_id = '' AND coalesce(created_by, '') = ?", string(up.createdBy)).Scan(ctx, &open)
		if err != nil {
			return fmt.Errorf("count the uploads: %w", err)
		}
		if open.Count >= maxOpen || open.Bytes+up.Size > maxBytes {
			return fault.New(fault.TooMany, "upload.too_many", "You have %d uploads that are not complete, of %d MiB together; let them finish, or leave some out. "+
				"What is not completed goes after a day.", open.Count, open.Bytes>>20)
		}
		r := row{ID: up.ID, Name: up.Name, Size: up.Size, CreatedBy: up.createdBy, CreatedAt: up.CreatedAt}
		if _, err := tx.NewInsert().Model(&r).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("record the upload: %w", err)
		}
		return nil
	})
}

// get returns an upload of a user; NotFound for those of others.
func (s *Store) get(ctx context.Context, uploadID, by id.ID) (Upload, error) {
	var r row
	err := s.db.Read().NewSelect().Model(&r).Where("id = ? AND coalesce(created_by, '') = ?", uploadID, string(by)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Upload{}, fault.New(fault.NotFound, "upload.not_found", "There is no such upload any more; upload the file from its beginning.")
	}
	if err != nil {
		return Upload{}, fmt.Errorf("find the upload: %w", err)
	}
	return r.upload(), nil
}

// finish notes the file that an upload became.
func (s *Store) finish(ctx context.Context, uploadID id.ID, fileID string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewUpdate().Table("upload").Set("file_id = ?", fileID).Where("id = ?", uploadID).Exec(ctx); err != nil {
			return fmt.Errorf("finish the upload: %w", err)
		}
		return nil
	})
}

func (s *Store) remove(ctx context.Context, uploadID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Table("upload").Where("id = ?", uploadID).Exec(ctx); err != nil {
			return fmt.Errorf("forget the upload: %w", err)
		}
		return nil
	})
}

// before lists the uploads that began before a time.
func (s *Store) before(ctx context.Context, t time.Time) (ids []id.ID, err error) {
	if err := s.db.Read().NewSelect().Table("upload").Column("id").Where("created_at < ?", t).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list old uploads: %w", err)
	}
	return ids, nil
}

func (s *Store) knows(ctx context.Context, uploadID id.ID) (bool, error) {
	known, err := s.db.Read().NewSelect().Table("upload").Where("id = ?", uploadID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for the upload: %w", err)
	}
	return known, nil
}
