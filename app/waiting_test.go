package app

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/job"
)

// rebuilding holds the warehouse in a rebuild until the function that it returns is called, which waits for its end.
func (h *house) rebuilding() (finish func()) {
	h.t.Helper()
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- h.app.warehouse.Rebuild(context.Background(), func(ctx context.Context, progress func(done, total int64)) error {
			close(inside)
			<-leave
			if err := h.app.projection.CatchUp(ctx); err != nil {
				return err
			}
			return h.app.intake.Replay(ctx, progress)
		})
	}()
	<-inside
	return func() {
		close(leave)
		if err := <-done; err != nil {
			h.t.Fatal(err)
		}
	}
}

// begin asks for something that a job does, and waits until the job says that it waits for the warehouse.
func (h *house) waits(r reply) job.Job {
	h.t.Helper()
	var begun struct{ Job job.Job }
	if err := json.Unmarshal(r.body, &begun); err != nil {
		h.t.Fatal(err)
	}
	h.eventually("the job says that it waits", func() bool {
		var j job.Job
		h.admin.must(http.MethodGet, "/jobs/"+string(begun.Job.ID), nil, http.StatusOK, &j)
		if j.State.Ended() {
			h.t.Fatalf("%s: %s %s", j.Title, j.State, j.Error)
		}
		return strings.Contains(j.Note, "until the warehouse is rebuilt")
	})
	return begun.Job
}

// Imports, trials and undoing wait while the warehouse is rebuilt, say so, and go on afterwards; one that is cancelled
// meanwhile has changed nothing.
func TestImportsWaitForTheRebuild(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.shelves()
	first := h.admin.bring("purchases", sales(0, 100, 5))
	var file struct{ ID string }
	h.admin.must(http.MethodPost, "/files?name=more.csv", sales(100, 50, 5), http.StatusCreated, &file)
	columns := map[string]string{}
	header, _, _ := strings.Cut(sales(0, 1, 5), "\n")
	for _, c := range strings.Split(header, ",") {
		columns[c] = c
	}
	ask := map[string]any{"kind": "purchases", "file_ids": []string{file.ID}, "mapping": map[string]any{"kind": "purchases", "columns": columns}}

	finish := h.rebuilding()
	given := h.admin.must(http.MethodPost, "/imports", ask, http.StatusAccepted, nil)
	h.admin.must(http.MethodPost, "/jobs/"+string(h.waits(given).ID)+"/cancel", nil, http.StatusOK, nil)
	h.eventually("the cancelled import has ended", func() bool {
		var page struct {
			Items []struct{ State, Error string }
		}
		h.admin.must(http.MethodGet, "/imports", nil, http.StatusOK, &page)
		return page.Items[0].State == "cancelled"
	})
	started := h.admin.must(http.MethodPost, "/imports", ask, http.StatusAccepted, nil)
	h.waits(started)
	finish()
	h.admin.await(started)
	if lines := h.sums()[0]; lines != 150 {
		t.Errorf("%d lines after the import that waited", lines)
	}

	finish = h.rebuilding()
	trial := h.admin.must(http.MethodPost, "/imports/trial", ask, http.StatusAccepted, nil)
	h.waits(trial)
	finish()
	h.admin.await(trial)
	finish = h.rebuilding()
	undo := h.admin.must(http.MethodPost, "/imports/"+string(first.ID)+"/undo", nil, http.StatusAccepted, nil)
	h.waits(undo)
	finish()
	h.admin.await(undo)
	if lines := h.sums()[0]; lines != 50 {
		t.Errorf("%d lines after the undoing that waited", lines)
	}
}
