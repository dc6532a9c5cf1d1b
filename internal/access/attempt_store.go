package access

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/fault"
)

type attemptRow struct {
	bun.BaseModel `bun:"table:login_attempt"`

	Bucket    string `bun:",pk"`
	Failures  int
	StartedAt time.Time
}

// reserve counts an attempt as failed before it is tried, so that a thousand at
// once are not all tried; [forgive] takes it back. TooMany when a bucket is
// full; that is found by reading alone, so a flood does not queue for the
// writer.
func (g *Gate) reserve(ctx context.Context, buckets ...bucket) error {
	now := g.now()
	if err := full(ctx, g.db.Read(), now, 0, buckets); err != nil {
		return err
	}
	return g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("started_at <= ?", now.Add(-attemptWindow)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget old sign-in attempts: %w", err)
		}
		for _, b := range buckets {
			_, err := tx.NewInsert().Model(&attemptRow{Bucket: b.key, Failures: 1, StartedAt: now}).
				On("CONFLICT (bucket) DO UPDATE").Set("failures = attempt_row.failures + 1").Exec(ctx)
			if err != nil {
				return fmt.Errorf("count a sign-in attempt: %w", err)
			}
		}
		return full(ctx, tx, now, 1, buckets)
	})
}

// full is TooMany when a bucket holds its limit; own is how many of the counted
// attempts are the asker's own.
func full(ctx context.Context, idb bun.IDB, now time.Time, own int, buckets []bucket) error {
	for _, b := range buckets {
		var rows []attemptRow
		err := idb.NewSelect().Model(&rows).
			Where("bucket = ? AND started_at > ?", b.key, now.Add(-attemptWindow)).Scan(ctx)
		if err != nil {
			return fmt.Errorf("read sign-in attempts: %w", err)
		}
		if len(rows) > 0 && rows[0].Failures-own >= b.limit {
			return tooMany(rows[0].StartedAt.Add(attemptWindow).Sub(now))
		}
	}
	return nil
}

// forgive undoes a reservation after the attempt succeeded: the account starts
// afresh, the address gets back this one attempt, or an attacker with one
// account of their own could go on for ever.
func forgive(ctx context.Context, tx bun.Tx, account, address bucket) error {
	if _, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("bucket = ?", account.key).Exec(ctx); err != nil {
		return fmt.Errorf("forgive an account's sign-in attempts: %w", err)
	}
	_, err := tx.NewUpdate().Model((*attemptRow)(nil)).Set("failures = failures - 1").
		Where("bucket = ? AND failures > 0", address.key).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgive a sign-in attempt: %w", err)
	}
	return nil
}

// Guess runs try, which looks up a secret that came from somebody without an account, such as the token of a link. As with
// sign-in, an address that was wrong too often waits: what try does not find (NotFound) counts. A right secret costs no
// write.
//
// Errors: those of try, and TooMany.
func (g *Gate) Guess(ctx context.Context, try func() error) error {
	address := linkBucket(addressOf(ctx))
	if err := full(ctx, g.db.Read(), g.now(), 0, []bucket{address}); err != nil {
		return err
	}
	err := try()
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	if limited := g.reserve(ctx, address); limited != nil {
		return limited
	}
	return err
}

// Ration counts a use of a secret and refuses one more than a person has need of within a quarter of an hour: TooMany.
func (g *Gate) Ration(ctx context.Context, secret string) error {
	return g.reserve(ctx, bucket{key: "use:" + fingerprint(secret), limit: secretUses})
}
