// Package sheet makes files for spreadsheets of tables that are given to it: a workbook with a sheet for each table, or
// comma-separated text. The browser client sends it the tables that a page shows, so that each of them can be had as a file.
package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// Bounds of what is written at once. A page shows far less.
const (
	MaxTables  = 20
	MaxColumns = 200
	MaxRows    = 20_000
	maxText    = 32_767 // what a cell of a workbook holds
)

// Cell is a value of a table: a number, a date, or else a text, which may be empty.
type Cell struct {
	Text     string    `json:"text,omitempty"`
	Number   *float64  `json:"number,omitempty"`
	Date     date.Date `json:"date,omitempty"`
	Percent  bool      `json:"percent,omitempty" doc:"The number is a share, 0.25 for 25 %."`
	Digits   int       `json:"digits,omitempty" minimum:"0" maximum:"6" doc:"Of the number behind the point as it is shown; of a share, of the percentage."`
	Currency string    `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"That stands before the number."`
}

// Table is what is written.
type Table struct {
	Title   string   `json:"title" maxLength:"200"`
	Notes   []string `json:"notes,omitempty" maxItems:"20" doc:"What the table says of itself, such as its date and its filter; above it in a workbook, left out of comma-separated text."`
	Columns []string `json:"columns" nullable:"false" maxItems:"200"`
	Rows    [][]Cell `json:"rows" nullable:"false" maxItems:"20000"`
}

// Validate returns a fault Invalid that names what cannot be written.
func Validate(tables []Table) error {
	c := fault.Check("sheet.invalid").
		That(len(tables) > 0, "tables", "Give at least one table.").
		That(len(tables) <= MaxTables, "tables", "Give at most %d tables.", MaxTables)
	for i, t := range tables {
		at := "tables[" + strconv.Itoa(i) + "]"
		c.That(len(t.Columns) > 0 && len(t.Columns) <= MaxColumns, at+".columns", "Give 1 to %d columns.", MaxColumns).
			That(len(t.Rows) <= MaxRows, at+".rows", "Give at most %d rows; narrow the table by a filter.", MaxRows)
		for _, text := range append(append([]string{t.Title}, t.Notes...), t.Columns...) {
			c.That(len(text) <= maxText, at, "A text may have at most %d characters.", maxText)
		}
		for j, row := range t.Rows {
			where := at + ".rows[" + strconv.Itoa(j) + "]"
			c.That(len(row) <= len(t.Columns), where, "The row has more cells than there are columns.")
			for _, cell := range row {
				c.That(len(cell.Text) <= maxText, where, "A text may have at most %d characters.", maxText).
					That(cell.Date == "" || cell.Date.Valid(), where, "Give dates as 2026-12-31.")
			}
		}
	}
	return c.Err()
}

// CSV writes the tables one below the other, each with its titles first; where there are several, also its name before them
// and an empty line between.
func CSV(tables []Table, to io.Writer) error {
	w := tabular.NewCSVWriter(to)
	for i, t := range tables {
		if i > 0 {
			w.Row()
		}
		if len(tables) > 1 {
			w.Titles(t.Title)
		}
		w.Titles(t.Columns...)
		for _, row := range t.Rows {
			cells := make([]any, len(row))
			for j, c := range row {
				cells[j] = c.csv()
			}
			w.Row(cells...)
		}
	}
	if err := w.Flush(); err != nil { // the writer remembers the first error
		return fmt.Errorf("write a table as text: %w", err)
	}
	return nil
}

func (c Cell) csv() any {
	switch {
	case c.Number != nil:
		return tabular.Number(strconv.FormatFloat(*c.Number, 'f', -1, 64))
	case c.Date != "":
		return string(c.Date)
	}
	return c.Text
}

// XLSX writes a workbook with a sheet for each table. Texts are cells of type text, which no spreadsheet calculates.
func XLSX(tables []Table, to io.Writer) error {
	book := excelize.NewFile()
	defer book.Close()
	b := builder{book: book, styles: map[string]int{}, names: map[string]bool{}}
	for i, t := range tables {
		if err := b.add(i, t); err != nil {
			return fmt.Errorf("write the table %q as a sheet: %w", t.Title, err)
		}
	}
	if err := book.Write(to); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return nil
}

type builder struct {
	book   *excelize.File
	styles map[string]int // by what they show
	names  map[string]bool
}

// add writes a table: its title, its notes, an empty row, the titles of the columns, the rows.
func (b *builder) add(i int, t Table) error {
	name := b.name(t.Title)
	var err error
	if i == 0 {
		err = b.book.SetSheetName(b.book.GetSheetName(0), name)
	} else {
		_, err = b.book.NewSheet(name)
	}
	if err != nil {
		return err
	}
	w, err := b.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for column, width := range widths(t) {
		if err := w.SetColWidth(column+1, column+1, width); err != nil {
			return err
		}
	}
	head := len(t.Notes) + 3 // the row of the titles
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: "A" + strconv.Itoa(head+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := b.top(w, t, head); err != nil {
		return err
	}
	for i, row := range t.Rows {
		cells := make([]any, len(row))
		for j, c := range row {
			if cells[j], err = b.cell(c); err != nil {
				return err
			}
		}
		if err := w.SetRow("A"+strconv.Itoa(head+1+i), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (b *builder) top(w *excelize.StreamWriter, t Table, head int) error {
	bold, err := b.style("bold", excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	title, err := b.style("title", excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	if err != nil {
		return err
	}
	if err := w.SetRow("A1", []any{excelize.Cell{StyleID: title, Value: t.Title}}); err != nil {
		return err
	}
	for i, note := range t.Notes {
		if err := w.SetRow("A"+strconv.Itoa(i+2), []any{note}); err != nil {
			return err
		}
	}
	titles := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = excelize.Cell{StyleID: bold, Value: c}
	}
	return w.SetRow("A"+strconv.Itoa(head), titles)
}

func (b *builder) cell(c Cell) (any, error) {
	switch {
	case c.Number != nil:
		format := "#,##0"
		if c.Digits > 0 {
			format += "." + strings.Repeat("0", c.Digits)
		}
		if c.Percent {
			format = strings.TrimPrefix(format, "#,##") + "%"
		}
		if c.Currency != "" {
			format = `"` + c.Currency + `" ` + format
		}
		style, err := b.style(format, excelize.Style{CustomNumFmt: &format})
		return excelize.Cell{StyleID: style, Value: *c.Number}, err
	case c.Date != "":
		format := "yyyy-mm-dd"
		style, err := b.style(format, excelize.Style{CustomNumFmt: &format})
		return excelize.Cell{StyleID: style, Value: c.Date.Time()}, err
	case c.Text == "":
		return nil, nil
	}
	return c.Text, nil
}

func (b *builder) style(key string, s excelize.Style) (int, error) {
	if style, made := b.styles[key]; made {
		return style, nil
	}
	style, err := b.book.NewStyle(&s)
	b.styles[key] = style
	return style, err
}

// longestName is what a spreadsheet allows of a sheet's name, in UTF-16 units.
const longestName = 31

// name is the title as the name of a sheet, which must be short, without some signs, and the only one of its kind.
func (b *builder) name(title string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, title), " '")
	if base == "" {
		base = "Table"
	}
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = " " + strconv.Itoa(n)
		}
		name := strings.TrimRight(cut(base, longestName-len(suffix)), " '") + suffix
		if key := strings.ToLower(name); !b.names[key] {
			b.names[key] = true
			return name
		}
	}
}

// cut shortens a text to so many UTF-16 units.
func cut(text string, most int) string {
	units := 0
	for i, r := range text {
		if units++; r > 0xffff {
			units++
		}
		if units > most {
			return text[:i]
		}
	}
	return text
}

// widths are those of the columns in characters, by their longest text.
func widths(t Table) []float64 {
	const least, most = 9, 48
	all := make([]float64, len(t.Columns))
	for i, title := range t.Columns {
		all[i] = min(max(least, float64(utf8.RuneCountInString(title))+2), 24) // titles wrap
	}
	for _, row := range t.Rows {
		for i, c := range row {
			n := utf8.RuneCountInString(c.Text)
			switch {
			case c.Date != "":
				n = len("2026-12-31")
			case c.Number != nil:
				n = len(strconv.FormatFloat(*c.Number, 'f', c.Digits, 64))*4/3 + len(c.Currency)
			}
			all[i] = max(all[i], min(float64(n)+2, most))
		}
	}
	return all
}
