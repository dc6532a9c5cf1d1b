package product

import (
	"context"
	"slices"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
)

// stubs creates products of codes that are not known, with nothing but the code, and returns the ids of all. Later imports
// of products fill them.
func (s *Store) stubs(ctx context.Context, importID id.ID, codes []string) (map[string]id.ID, error) {
	ids := make(map[string]id.ID, len(codes))
	for chunk := range slices.Chunk(codes, chunkRows) {
		known, err := s.idsOf(ctx, chunk)
		if err != nil {
			return nil, err
		}
		var made []Product
		for _, code := range chunk {
			if known[code] != "" {
				ids[code] = known[code]
				continue
			}
			p := Product{Code: code, Name: code}
			if p.Validate() == nil {
				made = append(made, p)
			}
		}
		if _, err := s.Save(ctx, made, NewTree(nil), Keep{Category: true, Cost: true}, importID); err != nil {
			return nil, err
		}
		if known, err = s.idsOf(ctx, chunk); err != nil {
			return nil, err
		}
		for _, p := range made {
			ids[p.Code] = known[p.Code]
			if ids[p.Code] == "" && db.Rehearsed(ctx) {
				ids[p.Code] = id.New()
			}
		}
	}
	return ids, nil
}
