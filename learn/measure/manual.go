package measure

import (
	"fmt"
	"io"
	"strings"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

// WriteManual writes the measures of the program as a page for people: docs/measures.md.
func (r *Registry) WriteManual(w io.Writer) error {
	var b strings.Builder
	b.WriteString(manualHead)
	set := r.Standing()
	step := ""
	for _, m := range set {
		if m.Step != step {
			step = m.Step
			fmt.Fprintf(&b, "\n## %s\n", step)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| | |\n|---|---|\n", m.Label, m.Definition)
		line := func(name, text string) {
			if text != "" {
				fmt.Fprintf(&b, "| %s | %s |\n", name, strings.ReplaceAll(text, "|", "\\|"))
			}
		}
		line("key", "`"+m.Key+"`")
		line("unit", unitInWords(m.Unit))
		line("good is", map[scoring.Direction]string{scoring.More: "more", scoring.Less: "less", scoring.Neutral: "neither"}[m.Direction])
		line("worked out as", m.Formula)
		line("model", m.Model)
		line("from", set.named(m.Inputs))
		line("rows behind it", rowsInWords(m.column.Rows))
		line("no value when", strings.Join(m.Minimum, " "))
		line("follows", m.Source)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const manualHead = `# The measures

What Kvadrant computes of every customer, and how. This page is written by ` + "`make generate`" + ` from what each part of the scoring says
of its own columns; in the program the same words stand behind every "how?", there with the customer's own figures, the rows
they come from, the date and the sample.

All measures are as of a date: only what is dated on or before it counts. The window is the months before the date that the
matrix sums revenue over, twelve unless it was set otherwise. Where too little is known there is no value, and the reason stands
in its place. Measures that a company defines itself stand in the program beside these.
`

func (s Set) named(keys []string) string {
	labels := make([]string, len(keys))
	for i, key := range keys {
		labels[i] = key
		if m, ok := s.Find(key); ok {
			labels[i] = m.Label
		}
	}
	return strings.Join(labels, ", ")
}

func unitInWords(u scoring.Unit) string {
	switch u {
	case scoring.Money:
		return "money in the base currency"
	case scoring.Share:
		return "share, 100 % is all of it"
	case scoring.Chance:
		return "probability, from 0 to 100 %"
	case scoring.Word:
		return "a word"
	case scoring.Date:
		return "a date"
	default:
		return string(u)
	}
}

func rowsInWords(all []scoring.Rows) string {
	words := make([]string, len(all))
	for i, r := range all {
		switch {
		case r.Months == scoring.OverWindow:
			words[i] = string(r.Kind) + " of the window"
		case r.Months > 0:
			words[i] = fmt.Sprintf("%s of the %d months before the date", r.Kind, r.Months)
		default:
			words[i] = string(r.Kind) + " up to the date"
		}
	}
	return strings.Join(words, "; ")
}
