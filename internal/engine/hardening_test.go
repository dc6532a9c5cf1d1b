package engine_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// A07: every known way out of DuckDB, tried as the text of a question and of a change. Users cannot bring text here at
// all; this is what holds if that ever fails.
func TestA07NoWayOutOfTheEngine(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	outside, imports := t.TempDir(), filepath.Join(t.TempDir(), "import")
	if err := os.Mkdir(imports, 0o700); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(outside, "secret.csv")
	for _, path := range []string{secret, filepath.Join(imports, "lines.csv")} {
		if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the engine called out by HTTP")
	}))
	defer server.Close()
	w := open(t, engine.Config{ImportDir: imports})
	if _, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (1)", nil); err != nil {
		t.Fatal(err)
	}

	if got := mustAsk(t, w, "SELECT a FROM read_csv('"+imports+"/lines.csv')", nil); got != "1" {
		t.Errorf("the import folder cannot be read: %q", got)
	}

	questions := []string{
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT * FROM read_csv_auto('SECRET')",
		"SELECT * FROM 'SECRET'",
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM read_text('IMPORT/../secret.csv')",
		"SELECT * FROM read_text('IMPORT/../../etc/passwd')",
		"SELECT * FROM read_text('IMPORT-other/x')",
		"SELECT * FROM read_blob('/etc/passwd')",
		"SELECT * FROM read_json('SECRET')",
		"SELECT * FROM read_json_objects('SECRET')",
		"SELECT * FROM read_ndjson('SECRET')",
		"SELECT * FROM read_parquet('SECRET')",
		"SELECT * FROM parquet_metadata('SECRET')",
		"SELECT * FROM sniff_csv('/etc/passwd')",
		"SELECT * FROM glob('/etc/*')",
		"SELECT * FROM read_duckdb('OTHER')",
		"SELECT * FROM read_csv('URL/x.csv')",
		"SELECT * FROM 'URL/x.parquet'",
		"SELECT * FROM read_csv('s3://bucket/x.csv')",
		"SELECT * FROM sqlite_scan('OTHER', 't')",
		"SELECT * FROM postgres_scan('host=localhost', 'public', 't')",
		"SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
		"SELECT * FROM query_table('SECRET')",
		"WITH x AS (SELECT content FROM read_text('/etc/passwd')) SELECT * FROM x",
		"SELECT getenv('HOME')",
		"SELECT * FROM (SELECT 1); SELECT * FROM read_text('/etc/passwd')",
	}
	changes := []string{
		"COPY purchase TO 'OUT'",
		"COPY (SELECT 1) TO 'OUT' (FORMAT parquet)",
		"COPY purchase FROM 'SECRET'",
		"EXPORT DATABASE 'OUT'",
		"IMPORT DATABASE 'OUT'",
		"ATTACH 'OTHER' AS other",
		"ATTACH 'URL/x.duckdb' AS other (READ_ONLY)",
		"ATTACH 'OTHER' (TYPE sqlite)",
		"INSTALL httpfs",
		"INSTALL httpfs FROM community",
		"FORCE INSTALL httpfs FROM 'URL'",
		"LOAD httpfs",
		"LOAD 'OUT'",
		"UPDATE EXTENSIONS",
		"SET enable_external_access = true",
		"SET GLOBAL enable_external_access = true",
		"RESET enable_external_access",
		"SET allowed_directories = ['/']",
		"SET allowed_paths = ['/etc/passwd']",
		"SET lock_configuration = false",
		"SET memory_limit = '1TB'",
		"SET threads = 64",
		"SET temp_directory = 'OUTDIR'",
		"SET max_temp_directory_size = '1TB'",
		"SET autoinstall_known_extensions = true",
		"SET autoload_known_extensions = true",
		"SET allow_community_extensions = true",
		"SET allow_unsigned_extensions = true",
		"SET extension_directory = 'OUTDIR'",
		"SET custom_extension_repository = 'URL'",
		"SET secret_directory = 'OUTDIR'",
		"SET log_query_path = 'OUT'",
		"SET profiling_output = 'OUT'",
		"PRAGMA enable_profiling",
		"PRAGMA database_size; DROP TABLE purchase",
		"CALL enable_logging(storage = 'file', storage_config = {'path': 'OUTDIR'})",
		"CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
		"CREATE TABLE stolen AS SELECT * FROM read_text('/etc/passwd')",
		"CREATE VIEW stolen AS SELECT * FROM read_text('/etc/passwd')",
		"INSERT INTO purchase(row_no) VALUES (2); DROP TABLE purchase",
	}
	names := strings.NewReplacer("SECRET'", secret+"'", "IMPORT", imports, "URL", server.URL,
		"OTHER", filepath.Join(outside, "other.db"), "OUTDIR", filepath.Join(outside, "dir"), "OUT", filepath.Join(outside, "out"))
	for _, text := range questions {
		got, err := ask(ctx, w, names.Replace(text), nil)
		if err == nil {
			t.Errorf("%s was answered: %.200s", text, got)
		} else if strings.Contains(text, "SELECT * FROM read_text('/etc") && !strings.Contains(err.Error(), "disabled by configuration") &&
			!strings.Contains(text, ";") {
			t.Errorf("%s was stopped by chance: %v", text, err)
		}
		if _, err := w.Exec(ctx, names.Replace(text), nil); err == nil {
			t.Errorf("%s was run inside a write", text)
		}
	}
	for _, text := range changes {
		if got, err := ask(ctx, w, names.Replace(text), nil); err == nil {
			t.Errorf("%s was answered: %.200s", text, got)
		}
		if _, err := w.Exec(ctx, names.Replace(text), nil); err == nil {
			t.Errorf("%s was run inside a write", text)
		}
	}
	for _, text := range []string{"INSERT INTO purchase(row_no) VALUES (2)", "DELETE FROM purchase", "DROP TABLE purchase", "WITH x AS (SELECT 1) DELETE FROM purchase",
		"EXPLAIN ANALYZE DELETE FROM purchase", "CREATE TABLE x(n INTEGER)", "CHECKPOINT", "BEGIN TRANSACTION", "COMMIT", "PREPARE q AS SELECT 1", "FROM purchase", ""} {
		if got, err := ask(ctx, w, text, nil); err == nil {
			t.Errorf("as a question, %q was answered: %q", text, got)
		}
	}

	if got := mustAsk(t, w, "SELECT row_no FROM purchase", nil); got != "1" {
		t.Errorf("the rows changed: %q", got)
	}
	left, err := os.ReadDir(outside)
	if err != nil || len(left) != 1 {
		t.Errorf("something was written outside: %v, %v", left, err)
	}
}

func TestMemoryAndSpillAreBounded(t *testing.T) {
	t.Parallel()
	const hungry = "SELECT count(DISTINCT y) FROM (SELECT cast(range AS VARCHAR) || 'xxxxxxxxxxxxxxxxxxxxx' AS y FROM range(3000000)) AS t"
	w := open(t, engine.Config{MemoryMB: 64, TempMB: 1, Threads: 1})
	if got, err := ask(context.Background(), w, hungry, nil); !fault.Is(err, fault.Unavailable) || fault.Of(err).Code != "warehouse.memory" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := mustAsk(t, w, "SELECT 1", nil); got != "1" {
		t.Errorf("afterwards %q", got)
	}
	w = open(t, engine.Config{MemoryMB: 64, TempMB: 2000, Threads: 1})
	if got := mustAsk(t, w, hungry, nil); got != "3000000" {
		t.Errorf("with room to spill: %q", got)
	}
}
