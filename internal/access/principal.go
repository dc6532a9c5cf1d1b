package access

import (
	"context"
	"slices"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Via is how a principal proved who it is.
type Via string

// The ways in. The zero value is nobody.
const (
	// ViaSession is a browser session (cookie).
	ViaSession Via = "session"
	// ViaToken is an API token (Authorization: Bearer).
	ViaToken Via = "token"
	// ViaOperator is a person with the data folder in hand: the command line.
	ViaOperator Via = "operator"
)

// Principal is who asks: a user behind a session or a token, or the operator.
// The zero value is nobody. It is made afresh for every request, so a change
// of role or a disabled user counts at once.
type Principal struct {
	UserID   id.ID // empty for the operator
	PersonID id.ID // the person of the org the user is; empty = owns nothing
	UnitID   id.ID // the unit the user's scope "unit" starts from
	Name     string
	Email    string
	Role     Role
	Scope    Scope
	Units    []id.ID // UnitID and all units below it; filled for ScopeUnit only
	Via      Via
	ReadOnly bool // a token that may only do *.read

	session string // the fingerprint of a ViaSession principal's session
	tokenID id.ID  // of a ViaToken principal
}

// SignedIn reports whether there is anybody at all.
func (p Principal) SignedIn() bool { return p.Via != "" }

// Operator is the principal of the command line on the machine itself. Who can
// read the data folder owns the data already, so it has all rights; in the
// audit log and beside imports it stands by this name.
func Operator() Principal {
	return Principal{Name: "Command line", Role: Administrator, Scope: ScopeAll, Via: ViaOperator}
}

type principalKey struct{}

// With puts the principal into the context of a request or job, and makes it
// the actor of the changes made under it, so that no caller can forget to.
func With(ctx context.Context, p Principal) context.Context {
	if p.SignedIn() {
		ctx = audit.WithActor(ctx, audit.Actor{ID: p.UserID, Name: p.Name})
	}
	return context.WithValue(ctx, principalKey{}, p)
}

// From is the principal of the context; nobody (the zero Principal) when none
// was put there, to whom Decide refuses everything but [Public].
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

type reachKind int

const (
	reachNone reachKind = iota // the zero value reaches nothing
	reachOwn
	reachUnits
	reachAll
)

// Reach is the set of records a decision lets through. The zero value lets
// nothing through, so a forgotten Reach never leaks.
type Reach struct {
	kind  reachKind
	units []id.ID
	owner id.ID
}

// Everything is the reach of the program's own work (projection, scoring),
// which no person asked for. Handlers take theirs from [Decide].
func Everything() Reach { return Reach{kind: reachAll} }

func own(owner id.ID) Reach {
	if owner == "" {
		return Reach{}
	}
	return Reach{kind: reachOwn, owner: owner}
}

func below(units []id.ID, owner id.ID) Reach {
	if len(units) == 0 {
		return own(owner)
	}
	return Reach{kind: reachUnits, units: units, owner: owner}
}

// All reports whether nothing is out of reach.
func (r Reach) All() bool { return r.kind == reachAll }

// None reports whether nothing is in reach.
func (r Reach) None() bool { return r.kind == reachNone }

// Covers reports whether a record of this unit and owner is in reach.
func (r Reach) Covers(unitID, ownerID id.ID) bool {
	switch r.kind {
	case reachAll:
		return true
	case reachUnits:
		return unitID != "" && slices.Contains(r.units, unitID) || r.owner != "" && ownerID == r.owner
	case reachOwn:
		return ownerID == r.owner
	default:
		return false
	}
}

// Filter is the reach as a condition on the records' unit and owner, given by
// their public names in the list's [filter.Columns]. For records that have only
// an owner (jobs, tokens) the unit name may be empty: their reach is never by
// unit. Owners are persons for customers and users for jobs and tokens; Decide
// has put in the right one.
func (r Reach) Filter(unitColumn, ownerColumn string) filter.Expr {
	switch r.kind {
	case reachAll:
		return filter.And()
	case reachUnits:
		in := filter.In(unitColumn, r.units...)
		if r.owner == "" {
			return in
		}
		return filter.Or(in, filter.Eq(ownerColumn, r.owner))
	case reachOwn:
		return filter.Eq(ownerColumn, r.owner)
	default:
		return filter.Never()
	}
}

type reachKey struct{}

func withReach(ctx context.Context, r Reach) context.Context {
	return context.WithValue(ctx, reachKey{}, r)
}

// ReachOf is the reach of the route's decision, which [Gate.Allow] put into the
// context; it reaches nothing when nobody decided.
func ReachOf(ctx context.Context) Reach {
	r, _ := ctx.Value(reachKey{}).(Reach)
	return r
}
