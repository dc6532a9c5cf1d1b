package audit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestRecordAndList(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := audit.WithActor(context.Background(), audit.Actor{ID: id.New(), Name: "Karen"})
		record := id.New()
		write(t, d, ctx, audit.Change{Kind: "customer", ID: record, Action: audit.Create, After: map[string]string{"name": "A"}})
		write(t, d, ctx, audit.Change{Kind: "customer", ID: record, Action: audit.Update, Before: map[string]string{"name": "A"}, After: map[string]string{"name": "B"}},
			audit.Change{Kind: "unit", Action: audit.Import})

		entries, err := audit.List(ctx, d.Read(), audit.Query{Kind: "customer", RecordID: record, Limit: 10})
		if err != nil || len(entries) != 2 {
			t.Fatalf("got %d entries, %v", len(entries), err)
		}
		newest := entries[0]
		if newest.Action != audit.Update || newest.ActorName != "Karen" || !strings.Contains(string(newest.Before), `"A"`) || !strings.Contains(string(newest.After), `"B"`) {
			t.Errorf("got %+v", newest)
		}
		refs, err := audit.Since(ctx, d.Read(), 1, 10)
		if err != nil || !cmp.Equal(refs, []audit.Ref{{Seq: 2, Kind: "customer", ID: record}, {Seq: 3, Kind: "unit"}}) {
			t.Errorf("feed: got %+v, %v", refs, err)
		}
		if last, err := audit.Last(ctx, d.Read()); err != nil || last != 3 {
			t.Errorf("last: got %d, %v", last, err)
		}
	})
}

func TestLogCannotBeAltered(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		write(t, d, ctx, audit.Change{Kind: "customer", Action: audit.Import})
		for _, statement := range []string{"UPDATE change_log SET kind = 'x'", "DELETE FROM change_log"} {
			err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.ExecContext(ctx, statement)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v", statement, err)
			}
		}
	})
}

func write(t *testing.T, d *db.DB, ctx context.Context, changes ...audit.Change) {
	t.Helper()
	err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return audit.Record(ctx, tx, changes...) })
	if err != nil {
		t.Fatal(err)
	}
}
