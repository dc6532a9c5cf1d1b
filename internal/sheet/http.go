package sheet

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
)

// maxBody is what the largest tables take as text, many times what a page shows.
const maxBody = 8 << 20

// Order is what is to be written, and as what.
type Order struct {
	Format string  `json:"format" enum:"xlsx,csv"`
	Tables []Table `json:"tables" nullable:"false" maxItems:"20"`
}

// Routes adds the route that makes files of tables. It reads nothing: a file holds what the asker sent, which a page showed
// within the asker's reach. Who may not export lists may not make files of them either.
func Routes(api *web.API) {
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodPost, Path: "/sheets", Name: "sheet_make", Status: http.StatusOK, MaxBody: maxBody, Secret: true,
		Summary: "The tables that are sent as a workbook or as comma-separated text"},
		func(_ context.Context, in *struct{ Body Order }) (*huma.StreamResponse, error) {
			tables := in.Body.Tables
			if err := Validate(tables); err != nil {
				return nil, err
			}
			if in.Body.Format == "csv" {
				return web.Attachment(web.CSV, "table.csv", func(to io.Writer) error { return CSV(tables, to) }), nil
			}
			// The book is made before the answer begins, so that what goes wrong can still be said.
			var book bytes.Buffer
			if err := XLSX(tables, &book); err != nil {
				return nil, err
			}
			return web.Attachment(web.XLSX, "table.xlsx", func(to io.Writer) error {
				_, err := book.WriteTo(to)
				return err
			}), nil
		})
}
