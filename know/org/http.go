package org

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// unitForm is what people fill in of a unit. A field that is left out of a change stays as it is.
type unitForm struct {
	Code      *string              `json:"code,omitempty" maxLength:"200"`
	Name      *string              `json:"name,omitempty" maxLength:"500"`
	Kind      *string              `json:"kind,omitempty" enum:"company,country,market,department,team"`
	ParentID  web.Optional[string] `json:"parent_id,omitempty" doc:"Null or empty: the top of the tree"`
	ValidFrom date.Date            `json:"valid_from,omitempty" doc:"Since when the unit hangs there. Left out: since ever for a new unit, from today for a change"`
}

func (f unitForm) apply(u *Unit) {
	set(&u.Code, f.Code)
	set(&u.Name, f.Name)
	set(&u.Kind, f.Kind)
	set((*string)(&u.ParentID), f.ParentID.Pointer())
}

// personForm is what people fill in of a person.
type personForm struct {
	Code      *string              `json:"code,omitempty" maxLength:"200"`
	Name      *string              `json:"name,omitempty" maxLength:"500"`
	Email     *string              `json:"email,omitempty" maxLength:"500"`
	Title     *string              `json:"title,omitempty" maxLength:"500"`
	UnitID    web.Optional[string] `json:"unit_id,omitempty" doc:"Null or empty: no unit"`
	ValidFrom date.Date            `json:"valid_from,omitempty" doc:"Since when the person is in the unit. Left out: since ever for a new person, from today for a change"`
}

func (f personForm) apply(p *Person) {
	set(&p.Code, f.Code)
	set(&p.Name, f.Name)
	set(&p.Email, f.Email)
	set(&p.Title, f.Title)
	set((*string)(&p.UnitID), f.UnitID.Pointer())
}

func set(to, from *string) {
	if from != nil {
		*to = *from
	}
}

type pathInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

// Routes adds units and people to the interface.
func (s *Store) Routes(api *web.API) {
	s.unitRoutes(api)
	s.personRoutes(api)
}

func (s *Store) unitRoutes(api *web.API) {
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/units", Name: "unit_list",
		Summary: "All units by name, a tree by parent_id"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Unit]], error) {
			units, err := s.Units(ctx)
			return web.PageOf(units, len(units), nil), err
		})
	web.Handle(api, access.OrgWrite, web.Route{Method: http.MethodPost, Path: "/units", Name: "unit_create", Status: http.StatusCreated,
		Summary: "Add a unit"},
		func(ctx context.Context, in *struct{ Body unitForm }) (*web.Record[Unit], error) {
			var u Unit
			in.Body.apply(&u)
			err := s.CreateUnit(ctx, &u, in.Body.ValidFrom)
			return web.Versioned(u, u.Version), err
		})
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/units/{id}", Name: "unit_get", Summary: "One unit"},
		func(ctx context.Context, in *pathInput) (*web.Record[Unit], error) {
			u, err := s.Unit(ctx, in.ID)
			return web.Versioned(u, u.Version), err
		})
	web.Handle(api, access.OrgWrite, web.Route{Method: http.MethodPatch, Path: "/units/{id}", Name: "unit_update", Summary: "Change or move a unit"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body unitForm
		}) (*web.Record[Unit], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			u, err := s.UpdateUnit(ctx, in.ID, version, in.Body.apply, in.Body.ValidFrom)
			return web.Versioned(u, u.Version), err
		})
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/units/{id}/places", Name: "unit_places",
		Summary: "Where the unit hung since when"},
		func(ctx context.Context, in *pathInput) (*web.Body[web.Page[Place]], error) {
			places, err := s.UnitPlaces(ctx, in.ID)
			return web.PageOf(places, len(places), nil), err
		})
}

func (s *Store) personRoutes(api *web.API) {
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/people", Name: "person_list",
		Summary: "People by name, of one unit and those below it if asked"}, s.listPeople)
	web.Handle(api, access.OrgWrite, web.Route{Method: http.MethodPost, Path: "/people", Name: "person_create", Status: http.StatusCreated,
		Summary: "Add a person"},
		func(ctx context.Context, in *struct{ Body personForm }) (*web.Record[Person], error) {
			var p Person
			in.Body.apply(&p)
			err := s.CreatePerson(ctx, &p, in.Body.ValidFrom)
			return web.Versioned(p, p.Version), err
		})
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/people/{id}", Name: "person_get", Summary: "One person"},
		func(ctx context.Context, in *pathInput) (*web.Record[Person], error) {
			p, err := s.Person(ctx, in.ID)
			return web.Versioned(p, p.Version), err
		})
	web.Handle(api, access.OrgWrite, web.Route{Method: http.MethodPatch, Path: "/people/{id}", Name: "person_update", Summary: "Change or move a person"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body personForm
		}) (*web.Record[Person], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			p, err := s.UpdatePerson(ctx, in.ID, version, in.Body.apply, in.Body.ValidFrom)
			return web.Versioned(p, p.Version), err
		})
	web.Handle(api, access.OrgRead, web.Route{Method: http.MethodGet, Path: "/people/{id}/places", Name: "person_places",
		Summary: "In which unit the person was since when"},
		func(ctx context.Context, in *pathInput) (*web.Body[web.Page[Place]], error) {
			places, err := s.PersonPlaces(ctx, in.ID)
			return web.PageOf(places, len(places), nil), err
		})
}

func (s *Store) listPeople(ctx context.Context, in *struct {
	web.PageInput
	Text string `query:"q" maxLength:"200" doc:"In the code, the name or the e-mail address"`
	Unit string `query:"unit" format:"uuid" doc:"Id of a unit: its people and those of the units below it"`
}) (*web.Body[web.Page[Person]], error) {
	after, err := filter.ParseCursor(in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	people, err := s.People(ctx, PeopleQuery{Text: in.Text, Unit: id.ID(in.Unit), After: after, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return web.PageOf(people, in.Limit, func(last Person) string { return filter.Cursor(last.Name, last.ID) }), nil
}
