package matrix

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Export is a list opened for reading to its end, in pages, so that a million customers need no memory.
type Export struct {
	q        *Questions
	reach    access.Reach
	list     List
	page     Page
	currency string
}

// exportPage is how many lines an export reads at once: more than a list, since each page looks through the whole version, and
// what sees all customers through all their names.
const exportPage = 40_000

// Export opens the list behind a figure; its cursor and limit do not count. Faults as of Customers.
func (q *Questions) Export(ctx context.Context, reach access.Reach, l List) (*Export, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return nil, fmt.Errorf("export customers: %w", err)
	}
	l.Cursor, l.Limit = "", exportPage
	e := &Export{q: q, reach: reach, list: l, currency: currency}
	if e.page, err = e.turn(ctx, ""); err != nil {
		return nil, err
	}
	e.list.AsOf = e.page.Version.AsOf
	return e, nil
}

// turn reads the page that begins at the cursor.
func (e *Export) turn(ctx context.Context, cursor string) (Page, error) {
	l := e.list
	l.Cursor = cursor
	return e.q.customersUpTo(ctx, e.reach, l, exportPage)
}

// Name is the file's name without its ending.
func (e *Export) Name() string { return "customers-" + string(e.page.Version.AsOf) }

// each gives every line once; while a page is taken the next is read. An error after the first page leaves the file torn; the
// writer must not end it well.
func (e *Export) each(ctx context.Context, take func(Line) error) error {
	reading, ctx := errgroup.WithContext(ctx)
	pages := make(chan Page)
	reading.Go(func() error {
		defer close(pages)
		for page := e.page; ; {
			select {
			case pages <- page:
			case <-ctx.Done():
				return ctx.Err()
			}
			if page.Next == "" {
				return nil
			}
			var err error
			if page, err = e.next(ctx, page.Next); err != nil {
				return err
			}
		}
	})
	reading.Go(func() error {
		for page := range pages {
			for _, l := range page.Lines {
				if err := take(l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return reading.Wait()
}

// header names the columns of the file, the chosen measures last. Amounts are written in major units: people calculate with
// them.
func (e *Export) header() []any {
	all := []any{"code", "name", "industry", "country", "unit", "owner", "revenue", "potential", "potential_source", "share", "unused",
		"last_purchase", "row", "column", "cell", "currency", "as_of"}
	if e.list.Narrow.Matrix != "" {
		all = append(all, "place")
	}
	for _, m := range e.page.Measures {
		all = append(all, m.Key)
	}
	return all
}

// cells returns a line in the order of the header: text as string, numbers as number, nil for what is unknown.
func (e *Export) cells(l Line) []any {
	all := []any{l.Code, l.Name, l.Industry, l.Country, l.UnitName, l.OwnerName, e.major(l.Revenue), e.optional(l.Potential),
		l.PotentialSource, ratio(l.Share), e.optional(l.Unused), string(l.LastPurchase), l.Row, l.Column, l.Cell, e.currency,
		string(e.page.Version.AsOf)}
	if e.list.Narrow.Matrix != "" {
		all = append(all, l.Place)
	}
	for _, m := range e.page.Measures {
		all = append(all, e.measured(m, l.Measures[m.Key]))
	}
	return all
}

// measured is a chosen measure as a cell of the file.
func (e *Export) measured(m measure.Measure, v any) any {
	switch v := v.(type) {
	case int64:
		if m.Unit == scoring.Money {
			return e.major(v)
		}
		return tabular.Number(strconv.FormatInt(v, 10))
	case float64:
		if m.Unit == scoring.Money {
			return e.major(int64(math.Round(v)))
		}
		return ratio(&v)
	}
	return v
}

func (e *Export) major(minor int64) tabular.Number {
	return tabular.Number(money.Major(minor, e.currency))
}

func (e *Export) optional(minor *int64) any {
	if minor == nil {
		return nil
	}
	return e.major(*minor)
}

func ratio(share *float64) any {
	if share == nil {
		return nil
	}
	return tabular.Number(strconv.FormatFloat(*share, 'g', -1, 64))
}

// CSV writes the list as comma-separated UTF-8 text.
func (e *Export) CSV(ctx context.Context, to io.Writer) error {
	w := tabular.NewCSVWriter(to)
	w.Row(e.header()...)
	if err := e.each(ctx, func(l Line) error { return w.Row(e.cells(l)...) }); err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	return w.Flush()
}

// XLSX writes the list as a workbook.
func (e *Export) XLSX(ctx context.Context, to io.Writer) error {
	sheet, err := tabular.NewSheetWriter()
	if err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	defer sheet.Close()
	if err := sheet.Row(e.header()...); err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	rows := 0
	err = e.each(ctx, func(l Line) error {
		if rows++; rows > tabular.MostRows {
			return fault.New(fault.Invalid, "matrix.too_many_rows", "A sheet holds at most %d rows; narrow the list or export it as CSV.", tabular.MostRows)
		}
		return sheet.Row(e.cells(l)...)
	})
	if err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	if err := sheet.Write(to); err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	return nil
}
