package matrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// The commands of the scenarios, which hand-computed tables answer. "-" is an empty cell.
//
//	units       code | parent
//	people      code
//	customers   code | name | industry | country | unit | owner
//	moves       code | from | unit | owner
//	potentials  customer | amount | source | valid from
//	purchases   customer | date | revenue (with up to four decimals)
//	define {…}                    the definition of the matrix as JSON
//	score DATE
//	boundaries DATE               gold | silver | sailer | loyal
//	matrix DATE [key=value …]     key | customers | revenue | potential | unused, cells without customers left out
//	totals DATE [key=value …]     the same for rows, columns and total
//	shares DATE                   key | share of customers | share of revenue, in per cent with one decimal
//	list DATE [key=value …]       code | revenue | potential | share | unused | cell
//	place DATE CODE               cell | unused, then as of | cell for each version
//
// The keys: as (all, own:CODE, unit:CODE,CODE), unit, owner, industry, country, cell, row, column, q, sort.
func TestScenarios(t *testing.T) {
	t.Parallel()
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		commands := map[string]testkit.Command{
			"define": func(t *testing.T, args, _ string) []string {
				(&scenario{t, w}).define(args)
				return nil
			},
			"score": func(t *testing.T, args, _ string) []string {
				w.score(t, date.Date(args))
				return nil
			},
		}
		for _, name := range []string{"units", "people", "customers", "moves", "potentials", "purchases"} {
			commands[name] = func(t *testing.T, _, input string) []string {
				for line := range strings.SplitSeq(input, "\n") {
					(&scenario{t, w}).loadRow(name, cells(line))
				}
				return nil
			}
		}
		for _, name := range []string{"boundaries", "matrix", "totals", "shares", "list", "place"} {
			commands[name] = func(t *testing.T, args, _ string) []string { return show((&scenario{t, w}).ask(name, args)) }
		}
		return commands
	})
}

type scenario struct {
	t *testing.T
	w *world
}

func cells(line string) []string {
	var all []string
	for cell := range strings.SplitSeq(line, "|") {
		if cell = strings.TrimSpace(cell); cell == "-" {
			cell = ""
		}
		all = append(all, cell)
	}
	return all
}

func show(rows [][]string) []string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			if cell == "" {
				row[j] = "-"
			}
		}
		lines[i] = strings.Join(row, " | ")
	}
	return lines
}

func (s *scenario) define(text string) {
	var d matrix.Definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		s.t.Fatal(err)
	}
	_, version, err := s.w.definitions.Get(context.Background())
	if err == nil {
		_, err = s.w.definitions.Put(context.Background(), version, d)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scenario) loadRow(command string, r []string) {
	t, w := s.t, s.w
	switch command {
	case "units":
		w.unit(t, r[0], r[1])
	case "people":
		w.person(t, r[0])
	case "customers":
		w.customer(t, r[0], r[1], r[2], r[3], r[4], r[5])
	case "moves":
		w.moves(t, r[0], r[1], r[2], r[3])
	case "potentials":
		w.potential(t, r[0], scaled(t, r[1], 100), r[2], r[3])
	case "purchases":
		w.purchase(t, r[0], r[1], scaled(t, r[2], 10_000))
	}
}

func scaled(t *testing.T, text string, by float64) int64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(math.Round(f * by))
}

func (s *scenario) ask(command, rest string) [][]string {
	t, ctx := s.t, context.Background()
	words := strings.Fields(rest)
	if len(words) == 0 {
		t.Fatalf("%s needs a date", command)
	}
	asOf := date.Date(words[0])
	if command == "place" {
		return s.place(asOf, words[1])
	}
	l, who := s.question(words[1:])
	l.AsOf, l.Limit = asOf, 100
	reach := s.w.reach(t, who)
	if command == "list" {
		page, err := s.w.questions.Customers(ctx, reach, l)
		if err != nil {
			t.Fatal(err)
		}
		return listed(page.Lines)
	}
	p, err := s.w.questions.Matrix(ctx, reach, asOf, l.Narrow)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Cells) != 13 || len(p.RowTotals) != 4 || len(p.ColumnTotals) != 5 {
		t.Errorf("%d cells, %d rows, %d columns", len(p.Cells), len(p.RowTotals), len(p.ColumnTotals))
	}
	return picture(t, command, p)
}

func (s *scenario) question(words []string) (l matrix.List, who string) {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		value = strings.ReplaceAll(value, "_", " ")
		switch key {
		case "as":
			who = value
		case "unit":
			l.Narrow.Unit = s.w.id(value)
		case "owner":
			l.Narrow.Owner = s.w.id(value)
		case "industry":
			l.Narrow.Industry = value
		case "country":
			l.Narrow.Country = value
		case "cell":
			l.Narrow.Cell = strings.ReplaceAll(value, " ", "_")
		case "row":
			l.Narrow.Row = value
		case "column":
			l.Narrow.Column = value
		case "q":
			l.Narrow.Text = value
		case "sort":
			l.Sort = strings.ReplaceAll(value, " ", "_")
		default:
			s.t.Fatalf("there is no key %q", key)
		}
	}
	return l, who
}

func picture(t *testing.T, command string, p matrix.Picture) [][]string {
	var rows [][]string
	add := func(key string, f matrix.Figures) {
		if f != (matrix.Figures{}) {
			rows = append(rows, []string{key, fmt.Sprint(f.Customers), major(f.Revenue), major(f.Potential), major(f.Unused)})
		}
	}
	switch command {
	case "matrix":
		for _, c := range p.Cells {
			add(c.Key, c.Figures)
		}
	case "totals":
		for _, r := range p.RowTotals {
			add(r.Row, r.Figures)
		}
		for _, c := range p.ColumnTotals {
			add(c.Column, c.Figures)
		}
		add("total", p.Total)
	case "shares":
		for _, c := range p.Cells {
			if c.Customers > 0 {
				rows = append(rows, []string{c.Key, fmt.Sprintf("%.1f", 100*c.ShareOfCustomers), fmt.Sprintf("%.1f", 100*c.ShareOfRevenue)})
			}
		}
	case "boundaries":
		b := p.Boundaries
		rows = append(rows, []string{amount(b.Potential.Gold), amount(b.Potential.Silver), share(b.Share.Sailer), share(b.Share.Loyal)})
	default:
		t.Fatalf("there is no command %q", command)
	}
	return rows
}

func listed(lines []matrix.Line) [][]string {
	var rows [][]string
	for _, l := range lines {
		rows = append(rows, []string{l.Code, major(l.Revenue), amount(l.Potential), share(l.Share), amount(l.Unused), l.Cell})
	}
	return rows
}

func (s *scenario) place(asOf date.Date, code string) [][]string {
	p, err := s.w.questions.Place(context.Background(), s.w.reach(s.t, "all"), s.w.id(code), asOf)
	if err != nil {
		s.t.Fatal(err)
	}
	if p.Cell != matrix.Key(p.Row, p.Column) || !slices.Contains(matrix.Cells(), p.Cell) {
		s.t.Errorf("place %+v", p)
	}
	rows := [][]string{{p.Cell, amount(p.Unused)}}
	for _, h := range p.History {
		rows = append(rows, []string{string(h.AsOf), h.Cell})
	}
	return rows
}

func amount(minor *int64) string {
	if minor == nil {
		return ""
	}
	return major(*minor)
}

func share(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', 6, 64)
}
