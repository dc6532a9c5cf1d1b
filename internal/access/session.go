package access

import (
	"context"
	"time"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// How long a session lives: without use, and at all.
const (
	sessionIdle     = 12 * time.Hour
	sessionLifetime = 30 * 24 * time.Hour
	// seenEvery bounds how often use is written down: a write per read would
	// make the writer the bottleneck of reading.
	seenEvery = 5 * time.Minute
)

// Credentials are what a person shows to sign in.
type Credentials struct {
	Email    string
	Password string
	Address  string // the network address of the asker, for the rate limit
}

// SignIn starts a session and returns its secret, which stands nowhere else. The
// session of the context's principal, if there is one, ends.
//
// Errors: Unauthenticated (access.wrong_password), the same and after the same
// time whether the user does not exist, is disabled or has another password;
// TooMany.
func (g *Gate) SignIn(ctx context.Context, c Credentials) (string, Principal, error) {
	account, address := accountBucket(c.Email), addressBucket(c.Address)
	if err := g.reserve(ctx, account, address); err != nil {
		return "", Principal{}, err
	}
	row, found, err := g.userByEmail(ctx, c.Email)
	if err != nil {
		return "", Principal{}, err
	}
	hash := g.hasher.decoy
	if found {
		hash = row.PasswordHash
	}
	right, err := g.hasher.verify(ctx, hash, c.Password)
	if err != nil {
		return "", Principal{}, err
	}
	if !right || !found || row.Disabled {
		g.log.InfoContext(ctx, "sign-in refused", "address", c.Address)
		return "", Principal{}, fault.New(fault.Unauthenticated, "access.wrong_password",
			"The e-mail address or the password is wrong. Check both, or ask an administrator for a new password.")
	}
	secret, err := g.startSession(ctx, row, From(ctx).session, account, address)
	if err != nil {
		return "", Principal{}, err
	}
	p, err := g.resolve(ctx, row.User, ViaSession)
	p.session = fingerprint(secret)
	return secret, p, err
}

// SignOut ends the session of the principal; tokens and the operator have none,
// which is no fault.
func (g *Gate) SignOut(ctx context.Context, p Principal) error {
	if p.session == "" {
		return nil
	}
	return g.endSession(ctx, p.session)
}

// principalOfSession is nobody (and no error) when the session is unknown, too
// old, idle too long, or its user disabled.
func (g *Gate) principalOfSession(ctx context.Context, secret string) (Principal, error) {
	row, user, found, err := g.sessionUser(ctx, fingerprint(secret))
	if err != nil || !found || user.Disabled {
		return Principal{}, err
	}
	now := g.now()
	if now.Sub(row.CreatedAt) >= sessionLifetime || now.Sub(row.SeenAt) >= sessionIdle {
		return Principal{}, nil
	}
	if now.Sub(row.SeenAt) >= seenEvery {
		g.noteUse(func(ctx context.Context) error { return g.touchSession(ctx, row.Hash, now) })
	}
	p, err := g.resolve(ctx, user, ViaSession)
	p.session = row.Hash
	return p, err
}

// ChangePassword sets the principal's own password, ends all their sessions and
// starts a new one, whose secret it returns.
//
// Errors: Forbidden (access.session_needed) for tokens and the operator,
// Invalid for a wrong present or a weak new password, TooMany.
func (g *Gate) ChangePassword(ctx context.Context, p Principal, current, replacement, address string) (string, error) {
	if p.Via != ViaSession {
		return "", fault.New(fault.Forbidden, "access.session_needed", "A password is changed in the browser by its user. Sign in there first.")
	}
	account, from := accountBucket(p.Email), addressBucket(address)
	if err := g.reserve(ctx, account, from); err != nil {
		return "", err
	}
	row, found, err := g.userByEmail(ctx, p.Email)
	if err != nil {
		return "", err
	}
	if !found {
		return "", errNoUser()
	}
	right, err := g.hasher.verify(ctx, row.PasswordHash, current)
	if err != nil {
		return "", err
	}
	if !right {
		return "", fault.New(fault.Invalid, "access.wrong_current_password", "The present password is wrong.").
			At("current", "The present password is wrong.")
	}
	if err := checkPassword("new", replacement, p.Email); err != nil {
		return "", err
	}
	hash, err := g.hasher.hash(ctx, replacement)
	if err != nil {
		return "", err
	}
	return g.replacePassword(ctx, row, hash, account, from)
}

// passwordChanged is the audit entry of a new password: that, never what.
func passwordChanged(u User) audit.Change {
	return audit.Change{Kind: kindUser, ID: u.ID, Action: audit.Update, After: map[string]string{"password": "changed"}}
}
