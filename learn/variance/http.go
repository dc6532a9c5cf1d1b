package variance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// CutInput is embedded in the input of questions for a budget.
type CutInput struct {
	From date.Date `query:"from" doc:"A day of the first month; absent for January of the last month's year"`
	To   date.Date `query:"to" doc:"A day of the last month; absent for the last month that is over and has a budget"`
	At   []string  `query:"at,explode" maxItems:"20" doc:"A step into a part of the business, such as unit:0198… or channel:web; repeat it for more, in their order"`
	By   Dimension `query:"by" enum:"unit,person,country,customer,channel,class,product,month" doc:"How to divide it; absent for the units below, else the people"`
}

func (in CutInput) ask() (Ask, error) {
	for place, day := range map[string]date.Date{"from": in.From, "to": in.To} {
		if err := web.CheckDate("variance", place, day); err != nil {
			return Ask{}, err
		}
	}
	way, err := ParseWay(in.At)
	return Ask{From: in.From, To: in.To, Way: way, By: in.By}, err
}

// Routes adds the routes of budget against actual, and those of the causes that people found.
func Routes(api *web.API, q *Questions, causes *Causes) {
	web.Handle(api, access.BudgetRead, web.Route{Method: http.MethodGet, Path: "/budget", Name: "budget_variance",
		Summary: "What was bought against the budget, divided into parts, with the few that explain most of the difference"},
		func(ctx context.Context, in *CutInput) (*web.Body[Report], error) {
			ask, err := in.ask()
			if err != nil {
				return nil, err
			}
			r, err := q.Report(ctx, access.ReachOf(ctx), ask)
			if err != nil {
				return nil, err
			}
			return web.Answer(r), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/budget/export", Name: "budget_export", Summary: "What was bought against the budget by part, as a file"},
		func(ctx context.Context, in *struct {
			CutInput
			Format string `query:"format" enum:"csv,xlsx" default:"csv"`
		}) (*huma.StreamResponse, error) {
			ask, err := in.ask()
			if err != nil {
				return nil, err
			}
			r, err := q.report(ctx, access.ReachOf(ctx), ask, fileMost)
			if err != nil {
				return nil, err
			}
			return r.file(in.Format)
		})
	causes.readRoutes(api)
	causes.writeRoutes(api)
}

// rows are the cells of a file, the titles first. Amounts are written in major units: people calculate with them.
func (r Report) rows() [][]any {
	amount := func(n int64) any { return tabular.Number(money.Major(n, r.Currency)) }
	share := func(x *float64) any {
		if x == nil {
			return nil
		}
		return tabular.Number(strconv.FormatFloat(*x, 'f', 4, 64))
	}
	all := [][]any{{string(r.By), "code", "key", "customers", "budget", "actual", "difference", "percent", "share", "exception", "currency", "from", "until"}}
	line := func(name, code, key string, customers *int64, f Figures, of *float64, exception bool) {
		var number, mark any
		if customers != nil {
			number = tabular.Number(strconv.FormatInt(*customers, 10))
		}
		if exception {
			mark = "yes"
		}
		all = append(all, []any{name, code, key, number, amount(f.Budget), amount(f.Actual), amount(f.Difference), share(f.Percent), share(of), mark, r.Currency,
			string(r.From), string(r.Until)})
	}
	for _, p := range r.Parts {
		line(p.Name, p.Code, p.Key, p.Customers, p.Figures, p.Share, p.Exception)
	}
	if r.Rest != nil {
		line("", "", fmt.Sprintf("others (%d)", r.Rest.Parts), nil, r.Rest.Figures, nil, false)
	}
	return all
}

// file writes the report before it answers: a workbook is only one when it is whole, and a fault can still be told.
func (r Report) file(format string) (*huma.StreamResponse, error) {
	name := fmt.Sprintf("budget-%s-%s-by-%s", r.From[:7], r.To[:7], r.By)
	if format == "xlsx" {
		var book bytes.Buffer
		if err := tabular.WriteWorkbook(&book, r.rows()); err != nil {
			return nil, fmt.Errorf("export the budget: %w", err)
		}
		return web.Attachment(web.XLSX, name+".xlsx", func(to io.Writer) error {
			_, err := book.WriteTo(to)
			return err
		}), nil
	}
	return web.Attachment(web.CSV, name+".csv", func(to io.Writer) error {
		w := tabular.NewCSVWriter(to)
		for _, row := range r.rows() {
			if err := w.Row(row...); err != nil {
				return err
			}
		}
		return w.Flush()
	}), nil
}

// OneInput names a cause.
type OneInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

func (s *Causes) readRoutes(api *web.API) {
	web.Handle(api, access.BudgetRead, web.Route{Method: http.MethodGet, Path: "/budget/causes", Name: "budget_cause_list",
		Summary: "The recorded causes of differences from the budget within reach, the newest first"},
		func(ctx context.Context, in *struct {
			Kind     Kind      `query:"kind" enum:"target_wrong,product_trend,event,selling_everywhere,selling_channel,other"`
			From     date.Date `query:"from" doc:"Whose months reach to this day or later"`
			To       date.Date `query:"to" doc:"Whose months begin on this day or before"`
			Customer id.ID     `query:"customer" doc:"Of this customer alone"`
			web.PageInput
		}) (*web.Body[web.Page[Cause]], error) {
			for place, day := range map[string]date.Date{"from": in.From, "to": in.To} {
				if err := web.CheckDate("variance", place, day); err != nil {
					return nil, err
				}
			}
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
			all, err := s.List(ctx, access.ReachOf(ctx), CauseFilter{in.Kind, in.From, in.To, in.Customer}, last, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return web.PageOf(all, in.Limit, func(c Cause) string { return filter.Cursor(string(c.ID)) }), nil
		})
	web.Handle(api, access.BudgetRead, web.Route{Method: http.MethodGet, Path: "/budget/causes/{id}", Name: "budget_cause_get", Summary: "One recorded cause"},
		func(ctx context.Context, in *OneInput) (*web.Record[Cause], error) {
			c, err := s.Get(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
}

func (s *Causes) writeRoutes(api *web.API) {
	web.Handle(api, access.CauseWrite, web.Route{Method: http.MethodPost, Path: "/budget/causes", Name: "budget_cause_create", Status: http.StatusCreated,
		Summary: "Record why a part of the business differs from its budget"},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Record[Cause], error) {
			for place, day := range map[string]date.Date{"from": in.Body.From, "to": in.Body.To} {
				if !day.Valid() {
					return nil, web.MalformedDate("variance", place)
				}
			}
			c, err := s.Add(ctx, access.ReachOf(ctx), in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
	web.Handle(api, access.CauseWrite, web.Route{Method: http.MethodPut, Path: "/budget/causes/{id}", Name: "budget_cause_put", Summary: "Change what was found"},
		func(ctx context.Context, in *struct {
			OneInput
			web.IfMatch
			Body Words
		}) (*web.Record[Cause], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			c, err := s.Put(ctx, access.ReachOf(ctx), in.ID, version, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, c.Version), nil
		})
	web.Handle(api, access.CauseWrite, web.Route{Method: http.MethodDelete, Path: "/budget/causes/{id}", Name: "budget_cause_delete", Status: http.StatusNoContent,
		Summary: "Take a cause back"},
		func(ctx context.Context, in *struct {
			OneInput
			web.IfMatch
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, s.Delete(ctx, access.ReachOf(ctx), in.ID, version)
		})
}
