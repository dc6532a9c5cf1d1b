package date_test

import (
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
)

func TestAddMonths(t *testing.T) {
	for _, tc := range []struct {
		from date.Date
		n    int
		want date.Date
	}{
		{"2026-10-31", -12, "2025-10-31"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2024-03-31", -1, "2024-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-01-15", -1, "2025-12-15"},
	} {
		if got := tc.from.AddMonths(tc.n); got != tc.want {
			t.Errorf("%s %+d months: got %s, want %s", tc.from, tc.n, got, tc.want)
		}
	}
}

func TestScanReadsWhatEnginesGive(t *testing.T) {
	for _, src := range []any{"2026-10-31", []byte("2026-10-31"), "2026-10-31T00:00:00Z", time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)} {
		var d date.Date
		if err := d.Scan(src); err != nil || d != "2026-10-31" {
			t.Errorf("%v: got %q, %v", src, d, err)
		}
	}
	d := date.Date("x")
	if err := d.Scan(nil); err != nil || d != "" {
		t.Errorf("NULL: got %q, %v", d, err)
	}
}

func TestValid(t *testing.T) {
	for text, want := range map[date.Date]bool{"2024-02-29": true, "2024-02-30": false, "": false, "31.10.2026": false} {
		if got := text.Valid(); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
