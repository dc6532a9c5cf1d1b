package tabular

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/dateform"
)

// Layout is what was recognised of one file, completed by what was said about it.
type Layout struct {
	Dialect
	headerRows int
	Columns    []Column
	Sample     [][]string // up to sampleRows records of data
	Doubts     []Doubt
}

// Doubt names a point that the contents leave open, so that it was assumed and people should look.
type Doubt string

// The doubts there can be.
const (
	DoubtDateOrder Doubt = "date_order" // every day could be a month
	DoubtDecimal   Doubt = "decimal"    // every mark could part thousands
)

// sampleRows is from how many records types and forms are guessed; maxAbove how many rows can stand above them.
const (
	sampleRows = 1000
	maxAbove   = 100
)

// recognise finds the dialect of delimited UTF-8 text from its beginning; said overrules. whole tells that head is all.
func recognise(head []byte, whole, oldMac bool, said Dialect) Layout {
	if !whole { // the last line may be cut
		if k := bytes.LastIndexByte(head, '\n'); k > 0 {
			head = head[:k+1]
		}
	}
	best, bestRows, d := -1.0, [][]string(nil), said
	try := func(c Dialect) {
		if said.Delimiter != "" && said.Delimiter != c.Delimiter || said.Quote != "" && said.Quote != c.Quote || said.Escape != "" && (said.Escape == backslash) != (c.Escape == backslash) {
			return
		}
		rows, broken := parse(head, c, oldMac)
		if score := regularity(rows, broken, c, head); score > best {
			best, bestRows, d.Delimiter, d.Quote, d.Escape = score, rows, c.Delimiter, c.Quote, c.Escape
		}
	}
	candidates := delimiters()
	if said.Delimiter != "" && said.Delimiter != spaces {
		candidates = []string{said.Delimiter}
	}
	for _, delimiter := range candidates {
		for _, quote := range []string{`"`, "'", noQuote} {
			try(Dialect{Delimiter: delimiter, Quote: quote})
			if quote != noQuote && (said.Escape == backslash || bytes.Contains(head, []byte(`\`+quote))) {
				try(Dialect{Delimiter: delimiter, Quote: quote, Escape: backslash})
			}
		}
	}
	if width, _ := commonWidth(bestRows); width < 2 && (said.Delimiter == "" || said.Delimiter == spaces) {
		c := Dialect{Delimiter: spaces, Quote: noQuote}
		if rows, _ := parse(head, c, oldMac); said.Delimiter == spaces || isLog(rows) {
			bestRows, d.Delimiter, d.Quote, d.Escape = rows, c.Delimiter, c.Quote, ""
		}
	}
	return describe(d, bestRows, "")
}

// parse reads up to sampleRows records (and the header above them).
func parse(head []byte, d Dialect, oldMac bool) (rows [][]string, broken int) {
	r := NewReader(bytes.NewReader(head), d.forReader(), oldMac)
	for len(rows) < sampleRows+maxAbove {
		rec, err := r.Next()
		if err != nil {
			break
		}
		if rec.Problem != nil {
			broken++
			continue
		}
		rows = append(rows, slices.Clone(rec.Cells))
	}
	return rows, broken
}

// regularity says how much the rows look like a table: many columns, the same number in every row.
func regularity(rows [][]string, broken int, d Dialect, head []byte) float64 {
	if len(rows) == 0 {
		return 0
	}
	width, same := commonWidth(rows)
	if d.Quote == `"` && broken*20 <= len(rows)+broken {
		same, broken = same+broken, 0 // some rows with a bad quote do not make it a file without quotes
	}
	score := float64(same) / float64(len(rows)+broken)
	if width > 1 {
		score += 1 + float64(min(width, 50))/1000
	}
	// A quote is believed where cells begin with it; where none is seen, the usual one is assumed.
	switch {
	case d.Quote != noQuote && beginsCells(head, d.Delimiter, d.Quote):
		score += 0.01
	case d.Quote == `"`:
		score += 0.002
	case d.Quote == noQuote:
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

// isLog tells that rows parted by blanks are a table and no prose: nearly all are equally wide, and half of their cells
// are numbers or dates.
func isLog(rows [][]string) bool {
	width, same := commonWidth(rows)
	if width < 2 || same*20 < len(rows)*19 || len(rows) < 2 {
		return false
	}
	cells, figures := 0, 0
	for _, row := range rows {
		for _, cell := range row {
			cells++
			if isNumber(cell) || dateform.Is(cell) {
				figures++
			}
		}
	}
	return figures*2 >= cells
}

// describe finds header, names, types and forms of rows that were read. decimal is the mark where it is known.
func describe(d Dialect, rows [][]string, decimal string) Layout {
	l := Layout{Dialect: d}
	width, _ := commonWidth(rows)
	if width > maxColumns { // it will be refused, so nothing more is looked at
		l.Columns = make([]Column, width)
		return l
	}
	if d.HeaderRows != nil {
		l.headerRows = min(*d.HeaderRows, len(rows))
	} else {
		l.headerRows = headerRows(rows, width)
	}
	data := rows[l.headerRows:]
	l.HeaderRows = &l.headerRows
	names := columnNames(rows[:l.headerRows])
	width = max(width, len(names))
	l.Sample = data[:min(len(data), sampleRows)]
	l.Columns = columnsOf(names, width, l.Sample)
	if decimal != "" {
		l.Decimal = decimal
	}
	if l.Decimal == "" {
		doubt := false
		if l.Decimal, doubt = decimalOf(l.Sample, l.Delimiter); doubt {
			l.Doubts = append(l.Doubts, DoubtDecimal)
		}
	}
	l.recogniseTypes(d.DateFormat)
	return l
}

// recogniseTypes finds what the columns hold, and the form of dates unless it was said.
func (l *Layout) recogniseTypes(said string) {
	for i := range l.Columns {
		l.Columns[i].Type = typeOf(l.Sample, i)
	}
	form, doubt := dateForms(l.Sample, l.Columns)
	if l.DateFormat = said; said != "" {
		return
	}
	if l.DateFormat = form; doubt {
		l.Doubts = append(l.Doubts, DoubtDateOrder)
	}
}

// CurrencyBefore and CurrencyBehind: letters of a currency stand apart from the number or behind it: INV12 is no amount.
const (
	CurrencyBefore = `(?:[A-Z]{3}[\s\x{00A0}\x{202F}]+|[Kk]r\.?[\s\x{00A0}\x{202F}]*|zł[\s\x{00A0}\x{202F}]*|[A-Z]{0,2}[€$£¥][\s\x{00A0}\x{202F}]*)?`
	CurrencyBehind = `(?:[\s\x{00A0}\x{202F}]*(?:[A-Z]{3}|[Kk]r\.?|zł|[€$£¥]))?`
	// NoMinor is how people write that there are no cents: 12,- or 12.--
	NoMinor = `[.,][-–—]{1,2}`
)

// The forms of numbers that people and programs write. Both decimal marks, groups of three by point, comma, apostrophe or
// a blank, a currency before or behind, a sign before or behind, brackets for a loss.
var (
	numberForm = regexp.MustCompile(`^\(?\s*` + CurrencyBefore + `[-+−]?\s*` + CurrencyBefore + `(?:\d+|\d{1,3}(?:[.,'’\x{00A0}\x{202F} ]\d{3})+)?(?:` + NoMinor + `|[.,]\d*)?(?:[eE][-+]?\d{1,3})?-?` + CurrencyBehind + `%?\s*\)?$`)
	hasDigit   = regexp.MustCompile(`\d`)
	wholeForm  = regexp.MustCompile(`^\s*[-+]?\d{1,18}\s*$`)
	codeForm   = regexp.MustCompile(`^\S{1,40}$`)
	markForm   = regexp.MustCompile(`(\d*)([.,])(\d*)`)
)

func isNumber(s string) bool { return hasDigit.MatchString(s) && numberForm.MatchString(s) }

// decimalOf finds the decimal mark. doubt tells that there were marks and none proved anything.
func decimalOf(rows [][]string, delimiter string) (mark string, doubt bool) {
	votes := map[byte]int{}
	for _, row := range rows {
		for _, cell := range row {
			if cell = strings.TrimSpace(cell); len(cell) > 40 || strings.IndexByte(cell, '.') < 0 && strings.IndexByte(cell, ',') < 0 || !isNumber(cell) {
				continue
			}
			vote, proven := decimalIn(cell)
			if proven {
				votes[vote]++
			}
			doubt = doubt || !proven
		}
	}
	switch {
	case votes[','] > votes['.']:
		return ",", false
	case votes['.'] > votes[',']:
		return ".", false
	case delimiter == ";":
		return ",", doubt // where the semicolon parts columns, the comma is taken
	}
	return ".", doubt
}

// decimalIn tells which mark of a number is the decimal one. A mark between up to three digits and exactly three proves
// nothing: it may part thousands. One that comes twice does part them.
func decimalIn(cell string) (mark byte, proven bool) {
	p, c := strings.LastIndexByte(cell, '.'), strings.LastIndexByte(cell, ',')
	switch {
	case p >= 0 && c >= 0 && p > c, p < 0 && strings.Count(cell, ",") > 1:
		return '.', true
	case p >= 0 && c >= 0, c < 0 && strings.Count(cell, ".") > 1:
		return ',', true
	}
	m := markForm.FindStringSubmatch(cell)
	if m == nil {
		return '.', false
	}
	grouped := len(m[3]) == 3 && len(m[1]) >= 1 && len(m[1]) <= 3 && m[1][0] != '0'
	return m[2][0], !grouped
}

// typeOf says what the cells of a column look like. Most must agree; of few, some may be mistakes.
func typeOf(rows [][]string, i int) string {
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
		case dateform.Is(cell):
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
	enough := func(n int) bool { return n*20 >= filled*17 || filled < 20 && n*3 >= filled*2 }
	switch {
	case filled == 0:
		return "empty"
	case enough(dates):
		return "date"
	case enough(wholes) && (wholes == numbers || !enough(numbers)):
		return "integer"
	case enough(numbers):
		return "number"
	case enough(codes):
		return "code"
	}
	return "text"
}
