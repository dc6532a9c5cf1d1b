package tabular

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// File is a file as it was uploaded. It is never changed: what is made of it can be made again.
type File struct {
	ID            string    `json:"id" doc:"SHA-256 of the contents, in hexadecimal."`
	Name          string    `json:"name"`
	Size          int64     `json:"size"`
	Format        string    `json:"format" doc:"text, gzip or xlsx"`
	CreatedAt     time.Time `json:"created_at"`
	CreatedBy     id.ID     `json:"created_by,omitempty"`
	CreatedByName string    `json:"created_by_name,omitempty"`

	Traits Traits `json:"-"` // what was seen of the contents
}

// FormatText is the format of delimited text; other formats are packed already.
const FormatText = "text"

// The other formats a file can have on the outside.
const (
	formatGzip = "gzip"
	formatXLSX = "xlsx"
)

// Traits are what was seen of the whole contents while they passed by. They decide whether the engine may read the file as
// it stands, and which checks of its cells can be spared.
type Traits struct {
	Multibyte int64 `json:"multibyte"` // well-formed UTF-8 letters beyond ASCII
	Invalid   int64 `json:"invalid"`   // bytes that are no UTF-8
	C1        bool  `json:"c1"`        // bytes 0x80 to 0x9F that are no UTF-8: Windows letters
	Nul       bool  `json:"nul"`       // zero bytes
	CR        int64 `json:"cr"`        // carriage returns
	LF        int64 `json:"lf"`        // line feeds
	CRLF      int64 `json:"crlf"`      // both together
	Blanks    bool  `json:"blanks"`    // a blank stands where a cell may begin or end, so cells must be trimmed
	LongLine  int64 `json:"long_line"` // bytes of the longest line, hence of the longest cell without a line end in it
	Quotes    bool  `json:"quotes"`    // a quotation mark stands somewhere, so a cell may hold line ends
	Empty     int64 `json:"empty"`     // lines with nothing on them
	Tail      bool  `json:"tail"`      // the last line has no line end
	lastByte  byte  // of the chunk before
	lineBytes int64 // of the line that is being read
	rest      []byte
}

// uniform tells that all lines end alike, in one of the two ways that the engine reads.
func (t Traits) uniform() bool { return t.CR == t.CRLF && (t.CRLF == 0 || t.CRLF == t.LF) }

// Records is how many records a file has at most, and exactly where no cell can hold a line end.
func (t Traits) Records() int64 {
	n := t.LF - t.Empty
	if t.Tail {
		n++
	}
	return n
}

// Write looks at a chunk; it never fails.
func (t *Traits) Write(p []byte) (int, error) {
	t.lines(p)
	t.blanks(p)
	t.Nul = t.Nul || bytes.IndexByte(p, 0) >= 0
	t.Quotes = t.Quotes || bytes.IndexByte(p, '"') >= 0 || bytes.IndexByte(p, '\'') >= 0
	if len(p) > 0 {
		t.lastByte = p[len(p)-1]
	}
	t.letters(p)
	return len(p), nil
}

func (t *Traits) lines(p []byte) {
	if t.lastByte == '\r' && len(p) > 0 && p[0] == '\n' {
		t.CRLF++
	}
	for rest := p; ; {
		k := bytes.IndexByte(rest, '\n')
		if k < 0 {
			t.lineBytes += int64(len(rest))
			break
		}
		t.LF++
		t.lineBytes += int64(k)
		cr := k > 0 && rest[k-1] == '\r'
		if cr {
			t.CRLF++
		}
		if t.lineBytes == 0 || t.lineBytes == 1 && (cr || k == 0 && t.lastByte == '\r') {
			t.Empty++
		}
		t.LongLine, t.lineBytes = max(t.LongLine, t.lineBytes), 0
		rest = rest[k+1:]
	}
	t.LongLine = max(t.LongLine, t.lineBytes)
	t.CR += int64(bytes.Count(p, []byte{'\r'}))
}

// blanks looks for a blank beside anything that may part cells. At the ends of a chunk it assumes the worst.
func (t *Traits) blanks(p []byte) {
	for i := 0; i < len(p) && !t.Blanks; i++ {
		k := bytes.IndexByte(p[i:], ' ')
		if k < 0 {
			break
		}
		i += k
		t.Blanks = i == 0 || i == len(p)-1 || parts(p[i-1]) || parts(p[i+1])
	}
	// Other blanks (a tab inside a cell, a no-break space) are rare: where there are any, cells are trimmed.
	t.Blanks = t.Blanks || bytes.Contains(p, []byte{0xC2, 0xA0})
}

func parts(b byte) bool {
	switch b {
	case ',', ';', '\t', '|', '"', '\'', '\n', '\r', ' ':
		return true
	}
	return false
}

func (t *Traits) letters(p []byte) {
	if len(t.rest) > 0 {
		p = append(t.rest, p...)
		t.rest = nil
	}
	for len(p) > 0 {
		// ASCII eight bytes at a time.
		n := asciiPrefix(p)
		p = p[n:]
		for len(p) > 0 && p[0] >= 0x80 {
			if !utf8.FullRune(p) {
				t.rest = bytes.Clone(p)
				return
			}
			r, size := utf8.DecodeRune(p)
			if r == utf8.RuneError && size == 1 {
				t.Invalid++
				t.C1 = t.C1 || p[0] < 0xA0
			} else {
				t.Multibyte++
			}
			p = p[size:]
		}
	}
}

func asciiPrefix(p []byte) int {
	n := 0
	for ; n+8 <= len(p); n += 8 {
		if (p[n]|p[n+1]|p[n+2]|p[n+3]|p[n+4]|p[n+5]|p[n+6]|p[n+7])&0x80 != 0 {
			break
		}
	}
	for n < len(p) && p[n] < 0x80 {
		n++
	}
	return n
}

// end counts what was left of a letter, and of a line, at the end of the file.
func (t *Traits) end() {
	t.Tail = t.lineBytes > 0
	t.Invalid += int64(len(t.rest))
	t.rest = nil
}

// Folder keeps the contents of files under their SHA-256, below one directory. It is the engine's ImportDir too.
type Folder struct {
	dir      string
	maxBytes int64
}

// NewFolder makes the folder if absent and clears away what an earlier process left half done. maxBytes bounds a file.
func NewFolder(dir string, maxBytes int64) (*Folder, error) {
	f := &Folder{dir: dir, maxBytes: maxBytes}
	if err := os.RemoveAll(f.Staging()); err != nil {
		return nil, fmt.Errorf("clear the folder of imports: %w", err)
	}
	if err := os.MkdirAll(f.Staging(), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of imports: %w", err)
	}
	return f, nil
}

// Staging is where files are made that live for one upload or one run.
func (f *Folder) Staging() string { return filepath.Join(f.dir, "staging") }

// Path is where the contents stand as long as they are not archived.
func (f *Folder) Path(fileID string) string { return filepath.Join(f.dir, fileID[:2], fileID) }

const archived = ".zst"

// Put takes contents in: hashed, looked at, synced to the disk, and named by their hash only when complete.
func (f *Folder) Put(ctx context.Context, name string, src io.Reader) (file File, err error) {
	tmp, err := os.CreateTemp(f.Staging(), "upload-*")
	if err != nil {
		return File{}, disk("keep the file", err)
	}
	defer func() {
		err = errors.Join(err, closed(tmp), gone(tmp.Name()))
	}()
	sum, seen := sha256.New(), &Traits{}
	size, err := io.Copy(io.MultiWriter(tmp, sum, seen), &bounded{ctx: ctx, src: src, left: f.maxBytes, limit: f.maxBytes})
	if err != nil {
		return File{}, disk("keep the file", err)
	}
	seen.end()
	if size == 0 {
		return File{}, fault.New(fault.Invalid, "file.empty", "The file %q is empty.", name)
	}
	file = File{ID: hex.EncodeToString(sum.Sum(nil)), Name: name, Size: size, Traits: *seen}
	if file.Format, err = formatOf(tmp); err != nil {
		return File{}, err
	}
	return file, f.keep(tmp, file.ID)
}

func (f *Folder) keep(tmp *os.File, fileID string) error {
	if f.has(fileID) {
		return nil
	}
	if err := tmp.Sync(); err != nil {
		return disk("keep the file", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.Path(fileID)), 0o700); err != nil {
		return disk("keep the file", err)
	}
	if err := os.Rename(tmp.Name(), f.Path(fileID)); err != nil {
		return disk("keep the file", err)
	}
	return syncDir(filepath.Dir(f.Path(fileID)))
}

func (f *Folder) has(fileID string) bool {
	_, err := os.Stat(f.Path(fileID))
	_, zipped := os.Stat(f.Path(fileID) + archived)
	return err == nil || zipped == nil
}

// open reads the contents, archived or not.
func (f *Folder) open(fileID string) (io.ReadCloser, error) {
	plain, err := os.Open(f.Path(fileID))
	if err == nil {
		return plain, nil
	}
	packed, zerr := os.Open(f.Path(fileID) + archived)
	if zerr != nil {
		return nil, fmt.Errorf("the kept file %s is gone from the data folder; restore it from a backup: %w", fileID, err)
	}
	unpack, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the kept file: %w", err), packed.Close())
	}
	return &unpacked{Decoder: unpack, packed: packed}, nil
}

type unpacked struct {
	*zstd.Decoder
	packed *os.File
}

// Close closes the decoder and the file below it.
func (u *unpacked) Close() error {
	u.Decoder.Close()
	return u.packed.Close()
}

// Original gives the contents as they were uploaded.
func (f *Folder) Original(file File) (io.ReadCloser, error) { return f.open(file.ID) }

// Archive compresses the contents; reading them goes on to work at every moment.
func (f *Folder) Archive(ctx context.Context, fileID string) (err error) {
	plain, err := os.Open(f.Path(fileID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("archive a file: %w", err)
	}
	defer func() { err = errors.Join(err, closed(plain)) }()
	tmp, err := os.CreateTemp(f.Staging(), "archive-*")
	if err != nil {
		return disk("archive a file", err)
	}
	defer func() { err = errors.Join(err, closed(tmp), gone(tmp.Name())) }()
	pack, err := zstd.NewWriter(tmp, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("archive a file: %w", err)
	}
	if _, err := io.Copy(pack, &bounded{ctx: ctx, src: plain, left: f.maxBytes, limit: f.maxBytes}); err != nil {
		return disk("archive a file", errors.Join(err, pack.Close()))
	}
	if err := errors.Join(pack.Close(), tmp.Sync()); err != nil {
		return disk("archive a file", err)
	}
	if err := os.Rename(tmp.Name(), f.Path(fileID)+archived); err != nil {
		return disk("archive a file", err)
	}
	if err := syncDir(filepath.Dir(f.Path(fileID))); err != nil {
		return err
	}
	return os.Remove(f.Path(fileID))
}

// bounded stops a copy that is cancelled or grows beyond its limit.
type bounded struct {
	ctx         context.Context //nolint:containedctx // it lives as long as one copy
	src         io.Reader
	left, limit int64
}

// Read reads on until the limit.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.src.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, fault.New(fault.TooLarge, "file.too_large", "The file is larger than %d MiB once unpacked; split it.", b.limit>>20)
	}
	return n, err
}

// formatOf recognises a file by its first bytes and goes back to its beginning.
func formatOf(f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	_, err = f.Seek(0, io.SeekStart)
	if err != nil {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	return formatOfHead(head[:n])
}

func formatOfHead(head []byte) (string, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		return formatGzip, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return formatXLSX, nil
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return "", fault.New(fault.Invalid, "file.old_excel", "This is an old Excel workbook (.xls) or one with a password. Save it as .xlsx without a password.")
	case bytes.HasPrefix(head, []byte("PAR1")), bytes.HasPrefix(head, []byte("%PDF")):
		return "", fault.New(fault.Invalid, "file.format", "This is neither text (CSV) nor an Excel workbook (.xlsx). Export the table as one of them.")
	}
	return FormatText, nil
}

func gunzip(src io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, fault.New(fault.Invalid, "file.gzip", "The file begins like a gzip file but is damaged; pack it again.").Because(err)
	}
	return z, nil
}

// disk makes a full disk a fault that says so.
func disk(doing string, err error) error {
	if fault.Of(err) == nil && strings.Contains(err.Error(), "no space left") {
		return fault.New(fault.Full, "file.disk_full", "The disk is full; nothing was kept. Free some space and try again.").Because(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func closed(f *os.File) error {
	if err := f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
