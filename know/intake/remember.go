package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/reject"
)

// layoutMark tells layouts apart by the names of their columns, in whatever order.
func layoutMark(l tabular.Layout) string {
	names := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		names[i] = strings.ToLower(strings.TrimSpace(c.Name))
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:])
}

// remembered finds the newest import that read files with the same columns, and proposes its mapping again.
func (in *Intake) remembered(ctx context.Context, p *Preview, l tabular.Layout) error {
	found, err := in.store.find(ctx, search{layout: layoutMark(l), kind: p.Kind, states: []State{Accepted}, limit: 1})
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
