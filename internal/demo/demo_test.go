package demo_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/kvadrant/kvadrant/internal/demo"
)

func generate(t testing.TB, customers int, seed uint64) []demo.File {
	t.Helper()
	files, err := demo.Generate(t.Context(), demo.Config{Customers: customers, Seed: seed, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// records calls fn with each record of the file, by column name.
func records(t testing.TB, f demo.File, fn func(get func(column string) string)) {
	t.Helper()
	file, err := os.Open(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(bufio.NewReader(file))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	columns := slices.Clone(header)
	if !slices.Equal(columns, f.Columns) {
		t.Fatalf("%s: header %v, announced %v", f.Kind, columns, f.Columns)
	}
	var rows int64
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows++
		fn(func(column string) string {
			i := slices.Index(columns, column)
			if i < 0 {
				t.Fatalf("%s has no column %s", f.Kind, column)
			}
			return record[i]
		})
	}
	if rows != f.Rows {
		t.Errorf("%s: %d rows, announced %d", f.Kind, rows, f.Rows)
	}
}

func byKind(files []demo.File) map[string]demo.File {
	m := map[string]demo.File{}
	for _, f := range files {
		m[f.Kind] = f
	}
	return m
}

func sums(t *testing.T, files []demo.File) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, f := range files {
		file, err := os.Open(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, file); err != nil {
			t.Fatal(err)
		}
		file.Close()
		m[f.Kind] = hex.EncodeToString(h.Sum(nil))
	}
	return m
}

func TestSameSeedSameBytes(t *testing.T) {
	first := sums(t, generate(t, 2_200, 7))
	one := func() map[string]string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		return sums(t, generate(t, 2_200, 7))
	}()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
	five := sums(t, generate(t, 2_200, 7))
	other := sums(t, generate(t, 2_200, 8))
	for kind, sum := range first {
		if one[kind] != sum || five[kind] != sum {
			t.Errorf("%s: the bytes depend on the number of processors", kind)
		}
		if other[kind] == sum && !slices.Contains([]string{"units", "rates", "products"}, kind) {
			t.Errorf("%s: another seed gives the same bytes", kind)
		}
	}
}

func TestCustomersOutOfRange(t *testing.T) {
	for _, n := range []int{-1, 0, demo.MaxCustomers + 1} {
		_, err := demo.Generate(t.Context(), demo.Config{Customers: n, Dir: t.TempDir()})
		if !errors.Is(err, demo.ErrCustomers) {
			t.Errorf("%d customers: error %v", n, err)
		}
	}
}

func TestProgressAndCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last int64
	_, err := demo.Generate(ctx, demo.Config{Customers: 200_000, Dir: t.TempDir(), Progress: func(done, total int64) {
		if total != 200_000 || done <= last {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		if last = done; done >= 2_000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after cancel", err)
	}
	if last == 0 || last > 150_000 {
		t.Errorf("stopped after %d customers", last)
	}
}

func TestImportOrder(t *testing.T) {
	var kinds []string
	for _, f := range generate(t, 1, 1) {
		kinds = append(kinds, f.Kind)
	}
	want := []string{"units", "people", "rates", "products", "customers", "potentials", "budgets", "interactions", "answers", "purchases"}
	if !slices.Equal(kinds, want) {
		t.Errorf("order %v, want %v", kinds, want)
	}
}

// codes collects a kind's codes and checks that there are no doubles and that
// references to rows of the same file point upwards.
func codes(t *testing.T, f demo.File, parent string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	records(t, f, func(get func(string) string) {
		code := get("code")
		if code == "" || seen[code] {
			t.Errorf("%s: code %q is empty or not its own", f.Kind, code)
		}
		if parent != "" && get(parent) != "" && !seen[get(parent)] {
			t.Errorf("%s %s: parent %q does not stand above", f.Kind, code, get(parent))
		}
		seen[code] = true
	})
	return seen
}

func TestEveryReferenceExists(t *testing.T) {
	files := byKind(generate(t, 3_000, 1))
	known := map[string]map[string]bool{
		"unit":     codes(t, files["units"], "parent"),
		"person":   codes(t, files["people"], ""),
		"product":  codes(t, files["products"], ""),
		"customer": codes(t, files["customers"], "parent"),
		"currency": {demo.BaseCurrency: true},
	}
	codes(t, files["interactions"], "")
	records(t, files["rates"], func(get func(string) string) { known["currency"][get("currency")] = true })
	for _, ref := range []struct{ kind, column, to string }{
		{"people", "unit", "unit"}, {"products", "currency", "currency"},
		{"customers", "owner", "person"}, {"customers", "unit", "unit"},
		{"potentials", "customer", "customer"}, {"potentials", "currency", "currency"},
		{"budgets", "customer", "customer"}, {"budgets", "currency", "currency"},
		{"interactions", "customer", "customer"}, {"answers", "customer", "customer"}, {"interactions", "person", "person"},
		{"purchases", "customer", "customer"}, {"purchases", "product", "product"},
		{"purchases", "seller", "person"}, {"purchases", "currency", "currency"},
	} {
		optional := ref.column == "seller"
		records(t, files[ref.kind], func(get func(string) string) {
			if code := get(ref.column); !known[ref.to][code] && (code != "" || !optional) {
				t.Fatalf("%s: %s %q does not exist", ref.kind, ref.column, code)
			}
		})
	}
	for _, u := range demo.Users() {
		if !known["person"][u.PersonCode] || !known["unit"][u.UnitCode] {
			t.Errorf("user %s: person %s or unit %s does not exist", u.Email, u.PersonCode, u.UnitCode)
		}
	}
	if n := len(known["product"]); n < 500 || n > 700 {
		t.Errorf("%d products", n)
	}
}

func TestUsersHaveTheirNamesInTheFiles(t *testing.T) {
	for _, customers := range []int{1, 3_000, 60_000} {
		names := map[string]string{}
		records(t, byKind(generate(t, customers, 99))["people"], func(get func(string) string) { names[get("code")] = get("name") + " " + get("email") })
		for _, u := range demo.Users() {
			if names[u.PersonCode] != u.Name+" "+u.Email {
				t.Errorf("%d customers: %s is %q, not %s", customers, u.PersonCode, names[u.PersonCode], u.Name)
			}
		}
	}
}

func TestLargeCompanyStaysManageable(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a company of 200,000")
	}
	files := byKind(generate(t, 200_000, 3))
	if n := files["units"].Rows; n > 200 {
		t.Errorf("%d units", n)
	}
	if n := files["people"].Rows; n > 2_100 {
		t.Errorf("%d people", n)
	}
	if perCustomer := float64(files["purchases"].Rows) / 200_000; perCustomer < 9.5 || perCustomer > 10.8 {
		t.Errorf("%.2f purchase lines per customer, want about 10", perCustomer)
	}
	if perCustomer := float64(files["interactions"].Rows) / 200_000; perCustomer > 3.5 {
		t.Errorf("%.2f interactions per customer", perCustomer)
	}
	if perCustomer := float64(files["answers"].Rows) / 200_000; perCustomer > 2.5 {
		t.Errorf("%.2f answers per customer", perCustomer)
	}
}

func BenchmarkGenerate3000(b *testing.B) {
	for b.Loop() {
		generate(b, 3_000, 1)
	}
}

// BenchmarkGenerateMillion writes the benchmark company, about 1.5 GB. Its peak
// of memory from the system is reported, because it must not grow with the company.
func BenchmarkGenerateMillion(b *testing.B) {
	for b.Loop() {
		files := byKind(generate(b, 1_000_000, 1))
		b.ReportMetric(float64(files["purchases"].Rows), "lines")
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MB")
}
