package job

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
)

// sweeper finds executions whose server is gone and gives their jobs a new attempt or an end.
//
// It does not compare clocks, since two servers' may differ by minutes: it remembers which heartbeat it saw when by its
// own, and takes a server for dead when the beat has not changed for the Runner's patience.
type sweeper struct {
	r    *Runner
	seen map[id.ID]sighting
}

type sighting struct {
	pulse pulse
	since time.Time // with its monotonic part, so a clock that is set does not count
}

func newSweeper(r *Runner) *sweeper { return &sweeper{r: r, seen: map[id.ID]sighting{}} }

// loop sweeps until ctx ends.
func (s *sweeper) loop(ctx context.Context) {
	tick := time.NewTicker(s.r.times.sweep)
	defer tick.Stop()
	for {
		if err := s.round(ctx, s.r.times.patience); err != nil && ctx.Err() == nil {
			s.r.log.Warn("jobs of dead servers not looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round looks once and takes over what has been silent for the patience.
func (s *sweeper) round(ctx context.Context, patience time.Duration) error {
	all, err := pulses(ctx, s.r.db.Read())
	if err != nil {
		return err
	}
	now, seen := time.Now(), make(map[id.ID]sighting, len(all))
	for _, p := range all {
		if run := s.r.live.of(p.Job); run != nil && run.ticket == p.ticket {
			continue // it runs here, however long the store has kept its beats waiting
		}
		last, known := s.seen[p.Job]
		if !known || last.pulse != p {
			last = sighting{pulse: p, since: now}
		}
		seen[p.Job] = last
		if now.Sub(last.since) < patience {
			continue
		}
		if err := s.takeOver(ctx, p); err != nil {
			return err
		}
	}
	s.seen = seen
	return nil
}

// takeOver ends the silent execution p and decides what becomes of its job.
func (s *sweeper) takeOver(ctx context.Context, p pulse) error {
	ctx, cancel := context.WithTimeout(ctx, s.r.times.sweep)
	defer cancel()
	return s.r.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		rec, silent, err := lockSilent(ctx, tx, s.r.db.Dialect(), p)
		if err != nil || !silent {
			return err
		}
		o := s.r.lost(rec)
		s.r.log.Warn("job lost its server", "job", rec.ID, "kind", rec.Kind, "attempt", rec.Attempt, "becomes", o.state)
		return s.r.write(ctx, tx, p.ticket, rec.Kind, nil, o)
	})
}

// lost is the outcome of an execution whose server is gone.
func (r *Runner) lost(rec record) outcome {
	h, known := r.handler(rec.Kind)
	switch {
	case rec.Cancelling:
		return outcome{state: Cancelled, losses: 1}
	case !known || !h.restartable:
		return outcome{state: Failed, error: lostSentence, losses: 1}
	case rec.Losses+1 >= maxLosses:
		return outcome{state: Failed, error: fmt.Sprintf(poisonSentence, rec.Losses+1), losses: 1}
	default:
		return outcome{state: Queued, losses: 1}
	}
}
