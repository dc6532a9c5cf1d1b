package grid

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Routes adds the matrices' definitions to the interface.
func Routes(api *web.API, s *Store) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrices", Name: "matrix_list",
		Summary: "All matrices: those of the program whose measures there are, then the company's own"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Offered]], error) {
			all, err := s.List(ctx)
			if err != nil {
				return nil, err
			}
			return web.PageOf(all, len(all), nil), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrices/{key}", Name: "matrix_of_key", Summary: "One matrix: its axes, classes and cells"},
		func(ctx context.Context, in *keyInput) (*web.Record[Offered], error) {
			o, err := s.Get(ctx, in.Key)
			if err != nil {
				return nil, err
			}
			return web.Versioned(o, o.Version), nil
		})
	web.Handle(api, access.MatrixDefine, web.Route{Method: http.MethodPost, Path: "/matrices", Name: "matrix_create", Status: http.StatusCreated, Summary: "Make a matrix"},
		func(ctx context.Context, in *struct{ Body Definition }) (*web.Record[Offered], error) {
			o, err := s.Create(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(o, o.Version), nil
		})
	web.Handle(api, access.MatrixDefine, web.Route{Method: http.MethodPut, Path: "/matrices/{key}", Name: "matrix_change", Summary: "Change a matrix; it counts at once, for every scored date"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Key  string `path:"key" maxLength:"31"`
			Body Definition
		}) (*web.Record[Offered], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			o, err := s.Update(ctx, in.Key, version, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(o, o.Version), nil
		})
	web.Handle(api, access.MatrixDefine, web.Route{Method: http.MethodDelete, Path: "/matrices/{key}", Name: "matrix_remove", Summary: "Remove a matrix that the company made"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Key string `path:"key" maxLength:"31"`
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, s.Remove(ctx, in.Key, version)
		})
}

type keyInput struct {
	Key string `path:"key" maxLength:"31"`
}
