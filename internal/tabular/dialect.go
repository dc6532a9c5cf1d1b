package tabular

import (
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/charset"
	"github.com/kvadrant/kvadrant/internal/dateform"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// Dialect is how a file is to be read. In a request every part may be left out and is then recognised from the file.
type Dialect struct {
	Encoding   string   `json:"encoding,omitempty" doc:"utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, windows-1250, iso-8859-2, ibm850, big5, gbk"`
	Delimiter  string   `json:"delimiter,omitempty" doc:"What parts the columns: , ; tab | ^ ~ or another sign; \"spaces\" for one or more blanks"`
	Quote      string   `json:"quote,omitempty" doc:"\" or ', or none"`
	Escape     string   `json:"escape,omitempty" doc:"How a quotation mark is written inside quotes: doubled, or behind a \\"`
	HeaderRows *int     `json:"header_rows,omitempty" doc:"How many rows stand above the data; the last of them names the columns. 0: the columns have no names."`
	Decimal    string   `json:"decimal,omitempty" doc:"The decimal mark of numbers: . or ,"`
	DateFormat string   `json:"date_format,omitempty" doc:"How dates are written, such as dd.mm.yyyy"`
	Sheet      string   `json:"sheet,omitempty" doc:"The worksheet of a workbook, or the file in an archive; empty takes the first sheet, or all files of the archive."`
	Sheets     []string `json:"sheets,omitempty" nullable:"false" doc:"All worksheets of the workbook, or files in the archive; never read"`
}

const (
	noQuote   = "none"    // what Dialect.Quote says when cells are not quoted; "" asks to recognise it
	spaces    = "spaces"  // what Dialect.Delimiter says when one or more blanks part the columns
	doubled   = "doubled" // what Dialect.Escape says when a quotation mark inside quotes is doubled
	backslash = `\`
)

// Check refuses what no file can be read by; the error names the part and what is allowed.
func (d Dialect) Check() error {
	c := fault.Check("import.dialect")
	if d.Encoding != "" {
		c.That(charset.Known(d.Encoding), "dialect.encoding", "%q is not known here. Use %s.", d.Encoding, charset.Names)
	}
	c.That(d.Delimiter == "" || d.Delimiter == spaces || isDelimiter(d.Delimiter), "dialect.delimiter",
		"Columns can be parted by a comma, a semicolon, a tab, another single sign that is no letter, digit or quotation mark, or by spaces.")
	c.That(slices.Contains([]string{"", `"`, "'", noQuote}, d.Quote), "dialect.quote", `Cells can be quoted by " or ', or "none".`)
	c.That(slices.Contains([]string{"", doubled, backslash}, d.Escape), "dialect.escape", `A quotation mark inside quotes is "doubled" or stands behind a \.`)
	c.That(slices.Contains([]string{"", ".", ","}, d.Decimal), "dialect.decimal", "The decimal mark is a point or a comma.")
	c.That(d.HeaderRows == nil || *d.HeaderRows >= 0 && *d.HeaderRows <= 100, "dialect.header_rows", "0 to 100 rows can stand above the data.")
	_, known := dateform.Find(d.DateFormat)
	c.That(d.DateFormat == "" || known, "dialect.date_format", "Write it as one of %s.", dateform.Names())
	return c.Err()
}

// delimiters are those that are recognised, the usual ones first.
func delimiters() []string { return []string{",", ";", "\t", "|", "^", "~", "\x1f"} }

// usual are the delimiters that the engine is trusted with; files with another one are copied first.
func usual(delimiter string) bool { return slices.Contains(delimiters()[:4], delimiter) }

func isDelimiter(s string) bool {
	const allowed = "\t\x1c\x1d\x1e\x1f!#$%&*+,/:;<=>?@\\^_`|~"
	return len(s) == 1 && strings.Contains(allowed, s)
}

// forReader is the dialect with "none" as the reader has it.
func (d Dialect) forReader() Dialect {
	if d.Quote == noQuote {
		d.Quote = ""
	}
	return d
}
