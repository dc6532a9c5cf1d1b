package lifetime

import (
	"math"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/testkit"
)

func cbs(t testing.TB) []Tuple {
	t.Helper()
	rows := testkit.PublishedNumbers(t, "cdnow/btyd_cdnowSummary_cbs.csv")
	out := make([]Tuple, len(rows))
	for i, r := range rows {
		out[i] = Tuple{Frequency: r[0], Recency: r[1], Age: r[2], Weight: 1}
	}
	return out
}

func day(y, m, d int) int {
	return int(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.10g, want %.10g ± %g (off by %.3g)", what, got, want, tolerance, got-want)
	}
}

// rel compares to a relative tolerance.
func rel(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	near(t, what, got, want, tolerance*math.Abs(want))
}
