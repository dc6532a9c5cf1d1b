package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// Importing says which files hold what.
type Importing struct {
	Kind    string
	Mapping string   // path of a YAML file; empty lets the program propose one
	Source  string   // system the files come from; the mapping's when empty
	Lookup  []string // files that the mapping looks values up in
	JSON    bool
	Files   []string
}

// Import brings files in and reports what became of their rows. Rows that were rejected are not an error of the command:
// the report counts them.
func Import(ctx context.Context, cfg Config, what Importing) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		request := map[string]any{"kind": what.Kind}
		if what.Source != "" {
			request["source"] = what.Source
		}
		if what.Mapping != "" {
			m, err := readMapping(what.Mapping)
			if err != nil {
				return err
			}
			request["mapping"] = m
		}
		for field, paths := range map[string][]string{"file_ids": what.Files, "lookup_file_ids": what.Lookup} {
			ids := make([]string, 0, len(paths))
			for _, path := range paths {
				fileID, err := o.Upload(ctx, path)
				if err != nil {
					return err
				}
				ids = append(ids, fileID)
			}
			request[field] = ids
		}
		var begun struct {
			Import intake.Import
			Job    job.Job
		}
		if err := o.Call(ctx, http.MethodPost, "/imports", request, &begun); err != nil {
			return err
		}
		_, failed := o.Await(ctx, begun.Job.ID, cfg.watch())
		var done intake.Import
		if err := o.Call(ctx, http.MethodGet, "/imports/"+string(begun.Import.ID), nil, &done); err != nil {
			return errors.Join(failed, err)
		}
		if failed != nil {
			return failed
		}
		return cfg.report(ctx, o, done, what.JSON)
	})
}

func readMapping(path string) (mapping.Mapping, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return mapping.Mapping{}, fmt.Errorf("read the mapping: %w", err)
	}
	m, err := mapping.Parse(text)
	if err != nil {
		return mapping.Mapping{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// report prints what became of the rows, with the first rejects.
func (c Config) report(ctx context.Context, o *Operator, done intake.Import, asJSON bool) error {
	if asJSON {
		return c.printJSON(done)
	}
	fmt.Fprintf(c.Out, "%s: read %d, created %d, updated %d, unchanged %d, rejected %d\n", done.Kind, done.Read, done.Created, done.Updated, done.Unchanged, done.Rejected)
	if done.Note != "" {
		fmt.Fprintln(c.Out, done.Note)
	}
	if done.Rejected == 0 {
		return nil
	}
	var rejects struct{ Items []intake.Reject }
	if err := o.Call(ctx, http.MethodGet, "/imports/"+string(done.ID)+"/rejects?limit=10", nil, &rejects); err != nil {
		return err
	}
	for _, r := range rejects.Items {
		fmt.Fprintf(c.Out, "  %s line %d, %s: %s\n", r.File, r.Line, r.Column, r.Reason)
	}
	if more := done.Rejected - int64(len(rejects.Items)); more > 0 {
		fmt.Fprintf(c.Out, "  and %d more\n", more)
	}
	return nil
}

// SetCompany says who uses this installation and in which currency it counts.
func SetCompany(ctx context.Context, cfg Config, name, currency string) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		version, err := o.version(ctx, "/settings")
		if err != nil {
			return err
		}
		return o.change(ctx, "/settings", version, map[string]string{"company": name, "base_currency": strings.ToUpper(currency)})
	})
}

// Score computes the version of a date, today when it is empty, and the months' ends from a date on, where from is one.
func Score(ctx context.Context, cfg Config, from, asOf string) error {
	cfg = cfg.withDefaults()
	if asOf == "" {
		asOf = string(date.Of(cfg.Now()))
	}
	what := map[string]string{"as_of": asOf}
	if from != "" {
		what["from"] = from
	}
	return operate(ctx, cfg, func(o *Operator) error {
		var begun started
		if err := o.Call(ctx, http.MethodPost, "/scorings", what, &begun); err != nil {
			return err
		}
		j, err := o.Await(ctx, begun.Job.ID, cfg.watch())
		if err != nil {
			return err
		}
		var version struct{ Customers int64 }
		if err := json.Unmarshal(j.Result, &version); err != nil {
			return fmt.Errorf("read the result: %w", err)
		}
		fmt.Fprintf(cfg.Out, "scored %d customers as of %s in %s\n", version.Customers, asOf, j.EndedAt.Sub(j.StartedAt).Round(time.Millisecond))
		return nil
	})
}

// cellOut is a cell as scripts read it; amounts are minor units of the base currency.
type cellOut struct {
	Key       string `json:"key"`
	Customers int64  `json:"customers"`
	Revenue   int64  `json:"revenue"`
	Potential int64  `json:"potential"`
}

// Matrix prints the cells of a date, the latest when it is empty, as json or csv.
func Matrix(ctx context.Context, cfg Config, asOf, format string) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		path := "/matrix"
		if asOf != "" {
			path += "?" + url.Values{"as_of": {asOf}}.Encode()
		}
		var picture matrix.Picture
		if err := o.Call(ctx, http.MethodGet, path, nil, &picture); err != nil {
			return err
		}
		cells := make([]cellOut, len(picture.Cells))
		for i, c := range picture.Cells {
			cells[i] = cellOut{Key: c.Key, Customers: c.Customers, Revenue: c.Revenue, Potential: c.Potential}
		}
		if format == "json" {
			return cfg.printJSON(cells)
		}
		out := csv.NewWriter(cfg.Out)
		_ = out.Write([]string{"key", "customers", "revenue", "potential"})
		for _, c := range cells {
			_ = out.Write([]string{c.Key, strconv.FormatInt(c.Customers, 10), strconv.FormatInt(c.Revenue, 10), strconv.FormatInt(c.Potential, 10)})
		}
		out.Flush()
		return out.Error()
	})
}

// OpenAPI prints the description of the interface, without touching any data.
func OpenAPI(ctx context.Context, cfg Config) error {
	return describe(ctx, cfg, func(a *App, out io.Writer) error {
		text, err := a.api.OpenAPI()
		if err == nil {
			_, err = out.Write(text)
		}
		return err
	})
}

// Measures prints the manual of the measures, without touching any data.
func Measures(ctx context.Context, cfg Config) error {
	return describe(ctx, cfg, func(a *App, out io.Writer) error { return a.measures.WriteManual(out) })
}

// describe builds the program on an empty folder and lets write say something of it.
func describe(ctx context.Context, cfg Config, write func(a *App, out io.Writer) error) error {
	cfg = cfg.withDefaults()
	dir, err := os.MkdirTemp("", "kvadrant-describe-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out := cfg.Out
	cfg.Data, cfg.DatabaseURL, cfg.Version, cfg.Log = dir, "", "1", nil
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(write(a, out), a.Close())
}

func operate(ctx context.Context, cfg Config, do func(*Operator) error) error {
	o, err := Operate(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(do(o), o.Close())
}

func (c Config) printJSON(v any) error {
	enc := json.NewEncoder(c.Out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// watch shows a job's progress on the error output, a line for each new step.
func (c Config) watch() func(job.Job) {
	var last string
	return func(j job.Job) {
		step := strings.TrimSpace(j.Note)
		if j.State == job.Running && step != "" && step != last {
			last = step
			fmt.Fprintf(c.Err, "%s …\n", step)
		}
	}
}
