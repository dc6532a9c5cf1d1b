package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/dateform"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// Bounds of a mapping. Real ones are far below; beyond them a mapping is there to keep the server busy.
const (
	maxJoin   = 20
	maxLookup = 5
	maxMapped = 10_000
	maxSplit  = 50 // bytes of a separator
	maxPart   = 100
)

// Plan is how the values of one field are made from the cells of one file.
type Plan struct {
	Field    Field
	Bit      int64 // of the staged column "bad"
	Value    Value
	parts    []part // what is joined; one unless several are
	columns  []int  // that it reads; none for a constant
	calc     *term  // of a calculation; nil for a column as it stands
	decimal  string
	dateForm string
}

// part is where one of several joined texts comes from.
type part struct {
	value  Value
	column int // -1 for a constant or the number of the row
}

// direct tells that the cell itself is the value, nothing looked up, mapped or calculated.
func (p Plan) direct() bool {
	v := p.Value
	v.Column, v.Format = "", ""
	return p.calc == nil && v.plain()
}

// Need is a table that must stand beside the rows: of a lookup, or else of a value map.
type Need struct {
	Table  string
	Place  string // in the mapping
	Lookup *Lookup
	Map    map[string]string
}

// Needs lists the tables that the mapping reads, in a fixed order.
func (m Mapping) Needs() (needs []Need) {
	for _, name := range slices.Sorted(maps.Keys(m.Columns)) {
		v := m.Columns[name]
		needs = v.needs(needs, name, "mapping.columns."+name)
		for k, part := range v.Join {
			needs = part.needs(needs, placeOf(name, k), "mapping.columns."+name)
		}
	}
	return needs
}

func (v Value) needs(needs []Need, place, shown string) []Need {
	for k := range v.Lookup {
		needs = append(needs, Need{Table: lookupTable(place, k), Place: shown, Lookup: &v.Lookup[k]})
	}
	if len(v.Map) > 0 {
		needs = append(needs, Need{Table: mapTable(place), Place: shown, Map: v.Map})
	}
	return needs
}

// placeOf tells the parts of a field apart in the names of tables.
func placeOf(field string, part int) string { return fmt.Sprintf("%s_part%d", field, part) }

// lookupTable names the table of a k-th lookup: k the key, v the value, both text.
func lookupTable(place string, k int) string { return fmt.Sprintf("lookup_%d_%s", k, place) }

// mapTable names the table of a value map, of the same shape.
func mapTable(place string) string { return "map_" + place }

// Joined tells whether any field needs a table, or the number of its row.
func (m Mapping) Joined() bool {
	for _, v := range m.Columns {
		if v.Row || slices.ContainsFunc(v.Join, func(part Value) bool { return part.Row }) {
			return true
		}
	}
	return len(m.Needs()) > 0
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
	if err := v.check(); err != nil {
		return err
	}
	if v.Constant != "" && v.Split == nil && len(v.Lookup) == 0 && len(v.Map) == 0 {
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
	if len(v.Join) > 0 {
		return p.joined(l)
	}
	if v.Column == "" {
		p.parts = []part{{value: v, column: -1}}
		return nil
	}
	return p.source(l)
}

// check refuses a value that says nothing, or two things at once.
func (v Value) check() error {
	leads := 0
	for _, has := range []bool{v.Column != "", v.Constant != "", v.Row, len(v.Join) > 0} {
		if has {
			leads++
		}
	}
	switch {
	case leads == 0:
		return errors.New("it needs a column or a constant")
	case v.Column != "" && v.Constant != "":
		return errors.New("it has both a column and a constant; keep one of them")
	case leads > 1:
		return errors.New("it has more than one of column, constant, row and join; keep one of them")
	case v.Constant != "" && (v.Factor != "" || v.Default != "" || v.Format != ""):
		return errors.New("a constant takes no factor, default or format")
	case v.With != nil && len(v.Join) == 0:
		return errors.New("with says what stands between joined values, and nothing is joined")
	case v.Split != nil && (v.Split.By == "" || len(v.Split.By) > maxSplit || v.Split.Part == 0 || v.Split.Part > maxPart || v.Split.Part < -maxPart):
		return fmt.Errorf("split needs by, up to %d letters, and part, from 1 to %d or from -1 to -%d", maxSplit, maxPart, maxPart)
	case len(v.Join) > maxJoin:
		return fmt.Errorf("up to %d values can be joined", maxJoin)
	case len(v.Lookup) > maxLookup:
		return fmt.Errorf("up to %d lookups can follow each other", maxLookup)
	case len(v.Map) > maxMapped:
		return fmt.Errorf("a value map can have up to %d values; use a lookup in a file", maxMapped)
	}
	for _, k := range v.Lookup {
		if k.File == "" || k.Key == "" || k.Value == "" {
			return errors.New("a lookup needs file, key and value")
		}
	}
	return nil
}

// joined finds the columns of the values that are put together.
func (p *Plan) joined(l tabular.Layout) error {
	for _, v := range p.Value.Join {
		if err := v.check(); err != nil {
			return fmt.Errorf("a joined value: %w", err)
		}
		if len(v.Join) > 0 || v.Factor != "" || v.Format != "" {
			return errors.New("a joined value takes no join, factor or format of its own")
		}
		at := part{value: v, column: -1}
		if v.Column != "" {
			i, ok := tabular.FindColumn(l.Columns, v.Column)
			if !ok {
				return fmt.Errorf("there is no column %q; the file has %s", v.Column, tabular.Names(l.Columns))
			}
			at.column = i
			p.columns = append(p.columns, i)
		}
		p.parts = append(p.parts, at)
	}
	return nil
}

// source finds the column, or reads the calculation.
func (p *Plan) source(l tabular.Layout) error {
	find := func(name string) (int, bool) { return tabular.FindColumn(l.Columns, name) }
	if i, ok := find(p.Value.Column); ok {
		p.columns, p.parts = []int{i}, []part{{value: p.Value, column: i}}
		return nil
	}
	calc, err := parseExpression(p.Value.Column, find)
	if err != nil {
		return fmt.Errorf("%w; the file has %s", err, tabular.Names(l.Columns))
	}
	if !p.Field.isNumber() {
		return fmt.Errorf("a calculation gives a number, and %q takes a %s", p.Field.Name, p.Field.Type)
	}
	if len(p.Value.Lookup) > 0 || len(p.Value.Map) > 0 || p.Value.Split != nil {
		return errors.New("a calculation cannot be split, looked up or mapped; name a column")
	}
	if p.columns = calc.columns(); len(p.columns) == 0 {
		return errors.New("the calculation reads no column; write a constant")
	}
	if calc.op != 'c' {
		p.calc = calc
	} else {
		p.parts = []part{{value: p.Value, column: p.columns[0]}}
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
	_, isForm := dateform.Find(format)
	switch {
	case format == "":
	case p.Field.isDate() && isForm:
		p.dateForm = strings.ToLower(format)
	case p.Field.isDate():
		return fmt.Errorf("the date form %q is not known; write one of %s", format, dateform.Names())
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
		_, ok = dateform.Read(text, "yyyy-mm-dd")
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
