package matrix

import (
	"context"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// What an export waits for memory that others use: it has begun, so it cannot say any more that there is too little.
const (
	patience = 40
	wait     = 250 * time.Millisecond
)

// next turns to a page after the first.
func (e *Export) next(ctx context.Context, cursor string) (Page, error) {
	for try := 1; ; try++ {
		page, err := e.turn(ctx, cursor)
		if !engine.OutOfMemory(err) || try == patience {
			return page, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return page, ctx.Err()
		}
	}
}
