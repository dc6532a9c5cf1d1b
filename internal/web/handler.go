package web

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"runtime/debug"
	"strings"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// securityPolicy lets pages load only what this server serves; styles are inline because the component library sets them so.
const securityPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler returns the whole HTTP side: the routes, and the browser client's files from assets.
func (a *API) Handler(d *db.DB, assets fs.FS) http.Handler {
	// Unknown paths below the prefix are problems, not pages.
	a.mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		a.Refuse(w, r, fault.New(fault.NotFound, "route.unknown", "There is nothing at %s %s.", r.Method, r.URL.Path))
	})
	a.mux.Handle("/", client(assets))
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.Refuse(w, r, fault.New(fault.Forbidden, "request.cross_origin", "This request came from another site and was refused."))
	}))
	var h http.Handler = idempotent(a, d, a.mux)
	h = a.authenticate(h)
	h = origin.Handler(h)
	return a.recoverPanics(headers(h))
}

// authenticate puts who asks into the context; the routes decide.
func (a *API) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, Prefix) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, subject, err := a.guard.Authenticate(r)
		if err != nil {
			a.Refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(withSubject(ctx, subject)))
	})
}

func (a *API) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				a.log.ErrorContext(r.Context(), "panic", "path", r.URL.Path, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				a.Refuse(w, r, fmt.Errorf("panic: %v", v))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", securityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, Prefix) {
			h.Set("Cache-Control", "no-store")
			w = &statusOnce{ResponseWriter: w}
		}
		next.ServeHTTP(w, r)
	})
}

// statusOnce lets the first status of an answer count: huma gives an answer another one when the asker leaves in the middle of
// it, which net/http would complain of in the log.
type statusOnce struct {
	http.ResponseWriter
	said bool
}

// WriteHeader sends the status, unless one was sent.
func (s *statusOnce) WriteHeader(status int) {
	if s.said {
		return
	}
	s.said = status >= http.StatusOK // what comes before is not the answer's
	s.ResponseWriter.WriteHeader(status)
}

// Write sends bytes, with status 200 before them where none was said.
func (s *statusOnce) Write(b []byte) (int, error) {
	s.said = true
	return s.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusOnce) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// client serves the built browser client; a path that is no file is a page of the client, which routes it itself.
func client(assets fs.FS) http.Handler {
	files := http.FileServerFS(assets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if info, err := fs.Stat(assets, name); err == nil && !info.IsDir() && name != "index.html" {
			if strings.HasPrefix(name, "assets/") {
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // names carry a hash
			} else {
				w.Header().Set("Cache-Control", "no-cache")
			}
			files.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(name, "assets/") {
			http.NotFound(w, r)
			return
		}
		page, err := fs.ReadFile(assets, "index.html")
		if err != nil {
			http.Error(w, "The browser client is not part of this binary; build it with make build.", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(page)
	})
}
