// Package rule lets a company define measures of its own: an expression over measures and fields of customers, and
// classes by cut points (expert rules, FIELD.md Y11).
//
// An expression is read into a tree, checked piece by piece against what is allowed, and translated into an SQL expression
// of ours ([Compile]): names by an allow-list, literals as parameters. So the warehouse computes a rule for all customers
// inside a scoring run, and no text of a user is ever executed. Rules stand in order; each may use those before it.
package rule

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Most is how many rules there can be: each has its own columns in score.
const Most = 20

// Bounds of a rule.
const (
	maxName       = 80
	maxDefinition = 500
	maxClasses    = 12
)

// Classes cut the values of a rule into named parts: the first name is that of the values below the first cut point.
type Classes struct {
	At    []float64 `json:"at" nullable:"false" maxItems:"11" doc:"Where the second and each later class begins, rising."`
	Names []string  `json:"names" nullable:"false" maxItems:"12" doc:"Of the classes, the lowest first: one more than cut points. None for no classes."`
}

// Rule is a measure that the company defined.
type Rule struct {
	Key        string            `json:"key" pattern:"^[a-z][a-z0-9_]{0,30}$" doc:"Its name in expressions, lists and filters."`
	Label      string            `json:"label" minLength:"1" maxLength:"80"`
	Definition string            `json:"definition" minLength:"1" maxLength:"500" doc:"What it means, in plain words."`
	Expression string            `json:"expression" minLength:"1" maxLength:"1000"`
	Unit       scoring.Unit      `json:"unit" enum:"number,money,share,points,count,days"`
	Direction  scoring.Direction `json:"direction" enum:"more,less,neutral"`
	Classes    Classes           `json:"classes"`
}

// units are those that a rule can have.
func units() []scoring.Unit {
	return []scoring.Unit{scoring.Number, scoring.Money, scoring.Share, scoring.Points, scoring.Count, scoring.Days}
}

var plainKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// classKey is the key of the measure that says the rule's class.
func (r Rule) classKey() string { return r.Key + "_class" }

// equal tells whether two rules say the same.
func (r Rule) equal(o Rule) bool {
	return r.Key == o.Key && r.Label == o.Label && r.Definition == o.Definition && r.Expression == o.Expression && r.Unit == o.Unit &&
		r.Direction == o.Direction && slices.Equal(r.Classes.At, o.Classes.At) && slices.Equal(r.Classes.Names, o.Classes.Names)
}

// check records what cannot stand, at paths below path; the expression is Compile's.
func (r Rule) check(c *fault.Checks, path string) {
	words := func(name, text string, most int) {
		c.That(text != "" && utf8.RuneCountInString(text) <= most && utf8.ValidString(text), path+name, "Write 1 to %d characters.", most)
	}
	c.That(plainKey.MatchString(r.Key), path+"key", "Use small letters, digits and underscores, a letter first; at most 31 characters.")
	words("label", r.Label, maxName)
	words("definition", r.Definition, maxDefinition)
	c.That(slices.Contains(units(), r.Unit), path+"unit", "Use one of number, money, share, points, count and days.").
		That(slices.Contains([]scoring.Direction{scoring.More, scoring.Less, scoring.Neutral}, r.Direction), path+"direction", "Say whether more is better, less is better, or neither.")
	at, names := r.Classes.At, r.Classes.Names
	if len(at) == 0 && len(names) == 0 {
		return
	}
	c.That(len(names) == len(at)+1 && len(names) >= 2 && len(names) <= maxClasses, path+"classes", "Give one name more than cut points, and 2 to %d classes.", maxClasses)
	for i, x := range at {
		c.That(math.Abs(x) <= maxNumber && (i == 0 || x > at[i-1]), fmt.Sprintf("%sclasses.at[%d]", path, i), "Cut points must rise, each a number up to 10^15.")
	}
	for i, name := range names {
		c.That(name != "" && utf8.RuneCountInString(name) <= 40 && !slices.Contains(names[:i], name), fmt.Sprintf("%sclasses.names[%d]", path, i), "Give each class a name of its own, at most 40 characters.")
	}
}

// Book is all rules in their order, with the columns that they were given.
type Book struct {
	Rules []Placed `json:"rules"`
}

// Placed is a rule and its place in score: rule_01 and rule_01_class for 1.
type Placed struct {
	Rule
	Slot int `json:"slot"`
}

func (p Placed) column() string      { return fmt.Sprintf("rule_%02d", p.Slot) }
func (p Placed) classColumn() string { return p.column() + "_class" }

// place gives each rule a column: that which it had, by its key, or the first free one.
func place(rules []Rule, before Book) Book {
	taken := map[int]bool{}
	slots := map[string]int{}
	for _, p := range before.Rules {
		if slices.ContainsFunc(rules, func(r Rule) bool { return r.Key == p.Key }) {
			slots[p.Key], taken[p.Slot] = p.Slot, true
		}
	}
	after := Book{Rules: []Placed{}}
	for _, r := range rules {
		r.Classes = Classes{At: append([]float64{}, r.Classes.At...), Names: append([]string{}, r.Classes.Names...)}
		slot := slots[r.Key]
		for free := 1; slot == 0; free++ {
			if !taken[free] {
				slot, taken[free] = free, true
			}
		}
		after.Rules = append(after.Rules, Placed{Rule: r, Slot: slot})
	}
	return after
}
