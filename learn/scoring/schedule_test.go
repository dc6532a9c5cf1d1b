package scoring_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

func TestScheduleIsDue(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	version := func(asOf date.Date, computed string) scoring.Version {
		return scoring.Version{Version: 1, AsOf: asOf, ComputedAt: at(computed)}
	}
	morning := "2026-11-22T03:00:00Z"
	for _, c := range []struct {
		name     string
		schedule scoring.Schedule
		now      string
		latest   scoring.Version
		imports  scoring.Imports
		want     date.Date
	}{
		{"nothing was ever scored", scoring.DefaultSchedule(), morning, scoring.Version{}, scoring.Imports{Ended: at("2026-11-21T10:00:00Z")}, ""},
		{"the night's hour has come", scoring.DefaultSchedule(), morning, version("2026-10-31", "2026-11-01T10:00:00Z"), scoring.Imports{}, "2026-11-21"},
		{"not yet", scoring.DefaultSchedule(), "2026-11-22T01:59:00Z", version("2026-11-20", "2026-11-21T02:00:00Z"), scoring.Imports{}, ""},
		{"done already", scoring.DefaultSchedule(), morning, version("2026-11-21", "2026-11-22T02:01:00Z"), scoring.Imports{}, ""},
		{"somebody scored another date this morning", scoring.DefaultSchedule(), morning, version("2026-10-31", "2026-11-22T02:30:00Z"), scoring.Imports{}, ""},
		{"switched off", scoring.Schedule{Hour: 2}, morning, version("2026-10-31", "2026-11-01T10:00:00Z"), scoring.Imports{Ended: at("2026-11-21T10:00:00Z")}, ""},
		{"after an import", scoring.DefaultSchedule(), morning, version("2026-11-21", "2026-11-22T02:01:00Z"), scoring.Imports{Ended: at("2026-11-22T02:50:00Z")}, "2026-11-21"},
		{"imports not at rest", scoring.DefaultSchedule(), morning, version("2026-11-21", "2026-11-22T02:01:00Z"), scoring.Imports{Ended: at("2026-11-22T02:59:00Z")}, ""},
		{"an import is under way", scoring.DefaultSchedule(), morning, version("2026-11-20", "2026-11-21T02:01:00Z"), scoring.Imports{Busy: true}, ""},
		{"the import was before", scoring.DefaultSchedule(), morning, version("2026-11-21", "2026-11-22T02:01:00Z"), scoring.Imports{Ended: at("2026-11-22T02:00:00Z")}, ""},
	} {
		if got := c.schedule.Due(at(c.now), c.latest, c.imports); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	nights := []date.Date{"2026-11-20", "2026-10-31", "2026-10-21", "2026-09-30", "2026-09-29", "2025-02-28"}
	if got := scoring.Outdated(nights, "2026-11-22"); !slices.Equal(got, []date.Date{"2026-09-29", "2026-10-21"}) {
		t.Errorf("outdated: %v", got)
	}
}
