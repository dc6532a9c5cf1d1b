// Package access knows who asks and what they may do: users, sign-in,
// sessions, API tokens, and the one policy function, [Decide], that every
// handler, list, warehouse question, export and job obeys.
//
// The policy has two halves. The table in this file says which role may do
// which [Action]; the [Reach] that comes with a yes says on which records.
// A record out of reach does not exist for the asker: handlers answer 404,
// lists filter in SQL by [Reach.Filter].
package access

import (
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Action is one thing a principal may do, written noun.verb.
type Action string

// The actions of the program. Each route names exactly one.
const (
	CustomerRead    Action = "customer.read"
	CustomerWrite   Action = "customer.write"
	PotentialWrite  Action = "potential.write"
	ProductRead     Action = "product.read"
	PurchaseRead    Action = "purchase.read"
	InteractionRead Action = "interaction.read"
	SurveyRead      Action = "survey.read"
	SurveyWrite     Action = "survey.write"
	AnswerWrite     Action = "answer.write"
	OrgRead         Action = "org.read"
	OrgWrite        Action = "org.write"
	MatrixRead      Action = "matrix.read"
	MatrixDefine    Action = "matrix.define"
	MeasureRead     Action = "measure.read"
	MeasureDefine   Action = "measure.define"
	PlanRead        Action = "plan.read"
	PlanWrite       Action = "plan.write"
	GoalRead        Action = "goal.read"
	GoalWrite       Action = "goal.write"
	BudgetRead      Action = "budget.read"
	CauseWrite      Action = "cause.write"
	ScoreRun        Action = "score.run"
	SegmentRead     Action = "segment.read"
	SegmentWrite    Action = "segment.write"
	QualityRead     Action = "quality.read"
	QualityRun      Action = "quality.run"
	ImportRead      Action = "import.read"
	ImportRun       Action = "import.run"
	SourceRead      Action = "source.read"
	SourceManage    Action = "source.manage"
	ExportRun       Action = "export.run"
	JobRead         Action = "job.read"
	JobCancel       Action = "job.cancel"
	UserRead        Action = "user.read"
	UserWrite       Action = "user.write"
	TokenOwn        Action = "token.own"
	AuditRead       Action = "audit.read"
	SettingsRead    Action = "settings.read"
	SettingsWrite   Action = "settings.write"
	WarehouseRead   Action = "warehouse.read"
	WarehouseManage Action = "warehouse.manage"
	DemoManage      Action = "demo.manage"
	SessionOwn      Action = "session.own"
	// Public is for the few routes that need no sign-in: set-up, sign-in, health.
	Public Action = "public"
)

// reads reports whether a read-only token may do the action.
func (a Action) reads() bool { return strings.HasSuffix(string(a), ".read") }

// Role is what a user is in the company; the policy table grants actions to it.
type Role string

// The roles, from the most to the least powerful.
const (
	Administrator Role = "administrator"
	Director      Role = "director"
	Manager       Role = "manager"
	Salesperson   Role = "salesperson"
)

// Roles lists every role, the most powerful first.
func Roles() []Role { return []Role{Administrator, Director, Manager, Salesperson} }

// Valid reports whether r is a role of this program.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// DefaultScope is the scope a new user of the role gets when none is said.
func (r Role) DefaultScope() Scope {
	switch r {
	case Administrator, Director:
		return ScopeAll
	case Manager:
		return ScopeUnit
	default:
		return ScopeOwn
	}
}

// Scope is how far a user's view of customers goes.
type Scope string

// The scopes, from the widest to the narrowest.
const (
	// ScopeAll sees every customer.
	ScopeAll Scope = "all"
	// ScopeUnit sees the customers of the user's unit and of all units below
	// it, and those the user owns elsewhere.
	ScopeUnit Scope = "unit"
	// ScopeOwn sees the customers the user owns.
	ScopeOwn Scope = "own"
)

// Scopes lists every scope, the widest first.
func Scopes() []Scope { return []Scope{ScopeAll, ScopeUnit, ScopeOwn} }

// Valid reports whether s is a scope of this program.
func (s Scope) Valid() bool { return slices.Contains(Scopes(), s) }

// extent says what a granted action reaches.
type extent int

const (
	// whole: the same for everybody who has the action (products, settings).
	whole extent = iota
	// scoped: records with a unit and an owner, limited by the user's scope.
	scoped
	// everywhere: touches or shows records of all customers, so it needs the
	// scope "all" beside the role.
	everywhere
	// started: what the user started; everybody's for administrators and
	// directors with the scope "all", who answer for the company's data.
	started
	// mine: what is the user's alone.
	mine
)

// grant is one line of the policy table.
type grant struct {
	action Action
	extent extent
	// One flag per role, in the order of [Roles].
	administrator, director, manager, salesperson bool
}

func (g grant) to(role Role) bool {
	switch role {
	case Administrator:
		return g.administrator
	case Director:
		return g.director
	case Manager:
		return g.manager
	case Salesperson:
		return g.salesperson
	default:
		return false
	}
}

const yes, no = true, false

// policy is the table role × action. Choices worth a word:
//   - A salesperson does not export: lists that leave with the salesperson are
//     the classic leak, and the screen shows them the same customers.
//   - Imports, scoring and the audit log concern all customers at once, so
//     they need the scope "all" beside the role.
//   - Everybody keeps segments: a private one is its maker's alone, a shared
//     one shows each person the members within reach.
//   - Sources of other databases are the administrator's alone: the address is
//     one that the server then dials, and the SELECT is text that becomes SQL
//     there. A director sees what is read and how the runs went.
//   - A manager sees how good the data is and which of the unit's records to
//     mend; starting a check of everything needs the scope "all".
//   - Everybody may read the state of the warehouse: it explains an empty page.
//   - Users are the administrator's alone, also to read.
func policy() []grant {
	return []grant{
		//                           administrator director manager salesperson
		{CustomerRead, scoped /*    */, yes, yes, yes, yes},
		{CustomerWrite, scoped /*   */, yes, yes, yes, yes},
		{PotentialWrite, scoped /*  */, yes, yes, yes, yes},
		{ProductRead, whole /*      */, yes, yes, yes, yes},
		{PurchaseRead, scoped /*    */, yes, yes, yes, yes},
		{InteractionRead, scoped /* */, yes, yes, yes, yes},
		{SurveyRead, scoped /*      */, yes, yes, yes, yes},
		{SurveyWrite, whole /*      */, yes, yes, yes, no},
		{AnswerWrite, scoped /*     */, yes, yes, yes, yes},
		{OrgRead, whole /*          */, yes, yes, yes, yes},
		{OrgWrite, whole /*         */, yes, yes, no, no},
		{MatrixRead, scoped /*      */, yes, yes, yes, yes},
		{MatrixDefine, everywhere /**/, yes, yes, no, no},
		{MeasureRead, scoped /*     */, yes, yes, yes, yes},
		{MeasureDefine, everywhere /**/, yes, yes, no, no},
		{PlanRead, scoped /*        */, yes, yes, yes, no},
		{PlanWrite, everywhere /*   */, yes, yes, no, no},
		{GoalRead, scoped /*        */, yes, yes, yes, yes},
		{GoalWrite, scoped /*       */, yes, yes, yes, no},
		{BudgetRead, scoped /*      */, yes, yes, yes, yes},
		{CauseWrite, scoped /*      */, yes, yes, yes, yes},
		{ScoreRun, everywhere /*    */, yes, yes, no, no},
		{SegmentRead, scoped /*     */, yes, yes, yes, yes},
		{SegmentWrite, scoped /*    */, yes, yes, yes, yes},
		{QualityRead, scoped /*     */, yes, yes, yes, no},
		{QualityRun, everywhere /*  */, yes, yes, no, no},
		{ImportRead, everywhere /*  */, yes, yes, no, no},
		{ImportRun, everywhere /*   */, yes, yes, no, no},
		{SourceRead, everywhere /*  */, yes, yes, no, no},
		{SourceManage, everywhere /**/, yes, no, no, no},
		{ExportRun, scoped /*       */, yes, yes, yes, no},
		{JobRead, started /*        */, yes, yes, yes, yes},
		{JobCancel, started /*      */, yes, yes, yes, yes},
		{UserRead, whole /*         */, yes, no, no, no},
		{UserWrite, whole /*        */, yes, no, no, no},
		{TokenOwn, mine /*          */, yes, yes, yes, yes},
		{AuditRead, everywhere /*   */, yes, yes, no, no},
		{SettingsRead, whole /*     */, yes, yes, no, no},
		{SettingsWrite, whole /*    */, yes, no, no, no},
		{WarehouseRead, whole /*    */, yes, yes, yes, yes},
		{WarehouseManage, whole /*  */, yes, no, no, no},
		{DemoManage, whole /*       */, yes, no, no, no},
		{SessionOwn, mine /*        */, yes, yes, yes, yes},
	}
}

// Actions lists every action that needs a signed-in principal, in the order of
// the policy table. [Public] is not among them.
func Actions() []Action {
	table := policy()
	all := make([]Action, len(table))
	for i, g := range table {
		all[i] = g.action
	}
	return all
}

// Known reports whether a is an action of this program, [Public] included.
func (a Action) Known() bool { return a == Public || slices.Contains(Actions(), a) }

// Decide is the policy function: may p do the action, and on which records.
//
// Errors: Unauthenticated (access.sign_in_needed) when nobody is signed in,
// Forbidden (access.forbidden, access.read_only, access.scope_all_needed,
// access.session_needed) when the function is not p's. A nil error with an
// empty [Reach] is a yes that reaches no record: lists are empty.
func Decide(p Principal, action Action) (Reach, error) {
	if action == Public {
		return Reach{}, nil
	}
	if !p.SignedIn() {
		return Reach{}, fault.New(fault.Unauthenticated, "access.sign_in_needed", "Sign in first.")
	}
	if p.ReadOnly && !action.reads() {
		return Reach{}, fault.New(fault.Forbidden, "access.read_only",
			"This token may only read. Use a token without the read-only mark, or sign in.")
	}
	// A stolen token must not be able to make itself a longer-lived sister.
	if action == TokenOwn && p.Via == ViaToken {
		return Reach{}, fault.New(fault.Forbidden, "access.session_needed",
			"Tokens are managed in the browser. Sign in there with e-mail and password.")
	}
	for _, g := range policy() {
		if g.action == action && g.to(p.Role) {
			return reachOf(p, g)
		}
	}
	return Reach{}, fault.New(fault.Forbidden, "access.forbidden",
		"Your role does not allow this. Ask an administrator if you need it.")
}

func reachOf(p Principal, g grant) (Reach, error) {
	switch {
	case g.extent == whole:
		return Reach{kind: reachAll}, nil
	case g.extent == started && p.Scope == ScopeAll && (p.Role == Administrator || p.Role == Director):
		return Reach{kind: reachAll}, nil
	case g.extent == started, g.extent == mine:
		return own(p.UserID), nil
	case p.Scope == ScopeAll:
		return Reach{kind: reachAll}, nil
	case g.extent == everywhere:
		return Reach{}, fault.New(fault.Forbidden, "access.scope_all_needed",
			`This concerns all customers, so it needs the scope "all". Ask an administrator.`)
	case p.Scope == ScopeUnit:
		return below(p.Units, p.PersonID), nil
	default:
		return own(p.PersonID), nil
	}
}

// Can lists the actions p may do, in the order of the policy table; the
// browser shows and hides by it.
func Can(p Principal) []Action {
	can := []Action{}
	for _, a := range Actions() {
		if _, err := Decide(p, a); err == nil {
			can = append(can, a)
		}
	}
	return can
}
