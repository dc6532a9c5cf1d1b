package mapping

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Schema describes a value of a mapping: a plain text, or an object.
func (Value) Schema(r huma.Registry) *huma.Schema {
	type object struct {
		Column   string            `json:"column,omitempty" doc:"A column, or a calculation such as Price * Qty - Discount."`
		Constant scalar            `json:"constant,omitempty" doc:"The same value for every row."`
		Row      bool              `json:"row,omitempty" doc:"The number of the row among all rows of the import, from 1."`
		Join     []Value           `json:"join,omitempty" nullable:"false" doc:"Several values, put together in this order; empty ones are left out."`
		With     *string           `json:"with,omitempty" doc:"What stands between the joined values; a blank when left out."`
		Split    *Split            `json:"split,omitempty" doc:"A part of what stands in the column."`
		Lookup   Lookups           `json:"lookup,omitempty"`
		Map      map[string]string `json:"map,omitempty" doc:"From what stands in the file to what is meant."`
		Default  scalar            `json:"default,omitempty" doc:"For empty cells."`
		Factor   scalar            `json:"factor,omitempty" doc:"A number to multiply by."`
		Format   string            `json:"format,omitempty" doc:"A date form such as dd.mm.yyyy, or the decimal mark."`
	}
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, r.Schema(reflect.TypeFor[object](), true, "MappingValue")}}
}

// Schema describes a text that may be written as a number or as true and false.
func (scalar) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}}}
}

// Schema describes one lookup, or a list of them passed one after the other.
func (Lookups) Schema(r huma.Registry) *huma.Schema {
	one := r.Schema(reflect.TypeFor[Lookup](), true, "")
	return &huma.Schema{OneOf: []*huma.Schema{one, {Type: huma.TypeArray, Items: one, MinItems: new(1)}}}
}
