package measure

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Bounds of what a list can be asked.
const (
	MaxConditions = 10
	MaxColumns    = 20
)

var conditionText = regexp.MustCompile(`^([a-z][a-z0-9_]{0,40})(>=|<=|!=|>|<|=)(.{0,100})$`)

// Conditions reads texts such as "share>=0.5" into a condition on the measures' columns. Values are as people are shown
// them: money in minor units, shares from 0 to 1, dates as 2026-10-31. An empty value asks whether there is one:
// "potential=" is without, "potential!=" with. Faults Malformed name the condition.
func (s Set) Conditions(texts []string, currency string) (filter.Expr, error) {
	if len(texts) > MaxConditions {
		return nil, fault.New(fault.Malformed, "measure.too_many_conditions", "A list can have at most %d conditions on measures.", MaxConditions).At("measure", "Give at most %d.", MaxConditions)
	}
	var parts []filter.Expr
	for _, text := range texts {
		part := conditionText.FindStringSubmatch(text)
		if part == nil {
			return nil, malformed(text, "Write a measure, a sign and a value: share>=0.5.")
		}
		m, ok := s.Find(part[1])
		if !ok {
			return nil, malformed(text, "There is no such measure as of this date; the list of measures names those there are.")
		}
		e, err := m.Compare(part[2], part[3], currency)
		if err != nil {
			return nil, malformed(text, err.Error())
		}
		parts = append(parts, e)
	}
	return filter.And(parts...), nil
}

func malformed(text, cure string) error {
	return fault.New(fault.Malformed, "measure.malformed_condition", "%q is no condition. %s", abridged(text), cure).At("measure", "%s", cure)
}

type cure string

func (c cure) Error() string { return string(c) }

// Compare is the condition that the measure stands to a value in the way of a sign, such as >=. Of an unknown measure it is
// neither true nor false; "=" and "!=" with an empty value ask whether it is known. The error is the cure in a sentence.
func (m Measure) Compare(sign, text, currency string) (filter.Expr, error) {
	if text == "" {
		switch sign {
		case filter.Is:
			return filter.IsNull(m.Key), nil
		case filter.IsNot:
			return filter.Not(filter.IsNull(m.Key)), nil
		}
		return nil, cure("Give a value after the sign.")
	}
	value, err := m.parse(text, currency)
	if err != nil {
		return nil, err
	}
	if m.Unit == scoring.Word && sign != "=" && sign != "!=" {
		return nil, cure("Words have no order; use = or !=.")
	}
	if e := filter.Compare(m.Key, sign, value); e != nil {
		return e, nil
	}
	return nil, cure("Use one of: =, !=, >, >=, <, <=.")
}

// parse turns a value as people are shown it into one as the column holds it.
func (m Measure) parse(text, currency string) (any, error) {
	switch {
	case m.Unit == scoring.Word:
		return text, nil
	case m.Unit == scoring.Date:
		if !date.Date(text).Valid() {
			return nil, cure("Write the date as 2026-10-31.")
		}
		return date.Date(text), nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.Abs(x) > 1e15 {
		return nil, cure("Write the value as a number, such as 0.5 or 1000.")
	}
	if m.Fine() {
		x *= float64(money.FinePerMinor(currency))
	}
	return x, nil
}

// Choose returns the measures of the keys, which are apart by commas, in this order.
func (s Set) Choose(keys string) (Set, error) {
	var chosen Set
	for key := range strings.SplitSeq(keys, ",") {
		if key = strings.TrimSpace(key); key == "" {
			continue
		}
		m, ok := s.Find(key)
		if !ok {
			return nil, fault.New(fault.Malformed, "measure.unknown_column", "There is no measure %q as of this date; the list of measures names those there are.", abridged(key)).
				At("columns", "Use keys of the list of measures.")
		}
		chosen = append(chosen, m)
	}
	if len(chosen) > MaxColumns {
		return nil, fault.New(fault.Malformed, "measure.too_many_columns", "A list can have at most %d measures as columns.", MaxColumns).At("columns", "Give at most %d.", MaxColumns)
	}
	return chosen, nil
}

func abridged(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
