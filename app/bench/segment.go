package bench

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/filter"
)

// liveSegments is how many segments are worked out together.
const liveSegments = 50

// segments makes live segments, which are worked out on every scored date, and then scores once more, which works them out
// again on the last one.
func (m *bench) segments(ctx context.Context) error {
	if err := m.quiet(ctx); err != nil {
		return err
	}
	begun := time.Now()
	for n := range liveSegments {
		rule := filter.Tree{All: []filter.Tree{{Field: "share", Sign: ">=", Value: fmt.Sprintf("%.2f", float64(n)/liveSegments)},
			{Any: []filter.Tree{{Field: "revenue", Sign: "<", Value: strconv.Itoa((n + 1) * 100_000)}, {Field: "cell", Sign: "!=", Value: "gold_bubble"}}}}}
		asked := map[string]any{"name": fmt.Sprint("Segment ", n), "kind": "live", "rule": rule}
		if err := m.op.Call(ctx, http.MethodPost, "/segments", asked, nil); err != nil {
			return fmt.Errorf("make a segment: %w", err)
		}
	}
	for busy := true; busy; {
		time.Sleep(20 * time.Millisecond)
		var err error
		if busy, err = m.busy(ctx); err != nil {
			return err
		}
	}
	m.say("%-44s %8.2f s  on two dates", fmt.Sprintf("make %d live segments", liveSegments), time.Since(begun).Seconds())
	before, err := m.scoreOf(ctx, demo.LastDay)
	if err != nil {
		return err
	}
	m.say("%-44s %8.2f s  (goal: < 10 more than without)", fmt.Sprintf("score with %d live segments", liveSegments), before.Seconds())
	return nil
}
