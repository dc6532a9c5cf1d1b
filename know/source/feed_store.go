package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

type feedRow struct {
	bun.BaseModel `bun:"table:source_feed"`

	Feed
	Mapping  json.RawMessage `bun:"mapping"`
	Schedule json.RawMessage `bun:"schedule"`
}

func (r *feedRow) feed() (Feed, error) {
	f := r.Feed
	f.CreatedAt, f.UpdatedAt = f.CreatedAt.UTC(), f.UpdatedAt.UTC()
	if f.NextAt != nil {
		f.NextAt = new(f.NextAt.UTC())
	}
	if err := errors.Join(json.Unmarshal(r.Mapping, &f.Mapping), json.Unmarshal(r.Schedule, &f.Schedule)); err != nil {
		return f, fmt.Errorf("read the feed %q: %w", f.Name, err)
	}
	return f, nil
}

func rowOf(f Feed) (*feedRow, error) {
	mapping, err := json.Marshal(f.Mapping)
	if err != nil {
		return nil, fmt.Errorf("write a feed: %w", err)
	}
	schedule, err := json.Marshal(f.Schedule)
	if err != nil {
		return nil, fmt.Errorf("write a feed: %w", err)
	}
	return &feedRow{Feed: f, Mapping: mapping, Schedule: schedule}, nil
}

// feedQuery narrows a listing of feeds; zero fields do not narrow.
type feedQuery struct {
	id, source id.ID
	due        time.Time // whose turn has come
}

// feeds returns feeds by name, each with its last run.
func (s *store) feeds(ctx context.Context, by feedQuery) ([]Feed, error) {
	feeds, err := readFeeds(ctx, s.db.Read(), by)
	if err != nil || len(feeds) == 0 {
		return feeds, err
	}
	ids, at := make([]id.ID, len(feeds)), map[id.ID]int{}
	for i, f := range feeds {
		ids[i], at[f.ID] = f.ID, i
	}
	var last []runRow
	err = s.db.Read().NewSelect().Model(&last).ModelTableExpr("source_run AS r").ColumnExpr("r.*").
		Where("r.id IN (SELECT max(id"+s.asText()+")"+s.asID()+" FROM source_run WHERE feed_id IN (?) GROUP BY feed_id)", bun.List(ids)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the last runs: %w", err)
	}
	for _, r := range last {
		run := r.run()
		f := &feeds[at[run.FeedID]]
		run.FeedName = f.Name
		f.LastRun = &run
	}
	return feeds, nil
}

// asText and asID turn a UUID, which PostgreSQL has no maximum of, into a text and back.
func (s *store) asText() string { return s.cast("::text") }
func (s *store) asID() string   { return s.cast("::uuid") }

func (s *store) cast(as string) string {
	if s.db.Dialect() == db.Postgres {
		return as
	}
	return ""
}

func readFeeds(ctx context.Context, idb bun.IDB, by feedQuery) ([]Feed, error) {
	var rows []feedRow
	q := idb.NewSelect().Model(&rows).Order("name", "id")
	if by.id != "" {
		q = q.Where("id = ?", by.id)
	}
	if by.source != "" {
		q = q.Where("source_id = ?", by.source)
	}
	if !by.due.IsZero() {
		q = q.Where("enabled AND next_at <= ?", by.due.UTC())
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	feeds := make([]Feed, len(rows))
	for i := range rows {
		var err error
		if feeds[i], err = rows[i].feed(); err != nil {
			return nil, err
		}
	}
	return feeds, nil
}

func (s *store) feed(ctx context.Context, feedID id.ID) (Feed, error) {
	return oneFeed(s.feeds(ctx, feedQuery{id: feedID}))
}

func oneFeed(found []Feed, err error) (Feed, error) {
	if err != nil {
		return Feed{}, err
	}
	if len(found) == 0 {
		return Feed{}, errNoFeed()
	}
	return found[0], nil
}

// check makes a feed complete before it is written by whoever acts in this context.
func (s *store) check(ctx context.Context, tx bun.IDB, f *Feed) error {
	f.tidy()
	source, err := readSource(ctx, tx, f.SourceID)
	if err != nil {
		return err
	}
	if err := f.Validate(source.Driver); err != nil {
		return err
	}
	actor := audit.ActorOf(ctx)
	f.OwnerID, f.OwnerName = actor.ID, actor.Name
	return nil
}

// plan sets when the feed runs next, counted from now.
func (f *Feed) plan(now time.Time) {
	f.NextAt = nil
	if next, ok := f.Schedule.Next(now); ok && f.Enabled {
		f.NextAt = &next
	}
}

func (s *store) createFeed(ctx context.Context, f *Feed) error {
	f.ID, f.Version, f.CreatedAt = id.New(), 1, s.instant()
	f.UpdatedAt = f.CreatedAt
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.check(ctx, tx, f); err != nil {
			return err
		}
		f.plan(f.CreatedAt)
		row, err := rowOf(*f)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Returning("NULL").Exec(ctx); db.IsUnique(err) {
			return errNameTaken("feed of this source", f.Name)
		} else if err != nil {
			return fmt.Errorf("write a feed: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: FeedKind, ID: f.ID, Action: audit.Create, After: f})
	})
}

func (s *store) updateFeed(ctx context.Context, feedID id.ID, version int64, change func(*Feed)) (Feed, error) {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := oneFeed(readFeeds(ctx, tx, feedQuery{id: feedID}))
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		after := before
		change(&after)
		if err := s.check(ctx, tx, &after); err != nil {
			return err
		}
		after.Version, after.UpdatedAt = version+1, s.instant()
		if before.Schedule != after.Schedule || before.Enabled != after.Enabled {
			after.plan(after.UpdatedAt)
		}
		row, err := rowOf(after)
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(row).ExcludeColumn("created_at", "source_id").Where("id = ?", feedID).Exec(ctx); db.IsUnique(err) {
			return errNameTaken("feed of this source", after.Name)
		} else if err != nil {
			return fmt.Errorf("write a feed: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: FeedKind, ID: feedID, Action: audit.Update, Before: before, After: after})
	})
	if err != nil {
		return Feed{}, err
	}
	return s.feed(ctx, feedID)
}

func (s *store) removeFeed(ctx context.Context, feedID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := oneFeed(readFeeds(ctx, tx, feedQuery{id: feedID}))
		if err != nil {
			return err
		}
		if err := busy(ctx, tx, before.SourceID); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("source_feed").Where("id = ?", feedID).Exec(ctx); err != nil {
			return fmt.Errorf("remove a feed: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: FeedKind, ID: feedID, Action: audit.Delete, Before: before})
	})
}
