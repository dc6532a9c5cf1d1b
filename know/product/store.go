package product

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Store keeps products and categories in the operational store.
type Store struct {
	db  *db.DB
	now func() time.Time
}

// NewStore returns the store; now is the program's clock.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// Query narrows a list of products; empty fields do not narrow.
type Query struct {
	Text     string // in the code or the name, whatever the letter case
	Category id.ID  // this one and all below it
	After    []any  // name and id of the last row of the page before; nil for the first
	Limit    int
}

// List returns up to Limit products by name.
func (s *Store) List(ctx context.Context, q Query) ([]Product, error) {
	columns := filter.Columns{"code": "p.code", "name": "p.name", "id": "p.id", "category": "p.category_id"}
	sorts := []filter.Sort{{Name: "name"}, {Name: "id"}}
	var conditions []filter.Expr
	if q.Text != "" {
		conditions = append(conditions, filter.Or(filter.Contains("code", q.Text), filter.Contains("name", q.Text)))
	}
	if q.Category != "" {
		tree, err := s.Tree(ctx)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, filter.In("category", tree.Below(q.Category)...))
	}
	if q.After != nil {
		conditions = append(conditions, filter.After(sorts, q.After))
	}
	where, err := filter.Compile(filter.And(conditions...), columns)
	if err != nil {
		return nil, err
	}
	var products []Product
	err = s.db.Read().NewSelect().Model(&products).ModelTableExpr("product AS p").
		ColumnExpr("p.*, coalesce(c.name, '') AS category_name").
		Join("LEFT JOIN product_category AS c ON c.id = p.category_id").
		Where(where.SQL, where.Args...).OrderExpr("p.name, p.id").Limit(int64(q.Limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	return products, nil
}

// Named returns code and name of the products, by id; unknown ones are left out.
func (s *Store) Named(ctx context.Context, ids []id.ID) (map[id.ID]Product, error) {
	found := make(map[id.ID]Product, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var products []Product
	if err := s.db.Read().NewSelect().Model(&products).Column("id", "code", "name").Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the names of products: %w", err)
	}
	for _, p := range products {
		found[p.ID] = p
	}
	return found, nil
}

// Categories returns all categories by name.
func (s *Store) Categories(ctx context.Context) ([]Category, error) {
	var categories []Category
	if err := s.db.Read().NewSelect().Model(&categories).Order("name", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list product categories: %w", err)
	}
	return categories, nil
}

// Tree returns all categories as a tree.
func (s *Store) Tree(ctx context.Context) (*Tree, error) {
	categories, err := s.Categories(ctx)
	if err != nil {
		return nil, err
	}
	return NewTree(categories), nil
}

// Saved is what a Save did.
type Saved struct{ Created, Updated, Unchanged int64 }

// Save creates or changes products by their code, and the categories that changed in the tree, as one transaction. The
// products must be valid and have codes of their own; only those that differ are written. An empty field of p that
// keep names stays as it is stored: the import had no column for it.
func (s *Store) Save(ctx context.Context, products []Product, tree *Tree, keep Keep, imported id.ID) (Saved, error) {
	var saved Saved
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := s.now().UTC()
		if err := saveCategories(ctx, tx, tree.takeChanged(), now, imported); err != nil {
			return err
		}
		stored, err := byCode(ctx, tx, products)
		if err != nil {
			return err
		}
		saved = Saved{}
		var write []Product
		var updated []any
		for _, p := range products {
			old, known := stored[p.Code]
			p = keep.apply(p, old, known)
			switch {
			case known && p.same(old):
				saved.Unchanged++
				continue
			case known:
				p.ID, p.CreatedAt, p.ImportID = old.ID, old.CreatedAt, old.ImportID
				updated = append(updated, p.ID)
				saved.Updated++
			default:
				p.ID, p.CreatedAt, p.ImportID = id.New(), now, imported
				saved.Created++
			}
			if keep.Changed != nil {
				keep.Changed(old, p, known)
			}
			p.UpdatedAt = now
			write = append(write, p)
		}
		if err := records().Table.Keep(ctx, tx, imported, updated...); err != nil {
			return err
		}
		return saveProducts(ctx, tx, write, imported)
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save products: %w", err)
	}
	return saved, nil
}

// Keep says which fields an import has no column for.
type Keep struct {
	Category, Cost bool
	Changed        func(old, p Product, known bool) // told of each product that is written, unless nil
}

func (k Keep) apply(p, old Product, known bool) Product {
	if known && k.Category {
		p.CategoryID = old.CategoryID
	}
	if known && k.Cost {
		p.Cost, p.Currency = old.Cost, old.Currency
	}
	return p
}

func byCode(ctx context.Context, tx bun.Tx, products []Product) (map[string]Product, error) {
	stored := make(map[string]Product, len(products))
	if len(products) == 0 {
		return stored, nil
	}
	codes := make([]string, len(products))
	for i, p := range products {
		codes[i] = p.Code
	}
	var rows []Product
	if err := tx.NewSelect().Model(&rows).Where("code IN (?)", bun.List(codes)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("look products up by code: %w", err)
	}
	for _, p := range rows {
		stored[p.Code] = p
	}
	return stored, nil
}

func saveProducts(ctx context.Context, tx bun.Tx, products []Product, imported id.ID) error {
	if len(products) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&products).On("CONFLICT (id) DO UPDATE").
		Set("name = EXCLUDED.name").Set("category_id = EXCLUDED.category_id").
		Set("cost = EXCLUDED.cost").Set("currency = EXCLUDED.currency").
		Set("updated_at = EXCLUDED.updated_at").Returning("NULL").Exec(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Change{Kind: Kind, Action: audit.Import, ImportID: imported})
}

func saveCategories(ctx context.Context, tx bun.Tx, categories []Category, now time.Time, imported id.ID) error {
	if len(categories) == 0 {
		return nil
	}
	ids := make([]any, len(categories))
	for i, c := range categories {
		ids[i] = c.ID
	}
	if err := categoryRecords().Table.Keep(ctx, tx, imported, ids...); err != nil {
		return err
	}
	for i := range categories {
		c := &categories[i]
		c.UpdatedAt = now
		if c.CreatedAt.IsZero() {
			c.CreatedAt = now
		}
	}
	_, err := tx.NewInsert().Model(&categories).On("CONFLICT (id) DO UPDATE").
		Set("name = EXCLUDED.name").Set("parent_id = EXCLUDED.parent_id").
		Set("updated_at = EXCLUDED.updated_at").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("save product categories: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: CategoryKind, Action: audit.Import, ImportID: imported})
}

// RemoveImported deletes the products that these imports created and no other changed, and those of their categories that are
// empty then.
func (s *Store) RemoveImported(ctx context.Context, imports []id.ID) error {
	if len(imports) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Table("product").Where("import_id IN (?)", bun.List(imports))
		if _, err := records().Table.Untouched(q, imports).Exec(ctx); err != nil {
			return err
		}
		// Leaves first: each round frees the level above.
		for range maxDepth {
			res, err := tx.NewDelete().Model((*Category)(nil)).Where("import_id IN (?)", bun.List(imports)).
				Where("id NOT IN (SELECT category_id FROM product WHERE category_id IS NOT NULL)").
				Where("id NOT IN (SELECT parent_id FROM product_category WHERE parent_id IS NOT NULL)").Exec(ctx)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		return audit.Record(ctx, tx,
			audit.Change{Kind: Kind, Action: audit.Delete, ImportID: imports[0]},
			audit.Change{Kind: CategoryKind, Action: audit.Delete, ImportID: imports[0]})
	})
	if err != nil {
		return fmt.Errorf("remove imported products: %w", err)
	}
	return nil
}

// idsOf returns the ids of products by their codes.
func (s *Store) idsOf(ctx context.Context, codes []string) (map[string]id.ID, error) {
	var rows []Product
	if err := s.db.Read().NewSelect().Model(&rows).Column("id", "code").Where("code IN (?)", bun.List(codes)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("look products up by code: %w", err)
	}
	ids := make(map[string]id.ID, len(rows))
	for _, p := range rows {
		ids[p.Code] = p.ID
	}
	return ids, nil
}
