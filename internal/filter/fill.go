package filter

import (
	"fmt"
	"strings"
)

// Fill puts clauses into the {{places}} of a text, in which nothing else stands for a value, so that the result is a clause
// itself: questions are made of smaller ones that way.
func Fill(text string, parts map[string]Clause) (Clause, error) {
	var c Clause
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		if !found {
			c.SQL = b.String()
			return c, nil
		}
		name, after, _ := strings.Cut(rest, "}}")
		part, ok := parts[name]
		if !ok {
			return c, fmt.Errorf("nothing fills {{%s}}", name)
		}
		b.WriteString(part.SQL)
		c.Args = append(c.Args, part.Args...)
		text = after
	}
}
