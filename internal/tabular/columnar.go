package tabular

import (
	"context"
	"errors"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/parquet"
)

// prepareParquet takes over what was found in the file, which is read to its end before the engine meets it; for a glance,
// only its beginning is.
func (f *Folder) prepareParquet(ctx context.Context, src *Source, said Dialect, glance bool) error {
	found, err := parquet.Look(ctx, src.Path, f.Staging(), sampleRows, !glance)
	if err != nil {
		return Disk("read a Parquet file", err)
	}
	if found.Error != "" {
		return fault.New(fault.Invalid, "file.parquet", "%q is not a Parquet file that can be read to its end; write it again, or export the table as CSV.", src.Name).
			Because(errors.New(found.Error))
	}
	none := 0
	said.HeaderRows, said.Encoding, said.Delimiter, said.Quote, said.Escape = &none, "", "", "", ""
	src.Layout = describe(said, found.Head, ".")
	src.Layout.Columns = columnsOf(found.Names, len(found.Names), src.Layout.Sample)
	src.Layout.Doubts = nil
	src.Layout.recogniseTypes(said.DateFormat)
	src.Types, src.rows = found.Types, found.Rows
	src.Traits = Traits{Blanks: true, Quotes: true, LongLine: 1 << 30} // a cell may hold anything
	return src.Layout.checkWidth(src.Name)
}
