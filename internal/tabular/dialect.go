package tabular

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Dialect is how a file is to be read. In a request every part may be left out and is then recognised from the file.
type Dialect struct {
	Encoding   string   `json:"encoding,omitempty" doc:"utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, windows-1250, iso-8859-2, big5, gbk"`
	Delimiter  string   `json:"delimiter,omitempty" doc:"One of , ; tab | "`
	Quote      string   `json:"quote,omitempty" doc:"\" or ', or none"`
	HeaderRows *int     `json:"header_rows,omitempty" doc:"How many rows stand above the data; the last of them names the columns. 0: the columns have no names."`
	Decimal    string   `json:"decimal,omitempty" doc:"The decimal mark of numbers: . or ,"`
	DateFormat string   `json:"date_format,omitempty" doc:"How dates are written, such as dd.mm.yyyy"`
	Sheet      string   `json:"sheet,omitempty" doc:"The worksheet of a workbook"`
	Sheets     []string `json:"sheets,omitempty" nullable:"false" doc:"All worksheets of the workbook; never read"`
}

// noQuote is what Dialect.Quote says when cells are not quoted; "" asks to recognise it.
const noQuote = "none"

// forms are the forms of dates that can be told apart, with what DuckDB calls them. ISO dates (2026-10-31) are
// understood whatever the form is.
type dateForm struct{ name, strptime string }

func forms() []dateForm {
	return []dateForm{
		{"yyyy-mm-dd", "%Y-%m-%d"}, {"dd.mm.yyyy", "%d.%m.%Y"}, {"dd/mm/yyyy", "%d/%m/%Y"}, {"mm/dd/yyyy", "%m/%d/%Y"},
		{"dd-mm-yyyy", "%d-%m-%Y"}, {"yyyy/mm/dd", "%Y/%m/%d"}, {"yyyy.mm.dd", "%Y.%m.%d"}, {"yyyymmdd", "%Y%m%d"},
		{"dd.mm.yy", "%d.%m.%y"}, {"dd/mm/yy", "%d/%m/%y"}, {"mm/dd/yy", "%m/%d/%y"}, {"dd-mm-yy", "%d-%m-%y"},
		{"mm-dd-yyyy", "%m-%d-%Y"}, {"dd mmm yyyy", "%d %b %Y"}, {"dd-mmm-yyyy", "%d-%b-%Y"}, {"ddmmyyyy", "%d%m%Y"},
	}
}

// Strptime returns what DuckDB calls a form of dates.
func Strptime(form string) (string, bool) {
	for _, f := range forms() {
		if f.name == strings.ToLower(form) {
			return f.strptime, true
		}
	}
	return "", false
}

// DateForms lists the forms of dates by name.
func DateForms() string {
	names := make([]string, len(forms()))
	for i, f := range forms() {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// Check refuses what no file can be read by; the error names the part and what is allowed.
func (d Dialect) Check() error {
	c := fault.Check("import.dialect")
	if d.Encoding != "" {
		_, err := decoding(d.Encoding)
		c.That(err == nil, "dialect.encoding", "%q is not known here. Use utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, windows-1250, iso-8859-2, big5 or gbk.", d.Encoding)
	}
	c.That(d.Delimiter == "" || slices.Contains(delimiters(), d.Delimiter), "dialect.delimiter", "Columns can be parted by a comma, a semicolon, a tab or a vertical bar.")
	c.That(slices.Contains([]string{"", `"`, "'", noQuote}, d.Quote), "dialect.quote", `Cells can be quoted by " or ', or "none".`)
	c.That(slices.Contains([]string{"", ".", ","}, d.Decimal), "dialect.decimal", "The decimal mark is a point or a comma.")
	c.That(d.HeaderRows == nil || *d.HeaderRows >= 0 && *d.HeaderRows <= 100, "dialect.header_rows", "0 to 100 rows can stand above the data.")
	_, known := Strptime(d.DateFormat)
	c.That(d.DateFormat == "" || known, "dialect.date_format", "Write it as one of %s.", DateForms())
	return c.Err()
}

func delimiters() []string { return []string{",", ";", "\t", "|"} }

// decoding returns the decoder of an encoding; nil for UTF-8, which needs none.
func decoding(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8":
		return nil, nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "windows-1252":
		return charmap.Windows1252, nil
	case "iso-8859-1":
		return charmap.ISO8859_1, nil
	case "windows-1250":
		return charmap.Windows1250, nil
	case "iso-8859-2":
		return charmap.ISO8859_2, nil
	case "big5":
		return traditionalchinese.Big5, nil
	case "gbk":
		return simplifiedchinese.GBK, nil
	}
	return nil, fmt.Errorf("encoding %q is not known", name)
}

// decoder turns the bytes of a file into UTF-8 without a byte order mark.
func decoder(src io.Reader, name string) (io.Reader, error) {
	enc, err := decoding(name)
	if err != nil {
		return nil, err
	}
	if enc == nil {
		return &bomSkipper{src: src}, nil
	}
	return enc.NewDecoder().Reader(src), nil
}

// bomSkipper leaves out the byte order mark of UTF-8 and passes everything else as it is: bytes that are no UTF-8 are the
// business of whoever reads the cells.
type bomSkipper struct {
	src     io.Reader
	started bool
}

// Read reads on, without the mark.
func (b *bomSkipper) Read(p []byte) (int, error) {
	if b.started {
		return b.src.Read(p)
	}
	b.started = true
	head := make([]byte, len(utf8BOM))
	n, err := io.ReadFull(b.src, head)
	if err != nil && n == 0 {
		return 0, io.EOF
	}
	if head = head[:n]; string(head) != utf8BOM {
		b.src = io.MultiReader(bytes.NewReader(head), b.src)
	}
	return b.src.Read(p)
}

const utf8BOM = "\xEF\xBB\xBF"

// encodingOf recognises how text is encoded, from its first bytes and what was seen of all of it.
func encodingOf(head []byte, t Traits) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return "utf-16be"
	case bytes.HasPrefix(head, []byte(utf8BOM)):
		return "utf-8"
	}
	// Text in European letters as UTF-16 has a zero in every second byte.
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	switch n := len(head); {
	case n >= 4 && odd > n/4 && even < n/20:
		return "utf-16le"
	case n >= 4 && even > n/4 && odd < n/20:
		return "utf-16be"
	}
	// Some broken letters in a file that otherwise is UTF-8 cost their rows; mostly broken means that it is not UTF-8.
	if t.Invalid == 0 || t.Multibyte > t.Invalid {
		return "utf-8"
	}
	for _, b := range head {
		if b >= 0x80 && b < 0xA0 {
			return "windows-1252"
		}
	}
	if t.C1 {
		return "windows-1252"
	}
	return "iso-8859-1"
}

// Layout is what was recognised of one file, completed by what was said about it.
type Layout struct {
	Dialect
	headerRows int
	Columns    []Column
	Sample     [][]string // up to sampleRows records of data
}

// sampleRows is from how many records types and forms are guessed.
const sampleRows = 1000

// recognise finds the dialect of delimited UTF-8 text from its beginning; said overrules. whole tells that head is all.
func recognise(head []byte, whole, oldMac bool, said Dialect) Layout {
	d := said
	if !whole { // the last line may be cut
		if k := bytes.LastIndexByte(head, '\n'); k > 0 {
			head = head[:k+1]
		}
	}
	best, bestRows := -1.0, [][]string(nil)
	for _, delimiter := range delimiters() {
		for _, quote := range []string{`"`, "'", noQuote} {
			if said.Delimiter != "" && said.Delimiter != delimiter || said.Quote != "" && said.Quote != quote {
				continue
			}
			rows, broken := parse(head, Dialect{Delimiter: delimiter, Quote: quote}, oldMac)
			if score := regularity(rows, broken, delimiter, quote, head); score > best {
				best, bestRows, d.Delimiter, d.Quote = score, rows, delimiter, quote
			}
		}
	}
	return describe(d, bestRows)
}

// parse reads up to sampleRows records (and the header above them).
func parse(head []byte, d Dialect, oldMac bool) (rows [][]string, broken int) {
	r := NewReader(bytes.NewReader(head), d.forReader(), oldMac)
	for len(rows) < sampleRows+100 {
		rec, err := r.Next()
		if err != nil {
			break
		}
		if rec.Problem != "" {
			broken++
			continue
		}
		rows = append(rows, slices.Clone(rec.Cells))
	}
	return rows, broken
}

// forReader is the dialect with "none" as the reader has it.
func (d Dialect) forReader() Dialect {
	if d.Quote == noQuote {
		d.Quote = ""
	}
	return d
}

// regularity says how much the rows look like a table: many columns, the same number in every row.
func regularity(rows [][]string, broken int, delimiter, quote string, head []byte) float64 {
	if len(rows) == 0 {
		return 0
	}
	width, same := commonWidth(rows)
	score := float64(same) / float64(len(rows)+broken)
	if width > 1 {
		score += 1 + float64(min(width, 50))/1000
	}
	// A quote is believed where cells begin with it; where none is seen, the usual one is assumed.
	switch {
	case quote != noQuote && beginsCells(head, delimiter, quote):
		score += 0.01
	case quote == `"`:
		score += 0.002
	case quote == noQuote:
		score += 0.001
	}
	return score - float64(broken)/float64(len(rows)+broken)
}

// beginsCells tells whether cells begin and end with the quote.
func beginsCells(head []byte, delimiter, quote string) bool {
	return bytes.Contains(head, []byte(delimiter+quote)) && bytes.Contains(head, []byte(quote+delimiter)) ||
		bytes.Contains(head, []byte("\n"+quote)) && bytes.Contains(head, []byte(quote+delimiter)) ||
		bytes.Contains(head, []byte(delimiter+quote)) && (bytes.Contains(head, []byte(quote+"\n")) || bytes.Contains(head, []byte(quote+"\r")))
}

// commonWidth returns the most frequent number of cells and how many rows have it.
func commonWidth(rows [][]string) (width, same int) {
	counts := map[int]int{}
	for _, row := range rows {
		counts[len(row)]++
	}
	for w, n := range counts {
		if n > same || n == same && w > width {
			width, same = w, n
		}
	}
	return width, same
}

// describe finds header, names, types and forms of rows that were read.
func describe(d Dialect, rows [][]string) Layout {
	l := Layout{Dialect: d}
	width, _ := commonWidth(rows)
	if d.HeaderRows != nil {
		l.headerRows = min(*d.HeaderRows, len(rows))
	} else {
		l.headerRows = headerRows(rows, width)
	}
	data := rows[l.headerRows:]
	l.HeaderRows = &l.headerRows
	var names []string
	if l.headerRows > 0 {
		names = rows[l.headerRows-1]
	}
	width = max(width, len(names))
	l.Sample = data[:min(len(data), sampleRows)]
	l.Columns = columnsOf(names, width, l.Sample)
	if l.Decimal == "" {
		l.Decimal = decimalOf(l.Sample, l.Delimiter)
	}
	if l.DateFormat == "" {
		l.DateFormat = dateFormOf(l.Sample)
	}
	for i := range l.Columns {
		l.Columns[i].Type = typeOf(l.Sample, i, l.Decimal)
	}
	return l
}

// headerRows finds how many rows stand above the data. The row of names is the first of full width, all in words; what is
// above it (a title, a date of printing) has another width.
func headerRows(rows [][]string, width int) int {
	for i, row := range rows[:min(len(rows), 20)] {
		filled := 0
		for _, cell := range row {
			if strings.TrimSpace(cell) != "" {
				filled++
			}
		}
		if len(row) < width || width > 1 && filled < 2 || filled*2 < width {
			continue
		}
		if looksLikeNames(row) {
			return i + 1
		}
		return 0
	}
	return 0
}

func looksLikeNames(row []string) bool {
	for _, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if len(cell) > 100 || !utf8.ValidString(cell) || isNumber(cell) || isDate(cell) {
			return false
		}
	}
	return true
}

// Column is a column of a file with what its cells look like.
type Column struct {
	Name    string
	Samples []string // up to five different values
	Type    string   // date, integer, number, code, text or empty
}

// CurrencyBefore and CurrencyBehind: letters of a currency stand apart from the number or behind it: INV12 is no amount.
const (
	CurrencyBefore = `(?:[A-Z]{3}\s+|[Kk]r\.?\s*|zł\s*|[A-Z]{0,2}[€$£¥]\s*)?`
	CurrencyBehind = `(?:\s*(?:[A-Z]{3}|[Kk]r\.?|zł|[€$£¥]))?`
)

// The forms of numbers that people and programs write. Both decimal marks, groups of three by point, comma, apostrophe or
// a blank, a currency before or behind, a sign before or behind, brackets for a loss.
var (
	numberForm = regexp.MustCompile(`^\(?\s*` + CurrencyBefore + `[-+−]?\s*` + CurrencyBefore + `(?:\d+|\d{1,3}(?:[.,'’\x{00A0}\x{202F} ]\d{3})+)?(?:[.,]\d*)?(?:[eE][-+]?\d{1,3})?-?` + CurrencyBehind + `%?\s*\)?$`)
	hasDigit   = regexp.MustCompile(`\d`)
	plainForm  = regexp.MustCompile(`^\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*$`)
	wholeForm  = regexp.MustCompile(`^\s*[-+]?\d{1,18}\s*$`)
	codeForm   = regexp.MustCompile(`^\S{1,40}$`)
)

func isNumber(s string) bool { return hasDigit.MatchString(s) && numberForm.MatchString(s) }

// columnsOf names the columns. A column without a name, or with one that was had, gets one that says where it stands.
func columnsOf(names []string, width int, rows [][]string) []Column {
	columns := make([]Column, width)
	seen := map[string]bool{}
	for i := range columns {
		name := ""
		if i < len(names) {
			name = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(names[i], "\x00", ""), ""))
		}
		if name == "" {
			name = fmt.Sprintf("Column %d", i+1)
		}
		base := name
		for n := 2; seen[name]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		seen[name] = true
		columns[i] = Column{Name: name, Samples: samples(rows, i)}
	}
	return columns
}

func samples(rows [][]string, i int) []string {
	found := []string{}
	for _, row := range rows {
		if i >= len(row) || strings.TrimSpace(row[i]) == "" {
			continue
		}
		value := Cut(strings.ToValidUTF8(row[i], "�"), 100)
		known := false
		for _, f := range found {
			known = known || f == value
		}
		if !known {
			found = append(found, value)
		}
		if len(found) == 5 {
			break
		}
	}
	return found
}

// typeOf says what the cells of a column look like: at least nineteen of twenty must agree.
func typeOf(rows [][]string, i int, decimal string) string {
	var filled, dates, wholes, numbers, codes int
	for _, row := range rows {
		if i >= len(row) {
			continue
		}
		cell := strings.TrimSpace(row[i])
		if cell == "" {
			continue
		}
		filled++
		switch {
		case isDate(cell):
			dates++
			if wholeForm.MatchString(cell) {
				wholes++
				numbers++
			}
		case wholeForm.MatchString(cell):
			wholes++
			numbers++
		case isNumber(cell):
			numbers++
		}
		if codeForm.MatchString(cell) {
			codes++
		}
	}
	most := func(n int) bool { return n*20 >= filled*19 }
	switch {
	case filled == 0:
		return "empty"
	case most(dates):
		return "date"
	case most(wholes):
		return "integer"
	case most(numbers):
		return "number"
	case most(codes):
		return "code"
	}
	return "text"
}

// decimalOf finds the decimal mark. A mark followed by exactly three digits proves nothing: it may part thousands.
func decimalOf(rows [][]string, delimiter string) string {
	var point, comma int
	for _, row := range rows {
		for _, cell := range row {
			cell = strings.TrimSpace(cell)
			if len(cell) > 40 || !isNumber(cell) {
				continue
			}
			p, c := strings.LastIndexByte(cell, '.'), strings.LastIndexByte(cell, ',')
			digits := func(at int) int { return len(strings.TrimRight(cell[at+1:], "-) %€$£kr.złPLNDEUTWS")) }
			switch {
			case p >= 0 && c >= 0 && p > c, p >= 0 && c < 0 && digits(p) != 3:
				point++
			case p >= 0 && c >= 0 && c > p, c >= 0 && p < 0 && digits(c) != 3:
				comma++
			}
		}
	}
	switch {
	case comma > point:
		return ","
	case point > comma:
		return "."
	case delimiter == ";":
		return "," // where the semicolon parts columns, the comma is taken
	}
	return "."
}

// TimeOfDay is a time of day behind a date, which is left out.
var TimeOfDay = regexp.MustCompile(`[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z| ?[-+]\d{2}:?\d{2})?$`)

// isDate tells whether a cell is a date in any form that is understood. Eight digits are one only if they can be.
func isDate(cell string) bool {
	return len(datesIn(cell)) > 0
}

// datesIn returns which of dateForms the cell can be read in. Eight digits with the day in front look too much like a
// number to be guessed.
func datesIn(cell string) (fits []int) {
	if cell == "" || cell[0] < '0' || cell[0] > '9' {
		return nil
	}
	cell = TimeOfDay.ReplaceAllString(cell, "")
	if len(cell) < 6 || len(cell) > 11 {
		return nil
	}
	for k, f := range forms() {
		if _, ok := ReadDate(cell, f.name); ok && f.name != "ddmmyyyy" {
			fits = append(fits, k)
		}
	}
	return fits
}

// ReadDate reads a date in one of the forms, as DuckDB does.
func ReadDate(cell, form string) (time.Time, bool) {
	goForm := strings.NewReplacer("yyyy", "2006", "yy", "06", "mmm", "Jan", "mm", "1", "dd", "2").Replace(form)
	if form == "yyyymmdd" || form == "ddmmyyyy" {
		goForm = strings.NewReplacer("yyyy", "2006", "mm", "01", "dd", "02").Replace(form)
	}
	t, err := time.Parse(goForm, cell)
	return t, err == nil && t.Year() >= MinYear && t.Year() <= MaxYear
}

// MinYear and MaxYear: dates outside these years are mistakes in any sales system.
const MinYear, MaxYear = 1800, 2199

// dateFormOf finds the form in which most date cells can be read. Where day and month cannot be told apart, the day stands
// first; people are shown the form and can change it.
func dateFormOf(rows [][]string) string {
	fits := make([]int, len(forms()))
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	for i := range width {
		if typeOf(rows, i, ".") != "date" {
			continue
		}
		for _, row := range rows {
			if i >= len(row) {
				continue
			}
			for _, k := range datesIn(strings.TrimSpace(row[i])) {
				fits[k]++
			}
		}
	}
	best := 0
	for k := range fits {
		if fits[k] > fits[best] {
			best = k
		}
	}
	return forms()[best].name
}

// Cut shortens text to n bytes at most, at a letter.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// FindColumn finds a column by its name; blanks around it and letter case do not matter when it is clear which is meant.
func FindColumn(columns []Column, name string) (int, bool) {
	loose := -1
	for i, c := range columns {
		if c.Name == name {
			return i, true
		}
		if strings.EqualFold(c.Name, strings.TrimSpace(name)) {
			if loose >= 0 {
				return 0, false
			}
			loose = i
		}
	}
	return loose, loose >= 0
}

// Names lists columns for people.
func Names(columns []Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return Cut(strings.Join(names, ", "), 600)
}
