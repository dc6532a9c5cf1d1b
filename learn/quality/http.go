package quality

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

type reportInput struct {
	Run id.ID `query:"run" format:"uuid" doc:"A check; the latest when left out"`
}

// FigureInput is embedded in the input of questions for the rows behind a figure.
type FigureInput struct {
	Kind    string    `query:"kind" required:"true" maxLength:"50" doc:"A kind of import, such as customers"`
	Finding string    `query:"finding" required:"true" maxLength:"100" doc:"The key of a finding, such as missing_owner"`
	Month   date.Date `query:"month" doc:"Only rows of this month, by its first day, of what has a date"`
}

func (in FigureInput) list() List { return List{Kind: in.Kind, Finding: in.Finding, Month: in.Month} }

type checkBody struct {
	Job job.Job `json:"job"`
}

// Routes adds the routes of the data check. Grades and figures count all records, whoever asks; rows are those within reach,
// and the sums of months, which tell what the whole company sells, go to those who see all customers.
func (c *Checker) Routes(api *web.API, r *job.Runner) {
	web.Handle(api, access.QualityRead, web.Route{Method: http.MethodGet, Path: "/quality", Name: "quality_get",
		Summary: "What a data check found"}, c.getReport)
	web.Handle(api, access.QualityRun, web.Route{Method: http.MethodPost, Path: "/quality", Name: "quality_start",
		Summary: "Check all data as of today, as a job", Status: http.StatusAccepted},
		func(ctx context.Context, _ *struct{}) (*web.Body[checkBody], error) {
			j, err := r.Submit(ctx, Spec(Asked))
			if err != nil {
				return nil, err
			}
			return web.Answer(checkBody{Job: j}), nil
		})
	web.Handle(api, access.QualityRead, web.Route{Method: http.MethodGet, Path: "/quality/runs", Name: "quality_runs",
		Summary: "The data checks that were made, the latest first"}, c.getRuns)
	web.Handle(api, access.QualityRead, web.Route{Method: http.MethodGet, Path: "/quality/rows", Name: "quality_rows",
		Summary: "The records behind a figure of the latest data check"}, c.getRows)
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/quality/rows/export", Name: "quality_rows_export",
		Summary: "The records behind a figure of the latest data check, as a file"}, c.exportRows)
}

func (c *Checker) getReport(ctx context.Context, in *reportInput) (*web.Body[Report], error) {
	r, err := c.Report(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	if !access.ReachOf(ctx).All() {
		r.Months = []Month{}
	}
	return web.Answer(r), nil
}

func (c *Checker) getRuns(ctx context.Context, in *web.PageInput) (*web.Body[web.Page[Run]], error) {
	after, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	var before id.ID
	if after != nil {
		last, _ := after[0].(string)
		if !id.Valid(last) {
			return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
		}
		before = id.ID(last)
	}
	runs, err := c.Runs(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return web.PageOf(runs, in.Limit, func(last Run) string { return filter.Cursor(last.ID) }), nil
}

func (c *Checker) getRows(ctx context.Context, in *struct {
	FigureInput
	web.PageInput
}) (*web.Body[web.Page[Row]], error) {
	l := in.list()
	l.Cursor, l.Limit = in.Cursor, in.Limit
	page, err := c.Rows(ctx, access.ReachOf(ctx), l)
	if err != nil {
		return nil, err
	}
	if page.Rows == nil {
		page.Rows = []Row{}
	}
	return web.Answer(web.Page[Row]{Items: page.Rows, Next: page.Next}), nil
}

func (c *Checker) exportRows(ctx context.Context, in *FigureInput) (*huma.StreamResponse, error) {
	e, err := c.Export(ctx, access.ReachOf(ctx), in.list())
	if err != nil {
		return nil, err
	}
	return web.Attachment(web.CSV, e.Name(), func(w io.Writer) error { return e.CSV(ctx, w) }), nil
}
