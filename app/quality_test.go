package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/learn/quality"
)

func countOf(r quality.Report, kind, finding string) (count, of int64) {
	for _, k := range r.Kinds {
		for _, f := range k.Findings {
			if k.Kind == kind && f.Key == finding {
				return f.Count, f.Of
			}
		}
	}
	return -1, -1
}

// Who may see the data check sees grades of everything and rows of their own customers; a salesperson sees nothing of it.
func TestQualityKeepsToTheReach(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.await(h.admin.must(http.MethodPost, "/quality", nil, http.StatusAccepted, nil))
	var report quality.Report
	h.admin.must(http.MethodGet, "/quality", nil, http.StatusOK, &report)
	if n, of := countOf(report, "customers", "no_potential"); n != 4 || of != 20 {
		t.Errorf("without potential: %d of %d, want 4 of 20", n, of)
	}
	if n, of := countOf(report, "customers", "no_purchases"); n != 5 || of != 20 {
		t.Errorf("without purchases: %d of %d, want 5 of 20", n, of)
	}
	if len(report.Months) == 0 || report.CreatedByName != "Ada" || report.Cause != quality.Asked || report.ImportNo != 3 {
		t.Errorf("months %d, by %q, cause %s, import %d", len(report.Months), report.CreatedByName, report.Cause, report.ImportNo)
	}
	manager := h.user("m@example.com", string(access.Manager), map[string]any{"unit_id": tw.north.ID, "person_id": tw.nora.ID})
	seller := h.user("s@example.com", string(access.Salesperson), map[string]any{"unit_id": tw.north.ID, "person_id": tw.nora.ID})
	list := func(v *visitor, query string) []quality.Row {
		t.Helper()
		var all []quality.Row
		for cursor := ""; ; {
			var page struct {
				Items []quality.Row
				Next  string
			}
			v.must(http.MethodGet, "/quality/rows?limit=3&"+query+"&cursor="+cursor, nil, http.StatusOK, &page)
			all = append(all, page.Items...)
			if cursor = page.Next; cursor == "" {
				return all
			}
		}
	}
	for _, c := range []struct {
		query       string
		all, theirs int
	}{{"kind=customers&finding=no_potential", 4, 2}, {"kind=customers&finding=no_purchases", 5, 2}, {"kind=purchases&finding=missing_product", 15, 8}} {
		if all, theirs := list(h.admin, c.query), list(manager, c.query); len(all) != c.all || len(theirs) != c.theirs {
			t.Errorf("%s: %d and %d rows, want %d and %d", c.query, len(all), len(theirs), c.all, c.theirs)
		}
		file := manager.must(http.MethodGet, "/quality/rows/export?"+c.query, nil, http.StatusOK, nil)
		if lines := bytes.Count(file.body, []byte("\r\n")); lines != c.theirs+1 || strings.Contains(string(file.body), `"C1`) {
			t.Errorf("%s: %d lines in the manager's file:\n%s", c.query, lines, file.body)
		}
		seller.must(http.MethodGet, "/quality/rows?"+c.query, nil, http.StatusForbidden, nil)
		seller.must(http.MethodGet, "/quality/rows/export?"+c.query, nil, http.StatusForbidden, nil)
	}
	var theirs quality.Report
	manager.must(http.MethodGet, "/quality", nil, http.StatusOK, &theirs)
	if len(theirs.Months) != 0 || len(theirs.Kinds) != len(report.Kinds) {
		t.Errorf("the manager sees %d months of the whole company", len(theirs.Months))
	}
	manager.must(http.MethodPost, "/quality", nil, http.StatusForbidden, nil)
	seller.must(http.MethodGet, "/quality", nil, http.StatusForbidden, nil)
	seller.must(http.MethodGet, "/quality/runs", nil, http.StatusForbidden, nil)

	// Who was taken out of the unit a moment ago is not listed any more, even before the warehouse has heard of it.
	mine := list(manager, "kind=customers&finding=no_potential")
	path := "/customers/" + string(mine[0].CustomerID)
	etag := h.admin.must(http.MethodGet, path, nil, http.StatusOK, nil).header.Get("ETag")
	h.admin.must(http.MethodPatch, path, map[string]any{"unit_id": tw.south.ID, "owner_id": tw.sven.ID}, http.StatusOK, nil, "If-Match", etag)
	if left := list(manager, "kind=customers&finding=no_potential"); len(left) != len(mine)-1 {
		t.Errorf("%d rows after one was taken away, of %d", len(left), len(mine))
	}
}

// Imports bring one check about when all have ended, and none while nothing has changed.
func TestQualityFollowsImports(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	ctx := context.Background()
	checks := func() (n int) {
		jobs, err := h.app.jobs.List(ctx, job.Query{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			if j.Kind == quality.JobKind {
				n++
				if _, err := h.app.jobs.Wait(ctx, j.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		return n
	}
	follow := func(want int) {
		t.Helper()
		if err := h.app.checker.FollowImports(ctx, h.app.jobs); err != nil {
			t.Fatal(err)
		}
		if got := checks(); got != want {
			t.Errorf("%d checks, want %d", got, want)
		}
	}
	follow(0)
	h.town()
	follow(1)
	follow(1)
	var report quality.Report
	h.admin.must(http.MethodGet, "/quality", nil, http.StatusOK, &report)
	if report.Cause != quality.ByImport || report.CreatedByName != "" || report.ImportNo != 3 {
		t.Errorf("%s by %q after import %d", report.Cause, report.CreatedByName, report.ImportNo)
	}
	h.admin.bring("customers", "code,name,country\nC90,New,SE\n")
	follow(2)
}

// The command prints what it found and ends well.
func TestCheckCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := found(t, Config{Data: dir})
	h.town()
	h.close()
	var out bytes.Buffer
	cfg := Config{Data: dir, Out: &out, Log: quiet()}
	if err := Check(context.Background(), cfg, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Data check as of ", "customers     C  20 records", "C  4 of 20 (20.0 %) without a potential", "products      –  nothing imported yet"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := Check(context.Background(), cfg, true); err != nil {
		t.Fatal(err)
	}
	var report quality.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Kinds) != 8 {
		t.Errorf("%v, %d kinds", err, len(report.Kinds))
	}
}
