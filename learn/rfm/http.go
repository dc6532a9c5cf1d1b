package rfm

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
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// PictureInput is the input of questions about a date.
type PictureInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

func (in PictureInput) check() error {
	return web.CheckDate("rfm", "as_of", in.AsOf)
}

// Routes adds the routes of RFM.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/rfm", Name: "rfm_get",
		Summary: "Customers by recency, frequency and money: cells and points of a date"},
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
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/rfm/export", Name: "rfm_export", Summary: "The cells of RFM as a file"},
		func(ctx context.Context, in *PictureInput) (*huma.StreamResponse, error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf)
			if err != nil {
				return nil, err
			}
			return export(p), nil
		})
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodPost, Path: "/rfm/break-even", Name: "rfm_break_even",
		Summary: "At which response a mailing pays for itself, and which cells lie above it"}, breakEven)
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/rfm/definition", Name: "rfm_definition", Summary: "How points are given and cells divided"},
		access.MeasureDefine, web.Route{Path: "/rfm/definition", Name: "rfm_define",
			Summary: "Change how points are given and cells divided; it counts from the next scoring on"})
}

// export writes the cells, amounts in major units: people calculate with them. There are a thousand at most.
func export(p Picture) *huma.StreamResponse {
	return web.Attachment(web.CSV, "rfm-"+string(p.AsOf)+".csv", func(to io.Writer) error {
		rows := [][]string{{"recency", "frequency", "money", "customers", "revenue", "currency", "as_of"}}
		digits := money.Digits(p.Currency)
		for _, cell := range p.Cells {
			major := float64(cell.Revenue)
			for range digits {
				major /= 10
			}
			rows = append(rows, []string{strconv.FormatInt(cell.R, 10), strconv.FormatInt(cell.F, 10), strconv.FormatInt(cell.M, 10),
				strconv.FormatInt(cell.Customers, 10), strconv.FormatFloat(major, 'f', digits, 64), p.Currency, string(p.AsOf)})
		}
		return tabular.WriteTable(to, rows)
	})
}

// TestForm is what a test mailing to one cell gave, as people enter it.
type TestForm struct {
	R         int `json:"r" minimum:"1" maximum:"100"`
	F         int `json:"f" minimum:"1" maximum:"100"`
	M         int `json:"m" minimum:"1" maximum:"100"`
	Mailed    int `json:"mailed" minimum:"1" maximum:"1000000000"`
	Responses int `json:"responses" minimum:"0" maximum:"1000000000"`
}

// BreakEvenForm asks at which response a mailing pays for itself.
type BreakEvenForm struct {
	Cost   float64    `json:"cost" minimum:"0" doc:"Of a piece, in any money."`
	Profit float64    `json:"profit" doc:"Net, of a response, in the same money."`
	Tests  []TestForm `json:"tests,omitempty" maxItems:"1000" nullable:"false" doc:"The cells whose response is known."`
}

// BreakEvenAnswer is the response at which a mailing pays for itself.
type BreakEvenAnswer struct {
	BreakEven float64     `json:"break_even" doc:"Responses per piece; 0.0177 is 1.77 %."`
	TestSize  *int        `json:"test_size" doc:"How many customers of a cell a test needs to say something; null when pieces cost nothing."`
	Results   []CellJudge `json:"results" nullable:"false"`
}

// CellJudge is a cell's test against the break-even.
type CellJudge struct {
	R      int      `json:"r"`
	F      int      `json:"f"`
	M      int      `json:"m"`
	Rate   float64  `json:"rate"`
	Index  *float64 `json:"index" doc:"(rate − break-even) ÷ break-even × 100; 0 broke even. Null when pieces cost nothing."`
	Net    float64  `json:"net" doc:"Profit of the test less the cost of its pieces."`
	Mail   bool     `json:"mail" doc:"The rate lies above the break-even."`
	TooFew bool     `json:"too_few" doc:"Fewer were mailed than a test needs: the rate says little."`
}

func breakEven(_ context.Context, in *struct{ Body BreakEvenForm }) (*web.Body[BreakEvenAnswer], error) {
	even, err := BreakEven(in.Body.Cost, in.Body.Profit)
	if errors.Is(err, ErrNoProfit) {
		return nil, fault.New(fault.Invalid, "rfm.no_profit", "A response must earn something: give a net profit above 0.").At("profit", "Give a net profit above 0.")
	}
	if err != nil {
		return nil, err
	}
	tests := make([]Test, len(in.Body.Tests))
	for i, t := range in.Body.Tests {
		if t.Responses > t.Mailed {
			return nil, fault.New(fault.Invalid, "rfm.too_many_responses", "Cell %s: there cannot be more responses than pieces.", Cell{t.R, t.F, t.M}).
				At(fmt.Sprintf("tests[%d].responses", i), "Give at most %d.", t.Mailed)
		}
		tests[i] = Test{Cell: Cell{t.R, t.F, t.M}, Mailed: t.Mailed, Responses: t.Responses}
	}
	judged, err := Judge(tests, in.Body.Cost, in.Body.Profit)
	if err != nil {
		return nil, err
	}
	answer := BreakEvenAnswer{BreakEven: even, Results: make([]CellJudge, len(judged))}
	if even > 4e-9 { // below, the number of customers is beyond any company
		size := TestSize(even)
		answer.TestSize = &size
	}
	for i, r := range judged {
		answer.Results[i] = CellJudge{R: r.Cell.R, F: r.Cell.F, M: r.Cell.M, Rate: r.Rate, Net: r.Net, Mail: r.Mail, TooFew: r.TooFew}
		if even > 0 {
			answer.Results[i].Index = &judged[i].Index
		}
	}
	return web.Answer(answer), nil
}
