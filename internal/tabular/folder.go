package tabular

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/blake2b"

	"github.com/kvadrant/kvadrant/internal/archive"
	"github.com/kvadrant/kvadrant/internal/charset"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// File is a file as it was uploaded. It is never changed: what is made of it can be made again.
type File struct {
	ID            string    `json:"id" doc:"BLAKE2b-256 of the contents, in hexadecimal."`
	Name          string    `json:"name"`
	Size          int64     `json:"size"`
	Format        string    `json:"format" doc:"text, xlsx, parquet, gzip or zip"`
	CreatedAt     time.Time `json:"created_at"`
	CreatedBy     id.ID     `json:"created_by,omitempty"`
	CreatedByName string    `json:"created_by_name,omitempty"`

	Traits Traits `json:"-"` // what was seen of the contents
}

// FormatText is the format of delimited text; other formats are packed already.
const FormatText = "text"

// The other formats a file can have on the outside.
const (
	formatGzip    = "gzip"
	formatZip     = "zip"
	formatXLSX    = "xlsx"
	formatParquet = "parquet"
)

// Folder keeps the contents of files under their BLAKE2b-256 (RFC 7693), which takes a quarter of the time of SHA-256 where the
// processor has no instructions for that, below one directory. It is the engine's ImportDir too.
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
		return File{}, Disk("keep the file", err)
	}
	defer func() {
		err = errors.Join(err, closed(tmp), gone(tmp.Name()))
	}()
	return f.take(ctx, name, tmp, src, tmp)
}

// Adopt takes in a file that stands complete on the same disk: it is moved into the folder, unless the folder has its
// contents or they are refused.
func (f *Folder) Adopt(ctx context.Context, name, path string) (file File, err error) {
	in, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return File{}, fmt.Errorf("keep the file: %w", err)
	}
	defer func() { err = errors.Join(err, closed(in)) }()
	return f.take(ctx, name, in, in, io.Discard)
}

// take reads contents from src, which to makes to stand in tmp, and keeps tmp.
func (f *Folder) take(ctx context.Context, name string, tmp *os.File, src io.Reader, to io.Writer) (file File, err error) {
	sum, err := blake2b.New256(nil)
	if err != nil {
		return File{}, err
	}
	seen := &Traits{}
	size, err := io.Copy(io.MultiWriter(to, sum, seen), &bounded{ctx: ctx, src: src, left: f.maxBytes, limit: f.maxBytes})
	if err != nil {
		return File{}, Disk("keep the file", err)
	}
	seen.end()
	if size == 0 {
		return File{}, fault.New(fault.Invalid, "file.empty", "The file %q is empty.", name)
	}
	file = File{ID: hex.EncodeToString(sum.Sum(nil)), Name: name, Size: size, Traits: *seen}
	if file.Format, err = f.formatOf(tmp, name); err != nil {
		return File{}, err
	}
	return file, f.keep(tmp, file.ID)
}

func (f *Folder) keep(tmp *os.File, fileID string) error {
	if f.has(fileID) {
		return nil
	}
	if err := tmp.Sync(); err != nil {
		return Disk("keep the file", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.Path(fileID)), 0o700); err != nil {
		return Disk("keep the file", err)
	}
	if err := os.Rename(tmp.Name(), f.Path(fileID)); err != nil {
		return Disk("keep the file", err)
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
		return Disk("archive a file", err)
	}
	defer func() { err = errors.Join(err, closed(tmp), gone(tmp.Name())) }()
	pack, err := zstd.NewWriter(tmp, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("archive a file: %w", err)
	}
	if _, err := io.Copy(pack, &bounded{ctx: ctx, src: plain, left: f.maxBytes, limit: f.maxBytes}); err != nil {
		return Disk("archive a file", errors.Join(err, pack.Close()))
	}
	if err := errors.Join(pack.Close(), tmp.Sync()); err != nil {
		return Disk("archive a file", err)
	}
	if err := os.Rename(tmp.Name(), f.Path(fileID)+archived); err != nil {
		return Disk("archive a file", err)
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

// formatOf recognises a file by its first bytes, and what is packed like a ZIP file by its directory. What can harm is
// refused here, before it is kept.
func (f *Folder) formatOf(in *os.File, name string) (string, error) {
	head := make([]byte, 4096)
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	format, err := formatOfHead(head[:n])
	if format != formatZip || err != nil {
		return format, err
	}
	packed, err := archive.Open(in, name)
	if err != nil {
		return "", err
	}
	info, err := in.Stat()
	if err != nil {
		return "", fmt.Errorf("look at the file: %w", err)
	}
	unpacked := archive.Unpacked(packed)
	if isWorkbook(packed) {
		return formatXLSX, checkWorkbook(packed, info.Size(), unpacked, name)
	}
	if most := f.growth(info.Size()); unpacked > uint64(most) {
		return "", fault.New(fault.TooLarge, "file.archive_large", "%q unpacks to more than %d MiB, which no table of its size does; pack it again.", name, most>>20)
	}
	_, err = archive.Tables(packed, name)
	return formatZip, err
}

func formatOfHead(head []byte) (string, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		return formatGzip, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return formatZip, nil
	case bytes.HasPrefix(head, []byte("PAR1")):
		return formatParquet, nil
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return "", fault.New(fault.Invalid, "file.old_excel", "This is an old Excel workbook (.xls) or one with a password. Save it as .xlsx without a password.")
	case bytes.HasPrefix(head, []byte("%PDF")), bytes.HasPrefix(head, []byte("{\\rtf")), bytes.HasPrefix(head, []byte("\x89PNG")), charset.IsBinary(head):
		return "", notText()
	}
	return FormatText, nil
}

func notText() error {
	return fault.New(fault.Invalid, "file.format", "This is neither text (CSV), nor an Excel workbook (.xlsx), nor Parquet, nor one of them packed by ZIP or gzip. Export the table as one of them.")
}

func gunzip(src io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, fault.New(fault.Invalid, "file.gzip", "The file begins like a gzip file but is damaged; pack it again.").Because(err)
	}
	return z, nil
}

// Disk makes a full disk a fault that says so.
func Disk(doing string, err error) error {
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
