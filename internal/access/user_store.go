package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// userRow is a user with what never leaves this package.
type userRow struct {
	bun.BaseModel `bun:"table:user_account"`

	User
	EmailKey     string
	PasswordHash string
}

func (r *userRow) inUTC() {
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
}

// User returns the user; NotFound when there is none.
func (g *Gate) User(ctx context.Context, userID id.ID) (User, error) {
	row, err := readUser(ctx, g.db.Read(), "id = ?", userID)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, errNoUser()
	}
	return row.User, err
}

// UserByEmail returns the user with the address, whatever its capitals;
// NotFound when there is none.
func (g *Gate) UserByEmail(ctx context.Context, email string) (User, error) {
	row, found, err := g.userByEmail(ctx, email)
	if err == nil && !found {
		err = errNoUser()
	}
	return row.User, err
}

func (g *Gate) userByEmail(ctx context.Context, email string) (userRow, bool, error) {
	row, err := readUser(ctx, g.db.Read(), "email_key = ?", emailKey(email))
	if errors.Is(err, sql.ErrNoRows) {
		return userRow{}, false, nil
	}
	return row, err == nil, err
}

func readUser(ctx context.Context, idb bun.IDB, where string, args ...any) (userRow, error) {
	var row userRow
	if err := idb.NewSelect().Model(&row).Where(where, args...).Scan(ctx); err != nil {
		return userRow{}, fmt.Errorf("read a user: %w", err)
	}
	row.inUTC()
	return row, nil
}

// Users returns up to limit users whose address comes after the given one, in
// the order of addresses.
func (g *Gate) Users(ctx context.Context, after string, limit int) ([]User, error) {
	var rows []userRow
	err := g.db.Read().NewSelect().Model(&rows).
		Where("email_key > ?", emailKey(after)).Order("email_key").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	users := make([]User, len(rows))
	for i := range rows {
		rows[i].inUTC()
		users[i] = rows[i].User
	}
	return users, nil
}

// insertUser writes a new user. The first user ends the set-up, however it came
// about.
func insertUser(ctx context.Context, tx bun.Tx, u User, hash string) error {
	if _, err := tx.NewDelete().Model((*setupRow)(nil)).Where("true").Exec(ctx); err != nil {
		return fmt.Errorf("end the set-up: %w", err)
	}
	_, err := tx.NewInsert().Model(&userRow{User: u, EmailKey: emailKey(u.Email), PasswordHash: hash}).Exec(ctx)
	if db.IsUnique(err) {
		return errEmailTaken()
	}
	if err != nil {
		return fmt.Errorf("write a user: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: kindUser, ID: u.ID, Action: audit.Create, After: u})
}

func (g *Gate) saveNewUser(ctx context.Context, u User, hash string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return insertUser(ctx, tx, u, hash) })
}

// changeUser applies change to the user of this version, in one transaction
// with the rule of the last administrator and the end of sessions.
func (g *Gate) changeUser(ctx context.Context, userID id.ID, version int64, change func(User) (User, error)) (User, error) {
	var after User
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Two administrators who demote each other at the same moment must
		// queue here, or none would be left.
		if err := lockAdministrators(ctx, tx); err != nil {
			return err
		}
		before, err := readUser(ctx, tx, "id = ?", userID)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoUser()
		}
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		if after, err = change(before.User); err != nil {
			return err
		}
		if before.administers() && !after.administers() {
			if err := othersAdminister(ctx, tx, userID); err != nil {
				return err
			}
		}
		after.Version, after.UpdatedAt = version+1, g.now()
		if err := updateUser(ctx, tx, after, version); err != nil {
			return err
		}
		if before.Role != after.Role || before.Scope != after.Scope || after.Disabled {
			if err := dropSessions(ctx, tx, "user_id = ?", userID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Change{Kind: kindUser, ID: userID, Action: audit.Update, Before: before.User, After: after})
	})
	return after, err
}

func updateUser(ctx context.Context, tx bun.Tx, u User, version int64) error {
	row := userRow{User: u, EmailKey: emailKey(u.Email)}
	res, err := tx.NewUpdate().Model(&row).ExcludeColumn("password_hash", "created_at").
		WherePK().Where("version = ?", version).Exec(ctx)
	if db.IsUnique(err) {
		return errEmailTaken()
	}
	if err != nil {
		return fmt.Errorf("write a user: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, web.Stale())
	}
	return nil
}

func lockAdministrators(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("version = version").Where("role = ?", Administrator).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock the administrators: %w", err)
	}
	return nil
}

func othersAdminister(ctx context.Context, tx bun.Tx, userID id.ID) error {
	others, err := tx.NewSelect().Model((*userRow)(nil)).
		Where("role = ? AND NOT disabled AND id <> ?", Administrator, userID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	if !others {
		return fault.New(fault.Conflict, "access.last_administrator",
			"This is the last administrator who can sign in. Make somebody else an administrator first.")
	}
	return nil
}

// resetPassword sets the hash of a user who is not asked for the old password.
func (g *Gate) resetPassword(ctx context.Context, u User, hash string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return g.writePassword(ctx, tx, u, hash) })
}

func anyUser(ctx context.Context, idb bun.IDB) (bool, error) {
	exists, err := idb.NewSelect().Model((*userRow)(nil)).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for users: %w", err)
	}
	return exists, nil
}
