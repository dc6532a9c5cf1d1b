package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// User is an account that can sign in. It never holds the password or its hash.
type User struct {
	ID        id.ID     `json:"id" bun:",pk"`
	Email     string    `json:"email" doc:"Unique; capitals do not count."`
	Name      string    `json:"name"`
	Role      Role      `json:"role" enum:"administrator,director,manager,salesperson"`
	Scope     Scope     `json:"scope" enum:"all,unit,own"`
	PersonID  id.ID     `json:"person_id,omitempty" doc:"The person of the organisation this user is; owners of customers are persons."`
	UnitID    id.ID     `json:"unit_id,omitempty" doc:"The unit the scope unit starts from."`
	Disabled  bool      `json:"disabled"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewUser is what it takes to make a user.
type NewUser struct {
	Email    string
	Name     string
	Role     Role
	Scope    Scope // empty = the role's default
	PersonID id.ID
	UnitID   id.ID
	Password string // empty = a random one, given back once
}

// UserPatch changes the fields that are not nil.
type UserPatch struct {
	Email    *string
	Name     *string
	Role     *Role
	Scope    *Scope
	PersonID *id.ID // empty = no person
	UnitID   *id.ID // empty = no unit
	Disabled *bool
}

func (p UserPatch) apply(u User) User {
	set(&u.Email, p.Email)
	set(&u.Name, p.Name)
	set(&u.Role, p.Role)
	set(&u.Scope, p.Scope)
	set(&u.PersonID, p.PersonID)
	set(&u.UnitID, p.UnitID)
	set(&u.Disabled, p.Disabled)
	return u.tidy()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (u User) tidy() User {
	u.Email, u.Name = strings.TrimSpace(u.Email), strings.TrimSpace(u.Name)
	return u
}

// Validate checks the user's own fields; all faults at once.
func (u User) Validate() error {
	address, err := mail.ParseAddress(u.Email)
	return fault.Check("access.invalid_user").
		That(err == nil && address.Address == u.Email && len(u.Email) <= 254, "email", "Write one e-mail address, such as anna@example.com.").
		That(u.Name != "" && len(u.Name) <= 200, "name", "Give a name of at most 200 characters.").
		That(u.Role.Valid(), "role", "The role is one of administrator, director, manager, salesperson.").
		That(u.Scope.Valid(), "scope", "The scope is one of all, unit, own.").
		That(u.Role != Administrator || u.Scope == ScopeAll, "scope", `An administrator has the scope "all".`).
		That(u.Scope != ScopeUnit || u.UnitID != "", "unit_id", `The scope "unit" needs a unit to start from.`).
		That(u.PersonID == "" || id.Valid(string(u.PersonID)), "person_id", "This is not the id of a person.").
		That(u.UnitID == "" || id.Valid(string(u.UnitID)), "unit_id", "This is not the id of a unit.").
		Err()
}

// emailKey is what makes an e-mail address unique and findable.
func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// mayGrant refuses to let anybody hand out, or touch, a role or scope above
// their own. [Roles] and [Scopes] stand from the most powerful down.
func mayGrant(p Principal, role Role, scope Scope) error {
	if !p.Role.Valid() || !p.Scope.Valid() ||
		slices.Index(Roles(), role) < slices.Index(Roles(), p.Role) ||
		slices.Index(Scopes(), scope) < slices.Index(Scopes(), p.Scope) {
		return fault.New(fault.Forbidden, "access.above_own",
			"You cannot give or change a role or scope above your own. Ask an administrator.")
	}
	return nil
}

// administers reports whether the user keeps the house from being locked out.
func (u User) administers() bool { return u.Role == Administrator && !u.Disabled }

// principal is the user as the one who asks.
func (u User) principal(via Via) Principal {
	return Principal{
		UserID: u.ID, PersonID: u.PersonID, UnitID: u.UnitID, Name: u.Name, Email: u.Email,
		Role: u.Role, Scope: u.Scope, Via: via,
	}
}

// Kinds of records in the audit log.
const (
	kindUser  = "user"
	kindToken = "api_token"
)

// CreateUser makes a user on behalf of the context's principal and returns the
// initial password when none was given; it stands nowhere else.
//
// Errors: Invalid, Conflict (access.email_taken), Forbidden (access.above_own).
func (g *Gate) CreateUser(ctx context.Context, n NewUser) (User, string, error) {
	u := g.newUser(n)
	if err := g.checkUser(ctx, u); err != nil {
		return User{}, "", err
	}
	if err := mayGrant(From(ctx), u.Role, u.Scope); err != nil {
		return User{}, "", err
	}
	password, initial := n.Password, ""
	if password == "" {
		password = newCode()
		initial = password
	} else if err := checkPassword("password", password, u.Email); err != nil {
		return User{}, "", err
	}
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return User{}, "", err
	}
	return u, initial, g.saveNewUser(ctx, u, hash)
}

func (g *Gate) newUser(n NewUser) User {
	now := g.now()
	u := User{
		ID: id.New(), Email: n.Email, Name: n.Name, Role: n.Role, Scope: n.Scope,
		PersonID: n.PersonID, UnitID: n.UnitID, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if u.Scope == "" {
		u.Scope = u.Role.DefaultScope()
	}
	return u.tidy()
}

// checkUser adds to the user's own rules that its person and unit exist.
func (g *Gate) checkUser(ctx context.Context, u User) error {
	if err := u.Validate(); err != nil {
		return err
	}
	known := fault.Check("access.invalid_user")
	if u.UnitID != "" {
		units, err := g.org.Below(ctx, u.UnitID)
		if err != nil {
			return err
		}
		known.That(len(units) > 0, "unit_id", "There is no such unit. Choose one of the list.")
	}
	if u.PersonID != "" {
		exists, err := g.org.HasPerson(ctx, u.PersonID)
		if err != nil {
			return err
		}
		known.That(exists, "person_id", "There is no such person. Choose one of the list.")
	}
	return known.Err()
}

// UpdateUser changes the user of this version on behalf of the context's
// principal. A new role or scope, and being disabled, end the user's sessions.
//
// Errors: NotFound, Precondition when the version is not the present one,
// Invalid, Conflict (access.email_taken, access.last_administrator), Forbidden
// (access.above_own).
func (g *Gate) UpdateUser(ctx context.Context, userID id.ID, version int64, patch UserPatch) (User, error) {
	present, err := g.User(ctx, userID)
	if err != nil {
		return User{}, err
	}
	// The organisation is asked before the transaction: on SQLite its reader
	// would otherwise look past the write that is going on.
	if err := g.checkUser(ctx, patch.apply(present)); err != nil {
		return User{}, err
	}
	return g.changeUser(ctx, userID, version, func(before User) (User, error) {
		after := patch.apply(before)
		if err := mayGrant(From(ctx), before.Role, before.Scope); err != nil {
			return User{}, err
		}
		return after, mayGrant(From(ctx), after.Role, after.Scope)
	})
}

// ResetPassword gives the user a random password, which it returns, and ends
// their sessions. For a user who has forgotten theirs.
//
// Errors: NotFound, Forbidden (access.above_own).
func (g *Gate) ResetPassword(ctx context.Context, userID id.ID) (string, error) {
	u, err := g.User(ctx, userID)
	if err != nil {
		return "", err
	}
	if err := mayGrant(From(ctx), u.Role, u.Scope); err != nil {
		return "", err
	}
	password := newCode()
	hash, err := g.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	return password, g.resetPassword(ctx, u, hash)
}

func errEmailTaken() error {
	const why = "Another user has this e-mail address. Choose another, or change that user."
	return fault.New(fault.Conflict, "access.email_taken", why).At("email", why)
}
