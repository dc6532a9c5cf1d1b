package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

//go:embed prelude.sql
var prelude string

// ownTable is the engine's own table of one row: which schema the file has, which file it is (a replaced one is another),
// whether it was filled to the end, and how many writes were committed.
const ownTable = `CREATE TABLE warehouse_file(schema_hash VARCHAR, file_id VARCHAR, complete BOOLEAN, commits BIGINT)`

// maxConnections bounds the questions asked at once. They share the engine's threads and memory, so more would only wait
// for each other inside.
const maxConnections = 16

// file is one DuckDB file that is open.
type file struct {
	path     string
	pool     *sql.DB
	id       string
	hash     string // of the schema it was made from
	complete bool
	commits  int64 // changed only by the one writer
	// moves grows before and after each commit; see [Mark].
	moves    atomic.Int64
	readOnly bool // opened while the disk was full

	// life ends when the file is closed or replaced, and with it all that is asked of the file.
	life context.Context //nolint:containedctx // it is the life of the file, not of a call
	end  context.CancelFunc
}

// openFile opens the file of cfg, or sets it aside when its schema is another, or makes it when there is none.
func openFile(ctx context.Context, cfg Config, found Opening) (*file, Opening, error) {
	if err := prepareFolder(cfg.Path); err != nil {
		return nil, found, err
	}
	exists, err := fileExists(cfg.Path)
	if err != nil {
		return nil, found, err
	}
	if exists {
		f, err := connect(ctx, cfg)
		if err != nil {
			return nil, found, err
		}
		if err := f.readState(ctx); err != nil {
			return nil, found, errors.Join(err, f.close())
		}
		if f.hash == schemaHash(cfg.Schema) {
			found.Empty = !f.complete || f.commits == 0
			if !f.complete {
				found.Why = "The warehouse was not built to the end."
			}
			return f, found, f.secure()
		}
		if err := f.close(); err != nil {
			return nil, found, err
		}
		if cfg.readOnly {
			return nil, found, fault.New(fault.Full, "warehouse.full", "The disk is full, and the warehouse must be built anew for this version: free some space and start again.")
		}
		found.Why = "The warehouse was of another version of the program."
		if found.SetAside, err = setAside(cfg, "stale"); err != nil {
			return nil, found, err
		}
	}
	found.Empty = true
	// The program may have ended between setting a file aside and making this one.
	aside, err := filesAside(cfg.Path)
	if err != nil {
		return nil, found, err
	}
	if len(aside) > 0 && found.Why == "" {
		found.Why = "The warehouse was set aside before and not built again."
	}
	f, err := makeFile(ctx, cfg, len(aside) == 0)
	return f, found, err
}

// makeFile makes an empty file. complete says that there is nothing that would have to be in it.
func makeFile(ctx context.Context, cfg Config, complete bool) (*file, error) {
	f, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	f.id, f.hash, f.complete = string(id.New()), schemaHash(cfg.Schema), complete
	if err := f.create(ctx, cfg.Schema); err != nil {
		return nil, errors.Join(fmt.Errorf("make the tables of the warehouse: %w", err), f.close())
	}
	return f, f.acknowledge()
}

func prepareFolder(path string) error {
	if strings.ContainsAny(path, "?%") {
		return fmt.Errorf(`the path of the warehouse %q may not contain "?" or "%%"; choose another data folder`, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the warehouse: %w", err)
	}
	return nil
}

func fileExists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the warehouse: %w", err)
	}
	return true, nil
}

// connect opens the file, whatever is in it, and closes all ways out of the engine.
func connect(ctx context.Context, cfg Config) (*file, error) {
	path := cfg.Path
	if cfg.readOnly {
		path += "?access_mode=READ_ONLY"
	}
	connector, err := duckdb.NewConnector(path, nil)
	if err != nil {
		return nil, fmt.Errorf("open the warehouse %s: %w", cfg.Path, err)
	}
	pool := sql.OpenDB(connector)
	if err := os.MkdirAll(tempPath(cfg.Path), 0o700); err != nil && !cfg.readOnly {
		return nil, errors.Join(fmt.Errorf("make the folder for what does not fit in memory: %w", err), pool.Close())
	}
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	f := &file{path: cfg.Path, pool: pool, readOnly: cfg.readOnly}
	f.life, f.end = context.WithCancel(context.Background())
	for _, setting := range settings(cfg) {
		if _, err := pool.ExecContext(ctx, setting); err != nil {
			return nil, errors.Join(fmt.Errorf("set up the warehouse, %q: %w", setting, err), f.close())
		}
	}
	return f, nil
}

// settings make the engine small and blind: no extension from the network, no file but its own and the import folder's,
// bounded memory, disk and threads, and at last no way to change that. The order matters.
func settings(cfg Config) []string {
	allowed := "[]"
	if cfg.ImportDir != "" {
		allowed = "[" + literal(strings.TrimSuffix(filepath.ToSlash(cfg.ImportDir), "/")+"/") + "]"
	}
	return []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		fmt.Sprintf("SET memory_limit = '%dMiB'", cfg.MemoryMB),
		fmt.Sprintf("SET threads = %d", cfg.Threads),
		"SET temp_directory = " + literal(tempPath(cfg.Path)),
		fmt.Sprintf("SET max_temp_directory_size = '%dMiB'", cfg.TempMB),
		// A page of a list finds its rows by the sort alone and reads only those: with the defaults (50) it would read every
		// row in full as soon as it asks for one more than 50 to see whether there is a next page.
		"SET GLOBAL late_materialization_max_rows = 200",
		"SET GLOBAL dynamic_or_filter_threshold = 200",
		"SET GLOBAL integer_division = true",
		"SET GLOBAL TimeZone = 'UTC'",
		"SET allowed_directories = " + allowed,
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	}
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func schemaHash(schema []string) string {
	sum := sha256.New()
	for _, text := range append([]string{prelude, ownTable}, schema...) {
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// readState reads the engine's own table.
func (f *file) readState(ctx context.Context) error {
	err := f.pool.QueryRowContext(ctx, "SELECT file_id, schema_hash, complete, commits FROM warehouse_file").
		Scan(&f.id, &f.hash, &f.complete, &f.commits)
	if err != nil {
		return fmt.Errorf("read the state of the warehouse: %w", err)
	}
	return nil
}

// create makes the macros and tables, all or none.
func (f *file) create(ctx context.Context, schema []string) error {
	conn, err := f.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer discard(conn)
	texts := append([]string{"BEGIN TRANSACTION", prelude, ownTable}, schema...)
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", abridged(text), err)
		}
	}
	_, err = conn.ExecContext(ctx, "INSERT INTO warehouse_file VALUES (?, ?, ?, 0)", f.hash, f.id, f.complete)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// commit counts the write, commits it, and notes outside the file that it was acknowledged.
func (f *file) commit(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "UPDATE warehouse_file SET commits = commits + 1, complete = ?", f.complete); err != nil {
		return fmt.Errorf("commit to the warehouse: %w", err)
	}
	f.moves.Add(1)
	defer f.moves.Add(1)
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit to the warehouse: %w", err)
	}
	f.commits++
	_ = f.acknowledge() // the write stands, whatever becomes of the note; the older one promises less
	return nil
}

// acknowledged is what stands beside the file about it. A torn log makes DuckDB forget its last commits without a word;
// a count kept elsewhere tells.
type acknowledged struct {
	FileID  string `json:"file_id"`
	Commits int64  `json:"commits"`
}

func ackPath(path string) string { return path + ".ack" }

// acknowledge notes the count, after the commit.
func (f *file) acknowledge() error {
	text, err := json.Marshal(acknowledged{FileID: f.id, Commits: f.commits})
	if err == nil {
		err = f.secure()
	}
	fresh := ackPath(f.path) + ".new"
	if err == nil {
		err = os.WriteFile(fresh, text, 0o600)
	}
	if err == nil {
		err = os.Rename(fresh, ackPath(f.path))
	}
	if err != nil {
		return fmt.Errorf("note the commits of the warehouse: %w", err)
	}
	return nil
}

// readAck returns the acknowledged state, or nothing when there is none that can be read.
func readAck(path string) (acknowledged, bool) {
	var ack acknowledged
	text, err := os.ReadFile(ackPath(path))
	if err != nil || json.Unmarshal(text, &ack) != nil {
		return acknowledged{}, false
	}
	return ack, true
}

// secure lets only the owner read. DuckDB makes its files by the process's mask.
func (f *file) secure() error {
	for _, path := range []string{f.path, walPath(f.path)} {
		if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("protect the warehouse: %w", err)
		}
	}
	return nil
}

func walPath(path string) string { return path + ".wal" }

func tempPath(path string) string { return path + ".tmp" }

func (f *file) checkpoint(ctx context.Context) error {
	if _, err := f.pool.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("move the log into the warehouse: %w", err)
	}
	return f.secure()
}

// closeWithin is how long close waits for questions that are being answered. They were told to stop.
const closeWithin = 10 * time.Second

// close stops what is asked of the file and waits until nothing is: the driver keeps a file in a table by its path, and a
// connection that is left would let the next opening find this file instead of the one on disk.
func (f *file) close() error {
	f.end()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(closeWithin)
	for f.pool.Stats().InUse > 0 {
		select {
		case <-tick.C:
		case <-late:
			return errors.Join(errors.New("close the warehouse: somebody still reads from it"), f.pool.Close())
		}
	}
	if err := f.pool.Close(); err != nil {
		return fmt.Errorf("close the warehouse: %w", err)
	}
	return nil
}
