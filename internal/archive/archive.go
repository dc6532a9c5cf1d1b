// Package archive opens ZIP files, which workbooks are too, and refuses those that are made to harm.
package archive

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of what an archive holds.
const (
	maxEntries = 10_000
	maxTables  = 100
	maxShown   = 100 // letters of a path in a sentence
)

// shown is a path as a sentence can hold it.
func shown(name string) string {
	if letters := []rune(strings.ToValidUTF8(name, "?")); len(letters) > maxShown {
		return string(letters[:maxShown]) + "…"
	}
	return strings.ToValidUTF8(name, "?")
}

// Open reads the directory of a ZIP file, which a workbook is too, and refuses what is made to harm: more entries
// than memory should hold, passwords, paths that lead out, links.
func Open(in *os.File, name string) (*zip.Reader, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the archive: %w", err)
	}
	if n, err := countEntries(in, info.Size()); err != nil || n > maxEntries {
		if err == nil {
			return nil, fault.New(fault.Invalid, "file.archive_entries", "%q holds more than %d files; pack only the tables.", name, maxEntries)
		}
		return nil, Damaged(name, err)
	}
	archive, err := zip.NewReader(in, info.Size())
	if err != nil {
		return nil, Damaged(name, err)
	}
	for _, m := range archive.File {
		switch {
		case m.Flags&1 != 0:
			return nil, fault.New(fault.Invalid, "file.password", "%q is protected by a password; pack or save it without one.", name)
		case m.Mode()&fs.ModeSymlink != 0, strings.HasPrefix(m.Name, "/"), strings.Contains(m.Name, `\`), slices.Contains(strings.Split(m.Name, "/"), ".."):
			return nil, fault.New(fault.Invalid, "file.archive_path", "%q holds the path %q, which leads out of it; pack the tables anew.", name, shown(m.Name))
		}
	}
	return archive, nil
}

// Damaged is the fault of an archive that cannot be read.
func Damaged(name string, err error) error {
	return fault.New(fault.Invalid, "file.archive", "%q begins like a ZIP file or a workbook but is damaged; save or pack it again.", name).Because(err)
}

// countEntries counts the entries of a ZIP file's directory without keeping them; it stops when they are too many. Where
// the directory begins is told twice, and either may be believed by who reads it.
func countEntries(in io.ReaderAt, size int64) (most int, err error) {
	const endLength, farLength = 22, 56
	tail := make([]byte, min(size, 1<<16+endLength+20))
	if _, err := in.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+endLength > len(tail) {
		return 0, errors.New("no end of the directory")
	}
	le := binary.LittleEndian
	end := size - int64(len(tail)) + int64(at)
	length, offset := int64(le.Uint32(tail[at+12:])), int64(le.Uint32(tail[at+16:]))
	if at >= 20 && string(tail[at-20:at-16]) == "PK\x06\x07" { // of archives beyond 4 GiB
		far := make([]byte, farLength)
		end = int64(le.Uint64(tail[at-12:]))
		if _, err := in.ReadAt(far, max(end, 0)); err != nil || end < 0 {
			return 0, errors.Join(errors.New("no far end of the directory"), err)
		}
		length, offset = int64(le.Uint64(far[40:])), int64(le.Uint64(far[48:]))
	}
	for _, from := range []int64{offset, end - length} {
		if from < 0 || from > size {
			return 0, errors.New("the directory lies outside")
		}
		most = max(most, countFrom(bufio.NewReader(io.NewSectionReader(in, from, size-from))))
	}
	return most, nil
}

func countFrom(r *bufio.Reader) (n int) {
	head := make([]byte, 46)
	for n = 0; n <= maxEntries; n++ {
		if _, err := io.ReadFull(r, head); err != nil || string(head[:4]) != "PK\x01\x02" {
			return n
		}
		le := binary.LittleEndian
		if _, err := r.Discard(int(le.Uint16(head[28:])) + int(le.Uint16(head[30:])) + int(le.Uint16(head[32:]))); err != nil {
			return n + 1
		}
	}
	return n
}

// Unpacked is what the entries say they unpack to; an entry that lies is cut off there.
func Unpacked(archive *zip.Reader) (sum uint64) {
	for _, m := range archive.File {
		sum += min(m.UncompressedSize64, 1<<50)
	}
	return sum
}

// Tables lists the tables of an archive: the files with the endings of tables; where there are none, the texts.
func Tables(archive *zip.Reader, name string) ([]string, error) {
	var tables, texts []string
	for _, m := range archive.File {
		base := path.Base(m.Name)
		if m.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(m.Name, "__MACOSX/") {
			continue
		}
		switch strings.ToLower(path.Ext(base)) {
		case ".csv", ".tsv", ".tab", ".psv", ".xlsx", ".xlsm", ".parquet":
			tables = append(tables, m.Name)
		case ".txt", ".dat", ".asc", ".log", "":
			texts = append(texts, m.Name)
		case ".zip", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst":
			return nil, fault.New(fault.Invalid, "file.packed_twice", "%q holds %q, which is packed again; pack the tables themselves.", name, shown(m.Name))
		}
	}
	if len(tables) == 0 {
		tables = texts
	}
	switch {
	case len(tables) == 0:
		return nil, fault.New(fault.Invalid, "file.archive_empty", "%q holds no table (CSV, text, XLSX or Parquet).", name)
	case len(tables) > maxTables:
		return nil, fault.New(fault.Invalid, "file.archive_entries", "%q holds %d tables; up to %d can be read at once. Split it.", name, len(tables), maxTables)
	}
	slices.Sort(tables)
	return tables, nil
}
