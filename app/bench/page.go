package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

func (m *bench) pages(ctx context.Context) error {
	ids, next, err := m.sample(ctx)
	if err != nil {
		return err
	}
	m.say("pages: one client alone, then %d with %d requests each, no longer than %s:", benchClients, benchRequests, benchPatience)
	one := func(path string) func(n int) []string { return func(int) []string { return []string{path} } }
	for _, page := range []struct {
		name  string
		paths func(n int) []string
		goal  string
	}{
		{"matrix", one("/matrix"), "100"},
		{"matrix of one country", one("/matrix?country=PL"), "100"},
		{"list of a cell by revenue", one("/matrix/customers?cell=gold_bubble"), "100"},
		{"list of all by name", one("/matrix/customers?sort=name"), "100"},
		{"list of all by unused potential, a deep page", one("/matrix/customers?sort=-unused&cursor=" + url.QueryEscape(next)), "100"},
		{"customers by part of the name", one("/customers?q=posei"), "100"},
		{"statistics of the matrix", one("/matrix/statistics"), "100"},
		{"units compared", one("/matrix/comparison?by=unit"), "100"},
		{"visits", one("/matrix/visits"), "100"},
		{"migration within a year", one("/matrix/migration"), "100"},
		{"what-if", one("/matrix/what-if?from=gold_bubble&customers=3&to=gold_sailer"), "100"},
		{"budget against actual, by unit", one("/budget"), "100"},
		{"budget against actual, by customer", one("/budget?by=customer"), "100"},
		{"profit", one("/profit"), "100"},
		{"loyalty", one("/loyalty"), "100"},
		{"potential", one("/wallet"), "100"},
		{"pyramid", one("/pyramid"), "100"},
		{"RFM", one("/rfm"), "100"},
		{"lifetime value", one("/lifetime"), "100"},
		{"customer card, its six requests at once", func(n int) []string {
			c, place := "/customers/"+ids[n%len(ids)], "/matrix/places/"+ids[n%len(ids)]
			return []string{c, c + "/potentials", c + "/purchases", c + "/revenue?months=24", place, place + "/others"}
		}, "50"},
	} {
		begun := time.Now()
		err := m.together(ctx, page.paths(0))
		first := time.Since(begun)
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		times, err := m.measure(ctx, page.paths)
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		m.say("  %-46s first %6.0f ms   p50 %6.1f ms   p95 %6.1f ms   of %4d   (goal p95 ≤ %s)", page.name, float64(first.Milliseconds()),
			millis(times, 50), millis(times, 95), len(times), page.goal)
	}
	return nil
}

// sample returns the ids of customers from all over the book, and the cursor of a page far down in it.
func (m *bench) sample(ctx context.Context) (ids []string, cursor string, err error) {
	for range 40 {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		path := "/matrix/customers?limit=500&sort=-unused&cursor=" + url.QueryEscape(cursor)
		if err := m.op.Call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, "", err
		}
		for i := 0; i < len(page.Items); i += 10 {
			ids = append(ids, page.Items[i].ID)
		}
		if page.Next == "" {
			break
		}
		cursor = page.Next
	}
	return ids, cursor, nil
}

func (m *bench) measure(ctx context.Context, paths func(n int) []string) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var clients sync.WaitGroup
	started := time.Now()
	for client := range benchClients {
		clients.Go(func() {
			for n := range benchRequests {
				begun := time.Now()
				err := m.together(ctx, paths(client*benchRequests+n))
				mu.Lock()
				all, failed = append(all, time.Since(begun)), errors.Join(failed, err)
				mu.Unlock()
				if err != nil || time.Since(started) > benchPatience {
					return
				}
			}
		})
	}
	clients.Wait()
	slices.Sort(all)
	return all, failed
}

// together asks for all paths at once and waits for the last answer, as a browser does.
func (m *bench) together(ctx context.Context, paths []string) error {
	errs := make([]error, len(paths))
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() { errs[i] = m.op.Call(ctx, http.MethodGet, path, nil, nil) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func millis(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
}

// export writes all customers into a file, as a person does who wants the list.
func (m *bench) export(ctx context.Context) (err error) {
	out, err := os.Create(filepath.Join(m.dir, "customers.csv"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	begun := time.Now()
	if err := m.op.Call(ctx, http.MethodGet, "/matrix/customers/export?sort=name", nil, out); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	took := time.Since(begun)
	info, err := out.Stat()
	if err != nil {
		return err
	}
	m.say("%-44s %8.2f s  %d MB (goal ≤ 10 of a million)", "export all customers as CSV", took.Seconds(), info.Size()>>20)
	return nil
}
