package pyramid

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// PictureInput is the input of questions about the pyramid of a date.
type PictureInput struct {
	scoring.NarrowInput
	AsOf    date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
	Measure string    `query:"measure" maxLength:"60" doc:"What customers are sorted by; absent for the measure of the settings"`
	By      Cut       `query:"by" enum:"customers,value" default:"customers" doc:"customers: the pyramid, so many of the customers in each tier; value: ABC, so much of the value"`
}

func (in PictureInput) question() (Question, error) {
	if err := web.CheckDate("pyramid", "as_of", in.AsOf); err != nil {
		return Question{}, err
	}
	return Question{AsOf: in.AsOf, Measure: in.Measure, By: in.By, Narrow: in.Narrow()}, nil
}

// MoveInput is the input of questions about two dates.
type MoveInput struct {
	PictureInput
	Then date.Date `query:"then" required:"true" doc:"The scored date before, to compare with"`
}

func (in MoveInput) moves() (MoveQuestion, error) {
	q, err := in.question()
	if err == nil && !in.Then.Valid() {
		err = web.MalformedDate("pyramid", "then")
	}
	return MoveQuestion{Question: q, Then: in.Then}, err
}

// Routes adds the routes of the pyramid.
func Routes(api *web.API, q *Questions, definitions *Definitions, steps []scoring.Step) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/pyramid", Name: "pyramid_get",
		Summary: "The customer pyramid of a date: tiers, curve and concentration by a measure"},
		func(ctx context.Context, in *PictureInput) (*web.Body[Picture], error) {
			p, err := q.drawn(ctx, in)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/pyramid/export", Name: "pyramid_export", Summary: "The tiers as a file"},
		func(ctx context.Context, in *PictureInput) (*huma.StreamResponse, error) {
			p, err := q.drawn(ctx, in)
			if err != nil {
				return nil, err
			}
			return export(p), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/pyramid/history", Name: "pyramid_history",
		Summary: "How customers were spread over the tiers on the scored dates"},
		func(ctx context.Context, in *scoring.NarrowInput) (*web.Body[History], error) {
			h, err := q.History(ctx, access.ReachOf(ctx), in.Narrow())
			if err != nil {
				return nil, err
			}
			return web.Answer(h), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/pyramid/movement", Name: "pyramid_movement",
		Summary: "Who moved between the tiers of two dates, and who is blooming, interesting or tiring"},
		func(ctx context.Context, in *MoveInput) (*web.Body[Movement], error) {
			ask, err := in.moves()
			if err != nil {
				return nil, err
			}
			m, err := q.Movement(ctx, access.ReachOf(ctx), ask)
			if err != nil {
				return nil, err
			}
			return web.Answer(m), nil
		})
	moverRoute(api, q)
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/pyramid/definition", Name: "pyramid_definition", Summary: "Where tiers end, and when a customer is blooming or tiring"},
		access.MeasureDefine, web.Route{Path: "/pyramid/definition", Name: "pyramid_define", Summary: "Change the settings of the pyramid; they count from the next scoring on"})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/pyramid/measures", Name: "pyramid_measures", Summary: "The measures that every customer's tier can be made of"},
		func(context.Context, *struct{}) (*web.Body[web.Page[Choice]], error) {
			all := settable(steps)
			return web.PageOf(all, len(all), nil), nil
		})
}

func (q *Questions) drawn(ctx context.Context, in *PictureInput) (Picture, error) {
	ask, err := in.question()
	if err != nil {
		return Picture{}, err
	}
	return q.Draw(ctx, access.ReachOf(ctx), ask)
}

func moverRoute(api *web.API, q *Questions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/pyramid/movers", Name: "pyramid_movers", Summary: "The customers behind a movement between tiers"},
		func(ctx context.Context, in *struct {
			MoveInput
			From   string `query:"tier_then" maxLength:"200" doc:"Where they stood"`
			To     string `query:"tier_now" maxLength:"200" doc:"Where they stand"`
			Temper Temper `query:"temper" doc:"bloom, interest, tire or none"`
			web.PageInput
		}) (*web.Body[web.Page[Mover]], error) {
			ask, err := in.moves()
			if err != nil {
				return nil, err
			}
			movers, next, err := q.Movers(ctx, access.ReachOf(ctx), MoverQuestion{MoveQuestion: ask, From: in.From, To: in.To, Temper: in.Temper, Cursor: in.Cursor, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			return web.Answer(web.Page[Mover]{Items: movers, Next: next}), nil
		})
}

// export writes the tiers, amounts in major units: people calculate with them.
func export(p Picture) *huma.StreamResponse {
	return web.Attachment(web.CSV, "pyramid-"+string(p.AsOf)+".csv", func(to io.Writer) error {
		w := tabular.NewCSVWriter(to)
		errs := []error{w.Titles("tier", "from", "customers", "value", "share_of_customers", "share_of_value", "revenue", "measure", "currency", "as_of")}
		number := func(x float64) tabular.Number { return tabular.Number(strconv.FormatFloat(x, 'f', -1, 64)) }
		value := func(x float64) tabular.Number {
			if p.Measure.Unit == scoring.Money {
				return tabular.Number(money.Major(int64(x), p.Currency))
			}
			return number(x)
		}
		for _, l := range append(p.Tiers, p.Below...) {
			var from any
			if l.From != nil {
				from = value(*l.From)
			}
			errs = append(errs, w.Row(l.Name, from, number(float64(l.Customers)), value(l.Value), number(l.ShareOfCustomers), number(l.ShareOfValue),
				tabular.Number(money.Major(l.Revenue, p.Currency)), p.Measure.Key, p.Currency, string(p.AsOf)))
		}
		return errors.Join(append(errs, w.Flush())...)
	})
}
