package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
)

// Tx is one transaction on one connection. It is for one goroutine and ends when the function given to Write or Read returns.
// Temporary tables made in it are gone afterwards.
type Tx struct {
	w      *Warehouse
	f      *file
	conn   *sql.Conn
	early  bool  // of a Write that has written nothing but temporary tables
	failed error // an Append that may have written some of its rows
}

// Write runs fn in one transaction and commits when it returns nil. Writers stand in line; readers go on and see all of
// the transaction or nothing. Do not call Write or Exec inside fn: it would wait for itself. There is no time limit but
// the context's.
//
// The engine reads rows of an open transaction with one processor, and takes their table for an empty one when it plans. So
// what fn writes by Temp and Fill before anything else is committed on the way, in transactions that may write nothing else,
// which the engine sees to. It is all of one moment none the less, since no other writes meanwhile.
func (w *Warehouse) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return w.alone(ctx, func(f *file) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(f.life, func() { cancel(errRetired) })()
		err := w.transact(ctx, f, fn)
		if err == nil {
			return nil
		}
		return w.judge(f, err, context.Cause(ctx))
	})
}

// Read runs fn in one transaction that only asks: all its questions are of the same moment, and writers go on meanwhile. It
// is for what takes longer than a question may; there is no time limit but the context's.
func (w *Warehouse) Read(ctx context.Context, fn func(tx *Tx) error) error {
	f, err := w.use(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(f.life, func() { cancel(errRetired) })()
	if err := w.read(ctx, f, fn); err != nil {
		return w.judge(f, err, context.Cause(ctx))
	}
	return nil
}

func (w *Warehouse) read(ctx context.Context, f *file, fn func(tx *Tx) error) error {
	conn, err := f.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the warehouse: %w", err)
	}
	defer discard(conn)
	tx := &Tx{w: w, f: f, conn: conn}
	if err := tx.begin(ctx, readOnly); err != nil {
		return err
	}
	return fn(tx)
}

func (w *Warehouse) transact(ctx context.Context, f *file, fn func(tx *Tx) error) error {
	conn, err := f.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the warehouse: %w", err)
	}
	// The connection is thrown away: that rolls back what was not committed, whatever happened, and drops its temporary
	// tables.
	defer discard(conn)
	tx := &Tx{w: w, f: f, conn: conn, early: true}
	if err := tx.begin(ctx, readOnly); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := errors.Join(tx.failed, ctx.Err()); err != nil {
		return err
	}
	if err := tx.write(ctx); err != nil {
		return err
	}
	return f.commit(context.WithoutCancel(ctx), conn)
}

const readOnly = " READ ONLY" // but for temporary tables

func (t *Tx) begin(ctx context.Context, how string) error {
	if _, err := t.conn.ExecContext(ctx, "BEGIN TRANSACTION"+how); err != nil {
		return fmt.Errorf("begin a transaction of the warehouse: %w", err)
	}
	return nil
}

// settle commits the temporary tables and begins anew.
func (t *Tx) settle(ctx context.Context, how string) error {
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("keep temporary tables: %w", err)
	}
	return t.begin(ctx, how)
}

// write makes sure that the transaction of a Write may write.
func (t *Tx) write(ctx context.Context) error {
	if !t.early {
		return nil
	}
	t.early = false
	return t.settle(ctx, "")
}

func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// Query asks a question inside the transaction. Close the rows before the next call.
func (t *Tx) Query(ctx context.Context, text string, args Args, holes ...Hole) (*sql.Rows, error) {
	stmt, err := t.bind(text, args, holes)
	if err != nil {
		return nil, err
	}
	return t.conn.QueryContext(ctx, stmt.sql, stmt.args...)
}

// Exec runs one statement and returns how many rows it touched.
func (t *Tx) Exec(ctx context.Context, text string, args Args, holes ...Hole) (int64, error) {
	if err := t.write(ctx); err != nil {
		return 0, err
	}
	return t.exec(ctx, text, args, holes)
}

// Temp runs one statement that makes, changes or removes a temporary table, and nothing else, and returns how many rows it
// touched. In a Read it is the only one that changes anything.
func (t *Tx) Temp(ctx context.Context, text string, args Args, holes ...Hole) (int64, error) {
	touched, err := t.exec(ctx, text, args, holes)
	if err != nil || !t.early {
		return touched, err
	}
	return touched, t.settle(ctx, readOnly)
}

func (t *Tx) exec(ctx context.Context, text string, args Args, holes []Hole) (int64, error) {
	stmt, err := t.bind(text, args, holes)
	if err != nil {
		return 0, err
	}
	res, err := t.conn.ExecContext(ctx, stmt.sql, stmt.args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *Tx) bind(text string, args Args, holes []Hole) (statement, error) {
	stmt, err := bind(text, args, holes)
	if err != nil {
		return statement{}, err
	}
	return stmt, stmt.mustWork()
}

// Append writes rows in bulk, far faster than INSERT, and returns how many. next gives a row in the order of columns, or
// false at the end; it may keep and reuse the slice, and must not use the transaction. Columns left out are NULL. After
// an error the transaction cannot commit.
func (t *Tx) Append(ctx context.Context, table string, columns []string, next func() ([]any, bool, error)) (int64, error) {
	if err := t.write(ctx); err != nil {
		return 0, err
	}
	return t.append(ctx, "", table, columns, next)
}

// Fill is Append to a temporary table, which is made.
func (t *Tx) Fill(ctx context.Context, table string, columns []string, next func() ([]any, bool, error)) (int64, error) {
	rows, err := t.append(ctx, "temp", table, columns, next)
	if err != nil || !t.early {
		return rows, err
	}
	return rows, t.settle(ctx, readOnly)
}

func (t *Tx) append(ctx context.Context, catalog, table string, columns []string, next func() ([]any, bool, error)) (int64, error) {
	var rows int64
	err := t.conn.Raw(func(driverConn any) error {
		conn, ok := driverConn.(*duckdb.Conn)
		if !ok {
			return fmt.Errorf("not a DuckDB connection: %T", driverConn)
		}
		appender, err := duckdb.NewAppenderWithColumns(conn, catalog, "", table, columns)
		if err != nil {
			return err
		}
		rows, err = appendAll(ctx, appender, len(columns), next)
		if err != nil {
			return errors.Join(err, appender.Clear(), appender.Close())
		}
		return appender.CloseWithCancel(ctx)
	})
	if err != nil {
		t.failed = fmt.Errorf("append to %s: %w", table, err)
		return rows, t.failed
	}
	return rows, nil
}

// checkEvery is after how many rows Append looks whether it was cancelled.
const checkEvery = 1024

func appendAll(ctx context.Context, appender *duckdb.Appender, width int, next func() ([]any, bool, error)) (int64, error) {
	cells := make([]driver.Value, width)
	for rows := int64(0); ; rows++ {
		if rows%checkEvery == 0 && ctx.Err() != nil {
			return rows, ctx.Err()
		}
		row, more, err := next()
		if err != nil || !more {
			return rows, err
		}
		if len(row) != width {
			return rows, fmt.Errorf("row %d has %d values for %d columns", rows+1, len(row), width)
		}
		for i, value := range row {
			if cells[i], err = cell(value); err != nil {
				return rows, fmt.Errorf("row %d, value %d: %w", rows+1, i+1, err)
			}
		}
		if err := appender.AppendRow(cells...); err != nil {
			return rows, fmt.Errorf("row %d: %w", rows+1, err)
		}
	}
}
