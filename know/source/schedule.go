package source

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones by name also where the machine has no list of them
)

// The turns of a schedule.
const (
	ByHand  = "hand"
	Minutes = "minutes"
	Hours   = "hours"
	Daily   = "day"
	Weekly  = "week"
)

// Schedule says when a feed runs.
type Schedule struct {
	Every   string `json:"every" enum:"hand,minutes,hours,day,week" doc:"hand: only when somebody starts it"`
	Number  int64  `json:"number,omitempty" doc:"Of minutes (5 to 1440) or hours (1 to 168)"`
	At      string `json:"at,omitempty" doc:"Time of day, such as 05:30, for day and week"`
	Weekday string `json:"weekday,omitempty" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday,"`
	Zone    string `json:"zone,omitempty" doc:"Time zone of At, such as Europe/Copenhagen; UTC when left out"`
}

var timeOfDay = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

func weekdays() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

// tidy takes away what the turn does not use.
func (s *Schedule) tidy() {
	if s.Every == "" {
		s.Every = ByHand
	}
	if s.Every != Minutes && s.Every != Hours {
		s.Number = 0
	}
	if s.Every != Daily && s.Every != Weekly {
		s.At, s.Zone = "", ""
	}
	if s.Every != Weekly {
		s.Weekday = ""
	}
}

// check returns what is wrong in a sentence, "" when nothing is.
func (s Schedule) check() string {
	switch s.Every {
	case ByHand:
		return ""
	case Minutes:
		if s.Number < 5 || s.Number > 1440 {
			return "Give a number of minutes from 5 to 1440."
		}
		return ""
	case Hours:
		if s.Number < 1 || s.Number > 168 {
			return "Give a number of hours from 1 to 168."
		}
		return ""
	case Daily, Weekly:
	default:
		return "A feed runs by hand, every so many minutes or hours, daily or weekly."
	}
	if !timeOfDay.MatchString(s.At) {
		return "Give the time of day as 05:30."
	}
	if s.Every == Weekly && !slices.Contains(weekdays(), s.Weekday) {
		return "Choose the day of the week."
	}
	if _, err := s.location(); err != nil {
		return fmt.Sprintf("The time zone %q is not known; write one such as Europe/Copenhagen.", s.Zone)
	}
	return ""
}

func (s Schedule) location() (*time.Location, error) {
	if strings.EqualFold(s.Zone, "local") { // this means the server's, which nobody can see
		return nil, fmt.Errorf("no such time zone")
	}
	return time.LoadLocation(s.Zone)
}

// Next returns the first turn after the instant; false when there is none. A time of day that the clocks skip in spring
// falls an hour later, and one that they repeat in autumn counts once.
func (s Schedule) Next(after time.Time) (time.Time, bool) {
	switch s.Every {
	case Minutes:
		return after.Add(time.Duration(s.Number) * time.Minute), true
	case Hours:
		return after.Add(time.Duration(s.Number) * time.Hour), true
	case Daily, Weekly:
	default:
		return time.Time{}, false
	}
	zone, err := s.location()
	at, parseErr := time.Parse("15:04", s.At)
	if err != nil || parseErr != nil {
		return time.Time{}, false
	}
	day := after.In(zone)
	// Eight days reach the same weekday of the next week.
	for i := range 9 {
		turn := time.Date(day.Year(), day.Month(), day.Day()+i, at.Hour(), at.Minute(), 0, 0, zone)
		if turn.After(after) && (s.Every == Daily || weekdays()[time.Date(day.Year(), day.Month(), day.Day()+i, 12, 0, 0, 0, zone).Weekday()] == s.Weekday) {
			return turn.UTC(), true
		}
	}
	return time.Time{}, false
}
