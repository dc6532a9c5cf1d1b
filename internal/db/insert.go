package db

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// insertRows is how many rows one statement brings to PostgreSQL.
const insertRows = 5_000

// InsertAll stores rows, which may be very many. shape adds to each statement what it needs besides, such as ON CONFLICT; nil
// adds nothing.
//
// SQLite gets one prepared statement and the values of row after row: writing values into a text and reading them there again
// takes three times as long.
func InsertAll[T any](ctx context.Context, tx bun.Tx, rows []T, shape func(*bun.InsertQuery)) error {
	if len(rows) == 0 {
		return nil
	}
	query := func(part []T) *bun.InsertQuery {
		q := tx.NewInsert().Model(&part).Returning("NULL")
		if shape != nil {
			shape(q)
		}
		return q
	}
	var err error
	if tx.Dialect().Name() == dialect.SQLite {
		err = insertPrepared(ctx, tx, query(rows[:1]), rows)
	} else {
		for part := range slices.Chunk(rows, insertRows) {
			if _, err = query(part).Exec(ctx); err != nil {
				break
			}
		}
	}
	if err != nil {
		return fmt.Errorf("store %T: %w", rows, cmp.Or(ctx.Err(), err)) // a context that ended took the transaction with it
	}
	return nil
}

func insertPrepared[T any](ctx context.Context, tx bun.Tx, q *bun.InsertQuery, rows []T) error {
	text, err := q.AppendQuery(schema.NewNopQueryGen(), nil)
	if err != nil {
		return err
	}
	// A context that can end costs a goroutine for every row; it is asked between them instead.
	endless := context.WithoutCancel(ctx)
	prepared, err := tx.Tx.PrepareContext(endless, string(text))
	if err != nil {
		return err
	}
	defer prepared.Close()
	of := reflect.TypeFor[T]()
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	fields := tx.Dialect().Tables().Get(of).Fields
	values := make([]any, len(fields))
	for i := range rows {
		row := reflect.Indirect(reflect.ValueOf(&rows[i]).Elem())
		for n, f := range fields {
			values[n] = stored(f, f.Value(row))
		}
		if _, err := prepared.ExecContext(endless, values...); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// stored is the value of a field as the other statements of bun would write it.
func stored(f *schema.Field, v reflect.Value) any {
	if f.IsPtr && v.IsNil() || f.NullZero && f.IsZero(v) {
		return nil
	}
	value := v.Interface()
	if at, ok := value.(time.Time); ok {
		return at.UTC().Truncate(time.Microsecond)
	}
	return value
}
