package loyalty

import (
	"context"
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

// PictureInput is the input of questions about a date.
type PictureInput struct {
	scoring.NarrowInput
	AsOf   date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
	Period Period    `query:"period" enum:"quarter,half_year,year" default:"quarter" doc:"How long the periods of the indices are"`
	By     string    `query:"by" enum:"industry,country,unit" default:"industry" doc:"By what the indices of the latest period are told apart"`
}

func (in PictureInput) query() (Query, error) {
	q := Query{AsOf: in.AsOf, Narrow: in.Narrow(), Period: in.Period, By: in.By}
	return q, web.CheckDate("loyalty", "as_of", in.AsOf)
}

// Draft is rules to try.
type Draft struct {
	Rules []Rule `json:"rules" nullable:"false" maxItems:"40"`
}

// Routes adds the routes of loyalty.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	picture := func(ctx context.Context, in *PictureInput) (Picture, error) {
		query, err := in.query()
		if err != nil {
			return Picture{}, err
		}
		return q.Picture(ctx, access.ReachOf(ctx), query)
	}
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/loyalty", Name: "loyalty_get",
		Summary: "Loyalty of a date: indices, matrix, types of behaviour, the five Bs and early warnings"},
		func(ctx context.Context, in *PictureInput) (*web.Body[Picture], error) {
			p, err := picture(ctx, in)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/loyalty/export", Name: "loyalty_export", Summary: "A table of loyalty as a file"},
		func(ctx context.Context, in *struct {
			PictureInput
			Table string `query:"table" enum:"indices,parts,types,matrix,relation" default:"indices"`
		}) (*huma.StreamResponse, error) {
			p, err := picture(ctx, &in.PictureInput)
			if err != nil {
				return nil, err
			}
			return export(p, in.Table), nil
		})
	web.Handle(api, access.MeasureDefine, web.Route{Method: http.MethodPost, Path: "/loyalty/preview", Name: "loyalty_preview",
		Summary: "How many customers a draft's rules of behaviour would call what"},
		func(ctx context.Context, in *struct{ Body Draft }) (*web.Body[Preview], error) {
			p, err := q.Preview(ctx, access.ReachOf(ctx), in.Body.Rules)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/loyalty/definition", Name: "loyalty_definition", Summary: "The settings of loyalty"},
		access.MeasureDefine, web.Route{Path: "/loyalty/definition", Name: "loyalty_define",
			Summary: "Change the settings of loyalty; they count from the next scoring on"})
}

// export writes a table, amounts in major units: people calculate with them.
func export(p Picture, table string) *huma.StreamResponse {
	return web.Attachment(web.CSV, "loyalty-"+table+"-"+string(p.AsOf)+".csv", func(to io.Writer) error {
		return tabular.WriteTable(to, p.rows(table))
	})
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func optional(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func (t Trade) cells() []string {
	return []string{whole(t.Before), whole(t.Again), whole(t.Left), whole(t.Customers), optional(t.Retention), optional(t.Loss)}
}

func (p Profile) cells() []string {
	return []string{optional(p.Willingness), optional(p.Ability), optional(p.Reliability), optional(p.Reachability), optional(p.Involvement)}
}

func (p Picture) amounts(s Sum) []string {
	return []string{whole(s.Customers), money.Major(s.Revenue, p.Currency), money.Major(s.Profit, p.Currency), p.Currency, string(p.AsOf)}
}

func (p Picture) rows(table string) [][]string {
	trade := []string{"before", "again", "left", "customers", "retention", "loss"}
	amounts := []string{"customers", "revenue", p.Matrix.Profitability, "currency", "as_of"}
	var all [][]string
	switch table {
	case "parts":
		all = append(all, append([]string{"name"}, trade...))
		for _, x := range p.Parts {
			all = append(all, append([]string{x.Name}, x.cells()...))
		}
	case "types":
		all = append(all, append([]string{"type"}, amounts...))
		for _, x := range p.Types {
			all = append(all, append([]string{string(x.Type)}, p.amounts(x.Sum)...))
		}
	case "matrix":
		all = append(all, append([]string{"profitability", "loyalty"}, amounts...))
		for _, x := range p.Matrix.Loyalty {
			all = append(all, append([]string{strconv.Itoa(x.ProfitClass), strconv.Itoa(x.LoyaltyClass)}, p.amounts(x.Sum)...))
		}
	case "relation":
		all = append(all, []string{"type", "scored", "willingness", "ability", "reliability", "reachability", "involvement"})
		all = append(all, append([]string{"all", whole(p.Profile.Scored)}, p.Profile.cells()...))
		for _, x := range p.Types {
			all = append(all, append([]string{string(x.Type), whole(x.Profile.Scored)}, x.Profile.cells()...))
		}
	default:
		all = append(all, append(append([]string{"from", "to"}, trade...), "asked", "unconditional", "conditional", "loyalty", "loyalty_strengthened", "answers",
			"satisfaction", "satisfaction_weighted", "satisfaction_source"))
		for _, x := range p.Spans {
			all = append(all, append(append([]string{string(x.From), string(x.To)}, x.cells()...), whole(x.Intenders.Asked), whole(x.Intenders.Unconditional), whole(x.Intenders.Conditional),
				optional(x.Standard), optional(x.Strengthened), whole(x.Answers), optional(x.Satisfaction.Plain), optional(x.Satisfaction.Weighted), optional(x.Satisfaction.Source)))
		}
	}
	return all
}
