package access

import (
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// expected is the policy as a person would write it on one page, for each
// principal of principals(): what the action reaches, or "-" when it is refused.
const expected = `
action            admin  director  director_unit  manager  manager_own  salesperson  stranger
customer.read     all    all       units          units    own          own          -
customer.write    all    all       units          units    own          own          -
potential.write   all    all       units          units    own          own          -
product.read      all    all       all            all      all          all          -
purchase.read     all    all       units          units    own          own          -
interaction.read  all    all       units          units    own          own          -
survey.read       all    all       units          units    own          own          -
survey.write      all    all       all            all      all          -            -
answer.write      all    all       units          units    own          own          -
org.read          all    all       all            all      all          all          -
org.write         all    all       all            -        -            -            -
matrix.read       all    all       units          units    own          own          -
matrix.define     all    all       -              -        -            -            -
measure.read      all    all       units          units    own          own          -
measure.define    all    all       -              -        -            -            -
plan.read         all    all       units          units    own          -            -
plan.write        all    all       -              -        -            -            -
goal.read         all    all       units          units    own          own          -
goal.write        all    all       units          units    own          -            -
budget.read       all    all       units          units    own          own          -
cause.write       all    all       units          units    own          own          -
segment.read      all    all       units          units    own          own          -
segment.write     all    all       units          units    own          own          -
score.run         all    all       -              -        -            -            -
quality.read     all    all       units          units    own          -            -
quality.run      all    all       -              -        -            -            -
import.read       all    all       -              -        -            -            -
import.run        all    all       -              -        -            -            -
source.read       all    all       -              -        -            -            -
source.manage     all    -         -              -        -            -            -
export.run        all    all       units          units    own          -            -
job.read          all    all       mine           mine     mine         mine         -
job.cancel        all    all       mine           mine     mine         mine         -
user.read         all    -         -              -        -            -            -
user.write        all    -         -              -        -            -            -
token.own         mine   mine      mine           mine     mine         mine         -
audit.read        all    all       -              -        -            -            -
settings.read     all    all       all            -        -            -            -
settings.write    all    -         -              -        -            -            -
warehouse.read    all    all       all            all      all          all          -
warehouse.manage  all    -         -              -        -            -            -
demo.manage       all    -         -              -        -            -            -
session.own       mine   mine      mine           mine     mine         mine         -
`

const (
	thePerson id.ID = "00000000-0000-7000-8000-00000000000a"
	theUser   id.ID = "00000000-0000-7000-8000-00000000000b"
	theUnit   id.ID = "00000000-0000-7000-8000-00000000000c"
	subUnit   id.ID = "00000000-0000-7000-8000-00000000000d"
	elsewhere id.ID = "00000000-0000-7000-8000-00000000000e"
)

func principals() map[string]Principal {
	of := func(role Role, scope Scope) Principal {
		p := Principal{UserID: theUser, PersonID: thePerson, Role: role, Scope: scope, Via: ViaSession}
		if scope == ScopeUnit {
			p.Units = []id.ID{theUnit, subUnit}
		}
		return p
	}
	return map[string]Principal{
		"admin":         of(Administrator, ScopeAll),
		"director":      of(Director, ScopeAll),
		"director_unit": of(Director, ScopeUnit),
		"manager":       of(Manager, ScopeUnit),
		"manager_own":   of(Manager, ScopeOwn),
		"salesperson":   of(Salesperson, ScopeOwn),
		"stranger":      of("stranger", ScopeAll),
	}
}

func describeReach(r Reach, err error) string {
	switch {
	case err != nil:
		return "-"
	case r.All():
		return "all"
	case r.Covers(subUnit, "") && r.Covers(elsewhere, thePerson) && !r.Covers(elsewhere, elsewhere) && !r.Covers("", ""):
		return "units"
	case r.Covers(elsewhere, thePerson) && !r.Covers(theUnit, elsewhere) && !r.Covers(theUnit, ""):
		return "own"
	case r.Covers("", theUser) && !r.Covers(theUnit, thePerson):
		return "mine"
	default:
		return "?"
	}
}

func TestPolicyTableIsExactlyAsWritten(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(expected), "\n")
	names := strings.Fields(lines[0])[1:]
	seen := map[Action]bool{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		action := Action(cells[0])
		seen[action] = true
		for i, name := range names {
			reach, err := Decide(principals()[name], action)
			if got := describeReach(reach, err); got != cells[i+1] {
				t.Errorf("%s by %s reaches %q, want %q", action, name, got, cells[i+1])
			}
			if err != nil && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s by %s: %v, want a Forbidden fault", action, name, err)
			}
			if err != nil && !reach.None() {
				t.Errorf("%s by %s is refused and yet reaches something", action, name)
			}
		}
	}
	for _, a := range Actions() {
		if !seen[a] {
			t.Errorf("the action %s is missing from this test's table", a)
		}
	}
	if len(seen) != len(Actions()) {
		t.Errorf("the test's table has %d actions, the program %d", len(seen), len(Actions()))
	}
}

func TestNobodyMayDoPublicThingsOnly(t *testing.T) {
	t.Parallel()
	for _, a := range Actions() {
		if reach, err := Decide(Principal{}, a); !fault.Is(err, fault.Unauthenticated) || !reach.None() {
			t.Errorf("nobody doing %s: %v", a, err)
		}
	}
	if reach, err := Decide(Principal{}, Public); err != nil || !reach.None() {
		t.Errorf("nobody doing public: %v, %v", reach, err)
	}
	if _, err := Decide(principals()["admin"], "customer.eat"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an unknown action: %v, want Forbidden", err)
	}
}

func TestReadOnlyTokenOnlyReads(t *testing.T) {
	t.Parallel()
	p := principals()["admin"]
	p.Via, p.ReadOnly = ViaToken, true
	for _, a := range Actions() {
		_, err := Decide(p, a)
		if may := err == nil; may != strings.HasSuffix(string(a), ".read") {
			t.Errorf("read-only token doing %s: %v", a, err)
		}
	}
}

func TestTokenDecidesAsItsUserButMakesNoTokens(t *testing.T) {
	t.Parallel()
	for name, p := range principals() {
		token := p
		token.Via = ViaToken
		for _, a := range Actions() {
			want, wantErr := Decide(p, a)
			got, err := Decide(token, a)
			if a == TokenOwn {
				if err == nil {
					t.Errorf("a token of %s may make tokens", name)
				}
				continue
			}
			if describeReach(got, err) != describeReach(want, wantErr) {
				t.Errorf("%s doing %s: by token %q, by session %q", name, a, describeReach(got, err), describeReach(want, wantErr))
			}
		}
	}
}

func TestReachWithoutPersonOrUnitIsEmpty(t *testing.T) {
	t.Parallel()
	for _, p := range []Principal{
		{UserID: theUser, Role: Salesperson, Scope: ScopeOwn, Via: ViaSession},
		{UserID: theUser, Role: Manager, Scope: ScopeUnit, Via: ViaSession},
	} {
		reach, err := Decide(p, CustomerRead)
		if err != nil || !reach.None() || reach.Covers("", "") || reach.Covers(theUnit, thePerson) {
			t.Errorf("%s without person and unit: %+v, %v", p.Role, reach, err)
		}
	}
}

func TestReachAsCondition(t *testing.T) {
	t.Parallel()
	columns := filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"}
	for _, c := range []struct {
		name  string
		reach Reach
		sql   string
		args  int
	}{
		{"nothing", Reach{}, "false", 0},
		{"everything", Everything(), "true", 0},
		{"own", own(thePerson), "c.owner_id = ?", 1},
		{"units", below([]id.ID{theUnit, subUnit}, thePerson), "(c.unit_id IN (?,?) OR c.owner_id = ?)", 3},
		{"units without a person", below([]id.ID{theUnit}, ""), "c.unit_id IN (?)", 1},
		{"no units", below(nil, thePerson), "c.owner_id = ?", 1},
	} {
		clause, err := filter.Compile(c.reach.Filter("unit", "owner"), columns)
		if err != nil || clause.SQL != c.sql || len(clause.Args) != c.args {
			t.Errorf("%s: %q with %v, %v; want %q with %d", c.name, clause.SQL, clause.Args, err, c.sql, c.args)
		}
	}
}

func TestNobodyGrantsAboveTheirOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		by    Principal
		role  Role
		scope Scope
		ok    bool
	}{
		{Operator(), Administrator, ScopeAll, true},
		{principals()["director"], Administrator, ScopeAll, false},
		{principals()["director"], Director, ScopeAll, true},
		{principals()["manager"], Manager, ScopeAll, false},
		{principals()["manager"], Salesperson, ScopeUnit, true},
		{principals()["salesperson"], Manager, ScopeOwn, false},
		{principals()["stranger"], Salesperson, ScopeOwn, false},
		{Principal{}, Salesperson, ScopeOwn, false},
	} {
		if err := mayGrant(c.by, c.role, c.scope); (err == nil) != c.ok {
			t.Errorf("%s/%s grants %s/%s: %v", c.by.Role, c.by.Scope, c.role, c.scope, err)
		}
	}
}
