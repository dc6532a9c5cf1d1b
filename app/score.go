package app

import (
	"context"
	"slices"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// scoredDates is the setting that remembers which dates were scored, so that a warehouse that is built anew has them again.
const scoredDates = "scored_dates"

// score makes the version of a date and remembers the date.
func (a *App) score(ctx context.Context, asOf date.Date, progress scoring.Progress) error {
	if _, err := a.scorer.Score(ctx, asOf, progress); err != nil {
		return err
	}
	return a.rememberScored(ctx, asOf)
}

func (a *App) rememberScored(ctx context.Context, asOf date.Date) error {
	dates, version, err := a.scored(ctx)
	if err != nil || slices.Contains(dates, asOf) {
		return err
	}
	dates = append(dates, asOf)
	slices.Sort(dates)
	_, err = a.settings.Put(ctx, scoredDates, version, dates)
	return err
}

func (a *App) scored(ctx context.Context) (dates []date.Date, version int64, err error) {
	version, err = a.settings.Get(ctx, scoredDates, &dates)
	return dates, version, err
}
