package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/source"
)

// ListSources prints the databases that are read, what is read from each, and how the last run went.
func ListSources(ctx context.Context, cfg Config, asJSON bool) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		all, err := o.sources(ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return cfg.printJSON(all)
		}
		out := tabwriter.NewWriter(cfg.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(out, "SOURCE\tFEED\tKIND\tNEXT RUN\tLAST RUN\tROWS\tSTATE")
		for _, s := range all {
			if len(s.Feeds) == 0 {
				fmt.Fprintf(out, "%s\t-\t-\t-\t-\t-\t-\n", s.Name)
			}
			for _, f := range s.Feeds {
				next, last, rows, state := "by hand", "-", "-", "never run"
				if f.NextAt != nil {
					next = f.NextAt.Format(time.RFC3339)
				}
				if r := f.LastRun; r != nil {
					last, rows, state = r.StartedAt.Format(time.RFC3339), fmt.Sprint(r.Rows), string(r.State)
				}
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, f.Name, f.Kind, next, last, rows, state)
			}
		}
		return out.Flush()
	})
}

// RunSource reads the feeds of a source one after the other, or the one named, and reports what became of their rows. A
// feed that fails ends it: those after it may refer to what it should have brought.
func RunSource(ctx context.Context, cfg Config, name, feed string, asJSON bool) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		all, err := o.sources(ctx)
		if err != nil {
			return err
		}
		names := make([]string, len(all))
		for i, s := range all {
			if names[i] = s.Name; s.Name == name {
				return cfg.runFeeds(ctx, o, s, feed, asJSON)
			}
		}
		if len(names) == 0 {
			return errors.New("there is no source yet; an administrator adds one in the browser under Data, Sources")
		}
		return fmt.Errorf("there is no source %q; there are %s", name, strings.Join(names, ", "))
	})
}

func (o *Operator) sources(ctx context.Context) ([]source.Source, error) {
	var all struct{ Items []source.Source }
	err := o.Call(ctx, http.MethodGet, "/sources", nil, &all)
	return all.Items, err
}

func (c Config) runFeeds(ctx context.Context, o *Operator, s source.Source, only string, asJSON bool) error {
	ran := 0
	for _, f := range s.Feeds {
		if only != "" && f.Name != only || only == "" && !f.Enabled {
			continue
		}
		ran++
		if err := c.runFeed(ctx, o, f, asJSON); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if ran == 0 {
		return fmt.Errorf("nothing is read from %q under this name; kvadrant source list shows what there is", s.Name)
	}
	return nil
}

func (c Config) runFeed(ctx context.Context, o *Operator, f source.Feed, asJSON bool) error {
	var begun struct{ Run source.Run }
	if err := o.Call(ctx, http.MethodPost, "/feeds/"+string(f.ID)+"/runs", nil, &begun); err != nil {
		return err
	}
	run, err := o.awaitRun(ctx, begun.Run)
	if err != nil {
		return err
	}
	if run.State == source.Failed {
		return errors.New(run.Error)
	}
	if run.ImportID == "" {
		if asJSON {
			return c.printJSON(run)
		}
		fmt.Fprintf(c.Out, "%s: nothing new\n", f.Kind)
		return nil
	}
	var done intake.Import
	if err := o.Call(ctx, http.MethodGet, "/imports/"+string(run.ImportID), nil, &done); err != nil {
		return err
	}
	return c.report(ctx, o, done, asJSON)
}

// awaitRun waits for the end of a run.
func (o *Operator) awaitRun(ctx context.Context, run source.Run) (source.Run, error) {
	for pause := 20 * time.Millisecond; !run.Ended(); pause = min(2*pause, 500*time.Millisecond) {
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-time.After(pause):
		}
		if err := o.Call(ctx, http.MethodGet, "/source-runs/"+string(run.ID), nil, &run); err != nil {
			return run, err
		}
	}
	return run, nil
}
