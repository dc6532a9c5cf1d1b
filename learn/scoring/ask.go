package scoring

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
)

//go:embed standing.sql
var standingSQL string

// Find returns the version of the date, the latest for an empty one, for people who ask. Faults: scoring.empty,
// scoring.not_scored.
func (s *Scorer) Find(ctx context.Context, asOf date.Date) (Version, error) {
	var v Version
	var err error
	if asOf == "" {
		v, err = s.Latest(ctx)
	} else {
		v, err = s.At(ctx, asOf)
	}
	switch {
	case errors.Is(err, ErrEmpty):
		return v, fault.New(fault.NotFound, "scoring.empty", "No customers have been scored yet. Import customers and purchases, then score them.")
	case errors.Is(err, ErrNotScored):
		return v, fault.New(fault.NotFound, "scoring.not_scored", "The customers have not been scored as of %s. Score that date, or choose one of the scored dates.", asOf)
	}
	return v, err
}

// tries is how often a question is asked anew because its version was replaced meanwhile.
const tries = 5

// On asks about the version of the date, as Find finds it, and makes sure that it stood all the while: one that is scored
// again is replaced, and the question is asked anew. Fault beside those of Find: scoring.scored_again.
func (s *Scorer) On(ctx context.Context, asOf date.Date, ask func(v Version) error) error {
	for range tries {
		mark := s.cfg.Warehouse.Mark(ctx)
		v, err := s.Find(ctx, asOf)
		if err != nil {
			return err
		}
		if err := ask(v); err != nil {
			return err
		}
		if mark.Counts() && mark == s.cfg.Warehouse.Mark(ctx) {
			return nil
		}
		stands, err := s.stands(ctx, v.Version)
		if err != nil || stands {
			return err
		}
	}
	return ScoredAgain()
}

// ScoredAgain is the fault of asking about a version that was replaced.
func ScoredAgain() error {
	return fault.New(fault.Conflict, "scoring.scored_again", "The customers were scored again in the meantime. Load the list again from its beginning.")
}

func (s *Scorer) stands(ctx context.Context, version int64) (bool, error) {
	rows, err := s.cfg.Warehouse.Query(ctx, standingSQL, engine.Args{"version": version})
	if err != nil {
		return false, fmt.Errorf("look whether version %d stands: %w", version, err)
	}
	defer rows.Close()
	var n int64
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return false, fmt.Errorf("look whether version %d stands: %w", version, err)
		}
	}
	return n > 0, rows.Err()
}

// Within is the reach as a condition on rows s of score: reach goes by who looks after the customer today. Whoever reaches
// all needs no look at that.
func Within(reach access.Reach) (filter.Clause, error) {
	if reach.All() {
		return filter.Clause{SQL: "true"}, nil
	}
	c, err := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"})
	if err != nil {
		return c, err
	}
	return filter.Clause{SQL: "s.customer_id IN (SELECT c.id FROM customer c WHERE " + c.SQL + ")", Args: c.Args}, nil
}
