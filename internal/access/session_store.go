package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// sessionRow is our own table and not a general session store: all we keep is
// who and since when, and all sessions of a user must be found to be ended.
type sessionRow struct {
	bun.BaseModel `bun:"table:session"`

	Hash      string `bun:",pk"`
	UserID    id.ID
	CreatedAt time.Time
	SeenAt    time.Time
}

func (g *Gate) sessionUser(ctx context.Context, hash string) (sessionRow, User, bool, error) {
	var session sessionRow
	err := g.db.Read().NewSelect().Model(&session).Where("hash = ?", hash).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return sessionRow{}, User{}, false, nil
	}
	if err != nil {
		return sessionRow{}, User{}, false, fmt.Errorf("read a session: %w", err)
	}
	user, err := g.User(ctx, session.UserID)
	if fault.Is(err, fault.NotFound) {
		return sessionRow{}, User{}, false, nil
	}
	session.CreatedAt, session.SeenAt = session.CreatedAt.UTC(), session.SeenAt.UTC()
	return session, user, err == nil, err
}

// startSession opens a session for a user whose password was just verified. The
// user's row is locked and compared first: the password may have been changed,
// or the user disabled, while it was being verified.
func (g *Gate) startSession(ctx context.Context, verified userRow, replaced string, account, address bucket) (string, error) {
	var secret string
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := stillHolds(ctx, tx, verified); err != nil {
			return err
		}
		if err := forgive(ctx, tx, account, address); err != nil {
			return err
		}
		if replaced != "" {
			if err := dropSessions(ctx, tx, "hash = ?", replaced); err != nil {
				return err
			}
		}
		now := g.now()
		err := dropSessions(ctx, tx, "created_at <= ? OR seen_at <= ?", now.Add(-sessionLifetime), now.Add(-sessionIdle))
		if err != nil {
			return err
		}
		secret, err = g.insertSession(ctx, tx, verified.ID)
		return err
	})
	return secret, err
}

func stillHolds(ctx context.Context, tx bun.Tx, verified userRow) error {
	res, err := tx.NewUpdate().Model((*userRow)(nil)).Set("updated_at = updated_at").
		Where("id = ? AND password_hash = ? AND NOT disabled", verified.ID, verified.PasswordHash).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock a user: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.New(fault.Conflict, "access.user_changed", "The user was changed at this moment. Try again.").Because(err)
	}
	return nil
}

func (g *Gate) insertSession(ctx context.Context, tx bun.Tx, userID id.ID) (string, error) {
	secret, now := newSecret(""), g.now()
	row := sessionRow{Hash: fingerprint(secret), UserID: userID, CreatedAt: now, SeenAt: now}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return "", fmt.Errorf("write a session: %w", err)
	}
	return secret, nil
}

func dropSessions(ctx context.Context, tx bun.Tx, where string, args ...any) error {
	if _, err := tx.NewDelete().Model((*sessionRow)(nil)).Where(where, args...).Exec(ctx); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

func (g *Gate) endSession(ctx context.Context, hash string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return dropSessions(ctx, tx, "hash = ?", hash)
	})
}

func (g *Gate) touchSession(ctx context.Context, hash string, now time.Time) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*sessionRow)(nil)).Set("seen_at = ?", now).Where("hash = ?", hash).Exec(ctx)
		return err
	})
}

// replacePassword sets the hash, ends every session of the user and opens one
// anew, all or nothing.
func (g *Gate) replacePassword(ctx context.Context, verified userRow, hash string, account, address bucket) (string, error) {
	var secret string
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := stillHolds(ctx, tx, verified); err != nil {
			return err
		}
		if err := forgive(ctx, tx, account, address); err != nil {
			return err
		}
		if err := g.writePassword(ctx, tx, verified.User, hash); err != nil {
			return err
		}
		var err error
		secret, err = g.insertSession(ctx, tx, verified.ID)
		return err
	})
	return secret, err
}

// writePassword sets the hash and ends every session of the user.
func (g *Gate) writePassword(ctx context.Context, tx bun.Tx, u User, hash string) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("password_hash = ?", hash).
		Set("updated_at = ?", g.now()).Set("version = version + 1").Where("id = ?", u.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a password: %w", err)
	}
	if err := dropSessions(ctx, tx, "user_id = ?", u.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, passwordChanged(u))
}
