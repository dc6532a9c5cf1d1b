package product_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/product"
)

func clock() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

func cost(minor int64) *int64 { return &minor }

func TestValidate(t *testing.T) {
	good := product.Product{Code: "A", Name: "Anchor", Cost: cost(100), Currency: "DKK"}
	tests := map[string]struct {
		change func(p *product.Product)
		field  string // at fault; "" is none
	}{
		"good":             {func(*product.Product) {}, ""},
		"cost unknown":     {func(p *product.Product) { p.Cost, p.Currency = nil, "" }, ""},
		"no code":          {func(p *product.Product) { p.Code = "" }, "code"},
		"long code":        {func(p *product.Product) { p.Code = strings.Repeat("x", 201) }, "code"},
		"no name":          {func(p *product.Product) { p.Name = "" }, "name"},
		"negative cost":    {func(p *product.Product) { p.Cost = cost(-1) }, "cost"},
		"no such currency": {func(p *product.Product) { p.Currency = "QQQ" }, "currency"},
		"currency missing": {func(p *product.Product) { p.Currency = "" }, "currency"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := good
			tt.change(&p)
			err := p.Validate()
			if tt.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if f := fault.Of(err); f == nil || f.Fields[0].Path != tt.field {
				t.Errorf("got %v, want a fault at %s", err, tt.field)
			}
		})
	}
}

func TestStore(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := product.NewStore(d, clock)
		first, second := id.New(), id.New()
		tree, err := s.Tree(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ropes, err := tree.Place("Deck > Ropes", "", first)
		if err != nil {
			t.Fatal(err)
		}
		save := func(imported id.ID, keep product.Keep, want product.Saved, products ...product.Product) {
			t.Helper()
			got, err := s.Save(ctx, products, tree, keep, imported)
			if err != nil || got != want {
				t.Fatalf("Save: %+v, %v; want %+v", got, err, want)
			}
		}
		anchor := product.Product{Code: "A1", Name: "Anchor", Cost: cost(12_50), Currency: "DKK"}
		rope := product.Product{Code: "R1", Name: "Rope 100 %", CategoryID: ropes}
		bell := product.Product{Code: "B1", Name: "Bell"}
		save(first, product.Keep{}, product.Saved{Created: 3}, anchor, rope, bell)
		save(second, product.Keep{}, product.Saved{Unchanged: 3}, anchor, rope, bell)
		anchor.Name = "Anchor, galvanised"
		save(second, product.Keep{}, product.Saved{Updated: 1, Unchanged: 1}, anchor, bell)
		save(second, product.Keep{Category: true, Cost: true}, product.Saved{Unchanged: 1}, product.Product{Code: "R1", Name: "Rope 100 %"})

		deck := find(t, s, "Deck")
		for _, list := range []struct {
			query product.Query
			want  []string
		}{
			{product.Query{Limit: 10}, []string{"Anchor, galvanised", "Bell", "Rope 100 %"}},
			{product.Query{Limit: 2}, []string{"Anchor, galvanised", "Bell"}},
			{product.Query{Limit: 10, Text: "ANCH"}, []string{"Anchor, galvanised"}},
			{product.Query{Limit: 10, Text: "b1"}, []string{"Bell"}},
			{product.Query{Limit: 10, Text: "0 %"}, []string{"Rope 100 %"}},
			{product.Query{Limit: 10, Text: "_"}, nil},
			{product.Query{Limit: 10, Category: deck}, []string{"Rope 100 %"}},
			{product.Query{Limit: 10, Category: id.New()}, nil},
			{product.Query{Limit: 10, After: []any{"Bell", ""}}, []string{"Bell", "Rope 100 %"}},
			{product.Query{Limit: 10, After: []any{"Bell", "ffffffff-ffff-7fff-bfff-ffffffffffff"}}, []string{"Rope 100 %"}},
		} {
			if d.Dialect() == db.Postgres && list.query.After != nil && list.query.After[1] == "" {
				list.query.After[1] = "00000000-0000-0000-0000-000000000000"
			}
			got, err := s.List(ctx, list.query)
			if err != nil || !slices.Equal(names(got), list.want) {
				t.Errorf("List(%+v): %q, %v; want %q", list.query, names(got), err, list.want)
			}
		}

		if err := s.RemoveImported(ctx, []id.ID{first}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.List(ctx, product.Query{Limit: 10}); err != nil || !slices.Equal(names(got), []string{"Anchor, galvanised"}) {
			t.Errorf("after removing the first import: %q, %v", names(got), err)
		}
		if left, err := s.Categories(ctx); err != nil || len(left) != 0 {
			t.Errorf("categories left: %v, %v", left, err)
		}
	})
}

func TestProjection(t *testing.T) {
	ctx := context.Background()
	d := testkit.DB(t)
	w := testkit.Warehouse(t, product.Schema, projection.Schema)
	s := product.NewStore(d, clock)
	p := projection.New(d, w, s.Projections()...)
	tree, err := s.Tree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ropes, err := tree.Place("Ropes", "42", "")
	if err != nil {
		t.Fatal(err)
	}
	products := []product.Product{{Code: "A1", Name: "Anchor", Cost: cost(12_50), Currency: "DKK"}, {Code: "R1", Name: "Rope", CategoryID: ropes}}
	if _, err := s.Save(ctx, products, tree, product.Keep{}, id.New()); err != nil {
		t.Fatal(err)
	}
	if err := p.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	rows, err := w.Query(ctx, "SELECT concat_ws(' ', p.code, p.name, p.cost, p.currency, c.code, c.name) FROM product AS p LEFT JOIN product_category AS c ON c.id = p.category_id ORDER BY p.code", engine.Args{})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if want := []string{"A1 Anchor 1250 DKK", "R1 Rope  42 Ropes"}; !slices.Equal(got, want) {
		t.Errorf("projected %q, want %q", got, want)
	}
}

func find(t *testing.T, s *product.Store, name string) id.ID {
	t.Helper()
	categories, err := s.Categories(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range categories {
		if c.Name == name {
			return c.ID
		}
	}
	t.Fatalf("there is no category %q", name)
	return ""
}

func names(products []product.Product) (names []string) {
	for _, p := range products {
		names = append(names, p.Name)
	}
	return names
}
