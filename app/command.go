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
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/quality"
)

// Importing says which files hold what.
type Importing struct {
	Kind    string
	Mapping string   // path of a YAML file; empty lets the program propose one
	Source  string   // system the files come from; the mapping's when empty
	Lookup  []string // files that the mapping looks values up in
	Create  []string // fields whose unknown customers or products are created of their codes
	DryRun  bool     // find out what it would do, and keep nothing
	JSON    bool
	Files   []string
	Dialect Dialect // what is said about how they are written; the rest is recognised
}

// Dialect is how files are written.
type Dialect = intake.Dialect

// ErrRejected says that an import took some rows and rejected others.
var ErrRejected = errors.New("some rows were rejected; the report counts them")

// Import brings files in and reports what became of their rows. The error is ErrRejected when all went well but for rows
// that were not taken.
func Import(ctx context.Context, cfg Config, what Importing) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		request := map[string]any{"kind": what.Kind}
		if !reflect.ValueOf(what.Dialect).IsZero() {
			request["dialect"] = what.Dialect
		}
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
		if len(what.Create) > 0 {
			request["unknown"] = unknownOf(what.Create)
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
		if what.DryRun {
			return cfg.tryImport(ctx, o, request, what.JSON)
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
		if err := cfg.report(ctx, o, done, what.JSON); err != nil || done.Rejected == 0 {
			return err
		}
		return ErrRejected
	})
}

func unknownOf(fields []string) map[string]string {
	unknown := map[string]string{}
	for _, f := range fields {
		unknown[f] = mapping.CreateUnknown
	}
	return unknown
}

// tryImport prints what an import would do.
func (c Config) tryImport(ctx context.Context, o *Operator, request map[string]any, asJSON bool) error {
	var begun started
	if err := o.Call(ctx, http.MethodPost, "/imports/trial", request, &begun); err != nil {
		return err
	}
	j, err := o.Await(ctx, begun.Job.ID, c.watch())
	if err != nil {
		return err
	}
	var found intake.Trial
	if err := json.Unmarshal(j.Result, &found); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	if asJSON {
		err = c.printJSON(found)
	} else {
		fmt.Fprintf(c.Out, "%s: would read %d, create %d, update %d, leave %d as they are, reject %d\n", found.Kind, found.Read, found.Created, found.Updated, found.Unchanged, found.Rejected)
		if found.Stubs > 0 {
			fmt.Fprintf(c.Out, "  and make %d customers or products of their codes alone\n", found.Stubs)
		}
		for _, r := range found.Reasons {
			fmt.Fprintf(c.Out, "  %d rows, %s: %s\n", r.Rows, r.Column, r.Example.Reason)
		}
	}
	if err == nil && found.Rejected > 0 {
		err = ErrRejected
	}
	return err
}

// Undo takes an import back by its number.
func Undo(ctx context.Context, cfg Config, no int64) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		for cursor := ""; ; {
			var page struct {
				Items []intake.Import
				Next  string
			}
			if err := o.Call(ctx, http.MethodGet, "/imports?limit=100&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
				return err
			}
			for _, im := range page.Items {
				if im.No == no {
					return cfg.undo(ctx, o, im)
				}
			}
			if cursor = page.Next; cursor == "" {
				return fmt.Errorf("there is no import %d", no)
			}
		}
	})
}

func (c Config) undo(ctx context.Context, o *Operator, im intake.Import) error {
	var begun started
	if err := o.Call(ctx, http.MethodPost, "/imports/"+string(im.ID)+"/undo", nil, &begun); err != nil {
		return err
	}
	if _, err := o.Await(ctx, begun.Job.ID, c.watch()); err != nil {
		return err
	}
	if err := o.Call(ctx, http.MethodGet, "/imports/"+string(im.ID), nil, &im); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "import %d of %s is undone\n%s\n", im.No, im.Kind, im.Note)
	return nil
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

// Check looks through all data and prints what it found. Findings are not an error of the command.
func Check(ctx context.Context, cfg Config, asJSON bool) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		var begun started
		if err := o.Call(ctx, http.MethodPost, "/quality", nil, &begun); err != nil {
			return err
		}
		if _, err := o.Await(ctx, begun.Job.ID, cfg.watch()); err != nil {
			return err
		}
		var report quality.Report
		if err := o.Call(ctx, http.MethodGet, "/quality", nil, &report); err != nil {
			return err
		}
		if asJSON {
			return cfg.printJSON(report)
		}
		return report.Print(cfg.Out)
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
