package survival

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
	By   By        `query:"by" enum:"all,industry,country" default:"all" doc:"Which customers get a curve of their own"`
}

// Routes adds the routes of contracts.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	picture := func(ctx context.Context, in *PictureInput) (Picture, error) {
		if err := web.CheckDate("survival", "as_of", in.AsOf); err != nil {
			return Picture{}, err
		}
		return q.Picture(ctx, access.ReachOf(ctx), in.AsOf, in.By)
	}
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/contracts", Name: "contracts_get",
		Summary: "How long customers stay, as of a date: survival curves, renewal by cohorts, and what is to be expected"},
		func(ctx context.Context, in *PictureInput) (*web.Body[Picture], error) {
			p, err := picture(ctx, in)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/contracts/export", Name: "contracts_export", Summary: "A table of contracts as a file"},
		func(ctx context.Context, in *struct {
			PictureInput
			Table string `query:"table" enum:"curves,groups,cohorts,renewal" default:"curves"`
		}) (*huma.StreamResponse, error) {
			p, err := picture(ctx, &in.PictureInput)
			if err != nil {
				return nil, err
			}
			return export(p, in.Table), nil
		})
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/contracts/definition", Name: "contracts_definition", Summary: "The settings of contracts"},
		access.MeasureDefine, web.Route{Path: "/contracts/definition", Name: "contracts_define", Summary: "Change the settings of contracts; they count at once"})
}

// export writes a table, amounts in major units: people calculate with them. Each has some hundred rows.
func export(p Picture, table string) *huma.StreamResponse {
	return web.Attachment(web.CSV, fmt.Sprintf("contracts-%s-%s.csv", table, p.AsOf), func(to io.Writer) error {
		return tabular.WriteTable(to, p.rows(table))
	})
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func optional(x *float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x)
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func (p Picture) amount(x *int64) string {
	if x == nil {
		return ""
	}
	return money.Major(*x, p.Currency)
}

func (p Picture) rows(table string) [][]string {
	var all [][]string
	switch table {
	case "groups":
		all = append(all, []string{"group", "customers", "lost", "median_months", "mean_months", "mean_std_err", "mean_limit", "as_of"})
		for _, c := range append([]Curve{p.Survival.All}, p.Survival.Groups...) {
			all = append(all, []string{c.Name, whole(c.Customers), whole(c.Lost), optional(c.Median), optional(c.Mean), optional(c.MeanErr), decimal(c.Limit), string(p.AsOf)})
		}
	case "cohorts":
		all = append(all, []string{"first", "until", "periods", "customers", "renewals", "survivors", "expected", "remaining", "margin", "value", "currency", "as_of"})
		for _, c := range p.Renewal.Cohorts {
			for n, survivors := range c.Survivors {
				row := []string{string(c.First), string(c.Until), strconv.Itoa(c.Periods), whole(c.Customers), strconv.Itoa(n), whole(survivors), "", "", "", "", p.Currency, string(p.AsOf)}
				if n < len(c.Expected) {
					row[6] = decimal(c.Expected[n])
				}
				if n == c.Periods {
					row[7], row[8], row[9] = optional(c.Remaining), p.amount(c.Margin), p.amount(c.Value)
				}
				all = append(all, row)
			}
		}
	case "renewal":
		all = append(all, []string{"period", "at_risk", "lost", "survival", "retention", "fitted_survival", "fitted_retention", "as_of"})
		for _, x := range p.Renewal.Points {
			all = append(all, []string{strconv.Itoa(x.Period), whole(x.AtRisk), whole(x.Lost), optional(x.Survival), optional(x.Retention),
				optional(x.FittedSurvival), optional(x.FittedRetention), string(p.AsOf)})
		}
	default:
		all = append(all, []string{"group", "months", "at_risk", "lost", "survival", "std_err", "low", "high", "as_of"})
		for _, c := range append([]Curve{p.Survival.All}, p.Survival.Groups...) {
			for _, s := range c.Steps {
				all = append(all, []string{c.Name, decimal(s.Months), whole(s.AtRisk), whole(s.Lost), decimal(s.Survival), optional(s.StdErr), optional(s.Low), optional(s.High), string(p.AsOf)})
			}
		}
	}
	return all
}
