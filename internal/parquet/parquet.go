// Package parquet looks into Parquet files without trusting them.
//
// Such a file is a program for its reader: lengths, offsets and codings that a crafted one gets wrong. So a child process
// of this program reads all of it first, with the engine of the warehouse; whatever happens to the child, the server only
// learns that the file is damaged. What the child has read to the end, the server then reads itself.
package parquet

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// childVariable tells the program that it is a child that only reads a file.
const childVariable = "KVADRANT_TABLE_CHECK"

// childGreeting is the first line of the child, so that a program that forgot ReadIfAsked is not mistaken for a bad file.
const childGreeting = "kvadrant table check 1"

// Bounds of the child.
const (
	childWithin = 10 * time.Minute
	childMemory = 512 << 20 // of the engine
	childData   = 3 << 30   // of the process, where the system can bound it
	childAnswer = 64 << 20
	cellBytes   = 1000 // of a cell in the sample
)

// ReadIfAsked must be the first call of main and of every TestMain whose tests import Parquet files. In the child that
// Look starts it reads the file and ends the process; anywhere else it does nothing.
func ReadIfAsked() {
	if os.Getenv(childVariable) == "" {
		return
	}
	os.Exit(runChild(os.Stdin, os.Stdout))
}

type childRequest struct {
	Path, Temp string
	Head       int
	Whole      bool
}

// Found is what is in a file.
type Found struct {
	Error string // why it cannot be read; the rest is empty then
	Names []string
	Types []string   // as the engine calls them
	Rows  int64      // 0 unless the whole was read
	Head  [][]string // the first rows, as text
}

var errNoChild = errors.New("read a Parquet file: main or TestMain must call parquet.ReadIfAsked first")

// Look reads the file at path in a child: this program, run again. It reads the first rows, up to head of them, and where
// whole is wished all others too, so that they are known to be readable. temp is a folder for what does not fit into memory. The child's input stays open as long as this process lives, so that
// it never outlives it. Errors are about what is not the file's fault.
func Look(ctx context.Context, path, temp string, head int, whole bool) (found Found, err error) {
	if os.Getenv(childVariable) != "" { // or a program without the call would start itself without end
		return Found{}, errNoChild
	}
	program, err := os.Executable()
	if err != nil {
		return Found{}, fmt.Errorf("read a Parquet file: %w", err)
	}
	if temp, err = os.MkdirTemp(temp, "child-*"); err != nil {
		return Found{}, fmt.Errorf("read a Parquet file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	request, err := json.Marshal(childRequest{Path: path, Temp: temp, Head: head, Whole: whole})
	if err != nil {
		return Found{}, fmt.Errorf("read a Parquet file: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, childWithin)
	defer cancel()
	child := exec.CommandContext(limited, program)
	child.Env = append(os.Environ(), childVariable+"=1")
	var out, errs bytes.Buffer
	child.Stdout, child.Stderr = &capped{&out, childAnswer}, &capped{&errs, 1 << 16}
	in, err := child.StdinPipe()
	if err != nil {
		return Found{}, fmt.Errorf("read a Parquet file: %w", err)
	}
	if err := child.Start(); err != nil {
		return Found{}, fmt.Errorf("read a Parquet file: %w", err)
	}
	_, _ = in.Write(append(request, '\n')) // a child that died early tells more by how it ended
	ended := child.Wait()
	if ctx.Err() != nil {
		return Found{}, ctx.Err()
	}
	first, rest, _ := strings.Cut(out.String(), "\n")
	if first != childGreeting {
		return Found{}, errors.Join(errNoChild, ended)
	}
	if err := json.Unmarshal([]byte(rest), &found); err != nil {
		cause, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return Found{Error: fmt.Sprintf("the reading ended without an answer (%v) %s", ended, cause)}, nil
	}
	return found, nil
}

// capped keeps what fits and drops the rest.
type capped struct {
	to   *bytes.Buffer
	left int
}

// Write keeps what fits.
func (c *capped) Write(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	c.to.Write(p[:n])
	return len(p), nil
}

func runChild(in io.Reader, out io.Writer) int {
	fmt.Fprintln(out, childGreeting)
	boundMemory(childData)
	lines := bufio.NewReader(in)
	var request childRequest
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &request)
	}
	if err != nil {
		return 1
	}
	go func() { // the parent is gone
		_, _ = io.Copy(io.Discard, lines)
		os.Exit(3)
	}()
	found, err := read(context.Background(), request)
	if err != nil {
		found = Found{Error: err.Error()}
	}
	if json.NewEncoder(out).Encode(found) != nil {
		return 1
	}
	return 0
}

// read reads every cell of a file, in an engine of its own that sees nothing but the file's folder.
func read(ctx context.Context, r childRequest) (found Found, err error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return Found{}, err
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	for _, setting := range []string{
		"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false", "SET TimeZone = 'UTC'",
		fmt.Sprintf("SET memory_limit = '%dMiB'", childMemory>>20), "SET threads = 2", "SET temp_directory = " + literal(r.Temp),
		"SET allowed_directories = [" + literal(filepath.ToSlash(filepath.Dir(r.Path))+"/") + "]", "SET enable_external_access = false", "SET lock_configuration = true",
	} {
		if _, err := pool.ExecContext(ctx, setting); err != nil {
			return Found{}, fmt.Errorf("%s: %w", setting, err)
		}
	}
	from := " FROM read_parquet(" + literal(r.Path) + ")"
	rows, err := pool.QueryContext(ctx, "SELECT *"+from+" LIMIT 0")
	if err != nil {
		return Found{}, err
	}
	types, err := rows.ColumnTypes()
	if err = errors.Join(err, rows.Close()); err != nil {
		return Found{}, err
	}
	for _, t := range types {
		found.Names, found.Types = append(found.Names, t.Name()), append(found.Types, t.DatabaseTypeName())
	}
	if r.Whole {
		var sum sql.NullInt64 // a hash over whole rows needs every cell
		if err := pool.QueryRowContext(ctx, "SELECT count(*), cast(bit_xor(hash(whole)) >> 1 AS BIGINT)"+from+" AS whole").Scan(&found.Rows, &sum); err != nil {
			return Found{}, err
		}
	}
	found.Head, err = firstRows(ctx, pool, from, len(found.Names), r.Head)
	return found, err
}

func firstRows(ctx context.Context, pool *sql.DB, from string, width, most int) (head [][]string, err error) {
	names, cells := make([]string, width), make([]string, width)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
		cells[i] = fmt.Sprintf("coalesce(left(cast(c%d AS VARCHAR), %d), '')", i, cellBytes)
	}
	rows, err := pool.QueryContext(ctx, "SELECT "+strings.Join(cells, ", ")+from+" AS t("+strings.Join(names, ", ")+fmt.Sprintf(") LIMIT %d", most))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, into := make([]string, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		head = append(head, row)
	}
	return head, rows.Err()
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
