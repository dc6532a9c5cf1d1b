package org_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/org"
)

// door lets everybody in as the role that the header names, and decides by the real policy.
type door struct{}

func (door) Authenticate(r *http.Request) (context.Context, string, error) {
	role := access.Role(r.Header.Get("X-Role"))
	return access.With(r.Context(), access.Principal{UserID: "u", PersonID: "p", Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}), "", nil
}

func (door) Allow(ctx context.Context, action string) (context.Context, error) {
	_, err := access.Decide(access.From(ctx), access.Action(action))
	return ctx, err
}

func TestRoutes(t *testing.T) {
	d := testkit.DB(t)
	api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
	org.NewStore(d, noon).Routes(api)
	handler := api.Handler(d, fstest.MapFS{})
	send := func(role access.Role, method, path string, body any, headers ...string) *httptest.ResponseRecorder {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), method, web.Prefix+path, bytes.NewReader(raw))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Role", string(role))
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	type object = map[string]any
	var top, dk org.Unit
	var anna org.Person
	create := func(path string, body object, into any) {
		t.Helper()
		w := send(access.Director, "POST", path, body)
		if w.Code != http.StatusCreated || w.Header().Get("ETag") != `"1"` {
			t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
		}
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
	create("/units", object{"code": "TOP", "name": "Nordlys"}, &top)
	create("/units", object{"code": "DK", "name": "Danmark", "kind": "country", "parent_id": top.ID, "valid_from": "2020-01-01"}, &dk)
	create("/people", object{"code": "AN", "name": "Anna", "unit_id": dk.ID}, &anna)

	unit, person := "/units/"+string(dk.ID), "/people/"+string(anna.ID)
	nowhere := "/units/00000000-0000-7000-8000-000000000000"
	for _, c := range []struct {
		role         access.Role
		method, path string
		body         object
		match        string
		status       int
		holds        string
	}{
		{access.Salesperson, "GET", "/units", nil, "", 200, `"code":"DK"`},
		{access.Salesperson, "GET", unit, nil, "", 200, `"kind":"country"`},
		{access.Salesperson, "GET", unit + "/places", nil, "", 200, `"valid_from":"2020-01-01"`},
		{access.Salesperson, "GET", nowhere, nil, "", 404, "org.no_unit"},
		{access.Salesperson, "GET", "/people?q=ann&unit=" + string(top.ID), nil, "", 200, `"code":"AN"`},
		{access.Salesperson, "GET", "/people?limit=1&cursor=rubbish", nil, "", 400, "cursor"},
		{access.Salesperson, "GET", person, nil, "", 200, string(dk.ID)},
		{access.Salesperson, "POST", "/units", object{"code": "X", "name": "X"}, "", 403, "access.forbidden"},
		{access.Manager, "PATCH", unit, object{"name": "X"}, `"1"`, 403, "access.forbidden"},
		{access.Manager, "PATCH", person, object{"name": "X"}, `"1"`, 403, "access.forbidden"},
		{access.Director, "POST", "/units", object{"code": "DK", "name": "Again"}, "", 409, "org.code_taken"},
		{access.Director, "POST", "/units", object{"code": "X", "name": "X", "version": 7}, "", 422, "version"}, // A04
		{access.Director, "POST", "/units", object{"code": "X", "name": "X", "parent_id": "rubbish"}, "", 422, "org.unknown_unit"},
		{access.Director, "POST", "/people", object{"code": "X", "name": "X", "unit_id": "rubbish"}, "", 422, "org.unknown_unit"},
		{access.Director, "GET", "/units/rubbish", nil, "", 422, "uuid"},
		{access.Director, "PATCH", unit, object{"name": "X"}, "", 428, "record.version_missing"},
		{access.Director, "PATCH", unit, object{"name": "X"}, `"9"`, 412, "record.changed"},
		{access.Director, "PATCH", unit, object{"parent_id": dk.ID}, `"1"`, 422, "org.circle"},
		{access.Director, "PATCH", unit, object{"parent_id": nil, "valid_from": "2027-01-01"}, `"1"`, 422, "org.place_in_future"},
		{access.Director, "PATCH", unit, object{"parent_id": nil}, `"1"`, 200, `"version":2`},
		{access.Director, "PATCH", nowhere, object{"name": "X"}, `"1"`, 404, "org.no_unit"},
		{access.Director, "PATCH", person, object{"unit_id": "", "title": "Boss"}, `"1"`, 200, `"title":"Boss"`},
		{access.Director, "GET", person + "/places", nil, "", 200, `"valid_from":"2026-11-22"`},
	} {
		w := send(c.role, c.method, c.path, c.body, "If-Match", c.match)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s %s %s %v: %d %s; want %d with %s", c.role, c.method, c.path, c.body, w.Code, w.Body, c.status, c.holds)
		}
	}
}
