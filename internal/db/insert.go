package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"
)

// insertRows is how many rows one statement of InsertAll brings.
const insertRows = 2_500

// InsertAll stores rows, which may be very many. Writing a statement costs about as much as carrying it out, so the next is
// written meanwhile. shape adds to each statement what it needs besides, such as ON CONFLICT; nil adds nothing.
func InsertAll[T any](ctx context.Context, tx bun.Tx, rows []T, shape func(*bun.InsertQuery)) error {
	both, ctx := errgroup.WithContext(ctx)
	texts := make(chan []byte)
	both.Go(func() error {
		defer close(texts)
		for part := range slices.Chunk(rows, insertRows) {
			q := tx.NewInsert().Model(&part).Returning("NULL")
			if shape != nil {
				shape(q)
			}
			text, err := q.AppendQuery(q.DB().QueryGen(), nil)
			if err != nil {
				return err
			}
			select {
			case texts <- text:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	both.Go(func() error {
		for text := range texts {
			if _, err := tx.Tx.ExecContext(ctx, string(text)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := both.Wait(); err != nil {
		return fmt.Errorf("store %T: %w", rows, err)
	}
	return nil
}
