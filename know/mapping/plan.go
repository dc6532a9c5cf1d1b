package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/dateform"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// This file writes the SQL of the staging. All names in it are generated (c0, c1, … for cells, r_, t_ and v_ with the name
// of a field, which is snake_case by the kind's check); values of the mapping travel as parameters or in tables.
//
// One SELECT over read_csv does everything in one parallel pass:
//
//	cells → r_ (the text of each field: trimmed, looked up, mapped) → t_ (typed) → v_ (within bounds) and bad (a bit for
//	each field whose cell does not fit)

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
	ordinal string // of the row, where it is known
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

// Ordinal is the expression for the ordinal of a row in the staged table, whose first row has this rowid. Rows that went
// through a lookup carry their ordinal, others stand in order.
func Ordinal(joined bool, firstID int64) string {
	if joined {
		return "ordinal"
	}
	return fmt.Sprintf("rowid - %d", firstID)
}

// CreateView makes the view of the good rows.
func CreateView(kind Target, ordinal string) string {
	names := make([]string, len(kind.Fields))
	for i, f := range kind.Fields {
		names[i] = f.Name
	}
	return "CREATE TEMP VIEW staged AS SELECT " + ordinal + " AS row_no, rowid AS staged_rowid, " + strings.Join(names, ", ") +
		" FROM staged_row WHERE bad = 0"
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
	if s.General || uses != 1 || s.Source.Types != nil && !exactly(s.Source.Types[column], kind) {
		return "VARCHAR"
	}
	return kind
}

// exactly tells that a column of Parquet can be cast to the type that is staged without another rounding than its text has.
func exactly(of, to string) bool {
	whole := strings.Contains(" TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT ", " "+of+" ")
	return whole || strings.HasPrefix(of, "DECIMAL") || to == "DOUBLE" && (of == "DOUBLE" || of == "FLOAT")
}

// Table is the file as a table with the columns c0, c1, …
func (s *Stager) Table() string {
	if s.Source.Types == nil {
		return s.readCSV()
	}
	var names, cells []string
	for i := range s.Source.Types {
		names = append(names, cellName(i))
		cells = append(cells, fmt.Sprintf("cast(%s AS %s) AS %[1]s", cellName(i), s.readerType(i)))
	}
	return "(SELECT " + strings.Join(cells, ", ") + " FROM read_parquet(" + quoted(s.Source.Path) + ") AS file(" + strings.Join(names, ", ") + "))"
}

// RowsAt is the text of whole rows of a Parquet file with their ordinals within it, for those in the table `wanted`.
func (s *Stager) RowsAt() string {
	names, cells := []string{}, []string{"nth"}
	for i := range s.Source.Types {
		names = append(names, cellName(i))
		cells = append(cells, "coalesce(cast("+cellName(i)+" AS VARCHAR), '')")
	}
	return "SELECT " + strings.Join(cells, ", ") + " FROM read_parquet(" + quoted(s.Source.Path) + ", file_row_number = true) AS file(" +
		strings.Join(append(names, "nth"), ", ") + ") WHERE nth IN (SELECT n FROM wanted) ORDER BY nth"
}

// readCSV is the table function over text. The line end is left to the engine: told it in strict mode, DuckDB 1.5 reads
// a file with the other one as empty, without a word.
func (s *Stager) readCSV() string {
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
	return Statement{Text: "CREATE TEMP TABLE staged_cell AS SELECT " + strings.Join(names, ", ") + " FROM " + s.Table() + " cells"}
}

func cellName(column int) string { return "c" + strconv.Itoa(column) }

// Insert writes the statement that fills staged_row: from the file, or from staged_cell, whose first row has the rowid
// firstID and is to have the ordinal first.
func (s *Stager) Insert(fromCells bool, first, firstID int64) Statement {
	s.args = map[string]any{}
	from, ordinal := s.Table()+" cells", "cast(NULL AS BIGINT)"
	if fromCells {
		from, ordinal = "staged_cell cells", fmt.Sprintf("cells.rowid + %d", first-firstID)
		s.ordinal = ordinal
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
	var values, fills []string
	for k, part := range p.parts {
		place := name
		if len(p.Value.Join) > 0 {
			place = placeOf(name, k)
		}
		cell := s.lead(place, part)
		value, filled, more := s.refine(fmt.Sprintf("%d_%d", i, k), place, part.value, cell, cell)
		values, fills, joins = append(values, value), append(fills, filled), joins+more
	}
	value, filled := values[0], fills[0]
	if len(p.Value.Join) > 0 {
		more := ""
		value, filled = s.joined(p, values, fills)
		value, filled, more = s.refine(fmt.Sprint(i), name, p.Value, value, filled)
		joins += more
	}
	return []string{value + " AS r_" + name, filled + " AS f_" + name}, joins
}

// lead is the text that a value begins with.
func (s *Stager) lead(place string, p part) string {
	switch {
	case p.value.Row:
		return "cast(" + s.ordinal + " + 1 AS VARCHAR)"
	case p.column < 0:
		return "cast(:" + s.param(place, p.value.Constant) + " AS VARCHAR)"
	}
	return s.Cell(p.column)
}

// joined puts the parts together, those that are not empty. A part that says something but was not found spoils all.
func (s *Stager) joined(p Plan, values, fills []string) (value, filled string) {
	var lost []string
	for k := range values {
		if len(p.parts[k].value.Lookup) > 0 {
			lost = append(lost, "("+fills[k]+" IS NOT NULL AND "+values[k]+" IS NULL)")
		}
	}
	with := " "
	if p.Value.With != nil {
		with = *p.Value.With
	}
	value = "nullif(concat_ws(:" + s.param(p.Field.Name+"_with", with) + ", " + strings.Join(values, ", ") + "), '')"
	if len(lost) > 0 {
		value = "CASE WHEN NOT (" + strings.Join(lost, " OR ") + ") THEN " + value + " END"
	}
	// Constants alone say nothing: a row without a name is not called by what stands between the names.
	var says []string
	for k := range fills {
		if p.parts[k].column >= 0 || p.parts[k].value.Row {
			says = append(says, fills[k])
		}
	}
	if len(says) == 0 {
		return value, value
	}
	filled = "coalesce(" + strings.Join(says, ", ") + ")"
	return "CASE WHEN " + filled + " IS NOT NULL THEN " + value + " END", filled
}

// refine carries out what is said beside where a value comes from: split, lookups, value map and default. filled is not
// NULL where the file says anything.
func (s *Stager) refine(alias, place string, v Value, value, filled string) (string, string, string) {
	joins := ""
	if v.Split != nil {
		value = fmt.Sprintf("nullif(trim(string_split(%s, :%s)[%d]), '')", value, s.param(place+"_split", v.Split.By), v.Split.Part)
		filled = value
	}
	for k := range v.Lookup {
		as := fmt.Sprintf("k%s_%d", alias, k)
		joins += fmt.Sprintf(" LEFT JOIN %s %s ON %s.k = %s", lookupTable(place, k), as, as, value)
		value = as + ".v"
		// What was found and is empty is an empty cell; what was not found is a fault.
		filled = "CASE WHEN coalesce(" + as + ".e, false) THEN NULL ELSE " + filled + " END"
	}
	if len(v.Map) > 0 {
		as := "m" + alias
		joins += fmt.Sprintf(" LEFT JOIN %s %s ON %s.k = %s", mapTable(place), as, as, value)
		value = "coalesce(" + as + ".v, " + value + ")"
	}
	if v.Default != "" {
		value = "CASE WHEN " + filled + " IS NULL THEN :" + s.param(place+"_default", v.Default) + " ELSE " + value + " END"
	}
	return value, filled, joins
}

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
			"CASE WHEN " + r + " < ':' THEN cast(try_strptime(" + r + ", ['%Y-%m', '%Y/%m', '%Y%m', '%m/%Y', '%m.%Y', '%m-%Y']) AS DATE) END, " +
			"CASE WHEN " + r + " >= ':' THEN " + monthByName(r) + " END)"
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
		return fmt.Sprintf("CASE WHEN %s BETWEEN DATE '%d-01-01' AND DATE '%d-12-31' THEN %s END", t, dateform.MinYear, dateform.MaxYear, t)
	case Choice:
		if len(p.Field.Choices) > 0 {
			return "CASE WHEN " + among(t, p.Field.Choices) + " THEN " + t + " END"
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
	if p.direct() && s.Source.Traits.LongLine <= limit && !s.Source.Traits.Quotes && !s.Source.Copied {
		return t
	}
	if s.Source.Layout.Delimiter != "" && s.Source.Traits.Quotes {
		t = unguarded(t)
	}
	broken := ""
	if s.Source.Copied { // a worksheet, or what may have been one
		broken = " AND NOT (starts_with(" + t + ", '#') AND " + among(t, tabular.ErrorCells()) + ")"
	}
	return fmt.Sprintf("CASE WHEN strlen(%s) <= %d%s THEN %s END", t, limit, broken, t)
}

// among asks whether a text is one of a few. The engine makes a join of a longer IN, and behind a join rows do not stand in
// the order of the file any more, by which they are numbered.
func among(t string, texts []string) string {
	return "list_contains(['" + strings.Join(texts, "', '") + "'], " + t + ")"
}

// dateOfText reads ISO dates by a cast to a timestamp, which is fast and, unlike the cast to a date, strict; anything else
// by the form of the column. All but those that begin with the name of a month begin with a digit; the comparison keeps
// out words such as "epoch" that the engine knows.
func dateOfText(r, form string) string {
	f, ok := dateform.Find(form)
	if !ok {
		f = dateform.All()[0]
	}
	plain := "regexp_replace(" + r + ", " + quoted(dateform.TimeOfDay.String()) + ", '')"
	iso := "CASE WHEN strlen(" + r + ") = 10 OR strlen(" + r + ") = 19 AND " + r + "[14] = ':' AND " + r + "[17] = ':' THEN cast(try_cast(" + r + " AS TIMESTAMP) AS DATE) END"
	formats := "'%Y-%m-%d', '%Y%m%d'"
	if f.Strptime != "" && f.Strptime != "%Y-%m-%d" {
		formats = "'" + f.Strptime + "', " + formats
	}
	slow := "cast(try_strptime(" + plain + ", [" + formats + "]) AS DATE)"
	first := ""
	if f.Strptime != "" && f.Strptime != "%Y-%m-%d" {
		first = "cast(try_strptime(" + r + ", '" + f.Strptime + "') AS DATE), "
	}
	sql := "CASE WHEN " + r + " < ':' THEN coalesce(" + first + iso + ", " + slow + ") END"
	if f.Pattern == nil {
		return sql
	}
	return "coalesce(" + dateByPattern(plain, f) + ", " + sql + ")"
}

// dateByPattern puts a date together from the groups of a pattern, which the engine reads like Go does.
func dateByPattern(r string, f dateform.Form) string {
	group := func(n int) string {
		return fmt.Sprintf("regexp_extract(%s, %s, %d)", r, quoted(f.Pattern.String()), n)
	}
	month := "try_cast(" + group(f.Month) + " AS INTEGER)"
	if f.Named {
		month = monthOfName(group(f.Month))
	}
	return fmt.Sprintf("cast(try_strptime((try_cast(%s AS INTEGER) + %d) || '-' || %s || '-' || %s, '%%Y-%%m-%%d') AS DATE)", group(f.Year), f.YearZero, month, group(f.Day))
}

// monthOfName gives the number of the month of a name, NULL where it is none.
func monthOfName(name string) string {
	var names, numbers []string
	for _, name := range dateform.MonthNames() {
		names, numbers = append(names, quoted(name)), append(numbers, strconv.Itoa(dateform.Months()[name]))
	}
	return "([" + strings.Join(numbers, ", ") + "])[list_position([" + strings.Join(names, ", ") + "], lower(" + name + "))]"
}

// monthByName reads the first day of a month such as "Januar 2026" or "Jan. 26".
func monthByName(r string) string {
	group := func(n int) string {
		return fmt.Sprintf("regexp_extract(%s, %s, %d)", r, quoted(dateform.NamedMonth.String()), n)
	}
	year := "CASE WHEN strlen(" + group(2) + ") = 2 THEN '20' ELSE '' END || " + group(2)
	return "cast(try_strptime(" + year + " || '-' || " + monthOfName(group(1)) + ", '%Y-%m') AS DATE)"
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
	form := quoted(`^\s*\(?` + tabular.CurrencyBefore + `[-+−]?\s*` + tabular.CurrencyBefore + core + `(?:-|` + tabular.NoMinor + `)?` + tabular.CurrencyBehind + `\s*\)?\s*$`)
	digits := "replace(regexp_replace(regexp_extract(" + r + ", " + form + ", 1), " + quoted(group) + ", '', 'g'), '" + point + "', '.')"
	sign := "CASE WHEN regexp_matches(regexp_replace(" + r + ", '" + tabular.NoMinor + "', ''), '[-−(]') THEN '-' ELSE '' END"
	return "coalesce(" + plain + ", CASE WHEN regexp_matches(" + r + ", " + form + ") THEN try_cast(concat(" + sign + ", " + digits +
		") AS DECIMAL(" + precision + ")) END)"
}
