package rule

import (
	"context"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// settingName is where the rules are kept among the settings, whose every change is in the audit log.
const settingName = "rules"

// Settings keeps a value under a name, with a version; setting.Store does.
type Settings interface {
	Get(ctx context.Context, name string, v any) (version int64, err error)
	Put(ctx context.Context, name string, version int64, v any) (int64, error)
}

// Store keeps the rules, all of them as one record: they stand in order and use each other.
type Store struct{ settings Settings }

// NewStore returns the keeper of the rules.
func NewStore(settings Settings) *Store { return &Store{settings: settings} }

// Get returns the rules and their version, 0 as long as there were never any.
func (s *Store) Get(ctx context.Context) (Book, int64, error) {
	book := Book{Rules: []Placed{}}
	version, err := s.settings.Get(ctx, settingName, &book)
	if err != nil {
		return Book{}, 0, fmt.Errorf("read the rules: %w", err)
	}
	return book, version, nil
}

// Put replaces the rules when their version is still the one that was read. They count from the next scoring on. Every
// rule must compile, but one that did not before and stays as it is does not keep the others from being changed. It returns a fault Invalid with each place.
func (s *Store) Put(ctx context.Context, version int64, rules []Rule, measures []scoring.Column) (Book, int64, error) {
	before, _, err := s.Get(ctx)
	if err != nil {
		return Book{}, 0, err
	}
	after, err := checked(rules, before, measures)
	if err != nil {
		return Book{}, 0, err
	}
	next, err := s.settings.Put(ctx, settingName, version, after)
	if err != nil {
		return Book{}, 0, fmt.Errorf("change the rules: %w", err)
	}
	return after, next, nil
}

func checked(rules []Rule, before Book, measures []scoring.Column) (Book, error) {
	check := fault.Check("rule.invalid").That(len(rules) <= Most, "rules", "There can be at most %d rules.", Most)
	for i, r := range rules {
		r.check(check, fmt.Sprintf("rules[%d].", i))
		check.That(!slices.ContainsFunc(rules[:i], func(o Rule) bool {
			return o.Key == r.Key || o.Key == r.classKey() || o.classKey() == r.Key
		}), fmt.Sprintf("rules[%d].key", i), "Another rule has this key.")
	}
	if err := check.Err(); err != nil {
		return Book{}, err
	}
	after, was := place(rules, before), compile(before, measures)
	for i, l := range compile(after, measures) {
		as := slices.ContainsFunc(was, func(w link) bool { return w.mistake != nil && w.rule.equal(l.rule.Rule) })
		if l.mistake != nil && !as {
			check.That(false, fmt.Sprintf("rules[%d].expression[%d]", i, l.mistake.At), "%s", l.mistake.Detail)
		}
	}
	return after, check.Err()
}
