package quality

import (
	"context"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
)

// How much the first slice of a list holds, in lines and in customers, and how many times more each further one does: a
// finding that is rare is looked for in few slices, and all of them together cost little more than the whole.
const (
	sliceLines     = 200_000
	sliceCustomers = 20_000
	sliceGrowth    = 4
)

// parts are the slices of a list one after the other, from the one on where the page before ended.
type parts interface {
	// next returns the condition of the next part, and whether there may be another after it.
	next(ctx context.Context) (filter.Clause, bool, error)
}

// whole is a list of one part.
type whole struct{}

func (whole) next(context.Context) (filter.Clause, bool, error) { return filter.Clause{}, false, nil }

func (c *Checker) parts(ctx context.Context, l list, cursor string) (parts, error) {
	last, err := l.last(cursor)
	if err != nil {
		return nil, err
	}
	switch l.sheet.by {
	case byDay:
		return c.byDay(ctx, l, last)
	case byCode:
		codes := &codes{warehouse: c.cfg.Warehouse, after: filter.And(), size: c.sliceCustomers}
		if last != nil {
			codes.after = filter.AtLeast("place", last[0])
		}
		return codes, nil
	}
	return whole{}, nil
}

// days are slices of days, by how many lines they have.
type days struct {
	days []date.Date
	sums []int64 // lines up to and with each day
	done int
	size int64
}

func (c *Checker) byDay(ctx context.Context, l list, last []any) (parts, error) {
	question, err := text("line_days.sql")
	if err != nil {
		return nil, err
	}
	from := date.Date("0001-01-01")
	if l.month != "" {
		from = l.month.MonthStart()
	}
	if last != nil {
		from = max(from, last[0].(date.Date)) // checked to be one
	}
	rows, err := c.cfg.Warehouse.Query(ctx, question, engine.Args{"from": from})
	if err != nil {
		return nil, fmt.Errorf("count the lines of days: %w", err)
	}
	s := &days{size: c.sliceLines}
	var sum int64
	err = each(rows, func() error {
		var day date.Date
		var lines int64
		if err := rows.Scan(&day, &lines); err != nil {
			return err
		}
		if l.month == "" || day < l.month.MonthStart().AddMonths(1) {
			sum += lines
			s.days, s.sums = append(s.days, day), append(s.sums, sum)
		}
		return nil
	})
	return s, err
}

func (s *days) next(context.Context) (filter.Clause, bool, error) {
	if s.done >= len(s.days) {
		return filter.Clause{SQL: "false"}, false, nil
	}
	first, before := s.done, int64(0)
	if first > 0 {
		before = s.sums[first-1]
	}
	for s.done++; s.done < len(s.days) && s.sums[s.done]-before <= s.size; {
		s.done++
	}
	s.size *= sliceGrowth
	c, err := filter.Compile(filter.And(filter.AtLeast("place", s.days[first]), filter.AtMost("place", s.days[s.done-1])),
		filter.Columns{"place": string(byDay)})
	return c, s.done < len(s.days), err
}

// codes are slices of customers in the order of their codes.
type codes struct {
	warehouse *engine.Warehouse
	after     filter.Expr // all customers that are left
	size      int64
}

func (s *codes) next(ctx context.Context) (filter.Clause, bool, error) {
	question, err := text("customer_codes.sql")
	if err != nil {
		return filter.Clause{}, false, err
	}
	columns := filter.Columns{"place": string(byCode)}
	left, err := filter.Compile(s.after, columns)
	if err != nil {
		return filter.Clause{}, false, err
	}
	rows, err := s.warehouse.Query(ctx, question, nil, engine.Hole{Name: "after", Clause: left}, engine.Hole{Name: "limit", Clause: filter.Clause{SQL: fmt.Sprint(s.size)}})
	if err != nil {
		return filter.Clause{}, false, fmt.Errorf("slice the customers: %w", err)
	}
	var until *string
	var count int64
	if err := each(rows, func() error { return rows.Scan(&until, &count) }); err != nil {
		return filter.Clause{}, false, fmt.Errorf("slice the customers: %w", err)
	}
	if until == nil || count < s.size {
		return left, false, nil
	}
	slice, err := filter.Compile(filter.And(s.after, filter.AtMost("place", *until)), columns)
	s.after = filter.More("place", *until)
	s.size *= sliceGrowth
	return slice, true, err
}
