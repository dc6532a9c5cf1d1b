package goal

import (
	"cmp"
	"context"
	"slices"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// propose shares the goal out to the units right below it, and to the people who look after customers of the unit itself.
func (r *reader) propose(ctx context.Context, g *Goal, by string, fixed []Fixed) (Split, error) {
	s := Split{By: by, Amount: g.Target - g.StartValue, Level: !g.What.Kind.additive(), Parts: []Part{}}
	if g.PersonID != "" {
		return s, s.share(g.Target, fixed)
	}
	err := r.Versions.On(ctx, g.StartAsOf, func(v scoring.Version) error {
		groups, err := r.groups(ctx, g.What, v, v)
		if err != nil {
			return err
		}
		tree, err := r.Organisation.TreeAsOf(ctx, v.AsOf)
		if err != nil {
			return err
		}
		s.Parts = []Part{}
		return r.parts(ctx, &s, g, groups, tree)
	})
	if err != nil {
		return s, err
	}
	return s, s.share(g.Target, fixed)
}

// parts finds who there is below the goal.
func (r *reader) parts(ctx context.Context, s *Split, g *Goal, groups []group, tree *org.Tree) error {
	names, err := r.Organisation.Names(ctx)
	if err != nil {
		return err
	}
	top := g.UnitID
	var children []id.ID
	if !g.Direct {
		children = tree.Children(top)
		if top == "" && len(children) == 1 { // a company that is one unit is shared out to what hangs under it
			top = children[0]
			children = tree.Children(top)
		}
	}
	whole := g.whose().total(groups, tree)
	placed := group{}
	take := func(w whose, name string) {
		t := w.total(groups, tree)
		p := Part{UnitID: w.unit, PersonID: w.person, Direct: w.direct, Name: name, Customers: t.customers, most: -1}
		if v := t.value(g.What.Kind); v != nil {
			p.StartValue = *v
		}
		p.Weight = map[string]float64{ByPotential: t.unusedSum, ByCustomers: float64(t.customers), ByRevenue: t.revenueSum}[s.By]
		if g.What.Kind == CellMove {
			p.most = t.customers
		}
		placed.customers += t.customers
		placed.amount += t.amount
		placed.met += t.met
		s.Parts = append(s.Parts, p)
	}
	for _, unit := range children {
		take(whose{unit: unit}, names.Units[unit])
	}
	for _, person := range owners(groups, top) {
		take(whose{unit: top, person: person, direct: true}, names.People[person])
	}
	slices.SortStableFunc(s.Parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(len(a.PersonID), len(b.PersonID)), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Name, b.Name))
	})
	s.Unplaced = whole.customers - placed.customers
	if g.What.Kind == Sum {
		s.StartLeft = whole.amount - placed.amount
	} else if !s.Level {
		s.StartLeft = float64(whole.met - placed.met)
	}
	return nil
}

// owners are the people who look after customers that the goal counts in the unit itself.
func owners(groups []group, unit id.ID) []id.ID {
	var all []id.ID
	for _, g := range groups {
		if g.owner != "" && g.unit == unit && unit != "" && !slices.Contains(all, g.owner) {
			all = append(all, g.owner)
		}
	}
	slices.Sort(all)
	return all
}
