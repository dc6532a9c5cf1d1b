package statistics

import (
	"fmt"
	"io"
	"math"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kvadrant/kvadrant/learn/grid"
)

// Measures of the paper, A4 across, in millimetres.
const (
	paperWidth, paperHeight = 297.0, 210.0
	border                  = 12.0
	inner                   = paperWidth - 2*border
	headWidth               = 26.0 // of the names of the rows
	headHeight              = 8.0
	smallStep               = 3.1 // from line to line of the small print
	mostDefined             = 9   // lines of definitions
	point                   = 0.3528
)

// sheetOfPaper draws a page.
type sheetOfPaper struct {
	*fpdf.Fpdf
	font    sfnt.Font
	lacking bool // a character was replaced
	w       writer
}

// Draw writes the report as a PDF of one page. Its text is readable in the file where it is not compressed. Fault: none but
// those of writing.
func (p Page) Draw(to io.Writer, compressed bool) error {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return fmt.Errorf("draw a report: %w", err)
	}
	s := &sheetOfPaper{Fpdf: fpdf.New("L", "mm", "A4", ""), font: *font, w: writer{message.NewPrinter(language.English), p.Picture.Currency}}
	s.SetCompression(compressed)
	s.SetTitle(p.Picture.Matrix.Name+" "+string(p.Picture.AsOf), true)
	s.SetLang("en")
	s.AddUTF8FontFromBytes("text", "", goregular.TTF)
	s.AddUTF8FontFromBytes("text", "B", gobold.TTF)
	s.SetMargins(border, border, border)
	s.SetAutoPageBreak(false, 0)
	s.AddPage()
	top := s.top(p)
	lines := s.small(p)
	bottom := paperHeight - border - float64(len(lines)+1)*smallStep
	s.grid(p.Picture, top, bottom-2)
	s.SetTextColor(60, 72, 80)
	for i, line := range lines {
		s.text(border, bottom+float64(i)*smallStep, inner, 6.5, "", "L", line)
	}
	made := p.Made
	if s.lacking {
		made += " Characters that the font of this file lacks stand as ?."
	}
	s.text(border, paperHeight-border-smallStep+1, inner, 6.5, "", "L", made)
	if err := s.Output(to); err != nil {
		return fmt.Errorf("draw a report: %w", err)
	}
	return nil
}

// top draws the heading and says where it ends.
func (s *sheetOfPaper) top(p Page) float64 {
	s.SetTextColor(22, 35, 42)
	s.text(border, border, inner*0.7, 16, "B", "L", p.Picture.Matrix.Name)
	s.text(border+inner*0.7, border, inner*0.3, 10, "", "R", p.Company)
	s.SetTextColor(60, 72, 80)
	y := border + 8
	for _, line := range p.Shown {
		s.text(border, y, inner, 8.5, "", "L", line)
		y += 4.2
	}
	s.SetTextColor(22, 35, 42)
	for _, line := range s.wrapped(p.Said, 9, "B", 3) {
		s.text(border, y, inner, 9, "B", "L", line)
		y += 4.4
	}
	return y + 2
}

// small is the small print: what stands in a cell, and the definitions.
func (s *sheetOfPaper) small(p Page) []string {
	legend := "In each cell: customers and their share of all, revenue and its share"
	if len(p.Picture.Figures) > 1 && p.Picture.Figures[1].Key == unusedKey {
		legend += ", unused potential"
	}
	legend += fmt.Sprintf("; amounts in %s. Darker cells have more of the revenue.", p.Picture.Currency)
	return s.wrapped(append([]string{legend}, p.Defined...), 6.5, "", mostDefined)
}

// grid draws the matrix between two heights, however many rows and columns it has.
func (s *sheetOfPaper) grid(p Picture, top, bottom float64) {
	cell := map[string]CellFigures{}
	most := 0.0
	for _, c := range p.Cells {
		cell[c.Key] = c
		most = math.Max(most, c.of(revenueKey))
	}
	width := (inner - headWidth) / float64(len(p.Columns)+1)
	height := math.Min((bottom-top-headHeight)/float64(len(p.Rows)+1), 30)
	s.SetDrawColor(190, 200, 205)
	s.SetLineWidth(0.15)
	x := func(column int) float64 { return border + headWidth + float64(column)*width }
	y := func(row int) float64 { return top + headHeight + float64(row)*height }
	for j, column := range p.Columns {
		s.text(x(j), top+2, width, 8, "B", "C", className(p.Matrix.Columns, column))
	}
	s.text(x(len(p.Columns)), top+2, width, 8, "B", "C", "Total")
	for i, row := range p.Rows {
		s.text(border, y(i)+height/2-2, headWidth-1, 8, "B", "L", className(p.Matrix.Rows, row))
		for j, column := range p.Columns {
			c := cell[grid.CellKey(row, column)]
			shade := 0.0
			if most > 0 {
				shade = 0.42 * math.Sqrt(math.Max(c.of(revenueKey), 0)/most)
			}
			name := ""
			if own := p.Matrix.Cell(row, column).Name; own != "" {
				name = own
			}
			s.cell(x(j), y(i), width, height, shade, name, c.Figures, p)
		}
		s.cell(x(len(p.Columns)), y(i), width, height, 0, "", p.RowTotals[i].Figures, p)
	}
	last := len(p.Rows)
	s.text(border, y(last)+height/2-2, headWidth-1, 8, "B", "L", "Total")
	for j := range p.Columns {
		s.cell(x(j), y(last), width, height, 0, "", p.ColumnTotals[j].Figures, p)
	}
	s.cell(x(len(p.Columns)), y(last), width, height, 0, "", p.Total, p)
}

// cell draws a field: its name, its customers, its revenue, its unused potential.
func (s *sheetOfPaper) cell(x, y, width, height, shade float64, name string, f Figures, p Picture) {
	mix := func(full float64) int { return int(math.Round(255 - shade*(255-full))) }
	s.SetFillColor(mix(29), mix(139), mix(166))
	s.Rect(x, y, width, height, "FD")
	part := func(key string) string {
		if all := p.Total.of(key); all > 0 {
			return " (" + s.w.percent(f.of(key)/all) + ")"
		}
		return ""
	}
	lines := []string{s.w.whole(float64(f.Customers)) + part(customersKey), s.w.amount(f.of(revenueKey)) + part(revenueKey)}
	if len(p.Figures) > 1 && p.Figures[1].Key == unusedKey && f.Sums[unusedKey].Known > 0 {
		lines = append(lines, "unused "+s.w.amount(f.of(unusedKey)))
	}
	step := math.Min((height-1.2)/4, 4.6)
	size := math.Min(step*0.82/point, 9)
	s.SetTextColor(22, 35, 42)
	at := y + 0.8
	if name != "" {
		s.text(x+1, at, width-2, size, "B", "L", name)
	}
	for _, line := range lines {
		at += step
		s.text(x+1, at, width-2, size, "", "L", line)
	}
}

// least is the smallest print.
const least = 4.5

// text writes a line into a width: smaller where it is long, and cut off where that does not help.
func (s *sheetOfPaper) text(x, y, width, size float64, style, align, text string) {
	text = s.printable(text)
	s.SetFont("text", style, size)
	if wide := s.GetStringWidth(text); wide > width-0.2 {
		size = math.Max(least, size*(width-0.2)/wide)
		s.SetFont("text", style, size)
		for runes := []rune(text); s.GetStringWidth(text) > width-0.2 && len(runes) > 1; {
			runes = runes[:len(runes)-1]
			text = strings.TrimRight(string(runes), " ") + "…"
		}
	}
	s.SetXY(x, y)
	s.SetCellMargin(0)
	s.CellFormat(width, size*point*1.2, text, "", 0, align, false, 0, "")
}

// wrapped breaks paragraphs into lines of the width of the page, so many at most.
func (s *sheetOfPaper) wrapped(paragraphs []string, size float64, style string, most int) []string {
	s.SetFont("text", style, size)
	var lines []string
	for _, p := range paragraphs {
		line := ""
		for word := range strings.FieldsSeq(s.printable(p)) {
			longer := strings.TrimLeft(line+" "+word, " ")
			if line != "" && s.GetStringWidth(longer) > inner-1 {
				lines, longer = append(lines, line), word
			}
			line = longer
		}
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = append(lines[:most-1], lines[most-1]+" …")
	}
	return lines
}

// printable replaces what the font cannot write, such as Chinese, by question marks.
func (s *sheetOfPaper) printable(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		if glyph, err := s.font.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
			s.lacking = true
			return '?'
		}
		return r
	}, text)
}
