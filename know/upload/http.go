package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/intake"
)

// pieceTime is how long a piece may take: one that is as large as the file, over a slow line.
const pieceTime = 2 * time.Hour

type beginInput struct {
	Body struct {
		Name string `json:"name" maxLength:"255" doc:"The name of the file"`
		Size int64  `json:"size" minimum:"0" doc:"Of the whole file, in bytes"`
	}
}

type uploadInput struct {
	ID id.ID `path:"id"`
}

type pieceInput struct {
	ID     id.ID `path:"id"`
	Offset int64 `header:"Upload-Offset" required:"true" minimum:"0" doc:"Where the piece begins; it must be how much has arrived"`
	body   *body
}

// Resolve takes hold of the body as a stream.
func (p *pieceInput) Resolve(c huma.Context) []error {
	p.body = &body{request: c, bytes: c.BodyReader()}
	if err := c.SetReadDeadline(time.Now().Add(pieceTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return []error{err}
	}
	return nil
}

// body is what a request sends; its reading can be ended by another request.
type body struct {
	request huma.Context
	bytes   io.Reader

	mu        sync.Mutex
	over, cut bool
}

func (b *body) Read(p []byte) (int, error) { return b.bytes.Read(p) }

// stop makes the reading end; when it is over, nothing.
func (b *body) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.cut = true
		_ = b.request.SetReadDeadline(time.Now())
	}
}

// end says that the reading is over. A connection that was stopped is closed with the answer: net/http takes the asker for
// gone then, and would give up whatever came by it later.
func (b *body) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.cut {
		b.request.SetHeader("Connection", "close")
	}
}

// offset is the answer that says how far an upload is.
type offset struct {
	Offset int64 `header:"Upload-Offset"`
	Length int64 `header:"Upload-Length"`
}

// Routes adds the routes of uploads in pieces.
func (u *Uploads) Routes(api *web.API) {
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/uploads", Name: "upload_begin", Status: http.StatusCreated,
		Summary: "Begin to upload a file in pieces"}, u.begin)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodHead, Path: "/uploads/{id}", Name: "upload_offset", Status: http.StatusNoContent,
		Summary: "How much of an upload has arrived; what still arrives on another connection is cut off"}, u.head)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPatch, Path: "/uploads/{id}", Name: "upload_append", Status: http.StatusNoContent,
		Summary: "Append a piece to an upload; the body is the bytes. 409 when it does not begin where the upload ends"}, u.append)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodPost, Path: "/uploads/{id}/finish", Name: "upload_finish", Status: http.StatusCreated,
		Summary: "Make a file of an upload that has arrived completely"}, u.finish)
	web.Handle(api, access.ImportRun, web.Route{Method: http.MethodDelete, Path: "/uploads/{id}", Name: "upload_drop",
		Summary: "Give an upload up, with all that has arrived of it"}, u.drop)
}

func (u *Uploads) begin(ctx context.Context, in *beginInput) (*web.Body[Upload], error) {
	up, err := u.Begin(ctx, in.Body.Name, in.Body.Size)
	if err != nil {
		return nil, err
	}
	return web.Answer(up), nil
}

func (u *Uploads) head(ctx context.Context, in *uploadInput) (*offset, error) {
	up, err := u.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &offset{up.Offset, up.Size}, nil
}

func (u *Uploads) append(ctx context.Context, in *pieceInput) (*offset, error) {
	up, err := u.Append(ctx, in.ID, in.Offset, in.body, in.body.stop)
	in.body.end()
	if err != nil {
		return nil, err
	}
	return &offset{up.Offset, up.Size}, nil
}

func (u *Uploads) finish(ctx context.Context, in *uploadInput) (*web.Body[intake.File], error) {
	f, err := u.Finish(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(f), nil
}

func (u *Uploads) drop(ctx context.Context, in *uploadInput) (*struct{}, error) {
	return nil, u.Drop(ctx, in.ID)
}
