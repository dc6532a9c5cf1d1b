package mapping

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

func parsed(t *testing.T, text string) Mapping {
	t.Helper()
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestYAMLAndJSONAreTheSame(t *testing.T) {
	fromYAML := parsed(t, `
kind: sales
source: erp
columns:
  date: OrderDate
  revenue: Price * Qty - Discount
  customer: {column: Key, lookup: {file: D.csv, key: K, value: V}, default: C0}
  quantity: {column: Qty, factor: 0.1, format: ","}
  channel: {column: Ch, map: {1: web, "2": phone}}
  document: {constant: 7}
`)
	fromJSON := parsed(t, `{"kind": "sales", "source": "erp", "columns": {"date": "OrderDate", "revenue": "Price * Qty - Discount",
		"customer": {"column": "Key", "lookup": [{"file": "D.csv", "key": "K", "value": "V"}], "default": "C0"},
		"quantity": {"column": "Qty", "factor": "0.1", "format": ","}, "channel": {"column": "Ch", "map": {"1": "web", "2": "phone"}}, "document": {"constant": "7"}}}`)
	if diff := cmp.Diff(fromYAML, fromJSON); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromYAML, parsed(t, string(text))); diff != "" {
		t.Errorf("after %s: %s", text, diff)
	}
}

func TestThatIsNone(t *testing.T) {
	for _, text := range []string{"", "[1]", "columns: 7", "{", "colums: {}", `{"columns": {"date": {"colum": "x"}}}`, `{"columns": {"date": []}}`, "a: &a [*a]", "columns: {1: {2: 3}}"} {
		if m, err := Parse([]byte(text)); err == nil && len(m.Columns) > 0 {
			t.Errorf("%q gave %+v", text, m)
		} else if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestExpressions(t *testing.T) {
	columns := []tabular.Column{{Name: "Price"}, {Name: "Qty"}, {Name: "Discount"}, {Name: "Net price"}, {Name: "AnnualSales"}}
	find := func(name string) (int, bool) { return tabular.FindColumn(columns, name) }
	allowed := []string{"AnnualSales * 0.3", "Price * Qty - Discount", `col("Net price") * Qty`, "-(Price + Qty) / 2", "Price*Qty*(1-Discount/100)", "((((Price))))"}
	for _, text := range allowed {
		if _, err := parseExpression(text, find); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	refused := []string{
		"", "1", "Colour", "Price.Qty", "Price[0]", "func() {}", "Price == Qty", "Price % 2", "Price << 2", "!Price", "&Price", "*Price", "<-Price", "Price; DROP TABLE x",
		`col("nothing")`, `col(Price)`, `col("Price", "Qty")`, `col("Net price"...)`, `"Price"`, "'x'", "0x10 * Price", "1e9 * Price", "1_0 * Price", "1i * Price",
		"Price + `)--`", "Price /* c */ */ Qty", "struct{}{}", "[]int{1}", "Price.(int)", "exec(\"x\")", "print(Price)", "Price \x00", "Price\n+\nQty\n;", "07777777777777777777 * Price",
		strings.Repeat("(", 400) + "Price" + strings.Repeat(")", 400), strings.Repeat("Price+", 60) + "Price", strings.Repeat("-", 300) + "Price", strings.Repeat("9", 30) + "*Price",
	}
	for _, text := range refused {
		if e, err := parseExpression(text, find); err == nil {
			t.Errorf("%q was allowed: %+v", text, e)
		}
	}
}

// FuzzExpression holds that nothing of an expression reaches SQL but digits and what was generated.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"a*0.3", `col("x y")-a`, "a;b", "a/(b-b)", "'", "-a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseExpression(text, func(string) (int, bool) { return 3, true })
		if err != nil {
			return
		}
		sql := e.sql(func(int) string { return "N" })
		words := strings.FieldsFunc(sql, func(r rune) bool { return strings.ContainsRune(" (),+-*/", r) })
		for _, w := range words {
			known := strings.Contains(" N cast as decimal double try try_cast nullif coalesce case when is not null then end ", " "+w+" ")
			if !known && strings.Trim(w, "0123456789.") != "" {
				t.Errorf("%q became %q with %q in it", text, sql, w)
			}
		}
	})
}
