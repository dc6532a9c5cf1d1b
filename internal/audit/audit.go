// Package audit keeps the append-only log of every change with who, when, before and after.
//
// The log is written in the transaction of the change itself, numbered in the order of commits, and so it is also the feed
// from which the warehouse's projection learns what to bring over.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/id"
)

// Action is what was done to a record.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Import Action = "import" // many records of the kind, by one import; the kept file says which
)

// Change is one change to be recorded. An empty ID says that many records of the kind changed at once.
type Change struct {
	Kind          string
	ID            id.ID
	Action        Action
	Before, After any // marshalled to JSON; nil for none. Never a secret.
	ImportID      id.ID
}

// Actor is who does the changes of a context.
type Actor struct {
	ID   id.ID
	Name string
}

type actorKey struct{}

// WithActor returns a context whose changes are by actor.
func WithActor(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorOf returns who acts in this context; the program itself when nobody was named.
func ActorOf(ctx context.Context) Actor {
	if actor, ok := ctx.Value(actorKey{}).(Actor); ok {
		return actor
	}
	return Actor{Name: "Kvadrant"}
}

// Entry is a row of the log.
type Entry struct {
	bun.BaseModel `bun:"table:change_log" json:"-"`

	Seq       int64           `bun:"seq,pk,autoincrement" json:"seq"`
	At        time.Time       `bun:"at" json:"at"`
	ActorID   id.ID           `bun:"actor_id" json:"actor_id,omitempty"`
	ActorName string          `bun:"actor_name" json:"actor_name"`
	Kind      string          `bun:"kind" json:"kind"`
	RecordID  id.ID           `bun:"record_id" json:"record_id,omitempty"`
	Action    Action          `bun:"action" json:"action"`
	Before    json.RawMessage `bun:"before,nullzero" json:"before,omitempty"`
	After     json.RawMessage `bun:"after,nullzero" json:"after,omitempty"`
	ImportID  id.ID           `bun:"import_id" json:"import_id,omitempty"`
}

// lockNumber serialises the writers of the log on PostgreSQL, so that seq follows the order of commits and a reader who
// has seen n has seen everything below n. SQLite has one writer anyway.
const lockNumber = 0x6b76616472

// Record writes changes to the log in the transaction that makes them.
func Record(ctx context.Context, tx bun.IDB, changes ...Change) error {
	if len(changes) == 0 {
		return nil
	}
	if tx.Dialect().Name() == dialect.PG {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", lockNumber); err != nil {
			return fmt.Errorf("lock the change log: %w", err)
		}
	}
	actor, now := ActorOf(ctx), time.Now().UTC()
	entries := make([]Entry, len(changes))
	for i, c := range changes {
		before, err := marshal(c.Before)
		if err != nil {
			return err
		}
		after, err := marshal(c.After)
		if err != nil {
			return err
		}
		entries[i] = Entry{At: now, ActorID: actor.ID, ActorName: actor.Name, Kind: c.Kind, RecordID: c.ID, Action: c.Action,
			Before: before, After: after, ImportID: c.ImportID}
	}
	if _, err := tx.NewInsert().Model(&entries).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("write the change log: %w", err)
	}
	return nil
}

func marshal(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the change log: %w", err)
	}
	return b, nil
}
