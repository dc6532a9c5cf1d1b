package allocation

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// SegmentsInput is the input of questions about segments of a date.
type SegmentsInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
	By   string    `query:"by" maxLength:"60" default:"cell" doc:"The measure that makes the segments"`
}

func (in SegmentsInput) check() error {
	return web.CheckDate("allocation", "as_of", in.AsOf)
}

// PlanInput names a plan.
type PlanInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

// Routes adds the routes of allocation and of the plans.
func Routes(api *web.API, q *Questions, plans *Plans) {
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodGet, Path: "/allocation/segments", Name: "allocation_segments",
		Summary: "Customers and today's figures of the segments that a measure makes"},
		func(ctx context.Context, in *SegmentsInput) (*web.Body[Segments], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			s, err := q.Segments(ctx, access.ReachOf(ctx), in.AsOf, in.By)
			if err != nil {
				return nil, err
			}
			return web.Answer(s), nil
		})
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodPost, Path: "/allocation/solve", Name: "allocation_solve",
		Summary: "The spend per segment that brings most in total; nothing is kept"},
		func(_ context.Context, in *struct{ Body Problem }) (*web.Body[Plan], error) {
			p, err := Solve(in.Body)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodGet, Path: "/allocation/loyalty", Name: "allocation_loyalty",
		Summary: "What losing fewer customers is worth, by segment"},
		func(ctx context.Context, in *struct {
			SegmentsInput
			Fewer  float64 `query:"fewer" default:"0.05" doc:"0.05 is 5 %"`
			Points bool    `query:"points" doc:"Of all customers, in points of retention; else of the losses"`
		}) (*web.Body[Arithmetic], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			a, err := q.Loyalty(ctx, access.ReachOf(ctx), LoyaltyQuestion{AsOf: in.AsOf, By: in.By, Fewer: in.Fewer, Points: in.Points})
			if err != nil {
				return nil, err
			}
			return web.Answer(a), nil
		})
	planRoutes(api, plans)
}

func planRoutes(api *web.API, plans *Plans) {
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodGet, Path: "/plans", Name: "plan_list", Summary: "The kept plans, the newest first"},
		func(ctx context.Context, in *web.PageInput) (*web.Body[web.Page[Brief]], error) {
			before, err := filter.ParseCursor(in.Cursor, 1)
			if err != nil {
				return nil, err
			}
			var last id.ID
			if before != nil {
				text, ok := before[0].(string)
				if !ok || !id.Valid(text) {
					return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
				}
				last = id.ID(text)
			}
			rows, err := plans.List(ctx, last, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, in.Limit, func(b Brief) string { return filter.Cursor(string(b.ID)) }), nil
		})
	web.Handle(api, access.PlanWrite, web.Route{Method: http.MethodPost, Path: "/plans", Name: "plan_create", Status: http.StatusCreated, Summary: "Keep a plan, and make it the plan of the company if wanted"},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Record[Kept], error) {
			k, err := plans.Create(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(k, k.Version), nil
		})
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodGet, Path: "/plans/{id}", Name: "plan_get", Summary: "A kept plan with all that was asked and answered"},
		func(ctx context.Context, in *PlanInput) (*web.Record[Kept], error) {
			k, err := plans.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(k, k.Version), nil
		})
	web.Handle(api, access.PlanWrite, web.Route{Method: http.MethodPut, Path: "/plans/{id}/in-force", Name: "plan_put_in_force", Summary: "Make a plan the plan of the company, or no longer; at most one is"},
		func(ctx context.Context, in *struct {
			PlanInput
			web.IfMatch
			Body struct {
				InForce bool `json:"in_force"`
			}
		}) (*web.Record[Kept], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			k, err := plans.PutInForce(ctx, in.ID, version, in.Body.InForce)
			if err != nil {
				return nil, err
			}
			return web.Versioned(k, k.Version), nil
		})
	web.Handle(api, access.PlanWrite, web.Route{Method: http.MethodDelete, Path: "/plans/{id}", Name: "plan_delete", Status: http.StatusNoContent, Summary: "Forget a plan"},
		func(ctx context.Context, in *struct {
			PlanInput
			web.IfMatch
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, plans.Delete(ctx, in.ID, version)
		})
	web.Handle(api, access.PlanRead, web.Route{Method: http.MethodGet, Path: "/plans/{id}/export", Name: "plan_export", Summary: "A kept plan as a file, a row for each segment"},
		func(ctx context.Context, in *PlanInput) (*huma.StreamResponse, error) {
			k, err := plans.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return export(k), nil
		})
}

// export writes the plan, amounts in major units: people calculate with them.
func export(k Kept) *huma.StreamResponse {
	return web.Attachment(web.CSV, "plan-"+string(k.ID)+".csv", func(to io.Writer) error {
		w := tabular.NewCSVWriter(to)
		errs := []error{w.Titles("segment", "customers", "spend_per_customer", "return_per_customer", "spend", "return", "return_per_customer_if_even", "currency")}
		number := func(x float64) tabular.Number { return tabular.Number(strconv.FormatFloat(x, 'f', -1, 64)) }
		for _, s := range k.Plan.Shares {
			errs = append(errs, w.Row(s.Name, number(float64(s.Customers)), number(s.Spend), number(s.Return), number(s.Money), number(s.Total), number(s.Even), k.Currency))
		}
		return errors.Join(append(errs, w.Flush())...)
	})
}
