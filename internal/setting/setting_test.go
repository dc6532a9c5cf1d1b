package setting_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
)

func clock() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

func TestWhatCanStand(t *testing.T) {
	for _, c := range []struct {
		of    setting.General
		field string
	}{
		{setting.General{Name: "Nordlys", BaseCurrency: "DKK"}, ""},
		{setting.General{Name: " ", BaseCurrency: "DKK"}, "company"},
		{setting.General{Name: "Nordlys", BaseCurrency: "ABC"}, "base_currency"},
		{setting.General{Name: "Nordlys", BaseCurrency: "dkk"}, "base_currency"},
	} {
		err := c.of.Validate()
		var f *fault.Fault
		if found := errors.As(err, &f); found != (c.field != "") || found && f.Fields[0].Path != c.field {
			t.Errorf("%+v: %v, want a fault at %q", c.of, err, c.field)
		}
	}
}

// A setting is written over only by who has read it, every write is in the audit log, and what is forgotten was never set.
func TestReadWriteForget(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := audit.WithActor(t.Context(), audit.Actor{Name: "Ada"})
		s := setting.NewStore(d, clock)
		days := []string{"as it was"}
		if version, err := s.Get(ctx, "days", &days); err != nil || version != 0 || days[0] != "as it was" {
			t.Errorf("never set: version %d, %v, %v", version, days, err)
		}
		version, err := s.Put(ctx, "days", 0, []string{"Monday"})
		if err != nil || version != 1 {
			t.Fatalf("version %d, %v", version, err)
		}
		for _, stale := range []int64{0, 2} {
			if _, err := s.Put(ctx, "days", stale, []string{"Sunday"}); !fault.Is(err, fault.Precondition) {
				t.Errorf("written over version 1 as if it were %d: %v", stale, err)
			}
		}
		if version, err = s.Put(ctx, "days", 1, []string{"Tuesday"}); err != nil || version != 2 {
			t.Fatalf("version %d, %v", version, err)
		}
		if version, err := s.Get(ctx, "days", &days); err != nil || version != 2 || len(days) != 1 || days[0] != "Tuesday" {
			t.Errorf("version %d, %v, %v", version, days, err)
		}
		if err := s.Forget(ctx, "days"); err != nil {
			t.Fatal(err)
		}
		if version, err := s.Get(ctx, "days", &days); err != nil || version != 0 {
			t.Errorf("forgotten: version %d, %v", version, err)
		}
		log, err := audit.List(ctx, d.Read(), audit.Query{Kind: "setting", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, e := range log {
			seen = append(seen, e.ActorName+" "+string(e.Action)+" "+string(e.Before)+" "+string(e.After))
		}
		got := strings.ReplaceAll(strings.Join(seen, "\n"), " ", "")
		want := `Adadelete{"name":"days"}` + "\n" + `Adaupdate{"days":["Monday"]}{"days":["Tuesday"]}` + "\n" + `Adaupdate{"days":["Monday"]}`
		if got != want {
			t.Errorf("the audit log says\n%s\nwant\n%s", got, want)
		}
	})
}

// Before anybody says otherwise the company has no name and counts in euro; Restore can bring that back.
func TestTheCompanyBeforeItIsNamed(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := setting.NewStore(d, clock)
		unnamed := setting.General{BaseCurrency: "EUR"}
		first, version, err := s.Current(ctx)
		if err != nil || version != 0 || first != unnamed {
			t.Fatalf("%+v, version %d, %v", first, version, err)
		}
		if _, err := s.PutCompany(ctx, 0, setting.General{BaseCurrency: "DKK"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a company without a name: %v", err)
		}
		version, err = s.PutCompany(ctx, 0, setting.General{Name: "Nordlys", BaseCurrency: "DKK", Demo: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.SetCompany(ctx, tx, "Sydlys", "PLN") }); err != nil {
			t.Fatal(err)
		}
		if now, err := s.Company(ctx); err != nil || now != (access.Company{Name: "Sydlys", BaseCurrency: "PLN", Demo: true}) {
			t.Errorf("%+v, %v", now, err)
		}
		if _, err := s.Restore(ctx, version+1, first); err != nil {
			t.Fatal(err)
		}
		if now, _, err := s.Current(ctx); err != nil || now != unnamed {
			t.Errorf("%+v, %v", now, err)
		}
		if base, err := s.Base(ctx); err != nil || base != "EUR" {
			t.Errorf("%s, %v", base, err)
		}
	})
}

// door lets everybody in as an administrator.
type door struct{ *access.Gate }

func (door) Authenticate(r *http.Request) (context.Context, string, error) {
	return access.With(r.Context(), access.Principal{Role: access.Administrator, Scope: access.ScopeAll, Via: access.ViaSession}), "", nil
}

// The base currency can be changed until amounts are counted in it, the name always, and neither unread.
func TestRoutes(t *testing.T) {
	counted := false
	d := testkit.DB(t)
	api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
	setting.NewStore(d, clock).Routes(api, func(context.Context) (bool, error) { return counted, nil })
	handler := api.Handler(d, fstest.MapFS{})
	for _, c := range []struct {
		counted             bool
		method, match, body string
		status              int
		holds               string
	}{
		{false, "GET", "", "", 200, `"base_currency":"EUR"`},
		{false, "PATCH", ``, `{"company":"Nordlys"}`, 428, ``},
		{false, "PATCH", `"0"`, `{"base_currency":"DKK"}`, 422, `Give the company's name`},
		{false, "PATCH", `"0"`, `{"company":"Nordlys","base_currency":"DKK"}`, 200, `"base_currency":"DKK"`},
		{false, "PATCH", `"0"`, `{"company":"Late"}`, 412, ``},
		{false, "PATCH", `"1"`, `{"company":"Nordlys","demo":true}`, 422, `demo`},
		{true, "PATCH", `"1"`, `{"base_currency":"PLN"}`, 422, `in DKK already`},
		{true, "PATCH", `"1"`, `{"base_currency":"DKK","company":"Sydlys"}`, 200, `"company":"Sydlys"`},
		{true, "GET", "", "", 200, `"company":"Sydlys"`},
	} {
		counted = c.counted
		r := httptest.NewRequestWithContext(t.Context(), c.method, web.Prefix+"/settings", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		if c.match != "" {
			r.Header.Set("If-Match", c.match)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) {
			t.Errorf("%s %s %s: %d %.300s, want %d %s", c.method, c.match, c.body, answer.Code, answer.Body, c.status, c.holds)
		}
	}
}
