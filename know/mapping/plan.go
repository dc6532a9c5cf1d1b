package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/tabular"
)

// This file writes the SQL of the staging. All names in it are generated (c0, c1, … for cells, r_, t_ and v_ with the name
// of a field, which is snake_case by the kind's check); values of the mapping travel as parameters or in tables.
//
// One SELECT over read_csv does everything in one parallel pass:
//
//	cells → r_ (the text of each field: trimmed, looked up, mapped) → t_ (typed) → v_ (within bounds) and bad (a bit for
//	each field whose cell does not fit)

// RowBase is the rowid of the first row of a table that the open transaction made: DuckDB counts uncommitted rows from there.
const RowBase = "36028797018960000"

// Bounds of cells. Amounts up to 99,999,999,999,999.9999 are read; a larger one is a mistake.
const (
	maxCodeBytes = 200
	maxTextBytes = 10_000
)

// Statement is SQL with its named parameters.
type Statement struct {
	Text string
	Args map[string]any
}

// Stager writes the statements that stage one file.
type Stager struct {
	Source *tabular.Source
	Plans  []Plan
	// General reads every column as text and tries all forms. The fast way lets the CSV reader make plain numbers itself
	// and fails on the first that is none.
	General bool
	args    map[string]any
}

// sqlType is the column type of a field in the staged table.
func (t Type) sqlType() string {
	switch t {
	case Amount, Integer:
		return "BIGINT"
	case Number:
		return "DOUBLE"
	case Date, Month:
		return "DATE"
	}
	return "VARCHAR"
}

// CreateStaged makes the table that the statements fill, with every field of the kind.
func CreateStaged(kind Target) string {
	var b strings.Builder
	b.WriteString("CREATE TEMP TABLE staged_row(ordinal BIGINT")
	for _, f := range kind.Fields {
		b.WriteString(", " + f.Name + " " + f.Type.sqlType())
	}
	b.WriteString(", bad BIGINT)")
	return b.String()
}

// CreateView makes the view of the good rows. Rows that went through a lookup carry their ordinal, others stand in order.
func CreateView(kind Target, joined bool) string {
	ordinal := "rowid - " + RowBase
	if joined {
		ordinal = "ordinal"
	}
	names := make([]string, len(kind.Fields))
	for i, f := range kind.Fields {
		names[i] = f.Name
	}
	return "CREATE TEMP VIEW staged AS SELECT " + ordinal + " AS row_no, rowid AS staged_rowid, " + strings.Join(names, ", ") +
		" FROM staged_row WHERE bad = 0"
}

// Joined tells whether any field is looked up or mapped by a table.
func (m Mapping) Joined() bool {
	for _, v := range m.Columns {
		if len(v.Lookup) > 0 || len(v.Map) > 0 {
			return true
		}
	}
	return false
}

// used lists the columns that the fields read.
func (s *Stager) used() []int {
	var all []int
	for _, p := range s.Plans {
		all = append(all, p.columns...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// readerType is the type the CSV reader gives a column: text, except where the fast way applies.
func (s *Stager) readerType(column int) string {
	kind, uses := "VARCHAR", 0
	for _, p := range s.Plans {
		if !slices.Contains(p.columns, column) {
			continue
		}
		uses++
		if p.direct() && p.decimal == "." && p.Field.Type == Amount {
			kind = "DECIMAL(18, 4)"
		} else if p.direct() && p.decimal == "." && p.Field.Type == Number {
			kind = "DOUBLE"
		}
	}
	if s.General || uses != 1 {
		return "VARCHAR"
	}
	return kind
}

// ReadCSV is the table function over the file. The line end is left to the engine: told it in strict mode, DuckDB 1.5 reads
// a file with the other one as empty, without a word.
func (s *Stager) ReadCSV() string {
	var columns []string
	n := len(s.Source.Layout.Columns)
	if s.Source.Copied {
		n++
	}
	for i := range n {
		columns = append(columns, fmt.Sprintf("'c%d': '%s'", i, s.readerType(i)))
	}
	return fmt.Sprintf("read_csv(%s, auto_detect = false, header = false, skip = %d, delim = %s, quote = %s, escape = %s, "+
		"nullstr = '', null_padding = false, strict_mode = true, columns = {%s})",
		quoted(s.Source.Path), s.Source.Skip, quoted(s.Source.Read.Delimiter), quoted(s.Source.Read.Quote), quoted(s.Source.Read.Quote), strings.Join(columns, ", "))
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Cells brings the cells that are used into staged_cell, for the files that need lookups.
func (s *Stager) Cells() Statement {
	var names []string
	for _, c := range s.used() {
		names = append(names, cellName(c))
	}
	if len(names) == 0 {
		names = []string{"c0"}
	}
	return Statement{Text: "CREATE TEMP TABLE staged_cell AS SELECT " + strings.Join(names, ", ") + " FROM " + s.ReadCSV()}
}

func cellName(column int) string { return "c" + strconv.Itoa(column) }

// Insert writes the statement that fills staged_row. first is the ordinal of the file's first row, for staged_cell.
func (s *Stager) Insert(first int64, fromCells bool) Statement {
	s.args = map[string]any{}
	from, ordinal := s.ReadCSV()+" cells", "cast(NULL AS BIGINT)"
	if fromCells {
		from, ordinal = "staged_cell cells", fmt.Sprintf("cells.rowid - %s + %d", RowBase, first)
	}
	texts, typed, checked := []string{ordinal + " AS ordinal"}, []string{"*"}, []string{"*"}
	names, values, bad := []string{"ordinal"}, []string{"ordinal"}, []string{"cast(0 AS BIGINT)"}
	for i, p := range s.Plans {
		name := p.Field.Name
		text, joins := s.text(i, p)
		from += joins
		texts = append(texts, text...)
		typed = append(typed, s.typed(p)+" AS t_"+name)
		checked = append(checked, s.checked(p)+" AS v_"+name)
		names, values = append(names, name), append(values, "v_"+name)
		bad = append(bad, fmt.Sprintf("CASE WHEN v_%s IS NULL%s THEN %d ELSE 0 END", name, s.filled(p), p.Bit))
	}
	return Statement{Args: s.args, Text: "INSERT INTO staged_row(" + strings.Join(names, ", ") + ", bad) SELECT " +
		strings.Join(values, ", ") + ", " + strings.Join(bad, " + ") +
		"\nFROM (SELECT " + strings.Join(checked, ", ") +
		"\nFROM (SELECT " + strings.Join(typed, ", ") +
		"\nFROM (SELECT " + strings.Join(texts, ", ") + "\nFROM " + from + ") texts) typed) checked"}
}

// filled narrows the badness of an optional field to rows that have something in the cell.
func (s *Stager) filled(p Plan) string {
	if p.Field.Required {
		return ""
	}
	return " AND f_" + p.Field.Name + " IS NOT NULL"
}

// text gives r_, the text of a field that is to be typed, and f_, which is not NULL where the file says anything.
func (s *Stager) text(i int, p Plan) (columns []string, joins string) {
	name := p.Field.Name
	if p.calc != nil {
		return s.calculated(p), ""
	}
	cell := "cast(:" + s.param(name, p.Value.Constant) + " AS VARCHAR)"
	if len(p.columns) == 1 {
		cell = s.Cell(p.columns[0])
	}
	value, filled := cell, cell
	for k := range p.Value.Lookup {
		alias := fmt.Sprintf("k%d_%d", i, k)
		joins += fmt.Sprintf(" LEFT JOIN %s %s ON %s.k = %s", LookupTable(name, k), alias, alias, value)
		value = alias + ".v"
		// What was found and is empty is an empty cell; what was not found is a fault.
		filled = "CASE WHEN coalesce(" + alias + ".e, false) THEN NULL ELSE " + filled + " END"
	}
	if len(p.Value.Map) > 0 {
		alias := fmt.Sprintf("m%d", i)
		joins += fmt.Sprintf(" LEFT JOIN %s %s ON %s.k = %s", MapTable(name), alias, alias, value)
		value = "coalesce(" + alias + ".v, " + value + ")"
	}
	if p.Value.Default != "" {
		value = "CASE WHEN " + filled + " IS NULL THEN :" + s.param(name+"_default", p.Value.Default) + " ELSE " + value + " END"
	}
	return []string{value + " AS r_" + name, filled + " AS f_" + name}, joins
}

// LookupTable names the table of a field's k-th lookup: k the key, v the value, both text.
func LookupTable(field string, k int) string { return fmt.Sprintf("lookup_%d_%s", k, field) }

// MapTable names the table of a field's value map, of the same shape.
func MapTable(field string) string { return "map_" + field }

func (s *Stager) param(name, value string) string {
	s.args["p_"+name] = value
	return "p_" + name
}

// Cell is the text of a cell without the blanks around it, NULL when nothing is left. Most files have no blanks to trim,
// which was seen when they came in.
func (s *Stager) Cell(column int) string {
	c := "cells." + cellName(column)
	if s.Source.Traits.Blanks && s.readerType(column) == "VARCHAR" {
		return "nullif(trim(" + c + ", ' \t\u00a0'), '')"
	}
	return c
}

// calculated gives the parts of a calculation as numbers: n_, one for each column.
func (s *Stager) calculated(p Plan) (columns []string) {
	var cells []string
	for _, c := range p.columns {
		columns = append(columns, fmt.Sprintf("%s AS n_%s_%d", decimalOfText(s.Cell(c), p.decimal, "28, 8"), p.Field.Name, c),
			fmt.Sprintf("%s AS e_%s_%d", s.Cell(c), p.Field.Name, c))
		cells = append(cells, s.Cell(c))
	}
	return append(columns, "coalesce("+strings.Join(cells, ", ")+") AS f_"+p.Field.Name)
}

// typed gives the value of r_ in its type, NULL where it does not fit.
func (s *Stager) typed(p Plan) string {
	r := "r_" + p.Field.Name
	switch p.Field.Type {
	case Amount, Number, Integer:
		return s.number(p, r)
	case Date:
		return dateOfText(r, p.dateForm)
	case Month:
		return "coalesce(cast(date_trunc('month', " + dateOfText(r, p.dateForm) + ") AS DATE), " +
			"CASE WHEN " + r + " < ':' THEN cast(try_strptime(" + r + ", ['%Y-%m', '%Y/%m', '%Y%m', '%m/%Y', '%m.%Y', '%m-%Y']) AS DATE) END)"
	case Choice:
		return "lower(" + r + ")"
	}
	return r
}

func (s *Stager) number(p Plan, r string) string {
	fast := len(p.columns) == 1 && s.readerType(p.columns[0]) != "VARCHAR"
	decimal, exact := p.decimal, "18, 4"
	if p.Value.Constant != "" && len(p.Value.Lookup)+len(p.Value.Map) == 0 {
		decimal = "."
	}
	if p.calc != nil || p.Value.Factor != "" {
		exact = "28, 8"
	}
	var n string
	switch {
	case p.calc != nil:
		n = s.calculation(p)
	case fast:
		n = r
	case p.Field.Type == Number && p.Value.Factor == "" && decimal == ".":
		n = "coalesce(try_cast(" + r + " AS DOUBLE), cast(" + decimalOfText(r, decimal, "28, 8") + " AS DOUBLE))"
	default:
		n = decimalOfText(r, decimal, exact)
		if p.Field.Type == Number {
			n = decimalOfText(r, decimal, "28, 8")
		}
	}
	if p.Value.Factor != "" {
		n = step(n + " * cast(" + p.Value.Factor + " AS DECIMAL(28, 8))")
	}
	switch {
	case p.Field.Type == Number:
		return "cast(" + n + " AS DOUBLE)"
	case p.calc != nil || p.Value.Factor != "":
		return "try_cast(" + n + " AS DECIMAL(18, 4))"
	}
	return n
}

// calculation is the calculation where all its filled cells are numbers.
func (s *Stager) calculation(p Plan) string {
	var wrong []string
	for _, c := range p.columns {
		wrong = append(wrong, fmt.Sprintf("e_%[1]s_%[2]d IS NOT NULL AND n_%[1]s_%[2]d IS NULL", p.Field.Name, c))
	}
	sum := p.calc.sql(func(column int) string { return fmt.Sprintf("n_%s_%d", p.Field.Name, column) })
	return "CASE WHEN NOT (" + strings.Join(wrong, " OR ") + ") THEN " + sum + " END"
}

// checked gives the value of t_ where it is within bounds, as it is staged.
func (s *Stager) checked(p Plan) string {
	t := "t_" + p.Field.Name
	switch p.Field.Type {
	case Amount:
		// Up to 400 billion a double holds every fine unit exactly, and is much faster than 128-bit arithmetic.
		return "CASE WHEN abs(" + t + ") < 400000000000 THEN cast(cast(" + t + " AS DOUBLE) * 10000 AS BIGINT) " +
			"ELSE try_cast(cast(" + t + " AS DECIMAL(30, 4)) * 10000 AS BIGINT) END"
	case Integer:
		return "CASE WHEN " + t + " = trunc(" + t + ") THEN cast(" + t + " AS BIGINT) END"
	case Number:
		return "CASE WHEN isfinite(" + t + ") THEN " + t + " END"
	case Date, Month:
		return fmt.Sprintf("CASE WHEN %s BETWEEN DATE '%d-01-01' AND DATE '%d-12-31' THEN %s END", t, tabular.MinYear, tabular.MaxYear, t)
	case Choice:
		if len(p.Field.Choices) > 0 {
			return "CASE WHEN " + t + " IN ('" + strings.Join(p.Field.Choices, "', '") + "') THEN " + t + " END"
		}
	}
	return s.bounded(p, t)
}

// bounded refuses texts that are too long, where the file has any that can be.
func (s *Stager) bounded(p Plan, t string) string {
	limit := int64(maxTextBytes)
	if p.Field.Type != Text {
		limit = maxCodeBytes
	}
	if p.direct() && s.Source.Traits.LongLine <= limit && !s.Source.Traits.Quotes {
		return t
	}
	return fmt.Sprintf("CASE WHEN strlen(%s) <= %d THEN %s END", t, limit, t)
}

// dateOfText reads ISO dates by a cast to a timestamp, which is fast and, unlike the cast to a date, strict; anything else
// by the form of the column. All begin with a digit; the comparison keeps out words such as "epoch" that the engine knows.
func dateOfText(r, form string) string {
	strptime, ok := tabular.Strptime(form)
	if !ok {
		strptime = "%Y-%m-%d"
	}
	iso := "CASE WHEN strlen(" + r + ") = 10 THEN cast(try_cast(" + r + " AS TIMESTAMP) AS DATE) END"
	slow := "cast(try_strptime(regexp_replace(" + r + ", " + quoted(tabular.TimeOfDay.String()) + ", ''), ['" + strptime + "', '%Y-%m-%d', '%Y%m%d']) AS DATE)"
	first := ""
	if strptime != "%Y-%m-%d" {
		first = "cast(try_strptime(" + r + ", '" + strptime + "') AS DATE), "
	}
	return "CASE WHEN " + r + " < ':' THEN coalesce(" + first + iso + ", " + slow + ") END"
}

// decimalOfText reads a number as a decimal of the given precision and scale: plainly first, and where that fails with
// currency, groups of three, sign behind or brackets taken away.
func decimalOfText(r, mark, precision string) string {
	group, point := `[.'’ \x{00A0}\x{202F}]`, ","
	plain := "CASE WHEN NOT contains(" + r + ", '.') THEN try_cast(replace(" + r + ", ',', '.') AS DECIMAL(" + precision + ")) END"
	if mark == "." {
		group, point = `[,'’ \x{00A0}\x{202F}]`, "."
		plain = "try_cast(" + r + " AS DECIMAL(" + precision + "))"
	}
	p := strings.ReplaceAll(point, ".", `\.`)
	core := `(\d{1,3}(?:` + group + `\d{3})+(?:` + p + `\d+)?|\d+(?:` + p + `\d*)?|` + p + `\d+)`
	form := quoted(`^\s*\(?` + tabular.CurrencyBefore + `[-+−]?\s*` + tabular.CurrencyBefore + core + `-?` + tabular.CurrencyBehind + `\s*\)?\s*$`)
	digits := "replace(regexp_replace(regexp_extract(" + r + ", " + form + ", 1), " + quoted(group) + ", '', 'g'), '" + point + "', '.')"
	sign := "CASE WHEN regexp_matches(" + r + ", '[-−(]') THEN '-' ELSE '' END"
	return "coalesce(" + plain + ", CASE WHEN regexp_matches(" + r + ", " + form + ") THEN try_cast(concat(" + sign + ", " + digits +
		") AS DECIMAL(" + precision + ")) END)"
}
