package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Org is what the gate must know of the organisation, which stands above it;
// know/org implements it.
type Org interface {
	// Below returns the unit and all units under it, none for an unknown unit.
	Below(ctx context.Context, unitID id.ID) ([]id.ID, error)
	// HasPerson reports whether there is such a person.
	HasPerson(ctx context.Context, personID id.ID) (bool, error)
}

// Config is what a Gate is made of.
type Config struct {
	DB  *db.DB
	Org Org
	Log *slog.Logger
	// Now is the clock; instants are stored in UTC.
	Now func() time.Time
	// TLS says that browsers reach the server by https, directly or through a
	// proxy: the cookie is then marked Secure.
	TLS bool
}

// Gate lets people and programs in and says who they are.
type Gate struct {
	db     *db.DB
	org    Org
	log    *slog.Logger
	clock  func() time.Time
	tls    bool
	hasher hasher

	noting sync.Mutex // held while one note of use is being written
	notes  sync.WaitGroup
}

// New returns the gate of an open, migrated store.
func New(cfg Config) *Gate {
	return &Gate{db: cfg.DB, org: cfg.Org, log: cfg.Log, clock: cfg.Now, tls: cfg.TLS, hasher: newHasher()}
}

// now is the present instant in the precision that both stores keep.
func (g *Gate) now() time.Time { return g.clock().UTC().Truncate(time.Microsecond) }

// PrincipalOf is the user with their present rights, for work that runs later
// than it was asked for. Disabled and unknown users are NotFound.
func (g *Gate) PrincipalOf(ctx context.Context, userID id.ID, via Via) (Principal, error) {
	u, err := g.User(ctx, userID)
	if err != nil {
		return Principal{}, err
	}
	if u.Disabled {
		return Principal{}, errNoUser()
	}
	return g.resolve(ctx, u, via)
}

// resolve adds to the user's principal the units its scope covers today.
func (g *Gate) resolve(ctx context.Context, u User, via Via) (Principal, error) {
	p := u.principal(via)
	if u.Scope != ScopeUnit {
		return p, nil
	}
	units, err := g.org.Below(ctx, u.UnitID)
	if err != nil {
		return Principal{}, err
	}
	p.Units = units
	return p, nil
}

// noteUse writes down that a session or token was used, beside the request: one
// that only reads must not wait for the writer, nor fail on a full disk. A note
// that finds another under way is left out; the next request brings it again.
func (g *Gate) noteUse(write func(ctx context.Context) error) {
	if !g.noting.TryLock() {
		return
	}
	g.notes.Go(func() {
		defer g.noting.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := write(ctx); err != nil {
			g.log.Warn("the use of a session or token could not be written down", "error", err)
		}
	})
}

// Wait returns when nothing is being written any more; call it before the store
// is closed.
func (g *Gate) Wait() { g.notes.Wait() }

func errNoUser() error {
	return fault.New(fault.NotFound, "access.no_user", "There is no such user.")
}
