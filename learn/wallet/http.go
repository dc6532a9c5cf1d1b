package wallet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// PictureInput is the input of questions about a date.
type PictureInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

func (in PictureInput) check() error {
	return web.CheckDate("wallet", "as_of", in.AsOf)
}

// Routes adds the routes of potential.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/wallet", Name: "wallet_get",
		Summary: "Where the potentials of a date come from, how well they can be estimated, and the white space by category"},
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
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/wallet/estimated", Name: "wallet_estimated", Summary: "How many potentials of a date are estimates"},
		func(ctx context.Context, in *PictureInput) (*web.Body[Estimated], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			e, err := q.Estimated(ctx, access.ReachOf(ctx), in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(e), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/wallet/export", Name: "wallet_export", Summary: "A table of potential as a file"},
		func(ctx context.Context, in *struct {
			PictureInput
			Table string `query:"table" enum:"sources,levels,white_space,trial" default:"sources"`
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
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/wallet", Name: "wallet_card",
		Summary: "A customer's potential: statement, estimate, look-alikes, share and white space by category"},
		func(ctx context.Context, in *struct {
			PictureInput
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[Card], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			c, err := q.Card(ctx, access.ReachOf(ctx), in.ID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(c), nil
		})
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/wallet/definition", Name: "wallet_definition", Summary: "The settings of potential and look-alikes"},
		access.MeasureDefine, web.Route{Path: "/wallet/definition", Name: "wallet_define",
			Summary: "Change the settings of potential and look-alikes; they count from the next scoring on"})
}

// export writes a table, amounts in major units: people calculate with them. Each has some hundred rows at most.
func export(p Picture, table string) *huma.StreamResponse {
	return web.Attachment(web.CSV, fmt.Sprintf("potential-%s-%s.csv", table, p.AsOf), func(to io.Writer) error {
		return tabular.WriteTable(to, p.rows(table))
	})
}

func (p Picture) rows(table string) [][]string {
	digits := money.Digits(p.Currency)
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	amount := func(minor int64) string {
		major := float64(minor)
		for range digits {
			major /= 10
		}
		return strconv.FormatFloat(major, 'f', digits, 64)
	}
	var all [][]string
	switch table {
	case "levels":
		all = append(all, []string{"compared_by", "customers", "as_of"})
		for _, l := range p.Levels {
			all = append(all, []string{string(l.Level), count(l.Customers), string(p.AsOf)})
		}
	case "white_space":
		all = append(all, []string{"category", "customers", "white_space", "currency", "as_of"})
		for _, w := range p.White {
			all = append(all, []string{w.Category, count(w.Customers), amount(w.Amount), p.Currency, string(p.AsOf)})
		}
	case "trial":
		all = p.Basis.Trial.rows(p.Basis.Definition)
	default:
		all = append(all, []string{"source", "state", "oldest", "newest", "customers", "potential", "revenue", "unused", "currency", "as_of"})
		for _, s := range p.Sources {
			all = append(all, []string{s.Source, string(s.State), string(s.Oldest), string(s.Newest), count(s.Customers), amount(s.Potential), amount(s.Revenue), amount(s.Unused), p.Currency, string(p.AsOf)})
		}
		all = append(all, []string{"", string(unknown), "", "", count(p.Unknown.Customers), "", amount(p.Unknown.Revenue), "", p.Currency, string(p.AsOf)})
	}
	return all
}

func (t Trial) rows(d Definition) [][]string {
	all := [][]string{{"estimate", "customers", "median_error", "bias", "interval", "coverage"}}
	row := func(name string, e Errors, more ...string) {
		all = append(all, append([]string{name, strconv.FormatInt(t.Customers, 10), number(e.MedianError), number(e.Bias)}, more...))
	}
	if t.Estimate == nil {
		return all
	}
	coverage := ""
	if t.Coverage != nil {
		coverage = number(*t.Coverage)
	}
	row("quantile "+number(d.Quantile), *t.Estimate, number(t.Level), coverage)
	row("mean of look-alikes", *t.Naive, "", "")
	for _, q := range t.Quantiles {
		row("quantile "+number(q.Quantile), q.Errors, "", "")
	}
	return all
}
