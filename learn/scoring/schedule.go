package scoring

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// Schedule says when customers are scored without anybody asking.
type Schedule struct {
	Nightly     bool `json:"nightly" doc:"Every night as of the day before, once somebody has scored for the first time."`
	Hour        int  `json:"hour" minimum:"0" maximum:"23" doc:"UTC; the hour from which on it happens."`
	AfterImport bool `json:"after_import" doc:"Score the latest date again when imports have come to rest."`
}

// DefaultSchedule holds until somebody changes it.
func DefaultSchedule() Schedule { return Schedule{Nightly: true, Hour: 2, AfterImport: true} }

// Validate returns a fault that names every field that cannot stand.
func (s Schedule) Validate() error {
	return fault.Check("scoring.invalid_schedule").That(s.Hour >= 0 && s.Hour <= 23, "hour", "Give an hour from 0 to 23.").Err()
}

// Settings keeps a value under a name, with a version; setting.Store does.
type Settings interface {
	Get(ctx context.Context, name string, v any) (version int64, err error)
	Put(ctx context.Context, name string, version int64, v any) (int64, error)
}

// Schedules keeps the schedule.
type Schedules struct{ settings Settings }

// NewSchedules returns the keeper of the schedule.
func NewSchedules(settings Settings) *Schedules { return &Schedules{settings: settings} }

// scheduleName is where the schedule is kept among the settings.
const scheduleName = "scoring_schedule"

// Get returns the schedule and its version, 0 as long as it is the default.
func (s *Schedules) Get(ctx context.Context) (Schedule, int64, error) {
	kept := DefaultSchedule()
	version, err := s.settings.Get(ctx, scheduleName, &kept)
	if err != nil {
		return Schedule{}, 0, fmt.Errorf("read when customers are scored: %w", err)
	}
	return kept, version, nil
}

// Put changes the schedule when its version is still the one that was read.
func (s *Schedules) Put(ctx context.Context, version int64, next Schedule) (int64, error) {
	if err := next.Validate(); err != nil {
		return 0, err
	}
	version, err := s.settings.Put(ctx, scheduleName, version, next)
	if err != nil {
		return 0, fmt.Errorf("change when customers are scored: %w", err)
	}
	return version, nil
}

// rest is how long imports must have been quiet before the customers are scored again: several files of one delivery are
// scored once.
const rest = 2 * time.Minute

// Imports is how the imports stand.
type Imports struct {
	Busy  bool      // one is under way or waiting
	Ended time.Time // when the newest accepted one ended; zero when there is none
}

// Due returns the date to score now, "" for none: the night's when its hour has come and nobody scored since, or the latest
// one when imports came after it and are at rest.
func (s Schedule) Due(now time.Time, latest Version, imports Imports) date.Date {
	night := date.Of(now).AddDays(-1)
	hour := date.Of(now).Time().Add(time.Duration(s.Hour) * time.Hour)
	switch {
	case latest.Version == 0 || imports.Busy:
		return ""
	case s.Nightly && !now.Before(hour) && latest.ComputedAt.Before(hour) && latest.AsOf < night:
		return night
	case s.AfterImport && imports.Ended.After(latest.ComputedAt) && now.Sub(imports.Ended) >= rest:
		return latest.AsOf
	}
	return ""
}

// nightsKept is how many of the nights' versions stay; before them only the ends of months do, and what people scored.
const nightsKept = 31

// Outdated returns those of the dates scored by night that need not be kept: a year of nights would hold every customer
// hundreds of times.
func Outdated(nights []date.Date, today date.Date) []date.Date {
	var old []date.Date
	for _, d := range nights {
		if d < today.AddDays(-nightsKept) && d.AddDays(1).MonthStart() != d.AddDays(1) {
			old = append(old, d)
		}
	}
	slices.Sort(old)
	return old
}
