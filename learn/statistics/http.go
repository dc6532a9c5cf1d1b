package statistics

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// Input is embedded in the input of every view on a matrix.
type Input struct {
	matrix.NarrowInput
	Matrix  string `query:"matrix" maxLength:"31" doc:"Its key; absent for the customer matrix"`
	Figures string `query:"figures" maxLength:"400" default:"revenue" doc:"Keys of figures, apart by commas"`
}

func (in Input) ask() Ask {
	return Ask{AsOf: in.AsOf, Matrix: in.Matrix, Narrow: in.Narrow(), Figures: in.Figures}
}

// Routes adds the views on any matrix.
func Routes(api *web.API, q *Questions) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/statistics", Name: "matrix_statistics",
		Summary: "What stands in the cells of any matrix, and where effort and value are out of balance"},
		func(ctx context.Context, in *struct {
			Input
			Effort string `query:"effort" maxLength:"41" doc:"A figure of effort, such as visits, to set against value; customers for their number"`
			Value  string `query:"value" maxLength:"41"`
		}) (*web.Body[Picture], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			a := in.ask()
			a.Effort, a.Value = in.Effort, in.Value
			p, err := q.Statistics(ctx, access.ReachOf(ctx), a)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/comparison", Name: "matrix_comparison",
		Summary: "The parts of the company by the same matrix"},
		func(ctx context.Context, in *struct {
			Input
			By string `query:"by" enum:"unit,person,country,industry" default:"unit"`
		}) (*web.Body[Comparison], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			c, err := q.Compare(ctx, access.ReachOf(ctx), in.ask(), in.By)
			if err != nil {
				return nil, err
			}
			return web.Answer(c), nil
		})
	web.Handle(api, access.MatrixDefine, web.Route{Method: http.MethodPost, Path: "/matrices/preview", Name: "matrix_preview", Status: http.StatusOK,
		Summary: "How many customers would stand in each cell of a matrix that is not kept"},
		func(ctx context.Context, in *struct {
			matrix.AsOfInput
			Body grid.Definition
		}) (*web.Body[Picture], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			p, err := q.Preview(ctx, access.ReachOf(ctx), in.Body, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
}

// Routes adds the report on paper.
func (r *Reports) Routes(api *web.API) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/report.pdf", Name: "matrix_report", Summary: "Any matrix as a PDF of one page, with date, filter and definitions"},
		func(ctx context.Context, in *struct {
			matrix.NarrowInput
			Matrix string `query:"matrix" maxLength:"31" doc:"Its key; absent for the customer matrix"`
		}) (*huma.StreamResponse, error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			p, err := r.Page(ctx, access.ReachOf(ctx), access.From(ctx), Ask{AsOf: in.AsOf, Matrix: in.Matrix, Narrow: in.Narrow()})
			if err != nil {
				return nil, err
			}
			// The page is made before the answer begins, so that what goes wrong can still be said.
			var file bytes.Buffer
			if err := p.Draw(&file, true); err != nil {
				return nil, err
			}
			return web.Attachment("application/pdf", "matrix-"+p.Picture.Matrix.Key+"-"+string(p.Picture.AsOf)+".pdf", func(to io.Writer) error {
				_, err := file.WriteTo(to)
				return err
			}), nil
		})
}
