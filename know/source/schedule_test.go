package source

import (
	"testing"
	"time"
)

func TestNextTurn(t *testing.T) {
	const zone = "Europe/Copenhagen"
	tests := []struct {
		name  string
		s     Schedule
		after string
		want  string // "" = never
	}{
		{"by hand", Schedule{Every: ByHand}, "2026-10-31T12:00:00Z", ""},
		{"minutes", Schedule{Every: Minutes, Number: 15}, "2026-10-31T23:50:00Z", "2026-11-01T00:05:00Z"},
		{"hours", Schedule{Every: Hours, Number: 6}, "2026-10-31T20:30:00Z", "2026-11-01T02:30:00Z"},
		{"later today", Schedule{Every: Daily, At: "05:30"}, "2026-10-31T05:29:59Z", "2026-10-31T05:30:00Z"},
		{"this very moment is not after itself", Schedule{Every: Daily, At: "05:30"}, "2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z"},
		{"tomorrow, over the end of a year", Schedule{Every: Daily, At: "05:30"}, "2026-12-31T06:00:00Z", "2027-01-01T05:30:00Z"},
		{"in a zone, summer", Schedule{Every: Daily, At: "05:30", Zone: zone}, "2026-07-01T00:00:00Z", "2026-07-01T03:30:00Z"},
		{"in a zone, winter", Schedule{Every: Daily, At: "05:30", Zone: zone}, "2026-12-01T00:00:00Z", "2026-12-01T04:30:00Z"},
		{"in a zone where it is tomorrow already", Schedule{Every: Daily, At: "00:30", Zone: "Asia/Taipei"}, "2026-06-01T16:00:00Z", "2026-06-01T16:30:00Z"},
		{"an hour that spring skips", Schedule{Every: Daily, At: "02:30", Zone: zone}, "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"},
		{"and the day after", Schedule{Every: Daily, At: "02:30", Zone: zone}, "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"},
		{"an hour that autumn repeats counts once", Schedule{Every: Daily, At: "02:30", Zone: zone}, "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z"},
		{"and not twice", Schedule{Every: Daily, At: "02:30", Zone: zone}, "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
		{"weekly, this week", Schedule{Every: Weekly, At: "05:00", Weekday: "sunday"}, "2026-10-31T12:00:00Z", "2026-11-01T05:00:00Z"},
		{"weekly, the same day but later", Schedule{Every: Weekly, At: "13:00", Weekday: "saturday"}, "2026-10-31T12:00:00Z", "2026-10-31T13:00:00Z"},
		{"weekly, the same day but over", Schedule{Every: Weekly, At: "11:00", Weekday: "saturday"}, "2026-10-31T12:00:00Z", "2026-11-07T11:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if why := tt.s.check(); why != "" {
				t.Fatal(why)
			}
			after, err := time.Parse(time.RFC3339, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if next, ok := tt.s.Next(after); ok {
				got = next.UTC().Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("after %s: got %q, want %q", tt.after, got, tt.want)
			}
		})
	}
}

func TestScheduleIsChecked(t *testing.T) {
	for _, s := range []Schedule{
		{Every: "moon"}, {Every: Minutes}, {Every: Minutes, Number: 4}, {Every: Minutes, Number: 1441}, {Every: Hours}, {Every: Hours, Number: 169},
		{Every: Daily}, {Every: Daily, At: "25:00"}, {Every: Daily, At: "5:30"}, {Every: Daily, At: "05:30", Zone: "Europe/Nowhere"},
		{Every: Daily, At: "05:30", Zone: "Local"}, {Every: Weekly, At: "05:30"}, {Every: Weekly, At: "05:30", Weekday: "someday"},
	} {
		if s.check() == "" {
			t.Errorf("%+v was taken", s)
		}
	}
}
