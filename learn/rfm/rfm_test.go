package rfm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/date"
)

func TestP4_Points_WorkedExampleOfTheSource(t *testing.T) {
	t.Parallel()
	asOf := date.Date("2026-06-30")
	var bought []Purchase
	for i, amount := range []float64{50, 120, 30, 200, 90} {
		bought = append(bought, Purchase{asOf.AddDays(-40 - 60*i), amount})
	}
	got := Default().Score(bought, asOf)
	if want := (Points{24, 20, 35, 79}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestP4_Points_BandsAndWindow(t *testing.T) {
	t.Parallel()
	asOf := date.Date("2026-06-30")
	for day, want := range map[date.Date]float64{
		"2026-06-30": 24, "2026-03-31": 24, "2026-03-30": 12, "2025-12-31": 12, "2025-12-30": 6, "2025-10-01": 6,
		"2025-09-30": 3, "2025-07-01": 3, "2025-06-30": 0, "2020-01-01": 0, "2026-07-01": 0,
	} {
		if got := Default().Score([]Purchase{{day, 100}}, asOf); got.Recency != want {
			t.Errorf("last purchase %s: %g points, want %g", day, got.Recency, want)
		}
	}
	old := Default().Score([]Purchase{{"2025-06-30", 100}, {"2026-06-01", -50}, {"2026-06-02", 0}}, asOf)
	if old != (Points{}) {
		t.Errorf("an old purchase, a return and nothing give %+v", old)
	}
}

func TestP4_Rules_Validate(t *testing.T) {
	t.Parallel()
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, r := range []Rules{{}, {Bands: []Band{{6, 1}, {3, 1}}, Window: 12}, {Bands: []Band{{3, 1}, {6, 2}}, Window: 12},
		{Bands: []Band{{3, 1}}, Window: 0}, {Bands: []Band{{3, 1}}, Window: 12, Factor: math.NaN()}} {
		if r.Validate() == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}

func crowd(n int, seed uint64) []Customer {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Customer, n)
	for i := range out {
		out[i] = Customer{fmt.Sprintf("C%06d", i), float64(r.IntN(30)), float64(r.IntN(5)), float64(r.IntN(400))}
	}
	return out
}

func TestC7_Cells_Nested_125OfEqualSize(t *testing.T) {
	t.Parallel()
	customers := crowd(1253, 7)
	cells, err := Cells(customers, Quintiles(), Nested)
	if err != nil {
		t.Fatal(err)
	}
	size := map[Cell]int{}
	for _, c := range cells {
		size[c]++
	}
	if len(size) != 125 {
		t.Fatalf("%d cells", len(size))
	}
	for c, n := range size {
		if n < 10 || n > 11 {
			t.Errorf("cell %s has %d customers", c, n)
		}
	}
	if best := (Cell{5, 5, 5}).String(); best != "555" {
		t.Error(best)
	}
	if many := (Cell{10, 5, 5}).String(); many != "10.5.5" {
		t.Error(many)
	}
}

func TestCells_SameWhateverTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		customers := crowd(rapid.IntRange(0, 300).Draw(t, "n"), rapid.Uint64().Draw(t, "seed"))
		method := rapid.SampledFrom([]Method{Independent, Nested, AtQuantiles}).Draw(t, "method")
		bands := Bands{rapid.IntRange(1, 12).Draw(t, "r"), rapid.IntRange(1, 12).Draw(t, "f"), rapid.IntRange(1, 12).Draw(t, "m")}
		a, err := Cells(customers, bands, method)
		if err != nil {
			t.Fatal(err)
		}
		place := map[string]Cell{}
		for i, c := range customers {
			place[c.Key] = a[i]
			if a[i].R < 1 || a[i].R > bands.R || a[i].F < 1 || a[i].F > bands.F || a[i].M < 1 || a[i].M > bands.M {
				t.Fatalf("cell %v outside %v", a[i], bands)
			}
		}
		mixed := slices.Clone(customers)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		b, err := Cells(mixed, bands, method)
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]int, bands.R+1)
		for i, c := range mixed {
			if b[i] != place[c.Key] {
				t.Fatalf("%s is in %s and in %s", c.Key, place[c.Key], b[i])
			}
			counts[b[i].R]++
		}
		for i := range customers {
			for j := range customers {
				x, y := customers[i], customers[j]
				if x.Recency < y.Recency && a[i].R < a[j].R {
					t.Fatalf("%s is more recent than %s and in a lower band", x.Key, y.Key)
				}
			}
		}
		if method != AtQuantiles && slices.Max(counts[1:])-slices.Min(counts[1:]) > 1 {
			t.Fatalf("bands of %v", counts[1:])
		}
	})
}

// Quartiles of A.7's input, as pymc-marketing's rfm_segments: recency here is time since the last purchase, frequency counts
// the first purchase, money is the mean of all. Customer 4 has pymc's values (mean 6).
func TestA7_RFMQuartiles_PyMCMarketing(t *testing.T) {
	t.Parallel()
	customers := []Customer{{"1", 1, 2, 1.5}, {"2", 37, 1, 2}, {"3", 33, 3, 3}, {"4", 2, 3, 6}, {"5", 20, 3, 4}, {"6", 5, 1, 5}}
	cells, err := Cells(customers, Bands{4, 4, 4}, AtQuantiles)
	if err != nil {
		t.Fatal(err)
	}
	segments := map[string][]string{
		"Premium":     {"334", "443", "444", "344", "434", "433", "343", "333"},
		"Repeat":      {"244", "234", "232", "332", "143", "233", "243"},
		"Top Spender": {"424", "414", "144", "314", "324", "124", "224", "423", "413", "133", "323", "313", "134"},
		"At Risk":     {"422", "223", "212", "122", "222", "132", "322", "312", "412", "123", "214"},
		"Inactive":    {"411", "111", "113", "114", "112", "211", "311"},
	}
	for i, want := range []string{"Other", "Inactive", "At Risk", "Premium", "Repeat", "Top Spender"} {
		got := "Other"
		for name, codes := range segments {
			if slices.Contains(codes, cells[i].String()) {
				got = name
			}
		}
		if got != want {
			t.Errorf("customer %d in cell %s is %s, want %s", i+1, cells[i], got, want)
		}
	}
}

func TestCells_Refuse(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func() error{
		"twice": func() error { _, err := Cells([]Customer{{Key: "a"}, {Key: "a"}}, Quintiles(), Nested); return err },
		"no number": func() error {
			_, err := Cells([]Customer{{Key: "a", Money: math.NaN()}}, Quintiles(), Nested)
			return err
		},
		"no bands":  func() error { _, err := Cells(nil, Bands{5, 0, 5}, Nested); return err },
		"no method": func() error { _, err := Cells(nil, Quintiles(), "by heart"); return err },
	} {
		if f() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	one, err := Cells([]Customer{{Key: "a"}}, Quintiles(), Nested)
	if err != nil || one[0] != (Cell{1, 1, 1}) {
		t.Error(one, err)
	}
}

func TestC7_BreakEven_WorkedNumbers_Hughes(t *testing.T) {
	t.Parallel()
	be, err := BreakEven(.62, 35)
	if err != nil || math.Abs(be-.01771) > 5e-6 {
		t.Error(be, err)
	}
	be, err = BreakEven(.55, 40)
	if err != nil || math.Abs(be-.01375) > 1e-15 {
		t.Error(be, err)
	}
	if i := BreakEvenIndex(.025, be); math.Abs(i-81.82) > 5e-3 {
		t.Error(i)
	}
	if i := BreakEvenIndex(be, be); i != 0 {
		t.Error(i)
	}
	if n := TestSize(be); n != 291 {
		t.Error(n)
	}
	rows, err := Sample(800_000, 20)
	if err != nil || len(rows) != 40_000 || rows[1] != 20 || rows[2] != 40 {
		t.Error(len(rows), err)
	}
	if _, err := BreakEven(.5, 0); err != ErrNoProfit {
		t.Error(err)
	}
}

func TestC7_Judge_MailTheCellsAboveBreakEven(t *testing.T) {
	t.Parallel()
	got, err := Judge([]Test{{Cell{5, 5, 5}, 320, 8, 0}, {Cell{1, 1, 1}, 320, 2, 0}, {Cell{3, 3, 3}, 50, 1, 0}}, .55, 40)
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].Mail || got[0].TooFew || math.Abs(got[0].Index-81.818) > 1e-3 || math.Abs(got[0].Net-(320-176)) > 1e-9 {
		t.Errorf("%+v", got[0])
	}
	if got[1].Mail || got[1].Index > 0 {
		t.Errorf("%+v", got[1])
	}
	if !got[2].TooFew {
		t.Errorf("%+v", got[2])
	}
	if _, err := Judge([]Test{{Cell{1, 1, 1}, 1, 2, 0}}, .5, 40); err == nil {
		t.Error("more responses than pieces are taken")
	}
}
