package quality

import (
	"context"
	"fmt"
	"io"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// exportPage is how many rows an export reads at once: more than a list, since each page looks through the whole sheet.
const exportPage = 20_000

// Export is a list opened for reading to its end, in pages, so that a million rows need no memory.
type Export struct {
	checker *Checker
	reach   access.Reach
	list    list
	page    Page
}

// Export opens the list behind a figure; its cursor and limit do not count. Faults as of Rows.
func (c *Checker) Export(ctx context.Context, reach access.Reach, l List) (*Export, error) {
	open, err := c.open(ctx, l)
	if err != nil {
		return nil, err
	}
	e := &Export{checker: c, reach: reach, list: open}
	e.page, err = c.page(ctx, reach, open, "", exportPage)
	return e, err
}

// Name is the file's name.
func (e *Export) Name() string {
	return e.list.kind.key + "-" + e.list.finding.key + "-" + string(e.list.report.AsOf) + ".csv"
}

// CSV writes the list as comma-separated text.
func (e *Export) CSV(ctx context.Context, to io.Writer) error {
	columns := exported(e.list.kind.subject)
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	w := tabular.NewCSVWriter(to)
	if err := w.Titles(titles...); err != nil {
		return err
	}
	for {
		for _, r := range e.page.Rows {
			cells := make([]any, len(columns))
			for i, c := range columns {
				cells[i] = c.cell(r)
			}
			if err := w.Row(cells...); err != nil {
				return err
			}
		}
		if e.page.Next == "" {
			return w.Flush()
		}
		var err error
		if e.page, err = e.checker.page(ctx, e.reach, e.list, e.page.Next, exportPage); err != nil {
			return fmt.Errorf("export the rows of the data check: %w", err)
		}
	}
}
