package demo_test

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/kvadrant/kvadrant/internal/demo"
)

// windowStart is the day before the default window of twelve months begins.
const windowStart = "2025-10-31"

// standing is what the matrix needs of a customer, in DKK.
type standing struct {
	revenue, cost, potential float64
	known, bought            bool
	visits                   int
	statedOn, cell           string
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// rates returns a function that gives the DKK of one unit of a currency on a date.
func rates(t testing.TB, f demo.File) func(currency, date string) float64 {
	type dated struct {
		from string
		rate float64
	}
	table := map[string][]dated{demo.BaseCurrency: {{"", 1}}}
	records(t, f, func(get func(string) string) {
		table[get("currency")] = append(table[get("currency")], dated{get("valid_from"), number(t, get("rate"))})
	})
	return func(currency, date string) float64 {
		for _, d := range slices.Backward(table[currency]) {
			if d.from <= date {
				return d.rate
			}
		}
		t.Fatalf("no rate of %s on %s", currency, date)
		return 0
	}
}

// picture computes the customers' standing as of the last day from the files,
// with the default cuts, in plain Go.
func picture(t testing.TB, files map[string]demo.File) map[string]*standing {
	all := map[string]*standing{}
	rate := rates(t, files["rates"])
	records(t, files["customers"], func(get func(string) string) { all[get("code")] = &standing{} })
	records(t, files["potentials"], func(get func(string) string) {
		if c := all[get("customer")]; get("valid_from") <= demo.LastDay && get("valid_from") >= c.statedOn {
			c.known, c.statedOn = true, get("valid_from")
			c.potential = number(t, get("amount")) * rate(get("currency"), get("valid_from"))
		}
	})
	records(t, files["interactions"], func(get func(string) string) {
		if get("kind") == "visit" && get("date") > windowStart && get("date") <= demo.LastDay {
			all[get("customer")].visits++
		}
	})
	records(t, files["purchases"], func(get func(string) string) {
		c := all[get("customer")]
		c.bought = true
		if get("date") > windowStart && get("date") <= demo.LastDay {
			c.revenue += number(t, get("revenue")) * rate(get("currency"), get("date"))
			c.cost += number(t, get("cost")) * rate(get("currency"), get("date"))
		}
	})
	place(all)
	return all
}

// place cuts the customers into the cells: gold makes the first half of all
// potential, silver the next three tenths.
func place(all map[string]*standing) {
	var known []*standing
	total := 0.0
	for _, c := range all {
		if c.cell = "unknown"; c.known {
			known = append(known, c)
			total += c.potential
		}
	}
	slices.SortFunc(known, func(a, b *standing) int { return cmp.Compare(b.potential, a.potential) })
	sum := 0.0
	for _, c := range known {
		row, column := "bronze", "loyal"
		switch {
		case sum < 0.5*total:
			row = "gold"
		case sum < 0.8*total:
			row = "silver"
		}
		switch share := c.revenue / c.potential; {
		case share <= 0:
			column = "prospect"
		case share < 0.25:
			column = "bubble"
		case share < 0.6:
			column = "sailer"
		}
		sum += c.potential
		c.cell = row + "_" + column
	}
}

// part is a share of customers, revenue and visits, in percent.
type part struct{ customers, revenue, visits float64 }

func shareOf(all map[string]*standing, in func(*standing) bool) part {
	var some, whole part
	for _, c := range all {
		if in(c) {
			some.customers, some.revenue, some.visits = some.customers+1, some.revenue+c.revenue, some.visits+float64(c.visits)
		}
		whole.customers, whole.revenue, whole.visits = whole.customers+1, whole.revenue+c.revenue, whole.visits+float64(c.visits)
	}
	return part{100 * some.customers / whole.customers, 100 * some.revenue / whole.revenue, 100 * some.visits / whole.visits}
}

func inCells(cells ...string) func(*standing) bool {
	return func(c *standing) bool { return slices.Contains(cells, c.cell) }
}

func TestStoryOfFieldK3(t *testing.T) {
	cells := []string{"unknown"}
	for _, row := range []string{"gold", "silver", "bronze"} {
		for _, column := range []string{"prospect", "bubble", "sailer", "loyal"} {
			cells = append(cells, row+"_"+column)
		}
	}
	for _, seed := range []uint64{1, 2, 3, 4, 5, 42} {
		all := picture(t, byKind(generate(t, 3_000, seed)))
		for _, cell := range cells {
			is := shareOf(all, inCells(cell))
			t.Logf("seed %d %-16s customers %5.1f %%  revenue %5.1f %%  visits %5.1f %%", seed, cell, is.customers, is.revenue, is.visits)
			if is.customers == 0 {
				t.Errorf("seed %d: nobody is %s", seed, cell)
			}
		}
		few := shareOf(all, inCells("gold_sailer", "gold_loyal", "silver_sailer", "silver_loyal"))
		if few.customers > 5 || few.revenue < 65 || few.visits > 23 {
			t.Errorf("seed %d: few customers who bring most: %+v", seed, few)
		}
		habit := shareOf(all, func(c *standing) bool { return c.known && c.revenue > 0 && c.potential-c.revenue < 10_000 })
		t.Logf("seed %d few %+v, little left to buy %+v", seed, few, habit)
		if habit.visits < 35 || habit.visits > 50 || habit.revenue >= 10 {
			t.Errorf("seed %d: customers with little left to buy: %+v", seed, habit)
		}
		if bubbles := shareOf(all, inCells("gold_bubble")); bubbles.customers < 0.5 {
			t.Errorf("seed %d: too few gold bubbles: %+v", seed, bubbles)
		}
	}
}

func TestKnowledgeOfPotentials(t *testing.T) {
	files := byKind(generate(t, 3_000, 1))
	latest, on, statements := map[string]string{}, map[string]string{}, map[string]int{}
	records(t, files["potentials"], func(get func(string) string) {
		code := get("customer")
		statements[code]++
		if get("valid_from") > on[code] {
			latest[code], on[code] = get("source"), get("valid_from")
		}
		if number(t, get("amount")) <= 0 {
			t.Errorf("potential %q of %s", get("amount"), code)
		}
	})
	count, several := map[string]float64{}, 0
	for code, source := range latest {
		count[source]++
		if statements[code] > 1 {
			several++
		}
	}
	for source, want := range map[string]float64{"declared": 70, "surveyed": 10, "imported": 5} {
		if is := count[source] / 30; math.Abs(is-want) > 3 {
			t.Errorf("%s: %.1f %%, want about %v", source, is, want)
		}
	}
	if several < 300 {
		t.Errorf("only %d customers with several statements", several)
	}
}

func TestPurchasesAreBelievable(t *testing.T) {
	files := byKind(generate(t, 3_000, 1))
	if n := files["purchases"].Rows; n < 40_000 || n > 60_000 {
		t.Errorf("%d purchase lines", n)
	}
	rate := rates(t, files["rates"])
	type key struct{ document, line string }
	seen, last := map[key]bool{}, map[string]string{}
	buyers, currencies, back := map[string]bool{}, map[string]int{}, 0
	wonBack := map[string]bool{}
	var revenue, cost, returned float64
	years := map[string]float64{}
	months := map[string]int{}
	records(t, files["purchases"], func(get func(string) string) {
		k := key{get("document"), get("line")}
		if seen[k] {
			t.Fatalf("document %s line %s twice", k.document, k.line)
		}
		seen[k] = true
		date, customer := get("date"), get("customer")
		if date < demo.FirstDay || date > demo.LastDay {
			t.Fatalf("purchase on %s", date)
		}
		r, c, q := number(t, get("revenue")), number(t, get("cost")), number(t, get("quantity"))
		if q == 0 || (q < 0) != (r <= 0) || (q < 0) != (c <= 0) {
			t.Fatalf("quantity %v with revenue %v and cost %v", q, r, c)
		}
		if q < 0 {
			back++
			returned -= r * rate(get("currency"), date)
		}
		r, c = r*rate(get("currency"), date), c*rate(get("currency"), date)
		revenue, cost = revenue+r, cost+c
		years[date[:4]] += r
		months[date[5:7]]++
		currencies[get("currency")]++
		buyers[customer] = true
		if before := last[customer]; before != "" && date[:4] > before[:4] && years2(before, date) > 1.05 {
			wonBack[customer] = true
		}
		last[customer] = max(last[customer], date)
	})
	t.Logf("revenue %.0f cost %.0f returned %.0f DKK; years %v; months %v; currencies %v; returns %d; buyers %d; won back %d",
		revenue, cost, returned, years, months, currencies, back, len(buyers), len(wonBack))
	if margin := 1 - cost/revenue; margin < 0.15 || margin > 0.45 {
		t.Errorf("margin %.3f", margin)
	}
	if back < 200 || returned/revenue > 0.03 {
		t.Errorf("%d returned lines, %.4f of revenue", back, returned/revenue)
	}
	if share := 1 - float64(len(buyers))/3000; share < 0.03 || share > 0.08 {
		t.Errorf("%.3f of the customers never bought", share)
	}
	for _, c := range []string{"DKK", "EUR", "PLN", "TWD", "USD"} {
		if currencies[c] < 300 {
			t.Errorf("%d lines in %s", currencies[c], c)
		}
	}
	for _, y := range []string{"2022", "2023", "2024", "2025"} {
		if years[y] < revenue/8 || years[y] > revenue/3 {
			t.Errorf("revenue of %s is %.0f of %.0f in all", y, years[y], revenue)
		}
	}
	if len(wonBack) < 60 {
		t.Errorf("%d customers won back after more than a year", len(wonBack))
	}
	if months["04"] < 12*months["12"]/10 {
		t.Errorf("no season: %v", months)
	}
}

// years2 is the time between two ISO dates in years, roughly.
func years2(from, to string) float64 {
	day := func(s string) float64 {
		y, _ := strconv.Atoi(s[:4])
		m, _ := strconv.Atoi(s[5:7])
		d, _ := strconv.Atoi(s[8:])
		return float64(y) + float64(m-1)/12 + float64(d-1)/365
	}
	return day(to) - day(from)
}

func TestDatesOfTheOtherFiles(t *testing.T) {
	files := byKind(generate(t, 1_000, 5))
	for _, f := range []struct{ kind, column, first, last string }{
		{"potentials", "valid_from", "2021-01-01", demo.LastDay},
		{"interactions", "date", "2023-11-01", demo.LastDay},
		{"answers", "date", demo.FirstDay, demo.LastDay},
		{"budgets", "month", "2025-01-01", "2026-12-01"},
	} {
		records(t, files[f.kind], func(get func(string) string) {
			if d := get(f.column); d < f.first || d > f.last || len(d) != 10 {
				t.Fatalf("%s: %s %s", f.kind, f.column, d)
			}
		})
		if files[f.kind].Rows == 0 {
			t.Errorf("no %s", f.kind)
		}
	}
}

// About two in five customers answered, each response a questionnaire of the program's own, and who buys nearly all here is
// more content than who has left.
func TestAnswersFitTheStory(t *testing.T) {
	files := byKind(generate(t, 3_000, 1))
	all := picture(t, files)
	who, sum, count := map[string]bool{}, map[string]float64{}, map[string]float64{}
	records(t, files["answers"], func(get func(string) string) {
		who[get("customer")] = true
		low, high := 0.0, map[string]float64{"intention": 2, "reference": 1, "complaint": 1, "second_chance": 1}[get("topic")]
		if high == 0 {
			high = 10
		}
		score := number(t, get("score"))
		if score < low || score > high {
			t.Errorf("a score of %v on %s", score, get("topic"))
		}
		if get("topic") == "satisfaction" {
			c := all[get("customer")]
			group := "buys"
			if c.revenue <= 0 {
				group = "left"
			}
			sum[group], count[group] = sum[group]+score, count[group]+1
		}
	})
	if n := len(who); n < 900 || n > 1500 {
		t.Errorf("%d of 3,000 customers answered", n)
	}
	if buys, left := sum["buys"]/count["buys"], sum["left"]/count["left"]; !(buys > left+1) {
		t.Errorf("satisfaction %.2f of those who buy, %.2f of those who left", buys, left)
	}
}
