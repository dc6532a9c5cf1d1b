package dateform

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIn(t *testing.T) {
	tests := []struct{ cell, want string }{
		{"2026-10-31", "yyyy-mm-dd"},
		{"31.10.2026", "dd.mm.yyyy"},
		{"1.2.2026 23:59", "dd.mm.yyyy"},
		{"10/31/2026", "mm/dd/yyyy"},
		{"03/04/2026", "dd/mm/yyyy mm/dd/yyyy"},
		{"20261031", "yyyymmdd"},
		{"31102026", ""},
		{"31-Oct-2026", "dd-mmm-yyyy"},
		{"31-okt.-2026", "dd-mmm-yyyy"},
		{"3. marts 2026", "dd mmm yyyy"},
		{"3. März 2026", "dd mmm yyyy"},
		{"3 maart 2026", "dd mmm yyyy"},
		{"3 września 2026", "dd mmm yyyy"},
		{"March 3, 2026", "mmm dd yyyy"},
		{"Mar 3rd 2026", "mmm dd yyyy"},
		{"03-Mar-26", "dd-mmm-yy"},
		{"115/10/31", "yyy/mm/dd"},
		{"2026-10-31T10:11:12.5+02:00", "yyyy-mm-dd"},
		{"2026-10-31 10:11:12+00", "yyyy-mm-dd"},
		{"31.10.2026 10.11", "dd.mm.yyyy"},
		{"2026-02-30", ""}, {"1026-10-31", ""}, {"soon", ""}, {"", ""}, {"12.5", ""}, {"12345678", ""}, {"INV 2026", ""}, {"3 Foo 2026", ""}, {"123.456,78", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range In(tt.cell) {
			got = append(got, f.Name)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%q: got %q, want %q", tt.cell, text, tt.want)
		}
	}
}

// TestNoMonthIsTwo holds that the names of five languages do not contradict each other.
func TestNoMonthIsTwo(t *testing.T) {
	if n := len(Months()); n < 70 {
		t.Errorf("%d names", n)
	}
	for name, month := range Months() {
		if _, ok := Read("7 "+name+" 2026", "dd mmm yyyy"); !ok || month < 1 || month > 12 {
			t.Errorf("%s is %d", name, month)
		}
	}
}

// TestEveryFormReadsItsOwn holds that what is written in a form is read in it.
func TestEveryFormReadsItsOwn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := rapid.SampledFrom(All()).Draw(r, "form")
		day := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 9000).Draw(r, "day"))
		layouts := map[string]string{"dd-mmm-yyyy": "02-Jan-2006", "dd mmm yyyy": "2 January 2006", "mmm dd yyyy": "January 2, 2006", "dd-mmm-yy": "2-Jan-06"}
		text := ""
		switch {
		case f.Name == "yyy/mm/dd":
			text = strings.TrimPrefix(day.AddDate(-1911, 0, 0).Format("2006/01/02"), "0")
			if day.Month() == time.February && day.Day() == 29 {
				return // the day before is written in a year that has none
			}
		case f.Named:
			text = day.Format(layouts[f.Name])
		default:
			text = day.Format(f.layout)
		}
		if got, ok := Read(text, f.Name); !ok || !got.Equal(day) {
			r.Errorf("%s as %s: %q was read as %v %v", day, f.Name, text, got, ok)
		}
	})
}
