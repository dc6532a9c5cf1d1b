package profit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// AsOfInput is the input of questions about a date.
type AsOfInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

func (in AsOfInput) check() error { return web.CheckDate("profit", "as_of", in.AsOf) }

// NarrowInput is the input of questions about some customers on a date.
type NarrowInput struct {
	AsOfInput
	scoring.NarrowInput
}

// PairInput is the input of comparisons of two dates.
type PairInput struct {
	NarrowInput
	Against date.Date `query:"against" required:"true" doc:"The scored date whose window is the base period; it must end before the other begins"`
}

func (in PairInput) pair() (Pair, error) {
	return Pair{Base: in.Against, Later: in.AsOf, Narrow: in.Narrow()}, errors.Join(in.check(), web.CheckDate("profit", "against", in.Against))
}

// Movers are the customers behind a cell.
type Movers struct {
	Items []Mover `json:"items" nullable:"false" doc:"Those who added or took the most, 200 at most."`
}

// Routes adds the routes of profit.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/profit", Name: "profit_get",
		Summary: "Profit of a date: totals, profit cycle, opportunities, what hangs on few customers, categories and products"},
		func(ctx context.Context, in *NarrowInput) (*web.Body[Picture], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf, in.Narrow())
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/profit/export", Name: "profit_export", Summary: "A table of profit as a file"},
		func(ctx context.Context, in *struct {
			NarrowInput
			Table string `query:"table" enum:"cycle,opportunity,losses,categories,products" default:"cycle"`
		}) (*huma.StreamResponse, error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf, in.Narrow())
			if err != nil {
				return nil, err
			}
			return export(p, in.Table), nil
		})
	pairRoutes(api, q)
	gridRoutes(api, q)
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/profit/definition", Name: "profit_definition", Summary: "The unit costs and the classes of profit"},
		access.MeasureDefine, web.Route{Path: "/profit/definition", Name: "profit_define",
			Summary: "Change the unit costs and the classes of profit; they count from the next scoring on"})
}

func pairRoutes(api *web.API, q *Questions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/profit/opportunity", Name: "profit_opportunity",
		Summary: "The profit opportunity matrix between the windows of two scored dates"},
		func(ctx context.Context, in *PairInput) (*web.Body[Opportunity], error) {
			p, err := in.pair()
			if err != nil {
				return nil, err
			}
			o, err := q.Compare(ctx, access.ReachOf(ctx), p)
			if err != nil {
				return nil, err
			}
			return web.Answer(o), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/profit/opportunity/customers", Name: "profit_movers",
		Summary: "The customers behind a cell of the profit opportunity matrix of two scored dates"},
		func(ctx context.Context, in *struct {
			PairInput
			Class Class `query:"class" enum:"high,medium,low,all" default:"all"`
			State State `query:"state" enum:"new,won_back,retained,lost,all" default:"all"`
		}) (*web.Body[Movers], error) {
			p, err := in.pair()
			if err != nil {
				return nil, err
			}
			movers, err := q.Movers(ctx, access.ReachOf(ctx), p, in.Class, in.State)
			if err != nil {
				return nil, err
			}
			return web.Answer(Movers{Items: movers}), nil
		})
}

func gridRoutes(api *web.API, q *Questions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/profit/products", Name: "profit_products",
		Summary: "Customer × product profitability of the largest, the best or the worst customers"},
		func(ctx context.Context, in *struct {
			NarrowInput
			Of        Of     `query:"of" enum:"best,worst,largest" default:"largest"`
			Customers int    `query:"customers" minimum:"1" maximum:"50" default:"20"`
			Category  string `query:"category" maxLength:"40" doc:"The id of a category: the columns are the categories below it, and its products; none for products without a category. Absent: the columns are the categories at the top."`
		}) (*web.Body[Grid], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			ask := GridAsk{AsOf: in.AsOf, Narrow: in.Narrow(), Of: in.Of, Customers: in.Customers}
			if in.Category != "" {
				within := in.Category
				if within == "none" {
					within = ""
				} else if !id.Valid(within) {
					return nil, fault.New(fault.Malformed, "profit.malformed_category", "The category must be the id of one, or none.").At("category", "Give the id of a category, or none.")
				}
				ask.Within = &within
			}
			g, err := q.Grid(ctx, access.ReachOf(ctx), ask)
			if err != nil {
				return nil, err
			}
			return web.Answer(g), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/profit/customers/{customer_id}", Name: "profit_customer",
		Summary: "The profit of a customer: margin, cost to serve with its parts, categories of products"},
		func(ctx context.Context, in *struct {
			AsOfInput
			CustomerID id.ID `path:"customer_id"`
		}) (*web.Body[Card], error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			c, err := q.Card(ctx, access.ReachOf(ctx), in.CustomerID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(c), nil
		})
}

// export writes a table, amounts in major units: people calculate with them. Each has a few hundred rows at most.
func export(p Picture, table string) *huma.StreamResponse {
	return web.Attachment(web.CSV, fmt.Sprintf("profit-%s-%s.csv", table, p.AsOf), func(to io.Writer) error {
		rows := p.rows(table)
		for i := range rows {
			if i == 0 {
				rows[i] = append(rows[i], "currency", "as_of")
			} else {
				rows[i] = append(rows[i], p.Currency, string(p.AsOf))
			}
		}
		return tabular.WriteTable(to, rows)
	})
}

func (p Picture) rows(table string) [][]string {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	amount := func(minor int64) string { return money.Major(minor, p.Currency) }
	share := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'f', -1, 64)
	}
	var all [][]string
	switch table {
	case "opportunity":
		all = append(all, []string{"class", "state", "customers", "base_profit", "later_profit", "contribution", "share_of_base"})
		for _, c := range p.Opportunity.Cells {
			all = append(all, []string{string(c.Class), string(c.State), whole(c.Customers), amount(c.Base), amount(c.Later), amount(c.Contribution), share(c.Share)})
		}
	case "losses":
		all = append(all, []string{"largest", "revenue", "profit", "revenue_share", "profit_share"})
		for _, l := range p.Risk.Losses {
			all = append(all, []string{whole(l.Largest), amount(l.Revenue), amount(l.Profit), share(l.RevenueShare), share(l.ProfitShare)})
		}
	case "categories", "products":
		all = append(all, []string{"code", "name", "class", "lines", "lines_with_cost", "revenue", "product_cost", "margin", "cost_to_serve", "profit"})
		if p.Ledger == nil {
			break
		}
		items := p.Ledger.Categories
		if table == "products" {
			items = p.Ledger.Products
		}
		for _, c := range items {
			profit := ""
			if c.Profit != nil {
				profit = amount(*c.Profit)
			}
			all = append(all, []string{c.Code, c.Name, string(c.Grade), whole(c.Lines), whole(c.CostedLines), amount(c.Revenue), amount(c.Cost), amount(c.Margin), amount(c.CostToServe), profit})
		}
	default:
		all = append(all, []string{"state", "customers", "profit", "profit_before", "unknown"})
		for _, f := range p.Cycle {
			all = append(all, []string{string(f.State), whole(f.Customers), amount(f.Profit), amount(f.ProfitBefore), whole(f.Untold)})
		}
	}
	return all
}
