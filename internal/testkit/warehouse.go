package testkit

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// Warehouse returns an empty warehouse with these tables. It may read files from the folder "import" beside its own,
// which is the test's business to make.
func Warehouse(t testing.TB, schema ...string) *engine.Warehouse {
	t.Helper()
	folder := t.TempDir()
	w, err := engine.Open(context.Background(), engine.Config{
		Path:      filepath.Join(folder, "warehouse.duckdb"),
		Schema:    schema,
		ImportDir: filepath.Join(folder, "import"),
		MemoryMB:  512,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}
