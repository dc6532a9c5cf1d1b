package intake

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// TestCells holds what becomes of one cell, in a file written with the given decimal mark and date form. want is the staged
// value; a want that begins with "!" is a part of the reason of the reject. Each cell is tried in a file of its own (where
// the fast way may do it) and in one with a hopeless row beside it (where the general way must give the same).
func TestCells(t *testing.T) {
	t.Parallel()
	tests := []struct{ field, decimal, form, cell, want string }{
		{"revenue", ".", "", "12.5", "125000"},
		{"revenue", ".", "", " 12.5 ", "125000"},
		{"revenue", ".", "", "1.00005", "10001"},
		{"revenue", ".", "", "-1.00005", "-10001"},
		{"revenue", ".", "", "1.000049999", "10000"},
		{"revenue", ".", "", "2025.0000000000001", "20250000"},
		{"revenue", ".", "", "1e3", "10000000"},
		{"revenue", ".", "", "1,234.56", "12345600"},
		{"revenue", ".", "", "1,234,567", "12345670000"},
		{"revenue", ".", "", "1 234.56", "12345600"},
		{"revenue", ".", "", "1'234.56", "12345600"},
		{"revenue", ".", "", "€ 12.50", "125000"},
		{"revenue", ".", "", "12.50 EUR", "125000"},
		{"revenue", ".", "", "$-12.50", "-125000"},
		{"revenue", ".", "", "−7", "-70000"},
		{"revenue", ".", "", "123.45-", "-1234500"},
		{"revenue", ".", "", "(99.10)", "-991000"},
		{"revenue", ",", "", "DKK 1.234,50", "12345000"},
		{"revenue", ",", "", "DKK\u00a01.234,50", "12345000"},
		{"revenue", ",", "", "DKK -1.234,50", "-12345000"},
		{"revenue", ",", "", "€ 12", "120000"},
		{"revenue", ",", "", "12 kr", "120000"},
		{"revenue", ",", "", "12,-", "120000"},
		{"revenue", ",", "", "-12,- kr.", "-120000"},
		{"revenue", ",", "", "1\u00a0234\u202f567,5", "12345675000"},
		{"revenue", ".", "", "1'234.50", "12345000"},
		{"revenue", ".", "", "(USD 123.45)", "-1234500"},
		{"revenue", ".", "", "123-", "-1230000"},
		{"revenue", ".", "", "#N/A", "!error #N/A of a spreadsheet"},
		{"revenue", ".", "", "=1+1", "!not a number"},
		{"revenue", ".", "", "399999999999.9999", "3999999999999999"},
		{"revenue", ".", "", "99999999999999.9999", "999999999999999999"},
		{"revenue", ".", "", "100000000000000", "!not a number"},
		{"revenue", ".", "", "12,5", "!not a number"},
		{"revenue", ".", "", "12.5.1", "!not a number"},
		{"revenue", ".", "", "1e309", "!not a number"},
		{"revenue", ".", "", "12abcd", "!not a number"},
		{"revenue", ".", "", "nan", "!not a number"},
		{"revenue", ".", "", "", "!is empty"},
		{"revenue", ".", "", "   ", "!is empty"},
		{"revenue", ",", "", "12,5", "125000"},
		{"revenue", ",", "", "1.234,56", "12345600"},
		{"revenue", ",", "", "1.234", "12340000"},
		{"revenue", ",", "", "1 234,56 kr.", "12345600"},
		{"revenue", ",", "", "zł 5", "50000"},
		{"revenue", ",", "", "12.5", "!not a number"},
		{"quantity", ".", "", "2.5", "2.5"},
		{"quantity", ".", "", "1,000.25", "1000.25"},
		{"quantity", ".", "", "0.123456789", "0.123456789"},
		{"quantity", ".", "", "1e309", "!not a number"},
		{"quantity", ".", "", "inf", "!not a number"},
		{"quantity", ".", "", "NaN", "!not a number"},
		{"quantity", ".", "", "", ""},
		{"quantity", ",", "", "2,5", "2.5"},
		{"pieces", ".", "", "12", "12"},
		{"pieces", ".", "", "12.0", "12"},
		{"pieces", ".", "", "12.5", "!whole number"},
		{"pieces", ".", "", "0x10", "!whole number"},
		{"date", "", "", "2026-10-31", "2026-10-31"},
		{"date", "", "", "2026-10-31 23:59:59", "2026-10-31"},
		{"date", "", "", "2026-10-31T01:00:00+02:00", "2026-10-31"},
		{"date", "", "", "20261031", "2026-10-31"},
		{"date", "", "dd.mm.yyyy", "31.10.2026", "2026-10-31"},
		{"date", "", "dd.mm.yyyy", "1.2.2026", "2026-02-01"},
		{"date", "", "dd.mm.yyyy", "2026-10-31", "2026-10-31"},
		{"date", "", "mm/dd/yyyy", "10/31/2026", "2026-10-31"},
		{"date", "", "dd/mm/yyyy", "03/04/2026 10:00", "2026-04-03"},
		{"date", "", "dd-mmm-yyyy", "03-Apr-2026", "2026-04-03"},
		{"date", "", "dd/mm/yyyy", "10/31/2026", "!not a date"},
		{"date", "", "dd mmm yyyy", "3. März 2026", "2026-03-03"},
		{"date", "", "dd mmm yyyy", "31 paź 2026 10:00", "2026-10-31"},
		{"date", "", "dd mmm yyyy", "2026-10-31", "2026-10-31"},
		{"date", "", "dd mmm yyyy", "31 foo 2026", "!not a date"},
		{"date", "", "dd mmm yyyy", "31 feb 2026", "!not a date"},
		{"date", "", "mmm dd yyyy", "October 3, 2026", "2026-10-03"},
		{"date", "", "dd-mmm-yy", "3-Maj-26", "2026-05-03"},
		{"date", "", "yyy/mm/dd", "115/10/31", "2026-10-31"},
		{"date", "", "", "2026-10-31 10:11:12.5+00", "2026-10-31"},
		{"date", "", "", "2026-10-31 10:00+02", "2026-10-31"},
		{"date", "", "", "2026-02-30", "!not a date"},
		{"date", "", "", "2026-12-2x", "!not a date"},
		{"date", "", "", "2026-10-31abc", "!not a date"},
		{"date", "", "", "infinity", "!not a date"},
		{"date", "", "", "epoch", "!not a date"},
		{"date", "", "", "1026-10-31", "!not a date"},
		{"date", "", "", "2026-10-31 (BC)", "!not a date"},
		{"month", "", "", "2026-10", "2026-10-01"},
		{"month", "", "", "2026-10-17", "2026-10-01"},
		{"month", "", "", "10/2026", "2026-10-01"},
		{"month", "", "", "202610", "2026-10-01"},
		{"month", "", "", "soon", "!not a month"},
		{"channel", "", "", "WEB", "web"},
		{"channel", "", "", "fax", "!none of web, phone"},
		{"customer", "", "", " C1 ", "C1"},
		{"customer", "", "", strings.Repeat("x", 201), "!longer"},
		{"note", "", "", "a; b | c", "a; b | c"},
		{"note", "", "", `he said "no"`, `he said "no"`},
		{"note", "", "", "two\nlines", "two\nlines"},
	}
	b := newBench(t, testkit.DB(t))
	for _, beside := range []string{"", "2026-01-01\tC9\tbad\t\t\t\t\t\n"} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s %s %s %q beside %q", tt.field, tt.decimal, tt.form, tabular.Cut(tt.cell, 30), beside), func(t *testing.T) {
				cells := map[string]string{"date": "2026-01-01", "customer": "C1", "revenue": "1"}
				cells[tt.field] = tt.cell
				fields := []string{"date", "customer", "revenue", "quantity", "pieces", "month", "channel", "note"}
				var line []string
				for _, f := range fields {
					line = append(line, `"`+strings.ReplaceAll(cells[f], `"`, `""`)+`"`)
				}
				text := strings.Join(fields, "\t") + "\n" + beside + strings.Join(line, "\t") + "\n"
				f := b.upload(t, "cells.tsv", text)
				im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Dialect: &Dialect{Delimiter: "\t", Quote: `"`, Decimal: tt.decimal, DateFormat: tt.form},
					Mapping: mapped(t, `{"columns": {"date": "date", "customer": "customer", "revenue": "revenue", "quantity": "quantity", "pieces": "pieces", "month": "month", "channel": "channel", "note": "note"}}`)})
				if err != nil {
					t.Fatal(err)
				}
				got := strings.TrimSuffix(b.table(t, "SELECT cast("+tt.field+" AS VARCHAR) FROM sale WHERE import_no = "+strconv.FormatInt(im.No, 10)), "\n")
				if reason, rejected := strings.CutPrefix(tt.want, "!"); rejected {
					if lines := b.rejectLines(t, im.ID); im.Created != 0 || !strings.Contains(lines, reason) {
						t.Errorf("taken as %q; rejects:\n%s", got, lines)
					}
				} else if im.Created != 1 || got != tt.want {
					t.Errorf("got %q, rejects: %s", got, b.rejectLines(t, im.ID))
				}
			})
		}
	}
}
