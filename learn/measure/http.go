package measure

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// AsOfInput is embedded in the input of questions about a date.
type AsOfInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

func (in AsOfInput) check() error {
	return web.CheckDate("measure", "as_of", in.AsOf)
}

// Routes adds the routes of the measures.
func (a *Answers) Routes(api *web.API) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/measures", Name: "measure_list",
		Summary: "What is computed of every customer, and what it means"},
		func(ctx context.Context, in *AsOfInput) (*web.Body[Catalogue], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			all, err := a.List(ctx, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(all), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/measures", Name: "measure_sheet",
		Summary: "All measures of a customer"},
		func(ctx context.Context, in *struct {
			AsOfInput
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[Sheet], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			sheet, err := a.Sheet(ctx, access.ReachOf(ctx), in.ID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(sheet), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/measures/{key}", Name: "measure_how",
		Summary: "How a customer's value came about: definition, inputs, the rows behind it, sample and fit"},
		func(ctx context.Context, in *struct {
			AsOfInput
			ID  id.ID  `path:"id" format:"uuid"`
			Key string `path:"key" maxLength:"60"`
		}) (*web.Body[How], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			how, err := a.How(ctx, access.ReachOf(ctx), in.ID, in.Key, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(how), nil
		})
}
