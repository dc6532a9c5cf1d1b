package tabular

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/archive"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of packed files. Tables pack to a twentieth or so; what grows beyond maxGrowth times its size, and beyond
// freeGrowth at all, was made to fill disks.
const (
	maxGrowth  = 200
	freeGrowth = 100 << 20
)

// growth is how large packed contents may become.
func (f *Folder) growth(packed int64) int64 { return min(f.maxBytes, freeGrowth+maxGrowth*packed) }

// part is one table of a file: the file itself, or a file in an archive.
type part struct {
	file   File
	name   string // for people
	member string // in the archive
}

func (p part) packed() bool { return p.file.Format == formatGzip || p.file.Format == formatZip }

// inside is the dialect of what the part holds: of an archive, the sheet names the part itself.
func (p part) inside(said Dialect) Dialect {
	if p.member != "" {
		said.Sheet = ""
	}
	said.Sheets = nil
	return said
}

// parts lists the tables of a file that are to be read, and the names of all that an archive has.
func (f *Folder) parts(file File, said Dialect) (parts []part, names []string, err error) {
	if file.Format != formatZip {
		return []part{{file: file, name: file.Name}}, nil, nil
	}
	in, err := os.Open(f.Path(file.ID))
	if err != nil {
		return nil, nil, fmt.Errorf("the kept file %s is gone from the data folder; restore it from a backup: %w", file.ID, err)
	}
	defer func() { err = errors.Join(err, closed(in)) }()
	packed, err := archive.Open(in, file.Name)
	if err != nil {
		return nil, nil, err
	}
	if names, err = archive.Tables(packed, file.Name); err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if said.Sheet == "" || said.Sheet == name {
			parts = append(parts, part{file: file, name: file.Name + "/" + name, member: name})
		}
	}
	if len(parts) == 0 {
		return nil, nil, fault.New(fault.Invalid, "file.sheet", "%q holds no table %q; it holds %s.", file.Name, said.Sheet, Cut(strings.Join(names, ", "), 600))
	}
	return parts, names, nil
}

// openPart reads the contents of a part, unpacked. limit is how large they may become.
func (f *Folder) openPart(p part) (in io.ReadCloser, limit int64, err error) {
	if p.member == "" {
		in, err = f.open(p.file.ID)
		if err != nil || p.file.Format != formatGzip {
			return in, f.maxBytes, err
		}
		plain, err := gunzip(in)
		if err != nil {
			return nil, 0, errors.Join(err, in.Close())
		}
		return &stacked{Reader: plain, below: in}, f.growth(p.file.Size), nil
	}
	file, err := os.Open(f.Path(p.file.ID))
	if err != nil {
		return nil, 0, fmt.Errorf("open the kept file: %w", err)
	}
	packed, err := archive.Open(file, p.file.Name)
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	at := slices.IndexFunc(packed.File, func(m *zip.File) bool { return m.Name == p.member })
	if at < 0 {
		return nil, 0, errors.Join(fmt.Errorf("%q is not in the archive any more", p.member), file.Close())
	}
	member, err := packed.File[at].Open()
	if err != nil {
		return nil, 0, errors.Join(damaged(p.name, err), file.Close())
	}
	return &stacked{Reader: member, below: file}, f.growth(p.file.Size), nil
}

// stacked is a reader on top of a file that is closed with it.
type stacked struct {
	io.Reader
	below io.Closer
}

// Close closes both.
func (s *stacked) Close() error {
	if top, ok := s.Reader.(io.Closer); ok {
		return errors.Join(top.Close(), s.below.Close())
	}
	return s.below.Close()
}
