package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Body is an answer that is one JSON value.
type Body[T any] struct{ Body T }

// Answer wraps a value as a handler's answer.
func Answer[T any](v T) *Body[T] { return &Body[T]{Body: v} }

// Record is an answer that is an editable record: its version travels as the ETag.
type Record[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// Versioned wraps a record of the given version.
func Versioned[T any](v T, version int64) *Record[T] {
	return &Record[T]{ETag: strconv.Quote(strconv.FormatInt(version, 10)), Body: v}
}

// IfMatch is embedded in the input of every change of a record.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"The ETag of the record as it was read"`
}

// Version returns the version that the asker read. Without one the change is refused: it might undo somebody else's.
func (m IfMatch) Version() (int64, error) {
	if m.IfMatch == "" {
		return 0, fault.New(fault.PreconditionReq, "record.version_missing", "Say which version you changed: send its ETag as If-Match.")
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(m.IfMatch, "W/"), `"`), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Malformed, "record.version_malformed", "If-Match must be an ETag as this record gave it.")
	}
	return n, nil
}

// Stale is the fault of changing a record that somebody else changed in between.
func Stale() error {
	return fault.New(fault.Precondition, "record.changed", "Somebody else changed this in the meantime. Load it again and repeat your change.")
}

// PageInput is embedded in the input of every list.
type PageInput struct {
	Cursor string `query:"cursor" maxLength:"2000" doc:"Where the page begins: next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

// Page is a page of a list. There is no total: counting would cost more than the page.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

// PageOf cuts rows, which were read with limit+1, to a page; cursor packs the sort values of its last row.
func PageOf[T any](rows []T, limit int, cursor func(last T) string) *Body[Page[T]] {
	page := Page[T]{Items: rows}
	if rows == nil {
		page.Items = []T{}
	}
	if len(rows) > limit {
		page.Items = rows[:limit]
		page.Next = cursor(rows[limit-1])
	}
	return Answer(page)
}

// The kinds of file that lists are saved as.
const (
	CSV  = "text/csv; charset=utf-8"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Attachment streams a file for people to save. When the writing fails half-way the connection is cut, so that nobody takes
// the part for the whole.
func Attachment(kind, name string, write func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", kind)
		c.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		c.SetHeader("Cache-Control", "no-store")
		if err := write(c.BodyWriter()); err != nil {
			panic(http.ErrAbortHandler)
		}
	}}
}
