package matrix

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// AsOfInput is embedded in the input of questions about a date.
type AsOfInput struct {
	AsOf date.Date `query:"as_of" doc:"A scored date; absent for the latest"`
}

// Check returns a fault for what is no date.
func (in AsOfInput) Check() error {
	return web.CheckDate("matrix", "as_of", in.AsOf)
}

// NarrowInput is embedded in the input of questions about some customers.
type NarrowInput struct {
	AsOfInput
	Unit     id.ID  `query:"unit" doc:"The customers that belonged on the date to this unit or one below it; - for those of no unit"`
	Direct   bool   `query:"direct" doc:"Only the unit itself, without those below it"`
	Owner    id.ID  `query:"owner" doc:"The customers that this person looked after on the date; - for those of nobody"`
	Industry string `query:"industry" maxLength:"200" doc:"- for those of no industry"`
	Country  string `query:"country" maxLength:"200" doc:"- for those of no country"`
	Segment  id.ID  `query:"segment" doc:"The members of this segment"`
	Rule     string `query:"rule" maxLength:"16000" doc:"A condition in JSON as segments have it: conditions on fields and measures, joined by all, any and not"`
}

// Narrow is what the question was narrowed to.
func (in NarrowInput) Narrow() Narrow {
	return Narrow{Unit: in.Unit, Direct: in.Direct, Owner: in.Owner, Industry: in.Industry, Country: in.Country, Segment: in.Segment, Rule: in.Rule}
}

// FigureInput is embedded in the input of questions for the customers behind a figure.
type FigureInput struct {
	NarrowInput
	Matrix string `query:"matrix" maxLength:"31" doc:"The key of the matrix whose cell, row and column are meant; absent for the customer matrix"`
	Cell   string `query:"cell" doc:"One cell, such as gold_bubble"`
	Row    string `query:"row" doc:"One row, such as gold"`
	Column string `query:"column" doc:"One column, such as bubble"`
	Text   string `query:"q" maxLength:"200" doc:"Part of code or name"`
	// Measures and Columns speak of any registered measure.
	Measures []string `query:"measure,explode" maxItems:"10" doc:"A condition on a measure, such as share>=0.5; repeat it for more. Money is in minor units. An empty value asks for customers without one (potential=) or with one (potential!=)."`
	Columns  string   `query:"columns" maxLength:"900" doc:"Keys of more measures to show, apart by commas"`
	Sort     string   `query:"sort" maxLength:"200" default:"-revenue" doc:"A column of the list or any measure; with a minus sign from high to low"`
}

func (in FigureInput) list() List {
	n := in.Narrow()
	n.Matrix, n.Cell, n.Row, n.Column, n.Text = in.Matrix, in.Cell, in.Row, in.Column, in.Text
	return List{AsOf: in.AsOf, Narrow: n, Measures: in.Measures, Columns: in.Columns, Sort: in.Sort}
}

// Routes adds the routes of the matrix.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	definitionRoutes(api, definitions)
	exportRoute(api, q)
	placeRoute(api, q)
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix", Name: "matrix_get",
		Summary: "The customer matrix of a date"},
		func(ctx context.Context, in *NarrowInput) (*web.Body[Picture], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			p, err := q.Matrix(ctx, access.ReachOf(ctx), in.AsOf, in.Narrow())
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/versions", Name: "matrix_versions",
		Summary: "The scored dates, the latest first"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Version]], error) {
			all, err := q.versions.List(ctx)
			if err != nil {
				return nil, err
			}
			return web.PageOf(versionsFor(access.ReachOf(ctx), all), len(all), nil), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/customers", Name: "matrix_customers",
		Summary: "The customers behind a figure of the matrix"},
		func(ctx context.Context, in *struct {
			FigureInput
			web.PageInput
		}) (*web.Body[web.Page[Line]], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			l := in.list()
			l.Cursor, l.Limit = in.Cursor, in.Limit
			page, err := q.Customers(ctx, access.ReachOf(ctx), l)
			if err != nil {
				return nil, err
			}
			return web.Answer(web.Page[Line]{Items: page.Lines, Next: page.Next}), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/places/{customer_id}", Name: "matrix_place",
		Summary: "Where a customer stands, and stood"},
		func(ctx context.Context, in *struct {
			AsOfInput
			CustomerID id.ID `path:"customer_id"`
		}) (*web.Body[Place], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			p, err := q.Place(ctx, access.ReachOf(ctx), in.CustomerID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
}

func placeRoute(api *web.API, q *Questions) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/places/{customer_id}/others", Name: "matrix_place_others",
		Summary: "Where a customer stands in every other matrix"},
		func(ctx context.Context, in *struct {
			AsOfInput
			CustomerID id.ID `path:"customer_id"`
		}) (*web.Body[web.Page[Standing]], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			all, err := q.Standings(ctx, access.ReachOf(ctx), in.CustomerID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.PageOf(all, len(all), nil), nil
		})
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrices/{key}/places/{customer_id}", Name: "matrix_place_in",
		Summary: "Where a customer stands in any matrix, and how it is to be treated there"},
		func(ctx context.Context, in *struct {
			AsOfInput
			Key        string `path:"key" maxLength:"31"`
			CustomerID id.ID  `path:"customer_id"`
		}) (*web.Body[Standing], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			s, err := q.Standing(ctx, access.ReachOf(ctx), in.Key, in.CustomerID, in.AsOf)
			if err != nil {
				return nil, err
			}
			return web.Answer(s), nil
		})
}

// Version is a scored date as its readers see it.
type Version struct {
	Version      int64     `json:"version" doc:"Grows with every run; a date that is scored again gets a new one."`
	AsOf         date.Date `json:"as_of"`
	WindowMonths int       `json:"window_months"`
	Customers    *int64    `json:"customers,omitempty" doc:"How many were scored; only told to those who may see them all"`
	ComputedAt   time.Time `json:"computed_at"`
}

func versionsFor(reach access.Reach, all []scoring.Version) []Version {
	seen := make([]Version, len(all))
	for i, v := range all {
		seen[i] = Version{Version: v.Version, AsOf: v.AsOf, WindowMonths: v.WindowMonths, ComputedAt: v.ComputedAt}
		if reach.All() {
			seen[i].Customers = &all[i].Customers
		}
	}
	return seen
}

func definitionRoutes(api *web.API, definitions *Definitions) {
	definitions.Routes(api,
		access.MatrixRead, web.Route{Path: "/matrix/definition", Name: "matrix_definition", Summary: "Where the classes of the matrix begin"},
		access.MatrixDefine, web.Route{Path: "/matrix/definition", Name: "matrix_define",
			Summary: "Change where the classes begin; it counts from the next scoring on"})
}

func exportRoute(api *web.API, q *Questions) {
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/matrix/customers/export", Name: "matrix_customers_export",
		Summary: "The customers behind a figure, as a file"},
		func(ctx context.Context, in *struct {
			FigureInput
			Format string `query:"format" enum:"csv,xlsx" default:"csv"`
		}) (*huma.StreamResponse, error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			e, err := q.Export(ctx, access.ReachOf(ctx), in.list())
			if err != nil {
				return nil, err
			}
			if in.Format == "xlsx" {
				return workbook(ctx, e)
			}
			return web.Attachment(web.CSV, e.Name()+".csv", func(w io.Writer) error { return e.CSV(ctx, w) }), nil
		})
}

// workbook writes the file before it answers: a workbook is only one when it is whole, and a fault can still be told.
func workbook(ctx context.Context, e *Export) (*huma.StreamResponse, error) {
	file, err := os.CreateTemp("", "kvadrant-export-*.xlsx")
	if err != nil {
		return nil, fmt.Errorf("export customers: %w", err)
	}
	defer os.Remove(file.Name()) // the open file stays readable
	if err := e.XLSX(ctx, file); err != nil {
		file.Close()
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		file.Close()
		return nil, fmt.Errorf("export customers: %w", err)
	}
	return web.Attachment(web.XLSX, e.Name()+".xlsx", func(w io.Writer) error {
		defer file.Close()
		_, err := io.Copy(w, file)
		return err
	}), nil
}
