package app

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

// started is the answer to a request whose work goes on as a job.
type started struct {
	Job job.Job `json:"job"`
}

// ownRoutes adds the routes that belong to no word: the program's health, the warehouse as a whole, the audit log and the
// demo company.
func (a *App) ownRoutes() {
	web.Handle(a.api, access.Public, web.Route{Method: http.MethodGet, Path: "/healthz", Name: "health", Summary: "Whether the program answers"},
		func(context.Context, *struct{}) (*web.Body[health], error) {
			return web.Answer(health{Status: "ok", Version: a.cfg.Version}), nil
		})
	web.Handle(a.api, access.WarehouseRead, web.Route{Method: http.MethodGet, Path: "/warehouse", Name: "warehouse_get", Summary: "Whether computed figures can be shown"},
		func(context.Context, *struct{}) (*web.Body[engine.State], error) {
			return web.Answer(a.warehouse.State()), nil
		})
	web.Handle(a.api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/warehouse/contents", Name: "warehouse_contents",
		Summary: "How much of each thing is there, and from when to when"}, a.warehouseContents)
	web.Handle(a.api, access.WarehouseManage, web.Route{Method: http.MethodPost, Path: "/warehouse/rebuild", Name: "warehouse_rebuild",
		Summary: "Build the warehouse anew from the records and the kept files", Status: http.StatusAccepted},
		func(context.Context, *struct{}) (*web.Body[engine.State], error) {
			if err := a.warehouse.Writable(); err != nil {
				return nil, err
			}
			if a.warehouse.WantRebuild() {
				select {
				case a.rebuildWanted <- struct{}{}:
				default: // one is wanted already
				}
			}
			return web.Answer(a.warehouse.State()), nil
		})
	web.Handle(a.api, access.AuditRead, web.Route{Method: http.MethodGet, Path: "/changes", Name: "change_list", Summary: "The audit log, newest first"}, a.listChanges)
	a.demoRoutes()
}

type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

type changeInput struct {
	web.PageInput
	Kind     string `query:"kind" maxLength:"50"`
	RecordID string `query:"record_id" format:"uuid"`
}

func (a *App) listChanges(ctx context.Context, in *changeInput) (*web.Body[web.Page[audit.Entry]], error) {
	after, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	q := audit.Query{Kind: in.Kind, RecordID: id.ID(in.RecordID), Limit: in.Limit + 1}
	if after != nil {
		q.Before, _ = after[0].(int64)
	}
	entries, err := audit.List(ctx, a.db.Read(), q)
	if err != nil {
		return nil, err
	}
	return web.PageOf(entries, in.Limit, func(last audit.Entry) string { return filter.Cursor(last.Seq) }), nil
}
