package migration

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// NarrowInput is embedded in the input of questions about migration. Unit and owner are those of the later date.
type NarrowInput struct {
	From     string   `query:"from" maxLength:"40" doc:"A scenario: actual:2026-06-30, budget:2026 or forecast:2026-06-30; absent for a year before the other"`
	To       string   `query:"to" maxLength:"40" doc:"A scenario; absent for what was bought up to the latest scored date"`
	Matrix   string   `query:"matrix" maxLength:"31" doc:"Its key; absent for the customer matrix"`
	By       Grouping `query:"by" enum:"cell,row,column" default:"cell" doc:"What of the matrix counts as a place"`
	Unit     id.ID    `query:"unit" doc:"The customers that belonged to this unit or one below it; - for those of no unit"`
	Direct   bool     `query:"direct" doc:"Only the unit itself, without those below it"`
	Owner    id.ID    `query:"owner" doc:"The customers that this person looked after; - for those of nobody"`
	Industry string   `query:"industry" maxLength:"200" doc:"- for those of no industry"`
	Country  string   `query:"country" maxLength:"200" doc:"- for those of no country"`
	Segment  id.ID    `query:"segment" doc:"The members of this segment"`
	Rule     string   `query:"rule" maxLength:"16000" doc:"A condition in JSON as segments have it"`
}

func (in NarrowInput) ask() Ask {
	return Ask{From: in.From, To: in.To, Matrix: in.Matrix, By: in.By, Narrow: matrix.Narrow{Unit: in.Unit, Direct: in.Direct, Owner: in.Owner,
		Industry: in.Industry, Country: in.Country, Segment: in.Segment, Rule: in.Rule}}
}

// ListInput is embedded in the input of questions for the customers behind a movement.
type ListInput struct {
	NarrowInput
	PlaceFrom string `query:"place_from" maxLength:"70" doc:"Where they stood: a key of the table, or absent for those new to the book"`
	PlaceTo   string `query:"place_to" maxLength:"70" doc:"Where they stand: a key of the table, or absent for those gone from the book"`
	Which     Which  `query:"which" enum:"moved,stayed" doc:"Only those who stand elsewhere in the matrix, or only those who stand where they stood"`
	Sort      string `query:"sort" enum:"size,change,-change" default:"size" doc:"size: the largest change of revenue first; change: the largest loss; -change: the largest gain"`
}

func (in ListInput) list() MoverAsk {
	return MoverAsk{Ask: in.ask(), FromPlace: in.PlaceFrom, ToPlace: in.PlaceTo, Which: in.Which, Sort: in.Sort}
}

// Routes adds the routes of migration, and those of what people say of a customer's forecast.
func Routes(api *web.API, q *Questions, statements *Statements) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/scenarios", Name: "matrix_scenarios",
		Summary: "The scenarios between which migration can be shown: scored dates, budgets and forecasts"},
		func(ctx context.Context, _ *struct{}) (*web.Body[Choices], error) {
			c, err := q.Choices(ctx)
			if err != nil {
				return nil, err
			}
			return web.Answer(c), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/migration", Name: "matrix_migration",
		Summary: "Which customers and how much money moved between the cells of a matrix, from one scenario to another"},
		func(ctx context.Context, in *NarrowInput) (*web.Body[Picture], error) {
			p, err := q.Migration(ctx, access.ReachOf(ctx), in.ask())
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/movers", Name: "matrix_movers",
		Summary: "The customers behind a movement in a matrix, and what moved them"},
		func(ctx context.Context, in *struct {
			ListInput
			web.PageInput
		}) (*web.Body[web.Page[Mover]], error) {
			ask := in.list()
			ask.Cursor, ask.Limit = in.Cursor, in.Limit
			page, err := q.Movers(ctx, access.ReachOf(ctx), ask)
			if err != nil {
				return nil, err
			}
			return web.Answer(web.Page[Mover]{Items: page.Movers, Next: page.Next}), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/matrix/movers/export", Name: "matrix_movers_export",
		Summary: "The customers behind a movement in a matrix as a file"},
		func(ctx context.Context, in *ListInput) (*huma.StreamResponse, error) {
			ask := in.list()
			ask.Limit = exportPage
			first, err := q.Movers(ctx, access.ReachOf(ctx), ask)
			if err != nil {
				return nil, err
			}
			return q.export(ctx, access.ReachOf(ctx), ask, first), nil
		})
	statementRoutes(api, statements)
}

func statementRoutes(api *web.API, s *Statements) {
	web.Handle(api, access.CustomerRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/forecasts", Name: "forecast_list",
		Summary: "What people said a customer will buy, in place of what the models expect"},
		func(ctx context.Context, in *struct {
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[web.Page[Statement]], error) {
			rows, err := s.List(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, len(rows), nil), nil
		})
	web.Handle(api, access.CustomerWrite, web.Route{Method: http.MethodPost, Path: "/customers/{id}/forecasts", Name: "forecast_create",
		Summary: "Overrule what the models expect of a customer", Status: http.StatusCreated},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body Form
		}) (*web.Record[*Statement], error) {
			said, err := s.Add(ctx, access.ReachOf(ctx), in.ID, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(said, said.Version), nil
		})
	web.Handle(api, access.CustomerWrite, web.Route{Method: http.MethodPut, Path: "/forecasts/{id}", Name: "forecast_put",
		Summary: "Change what was said of a customer's forecast"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body Form
		}) (*web.Record[*Statement], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			said, err := s.Put(ctx, access.ReachOf(ctx), in.ID, version, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(said, said.Version), nil
		})
	web.Handle(api, access.CustomerWrite, web.Route{Method: http.MethodDelete, Path: "/forecasts/{id}", Name: "forecast_delete",
		Summary: "Let the models speak of a customer again"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID id.ID `path:"id" format:"uuid"`
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, s.Delete(ctx, access.ReachOf(ctx), in.ID, version)
		})
}

// exportPage is how many customers an export reads at once: more than a list, since each page joins both versions.
const exportPage = 20_000

// export writes the list from its first page to its end, amounts in major units: people calculate with them.
func (q *Questions) export(ctx context.Context, reach access.Reach, ask MoverAsk, page MoverPage) *huma.StreamResponse {
	// The following pages are of the same scenarios, whatever is scored meanwhile.
	ask.From, ask.To = page.From.Key, page.To.Key
	return web.Attachment(web.CSV, "migration-"+string(page.From.Kind)+"-"+string(page.To.Kind)+"-"+string(page.To.AsOf)+".csv", func(to io.Writer) error {
		w := tabular.NewCSVWriter(to)
		if err := w.Titles("code", "name", "unit", "owner", "from", "to", "revenue_from", "revenue_to", "change", "potential_from", "potential_to", "share_from", "share_to",
			"moved_by", "overruled", "currency", "scenario_from", "scenario_to"); err != nil {
			return err
		}
		for {
			for _, m := range page.Movers {
				if err := w.Row(m.cells(page)...); err != nil {
					return err
				}
			}
			if page.Next == "" {
				return w.Flush()
			}
			var err error
			ask.Cursor = page.Next
			if page, err = q.Movers(ctx, reach, ask); err != nil {
				return errors.Join(err, w.Flush())
			}
		}
	})
}

func (m *Mover) cells(of MoverPage) []any {
	amount := func(n *int64) any {
		if n == nil {
			return nil
		}
		return tabular.Number(money.Major(*n, of.Currency))
	}
	part := func(x *float64) any {
		if x == nil {
			return nil
		}
		return tabular.Number(strconv.FormatFloat(*x, 'f', 4, 64))
	}
	var change int64
	if m.RevenueTo != nil {
		change += *m.RevenueTo
	}
	if m.RevenueFrom != nil {
		change -= *m.RevenueFrom
	}
	overruled := ""
	if m.Overruled {
		overruled = "yes"
	}
	return []any{m.Code, m.Name, m.UnitName, m.OwnerName, m.From, m.To, amount(m.RevenueFrom), amount(m.RevenueTo), amount(&change), amount(m.PotentialFrom), amount(m.PotentialTo),
		part(m.ShareFrom), part(m.ShareTo), string(m.Why), overruled, of.Currency, of.From.Key, of.To.Key}
}
