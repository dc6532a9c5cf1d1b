package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

type thing struct {
	bun.BaseModel `bun:"table:thing"`

	Way    string    `bun:"way"`
	No     int       `bun:"no"`
	Owner  id.ID     `bun:"owner"`
	Note   *string   `bun:"note"`
	Amount int64     `bun:"amount"`
	Share  float64   `bun:"share"`
	At     time.Time `bun:"at"`
	Shown  string    `bun:"shown,scanonly"`
}

// TestInsertAllStoresAsEverythingElse holds that a row stands there the same, whichever way it was stored.
func TestInsertAllStoresAsEverythingElse(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		note := "it's \"quoted\"? Ærø"
		zone := time.FixedZone("", 7200)
		err := d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "CREATE TABLE thing (way TEXT, no INTEGER, owner TEXT, note TEXT, amount BIGINT, share DOUBLE PRECISION, at TIMESTAMP, UNIQUE (way, no))"); err != nil {
				return err
			}
			things := func(way string) []*thing {
				return []*thing{
					{Way: way, No: 1, Owner: id.ID("01a20437-8c0b-71bc-9528-3ac71bdd005f"), Note: &note, Amount: -1 << 60, Share: 0.1, At: time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, zone)},
					{Way: way, No: 2, Share: 1e300, At: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Shown: "never stored"},
				}
			}
			one := things("one")
			if _, err := tx.NewInsert().Model(&one).Exec(ctx); err != nil {
				return err
			}
			return errors.Join(db.InsertAll(ctx, tx, things("all"), nil),
				db.InsertAll(ctx, tx, []thing{{Way: "all", No: 1, Amount: 7}}, func(q *bun.InsertQuery) {
					q.On("CONFLICT (way, no) DO UPDATE").Set("note = EXCLUDED.note")
				}),
				db.InsertAll(ctx, tx, []thing{}, nil))
		})
		if err != nil {
			t.Fatal(err)
		}
		same, err := d.Read().NewSelect().TableExpr("thing AS a").Join(`JOIN thing AS b ON a.way = 'one' AND b.way = 'all' AND b.no = a.no
			AND (b.owner = a.owner OR b.owner IS NULL AND a.owner IS NULL) AND b.note IS NULL AND b.amount = a.amount AND b.share = a.share AND CAST(b.at AS TEXT) = CAST(a.at AS TEXT)`).Count(t.Context())
		if err != nil || same != 2 {
			t.Errorf("%d of 2 rows are the same, %v", same, err)
		}
		ended, end := context.WithCancel(t.Context())
		err = d.Write(ended, func(ctx context.Context, tx bun.Tx) error {
			end()
			return db.InsertAll(ctx, tx, []thing{{Way: "late"}}, nil)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}
