// Package fault is the one kind of error that reaches people.
//
// A fault says in a sentence what is wrong, where, and what to do about it. Everything else is an ordinary wrapped error,
// which is logged and shown to people only as "something went wrong".
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind classes a fault; its value is the HTTP status that carries it.
type Kind int

// The kinds of fault.
const (
	Malformed       Kind = http.StatusBadRequest
	Unauthenticated Kind = http.StatusUnauthorized
	Forbidden       Kind = http.StatusForbidden
	NotFound        Kind = http.StatusNotFound
	Conflict        Kind = http.StatusConflict
	Precondition    Kind = http.StatusPreconditionFailed
	TooLarge        Kind = http.StatusRequestEntityTooLarge
	Invalid         Kind = http.StatusUnprocessableEntity
	PreconditionReq Kind = http.StatusPreconditionRequired
	TooMany         Kind = http.StatusTooManyRequests
	Unavailable     Kind = http.StatusServiceUnavailable
	Full            Kind = http.StatusInsufficientStorage
)

// Field is a fault at one place of the input.
type Field struct {
	Path   string // where, such as "potential.at[1]" or "email"
	Detail string // what is wrong there and the cure
	Value  any    // what was sent, if it may be shown
	why    Reason // the detail, to be told in other languages; without a code where it is known in English alone
}

// Fault is an error meant for people.
type Fault struct {
	Kind   Kind
	Code   string // stable key for programs and translations, such as "customer.code_taken"
	Detail string // a sentence with the place and the cure
	Fields []Field
	cause  error
}

// New returns a fault; detail is a format with its arguments, and %w keeps a cause for the log.
func New(kind Kind, code, detail string, args ...any) *Fault {
	err := fmt.Errorf(detail, args...)
	return &Fault{Kind: kind, Code: code, Detail: err.Error(), cause: errors.Unwrap(err)}
}

// At adds a place of the input to the fault.
func (f *Fault) At(path, detail string, args ...any) *Fault {
	f.Fields = append(f.Fields, Field{Path: path, Detail: fmt.Sprintf(detail, args...)})
	return f
}

// Because keeps the cause for the log without showing it to people.
func (f *Fault) Because(err error) *Fault {
	f.cause = err
	return f
}

// Error returns the sentence and the places.
func (f *Fault) Error() string {
	if len(f.Fields) == 1 && f.Fields[0].Detail == f.Detail {
		return f.Fields[0].Path + ": " + f.Detail
	}
	s := f.Detail
	for _, at := range f.Fields {
		s += " " + at.Path + ": " + at.Detail
	}
	return s
}

// Unwrap returns the cause that was kept for the log.
func (f *Fault) Unwrap() error { return f.cause }

// Of returns the fault in err's chain, or nil.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is tells whether err carries a fault of this kind.
func Is(err error, kind Kind) bool {
	f := Of(err)
	return f != nil && f.Kind == kind
}

// Checks gathers the faults of several fields, so that people see all of them at once.
type Checks struct {
	code   string
	fields []Field
}

// Check starts gathering under a code such as "customer.invalid".
func Check(code string) *Checks { return &Checks{code: code} }

// That records a fault at path unless ok.
func (c *Checks) That(ok bool, path, detail string, args ...any) *Checks {
	if !ok {
		c.fields = append(c.fields, Field{Path: path, Detail: fmt.Sprintf(detail, args...)})
	}
	return c
}

// Because records a fault at path for a reason that can be told in other languages, unless ok. The reason is made only then:
// of a million rows nearly all hold.
func (c *Checks) Because(ok bool, path string, why func() Reason) *Checks {
	if !ok {
		reason := why()
		c.fields = append(c.fields, Field{Path: path, Detail: reason.Text, why: reason})
	}
	return c
}

// Err returns nil when everything held, else one Invalid fault with every place.
func (c *Checks) Err() error {
	switch len(c.fields) {
	case 0:
		return nil
	case 1:
		return &Fault{Kind: Invalid, Code: c.code, Detail: c.fields[0].Detail, Fields: c.fields}
	}
	return &Fault{Kind: Invalid, Code: c.code, Detail: fmt.Sprintf("%d fields need correcting.", len(c.fields)), Fields: c.fields}
}
