package source

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/intake"
)

// sourceForm is what people fill in of a source. A field that is left out of a change stays as it is.
type sourceForm struct {
	Name       *string `json:"name,omitempty" maxLength:"100"`
	Driver     *string `json:"driver,omitempty" enum:"postgresql,mysql,sqlserver"`
	Host       *string `json:"host,omitempty" maxLength:"253"`
	Port       *int64  `json:"port,omitempty" minimum:"0" maximum:"65535" doc:"0: the usual one"`
	Database   *string `json:"database,omitempty" maxLength:"100"`
	Username   *string `json:"username,omitempty" maxLength:"100"`
	Encryption *string `json:"encryption,omitempty" enum:"verified,unverified,none"`
	Password   *string `json:"password,omitempty" maxLength:"1000" writeOnly:"true" doc:"Kept sealed and never given out. Needed again when the address changes."`
}

func (f sourceForm) apply(s *Source) {
	set(&s.Name, f.Name)
	set(&s.Driver, f.Driver)
	set(&s.Host, f.Host)
	set(&s.Port, f.Port)
	set(&s.Database, f.Database)
	set(&s.Username, f.Username)
	set(&s.Encryption, f.Encryption)
}

// feedForm is what people fill in of a feed.
type feedForm struct {
	Name            *string         `json:"name,omitempty" maxLength:"100"`
	Kind            *string         `json:"kind,omitempty" maxLength:"40"`
	Statement       *string         `json:"statement,omitempty" maxLength:"20000"`
	Mapping         *intake.Mapping `json:"mapping,omitempty"`
	WatermarkColumn *string         `json:"watermark_column,omitempty" maxLength:"100"`
	Watermark       *string         `json:"watermark,omitempty" maxLength:"100"`
	Schedule        *Schedule       `json:"schedule,omitempty"`
	Enabled         *bool           `json:"enabled,omitempty"`
}

func (f feedForm) apply(to *Feed) {
	set(&to.Name, f.Name)
	set(&to.Kind, f.Kind)
	set(&to.Statement, f.Statement)
	set(&to.Mapping, f.Mapping)
	set(&to.WatermarkColumn, f.WatermarkColumn)
	set(&to.Watermark, f.Watermark)
	set(&to.Schedule, f.Schedule)
	set(&to.Enabled, f.Enabled)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

type pathInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

type begunRun struct {
	Run Run     `json:"run"`
	Job job.Job `json:"job"`
}

// tested is the answer of a source that can be read; one that cannot is a problem with its cure.
type tested struct {
	OK bool `json:"ok"`
}

// Routes adds sources, feeds and runs to the interface.
func (s *Sources) Routes(api *web.API) {
	s.sourceRoutes(api)
	s.feedRoutes(api)
	s.runRoutes(api)
}

func (s *Sources) sourceRoutes(api *web.API) {
	web.Handle(api, access.SourceRead, web.Route{Method: http.MethodGet, Path: "/sources", Name: "source_list",
		Summary: "All sources by name, with what is read from each and its last run"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Source]], error) {
			all, err := s.store.sources(ctx)
			for i := range all {
				s.inOrder(all[i].Feeds)
			}
			return web.PageOf(all, len(all), nil), err
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPost, Path: "/sources", Name: "source_create", Status: http.StatusCreated,
		Summary: "Add a database to read from"},
		func(ctx context.Context, in *struct{ Body sourceForm }) (*web.Record[Source], error) {
			var source Source
			var password string
			in.Body.apply(&source)
			set(&password, in.Body.Password)
			err := s.store.create(ctx, &source, password)
			return web.Versioned(source, source.Version), err
		})
	web.Handle(api, access.SourceRead, web.Route{Method: http.MethodGet, Path: "/sources/{id}", Name: "source_get", Summary: "One source"},
		func(ctx context.Context, in *pathInput) (*web.Record[Source], error) {
			source, err := s.store.source(ctx, in.ID)
			s.inOrder(source.Feeds)
			return web.Versioned(source, source.Version), err
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPatch, Path: "/sources/{id}", Name: "source_update", Summary: "Change a source"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body sourceForm
		}) (*web.Record[Source], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			source, err := s.store.update(ctx, in.ID, version, in.Body.apply, in.Body.Password)
			s.inOrder(source.Feeds)
			return web.Versioned(source, source.Version), err
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodDelete, Path: "/sources/{id}", Name: "source_remove",
		Summary: "Forget a source with its feeds and runs; what was imported stays"},
		func(ctx context.Context, in *pathInput) (*struct{}, error) {
			return nil, s.store.remove(ctx, in.ID)
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPost, Path: "/sources/{id}/test", Name: "source_test", Status: http.StatusOK,
		Summary: "Try whether the saved source answers and lets its user in"},
		func(ctx context.Context, in *pathInput) (*web.Body[tested], error) {
			return web.Answer(tested{OK: true}), s.Test(ctx, in.ID)
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPost, Path: "/sources/{id}/preview", Name: "source_preview", Status: http.StatusOK,
		Summary: "The first rows of a SELECT, and a proposal what to make of them"},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body Sample
		}) (*web.Body[intake.Preview], error) {
			p, err := s.Preview(ctx, in.ID, in.Body)
			return web.Answer(p), err
		})
}

func (s *Sources) feedRoutes(api *web.API) {
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPost, Path: "/sources/{id}/feeds", Name: "feed_create", Status: http.StatusCreated,
		Summary: "Add what is read from a source"},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body feedForm
		}) (*web.Record[Feed], error) {
			f := Feed{SourceID: in.ID, Enabled: true}
			in.Body.apply(&f)
			f.tidy()
			if err := s.cfg.Intake.CheckMapping(f.Mapping); err != nil {
				return nil, err
			}
			err := s.store.createFeed(ctx, &f)
			return web.Versioned(f, f.Version), err
		})
	web.Handle(api, access.SourceRead, web.Route{Method: http.MethodGet, Path: "/feeds/{id}", Name: "feed_get", Summary: "What is read, when, and what becomes of it"},
		func(ctx context.Context, in *pathInput) (*web.Record[Feed], error) {
			f, err := s.store.feed(ctx, in.ID)
			return web.Versioned(f, f.Version), err
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPatch, Path: "/feeds/{id}", Name: "feed_update", Summary: "Change what is read"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body feedForm
		}) (*web.Record[Feed], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			would, err := s.store.feed(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			in.Body.apply(&would)
			would.tidy()
			if err := s.cfg.Intake.CheckMapping(would.Mapping); err != nil {
				return nil, err
			}
			f, err := s.store.updateFeed(ctx, in.ID, version, in.Body.apply)
			return web.Versioned(f, f.Version), err
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodDelete, Path: "/feeds/{id}", Name: "feed_remove",
		Summary: "Forget a feed with its runs; what was imported stays"},
		func(ctx context.Context, in *pathInput) (*struct{}, error) {
			return nil, s.store.removeFeed(ctx, in.ID)
		})
	web.Handle(api, access.SourceManage, web.Route{Method: http.MethodPost, Path: "/feeds/{id}/runs", Name: "feed_run", Status: http.StatusAccepted,
		Summary: "Read a feed now, as a job; its import follows"},
		func(ctx context.Context, in *pathInput) (*web.Body[begunRun], error) {
			run, j, err := s.Start(ctx, in.ID)
			return web.Answer(begunRun{Run: run, Job: j}), err
		})
}

type runsInput struct {
	web.PageInput
	Source string `query:"source" format:"uuid" doc:"Only runs of this source"`
	Feed   string `query:"feed" format:"uuid" doc:"Only runs of this feed"`
}

func (s *Sources) runRoutes(api *web.API) {
	web.Handle(api, access.SourceRead, web.Route{Method: http.MethodGet, Path: "/source-runs", Name: "source_runs", Summary: "Runs, newest first"}, s.listRuns)
	web.Handle(api, access.SourceRead, web.Route{Method: http.MethodGet, Path: "/source-runs/{id}", Name: "source_run", Summary: "One run"},
		func(ctx context.Context, in *pathInput) (*web.Body[Run], error) {
			run, err := s.store.run(ctx, in.ID)
			return web.Answer(run), err
		})
}

func (s *Sources) listRuns(ctx context.Context, in *runsInput) (*web.Body[web.Page[Run]], error) {
	by := runQuery{source: id.ID(in.Source), feed: id.ID(in.Feed), limit: in.Limit + 1}
	after, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if after != nil {
		last, _ := after[0].(string)
		if !id.Valid(last) {
			return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
		}
		by.before = id.ID(last)
	}
	runs, err := s.store.runs(ctx, by)
	if err != nil {
		return nil, err
	}
	return web.PageOf(runs, in.Limit, func(last Run) string { return filter.Cursor(last.ID) }), nil
}
