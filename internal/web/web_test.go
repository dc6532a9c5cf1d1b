package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
)

// guard lets in who says a name, and allows everything but "thing.forbid".
type guard struct{}

func (guard) Authenticate(r *http.Request) (context.Context, string, error) {
	return r.Context(), r.Header.Get("X-Name"), nil
}

func (guard) Allow(ctx context.Context, action string) (context.Context, error) {
	if action == "thing.forbid" {
		return ctx, fault.New(fault.Forbidden, "access.forbidden", "Not for you.")
	}
	return ctx, nil
}

type thing struct {
	Name string `json:"name" minLength:"2" maxLength:"20"`
}

type server struct {
	http.Handler
	made atomic.Int64
}

func newServer(t *testing.T, d *db.DB) *server {
	web.UseProblems()
	s := &server{}
	api := web.New(guard{}, slog.New(slog.NewTextHandler(io.Discard, nil)), "test")
	web.Handle(api, "thing.write", web.Route{Method: http.MethodPost, Path: "/things", Name: "thing_create", Status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body thing }) (*web.Body[thing], error) {
			switch in.Body.Name {
			case "wrong":
				return nil, fault.Check("thing.invalid").That(false, "name", "Choose another name.").Err()
			case "broken":
				return nil, errors.New("a secret of ours")
			case "panic":
				panic("a secret of ours")
			}
			return web.Answer(in.Body), d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				s.made.Add(1)
				return nil
			})
		})
	web.Handle(api, "thing.forbid", web.Route{Method: http.MethodGet, Path: "/forbidden", Name: "thing_forbidden"},
		func(context.Context, *struct{}) (*web.Body[thing], error) { return web.Answer(thing{}), nil })
	s.Handler = api.Handler(d, fstest.MapFS{"index.html": {Data: []byte("<title>client</title>")}, "assets/a-1.js": {Data: []byte("1")}})
	return s
}

func (s *server) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestProblems(t *testing.T) {
	s := newServer(t, testkit.DB(t))
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		code, says               string
	}{
		{"a fault names the place and the cure", "POST", "/api/v1/things", `{"name":"wrong"}`, 422, "thing.invalid", "Choose another name."},
		{"a form that does not fit names the field", "POST", "/api/v1/things", `{"name":"x"}`, 422, "request.invalid", "name"},
		{"an unknown field is refused", "POST", "/api/v1/things", `{"name":"xx","role":"admin"}`, 422, "request.invalid", "role"},
		{"no JSON", "POST", "/api/v1/things", `{`, 400, "request.invalid", ""},
		{"our own mistakes tell nothing", "POST", "/api/v1/things", `{"name":"broken"}`, 500, "internal", "Something went wrong on our side"},
		{"panics tell nothing", "POST", "/api/v1/things", `{"name":"panic"}`, 500, "internal", "Something went wrong on our side"},
		{"the guard refuses before anything is read", "GET", "/api/v1/forbidden", ``, 403, "access.forbidden", "Not for you."},
		{"unknown paths", "GET", "/api/v1/nothing", ``, 404, "route.unknown", "/api/v1/nothing"},
		{"unknown query parameters", "POST", "/api/v1/things?x=1", `{"name":"xx"}`, 422, "request.invalid", "x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := s.do(tc.method, tc.path, tc.body)
			var p web.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%v in %s", err, w.Body)
			}
			if w.Code != tc.status || p.Status != tc.status || p.Code != tc.code || !strings.Contains(w.Body.String(), tc.says) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("tells too much: %s", w.Body)
			}
		})
	}
}

func TestIdempotencyKey(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newServer(t, d)
		headers := []string{"X-Name", "karen", "Idempotency-Key", "k1"}
		first := s.do("POST", "/api/v1/things", `{"name":"rope"}`, headers...)
		again := s.do("POST", "/api/v1/things", `{"name":"rope"}`, headers...)
		if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() || again.Header().Get("Idempotent-Replay") == "" {
			t.Errorf("got %d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
		}
		if other := s.do("POST", "/api/v1/things", `{"name":"paint"}`, headers...); other.Code != 422 {
			t.Errorf("the same key for another body: got %d", other.Code)
		}
		if others := s.do("POST", "/api/v1/things", `{"name":"rope"}`, "X-Name", "ole", "Idempotency-Key", "k1"); others.Code != 201 {
			t.Errorf("the same key of somebody else: got %d", others.Code)
		}
		if n := s.made.Load(); n != 2 {
			t.Errorf("made %d, want 2", n)
		}
	})
}

func TestIdempotencyKeyInParallel(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newServer(t, d)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				w := s.do("POST", "/api/v1/things", `{"name":"rope"}`, "X-Name", "karen", "Idempotency-Key", "k")
				if w.Code != 201 && w.Code != 409 {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if n := s.made.Load(); n != 1 {
			t.Errorf("made %d, want 1", n)
		}
	})
}

func TestFailedRequestMayBeRepeated(t *testing.T) {
	s := newServer(t, testkit.DB(t))
	for range 2 {
		if w := s.do("POST", "/api/v1/things", `{"name":"broken"}`, "X-Name", "karen", "Idempotency-Key", "k"); w.Code != 500 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
}

// A23: requests that another site makes a browser send are refused.
func TestA23CrossSiteRequests(t *testing.T) {
	s := newServer(t, testkit.DB(t))
	for _, tc := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"same origin", []string{"Sec-Fetch-Site", "same-origin"}, 201},
		{"no browser", nil, 201},
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another host of ours", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser from another origin", []string{"Origin", "https://evil.example"}, 403},
		{"a form of another site", []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}, 403},
		{"an origin of null", []string{"Origin", "null"}, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if w := s.do("POST", "/api/v1/things", `{"name":"rope"}`, tc.headers...); w.Code != tc.status {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
	if w := s.do("POST", "/api/v1/things", `name=rope`, "Content-Type", "application/x-www-form-urlencoded"); w.Code < 400 {
		t.Errorf("a form was taken: %d", w.Code)
	}
}

func TestClientFiles(t *testing.T) {
	s := newServer(t, testkit.DB(t))
	for _, tc := range []struct {
		path   string
		status int
		body   string
	}{
		{"/", 200, "client"}, {"/map/matrix", 200, "client"}, {"/assets/a-1.js", 200, "1"}, {"/assets/gone.js", 404, ""},
	} {
		w := s.do("GET", tc.path, "")
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.body) {
			t.Errorf("%s: got %d %s", tc.path, w.Code, w.Body)
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", tc.path, w.Header())
		}
	}
}

func TestIfMatch(t *testing.T) {
	for text, want := range map[string]int64{`"3"`: 3, `W/"4"`: 4} {
		if v, err := (web.IfMatch{IfMatch: text}).Version(); err != nil || v != want {
			t.Errorf("%s: got %d, %v", text, v, err)
		}
	}
	if _, err := (web.IfMatch{}).Version(); !fault.Is(err, fault.PreconditionReq) {
		t.Errorf("none: got %v", err)
	}
	if _, err := (web.IfMatch{IfMatch: "x"}).Version(); !fault.Is(err, fault.Malformed) {
		t.Errorf("x: got %v", err)
	}
}

// leaving is an asker who goes away as soon as the answer begins.
type leaving struct {
	http.ResponseWriter
	leave    func()
	statuses []int
}

func (l *leaving) WriteHeader(status int) { l.statuses = append(l.statuses, status) }

func (l *leaving) Write([]byte) (int, error) {
	l.leave()
	return 0, errors.New("broken pipe")
}

// An answer that is cut off by its asker keeps the one status that it has.
func TestAnswerHasOneStatus(t *testing.T) {
	s := newServer(t, testkit.DB(t))
	ctx, leave := context.WithCancel(t.Context())
	w := &leaving{ResponseWriter: httptest.NewRecorder(), leave: leave}
	r := httptest.NewRequest(http.MethodPost, web.Prefix+"/things", strings.NewReader(`{"name":"lamp"}`))
	r.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(w, r.WithContext(ctx))
	if len(w.statuses) != 1 || w.statuses[0] != http.StatusCreated {
		t.Errorf("got %v", w.statuses)
	}
}
