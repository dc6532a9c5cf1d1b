package web

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a field of a change that may be left out (Sent is false) or be null, which clears it (Value is then the
// zero value). Give the field the JSON option omitempty, or the interface would ask for it.
type Optional[T any] struct {
	Sent  bool
	Value T
}

// UnmarshalJSON notes that the field was sent.
func (o *Optional[T]) UnmarshalJSON(text []byte) error {
	var zero T
	o.Sent, o.Value = true, zero
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	return json.Unmarshal(text, &o.Value)
}

// Pointer returns nil when the field was left out.
func (o Optional[T]) Pointer() *T {
	if !o.Sent {
		return nil
	}
	return &o.Value
}

// Schema describes the field as T or null.
func (Optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = true
	return &s
}
