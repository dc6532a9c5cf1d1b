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
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

type tokenRow struct {
	bun.BaseModel `bun:"table:api_token"`

	Token
	Hash string
}

func (r *tokenRow) inUTC() {
	r.CreatedAt = r.CreatedAt.UTC()
	if r.LastUsedAt != nil {
		at := r.LastUsedAt.UTC()
		r.LastUsedAt = &at
	}
}

func (g *Gate) insertToken(ctx context.Context, t Token, hash string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&tokenRow{Token: t, Hash: hash}).Exec(ctx); err != nil {
			return fmt.Errorf("write a token: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: kindToken, ID: t.ID, Action: audit.Create, After: t})
	})
}

func (g *Gate) tokenByHash(ctx context.Context, hash string) (Token, bool, error) {
	var row tokenRow
	err := g.db.Read().NewSelect().Model(&row).Where("hash = ?", hash).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, false, nil
	}
	if err != nil {
		return Token{}, false, fmt.Errorf("read a token: %w", err)
	}
	row.inUTC()
	return row.Token, true, nil
}

// tokensWithin is the reach as a condition on tokens, which have an owner only.
func tokensWithin(reach Reach) (filter.Clause, error) {
	return filter.Compile(reach.Filter("", "user"), filter.Columns{"user": "user_id"})
}

// Tokens returns the tokens in reach, oldest first. They are few: there is no
// page.
func (g *Gate) Tokens(ctx context.Context, reach Reach) ([]Token, error) {
	within, err := tokensWithin(reach)
	if err != nil {
		return nil, err
	}
	var rows []tokenRow
	if err := g.db.Read().NewSelect().Model(&rows).Where(within.SQL, within.Args...).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	tokens := make([]Token, len(rows))
	for i := range rows {
		rows[i].inUTC()
		tokens[i] = rows[i].Token
	}
	return tokens, nil
}

// RevokeToken ends the token at once; NotFound when none is in reach.
func (g *Gate) RevokeToken(ctx context.Context, reach Reach, tokenID id.ID) error {
	within, err := tokensWithin(reach)
	if err != nil {
		return err
	}
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row tokenRow
		err := tx.NewSelect().Model(&row).Where("id = ?", tokenID).Where(within.SQL, within.Args...).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "access.no_token", "There is no such token among yours.")
		}
		if err != nil {
			return fmt.Errorf("read a token: %w", err)
		}
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("revoke a token: %w", err)
		}
		row.inUTC()
		return audit.Record(ctx, tx, audit.Change{Kind: kindToken, ID: tokenID, Action: audit.Delete, Before: row.Token})
	})
}

func (g *Gate) touchToken(ctx context.Context, tokenID id.ID, now time.Time) error {
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*tokenRow)(nil)).Set("last_used_at = ?", now).Where("id = ?", tokenID).Exec(ctx)
		return err
	})
}
