package quality

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the report for people at a terminal: a line for each kind, and below it what worsens its grade or is worth a
// look, the worst first.
func (r Report) Print(to io.Writer) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "Data check as of %s\n", r.AsOf)
	for _, k := range r.Kinds {
		if k.Records == 0 {
			fmt.Fprintf(out, "%-13s –  nothing imported yet\n", k.Kind)
			continue
		}
		fmt.Fprintf(out, "%-13s %s  %d records\n", k.Kind, k.Grade, k.Records)
		for _, grade := range []Grade{D, C, B, A} {
			for _, f := range k.Findings {
				if f.Grade == grade && f.Count > 0 {
					fmt.Fprintf(out, "  %s  %d of %d (%.1f %%) %s\n", grade, f.Count, f.Of, 100*float64(f.Count)/float64(f.Of), f.words())
				}
			}
		}
	}
	_, err := io.WriteString(to, out.String())
	return err
}

// words says what the finding is.
func (f Finding) words() string {
	about := func(prefix string) string { return strings.ReplaceAll(strings.TrimPrefix(f.Key, prefix), "_", " ") }
	switch {
	case strings.HasPrefix(f.Key, "missing_"):
		return "without " + about("missing_")
	case strings.HasPrefix(f.Key, "invalid_"):
		return "with a " + about("invalid_") + " that cannot be right"
	case strings.HasPrefix(f.Key, "outlier_"):
		return "with a " + about("outlier_") + " far off the others"
	}
	if words, ok := findingWords()[f.Key]; ok {
		return words
	}
	return about("")
}

func findingWords() map[string]string {
	return map[string]string{
		"same_name":        "with the name of another",
		"same_email":       "with the e-mail address of another",
		"same_phone":       "with the phone number of another",
		"no_potential":     "without a potential: they stand outside the matrix",
		"no_purchases":     "that never bought anything",
		"beyond_potential": "bought more in a year than their potential says",
		"returned_beyond":  "gave back more of a product than they bought",
		"stale":            "are older than two years, with no later one",
		"future_date":      "are dated in the future",
		"zero_amount":      "say zero",
		"zero_revenue":     "have a revenue of zero",
		"unknown_customer": "belong to a customer that is not there",
		"repeated":         "stand more than once",
		"never_sold":       "were never sold",
		"several_tops":     "stand side by side at the top",
		gapMonths:          "months have no purchase at all",
		jumpMonths:         "months are far off what their neighbours and season let expect",
	}
}
