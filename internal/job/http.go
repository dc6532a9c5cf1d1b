package job

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

type listInput struct {
	web.PageInput
	State State `query:"state" enum:"queued,running,done,failed,cancelled" doc:"Only jobs in this state"`
}

type oneInput struct {
	ID id.ID `path:"id"`
}

// Routes adds the routes of jobs. People see their own jobs, or all where their reach says so; what they may see they
// may find by its id, and anything else is not found.
func (r *Runner) Routes(api *web.API) {
	web.Handle(api, access.JobRead, web.Route{Method: http.MethodGet, Path: "/jobs", Name: "job_list",
		Summary: "Long work, newest first"}, r.listJobs)
	web.Handle(api, access.JobRead, web.Route{Method: http.MethodGet, Path: "/jobs/{id}", Name: "job_get",
		Summary: "A job with its progress and result"}, r.getJob)
	web.Handle(api, access.JobCancel, web.Route{Method: http.MethodPost, Path: "/jobs/{id}/cancel", Name: "job_cancel",
		Summary: "Cancel a job; a running one stops within about a second"}, r.cancelJob)
}

func reach(ctx context.Context) filter.Expr { return access.ReachOf(ctx).Filter("", "owner_id") }

func (r *Runner) listJobs(ctx context.Context, in *listInput) (*web.Body[web.Page[Job]], error) {
	q := Query{State: in.State, Reach: reach(ctx), Limit: in.Limit + 1}
	after, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if after != nil {
		last, _ := after[0].(string)
		if !id.Valid(last) {
			return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
		}
		q.After = id.ID(last)
	}
	jobs, err := r.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return web.PageOf(jobs, in.Limit, func(last Job) string { return filter.Cursor(last.ID) }), nil
}

func (r *Runner) getJob(ctx context.Context, in *oneInput) (*web.Body[Job], error) {
	j, err := r.find(ctx, in.ID, reach(ctx))
	if err != nil {
		return nil, err
	}
	return web.Answer(j), nil
}

func (r *Runner) cancelJob(ctx context.Context, in *oneInput) (*web.Body[Job], error) {
	if _, err := r.find(ctx, in.ID, reach(ctx)); err != nil {
		return nil, err
	}
	j, err := r.Cancel(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(j), nil
}
