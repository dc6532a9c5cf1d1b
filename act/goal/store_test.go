package goal

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// A goal and its parts are kept alike by both databases: what is read is what was written, a part is never in the list beside
// the goal above it, a reach that has only the part lists it, and dropping takes the parts along.
func TestStore(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := access.With(context.Background(), access.Operator())
		now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		s := &store{db: d, now: func() time.Time { return now }}
		unit := id.New()
		if err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO unit (id, code, name, kind, version, created_at, updated_at) VALUES (?, 'N', 'North', 'team', 1, ?, ?)", unit, now, now).Exec(ctx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		g := &Goal{Title: "More", What: What{Kind: Count, Row: "gold", Meeting: []string{"revenue>0"}}, StartAsOf: "2026-01-01", StartValue: 2, Target: 7.5, DueOn: "2026-12-31"}
		if err := s.create(ctx, g); err != nil {
			t.Fatal(err)
		}
		if err := s.split(ctx, access.Everything(), g, 1, []Part{{UnitID: unit, StartValue: 2, Amount: 5.5, Target: 7.5}}); err != nil {
			t.Fatal(err)
		}
		if err := s.split(ctx, access.Everything(), g, 1, nil); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale split: %v", err)
		}
		all, err := s.top(ctx, access.Everything(), "", 10)
		if err != nil || len(all) != 1 {
			t.Fatalf("%v %v", all, err)
		}
		got := all[0]
		if got.Version != 2 || got.What.Row != "gold" || got.What.Meeting[0] != "revenue>0" || got.StartAsOf != "2026-01-01" || got.Target != 7.5 || got.DroppedOn != "" || !got.CreatedAt.Equal(now) {
			t.Errorf("%+v", got)
		}
		manager, err := access.Decide(access.Principal{UserID: id.New(), Role: access.Manager, Scope: access.ScopeUnit, Units: []id.ID{unit}, Via: access.ViaSession}, access.GoalRead)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := s.top(ctx, manager, "", 10)
		if err != nil || len(mine) != 1 || mine[0].UnitID != unit || mine[0].ParentID != g.ID || mine[0].Target != 7.5 {
			t.Fatalf("%+v %v", mine, err)
		}
		if _, err := s.get(ctx, d.Read(), manager, g.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the goal of the company for a manager: %v", err)
		}
		if err := s.change(ctx, access.Everything(), g.ID, 2, func(ctx context.Context, tx bun.Tx, g *Goal) error {
			g.Target, g.DueOn = 9, "2027-06-30"
			return s.follow(ctx, tx, g)
		}); err != nil {
			t.Fatal(err)
		}
		if part, err := s.get(ctx, d.Read(), manager, mine[0].ID); err != nil || part.Target != 9 || part.DueOn != "2027-06-30" || part.Version != 2 {
			t.Errorf("the part does not follow: %+v %v", part, err)
		}
		if err := s.change(ctx, access.Everything(), g.ID, 3, func(ctx context.Context, tx bun.Tx, g *Goal) error { return s.drop(ctx, tx, g, "Over") }); err != nil {
			t.Fatal(err)
		}
		if parts, err := s.parts(ctx, d.Read(), g.ID); err != nil || len(parts) != 1 || parts[0].DroppedOn != "2026-11-22" || parts[0].DroppedWhy != "Over" {
			t.Errorf("%+v %v", parts, err)
		}
		if err := s.remove(ctx, access.Everything(), g.ID, 4); err != nil {
			t.Fatal(err)
		}
		if parts, err := s.parts(ctx, d.Read(), g.ID); err != nil || len(parts) != 0 {
			t.Errorf("%v %v", parts, err)
		}
	})
}
