package reject

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

type listInput struct {
	web.PageInput
	ID id.ID `path:"id"`
}

type exportInput struct {
	ID     id.ID  `path:"id"`
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"A text file or a workbook."`
}

// Rows is a page of rejected rows.
type Rows struct {
	Columns []string `json:"columns" nullable:"false" doc:"Under which the cells stand."`
	Items   []Reject `json:"items" nullable:"false"`
	Next    string   `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

// Routes adds the routes of rejected rows.
func (s *Store) Routes(api *web.API, log *slog.Logger) {
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/rejects", Name: "import_rejects",
		Summary: "The rows that were not taken, with place and reason"}, s.list)
	web.Handle(api, access.ImportRead, web.Route{Method: http.MethodGet, Path: "/imports/{id}/rejects/export", Name: "import_rejects_export",
		Summary: "The rows that were not taken, as a file to mend and import again"}, s.export(log))
}

func (s *Store) list(ctx context.Context, r *listInput) (*web.Body[Rows], error) {
	after, err := cursor(r.Cursor)
	if err != nil {
		return nil, err
	}
	h, err := s.Header(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.Page(ctx, r.ID, after, r.Limit+1)
	if err != nil {
		return nil, err
	}
	page := web.PageOf(found, r.Limit, func(last Reject) string { return filter.Cursor(strconv.FormatInt(last.Seq, 10)) })
	return web.Answer(Rows{Columns: h.Columns, Items: page.Body.Items, Next: page.Body.Next}), nil
}

func cursor(text string) (int64, error) {
	values, err := filter.ParseCursor(text, 1)
	if err != nil || values == nil {
		return 0, err
	}
	digits, _ := values[0].(string)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return n, nil
}

func (s *Store) export(log *slog.Logger) func(context.Context, *exportInput) (*huma.StreamResponse, error) {
	return func(ctx context.Context, r *exportInput) (*huma.StreamResponse, error) {
		h, err := s.Header(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		write, kind := s.CSV, web.CSV
		if r.Format == "xlsx" {
			write, kind = s.XLSX, web.XLSX
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", kind)
			c.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="rejects-%d.%s"`, h.No, r.Format))
			to := io.Writer(c.BodyWriter())
			if err := write(ctx, to, r.ID); err != nil {
				log.Error("an export of rejected rows broke off", "import", h.No, "error", err)
				panic(http.ErrAbortHandler) // so that nobody takes the part for the whole
			}
		}}, nil
	}
}
