package parquet

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A26: whatever is done to the bytes of a Parquet file, only the child that reads it may fall; and what the child has read
// to the end, this process reads too, since the server then does. A change is a place and what is written there; the file
// may be cut, too.
func FuzzLook(f *testing.F) {
	var whole [][]byte
	for _, query := range []string{
		"SELECT i AS n, 'customer ' || i % 7 AS name, DATE '2026-10-31' + cast(i AS INTEGER) AS day, cast(i AS DECIMAL(18, 4)) / 3 AS amount, CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7 END AS share FROM range(500) t(i)",
		"SELECT [i, i + 1] AS list, {'a': i, 'b': 'x' || i} AS pair, i % 2 = 0 AS even, encode('x' || i) AS bytes, TIMESTAMP '2026-10-31 10:00:00' AS moment FROM range(300) t(i)",
	} {
		data, err := os.ReadFile(write(f, query))
		if err != nil {
			f.Fatal(err)
		}
		whole = append(whole, data)
	}
	for i, data := range whole {
		size, footer := uint32(len(data)), binary.LittleEndian.Uint32(data[len(data)-8:])
		f.Add(uint8(i), uint32(0), []byte{}, uint32(0))
		f.Add(uint8(i), uint32(0), []byte("PAR2"), uint32(0))
		f.Add(uint8(i), uint32(0), []byte{}, uint32(100))
		f.Add(uint8(i), uint32(5), []byte{0xff, 0xff, 0xff, 0xff, 0x0f}, uint32(0))                // the first page's sizes
		f.Add(uint8(i), size-8, []byte{0xff, 0xff, 0xff, 0x7f}, uint32(0))                         // the length of the footer
		f.Add(uint8(i), size-8-footer, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint32(0))      // its beginning
		f.Add(uint8(i), size-8-footer/2, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80}, uint32(0))    // its middle
		f.Add(uint8(i), size/3, []byte{0x00, 0x00, 0x00, 0x00, 0xfe, 0xff, 0xff, 0x7f}, uint32(0)) // data
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint32, change []byte, cut uint32) {
		data := append([]byte{}, whole[int(which)%len(whole)]...)
		copy(data[int(at)%len(data):], change)
		data = data[:len(data)-int(cut)%len(data)]
		path, temp := filepath.Join(t.TempDir(), "a.parquet"), t.TempDir()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		found, err := Look(ctx, path, temp, 5, true)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v %v", left, err)
		}
		if found.Error != "" {
			return
		}
		again, err := read(ctx, childRequest{Path: path, Temp: temp, Head: 5, Whole: true})
		if err != nil || again.Rows != found.Rows || len(again.Names) != len(found.Names) {
			t.Fatalf("the child read %d rows of %v, this process %d of %v: %v", found.Rows, found.Names, again.Rows, again.Names, err)
		}
	})
}
