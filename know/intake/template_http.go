package intake

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/web"
)

type templateInput struct {
	Kind   string `path:"kind"`
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"A text file or a workbook."`
}

type fileInput struct {
	ID   string `path:"id" pattern:"^[0-9a-f]{64}$"`
	Name string `query:"name" maxLength:"255" doc:"What to call it; the name it came under when left out."`
}

// fileRoutes adds the routes that give files out.
func (in *Intake) fileRoutes(api *web.API) {
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/import-kinds/{kind}/template", Name: "import_template",
		Summary: "An empty file of a kind, with the names of its columns and a row as an example"}, in.template)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/files/{id}", Name: "file_download",
		Summary: "A kept file, as it was uploaded"}, in.download)
}

func (in *Intake) template(_ context.Context, r *templateInput) (*huma.StreamResponse, error) {
	kind, ok := in.kinds[r.Kind]
	if !ok {
		return nil, fault.New(fault.NotFound, "import.kind", "There is no kind %q to import.", r.Kind)
	}
	header, example := make([]string, len(kind.Fields)), make([]string, len(kind.Fields))
	for i, f := range kind.Fields {
		header[i], example[i] = f.Label, exampleOf(f)
	}
	write, mime := writeCSV, web.CSV
	if r.Format == "xlsx" {
		write, mime = writeWorkbook, web.XLSX
	}
	return in.stream(mime, kind.Key+"."+r.Format, func(to io.Writer) error { return write(to, header, example) }), nil
}

// exampleOf is a value as a file has it.
func exampleOf(f Field) string {
	switch f.Type {
	case Amount, Number:
		return "1250.50"
	case Integer:
		return "12"
	case Date:
		return "2026-10-31"
	case Month:
		return "2026-10"
	case Choice:
		return f.Choices[0]
	}
	if f.Name == "currency" {
		return "EUR"
	}
	if !f.Required && f.Type == Code && f.Name != "document" && f.Name != "line" {
		return "" // it would name a record that is not there
	}
	return map[string]string{"code": "1001", "customer": "1001", "document": "5001", "line": "1", "kind": "visit"}[f.Name]
}

func writeCSV(to io.Writer, rows ...[]string) error {
	w := csv.NewWriter(to)
	_ = w.WriteAll(rows)
	return w.Error()
}

func writeWorkbook(to io.Writer, rows ...[]string) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for i := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &rows[i]); err != nil {
			return err
		}
	}
	return book.Write(to)
}

func (in *Intake) download(ctx context.Context, r *fileInput) (*huma.StreamResponse, error) {
	f, err := in.store.file(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	kept, err := in.folder.Original(f)
	if err != nil {
		if os.IsNotExist(err) {
			return nil, fault.New(fault.NotFound, "file.gone", "The file is not in the data folder any more.")
		}
		return nil, err
	}
	name := f.Name
	if r.Name != "" {
		name = r.Name
	}
	return in.stream("application/octet-stream", name, func(to io.Writer) error {
		defer func() { _ = kept.Close() }()
		_, err := io.Copy(to, kept)
		return err
	}), nil
}

func (in *Intake) stream(mime, name string, write func(to io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", mime)
		c.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename*=UTF-8''%s", url.PathEscape(name)))
		if err := write(c.BodyWriter()); err != nil {
			in.cfg.Log.Error("a download broke off", "name", name, "error", err)
			panic(http.ErrAbortHandler) // so that nobody takes the part for the whole
		}
	}}
}
