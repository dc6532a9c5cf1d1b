// Package mapping says how the columns of a file become the fields of what is imported: the mapping itself as people write
// it, its proposal from names and contents, and the SQL that carries it out in one pass over the file.
package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/tabular"
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

// Value is where a field takes its values from: a column, or a calculation over columns, or a constant; then, in this
// order, a lookup, a value map, a default for empty cells, and a factor. A plain text stands for a Value with Column alone.
type Value struct {
	Column   string            `json:"column,omitempty" doc:"The name of a column, or a calculation such as Price * Qty - Discount. Names with blanks: col(\"Net price\")."`
	Constant string            `json:"constant,omitempty" doc:"The same value for every row; dates as 2026-10-31, numbers with a decimal point."`
	Lookup   Lookups           `json:"lookup,omitempty"`
	Map      map[string]string `json:"map,omitempty" doc:"From what stands in the file to what is meant; what is not in it stays as it is."`
	Default  string            `json:"default,omitempty" doc:"For empty cells; written like a constant."`
	Factor   string            `json:"factor,omitempty" doc:"A number to multiply by."`
	Format   string            `json:"format,omitempty" doc:"How this column is written, where it differs from the file: a date form such as dd.mm.yyyy, or the decimal mark."`
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
		Lookup   Lookups           `json:"lookup"`
		Map      map[string]scalar `json:"map"`
		Default  scalar            `json:"default"`
		Factor   scalar            `json:"factor"`
		Format   scalar            `json:"format"`
	}
	if err := strictly(text, &as); err != nil {
		return err
	}
	*v = Value{Column: string(as.Column), Constant: string(as.Constant), Lookup: as.Lookup, Default: string(as.Default),
		Factor: string(as.Factor), Format: string(as.Format)}
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
	return v.Constant == "" && len(v.Lookup) == 0 && len(v.Map) == 0 && v.Default == "" && v.Factor == "" && v.Format == ""
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

// Plan is how the values of one field are made from the cells of one file.
type Plan struct {
	Field    Field
	Bit      int64 // of the staged column "bad"
	Value    Value
	columns  []int // that it reads; none for a constant
	calc     *term // of a calculation; nil for a column as it stands
	decimal  string
	dateForm string
}

// direct tells that the cell itself is the value, nothing looked up, mapped or calculated.
func (p Plan) direct() bool {
	v := p.Value
	return p.calc == nil && v.Constant == "" && len(v.Lookup) == 0 && len(v.Map) == 0 && v.Default == "" && v.Factor == ""
}

// Compile checks the mapping against the kind and one file. The fault lists everything that is wrong, each at its place.
func (m Mapping) Compile(kind Target, l tabular.Layout) ([]Plan, error) {
	c := fault.Check("import.mapping")
	m.checkFields(c, kind)
	var plans []Plan
	for i, f := range kind.Fields {
		v, mapped := m.Columns[f.Name]
		if !mapped || v.plain() && v.Column == "" {
			c.That(!f.Required, "mapping.columns."+f.Name, "%s need the field %q: name the column it stands in, or a constant.", kind.Label, f.Name)
			continue
		}
		p := Plan{Field: f, Bit: 1 << i, Value: v, decimal: l.Decimal, dateForm: l.DateFormat}
		err := p.resolve(l)
		c.That(err == nil, "mapping.columns."+f.Name, "%v.", err)
		plans = append(plans, p)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return plans, nil
}

// CheckFields checks that the kind has all fields of the mapping. The fault names each that it has not.
func (m Mapping) CheckFields(kind Target) error {
	c := fault.Check("import.mapping")
	m.checkFields(c, kind)
	return c.Err()
}

func (m Mapping) checkFields(c *fault.Checks, kind Target) {
	for name := range m.Columns {
		_, ok := kind.Field(name)
		c.That(ok, "mapping.columns."+name, "%s have no field %q; the fields are %s.", kind.Label, name, fieldNames(kind))
	}
	for name, what := range m.Unknown {
		f, _ := kind.Field(name)
		c.That(f.Refers != "", "mapping.unknown."+name, "The field %q of %s names no customer and no product that could be created.", name, strings.ToLower(kind.Label))
		c.That(what == RejectUnknown || what == CreateUnknown, "mapping.unknown."+name, "Unknown ones are either %q or %q.", RejectUnknown, CreateUnknown)
	}
}

func fieldNames(kind Target) string {
	names := make([]string, len(kind.Fields))
	for i, f := range kind.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func (p *Plan) resolve(l tabular.Layout) error {
	v := p.Value
	switch {
	case v.Column == "" && v.Constant == "":
		return errors.New("it needs a column or a constant")
	case v.Column != "" && v.Constant != "":
		return errors.New("it has both a column and a constant; keep one of them")
	case v.Constant != "" && (v.Factor != "" || v.Default != "" || v.Format != ""):
		return errors.New("a constant takes no factor, default or format")
	}
	if v.Constant != "" && len(v.Lookup) == 0 && len(v.Map) == 0 {
		if err := p.literal("constant", v.Constant); err != nil {
			return err
		}
	}
	if v.Default != "" {
		if err := p.literal("default", v.Default); err != nil {
			return err
		}
	}
	if err := p.numeric(); err != nil {
		return err
	}
	if err := p.format(v.Format); err != nil {
		return err
	}
	for _, k := range v.Lookup {
		if k.File == "" || k.Key == "" || k.Value == "" {
			return errors.New("a lookup needs file, key and value")
		}
	}
	if v.Column == "" {
		return nil
	}
	return p.source(l)
}

// source finds the column, or reads the calculation.
func (p *Plan) source(l tabular.Layout) error {
	find := func(name string) (int, bool) { return tabular.FindColumn(l.Columns, name) }
	if i, ok := find(p.Value.Column); ok {
		p.columns = []int{i}
		return nil
	}
	calc, err := parseExpression(p.Value.Column, find)
	if err != nil {
		return fmt.Errorf("%w; the file has %s", err, tabular.Names(l.Columns))
	}
	if !p.Field.isNumber() {
		return fmt.Errorf("a calculation gives a number, and %q takes a %s", p.Field.Name, p.Field.Type)
	}
	if len(p.Value.Lookup) > 0 || len(p.Value.Map) > 0 {
		return errors.New("a calculation cannot be looked up or mapped; name a column")
	}
	if p.columns = calc.columns(); len(p.columns) == 0 {
		return errors.New("the calculation reads no column; write a constant")
	}
	if calc.op != 'c' {
		p.calc = calc
	}
	return nil
}

func (f Field) isNumber() bool { return slices.Contains([]Type{Amount, Number, Integer}, f.Type) }

func (f Field) isDate() bool { return f.Type == Date || f.Type == Month }

func (p *Plan) numeric() error {
	factor := p.Value.Factor
	if factor == "" {
		return nil
	}
	if !p.Field.isNumber() {
		return fmt.Errorf("a factor needs a number, and %q takes a %s", p.Field.Name, p.Field.Type)
	}
	if !numberToken.MatchString(strings.TrimPrefix(factor, "-")) {
		return fmt.Errorf("the factor %q is not a plain number such as 0.3", factor)
	}
	return nil
}

func (p *Plan) format(format string) error {
	_, isForm := tabular.Strptime(format)
	switch {
	case format == "":
	case p.Field.isDate() && isForm:
		p.dateForm = strings.ToLower(format)
	case p.Field.isDate():
		return fmt.Errorf("the date form %q is not known; write one of %s", format, tabular.DateForms())
	case p.Field.isNumber() && (format == "." || format == ","):
		p.decimal = format
	default:
		return fmt.Errorf(`the format %q does not fit; numbers take "." or ",", dates a form such as dd.mm.yyyy`, format)
	}
	return nil
}

// literal checks a value that stands in the mapping itself, before ten million rows fail on it.
func (p *Plan) literal(what, text string) error {
	ok, cure := true, ""
	switch p.Field.Type {
	case Amount, Number:
		ok, cure = numberToken.MatchString(strings.TrimPrefix(text, "-")), "a number such as 12.5"
	case Integer:
		_, err := strconv.ParseInt(text, 10, 64)
		ok, cure = err == nil, "a whole number"
	case Date, Month:
		_, ok = tabular.ReadDate(text, "yyyy-mm-dd")
		cure = "a date such as 2026-10-31"
	case Choice:
		ok = len(p.Field.Choices) == 0 || slices.Contains(p.Field.Choices, strings.ToLower(text))
		cure = "one of " + strings.Join(p.Field.Choices, ", ")
	}
	if !ok {
		return fmt.Errorf("the %s %q does not fit; write %s", what, text, cure)
	}
	return nil
}
