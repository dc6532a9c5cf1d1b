package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/segment"
)

const (
	// scoredDates is the setting that remembers which dates were scored, so that a warehouse that is built anew has them
	// again.
	scoredDates = "scored_dates"
	// nightDates is the setting that remembers which of them nobody asked for.
	nightDates = "night_dates"
	// scoreEvery is how often it is looked whether customers are to be scored.
	scoreEvery = time.Minute
)

// score makes the version of a date and remembers the date.
func (a *App) score(ctx context.Context, asOf date.Date, progress scoring.Progress) error {
	if _, err := a.scorer.Score(ctx, asOf, progress); err != nil {
		return err
	}
	return a.afterScoring(ctx, asOf)
}

// afterScoring remembers the date and works out who entered and left the live segments. The version stands whether or not
// that goes well, and the next scoring makes up for it.
func (a *App) afterScoring(ctx context.Context, asOf date.Date) error {
	if err := a.rememberScored(ctx, asOf); err != nil {
		return err
	}
	if err := a.segments.Rebuild(ctx, nil); err != nil && ctx.Err() == nil {
		a.cfg.Log.Error("the segments could not be worked out after a scoring", "error", err)
	}
	return ctx.Err()
}

// datedVersions finds versions with the scorer, which is made after the warehouse that the segments belong to.
type datedVersions struct{ a *App }

func (v datedVersions) Find(ctx context.Context, asOf date.Date) (scoring.Version, error) {
	return v.a.scorer.Find(ctx, asOf)
}

func (v datedVersions) On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error {
	return v.a.scorer.On(ctx, asOf, ask)
}

func (v datedVersions) List(ctx context.Context) ([]scoring.Version, error) {
	return v.a.scorer.List(ctx)
}

// newSegments makes the book of segments.
func (a *App) newSegments() *segment.Book {
	return segment.New(segment.Config{DB: a.db, Warehouse: a.warehouse, Versions: datedVersions{a}, Customers: a.customers, Units: a.org,
		Currency: a.settings, Measures: a.measures, CatchUp: func(ctx context.Context) error { return a.projection.CatchUp(ctx) }, Clock: a.cfg.Now})
}

func (a *App) rememberScored(ctx context.Context, asOf date.Date) error {
	return a.changeDates(ctx, scoredDates, func(dates []date.Date) []date.Date { return append(dates, asOf) })
}

// changeDates changes a setting that is a list of dates; it is kept sorted, each date once.
func (a *App) changeDates(ctx context.Context, name string, change func([]date.Date) []date.Date) error {
	var before []date.Date
	version, err := a.settings.Get(ctx, name, &before)
	if err != nil {
		return err
	}
	after := change(slices.Clone(before))
	slices.Sort(after)
	if after = slices.Compact(after); slices.Equal(before, after) {
		return nil
	}
	_, err = a.settings.Put(ctx, name, version, after)
	return err
}

func (a *App) scored(ctx context.Context) (dates []date.Date, version int64, err error) {
	version, err = a.settings.Get(ctx, scoredDates, &dates)
	return dates, version, err
}

// tendScoring scores by the schedule until ctx ends.
func (a *App) tendScoring(ctx context.Context) {
	tick := time.NewTicker(scoreEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.scoreWhenDue(ctx, a.cfg.Now()); err != nil && !fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
				a.cfg.Log.Error("customers could not be scored by the schedule", "error", err)
			}
		}
	}
}

// scoreWhenDue starts a job when the schedule says so, and takes out what was scored by night and need not be kept.
func (a *App) scoreWhenDue(ctx context.Context, now time.Time) error {
	ctx, err := a.asOwner(ctx, job.Job{})
	if err != nil {
		return err
	}
	schedule, _, err := a.schedules.Get(ctx)
	if err != nil {
		return err
	}
	latest, err := a.scorer.Latest(ctx)
	if err != nil && !errors.Is(err, scoring.ErrEmpty) {
		return err
	}
	imports, err := a.intake.Settled(ctx)
	if err != nil {
		return err
	}
	asOf := schedule.Due(now, latest, scoring.Imports{Busy: imports.Unfinished > 0, Ended: imports.At})
	if asOf == "" || asOf == latest.AsOf && !imports.At.After(a.tried) {
		return nil
	}
	a.tried = imports.At // an import that the scoring fails on is not tried for ever
	if asOf > latest.AsOf {
		dates, _, err := a.scored(ctx)
		if err != nil {
			return err
		}
		if !slices.Contains(dates, asOf) {
			if err := a.changeDates(ctx, nightDates, func(nights []date.Date) []date.Date { return append(nights, asOf) }); err != nil {
				return err
			}
		}
		if err := a.forgetNights(ctx, date.Of(now)); err != nil {
			return err
		}
	}
	if _, err := a.jobs.Submit(ctx, scoring.Spec(asOf)); err != nil && !fault.Is(err, fault.Conflict) { // somebody asked for it just now
		return err
	}
	return nil
}

// forgetNights takes out the versions of nights long past.
func (a *App) forgetNights(ctx context.Context, today date.Date) error {
	var nights []date.Date
	if _, err := a.settings.Get(ctx, nightDates, &nights); err != nil {
		return err
	}
	old := scoring.Outdated(nights, today)
	without := func(dates []date.Date) []date.Date {
		return slices.DeleteFunc(dates, func(d date.Date) bool { return slices.Contains(old, d) })
	}
	for _, d := range old {
		if err := a.scorer.Remove(ctx, d); err != nil {
			return err
		}
	}
	return errors.Join(a.changeDates(ctx, scoredDates, without), a.changeDates(ctx, nightDates, without))
}
