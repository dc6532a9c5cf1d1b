package goal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
)

// Area is a field of work whose quality the company judges itself (FIELD.md Y1).
type Area struct {
	Name   string  `json:"name" maxLength:"100"`
	Now    float64 `json:"now" minimum:"1" maximum:"10" doc:"How satisfied the company is with it now, from 1 to 10."`
	Wanted float64 `json:"wanted" minimum:"1" maximum:"10" doc:"How satisfied it wants to be."`
	Weight float64 `json:"weight" minimum:"0" maximum:"10" doc:"The optimisation factor: how much an improvement here is worth."`
}

// Priority is weight × (wanted − now); what is good enough already has none.
func (a Area) Priority() float64 { return a.Weight * max(a.Wanted-a.Now, 0) }

// Areas are what the company works on.
type Areas struct {
	Items []Area `json:"items" nullable:"false" maxItems:"20"`
}

// DefaultAreas hold until somebody judges them: the three fields of work, equally good.
func DefaultAreas() Areas {
	return Areas{Items: []Area{{"Marketing and campaigns", 5, 5, 1}, {"Service and care", 5, 5, 1}, {"Sales", 5, 5, 1}}}
}

// Validate returns a fault that names every place that cannot stand.
func (a Areas) Validate() error {
	c := fault.Check("goal.invalid_areas").That(len(a.Items) > 0 && len(a.Items) <= 20, "items", "Give 1 to 20 areas.")
	for i, x := range a.Items {
		at := func(field string) string { return fmt.Sprintf("items[%d].%s", i, field) }
		within := func(v, least, most float64) bool { return !math.IsNaN(v) && v >= least && v <= most }
		c.That(length(strings.TrimSpace(x.Name), 1, 100), at("name"), "Give the area a name of at most 100 characters.").
			That(!slices.ContainsFunc(a.Items[:i], func(o Area) bool { return strings.EqualFold(strings.TrimSpace(o.Name), strings.TrimSpace(x.Name)) }), at("name"), "Another area has this name.").
			That(within(x.Now, 1, 10), at("now"), "Write a number from 1 to 10.").
			That(within(x.Wanted, 1, 10), at("wanted"), "Write a number from 1 to 10.").
			That(within(x.Weight, 0, 10), at("weight"), "Write a number from 0 to 10.")
	}
	return c.Err()
}

// Ranked is an area with its priority.
type Ranked struct {
	Area
	Priority float64 `json:"priority" doc:"Weight × (wanted − now), 0 where the area is good enough."`
	Rank     int     `json:"rank" doc:"1 comes first; equal priorities share a rank; 0 where nothing is to be improved."`
}

// rank orders areas by priority, the highest first.
func (a Areas) rank() []Ranked {
	all := make([]Ranked, len(a.Items))
	for i, x := range a.Items {
		all[i] = Ranked{Area: x, Priority: x.Priority()}
	}
	slices.SortStableFunc(all, func(x, y Ranked) int { return cmp.Compare(y.Priority, x.Priority) })
	for i := range all {
		switch {
		case all[i].Priority == 0:
		case i > 0 && all[i].Priority == all[i-1].Priority:
			all[i].Rank = all[i-1].Rank
		default:
			all[i].Rank = i + 1
		}
	}
	return all
}

// Assessments keeps the areas.
type Assessments = setting.Kept[Areas]

// NewAssessments returns the keeper of the areas.
func NewAssessments(settings setting.Settings) *Assessments {
	return setting.NewKept(settings, "goal_areas", "the areas", DefaultAreas)
}
