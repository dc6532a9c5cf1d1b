package segment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// atOnce is how many ids one statement names.
const atOnce = 500

// memberRow is a customer's stay in a frozen segment.
type memberRow struct {
	bun.BaseModel `bun:"table:segment_member,alias:m"`

	No         int64      `bun:"no,pk,autoincrement"`
	SegmentID  id.ID      `bun:"segment_id"`
	CustomerID id.ID      `bun:"customer_id"`
	AddedAt    time.Time  `bun:"added_at"`
	AddedBy    string     `bun:"added_by"`
	Way        Way        `bun:"way"`
	RemovedAt  *time.Time `bun:"removed_at"`
	RemovedBy  string     `bun:"removed_by"`
}

// add puts customers into a segment and returns how many were not in it yet.
func add(ctx context.Context, tx bun.Tx, segmentID id.ID, customers []id.ID, way Way, by string, at time.Time) (int64, error) {
	var added int64
	for some := range slices.Chunk(customers, atOnce) {
		rows := make([]memberRow, len(some))
		for i, c := range some {
			rows[i] = memberRow{SegmentID: segmentID, CustomerID: c, AddedAt: at, AddedBy: by, Way: way}
		}
		res, err := tx.NewInsert().Model(&rows).ExcludeColumn("no").On("CONFLICT DO NOTHING").Returning("NULL").Exec(ctx)
		if err != nil {
			return 0, fmt.Errorf("add to a segment: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		added += n
	}
	return added, nil
}

// within narrows a question about customers c to a reach.
func within(q *bun.SelectQuery, reach access.Reach) (*bun.SelectQuery, error) {
	c, err := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"})
	if err != nil {
		return nil, err
	}
	return q.Where(c.SQL, c.Args...), nil
}

// change adds customers to a frozen segment and removes others; all were found within the asker's reach.
func (s *store) change(ctx context.Context, p access.Principal, reach access.Reach, segmentID id.ID, version int64, in []id.ID, way Way, out []id.ID) (g *Segment, added, removed int64, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if g, err = s.changeable(ctx, tx, p, reach, segmentID, version); err != nil {
			return err
		}
		if g.Kind != Frozen {
			return fault.New(fault.Invalid, "segment.live", "The customers of a live segment are those who meet its rule. Change the rule, or keep the customers as a frozen segment.")
		}
		now := s.instant()
		if added, err = add(ctx, tx, segmentID, in, way, p.Name, now); err != nil {
			return err
		}
		for some := range slices.Chunk(out, atOnce) {
			res, err := tx.NewUpdate().Table("segment_member").Set("removed_at = ?", now).Set("removed_by = ?", p.Name).
				Where("segment_id = ? AND removed_at IS NULL AND customer_id IN (?)", segmentID, bun.List(some)).Exec(ctx)
			if err != nil {
				return fmt.Errorf("remove from a segment: %w", err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			removed += n
		}
		has, err := tx.NewSelect().Table("segment_member").Where("segment_id = ? AND removed_at IS NULL", segmentID).Count(ctx)
		if err != nil {
			return fmt.Errorf("count a segment: %w", err)
		}
		if has > MostMembers {
			return tooMany(int64(has))
		}
		if added+removed == 0 {
			return nil
		}
		g.Version, g.UpdatedAt = g.Version+1, now
		if _, err := tx.NewUpdate().Table("segment").Set("version = ?", g.Version).Set("updated_at = ?", now).Where("id = ?", g.ID).Exec(ctx); err != nil {
			return fmt.Errorf("write a segment: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: AuditKind, ID: g.ID, Action: audit.Update, After: told{Segment: g, Added: added, Removed: removed}})
	})
	return g, added, removed, err
}

func tooMany(n int64) error {
	return fault.New(fault.Invalid, "segment.too_many_members", "That would be %d customers; a frozen segment holds at most %d. Narrow the list, or keep it as a live segment.", n, MostMembers)
}

// byCode finds customers within reach by their codes, and returns the codes that it did not find, in their order.
func (s *store) byCode(ctx context.Context, reach access.Reach, codes []string) (ids []id.ID, unknown []string, err error) {
	known := map[string]bool{}
	for some := range slices.Chunk(codes, atOnce) {
		var found []struct {
			ID   id.ID  `bun:"id"`
			Code string `bun:"code"`
		}
		q, err := within(s.db.Read().NewSelect().TableExpr("customer AS c").Column("c.id", "c.code").Where("c.code IN (?)", bun.List(some)), reach)
		if err != nil {
			return nil, nil, err
		}
		if err := q.Scan(ctx, &found); err != nil {
			return nil, nil, fmt.Errorf("look for customers by code: %w", err)
		}
		for _, f := range found {
			if !known[f.Code] {
				known[f.Code] = true
				ids = append(ids, f.ID)
			}
		}
	}
	for _, code := range codes {
		if !known[code] {
			known[code] = true
			unknown = append(unknown, code)
		}
	}
	return ids, unknown, nil
}

// sizes counts the members within reach of every frozen segment.
func (s *store) sizes(ctx context.Context, reach access.Reach) (map[id.ID]int64, error) {
	var counts []struct {
		SegmentID id.ID `bun:"segment_id"`
		Customers int64 `bun:"customers"`
	}
	q, err := members(s.db.Read().NewSelect().TableExpr("segment_member AS m"), reach)
	if err != nil {
		return nil, err
	}
	if err := q.ColumnExpr("m.segment_id, count(*) AS customers").Where("m.removed_at IS NULL").GroupExpr("m.segment_id").Scan(ctx, &counts); err != nil {
		return nil, fmt.Errorf("count the members of segments: %w", err)
	}
	all := map[id.ID]int64{}
	for _, c := range counts {
		all[c.SegmentID] = c.Customers
	}
	return all, nil
}

// members joins the customers of stays m where the reach asks it.
func members(q *bun.SelectQuery, reach access.Reach) (*bun.SelectQuery, error) {
	if reach.All() {
		return q, nil
	}
	return within(q.Join("JOIN customer AS c ON c.id = m.customer_id"), reach)
}

// moves is how many came and went at one instant.
type moves struct {
	SegmentID id.ID     `bun:"segment_id"`
	At        time.Time `bun:"at"`
	Customers int64     `bun:"customers"`
	Entered   bool      `bun:"-"`
}

// moved counts who within reach came into frozen segments and left them, by instant; of one segment, or of all for "".
func (s *store) moved(ctx context.Context, reach access.Reach, segmentID id.ID) ([]moves, error) {
	var all []moves
	for _, column := range []string{"m.added_at", "m.removed_at"} {
		q, err := members(s.db.Read().NewSelect().TableExpr("segment_member AS m"), reach)
		if err != nil {
			return nil, err
		}
		q.ColumnExpr("m.segment_id, " + column + " AS at, count(*) AS customers").Where(column + " IS NOT NULL").GroupExpr("m.segment_id, " + column)
		if segmentID != "" {
			q.Where("m.segment_id = ?", segmentID)
		}
		var some []moves
		if err := q.Scan(ctx, &some); err != nil {
			return nil, fmt.Errorf("read the past of segments: %w", err)
		}
		for i := range some {
			some[i].Entered = column == "m.added_at"
		}
		all = append(all, some...)
	}
	return all, nil
}

// stays returns up to limit stays within reach that began (or ended) on a day, those after a number.
func (s *store) stays(ctx context.Context, reach access.Reach, segmentID id.ID, from, to time.Time, entered bool, after int64, limit int) ([]memberRow, error) {
	column := "m.removed_at"
	if entered {
		column = "m.added_at"
	}
	var rows []memberRow
	q, err := members(s.db.Read().NewSelect().Model(&rows), reach)
	if err != nil {
		return nil, err
	}
	err = q.Where("m.segment_id = ? AND m.no > ?", segmentID, after).Where(column+" >= ? AND "+column+" < ?", from, to).OrderExpr("m.no").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the past of a segment: %w", err)
	}
	return rows, nil
}

// holding returns which frozen segments a customer is in.
func (s *store) holding(ctx context.Context, customerID id.ID) (map[id.ID]bool, error) {
	var ids []id.ID
	if err := s.db.Read().NewSelect().Table("segment_member").Column("segment_id").Where("customer_id = ? AND removed_at IS NULL", customerID).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("read the segments of a customer: %w", err)
	}
	in := map[id.ID]bool{}
	for _, one := range ids {
		in[one] = true
	}
	return in, nil
}

// still returns those of the customers who are there and within reach now.
func (s *store) still(ctx context.Context, reach access.Reach, customers []id.ID) ([]id.ID, error) {
	kept := make([]id.ID, 0, len(customers))
	for some := range slices.Chunk(customers, atOnce) {
		var found []id.ID
		q, err := within(s.db.Read().NewSelect().TableExpr("customer AS c").Column("c.id").Where("c.id IN (?)", bun.List(some)), reach)
		if err != nil {
			return nil, err
		}
		if err := q.Scan(ctx, &found); err != nil {
			return nil, fmt.Errorf("look for customers: %w", err)
		}
		kept = append(kept, found...)
	}
	return kept, nil
}
