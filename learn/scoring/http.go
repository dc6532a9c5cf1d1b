package scoring

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

type scoringInput struct {
	Body struct {
		AsOf date.Date  `json:"as_of" doc:"The date whose picture is drawn: everything known on or before it counts."`
		From *date.Date `json:"from,omitempty" doc:"Draws the ends of the months from here on too, where they were not drawn yet."`
	}
}

type scoringBody struct {
	Job job.Job `json:"job"`
}

type scoringOutput struct{ Body scoringBody }

// Routes adds the routes that start scoring, now and by the schedule.
func (s *Scorer) Routes(api *web.API, r *job.Runner, schedules *Schedules) {
	web.Handle(api, access.MeasureRead, web.Route{Method: http.MethodGet, Path: "/scorings/schedule", Name: "scoring_schedule",
		Summary: "When customers are scored without anybody asking"},
		func(ctx context.Context, _ *struct{}) (*web.Record[Schedule], error) {
			kept, version, err := schedules.Get(ctx)
			if err != nil {
				return nil, err
			}
			return web.Versioned(kept, version), nil
		})
	web.Handle(api, access.ScoreRun, web.Route{Method: http.MethodPut, Path: "/scorings/schedule", Name: "scoring_schedule_set",
		Summary: "Change when customers are scored without anybody asking"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Body Schedule
		}) (*web.Record[Schedule], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			if version, err = schedules.Put(ctx, version, in.Body); err != nil {
				return nil, err
			}
			return web.Versioned(in.Body, version), nil
		})
	web.Handle(api, access.ScoreRun, web.Route{Method: http.MethodPost, Path: "/scorings", Name: "scoring_start",
		Summary: "Score all customers as of a date, as a job", Status: http.StatusAccepted},
		func(ctx context.Context, in *scoringInput) (*scoringOutput, error) {
			if err := checkDate(in.Body.AsOf, date.Of(s.cfg.Clock())); err != nil {
				return nil, err
			}
			spec := Spec(in.Body.AsOf)
			if from := in.Body.From; from != nil {
				if err := checkSpan(*from, in.Body.AsOf); err != nil {
					return nil, err
				}
				spec = SpecFrom(*from, in.Body.AsOf)
			}
			j, err := r.Submit(ctx, spec)
			if err != nil {
				return nil, err
			}
			return &scoringOutput{Body: scoringBody{Job: j}}, nil
		})
}
