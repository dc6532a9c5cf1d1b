package access

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Settings is the house's own record of itself; the package that keeps the
// settings implements it.
type Settings interface {
	// Company tells the name, the base currency and whether the demo company is in.
	Company(ctx context.Context) (Company, error)
	// SetCompany writes both in the transaction that founds the house. Errors: Invalid.
	SetCompany(ctx context.Context, tx bun.Tx, name, baseCurrency string) error
}

// Company is what every signed-in page shows of the house.
type Company struct {
	Name         string `json:"name"`
	BaseCurrency string `json:"base_currency"`
	Demo         bool   `json:"-"`
}

type setupRow struct {
	bun.BaseModel `bun:"table:setup_code"`

	ID   int `bun:",pk"`
	Hash string
}

// keepSetupCode stores the code's fingerprint in place of an older one; false
// when there are users.
func (g *Gate) keepSetupCode(ctx context.Context, hash string) (kept bool, err error) {
	err = g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		exists, err := anyUser(ctx, tx)
		if err != nil || exists {
			return err
		}
		_, err = tx.NewInsert().Model(&setupRow{ID: 1, Hash: hash}).On("CONFLICT (id) DO UPDATE").Set("hash = excluded.hash").Exec(ctx)
		if err != nil {
			return fmt.Errorf("write the set-up code: %w", err)
		}
		kept = true
		return nil
	})
	return kept, err
}

func (g *Gate) checkSetupCode(ctx context.Context, hash string) error {
	right, err := g.db.Read().NewSelect().Model((*setupRow)(nil)).Where("hash = ?", hash).Exists(ctx)
	if err != nil {
		return fmt.Errorf("read the set-up code: %w", err)
	}
	if !right {
		return errWrongCode()
	}
	return nil
}

// found takes the code first: of two who send it at the same moment only one
// finds it still there.
func (g *Gate) found(ctx context.Context, u User, hash, code string, address bucket, settings Settings, f Founding) (string, error) {
	var secret string
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*setupRow)(nil)).Where("hash = ?", code).Exec(ctx)
		if err != nil {
			return fmt.Errorf("take the set-up code: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return orNotFound(err)
		}
		if err := forgive(ctx, tx, bucket{}, address); err != nil {
			return err
		}
		if err := insertUser(ctx, tx, u, hash); err != nil {
			return err
		}
		if err := settings.SetCompany(ctx, tx, f.Company, f.BaseCurrency); err != nil {
			return err
		}
		secret, err = g.insertSession(ctx, tx, u.ID)
		return err
	})
	return secret, err
}
