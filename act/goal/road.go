package goal

import (
	"slices"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// The kinds of steps.
const (
	Workshop = "workshop"
	Review   = "review"
	Check    = "check"
	Other    = "other"
)

// Step is one date of the road map (FIELD.md Y10).
type Step struct {
	ID            id.ID     `json:"id" bun:"id,pk"`
	Day           date.Date `json:"day"`
	Kind          string    `json:"kind" enum:"workshop,review,check,other"`
	Title         string    `json:"title"`
	UnitID        id.ID     `json:"unit_id,omitempty" doc:"Absent for the whole company."`
	ResponsibleID id.ID     `json:"responsible_id,omitempty"`
	DoneOn        date.Date `json:"done_on,omitempty"`
	Version       int64     `json:"version"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// Draft is what people say of a step.
type Draft struct {
	Day           date.Date `json:"day"`
	Kind          string    `json:"kind" enum:"workshop,review,check,other"`
	Title         string    `json:"title" minLength:"1" maxLength:"200"`
	UnitID        id.ID     `json:"unit_id,omitempty"`
	ResponsibleID id.ID     `json:"responsible_id,omitempty"`
	DoneOn        date.Date `json:"done_on,omitempty"`
}

func (d *Draft) validate() error {
	d.Title = strings.TrimSpace(d.Title)
	return fault.Check("goal.invalid_step").
		That(d.Day.Valid(), "day", "Choose a day.").
		That(slices.Contains([]string{Workshop, Review, Check, Other}, d.Kind), "kind", "Choose what kind of step it is.").
		That(length(d.Title, 1, maxTitle), "title", "Say in at most %d characters what is to be done.", maxTitle).
		That(d.UnitID == "" || id.Valid(string(d.UnitID)), "unit_id", "Choose a unit of the list.").
		That(d.ResponsibleID == "" || id.Valid(string(d.ResponsibleID)), "responsible_id", "Choose a person of the list.").
		That(d.DoneOn == "" || d.DoneOn.Valid(), "done_on", "Choose a day.").
		Err()
}

// The rhythm of a road map: reviews every fortnight for the first quarter, every month from then on.
const (
	fortnight     = 14
	firstMonths   = 3
	LongestRoad   = 6
	shortestRoad  = 3
	monthsOfCheck = 3
)

// Roadmap proposes the steps of some months: a workshop on the first day, reviews every fortnight for three months and every
// month from then on, and a check after each three months, on which day there is no review. Weekends move to the Monday after.
func Roadmap(from date.Date, months int) []Draft {
	months = min(max(months, shortestRoad), LongestRoad)
	steps := []Draft{{Day: weekday(from), Kind: Workshop, Title: "Workshop: goals, areas and who does what"}}
	checks := map[date.Date]bool{}
	for m := monthsOfCheck; m <= months; m += monthsOfCheck {
		checks[weekday(from.AddMonths(m))] = true
	}
	review := func(day date.Date) {
		for check := range checks {
			if gap := check.Time().Sub(day.Time()).Hours() / 24; gap > -7 && gap < 7 { // the check takes its place
				return
			}
		}
		steps = append(steps, Draft{Day: day, Kind: Review, Title: "Review of the goals"})
	}
	for day := from.AddDays(fortnight); day < from.AddMonths(firstMonths); day = day.AddDays(fortnight) {
		review(weekday(day))
	}
	for m := firstMonths + 1; m <= months; m++ {
		review(weekday(from.AddMonths(m)))
	}
	for day := range checks {
		steps = append(steps, Draft{Day: day, Kind: Check, Title: "Check: what was reached, and what changes"})
	}
	slices.SortFunc(steps, func(a, b Draft) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return steps
}

func weekday(day date.Date) date.Date {
	switch day.Time().Weekday() {
	case time.Saturday:
		return day.AddDays(2)
	case time.Sunday:
		return day.AddDays(1)
	}
	return day
}
