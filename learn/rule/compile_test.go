package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/learn/rule"
)

func known() []rule.Name {
	return []rule.Name{{Key: "revenue", Kind: rule.Figure}, {Key: "share", Kind: rule.Figure}, {Key: "industry", Kind: rule.Text}, {Key: "last_purchase", Kind: rule.Day}}
}

// Every mistake is told with the place at which it stands.
func TestMistakesSayWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		at     int
		detail string
	}{
		{"", 0, "ends too early"},
		{"revenue >", 8, "ends too early"},
		{"revenue + (share", 15, "ends too early"},
		{"revenue ) share", 8, "cannot be read"},
		{"revnue + 1", 0, "did you mean revenue?"},
		{"1 + revnue", 4, "did you mean revenue?"},
		{"1 + nonsense_altogether", 4, "list of names"},
		{"industry + 1", 0, "a number is needed; this is a text"},
		{"1 + industry", 4, "a number is needed; this is a text"},
		{"industry", 0, "yields a number or a condition; this is a text"},
		{"last_purchase", 0, "this is a date"},
		{"revenue > industry", 10, "a number is needed; this is a text"},
		{"industry > \"A\"", 9, "compare a text with =="},
		{"revenue and share", 0, "a truth is needed"},
		{"revenue > 1 ? share : industry", 22, "a number is needed"},
		{"(revenue > 1) == true", 14, "joined by and, or, not"},
		{"revenue ** 2", 8, "The sign ** cannot stand"},
		{"revenue % 2", 8, "The sign % cannot stand"},
		{"1e16", 0, "up to 10^15"},
		{"9999999999999999", 0, "up to 10^15"},
		{"1e400", 4, "cannot be read"},
		{"99999999999999999999999", 22, "cannot be read"},
		{"revenue.share", 8, "cannot stand in a rule"},
		{"revenue[0]", 7, "cannot stand in a rule"},
		{"let x = 1; x", 4, "cannot stand in a rule"},
		{"{\"a\": 1}", 0, "cannot stand in a rule"},
		{"all([1, 2], {# > 1})", 0, "no function \"all\""},
		{"env()", 0, "no function \"env\""},
		{"system(\"rm\")", 0, "no function \"system\""},
		{"industry in revenue", 12, "stands a list"},
		{"industry in []", 12, "stands a list"},
		{"industry in [1]", 13, "a text is needed"},
		{"industry matches \"(a+)+$\"", 9, "The sign matches cannot stand"},
		{"sqrt(1, 2)", 0, "takes one value"},
		{"min(1)", 0, "takes two values or more"},
		{"date(\"31.12.2026\") > last_purchase", 5, `date("2026-01-31")`},
		{"date(industry) > last_purchase", 5, `date("2026-01-31")`},
		{"days_since(revenue)", 11, "a date is needed"},
		{"nil", 0, "cannot stand in a rule"},
		{"(revenue > 1) ?? 2", 17, "a truth is needed"},
		{"share ?? revenue * 2", 17, "in brackets"},
		{"\"" + strings.Repeat("a", 201) + "\" == industry", 0, "at most 200 characters"},
		{strings.Repeat("1", 1001), 1000, "longer than 1000 characters"},
		{strings.Repeat("(", 400) + "1" + strings.Repeat(")", 400) + " + revnue", 804, "did you mean"},
		{strings.Repeat("-", 300) + "1", -1, "more than 200 parts"},
		{strings.Repeat("-", 60) + "1", -1, "nested too deeply"},
		{"1" + strings.Repeat("+1", 300), -1, "more than 200 parts"},
		{strings.Repeat("revenue > 1 ? 1 : (", 45) + "0" + strings.Repeat(")", 45), -1, "more than 200 parts"},
		{"revenue \x00 1", 0, "readable text"},
		{"revenue; DROP TABLE score", -1, ""},
		{"revenue -- comment", -1, ""},
		{"revenue ? 1 : 2", 0, "a truth is needed"},
		{"$env", -1, ""},
		{"?", -1, ""},
		{"revenue {{where}}", -1, ""},
		{":as_of", -1, ""},
	} {
		_, err := rule.Compile(c.text, known())
		var m *rule.Mistake
		if !errors.As(err, &m) {
			t.Errorf("%.40q was taken: %v", c.text, err)
			continue
		}
		if c.at >= 0 && m.At != c.at || !strings.Contains(m.Detail, c.detail) {
			t.Errorf("%.40q: at %d: %s; want at %d: %s", c.text, m.At, m.Detail, c.at, c.detail)
		}
	}
}

// Nothing that a user wrote stands in the SQL: names come from the list, literals are parameters.
func TestNoTextOfAUserInSQL(t *testing.T) {
	t.Parallel()
	c, err := rule.Compile(`industry == "x'); DROP TABLE score; --" or industry in ["?", "{{where}}"] ? 12345.678 : min(revenue, 42)`, known())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"DROP", "{{", "12345", "42", "'"} {
		if strings.Contains(c.Clause.SQL, bad) {
			t.Errorf("%q stands in %s", bad, c.Clause.SQL)
		}
	}
	if got := fmt.Sprint(c.Clause.Args); got != "[x'); DROP TABLE score; -- ? {{where}} 12345.678 42]" {
		t.Errorf("parameters: %s", got)
	}
	if got := fmt.Sprint(c.Uses); got != "[industry revenue]" {
		t.Errorf("uses: %s", got)
	}
	if strings.Count(c.Clause.SQL, "?") != len(c.Clause.Args) {
		t.Errorf("%d marks for %d parameters", strings.Count(c.Clause.SQL, "?"), len(c.Clause.Args))
	}
}
