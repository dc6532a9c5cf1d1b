package statistics

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Compare divides the customers within reach by unit, person, country or industry, each part by the same matrix. By unit the
// parts are the units right below the one that the question is narrowed to, or below the top. Owner and unit of a customer,
// the tree and who sits in it are those of the date. Faults as of Statistics.
func (q *Questions) Compare(ctx context.Context, reach access.Reach, a Ask, by string) (Comparison, error) {
	d, err := q.Matrices.Definition(ctx, a.Matrix)
	if err != nil {
		return Comparison{}, err
	}
	var c Comparison
	err = q.Versions.On(ctx, a.AsOf, func(v scoring.Version) error {
		at, err := q.view(ctx, v, d, a)
		if err != nil {
			return err
		}
		c, err = q.compare(ctx, reach, at, a.Narrow.Unit, a.Narrow.Direct, by)
		return err
	})
	return c, err
}

func (q *Questions) compare(ctx context.Context, reach access.Reach, at view, unit id.ID, direct bool, by string) (Comparison, error) {
	o, err := q.organisation(ctx, at.version)
	if err != nil {
		return Comparison{}, err
	}
	top := o.top(unit)
	if by == ByUnit && (direct || unit == None || top != "" && len(o.tree.Children(top)) == 0) {
		by = ByPerson
	}
	column := map[string]string{ByUnit: "cast(s.unit_id AS varchar)", ByPerson: "cast(s.owner_id AS varchar)", ByCountry: "s.country", ByIndustry: "s.industry"}[by]
	if column == "" {
		return Comparison{}, fault.New(fault.Malformed, "statistics.unknown_division", "Compare by unit, person, country or industry.").At("by", "Use one of unit, person, country and industry.")
	}
	rows, err := q.rows(ctx, reach, at, column)
	if err != nil {
		return Comparison{}, err
	}
	under := o.under(top)
	gathered := parts{}
	for _, r := range rows {
		key := r.part
		if by == ByUnit && key != "" {
			key = string(under[id.ID(key)])
		}
		if key == "" {
			key = None
		}
		gathered.add(key, r)
	}
	return compared(at.head, by, o.path(unit), gathered, func(d *Division) { o.describe(d, by, top) }), nil
}

// organisation is the company as of a date, with names of today.
type organisation struct {
	tree          *org.Tree
	parent        map[id.ID]id.ID
	seats         map[id.ID]int64 // how many people sit right in the unit
	units, people map[id.ID]string
}

func (q *Questions) organisation(ctx context.Context, v scoring.Version) (organisation, error) {
	o := organisation{seats: map[id.ID]int64{}, parent: map[id.ID]id.ID{}}
	var err error
	if o.tree, err = q.Organisation.TreeAsOf(ctx, v.AsOf); err != nil {
		return o, err
	}
	seated, err := q.Organisation.PeopleAsOf(ctx, v.AsOf)
	if err != nil {
		return o, err
	}
	for _, unit := range seated {
		o.seats[unit]++
	}
	names, err := q.Organisation.Names(ctx)
	if err != nil {
		return o, err
	}
	o.units, o.people = names.Units, names.People
	for unit := range o.units {
		for _, child := range o.tree.Children(unit) {
			o.parent[child] = unit
		}
	}
	return o, nil
}

// top is the unit whose parts are compared; a company that is one unit at the top is divided by what hangs under it.
func (o organisation) top(unit id.ID) id.ID {
	if unit == "" {
		if roots := o.tree.Children(""); len(roots) == 1 {
			return roots[0]
		}
	}
	return unit
}

// under maps every unit below the top to the part it belongs to, and the top to itself.
func (o organisation) under(top id.ID) map[id.ID]id.ID {
	part := map[id.ID]id.ID{}
	if top != "" {
		part[top] = top
	}
	for _, child := range o.tree.Children(top) {
		for _, unit := range o.tree.Below(child) {
			part[unit] = child
		}
	}
	return part
}

func (o organisation) path(unit id.ID) []Step {
	path := []Step{}
	for seen := map[id.ID]bool{}; unit != "" && unit != None && !seen[unit]; unit = o.parent[unit] {
		seen[unit] = true
		path = append([]Step{{Key: string(unit), Name: o.units[unit]}}, path...)
	}
	return path
}

func (o organisation) describe(d *Division, by string, top id.ID) {
	key := id.ID(d.Key)
	if d.Key == None || d.Key == Others {
		return
	}
	var people int64
	switch by {
	case ByPerson:
		d.Name, people = o.people[key], 1
	case ByUnit:
		d.Name, d.Direct = o.units[key], key == top
		below := o.tree.Below(key)
		if d.Direct {
			below = []id.ID{key}
		}
		d.Deeper = !d.Direct && len(o.tree.Children(key)) > 0
		for _, unit := range below {
			people += o.seats[unit]
		}
	default:
		return
	}
	d.People = &people
}
