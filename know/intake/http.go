package intake

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// uploadTime is how long an upload may take: a large file over a slow line.
const uploadTime = 2 * time.Hour

type uploadInput struct {
	Name string `query:"name" required:"true" maxLength:"255" doc:"The name of the file"`
	body io.Reader
}

// Resolve takes hold of the body as a stream: a file of gigabytes is never in memory.
func (u *uploadInput) Resolve(c huma.Context) []error {
	u.body = c.BodyReader()
	if err := c.SetReadDeadline(time.Now().Add(uploadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return []error{err}
	}
	return nil
}

type importInput struct {
	ID id.ID `path:"id"`
}

type rejectsInput struct {
	web.PageInput
	ID id.ID `path:"id"`
}

type kindShape struct {
	Key    string       `json:"key"`
	Label  string       `json:"label"`
	Fields []fieldShape `json:"fields" nullable:"false"`
}

type fieldShape struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Type     Type     `json:"type" enum:"text,code,amount,number,integer,date,month,choice"`
	Required bool     `json:"required"`
	Help     string   `json:"help"`
	Choices  []string `json:"choices,omitempty" nullable:"false"`
}

// Routes adds the routes of files and imports.
func (in *Intake) Routes(api *web.API) {
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/files", Name: "file_upload", Status: http.StatusCreated,
		Summary: "Keep a file for imports; the body is the file as it is"}, in.upload)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/import-kinds", Name: "import_kinds",
		Summary: "What can be imported, with its fields"}, in.listKinds)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports/preview", Name: "import_preview", Status: http.StatusOK,
		Summary: "What is in a file, and a proposal what to make of it"}, in.preview)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports/mapping", Name: "import_mapping", Status: http.StatusOK,
		Summary: "A mapping as the text that the command line takes"}, in.writeMapping)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports", Name: "import_start", Status: http.StatusAccepted,
		Summary: "Import files by a mapping"}, in.start)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports", Name: "import_list",
		Summary: "Imports, newest first"}, in.listImports)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}", Name: "import_get",
		Summary: "An import with its counts"}, in.getImport)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/rejects", Name: "import_rejects",
		Summary: "The rows that were not taken, with place and reason"}, in.listRejects)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/rejects/export", Name: "import_rejects_export",
		Summary: "The rows that were not taken, as CSV"}, in.exportRejects)
}

func (in *Intake) upload(ctx context.Context, u *uploadInput) (*web.Body[File], error) {
	f, err := in.Upload(ctx, u.Name, u.body)
	if err != nil {
		return nil, err
	}
	return web.Answer(f), nil
}

func (in *Intake) listKinds(context.Context, *struct{}) (*web.Body[[]kindShape], error) {
	kinds := make([]kindShape, len(in.cfg.Kinds))
	for i, k := range in.cfg.Kinds {
		kinds[i] = kindShape{Key: k.Key, Label: k.Label}
		for _, f := range k.Fields {
			kinds[i].Fields = append(kinds[i].Fields, fieldShape{Name: f.Name, Label: f.Label, Type: f.Type, Required: f.Required, Help: f.Help, Choices: f.Choices})
		}
	}
	return web.Answer(kinds), nil
}

func (in *Intake) preview(ctx context.Context, r *web.Body[PreviewRequest]) (*web.Body[Preview], error) {
	p, err := in.Preview(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	return web.Answer(p), nil
}

type mappingText struct {
	Text string `json:"text" doc:"YAML"`
}

func (in *Intake) writeMapping(_ context.Context, r *web.Body[Mapping]) (*web.Body[mappingText], error) {
	kind, ok := in.kinds[r.Body.Kind]
	if !ok {
		return nil, in.unknownKind(r.Body.Kind)
	}
	text, err := r.Body.YAML(kind.target())
	if err != nil {
		return nil, err
	}
	return web.Answer(mappingText{Text: string(text)}), nil
}

func (in *Intake) start(ctx context.Context, r *web.Body[Request]) (*web.Body[Begun], error) {
	begun, err := in.Start(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	return web.Answer(begun), nil
}

func (in *Intake) listImports(ctx context.Context, r *web.PageInput) (*web.Body[web.Page[Import]], error) {
	after, err := cursorNumber(r.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := in.store.find(ctx, search{before: after, limit: r.Limit + 1})
	if err != nil {
		return nil, err
	}
	return web.PageOf(list, r.Limit, func(last Import) string { return numberCursor(last.No) }), nil
}

func numberCursor(n int64) string { return filter.Cursor(strconv.FormatInt(n, 10)) }

func cursorNumber(cursor string) (int64, error) {
	values, err := filter.ParseCursor(cursor, 1)
	if err != nil || values == nil {
		return 0, err
	}
	text, _ := values[0].(string)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return n, nil
}

func (in *Intake) getImport(ctx context.Context, r *importInput) (*web.Body[Import], error) {
	im, err := in.store.get(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(im), nil
}

func (in *Intake) listRejects(ctx context.Context, r *rejectsInput) (*web.Body[web.Page[Reject]], error) {
	after, err := cursorNumber(r.Cursor)
	if err != nil {
		return nil, err
	}
	if _, err := in.store.get(ctx, r.ID); err != nil {
		return nil, err
	}
	found, err := in.store.rejects(ctx, r.ID, after, r.Limit+1)
	if err != nil {
		return nil, err
	}
	page := web.PageOf(found, r.Limit, func(last rejectRow) string { return numberCursor(last.Seq) })
	items := make([]Reject, len(page.Body.Items))
	for i, row := range page.Body.Items {
		items[i] = row.reject()
	}
	return web.Answer(web.Page[Reject]{Items: items, Next: page.Body.Next}), nil
}

func (r rejectRow) reject() Reject {
	return Reject{File: r.File, Line: r.Line, Column: r.Column, Value: r.Value, Reason: r.Reason, Raw: r.Raw}
}

// exportRejects streams all kept rejects. Cells that a spreadsheet would take for a formula are made text.
func (in *Intake) exportRejects(ctx context.Context, r *importInput) (*huma.StreamResponse, error) {
	im, err := in.store.get(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "text/csv; charset=utf-8")
		c.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="rejects-%d.csv"`, im.No))
		if err := in.writeRejects(ctx, c.BodyWriter(), im.ID); err != nil {
			in.cfg.Log.Error("an export of rejected rows broke off", "import", im.No, "error", err)
			panic(http.ErrAbortHandler) // so that nobody takes the part for the whole
		}
	}}, nil
}

func (in *Intake) writeRejects(ctx context.Context, to io.Writer, importID id.ID) error {
	w := csv.NewWriter(to)
	if err := w.Write([]string{"file", "line", "column", "value", "reason", "raw"}); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := in.store.rejects(ctx, importID, after, 1000)
		if err != nil {
			return err
		}
		for _, r := range page {
			after = r.Seq
			line := []string{safeCell(r.File), strconv.FormatInt(r.Line, 10), safeCell(r.Column), safeCell(r.Value), safeCell(r.Reason), safeCell(r.Raw)}
			if err := w.Write(line); err != nil {
				return err
			}
		}
		if len(page) < 1000 {
			w.Flush()
			return w.Error()
		}
	}
}

// safeCell puts an apostrophe before what a spreadsheet would calculate, also behind blanks and in full-width letters; and
// before what looks as if it had one already, since an import takes one away.
func safeCell(s string) string {
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && safeCell(rest) != rest {
		return "'" + s
	}
	trimmed := strings.TrimLeft(s, " \t\r\n\u00a0\u3000;")
	if s != "" && strings.ContainsRune("\t\r\x00", rune(s[0])) {
		return "'" + s
	}
	if trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}
