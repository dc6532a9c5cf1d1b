package clv

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// PictureInput is the input of questions about a date.
type PictureInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

func (in PictureInput) check() error {
	return web.CheckDate("lifetime", "as_of", in.AsOf)
}

// Routes adds the routes of lifetime value.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/lifetime", Name: "lifetime_get",
		Summary: "Value so far and to come, danger of leaving, groups, cash flow and the test of the models, of a date"},
		func(ctx context.Context, in *PictureInput) (*web.Body[Picture], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/lifetime/export", Name: "lifetime_export", Summary: "A table of lifetime value as a file"},
		func(ctx context.Context, in *struct {
			PictureInput
			Table string `query:"table" enum:"tenths,danger,groups,cash_flow,models,bins,track" default:"groups"`
		}) (*huma.StreamResponse, error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf)
			if err != nil {
				return nil, err
			}
			return export(p, in.Table), nil
		})
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/lifetime/definition", Name: "lifetime_definition", Summary: "The settings of lifetime value"},
		access.MeasureDefine, web.Route{Path: "/lifetime/definition", Name: "lifetime_define",
			Summary: "Change the settings of lifetime value; they count from the next scoring on"})
}

// export writes a table, amounts in major units: people calculate with them. Each has a few hundred rows at most.
func export(p Picture, table string) *huma.StreamResponse {
	return web.Attachment(web.CSV, fmt.Sprintf("lifetime-%s-%s.csv", table, p.AsOf), func(to io.Writer) error {
		return tabular.WriteTable(to, p.rows(table))
	})
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func optional(x *float64, by float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x / by)
}

func (p Picture) rows(table string) [][]string {
	digits := money.Digits(p.Currency)
	minors := 1.0
	for range digits {
		minors *= 10
	}
	figures := func(f Figures) []string {
		row := []string{strconv.FormatInt(f.Customers, 10)}
		for _, amount := range []int64{f.Revenue, f.ValueSoFar, f.ValueToCome, f.Residual} {
			row = append(row, strconv.FormatFloat(float64(amount)/minors, 'f', digits, 64))
		}
		return append(row, p.Currency, string(p.AsOf))
	}
	head := []string{"customers", "revenue", "value_so_far", "value_to_come", "residual_value", "currency", "as_of"}
	var all [][]string
	switch table {
	case "tenths", "danger":
		classes, by := p.Tenths, minors
		if table == "danger" {
			classes, by = p.Danger, 1
		}
		all = append(all, append([]string{"from", "below"}, head...))
		for _, c := range classes {
			all = append(all, append([]string{optional(c.From, by), optional(c.Below, by)}, figures(c.Figures)...))
		}
	case "groups":
		all = append(all, append([]string{"group"}, head...))
		for _, g := range p.Groups {
			all = append(all, append([]string{string(g.Group)}, figures(g.Figures)...))
		}
	default:
		all = p.Models.rows(table, p.Currency)
	}
	return all
}

func (k Kept) rows(table, currency string) [][]string {
	var all [][]string
	if table == "cash_flow" {
		all = append(all, []string{"month", "cumulative", "currency"})
		if k.Newcomer != nil {
			for month, x := range k.Newcomer.Cumulative {
				all = append(all, []string{strconv.Itoa(month), strconv.FormatFloat(x, 'f', money.Digits(currency), 64), currency})
			}
		}
		return all
	}
	t := k.Test
	if t == nil {
		t = &Test{}
	}
	switch table {
	case "models":
		all = append(all, []string{"model", "chosen", "log_likelihood", "expected", "actual", "mae", "rmse", "correlation", "alive", "failed"})
		for _, c := range t.Candidates {
			e := Errors{}
			if c.Errors != nil {
				e = *c.Errors
			}
			all = append(all, []string{c.Model, strconv.FormatBool(c.Chosen), optional(c.LogLikelihood, 1), decimal(e.Expected), decimal(t.Actual), decimal(e.MAE), decimal(e.RMSE),
				optional(e.Corr, 1), decimal(e.Alive), c.Failed})
		}
	case "bins":
		all = append(all, []string{"repeat_purchases", "and_more", "customers", "actual", "expected"})
		for _, b := range t.Bins {
			all = append(all, []string{strconv.Itoa(b.Repeats), strconv.FormatBool(b.AndMore), decimal(b.Customers), decimal(b.Actual), decimal(b.Expected)})
		}
	case "track":
		all = append(all, []string{"until", "actual", "expected"})
		for _, s := range t.Track {
			all = append(all, []string{string(s.Until), strconv.FormatInt(s.Actual, 10), decimal(s.Expected)})
		}
	}
	return all
}
