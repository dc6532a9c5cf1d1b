package intake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/reject"
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
	Refers   string   `json:"refers,omitempty" doc:"The kind whose records it names; the mapping may have unknown ones created."`
}

// Routes adds the routes of files and imports.
func (in *Intake) Routes(api *web.API) {
	in.fileRoutes(api)
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
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/undo", Name: "import_undo_check",
		Summary: "What keeps an import from being undone"}, in.checkUndo)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports/{id}/undo", Name: "import_undo", Status: http.StatusAccepted,
		Summary: "Take back everything that an import brought"}, in.startUndo)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/stubs", Name: "import_stubs",
		Summary: "The customers and products that an import made of their codes alone; the first 1,000 of each"}, in.listStubs)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports/{id}/mended", Name: "import_mended", Status: http.StatusAccepted,
		Summary: "Import rejected rows again that were mended"}, in.mend)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/imports/trial", Name: "import_trial", Status: http.StatusAccepted,
		Summary: "Find out what an import would do, without keeping anything; the job's result tells"}, in.startTrial)
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
			kinds[i].Fields = append(kinds[i].Fields, fieldShape{Name: f.Name, Label: f.Label, Type: f.Type, Required: f.Required, Help: f.Help, Choices: f.Choices, Refers: f.Refers})
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
	text, err := r.Body.YAML(kind.Target())
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

// undoCheck is whether an import can be undone.
type undoCheck struct {
	Blockers []Blocker `json:"blockers" nullable:"false" doc:"Empty when it can be undone."`
}

func (in *Intake) checkUndo(ctx context.Context, r *importInput) (*web.Body[undoCheck], error) {
	im, err := in.store.get(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	blockers, err := in.Blockers(ctx, im)
	if err != nil {
		return nil, err
	}
	return web.Answer(undoCheck{Blockers: blockers}), nil
}

type mendInput struct {
	ID   id.ID `path:"id"`
	Body struct {
		Rows []reject.Mended `json:"rows" nullable:"false" minItems:"1" maxItems:"10000"`
	}
}

func (in *Intake) mend(ctx context.Context, r *mendInput) (*web.Body[Begun], error) {
	begun, err := in.Mend(ctx, r.ID, r.Body.Rows)
	if err != nil {
		return nil, err
	}
	return web.Answer(begun), nil
}

// stub is a record that an import made of its code alone.
type stub struct {
	Kind string `json:"kind" doc:"Its kind of import, by which it can be filled."`
	ID   id.ID  `json:"id"`
	Code string `json:"code"`
	Name string `json:"name" doc:"The code, until it is filled."`
}

type stubList struct {
	Items []stub `json:"items" nullable:"false"`
}

func (in *Intake) listStubs(ctx context.Context, r *importInput) (*web.Body[stubList], error) {
	im, err := in.store.get(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	list, err := in.stubsOf(ctx, im)
	if err != nil {
		return nil, err
	}
	return web.Answer(stubList{Items: list}), nil
}

type begunJob struct {
	Job job.Job `json:"job"`
}

func (in *Intake) startUndo(ctx context.Context, r *importInput) (*web.Body[begunJob], error) {
	j, err := in.Undo(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(begunJob{Job: j}), nil
}

func (in *Intake) startTrial(ctx context.Context, r *web.Body[Request]) (*web.Body[begunJob], error) {
	j, err := in.StartTrial(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	return web.Answer(begunJob{Job: j}), nil
}
