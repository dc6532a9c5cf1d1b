package intake

import (
	"context"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/load"
	"github.com/kvadrant/kvadrant/know/reject"
)

// remembered finds the newest import that read files with the same columns, and proposes its mapping again.
func (in *Intake) remembered(ctx context.Context, p *Preview, l tabular.Layout) error {
	found, err := in.store.find(ctx, search{layout: load.LayoutMark(l), kind: p.Kind, states: []State{Accepted}, limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	if _, ok := in.kinds[found[0].Kind]; !ok {
		return nil
	}
	p.Kind, p.Mapping, p.RememberedFrom = found[0].Kind, found[0].Mapping, found[0].No
	return nil
}

// ofRejects recognises a file of rejected rows that comes back. It is read as the files were that the rows come from, by the
// same mapping. It returns how dates and numbers are written in it.
func (in *Intake) ofRejects(ctx context.Context, p *Preview, l tabular.Layout) (*Dialect, error) {
	if len(l.Columns) == 0 || l.Columns[0].Name != reject.ImportColumn || len(l.Columns[0].Samples) != 1 {
		return nil, nil
	}
	no, err := strconv.ParseInt(l.Columns[0].Samples[0], 10, 64)
	if err != nil {
		return nil, nil
	}
	found, err := in.store.find(ctx, search{before: no + 1, limit: 1})
	if err != nil || len(found) == 0 || found[0].No != no || p.Kind != "" && p.Kind != found[0].Kind {
		return nil, err
	}
	im := found[0]
	p.Kind, p.Mapping, p.Follows, p.FollowsNo = im.Kind, im.Mapping, im.ID, im.No
	return in.writtenAs(ctx, im, l.Dialect)
}

// writtenAs is how a file is read whose cells come from those of an import.
func (in *Intake) writtenAs(ctx context.Context, im Import, read Dialect) (*Dialect, error) {
	files, _, err := in.store.filesOf(ctx, im.ID)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	var said Dialect
	if im.Dialect != nil {
		said = *im.Dialect
	}
	l, err := in.folder.Glance(ctx, files[0], said)
	if err != nil {
		return nil, err
	}
	read.Decimal, read.DateFormat = l.Decimal, l.DateFormat
	return &read, nil
}

// Mend imports rejected rows of an import that somebody has put right, by the same mapping, as an import that follows it.
func (in *Intake) Mend(ctx context.Context, importID id.ID, rows []reject.Mended) (Begun, error) {
	im, err := in.store.get(ctx, importID)
	if err != nil {
		return Begun{}, err
	}
	h, err := in.Rejects.Header(ctx, importID)
	if err != nil {
		return Begun{}, err
	}
	text, err := h.File(rows)
	if err != nil {
		return Begun{}, err
	}
	f, err := in.Upload(ctx, "mended rows of import "+strconv.FormatInt(im.No, 10)+".csv", strings.NewReader(text))
	if err != nil {
		return Begun{}, err
	}
	header := 1
	said, err := in.writtenAs(ctx, im, Dialect{Encoding: "utf-8", Delimiter: ",", Quote: `"`, HeaderRows: &header})
	if err != nil {
		return Begun{}, err
	}
	r := Request{Kind: im.Kind, Source: im.Source, FileIDs: []string{f.ID}, Mapping: &im.Mapping, Dialect: said, Follows: im.ID}
	for _, ref := range im.Files {
		if ref.Lookup {
			r.LookupFileIDs = append(r.LookupFileIDs, ref.ID)
		}
	}
	return in.Start(ctx, r)
}
