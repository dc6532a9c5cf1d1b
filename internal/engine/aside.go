package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// keptAside is how many files set aside are kept for whoever wants to know what happened. They can be large.
const keptAside = 2

// setAside moves the file and what belongs to it out of the way and returns where the file is now, "" if there was none.
func setAside(cfg Config, reason string) (string, error) {
	target := fmt.Sprintf("%s.%s.%s", cfg.Path, reason, cfg.Now().UTC().Format("20060102T150405.000000"))
	moved := ""
	for from, to := range map[string]string{cfg.Path: target, walPath(cfg.Path): walPath(target), ackPath(cfg.Path): ackPath(target)} {
		err := os.Rename(from, to)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("set the warehouse aside: %w", err)
		}
		moved = target
	}
	if err := os.RemoveAll(tempPath(cfg.Path)); err != nil {
		return "", fmt.Errorf("set the warehouse aside: %w", err)
	}
	if moved != "" {
		cfg.Log.Warn("the warehouse was set aside", "reason", reason, "file", moved)
	}
	return moved, prune(cfg.Path)
}

// filesAside lists the files that were set aside, the newest first, without those that belong to them.
func filesAside(path string) ([]string, error) {
	var aside []string
	for _, reason := range []string{"broken", "stale", "replaced"} {
		names, err := filepath.Glob(globLiteral(path) + "." + reason + ".*")
		if err != nil {
			return nil, fmt.Errorf("look for old warehouses: %w", err)
		}
		aside = append(aside, names...)
	}
	aside = mainFiles(aside)
	sort.Slice(aside, func(i, j int) bool { return stamp(aside[i]) > stamp(aside[j]) })
	return aside, nil
}

// prune removes the oldest files set aside.
func prune(path string) error {
	aside, err := filesAside(path)
	if err != nil {
		return err
	}
	for _, old := range aside[min(len(aside), keptAside):] {
		for _, name := range []string{old, walPath(old), ackPath(old)} {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove an old warehouse: %w", err)
			}
		}
	}
	return nil
}

func mainFiles(names []string) []string {
	var files []string
	seen := map[string]bool{}
	for _, name := range names {
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".wal"), ".ack")
		if !seen[name] {
			seen[name] = true
			files = append(files, name)
		}
	}
	return files
}

// stamp returns the time in the name of a file set aside: what follows its reason.
func stamp(name string) string {
	base := filepath.Base(name)
	for _, reason := range []string{".broken.", ".stale.", ".replaced."} {
		if i := strings.LastIndex(base, reason); i >= 0 {
			return base[i+len(reason):]
		}
	}
	return base
}

func globLiteral(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// isDamage tells whether an error means that the file can no longer be trusted. A wrong statement, a full disk or memory
// does not.
func isDamage(err error) bool {
	var duck *duckdb.Error
	if !errors.As(err, &duck) || isFull(err) {
		return false
	}
	if duck.Type == duckdb.ErrorTypeFatal || duck.Type == duckdb.ErrorTypeSerialization {
		return true
	}
	text := strings.ToLower(duck.Msg)
	for _, sign := range []string{"checksum", "corrupt", "has been invalidated", "not a valid duckdb database", "could not read enough bytes"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

func isFull(err error) bool {
	return textHas(err, "no space left on device") || textHas(err, "disk quota exceeded")
}

// isElsewhere tells whether an opening failed for reasons outside the file, so that it must not be set aside.
func isElsewhere(err error) bool {
	for _, sign := range []string{"could not set lock on file", "already open in", "permission denied", "too many open files",
		"read-only file system", "cannot allocate memory", "out of memory error"} {
		if textHas(err, sign) {
			return true
		}
	}
	return isFull(err) || errors.Is(err, errWrongCheck)
}

// isWrongText tells whether the statement is at fault.
func isWrongText(err error) bool {
	var duck *duckdb.Error
	if !errors.As(err, &duck) {
		return false
	}
	switch duck.Type {
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax:
		return true
	}
	return false
}

func textHas(err error, sign string) bool {
	return err != nil && strings.Contains(strings.ToLower(err.Error()), sign)
}
