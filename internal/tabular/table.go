package tabular

// PlainDialect is how the program itself writes a table: nothing needs to be recognised.
func PlainDialect() Dialect {
	return Dialect{Encoding: "utf-8", Delimiter: ",", Quote: `"`, HeaderRows: new(1), Decimal: ".", DateFormat: "yyyy-mm-dd"}
}

// Describe tells what the columns of a table hold whose names and first rows are known, in the plain dialect.
func Describe(names []string, rows [][]string) Layout {
	return describe(PlainDialect(), append([][]string{names}, rows...), ".")
}
