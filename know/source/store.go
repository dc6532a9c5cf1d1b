package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/seal"
	"github.com/kvadrant/kvadrant/internal/web"
)

// store keeps sources, feeds and runs in the operational store.
type store struct {
	db  *db.DB
	key *seal.Key
	now func() time.Time
}

// instant is the present in the precision that both stores keep.
func (s *store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// sourceRow is a source with its sealed password, which leaves this file only through password.
type sourceRow struct {
	bun.BaseModel `bun:"table:source"`

	Source
	Secret []byte
}

func (r *sourceRow) source() Source {
	s := r.Source
	s.CreatedAt, s.UpdatedAt, s.HasPassword, s.Feeds = s.CreatedAt.UTC(), s.UpdatedAt.UTC(), len(r.Secret) > 0, []Feed{}
	return s
}

func readSource(ctx context.Context, idb bun.IDB, sourceID id.ID) (sourceRow, error) {
	var row sourceRow
	err := idb.NewSelect().Model(&row).Where("id = ?", sourceID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, errNoSource()
	}
	if err != nil {
		return row, fmt.Errorf("read a source: %w", err)
	}
	return row, nil
}

// sources returns all by name, with their feeds and the last run of each. They are few.
func (s *store) sources(ctx context.Context) ([]Source, error) {
	var rows []sourceRow
	if err := s.db.Read().NewSelect().Model(&rows).Order("name", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	feeds, err := s.feeds(ctx, feedQuery{})
	if err != nil {
		return nil, err
	}
	all := make([]Source, len(rows))
	for i := range rows {
		all[i] = rows[i].source()
		for _, f := range feeds {
			if f.SourceID == all[i].ID {
				all[i].Feeds = append(all[i].Feeds, f)
			}
		}
	}
	return all, nil
}

// source returns one with its feeds.
func (s *store) source(ctx context.Context, sourceID id.ID) (Source, error) {
	row, err := readSource(ctx, s.db.Read(), sourceID)
	if err != nil {
		return Source{}, err
	}
	found := row.source()
	found.Feeds, err = s.feeds(ctx, feedQuery{source: sourceID})
	return found, err
}

// password opens the password of a source for its own address.
func (s *store) password(ctx context.Context, sourceID id.ID) (Source, string, error) {
	row, err := readSource(ctx, s.db.Read(), sourceID)
	if err != nil {
		return Source{}, "", err
	}
	found := row.source()
	if len(row.Secret) == 0 {
		return found, "", nil
	}
	password, err := s.key.Unseal(row.Secret, found.purpose())
	if err != nil {
		const detail = "The password cannot be read with the key of this data folder; enter it again."
		return found, "", fault.New(fault.Invalid, "source.sealed", detail).At("password", detail).Because(err)
	}
	return found, password, nil
}

// create adds a source and gives it id and version. An empty password is none.
func (s *store) create(ctx context.Context, src *Source, password string) error {
	src.tidy()
	if err := errors.Join(src.Validate(), checkPassword(password)); err != nil {
		return err
	}
	src.ID, src.Version, src.CreatedAt, src.Feeds = id.New(), 1, s.instant(), []Feed{}
	src.UpdatedAt = src.CreatedAt
	row := sourceRow{Source: *src}
	if err := s.seal(&row, password); err != nil {
		return err
	}
	src.HasPassword = len(row.Secret) > 0
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Returning("NULL").Exec(ctx); db.IsUnique(err) {
			return errNameTaken("source", src.Name)
		} else if err != nil {
			return fmt.Errorf("write a source: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: src.ID, Action: audit.Create, After: src})
	})
}

func checkPassword(password string) error {
	return fault.Check("source.invalid").That(len(password) <= maxPassword, "password", "The password may have at most %d characters.", maxPassword).Err()
}

func (s *store) seal(row *sourceRow, password string) (err error) {
	row.Secret = []byte{}
	if password != "" {
		row.Secret, err = s.key.Seal(password, row.purpose())
	}
	return err
}

// update changes the source of this version. password nil keeps the one there is, as long as the address stays.
func (s *store) update(ctx context.Context, sourceID id.ID, version int64, change func(*Source), password *string) (Source, error) {
	var after Source
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := readSource(ctx, tx, sourceID)
		if err != nil {
			return err
		}
		if row.Version != version {
			return web.Stale()
		}
		before := row.source()
		change(&row.Source)
		row.tidy()
		if err := row.Validate(); err != nil {
			return err
		}
		switch {
		case password != nil:
			if err := errors.Join(checkPassword(*password), s.seal(&row, *password)); err != nil {
				return err
			}
		case before.address() != row.address() && len(row.Secret) > 0:
			const detail = "Enter the password again: the one that is kept was given for another address, and is not sent to this one."
			return fault.New(fault.Invalid, "source.password_again", detail).At("password", detail)
		}
		row.Version, row.UpdatedAt = version+1, s.instant()
		if _, err := tx.NewUpdate().Model(&row).ExcludeColumn("created_at").Where("id = ?", sourceID).Exec(ctx); db.IsUnique(err) {
			return errNameTaken("source", row.Name)
		} else if err != nil {
			return fmt.Errorf("write a source: %w", err)
		}
		after = row.source()
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: sourceID, Action: audit.Update, Before: before, After: after})
	})
	if err != nil {
		return after, err
	}
	return s.source(ctx, sourceID)
}

// remove forgets a source with its feeds and runs. What was imported stays.
func (s *store) remove(ctx context.Context, sourceID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := readSource(ctx, tx, sourceID)
		if err != nil {
			return err
		}
		if err := busy(ctx, tx, sourceID); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("source").Where("id = ?", sourceID).Exec(ctx); err != nil {
			return fmt.Errorf("remove a source: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: sourceID, Action: audit.Delete, Before: row.source()})
	})
}
