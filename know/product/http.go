package product

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Routes adds the catalogue to the interface.
func (s *Store) Routes(api *web.API) {
	web.Handle(api, access.ProductRead, web.Route{Method: http.MethodGet, Path: "/products", Name: "product_list",
		Summary: "The products by name, of one category and those below it if asked"}, s.getProducts)
	web.Handle(api, access.ProductRead, web.Route{Method: http.MethodGet, Path: "/product-categories", Name: "product_category_list",
		Summary: "All categories of products, as a tree by parent_id"}, s.getCategories)
}

type listInput struct {
	web.PageInput
	Text     string `query:"q" maxLength:"200" doc:"In the code or the name"`
	Category id.ID  `query:"category" format:"uuid" doc:"Id of a category: its products and those of the categories below it"`
}

func (s *Store) getProducts(ctx context.Context, in *listInput) (*web.Body[web.Page[Product]], error) {
	after, err := afterProduct(in.Cursor)
	if err != nil {
		return nil, err
	}
	products, err := s.List(ctx, Query{Text: in.Text, Category: in.Category, After: after, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return web.PageOf(products, in.Limit, func(last Product) string { return filter.Cursor(last.Name, last.ID) }), nil
}

// afterProduct reads a cursor: the name and id of a product.
func afterProduct(cursor string) ([]any, error) {
	after, err := filter.ParseCursor(cursor, 2)
	if err != nil || after == nil {
		return nil, err
	}
	_, isText := after[0].(string)
	if last, ok := after[1].(string); !ok || !isText || !id.Valid(last) {
		return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return after, nil
}

func (s *Store) getCategories(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Category]], error) {
	categories, err := s.Categories(ctx)
	if err != nil {
		return nil, err
	}
	return web.PageOf(categories, max(len(categories), 1), nil), nil
}
