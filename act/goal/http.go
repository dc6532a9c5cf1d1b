package goal

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// OneInput names a record.
type OneInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

// ChangeInput names a record and the version that was read.
type ChangeInput struct {
	OneInput
	web.IfMatch
}

// Routes adds the routes of goals, areas and the road map.
func Routes(api *web.API, b *Book, areas *Assessments) {
	b.readRoutes(api)
	b.writeRoutes(api)
	b.splitRoutes(api)
	b.exportRoutes(api)
	b.roadRoutes(api)
	areas.Routes(api, access.GoalRead, web.Route{Path: "/goals/areas", Name: "goal_areas_get", Summary: "How satisfied the company is with its areas, and wants to be"},
		access.PlanWrite, web.Route{Path: "/goals/areas", Name: "goal_areas_put", Summary: "Judge the areas"})
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/goals/priorities", Name: "goal_priorities", Summary: "The areas by priority: weight × (wanted − now)"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Ranked]], error) {
			a, _, err := areas.Get(ctx)
			if err != nil {
				return nil, err
			}
			all := a.rank()
			return web.PageOf(all, len(all), nil), nil
		})
}

func (b *Book) readRoutes(api *web.API) {
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/goals", Name: "goal_list", Summary: "The goals within reach that are part of none within reach, the newest first"},
		func(ctx context.Context, in *web.PageInput) (*web.Body[web.Page[Shown]], error) {
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
			all, err := b.List(ctx, access.ReachOf(ctx), last, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return web.PageOf(all, in.Limit, func(s Shown) string { return filter.Cursor(string(s.ID)) }), nil
		})
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/goals/{id}", Name: "goal_get", Summary: "One goal"},
		func(ctx context.Context, in *OneInput) (*web.Record[Shown], error) {
			s, err := b.Get(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(s, s.Version), nil
		})
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/goals/{id}/progress", Name: "goal_progress", Summary: "A goal against time, with its parts"},
		func(ctx context.Context, in *OneInput) (*web.Body[Progress], error) {
			p, err := b.Progress(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/goals/{id}/lagging", Name: "goal_lagging", Summary: "The customers within reach that hold a goal back"},
		func(ctx context.Context, in *OneInput) (*web.Body[Lags], error) {
			l, err := b.Lagging(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Answer(l), nil
		})
}

func (b *Book) writeRoutes(api *web.API) {
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPost, Path: "/goals", Name: "goal_create", Status: http.StatusCreated, Summary: "Set a goal"},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Record[Shown], error) {
			s, err := b.Create(ctx, access.ReachOf(ctx), in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(s, s.Version), nil
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPost, Path: "/goals/preview", Name: "goal_preview", Status: http.StatusOK, Summary: "What a goal would start from; nothing is kept"},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Body[*Goal], error) {
			g, err := b.Preview(ctx, access.ReachOf(ctx), in.Body)
			if err != nil {
				return nil, err
			}
			return web.Answer(g), nil
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPatch, Path: "/goals/{id}", Name: "goal_update", Summary: "Change a goal, or drop it with a reason"},
		func(ctx context.Context, in *struct {
			ChangeInput
			Body Change
		}) (*web.Record[Shown], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			s, err := b.Update(ctx, access.ReachOf(ctx), in.ID, version, in.Body)
			if err != nil {
				return nil, err
			}
			return web.Versioned(s, s.Version), nil
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodDelete, Path: "/goals/{id}", Name: "goal_delete", Status: http.StatusNoContent, Summary: "Forget a goal with its parts"},
		func(ctx context.Context, in *ChangeInput) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, b.Delete(ctx, access.ReachOf(ctx), in.ID, version)
		})
}

// FileInput says as what a table is written.
type FileInput struct {
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"A text file or a workbook."`
}

func (b *Book) exportRoutes(api *web.API) {
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/goals/export", Name: "goal_export", Summary: "The goals within reach as a file, each followed by its parts"},
		func(ctx context.Context, in *FileInput) (*huma.StreamResponse, error) {
			return b.file(ctx, "", in.Format)
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/goals/{id}/export", Name: "goal_export_one", Summary: "A goal with its parts as a file"},
		func(ctx context.Context, in *struct {
			OneInput
			FileInput
		}) (*huma.StreamResponse, error) {
			return b.file(ctx, in.ID, in.Format)
		})
}

// file reads before it answers, so that a fault can still be told.
func (b *Book) file(ctx context.Context, goalID id.ID, format string) (*huma.StreamResponse, error) {
	rows, err := b.Table(ctx, access.ReachOf(ctx), goalID)
	if err != nil {
		return nil, err
	}
	if format == "xlsx" {
		return web.Attachment(web.XLSX, "goals.xlsx", func(to io.Writer) error { return tabular.WriteWorkbook(to, rows) }), nil
	}
	return web.Attachment(web.CSV, "goals.csv", func(to io.Writer) error {
		w := tabular.NewCSVWriter(to)
		var errs []error
		for _, row := range rows {
			errs = append(errs, w.Row(row...))
		}
		return errors.Join(append(errs, w.Flush())...)
	}), nil
}

func (b *Book) splitRoutes(api *web.API) {
	type parts struct {
		By    string  `json:"by" enum:"potential,customers,revenue"`
		Fixed []Fixed `json:"fixed" maxItems:"5000" nullable:"false"`
	}
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPost, Path: "/goals/{id}/proposal", Name: "goal_propose", Status: http.StatusOK,
		Summary: "Share a goal out to the units and people below; what is fixed stands, the rest is spread over the others; nothing is kept"},
		func(ctx context.Context, in *struct {
			OneInput
			Body parts
		}) (*web.Body[Split], error) {
			s, err := b.Propose(ctx, access.ReachOf(ctx), in.ID, in.Body.By, in.Body.Fixed)
			if err != nil {
				return nil, err
			}
			return web.Answer(s), nil
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPut, Path: "/goals/{id}/parts", Name: "goal_split", Summary: "Keep the parts of a goal, whose sum must stay"},
		func(ctx context.Context, in *struct {
			ChangeInput
			Body parts
		}) (*web.Body[Progress], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			p, err := b.Split(ctx, access.ReachOf(ctx), in.ID, version, in.Body.By, in.Body.Fixed)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
}

func (b *Book) roadRoutes(api *web.API) {
	web.Handle(api, access.GoalRead, web.Route{Method: http.MethodGet, Path: "/road-map", Name: "road_map", Summary: "The steps on the way to the goals, by day"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Dated]], error) {
			all, err := b.Road(ctx, access.ReachOf(ctx))
			return web.PageOf(all, len(all), nil), err
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodGet, Path: "/road-map/proposal", Name: "road_map_proposal",
		Summary: "The steps of the coming months: a workshop, reviews every fortnight and then every month, checks after 3 and 6 months"},
		func(ctx context.Context, in *struct {
			From   date.Date `query:"from" required:"true"`
			Months int       `query:"months" minimum:"3" maximum:"6" default:"6"`
		}) (*web.Body[web.Page[Draft]], error) {
			if !in.From.Valid() {
				return nil, web.MalformedDate("goal", "from")
			}
			all, err := b.proposed(ctx, access.ReachOf(ctx), in.From, in.Months)
			return web.PageOf(all, len(all), nil), err
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPost, Path: "/road-map/steps", Name: "road_step_create", Status: http.StatusCreated, Summary: "Add steps to the road map"},
		func(ctx context.Context, in *struct {
			Body struct {
				Steps []Draft `json:"steps" minItems:"1" maxItems:"60" nullable:"false"`
			}
		}) (*web.Body[web.Page[Dated]], error) {
			reach := access.ReachOf(ctx)
			if err := b.AddSteps(ctx, reach, in.Body.Steps); err != nil {
				return nil, err
			}
			all, err := b.Road(ctx, reach)
			return web.PageOf(all, len(all), nil), err
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodPut, Path: "/road-map/steps/{id}", Name: "road_step_update", Status: http.StatusNoContent, Summary: "Change a step, or say when it was done"},
		func(ctx context.Context, in *struct {
			ChangeInput
			Body Draft
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, b.ChangeStep(ctx, access.ReachOf(ctx), in.ID, version, in.Body)
		})
	web.Handle(api, access.GoalWrite, web.Route{Method: http.MethodDelete, Path: "/road-map/steps/{id}", Name: "road_step_delete", Status: http.StatusNoContent, Summary: "Delete a step"},
		func(ctx context.Context, in *ChangeInput) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, b.RemoveStep(ctx, access.ReachOf(ctx), in.ID, version)
		})
}
