package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Problem is the answer to a request that failed (RFC 9457, application/problem+json).
type Problem struct {
	Type   string        `json:"type" doc:"A name of the kind of problem"`
	Title  string        `json:"title" doc:"The HTTP status in words"`
	Status int           `json:"status"`
	Code   string        `json:"code" doc:"Stable key for programs and translations"`
	Detail string        `json:"detail" doc:"What is wrong, where, and what to do about it"`
	Errors []ProblemItem `json:"errors,omitempty" nullable:"false" doc:"The places of the input that need correcting"`
}

// ProblemItem is one place of the input.
type ProblemItem struct {
	Location string `json:"location"`
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType says that the body is a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "/problems/" + strings.ReplaceAll(code, ".", "/"), Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problem makes the answer of an error: a fault is told as it is, anything else is logged and told as our mistake.
func (a *API) problem(ctx context.Context, name string, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var status huma.StatusError
	if errors.As(err, &status) {
		return status
	}
	f := fault.Of(err)
	if f == nil {
		if ctx.Err() != nil {
			return newProblem(http.StatusServiceUnavailable, "request.cancelled", "The request was given up before it was answered.")
		}
		a.log.ErrorContext(ctx, "request failed", "operation", name, "error", err)
		return newProblem(http.StatusInternalServerError, "internal", "Something went wrong on our side; nothing more is known to you than that it was logged. Try again, and tell your administrator if it stays.")
	}
	if cause := errors.Unwrap(f); cause != nil {
		a.log.WarnContext(ctx, "request refused", "operation", name, "code", f.Code, "cause", cause)
	}
	p = newProblem(int(f.Kind), f.Code, f.Detail)
	for _, at := range f.Fields {
		p.Errors = append(p.Errors, ProblemItem{Location: at.Path, Message: at.Detail, Value: at.Value})
	}
	if p.temporary() {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {retryAfter}})
	}
	return p
}

// retryAfter is how many seconds an asker should wait where trying again helps.
const retryAfter = "5"

func (p *Problem) temporary() bool {
	return p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests
}

// Refuse answers a request outside the routes (a middleware, a stream) with err as a problem.
func (a *API) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	if errors.As(a.problem(r.Context(), r.Method+" "+r.URL.Path, err), &p) {
		p.write(w, r)
		return
	}
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

func (p *Problem) write(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	if p.temporary() {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// UseProblems makes huma's own refusals (a field that is too long, a body that is no JSON) problems of the same shape.
// The hook is a variable of huma's package, so the program calls this once, before the first request.
func UseProblems() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		code := "request.invalid"
		if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
			code = "request.refused"
		}
		p := newProblem(status, code, "The request does not have the form that is expected: "+message+".")
		for _, err := range errs {
			item := ProblemItem{Message: err.Error()}
			if d, ok := err.(huma.ErrorDetailer); ok {
				detail := d.ErrorDetail()
				item = ProblemItem{Location: strings.TrimPrefix(detail.Location, "body."), Message: detail.Message, Value: shown(detail.Location, detail.Value)}
			}
			p.Errors = append(p.Errors, item)
		}
		if len(p.Errors) == 1 && p.Errors[0].Location != "" {
			p.Detail = fmt.Sprintf("%s: %s.", p.Errors[0].Location, p.Errors[0].Message)
		}
		return p
	}
}

// shown keeps secrets and long texts out of answers.
func shown(location string, value any) any {
	lower := strings.ToLower(location)
	if strings.Contains(lower, "password") || strings.Contains(lower, "secret") || strings.Contains(lower, "code") {
		return nil
	}
	switch v := value.(type) {
	case string:
		if len(v) <= 100 {
			return v
		}
	case bool, float64, int, int64:
		return v
	}
	return nil
}

func indented(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
