package scoring

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Narrow says which customers a question is about; empty fields do not narrow.
type Narrow struct {
	Unit     id.ID // with all units below it, as the customer belonged to on the date
	Owner    id.ID // on the date
	Industry string
	Country  string
}

// UnitTree knows what hangs below a unit; *org.Store does.
type UnitTree interface {
	Below(ctx context.Context, unit id.ID) ([]id.ID, error)
}

// None tells that the question is about everybody within reach.
func (n Narrow) None() bool { return n == Narrow{} }

// Clause is the narrowing as a condition on rows s of score. Fault: scoring.malformed_id.
func (n Narrow) Clause(ctx context.Context, units UnitTree) (filter.Clause, error) {
	for _, v := range []struct {
		name  string
		value id.ID
	}{{"unit", n.Unit}, {"owner", n.Owner}} {
		if v.value != "" && !id.Valid(string(v.value)) {
			return filter.Clause{}, fault.New(fault.Malformed, "scoring.malformed_id", "%.60q is not the id of a record.", string(v.value)).At(v.name, "Give the id of the record.")
		}
	}
	var parts []filter.Expr
	if n.Unit != "" {
		below, err := units.Below(ctx, n.Unit)
		if err != nil {
			return filter.Clause{}, err
		}
		parts = append(parts, filter.In("unit", below...))
	}
	if n.Owner != "" {
		parts = append(parts, filter.Eq("owner", n.Owner))
	}
	if n.Industry != "" {
		parts = append(parts, filter.Eq("industry", n.Industry))
	}
	if n.Country != "" {
		parts = append(parts, filter.Eq("country", n.Country))
	}
	return filter.Compile(filter.And(parts...), filter.Columns{"unit": "s.unit_id", "owner": "s.owner_id", "industry": "s.industry", "country": "s.country"})
}

// NarrowInput is embedded in the input of routes that can be narrowed.
type NarrowInput struct {
	Unit     id.ID  `query:"unit" doc:"The customers that belonged on the date to this unit or one below it"`
	Owner    id.ID  `query:"owner" doc:"The customers that this person looked after on the date"`
	Industry string `query:"industry" maxLength:"200"`
	Country  string `query:"country" maxLength:"200"`
}

// Narrow is what the input narrows by.
func (in NarrowInput) Narrow() Narrow {
	return Narrow{Unit: in.Unit, Owner: in.Owner, Industry: in.Industry, Country: in.Country}
}
