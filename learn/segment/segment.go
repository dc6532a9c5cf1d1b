// Package segment keeps groups of customers under a name: live ones, whose members are all who meet a rule, and frozen ones,
// whose members stay until somebody adds or removes them (FIELD.md K8, C7).
//
// A live segment is only its rule. Who is in it on a scored date is asked of that date's version, so its past is always that
// of the present rule and compares like with like; when the rule changes, the past is worked out anew. What is kept for
// each version is the size and who entered or left since the version before (see build_job.go). Why they did is read from
// the two versions when somebody asks. The members of a frozen segment stand in the operational store, since nothing else
// knows them, and are shown to the warehouse.
//
// A segment is its maker's alone or shared with everybody. Either way each person sees only the members within reach.
package segment

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/criterion"
)

// Kind says where a segment's members come from.
type Kind string

// The kinds.
const (
	Live   Kind = "live"   // all who meet the rule, on every date
	Frozen Kind = "frozen" // who was put into it
)

// Bounds.
const (
	Most           = 500     // segments of the company
	MostLive       = 200     // of them live
	MostMembers    = 200_000 // of a frozen one
	MostCodes      = 20_000  // given at once
	maxName        = 100
	maxDescription = 1000
)

// Segment is a group of customers.
type Segment struct {
	bun.BaseModel `bun:"table:segment,alias:g" json:"-"`

	ID          id.ID        `bun:"id,pk" json:"id"`
	Name        string       `bun:"name" json:"name"`
	Description string       `bun:"description" json:"description"`
	Kind        Kind         `bun:"kind" json:"kind" enum:"live,frozen"`
	Shared      bool         `bun:"shared" json:"shared" doc:"Everybody sees it, each with the members within reach; else its owner alone does."`
	OwnerID     id.ID        `bun:"owner_id" json:"owner_id,omitempty" doc:"The user who made it"`
	OwnerName   string       `bun:"owner_name" json:"owner_name"`
	Rule        *filter.Tree `bun:"-" json:"rule,omitempty" doc:"Of a live one."`
	Version     int64        `bun:"version" json:"version"`
	CreatedAt   time.Time    `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time    `bun:"updated_at" json:"updated_at"`
}

// Normalise trims what was typed.
func (s *Segment) Normalise() {
	s.Name, s.Description = strings.TrimSpace(s.Name), strings.TrimSpace(s.Description)
}

// Validate returns a fault that names every field that cannot stand; the rule is checked by compiling it.
func (s *Segment) Validate() error {
	return fault.Check("segment.invalid").
		That(s.Name != "", "name", "Give the segment a name.").
		That(utf8.RuneCountInString(s.Name) <= maxName && plain(s.Name), "name", "Use at most %d characters on one line.", maxName).
		That(utf8.RuneCountInString(s.Description) <= maxDescription && !strings.ContainsRune(s.Description, 0), "description", "Use at most %d characters.", maxDescription).
		That(s.Kind == Live || s.Kind == Frozen, "kind", "Use live or frozen.").
		That(s.Kind != Live || s.Rule != nil, "rule", "Give the rule that its customers meet.").
		That(s.Kind != Frozen || s.Rule == nil, "rule", "A frozen segment has members, not a rule.").
		Err()
}

func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// uses lists the segments that the rule speaks of.
func (s *Segment) uses() []id.ID {
	var all []id.ID
	if s.Rule == nil {
		return nil
	}
	for _, leaf := range s.Rule.Leaves() {
		if leaf.Field == criterion.SegmentField {
			all = append(all, id.ID(leaf.Value))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Way is how a customer came into a frozen segment.
type Way string

// The ways.
const (
	FromList  Way = "list"
	FromCodes Way = "codes"
	ByHand    Way = "hand"
)

func notFound() error {
	return fault.New(fault.NotFound, "segment.not_found", "There is no such segment, or it is somebody else's.")
}
