// Package web is the HTTP side of the program: routes with their permission, problem+json errors, paging, ETags,
// idempotent creates, and the files of the browser client.
//
// A word adds a route with [Handle], naming the action it needs; a route without an action cannot be added. The package
// knows nothing of users: the [Guard] given to [New] says who asks and decides.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Prefix is the path below which all routes of the interface stand.
const Prefix = "/api/v1"

// Bounds of requests without bounds of their own.
const (
	maxBody  = 1 << 20
	bodyTime = 15 * time.Second
)

// Guard says who asks and what they may do. Package access implements it.
type Guard interface {
	// Authenticate returns a context that carries who asks, and a stable name of them under which their idempotency
	// keys are kept. Nobody signed in is not an error here: Allow refuses.
	Authenticate(r *http.Request) (ctx context.Context, subject string, err error)
	// Allow decides whether the context's principal may do the action, and returns a context that carries the reach
	// of the answer (access.ReachOf).
	Allow(ctx context.Context, action string) (context.Context, error)
}

// Route describes one route of the interface.
type Route struct {
	Method   string
	Path     string // below Prefix, such as "/customers/{id}"
	Name     string // operation id in the OpenAPI text, such as "customer_list"
	Summary  string // one line for the reader of the interface
	Status   int    // of success; 0 is 200, or 204 where there is no answer
	MaxBody  int64  // bytes; 0 is 1 MiB
	BodyTime time.Duration
	Secret   bool // the answer holds a secret, so it is not kept for a repeat with the same Idempotency-Key
}

// API is the interface being built.
type API struct {
	huma    huma.API
	mux     *http.ServeMux
	guard   Guard
	log     *slog.Logger
	actions map[string]string // operation id → action, for the test of all routes × roles
}

// New starts an interface of the given version of the program.
func New(guard Guard, log *slog.Logger, version string) *API {
	mux := http.NewServeMux()
	cfg := huma.DefaultConfig("Kvadrant", version)
	cfg.OpenAPIPath = Prefix + "/openapi"
	cfg.DocsPath = ""
	cfg.SchemasPath = ""
	cfg.CreateHooks = nil // no "$schema" in answers
	cfg.Info.Description = "Customer intelligence: what the company knows of its customers, where each stands, and what to do next. " +
		"Amounts are whole minor units of the base currency unless a currency stands beside them."
	cfg.Components.Schemas = newRegistry()
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "kvadrant_session"},
		"token":   {Type: "http", Scheme: "bearer"},
	}
	cfg.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	return &API{huma: humago.New(mux, cfg), mux: mux, guard: guard, log: log, actions: map[string]string{}}
}

// OpenAPI returns the description of all routes added so far, as indented JSON.
func (a *API) OpenAPI() ([]byte, error) { return indented(a.huma.OpenAPI()) }

// Actions returns which action each operation needs.
func (a *API) Actions() map[string]string { return a.actions }

// Handle adds a route that needs the action ("public" for none). Input fields carry huma's tags (path, query, header,
// json, and limits); the handler's error should be a fault, anything else is answered as an internal error.
func Handle[A ~string, I, O any](a *API, action A, r Route, handler func(ctx context.Context, in *I) (*O, error)) {
	if action == "" || r.Name == "" {
		panic("web: a route needs an action and a name: " + r.Method + " " + r.Path)
	}
	a.actions[r.Name] = string(action)
	op := huma.Operation{
		Method: r.Method, Path: Prefix + r.Path, OperationID: r.Name, Summary: r.Summary, DefaultStatus: r.Status,
		Tags:         []string{strings.SplitN(strings.TrimPrefix(r.Path, "/"), "/", 2)[0]},
		MaxBodyBytes: orDefault(r.MaxBody, maxBody), BodyReadTimeout: orDefault(r.BodyTime, bodyTime),
		RejectUnknownQueryParameters: true,
		Errors:                       []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity},
		Middlewares:                  huma.Middlewares{a.allow(string(action)), unkept(r.Secret)},
	}
	if action == "public" {
		op.Security = []map[string][]string{}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, r.Name, err)
		}
		return out, nil
	})
}

// unkept marks the answers of a route as secret for the memory of idempotent requests.
func unkept(secret bool) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		_, w := humago.Unwrap(c)
		if rec, ok := w.(*recorder); ok && secret {
			rec.secret = true
		}
		next(c)
	}
}

// allow asks the guard before anything of the request is parsed, so that a refusal tells nothing about the record.
func (a *API) allow(action string) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx, err := a.guard.Allow(c.Context(), action)
		if err != nil {
			var p *Problem
			if !errors.As(a.problem(c.Context(), action, err), &p) {
				return
			}
			r, w := humago.Unwrap(c)
			p.write(w, r)
			return
		}
		next(huma.WithContext(c, ctx))
	}
}

func orDefault[T int64 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
