package load

import (
	"context"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// WantsStubs tells whether the mapping wants records made of codes that nobody knows.
func (im Import) WantsStubs() bool {
	for _, what := range im.Mapping.Unknown {
		if what == mapping.CreateUnknown {
			return true
		}
	}
	return false
}

// makeStubs creates the records that staged rows name by a code which nobody knows, for the fields of which the mapping
// wants that. They are in the operational store before the facts that name them; the transaction sees them at once, and
// the projection brings the rest of them later.
func (b *Batch) makeStubs(ctx context.Context, kinds map[string]Kind) error {
	if b.Import.State == Accepted { // a replay; what it needed was made
		return nil
	}
	for _, f := range b.kind.Fields {
		of := kinds[f.Refers]
		if of.Stub == nil || !b.Has(f.Name) || b.Import.Mapping.Unknown[f.Name] != mapping.CreateUnknown {
			continue
		}
		table := of.Records[0].Table.Name
		unknown, err := b.unknown(ctx, f.Name, table)
		if err != nil || len(unknown) == 0 {
			return err
		}
		ids, err := of.Stub(ctx, b.Import.ID, unknown)
		if err != nil {
			return err
		}
		at, made := 0, int64(0)
		_, err = b.Tx.Append(ctx, table, []string{"id", "code"}, func() ([]any, bool, error) {
			for at < len(unknown) && ids[unknown[at]] == "" {
				at++
			}
			if at == len(unknown) {
				return nil, false, nil
			}
			at++
			made++
			return []any{ids[unknown[at-1]], unknown[at-1]}, true, nil
		})
		if err != nil {
			return fmt.Errorf("make %s of their codes: %w", table, err)
		}
		b.stubs += made
	}
	return nil
}

func (b *Batch) unknown(ctx context.Context, field, table string) (codes []string, err error) {
	rows, err := b.Tx.Query(ctx, "SELECT DISTINCT "+field+" FROM staged WHERE "+field+" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "+table+
		" AS known WHERE known.code = staged."+field+") ORDER BY 1", engine.Args{})
	if err != nil {
		return nil, fmt.Errorf("look for unknown %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	return codes, rows.Err()
}
