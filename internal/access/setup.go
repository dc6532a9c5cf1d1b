package access

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Founding is what the first person says to set the program up.
type Founding struct {
	Code         string // printed by the server when it started
	Email        string
	Name         string
	Password     string
	Company      string
	BaseCurrency string // ISO 4217
	Address      string // the network address of the asker, for the rate limit
}

// SetupNeeded reports whether there is no user yet.
func (g *Gate) SetupNeeded(ctx context.Context) (bool, error) {
	exists, err := anyUser(ctx, g.db.Read())
	return err == nil && !exists, err
}

// SetupCode makes the one-time code with which the first administrator is set
// up, for the server to print when it starts; empty when there are users. Only
// its fingerprint is stored, so each start prints another, and only the latest
// works.
func (g *Gate) SetupCode(ctx context.Context) (string, error) {
	code := newCode()
	kept, err := g.keepSetupCode(ctx, fingerprint(code))
	if err != nil || !kept {
		return "", err
	}
	return code, nil
}

// Found makes the first administrator and writes the company's settings, all or
// nothing, and returns the secret of the administrator's session.
//
// Errors: NotFound once there is a user; Invalid (also access.wrong_code);
// TooMany.
func (g *Gate) Found(ctx context.Context, f Founding, settings Settings) (string, Principal, error) {
	if needed, err := g.SetupNeeded(ctx); err != nil || !needed {
		return "", Principal{}, orNotFound(err)
	}
	address := addressBucket(f.Address)
	if err := g.reserve(ctx, address); err != nil {
		return "", Principal{}, err
	}
	code := fingerprint(tidyCode(f.Code))
	if err := g.checkSetupCode(ctx, code); err != nil {
		return "", Principal{}, err
	}
	u := g.newUser(NewUser{Email: f.Email, Name: f.Name, Role: Administrator})
	if err := u.Validate(); err != nil {
		return "", Principal{}, err
	}
	if err := checkPassword("password", f.Password, u.Email); err != nil {
		return "", Principal{}, err
	}
	hash, err := g.hasher.hash(ctx, f.Password)
	if err != nil {
		return "", Principal{}, err
	}
	p := u.principal(ViaSession)
	secret, err := g.found(With(ctx, p), u, hash, code, address, settings, f)
	p.session = fingerprint(secret)
	return secret, p, err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "access.set_up_already", "Kvadrant is set up already. Sign in.")
}

func errWrongCode() error {
	const why = "The set-up code is wrong. It stands in the server's output; the one printed last works."
	return fault.New(fault.Invalid, "access.wrong_code", why).At("code", why)
}
