package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/testkit"
)

// The bicycle maker: a real sales log, imported by the command line with the mappings of examples/adventureworks, and its
// matrix against a computation in plain Go over the same files.
func TestAdventureWorks(t *testing.T) {
	t.Parallel()
	data := testkit.PublishedPath(t, "adventureworks")
	ctx := context.Background()
	var out bytes.Buffer
	cfg := Config{Data: t.TempDir(), Out: &out, Log: quiet()}
	if err := SetCompany(ctx, cfg, "Bicycle maker", "USD"); err != nil {
		t.Fatal(err)
	}
	examples := filepath.Join("..", "examples", "adventureworks")
	file := func(names ...string) []string {
		paths := make([]string, len(names))
		for i, n := range names {
			paths[i] = filepath.Join(data, n)
		}
		return paths
	}
	for _, step := range []struct {
		kind, mapping string
		files, lookup []string
	}{
		{"units", "units_company", file("SalesTerritory.csv"), nil},
		{"units", "units_markets", file("SalesTerritory.csv"), nil},
		{"units", "units_countries", file("SalesTerritory.csv"), file("DimSalesTerritory.csv.gz")},
		{"units", "units_territories", file("SalesTerritory.csv"), nil},
		{"people", "people", file("vSalesPerson.csv"), file("SalesPerson.csv")},
		{"products", "products", file("DimProduct.csv.gz"), file("DimProductSubcategory.csv.gz", "DimProductCategory.csv.gz")},
		{"customers", "customers", file("DimReseller.csv.gz"), file("DimGeography.csv.gz")},
		{"potentials", "potentials", file("DimReseller.csv.gz"), nil},
		{"purchases", "purchases", file("FactResellerSales.csv.gz"), file("salesperson_of_employee.csv")},
	} {
		out.Reset()
		what := Importing{Kind: step.kind, Mapping: filepath.Join(examples, step.mapping+".yaml"), Files: step.files, Lookup: step.lookup, JSON: true}
		if err := Import(ctx, cfg, what); err != nil {
			t.Fatalf("%s: %v", step.mapping, err)
		}
		var done imported
		if err := json.Unmarshal(out.Bytes(), &done); err != nil {
			t.Fatal(err)
		}
		if done.Rejected != 0 || done.Created == 0 {
			t.Errorf("%s: %s", step.mapping, out.String())
		}
		if step.kind == "purchases" && done.Created != 60855 {
			t.Errorf("purchases: created %d lines, want 60,855", done.Created)
		}
	}
	// The same file again changes nothing.
	out.Reset()
	if err := Import(ctx, cfg, Importing{Kind: "purchases", Mapping: filepath.Join(examples, "purchases.yaml"), Files: file("FactResellerSales.csv.gz"),
		Lookup: file("salesperson_of_employee.csv"), JSON: true}); err != nil {
		t.Fatal(err)
	}
	var again imported
	if err := json.Unmarshal(out.Bytes(), &again); err != nil || again.Unchanged != 60855 || again.Created+again.Updated+again.Rejected != 0 {
		t.Errorf("the same file again: %s", out.String())
	}

	if err := Score(ctx, cfg, "", "2013-11-30"); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := Matrix(ctx, cfg, "2013-11-30", "json"); err != nil {
		t.Fatal(err)
	}
	var got []cellOut
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := bicycleCells(t, data)
	byKey := map[string]cellOut{}
	for _, c := range got {
		byKey[c.Key] = c
	}
	if diff := cmp.Diff(want, byKey); diff != "" {
		t.Errorf("the matrix differs from the computation over the files (- wanted, + got):\n%s", diff)
	}

	h := open(t, Config{Data: cfg.Data})
	bicycleProfit(t, h, data)
	rows, err := h.app.warehouse.Query(ctx, "SELECT count(*), cast(sum(revenue) as bigint), cast(sum(cost) as bigint) FROM purchase", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines, revenue, cost int64
	for rows.Next() {
		if err := rows.Scan(&lines, &revenue, &cost); err != nil {
			t.Fatal(err)
		}
	}
	if lines != 60855 || revenue != 804505969823 || cost != 799801143790 {
		t.Errorf("the warehouse holds %d lines, revenue %d, cost %d in fine units; want 60,855 lines, 80,450,596.9823 and 79,980,114.3790", lines, revenue, cost)
	}
}

// bicycleCells computes the matrix as of 2013-11-30 from the files alone: potential 30 % of a reseller's yearly sales,
// revenue of the twelve months to the date, the default cut points.
func bicycleCells(t *testing.T, data string) map[string]cellOut {
	t.Helper()
	potential, revenue := map[string]int64{}, map[string]*big.Rat{}
	for _, r := range readCSV(t, filepath.Join(data, "DimReseller.csv.gz")) {
		sales, ok := new(big.Rat).SetString(r["AnnualSales"])
		if !ok {
			t.Fatalf("AnnualSales %q", r["AnnualSales"])
		}
		sales.Mul(sales, big.NewRat(30, 1)) // × 0.3, in cents
		potential[r["ResellerKey"]] = sales.Num().Int64() / sales.Denom().Int64()
		revenue[r["ResellerKey"]] = new(big.Rat)
	}
	for _, r := range readCSV(t, filepath.Join(data, "FactResellerSales.csv.gz")) {
		if day := r["OrderDate"][:10]; day > "2012-11-30" && day <= "2013-11-30" {
			amount, ok := new(big.Rat).SetString(r["SalesAmount"])
			if !ok {
				t.Fatalf("SalesAmount %q", r["SalesAmount"])
			}
			revenue[r["ResellerKey"]].Add(revenue[r["ResellerKey"]], amount)
		}
	}
	gold, silver := cumulative(potential, 0.5), cumulative(potential, 0.8)
	cells := map[string]cellOut{}
	for _, row := range []string{"gold", "silver", "bronze"} {
		for _, column := range []string{"prospect", "bubble", "sailer", "loyal"} {
			cells[row+"_"+column] = cellOut{Key: row + "_" + column}
		}
	}
	cells["unknown"] = cellOut{Key: "unknown"}
	sums := map[string]*big.Rat{}
	for customer, p := range potential {
		row, column := "bronze", "loyal"
		if p >= gold {
			row = "gold"
		} else if p >= silver {
			row = "silver"
		}
		share, _ := new(big.Rat).Quo(revenue[customer], big.NewRat(p, 100)).Float64()
		switch {
		case revenue[customer].Sign() <= 0:
			column = "prospect"
		case share < 0.25:
			column = "bubble"
		case share < 0.6:
			column = "sailer"
		}
		key := row + "_" + column
		c := cells[key]
		c.Customers++
		c.Potential += p
		cells[key] = c
		if sums[key] == nil {
			sums[key] = new(big.Rat)
		}
		sums[key].Add(sums[key], revenue[customer])
	}
	for key, sum := range sums {
		c := cells[key]
		cents := new(big.Rat).Add(new(big.Rat).Mul(sum, big.NewRat(100, 1)), big.NewRat(1, 2)) // rounded half up; no cell is negative
		c.Revenue = new(big.Int).Div(cents.Num(), cents.Denom()).Int64()
		cells[key] = c
	}
	return cells
}

// cumulative returns the potential of the last customer needed for the share of all potential, largest first.
func cumulative(potential map[string]int64, share float64) int64 {
	var all []int64
	var total, sum int64
	for _, p := range potential {
		all, total = append(all, p), total+p
	}
	slices.Sort(all)
	slices.Reverse(all)
	for _, p := range all {
		if sum += p; float64(sum) >= share*float64(total) {
			return p
		}
	}
	return 0
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	records := make([]map[string]string, 0, len(rows)-1)
	for _, row := range rows[1:] {
		record := make(map[string]string, len(row))
		for i, cell := range row {
			record[rows[0][i]] = cell
		}
		records = append(records, record)
	}
	return records
}
