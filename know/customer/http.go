package customer

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Form is what people fill in of a customer. A field that is left out of a change stays as it is.
type Form struct {
	Code          *string             `json:"code,omitempty" maxLength:"200"`
	Name          *string             `json:"name,omitempty" maxLength:"500"`
	Kind          *string             `json:"kind,omitempty" enum:"organisation,person"`
	Industry      *string             `json:"industry,omitempty" maxLength:"150"`
	SizeEmployees web.Optional[int64] `json:"size_employees,omitempty" doc:"null makes it unknown"`
	Street        *string             `json:"street,omitempty" maxLength:"500"`
	PostalCode    *string             `json:"postal_code,omitempty" maxLength:"500"`
	City          *string             `json:"city,omitempty" maxLength:"150"`
	Country       *string             `json:"country,omitempty" maxLength:"2"`
	Phone         *string             `json:"phone,omitempty" maxLength:"500"`
	Email         *string             `json:"email,omitempty" maxLength:"500"`
	Website       *string             `json:"website,omitempty" maxLength:"500"`
	ParentID      *string             `json:"parent_id,omitempty" pattern:"^$|^[0-9a-f-]{36}$" doc:"Empty for none"`
	OwnerID       *string             `json:"owner_id,omitempty" pattern:"^$|^[0-9a-f-]{36}$" doc:"Empty for none"`
	UnitID        *string             `json:"unit_id,omitempty" pattern:"^$|^[0-9a-f-]{36}$" doc:"Empty for none"`
	Lifecycle     *string             `json:"lifecycle,omitempty" enum:"suspect,prospect,lead,customer,former"`
}

func (f Form) apply(c *Customer) {
	for _, s := range []struct {
		from *string
		to   *string
	}{{f.Code, &c.Code}, {f.Name, &c.Name}, {f.Kind, &c.Kind}, {f.Industry, &c.Industry}, {f.Street, &c.Street}, {f.PostalCode, &c.PostalCode},
		{f.City, &c.City}, {f.Country, &c.Country}, {f.Phone, &c.Phone}, {f.Email, &c.Email}, {f.Website, &c.Website}, {f.Lifecycle, &c.Lifecycle},
		{f.ParentID, (*string)(&c.ParentID)}, {f.OwnerID, (*string)(&c.OwnerID)}, {f.UnitID, (*string)(&c.UnitID)}} {
		if s.from != nil {
			*s.to = *s.from
		}
	}
	if f.SizeEmployees.Sent {
		c.SizeEmployees = f.SizeEmployees.Pointer()
	}
}

type listInput struct {
	web.PageInput
	Text      string `query:"q" maxLength:"200" doc:"Part of the name, the code or the city"`
	Unit      id.ID  `query:"unit" format:"uuid" doc:"With all units below it"`
	Owner     id.ID  `query:"owner" format:"uuid"`
	Industry  string `query:"industry" maxLength:"150"`
	Country   string `query:"country" maxLength:"2"`
	Lifecycle string `query:"lifecycle" maxLength:"20"`
	Sort      string `query:"sort" maxLength:"100" default:"name" doc:"name, code, city, country or industry; a minus sign in front turns it round"`
}

type pathInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

type changeInput struct {
	web.IfMatch
	ID   id.ID `path:"id" format:"uuid"`
	Body Form
}

// Facets are the values by which a list of customers can be narrowed.
type Facets struct {
	Industries []string `json:"industries" nullable:"false"`
	Countries  []string `json:"countries" nullable:"false"`
	Lifecycles []string `json:"lifecycles" nullable:"false"`
}

// Routes adds the customers' routes to the interface.
func (s *Store) Routes(api *web.API) {
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers", Name: "customer_list",
		Summary: "The customers within your reach"}, s.listRoute)
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers/facets", Name: "customer_facets",
		Summary: "The industries, countries and life-cycle stages that customers have"}, s.facetsRoute)
	web.Handle(api, access.CustomerWrite, web.Route{Method: http.MethodPost, Path: "/customers", Name: "customer_create",
		Summary: "Add a customer", Status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Record[*Customer], error) {
			c := &Customer{}
			in.Body.apply(c)
			reach := access.ReachOf(ctx)
			if in.Body.OwnerID == nil && !reach.Covers(c.UnitID, "") {
				c.OwnerID = access.From(ctx).PersonID // whoever sees only their own adds their own
			}
			if err := s.Create(ctx, reach, c); err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}", Name: "customer_get",
		Summary: "One customer"},
		func(ctx context.Context, in *pathInput) (*web.Record[*Customer], error) {
			c, err := s.Get(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
	web.Handle(api, access.CustomerWrite, web.Route{Method: http.MethodPatch, Path: "/customers/{id}", Name: "customer_update",
		Summary: "Change a customer"},
		func(ctx context.Context, in *changeInput) (*web.Record[*Customer], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			c, err := s.Update(ctx, access.ReachOf(ctx), in.ID, version, in.Body.apply)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/owners", Name: "customer_owners",
		Summary: "Who looked after the customer since when"},
		func(ctx context.Context, in *pathInput) (*web.Body[web.Page[Ownership]], error) {
			rows, err := s.Owners(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, len(rows), nil), nil
		})
	s.potentialRoutes(api)
}

func (s *Store) listRoute(ctx context.Context, in *listInput) (*web.Body[web.Page[*Customer]], error) {
	query := Query{Text: in.Text, Unit: in.Unit, Owner: in.Owner, Industry: in.Industry, Country: in.Country, Lifecycle: in.Lifecycle, Limit: in.Limit + 1}
	sorts := filter.ParseSort(in.Sort)
	if len(sorts) != 1 || sorts[0].Name == "" {
		return nil, fault.New(fault.Malformed, "customer.bad_sort", "Sort by one field, such as name or -city.")
	}
	query.Sort = sorts[0]
	order, err := query.order()
	if err != nil {
		return nil, err
	}
	if query.After, err = filter.ParseCursor(in.Cursor, len(order)); err != nil {
		return nil, err
	}
	for _, text := range []string{in.Industry, in.Country, in.Lifecycle} {
		if text != tidy(text) { // no customer has it, and PostgreSQL could not even compare a zero byte
			return nil, fault.New(fault.Malformed, "customer.bad_filter", "No customer has the value %q.", text)
		}
	}
	rows, err := s.List(ctx, access.ReachOf(ctx), query)
	if err != nil {
		return nil, err
	}
	return web.PageOf(rows, in.Limit, func(last *Customer) string { return filter.Cursor(query.place(last)...) }), nil
}

func (s *Store) facetsRoute(ctx context.Context, _ *struct{}) (*web.Body[Facets], error) {
	industries, countries, err := s.Facets(ctx, access.ReachOf(ctx))
	if err != nil {
		return nil, err
	}
	return web.Answer(Facets{Industries: append([]string{}, industries...), Countries: append([]string{}, countries...), Lifecycles: lifecycles()}), nil
}
