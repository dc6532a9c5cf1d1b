package testkit

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// PublishedVariable names the environment variable with the folder of published data sets, which are not part of this
// repository.
const PublishedVariable = "KVADRANT_SHARED_DATA"

// PublishedPath returns where a published data set is: in the folder that the environment names, or in shared/data beside
// one of the folders above this one. The test is skipped where it is absent.
func PublishedPath(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv(PublishedVariable)
	for dir, _ := os.Getwd(); root == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if s, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil && s.IsDir() {
			root = filepath.Join(dir, "shared", "data")
		}
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); root == "" || err != nil {
		t.Skipf("the published data set %s is absent: put it into shared/data above this folder, or name the folder in %s", name, PublishedVariable)
	}
	return path
}

// Published opens a file of the published data sets, unpacked where it is gzipped, or skips the test.
func Published(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(PublishedPath(t, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// PublishedNumbers reads rows of numbers from such a file; lines that hold anything else are headers.
func PublishedNumbers(t testing.TB, name string) [][]float64 {
	t.Helper()
	var rows [][]float64
	scan := bufio.NewScanner(Published(t, name))
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
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	return rows
}
