package customer

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// PotentialForm is what people fill in of a potential. A field that is left out of a change stays as it is; a new one needs
// amount and currency, and is declared from today unless it says otherwise.
type PotentialForm struct {
	Amount    *int64  `json:"amount,omitempty" minimum:"0" doc:"A year's worth, in minor units of the currency"`
	Currency  *string `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217 code, such as DKK"`
	Source    *string `json:"source,omitempty" enum:"declared,surveyed,imported,estimated"`
	ValidFrom *string `json:"valid_from,omitempty" format:"date"`
	Note      *string `json:"note,omitempty" maxLength:"2000"`
}

func (f PotentialForm) apply(p *Potential) {
	if f.Amount != nil {
		p.Amount = *f.Amount
	}
	for _, s := range []struct{ from, to *string }{{f.Currency, &p.Currency}, {f.Source, &p.Source}, {f.Note, &p.Note}, {f.ValidFrom, (*string)(&p.ValidFrom)}} {
		if s.from != nil {
			*s.to = *s.from
		}
	}
}

func (s *Store) potentialRoutes(api *web.API) {
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/potentials", Name: "potential_list",
		Summary: "What was stated of a customer's potential, by whom and from when"},
		func(ctx context.Context, in *pathInput) (*web.Body[web.Page[Potential]], error) {
			rows, err := s.Potentials(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, len(rows), nil), nil
		})
	web.Handle(api, access.PotentialWrite, web.Route{Method: http.MethodPost, Path: "/customers/{id}/potentials", Name: "potential_create",
		Summary: "State a customer's potential", Status: http.StatusCreated},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body PotentialForm
		}) (*web.Record[*Potential], error) {
			// Left out, these would say "nothing": a customer that could buy nothing is not one of unknown potential.
			err := fault.Check("potential.invalid").That(in.Body.Amount != nil, "amount", "Give the amount.").
				That(in.Body.Currency != nil, "currency", "Give the currency of the amount, such as EUR.").Err()
			if err != nil {
				return nil, err
			}
			p := &Potential{CustomerID: in.ID, Source: Declared, ValidFrom: s.today()}
			in.Body.apply(p)
			if err := s.AddPotential(ctx, access.ReachOf(ctx), p); err != nil {
				return nil, err
			}
			return web.Versioned(p, p.Version), nil
		})
	web.Handle(api, access.PotentialWrite, web.Route{Method: http.MethodPatch, Path: "/potentials/{id}", Name: "potential_update",
		Summary: "Change a statement of potential"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body PotentialForm
		}) (*web.Record[*Potential], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			p, err := s.UpdatePotential(ctx, access.ReachOf(ctx), in.ID, version, in.Body.apply)
			if err != nil {
				return nil, err
			}
			return web.Versioned(p, p.Version), nil
		})
	web.Handle(api, access.PotentialWrite, web.Route{Method: http.MethodDelete, Path: "/potentials/{id}", Name: "potential_delete",
		Summary: "Take a statement of potential back"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID id.ID `path:"id" format:"uuid"`
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, s.DeletePotential(ctx, access.ReachOf(ctx), in.ID, version)
		})
}
