package reject

import (
	"context"
	"encoding/csv"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// exportPage is how many rows are read at once.
const exportPage = 1000

// each walks all kept rows as the lines of a file that people mend: the import, the line, the reason, and the cells.
func (s *Store) each(ctx context.Context, importID id.ID, h Header, line func(cells []string) error) error {
	if err := line(append([]string{ImportColumn, lineColumn, reasonColumn}, h.Columns...)); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := s.Page(ctx, importID, after, exportPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			after = r.Seq
			place := strconv.FormatInt(r.Line, 10)
			if r.File != "" {
				place = r.File + " " + place
			}
			cells := r.Cells
			if len(cells) == 0 {
				cells = []string{r.Raw}
			}
			if err := line(append([]string{strconv.FormatInt(h.No, 10), place, r.Reason}, cells...)); err != nil {
				return err
			}
		}
		if len(page) < exportPage {
			return nil
		}
	}
}

// CSV writes the kept rows of an import as a file that can be mended and imported again.
func (s *Store) CSV(ctx context.Context, to io.Writer, importID id.ID) error {
	h, err := s.Header(ctx, importID)
	if err != nil {
		return err
	}
	w := csv.NewWriter(to)
	err = s.each(ctx, importID, h, func(cells []string) error {
		safe := make([]string, len(cells))
		for i, c := range cells {
			safe[i] = safeCell(c)
		}
		return w.Write(safe)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// XLSX writes the same as a workbook. Its cells are texts, so that no program reads a date or another code out of them, but
// for numbers with a decimal comma: numbers of a workbook have their own sign, which people see as they are used to.
func (s *Store) XLSX(ctx context.Context, to io.Writer, importID id.ID) error {
	h, err := s.Header(ctx, importID)
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	at := 0
	err = s.each(ctx, importID, h, func(cells []string) error {
		at++
		out := make([]any, len(cells))
		for i, c := range cells {
			out[i] = c
			if n, ok := h.number(c); ok && at > 1 {
				out[i] = n
			}
		}
		return sheet.SetRow("A"+strconv.Itoa(at), out)
	})
	if err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return book.Write(to)
}

var commaNumber = regexp.MustCompile(`^[+-]?([0-9]{1,3}([. ][0-9]{3})+(,[0-9]+)?|[0-9]+,[0-9]+)$`)

func (h Header) number(cell string) (float64, bool) {
	if h.Decimal != "," || !commaNumber.MatchString(cell) {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.NewReplacer(".", "", " ", "", ",", ".").Replace(cell), 64)
	return n, err == nil
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9][0-9.,' ]*$`)

// safeCell guards what a spreadsheet would calculate; a plain number stays one.
func safeCell(s string) string {
	if plainNumber.MatchString(s) {
		return s
	}
	return tabular.Guard(s)
}

// Mended is a rejected row as somebody has put it right.
type Mended struct {
	Seq   int64    `json:"seq" doc:"Of the rejected row."`
	Cells []string `json:"cells" nullable:"false" doc:"In the order of the import's columns."`
}

// File makes a file to import of mended rows.
func (h Header) File(rows []Mended) (string, error) {
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(h.Columns) // a strings.Builder takes everything
	for _, row := range rows {
		if len(row.Cells) != len(h.Columns) {
			return "", fault.New(fault.Invalid, "reject.cells", "Row %d has %d cells, and the file %d columns; give every column a cell.", row.Seq, len(row.Cells), len(h.Columns)).
				At("rows", "Every row needs %d cells.", len(h.Columns))
		}
		_ = w.Write(row.Cells)
	}
	w.Flush()
	return text.String(), w.Error()
}
