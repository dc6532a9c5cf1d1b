package product_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/testkit/loading"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/product"
)

// world is a store with an intake before it, and what can be done to it.
type world struct {
	*loading.Intake
	products *product.Store
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	products := product.NewStore(d, clock)
	danish := func(context.Context) (string, error) { return "DKK", nil }
	return &world{loading.New(t, d, nil, nil, products.Imports(danish)), products}
}

func TestScenarios(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
			w := newWorld(t, d)
			return map[string]testkit.Command{"load": w.load, "list": w.list, "tree": w.tree, "remove": w.remove}
		})
	})
}

// load imports a file of products: load from=shop.
func (w *world) load(t *testing.T, args, input string) []string {
	return w.Load(t, "products", strings.TrimPrefix(args, "from="), input)
}

func (w *world) list(t *testing.T, _, _ string) (out []string) {
	t.Helper()
	products, err := w.products.List(t.Context(), product.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products {
		cost := "-"
		if p.Cost != nil {
			cost = fmt.Sprint(*p.Cost, " ", p.Currency)
		}
		out = append(out, fmt.Sprintf("%s | %s | %s | %s", p.Code, p.Name, p.CategoryName, cost))
	}
	return out
}

func (w *world) tree(t *testing.T, _, _ string) (out []string) {
	t.Helper()
	categories, err := w.products.Categories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range categories {
		parent := "-"
		for _, p := range categories {
			if p.ID == c.ParentID {
				parent = p.Name
			}
		}
		out = append(out, fmt.Sprintf("%s | %s | %s", c.Name, c.Code, parent))
	}
	return out
}

func (w *world) remove(t *testing.T, source, _ string) []string {
	t.Helper()
	if err := w.Intake.Remove(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	return w.list(t, "", "")
}

// door lets everybody in as the role that the header names, and decides by the real policy.
type door struct{ *access.Gate }

func (door) Authenticate(r *http.Request) (context.Context, string, error) {
	role := access.Role(r.Header.Get("X-Role"))
	return access.With(r.Context(), access.Principal{Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}), "", nil
}

func TestRoutes(t *testing.T) {
	w := newWorld(t, testkit.DB(t))
	w.load(t, "", "code,name,category,cost\nA1,Anchor,Deck > Anchors,12.345\nR1,Rope,Deck > Ropes,\nB1,Bell,,")
	categories, err := w.products.Categories(t.Context())
	if err != nil || len(categories) != 3 {
		t.Fatal(categories, err)
	}
	deck := string(categories[1].ID) // by name: Anchors, Deck, Ropes
	api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
	w.products.Routes(api)
	handler := api.Handler(w.DB, fstest.MapFS{})
	for _, c := range []struct {
		role   access.Role
		path   string
		status int
		holds  string
	}{
		{access.Salesperson, "/products?limit=1", 200, `"code":"A1","name":"Anchor","category_id":"`},
		{access.Salesperson, "/products?limit=1", 200, `"cost":1235,"currency":"DKK",`},
		{access.Salesperson, "/products?limit=1", 200, `"next":"`},
		{access.Salesperson, "/products?category=" + deck + "&q=r", 200, `"category_name":"Ropes"}]}`},
		{access.Salesperson, "/products?q=bell", 200, `"cost":null,"currency":""`},
		{access.Salesperson, "/products?q=%25", 200, `{"items":[]}`},
		{access.Salesperson, "/products?category=deck", 422, `category`},
		{access.Salesperson, "/products?cursor=WyJhIiwiYiJd", 400, `filter.bad_cursor`}, // ["a","b"]
		{access.Salesperson, "/product-categories", 200, `"name":"Ropes","parent_id":"` + deck + `"}]}`},
		{"", "/products", 403, ``},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, web.Prefix+c.path, nil)
		r.Header.Set("X-Role", string(c.role))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) {
			t.Errorf("%s %s: %d %.600s, want %d %s", c.role, c.path, answer.Code, answer.Body, c.status, c.holds)
		}
	}
}
