package clv

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/learn/lifetime"
)

const (
	// shortest is how many days have to be held out for a test to say anything.
	shortest = 28
	// longest is how many steps the tracking chart has at most; a long past gets longer ones.
	longest = 260
)

// past is the customers who had bought before the time held out, and what they did in it.
type past struct {
	customers []lifetime.Tuple
	actual    []float64
	repeaters float64
}

// choose tests the models on the company's own past and returns the one that foretold it best.
func (l *learner) choose(ctx context.Context) (lifetime.Model, error) {
	held := daysBetween(l.calibration, l.s.AsOf)
	p, err := l.past(ctx)
	if err != nil {
		return nil, err
	}
	switch least := float64(l.kept.Definition.Minimum); {
	case held < shortest:
		l.kept.Untested = fmt.Sprintf("The first purchase of all was %d days before the date: too short a past to hold a part of it out. The model is the usual one for such data, not one that was tested on it.", l.days)
		return untested(), nil
	case p.repeaters < least:
		l.kept.Untested = fmt.Sprintf("Up to %s only %.0f customers had bought on a second day; a test needs %.0f. The model is the usual one for such data, not one that was tested on it.", l.calibration, p.repeaters, least)
		return untested(), nil
	}
	t := &Test{From: l.origin, Calibration: l.calibration, Until: l.s.AsOf, Candidates: []Candidate{}, Bins: []Bin{}, Track: []TrackStep{}}
	if t.WithoutRegular = l.distinct > mostRegular; !t.WithoutRegular {
		gaps, err := l.gaps(ctx, l.calibration)
		if err != nil {
			return nil, err
		}
		for _, g := range l.groups {
			p.customers[0].LogGaps += gaps[g.name]
		}
	}
	chosen := t.candidates(lifetime.Choose(p.customers, p.actual, float64(held)/daysPerWeek, lastBin))
	if chosen == nil {
		l.kept.Untested = "No model could be fitted to the past before the time held out. The model is the usual one for such data, not one that was tested on it."
		return untested(), nil
	}
	l.kept.Test = t
	for _, c := range t.Candidates {
		if c.Chosen && c.Errors != nil {
			if err := l.occasions(ctx, t, *c.Errors); err != nil {
				return nil, err
			}
		}
	}
	return chosen, l.track(ctx, t, chosen)
}

func (l *learner) past(ctx context.Context) (past, error) {
	var p past
	err := l.s.Each(ctx, pastSQL, nil, func(rows *sql.Rows) error {
		var h history
		var later int64
		if err := rows.Scan(&h.repeats, &h.recency, &h.age, &later, &h.customers); err != nil {
			return err
		}
		p.customers = append(p.customers, h.tuple(h.customers))
		p.actual = append(p.actual, float64(later))
		if h.repeats > 0 {
			p.repeaters += float64(h.customers)
		}
		return nil
	})
	return p, err
}

// track lays what happened step by step beside what the model expected of those who had bought before the time held out.
func (l *learner) track(ctx context.Context, t *Test, m lifetime.Model) error {
	weeks := l.days / daysPerWeek
	t.StepWeeks = max(1, (weeks+longest-1)/longest)
	step := t.StepWeeks * daysPerWeek
	steps := (l.days + 1) / step
	var cohort []lifetime.Tuple
	err := l.s.Each(ctx, cohortSQL, nil, func(rows *sql.Rows) error {
		var age, customers int64
		if err := rows.Scan(&age, &customers); err != nil {
			return err
		}
		cohort = append(cohort, history{age: age}.tuple(customers))
		return nil
	})
	if err != nil {
		return err
	}
	actual := make([]float64, steps)
	err = l.s.Each(ctx, trackSQL, engine.Args{"origin": l.origin, "step": step}, func(rows *sql.Rows) error {
		var at, n int64
		if err := rows.Scan(&at, &n); err != nil {
			return err
		}
		if at < int64(steps) { // what is beyond the last whole step is left out
			actual[at] = float64(n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, w := range lifetime.Track(m, cohort, float64(t.StepWeeks), steps, actual) {
		t.Track = append(t.Track, TrackStep{Until: l.origin.AddDays((i+1)*step - 1), Actual: int64(w.Actual), Expected: bounded(w.Expected)})
	}
	return nil
}
