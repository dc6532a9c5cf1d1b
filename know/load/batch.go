package load

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// Batch is what a kind's Load works on: the good rows of all files of one import.
//
// In Tx stands a temporary view `staged`:
//
//	row_no BIGINT   ordinal of the record, from 0, across all files in their order; rejected rows leave gaps
//	<field> …       one column for every field of the kind, typed as [mapping.Type] says; not mapped = NULL throughout
//
// Cells are trimmed and an empty one is NULL. Amounts are BIGINT fine units: the text is read as a decimal (exactly, never
// through floating point) and rounded half away from zero to four decimals. Rows whose cells do not fit their type, or that
// lack a required field, are not in the view.
//
// The rows stand in the order of the files. Tx is the one open transaction of the warehouse: what a fact kind writes to it
// becomes visible with the import's own record of it, or not at all.
type Batch struct {
	Tx     *engine.Tx
	Import Import

	kind     Kind
	mapped   map[string]bool
	rejects  *rejectList
	progress func(done, total int64, note string)
	total    int64
	stubs    int64
	trial    bool
	shown    []Shown
}

// Has tells whether the mapping gives the field anything.
func (b *Batch) Has(field string) bool { return b.mapped[field] }

// Total is how many rows stand in `staged` at the start of the load.
func (b *Batch) Total() int64 { return b.total }

// Progress reports to whoever watches the import; done and total are rows.
func (b *Batch) Progress(done, total int64, note string) { b.progress(done, total, note) }

// Reject refuses a staged row: field is where the fault lies ("" when it is the row as a whole), why a sentence with the
// cure. The row is counted once however often it is refused. It stays visible in `staged`.
func (b *Batch) Reject(rowNo int64, field string, why fault.Reason) { b.rejects.add(rowNo, field, why) }

// Refuse rejects a staged row for all that an error says of it.
func (b *Batch) Refuse(rowNo int64, err error) {
	field, why := fault.Reasons(err)
	b.rejects.add(rowNo, field, why...)
}

// RejectWhere refuses every staged row for which condition holds, takes it out of `staged`, and returns how many there
// were. The condition is SQL text of the kind over the columns of `staged` (never anything a user wrote); values go
// into args.
func (b *Batch) RejectWhere(ctx context.Context, field string, why fault.Reason, condition string, args engine.Args) (int64, error) {
	rows, err := b.Tx.Query(ctx, "SELECT row_no FROM staged WHERE "+condition+" ORDER BY row_no", args)
	if err != nil {
		return 0, fmt.Errorf("find rows to reject: %w", err)
	}
	n, err := b.rejectRows(rows, field, why)
	if err != nil || n == 0 {
		return n, err
	}
	// The same condition again rather than a list of rows: it may be ten million of them.
	_, err = b.Tx.Temp(ctx, "DELETE FROM staged_row WHERE rowid IN (SELECT staged_rowid FROM staged WHERE "+condition+")", args)
	if err != nil {
		return 0, fmt.Errorf("take rejected rows out: %w", err)
	}
	return n, nil
}

func (b *Batch) rejectRows(rows *sql.Rows, field string, why fault.Reason) (n int64, err error) {
	defer rows.Close()
	for ; rows.Next(); n++ {
		var rowNo int64
		if err := rows.Scan(&rowNo); err != nil {
			return 0, fmt.Errorf("find rows to reject: %w", err)
		}
		b.rejects.add(rowNo, field, why)
	}
	return n, rows.Err()
}

// Row is one staged row in Go, for the kinds that live in the operational store.
type Row struct {
	No    int64 // row_no
	names []string
	cells []any
}

// Text returns the value of a text, code or choice field; "" when the cell is empty or the field not mapped.
func (r Row) Text(field string) string {
	s, _ := r.cell(field).(string)
	return s
}

// Integer returns the value of an integer field, or of an amount field in fine units; false when empty.
func (r Row) Integer(field string) (int64, bool) {
	n, ok := r.cell(field).(int64)
	return n, ok
}

// Amount returns the value of an amount field in fine units; false when empty.
func (r Row) Amount(field string) (int64, bool) { return r.Integer(field) }

// Number returns the value of a number field; false when empty.
func (r Row) Number(field string) (float64, bool) {
	n, ok := r.cell(field).(float64)
	return n, ok
}

// Date returns the value of a date or month field; "" when empty.
func (r Row) Date(field string) date.Date {
	d, _ := r.cell(field).(date.Date)
	return d
}

func (r Row) cell(field string) any {
	i := slices.Index(r.names, field)
	if i < 0 {
		return nil
	}
	return r.cells[i]
}

// pageRows is how many staged rows are held in memory at a time.
const pageRows = 50_000

// Rows walks the staged rows in order. The transaction is free between pages only, so fn must not query Tx.
func (b *Batch) Rows(ctx context.Context, fn func(Row) error) error {
	return b.Chunks(ctx, pageRows, func(rows []Row) error {
		for _, row := range rows {
			if err := fn(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Chunks walks the staged rows in order, up to size at a time (at most 50,000). Nothing is open on Tx while fn runs. After
// each chunk it reports progress and stops when ctx is done.
func (b *Batch) Chunks(ctx context.Context, size int, fn func([]Row) error) error {
	var done int64
	return b.walk(ctx, size, func(rows []Row) error {
		if err := fn(rows); err != nil {
			return err
		}
		done += int64(len(rows))
		b.progress(done, b.total, "Loading")
		return ctx.Err()
	})
}

// Piped is Chunks in two steps: prepare makes of each row what fn takes, or leaves the row out, while fn has those before.
// So prepare must not touch what fn does; Tx is for neither.
func Piped[T any](ctx context.Context, b *Batch, size int, prepare func(Row) (T, bool), fn func(context.Context, []T) error) error {
	type chunk struct {
		made []T
		rows int
	}
	both, ctx := errgroup.WithContext(ctx)
	chunks := make(chan chunk, 2)
	both.Go(func() error {
		defer close(chunks)
		return b.walk(ctx, size, func(rows []Row) error {
			c := chunk{make([]T, 0, len(rows)), len(rows)}
			for _, row := range rows {
				if one, ok := prepare(row); ok {
					c.made = append(c.made, one)
				}
			}
			select {
			case chunks <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	both.Go(func() error {
		var done int64
		for c := range chunks {
			if err := fn(ctx, c.made); err != nil {
				return err
			}
			done += int64(c.rows)
			b.progress(done, b.total, "Loading")
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return both.Wait()
}

func (b *Batch) walk(ctx context.Context, size int, fn func([]Row) error) error {
	last, err := b.lastRow(ctx)
	if err != nil {
		return err
	}
	for from := int64(0); from <= last; from += pageRows {
		page, err := b.page(ctx, from)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(page, min(max(size, 1), pageRows)) {
			if err := fn(chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Batch) lastRow(ctx context.Context) (last int64, err error) {
	rows, err := b.Tx.Query(ctx, "SELECT coalesce(max(row_no), -1) FROM staged", nil)
	if err != nil {
		return 0, fmt.Errorf("read staged rows: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&last)
	}
	return last, err
}

func (b *Batch) page(ctx context.Context, from int64) ([]Row, error) {
	names := make([]string, len(b.kind.Fields))
	columns := make([]string, len(names))
	for i, f := range b.kind.Fields {
		names[i], columns[i] = f.Name, f.Name
		if f.Type == mapping.Date || f.Type == mapping.Month {
			columns[i] = "cast(" + f.Name + " as varchar)"
		}
	}
	rows, err := b.Tx.Query(ctx, "SELECT row_no, "+strings.Join(columns, ", ")+
		" FROM staged WHERE row_no >= :from AND row_no < :until ORDER BY row_no", engine.Args{"from": from, "until": from + pageRows})
	if err != nil {
		return nil, fmt.Errorf("read staged rows: %w", err)
	}
	defer rows.Close()
	var page []Row
	into := make([]any, 1+len(names))
	for rows.Next() {
		row := Row{names: names, cells: make([]any, len(names))}
		into[0] = &row.No
		for i := range row.cells {
			into[1+i] = &row.cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read staged rows: %w", err)
		}
		for i, f := range b.kind.Fields {
			if s, ok := row.cells[i].(string); ok && (f.Type == mapping.Date || f.Type == mapping.Month) {
				row.cells[i] = date.Date(s)
			}
		}
		page = append(page, row)
	}
	return page, rows.Err()
}
