// Package mapping says how the columns of a file become the fields of what is imported: the mapping itself as people write
// it, its proposal from names and contents, and the SQL that carries it out in one pass over the file.
package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Mapping says which field of a kind takes its values from where. As JSON and as YAML it has the same shape:
//
//	kind: purchases
//	source: erp
//	columns:
//	  date: OrderDate
//	  revenue: Price * Qty - Discount
//	  currency: {constant: DKK}
//	  customer: {column: ResellerKey, lookup: {file: DimReseller.csv, key: ResellerKey, value: ResellerAlternateKey}}
//	  channel: {column: Channel, map: {W: web, T: phone}, default: web}
//	  seller: {column: Seller, split: {by: " - ", part: 1}}
//	  note: {join: [FirstName, LastName], with: " "}
type Mapping struct {
	Kind    string           `json:"kind"`
	Source  string           `json:"source,omitempty" doc:"The system the rows come from; \"\" is the main one."`
	Columns map[string]Value `json:"columns" doc:"By field of the kind."`
	// Unknown says by field what becomes of a row that names a customer or product which nobody knows.
	Unknown map[string]string `json:"unknown,omitempty" doc:"By field that names a customer or product: create makes one of its code alone where there is none, reject (the default) refuses the row."`
}

// What a mapping may say of unknown customers and products.
const (
	RejectUnknown = "reject"
	CreateUnknown = "create"
)

// Value is where a field takes its values from: a column, or a calculation over columns, a constant, the number of the
// row, or several of these joined; then, in this order, a part of it, lookups, a value map, a default for empty cells, and
// a factor. A plain text stands for a Value with Column alone.
type Value struct {
	Column   string            `json:"column,omitempty" doc:"The name of a column, or a calculation such as Price * Qty - Discount. Names with blanks: col(\"Net price\")."`
	Constant string            `json:"constant,omitempty" doc:"The same value for every row; dates as 2026-10-31, numbers with a decimal point."`
	Row      bool              `json:"row,omitempty" doc:"The number of the row among all rows of the import, from 1: a key for files that have none."`
	Join     []Value           `json:"join,omitempty" nullable:"false" doc:"Several values, put together in this order; empty ones are left out."`
	With     *string           `json:"with,omitempty" doc:"What stands between the joined values; a blank when left out."`
	Split    *Split            `json:"split,omitempty"`
	Lookup   Lookups           `json:"lookup,omitempty"`
	Map      map[string]string `json:"map,omitempty" doc:"From what stands in the file to what is meant; what is not in it stays as it is."`
	Default  string            `json:"default,omitempty" doc:"For empty cells; written like a constant."`
	Factor   string            `json:"factor,omitempty" doc:"A number to multiply by."`
	Format   string            `json:"format,omitempty" doc:"How this column is written, where it differs from the file: a date form such as dd.mm.yyyy, or the decimal mark."`
}

// Split takes a part of a cell.
type Split struct {
	By   string `json:"by" doc:"What parts the cell, such as a comma or \" - \"."`
	Part int    `json:"part" doc:"Which part, from 1; -1 is the last."`
}

// Lookup takes the value of another column from the row of another uploaded file in which Key stands.
type Lookup struct {
	File  string `json:"file" doc:"The name of a file given with the import, or its id."`
	Key   string `json:"key" doc:"The column of that file in which the value is found."`
	Value string `json:"value" doc:"The column of that file which is taken instead."`
}

// Lookups are passed one after the other. As JSON, one stands without the brackets.
type Lookups []Lookup

// scalar is a text that may be written as a number or as true and false.
type scalar string

// UnmarshalJSON reads a text, a number as it is written, or a truth value.
func (s *scalar) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, (*string)(s))
	}
	if text[0] == '{' || text[0] == '[' {
		return errors.New("a text or a number is needed here")
	}
	if string(text) != "null" {
		*s = scalar(text)
	}
	return nil
}

// UnmarshalJSON reads a plain text as a column, or an object; unknown keys are refused, because a misspelt one would
// silently do nothing.
func (v *Value) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		return (*scalar)(&v.Column).UnmarshalJSON(text)
	}
	var as struct {
		Column   scalar            `json:"column"`
		Constant scalar            `json:"constant"`
		Row      bool              `json:"row"`
		Join     []Value           `json:"join"`
		With     *scalar           `json:"with"`
		Split    *Split            `json:"split"`
		Lookup   Lookups           `json:"lookup"`
		Map      map[string]scalar `json:"map"`
		Default  scalar            `json:"default"`
		Factor   scalar            `json:"factor"`
		Format   scalar            `json:"format"`
	}
	if err := strictly(text, &as); err != nil {
		return err
	}
	*v = Value{Column: string(as.Column), Constant: string(as.Constant), Row: as.Row, Join: as.Join, With: (*string)(as.With), Split: as.Split,
		Lookup: as.Lookup, Default: string(as.Default), Factor: string(as.Factor), Format: string(as.Format)}
	if len(as.Map) > 0 {
		v.Map = make(map[string]string, len(as.Map))
		for from, to := range as.Map {
			v.Map[from] = string(to)
		}
	}
	return nil
}

// MarshalJSON writes a column alone as a plain text.
func (v Value) MarshalJSON() ([]byte, error) {
	type object Value
	if v.plain() {
		return json.Marshal(v.Column)
	}
	return json.Marshal(object(v))
}

func (v Value) plain() bool {
	return v.Constant == "" && !v.Row && len(v.Join) == 0 && v.With == nil && v.Split == nil && len(v.Lookup) == 0 && len(v.Map) == 0 &&
		v.Default == "" && v.Factor == "" && v.Format == ""
}

// UnmarshalJSON reads one lookup or a list of them.
func (l *Lookups) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return strictly(text, (*[]Lookup)(l))
	}
	*l = make(Lookups, 1)
	return strictly(text, &(*l)[0])
}

// MarshalJSON writes one lookup without brackets.
func (l Lookups) MarshalJSON() ([]byte, error) {
	if len(l) == 1 {
		return json.Marshal(l[0])
	}
	return json.Marshal([]Lookup(l))
}

func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Parse reads a mapping from YAML or JSON (which is YAML too). Errors: a fault Invalid that names the place.
func Parse(text []byte) (Mapping, error) {
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return Mapping{}, Fault("", "The mapping cannot be read: %s.", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	asJSON, err := json.Marshal(textKeys(tree))
	if err != nil {
		return Mapping{}, Fault("", "The mapping cannot be read: %v.", err)
	}
	var m Mapping
	if err := strictly(asJSON, &m); err != nil {
		return Mapping{}, Fault("", "The mapping cannot be read: %v. It has kind, source, columns and unknown.", err)
	}
	return m, nil
}

// textKeys makes the keys of YAML, which may be numbers, the texts that JSON has.
func textKeys(tree any) any {
	switch tree := tree.(type) {
	case map[any]any:
		out := make(map[string]any, len(tree))
		for k, v := range tree {
			out[fmt.Sprint(k)] = textKeys(v)
		}
		return out
	case map[string]any:
		for k, v := range tree {
			tree[k] = textKeys(v)
		}
	case []any:
		for i, v := range tree {
			tree[i] = textKeys(v)
		}
	}
	return tree
}

// Fault is the fault of a mapping at a place such as "columns.date".
func Fault(path, detail string, args ...any) *fault.Fault {
	text := fmt.Sprintf(detail, args...)
	f := fault.New(fault.Invalid, "import.mapping", "%s", text)
	return f.At(strings.TrimSuffix("mapping."+path, "."), "%s", text)
}
