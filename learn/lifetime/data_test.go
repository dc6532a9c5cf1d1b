package lifetime

import (
	"bufio"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shared opens a file of shared/data, or skips the test and says so.
func shared(t testing.TB, name string) io.Reader {
	t.Helper()
	root := os.Getenv("KVADRANT_SHARED_DATA")
	if root == "" {
		dir, _ := os.Getwd()
		for dir != filepath.Dir(dir) {
			if s, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil && s.IsDir() {
				root = filepath.Join(dir, "shared", "data")
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	if root == "" {
		t.Skip("no shared/data above this folder and KVADRANT_SHARED_DATA is not set: the published data sets are absent")
	}
	f, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Skipf("%s is absent: %v", name, err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// table reads numbers from a text with separators; lines that do not start with a number are headers.
func table(t testing.TB, name string) [][]float64 {
	t.Helper()
	var rows [][]float64
	scan := bufio.NewScanner(shared(t, name))
	for scan.Scan() {
		fields := strings.FieldsFunc(scan.Text(), func(r rune) bool { return r == ',' || r == ' ' || r == '"' || r == '\t' })
		row := make([]float64, 0, len(fields))
		for _, f := range fields {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				row = nil
				break
			}
			row = append(row, v)
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	return rows
}

func cbs(t testing.TB) []Tuple {
	t.Helper()
	rows := table(t, "cdnow/btyd_cdnowSummary_cbs.csv")
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
