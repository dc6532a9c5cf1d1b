package quality

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
)

func TestGrades(t *testing.T) {
	for _, c := range []struct {
		weight    Weight
		count, of int64
		want      Grade
	}{
		{Serious, 0, 0, A}, {Serious, 1, 100, A}, {Serious, 2, 100, B}, {Serious, 5, 100, B}, {Serious, 6, 100, C}, {Serious, 20, 100, C}, {Serious, 21, 100, D},
		{Notable, 5, 100, A}, {Notable, 6, 100, B}, {Notable, 25, 100, B}, {Notable, 26, 100, C}, {Notable, 100, 100, C},
		{Hint, 100, 100, A},
	} {
		if got := gradeOf(c.weight, c.count, c.of); got != c.want {
			t.Errorf("%s, %d of %d: %s, want %s", c.weight, c.count, c.of, got, c.want)
		}
	}
}

func TestFences(t *testing.T) {
	if got := fenceOf(100, 200, 20, true); got == nil || got.Low != 12 || got.High != 1600 {
		t.Errorf("got %+v; want 100/8 and 200×8, money rounded outwards", got)
	}
	if got := fenceOf(100, 200, 20, false); got == nil || got.Low != 12.5 {
		t.Errorf("got %+v", got)
	}
	for what, got := range map[string]*Fence{"too few": fenceOf(100, 200, 19, false), "half are one value": fenceOf(100, 100, 99, false),
		"nothing": fenceOf(0, 0, 0, false), "beyond a float": fenceOf(1e-300, 1e300, 99, false)} {
		if got != nil {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// series makes months from January 2023 on, with a peak of three times as much each December; changed replaces some.
func series(n int, changed map[string]int64) []Month {
	var months []Month
	for i := range n {
		m := Month{Month: date.Date("2023-01-01").AddMonths(i), Lines: 10, Revenue: 1000 + int64(i%5)*20}
		if m.Month[5:7] == "12" {
			m.Revenue *= 3
		}
		if revenue, ok := changed[string(m.Month[:7])]; ok {
			if m.Revenue = revenue; revenue == 0 {
				continue // nothing is known of it
			}
		}
		months = append(months, m)
	}
	return months
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		name    string
		n       int
		changed map[string]int64
		asOf    date.Date
		want    string
	}{
		{"a season is no jump", 36, nil, "2026-01-01", ""},
		{"the first season looks like a jump", 13, nil, "2026-01-01", "2023-12 jump"},
		{"a month without purchases", 36, map[string]int64{"2024-05": 0}, "2026-01-01", "2024-05 gap"},
		{"two in a row", 36, map[string]int64{"2024-05": 0, "2024-06": 0}, "2026-01-01", "2024-05 gap, 2024-06 gap"},
		{"a month that is missing half", 36, map[string]int64{"2024-05": 400}, "2026-01-01", "2024-05 jump"},
		{"a month counted twice", 36, map[string]int64{"2025-03": 2200}, "2026-01-01", "2025-03 jump"},
		{"a December like any month", 36, map[string]int64{"2024-12": 1000}, "2026-01-01", "2024-12 jump"},
		{"more was returned than bought", 36, map[string]int64{"2024-05": -50}, "2026-01-01", "2024-05 jump"},
		{"a third more is no jump", 36, map[string]int64{"2024-05": 1330}, "2026-01-01", ""},
		{"the running month", 36, map[string]int64{"2025-12": 10}, "2025-12-04", "2025-12 partial"},
		{"the running month on its last day", 36, map[string]int64{"2025-12": 10}, "2025-12-31", "2025-12 jump"},
		{"too few to say", 11, map[string]int64{"2023-05": 90_000}, "2026-01-01", ""},
		{"nothing", 0, nil, "2026-01-01", ""},
	} {
		var seen []string
		months := judge(series(c.n, c.changed), c.asOf)
		for _, m := range months {
			if m.State != Usual {
				seen = append(seen, fmt.Sprintf("%s %s", m.Month[:7], m.State))
			}
		}
		if got := strings.Join(seen, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if len(months) != c.n {
			t.Errorf("%s: %d months, want %d", c.name, len(months), c.n)
		}
	}
}

func TestMonthsBesideTheGapsCount(t *testing.T) {
	months := judge(append(series(14, map[string]int64{"2023-05": 0, "2023-12": 1000}), Month{Month: "2024-05-01"}), "2026-01-01")
	got := monthFindings(months)
	// January 2023 to February 2024; the months after have a budget alone.
	if got[0].Count != 1 || got[0].Of != 14 || got[1].Count != 0 {
		t.Errorf("%+v", got)
	}
}

// Every finding must be explained to people: what it is, and what it blocks unless it is a hint.
func TestEveryFindingHasWords(t *testing.T) {
	text, err := os.ReadFile("../../web/src/locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words struct {
		Quality struct{ Finding, Blocks, Kind, Field, Absent map[string]string }
	}
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds() {
		if words.Quality.Kind[k.key] == "" || words.Quality.Absent[k.key] == "" {
			t.Errorf("%s: say in en.json what it is and what its absence blocks", k.key)
		}
		for _, f := range k.fields {
			if words.Quality.Field[f.name] == "" {
				t.Errorf("%s: the field %s has no name in en.json", k.key, f.name)
			}
		}
		found := []definition{{key: gapMonths, weight: Serious}, {key: jumpMonths, weight: Hint}}
		for at := range k.sheets {
			found = append(found, k.definitions(at)...)
		}
		for _, d := range found {
			implied := slices.ContainsFunc([]string{"missing_", "invalid_", "outlier_"}, func(p string) bool { return strings.HasPrefix(d.key, p) })
			if words.Quality.Finding[d.key] == "" && !implied {
				t.Errorf("%s: the finding %s has no words in en.json", k.key, d.key)
			}
			if d.weight != Hint && d.weight != "" && words.Quality.Blocks[k.key+"_"+d.key] == "" && words.Quality.Blocks[d.key] == "" {
				t.Errorf("%s: en.json does not say what %s blocks", k.key, d.key)
			}
		}
	}
}
