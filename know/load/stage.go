package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/know/reject"
)

// rejectList gathers refused rows by their ordinal.
type rejectList struct {
	rows  map[int64]fieldReason // the first reasons, up to reject.Max
	seen  []uint64              // a bit for each row that was refused, however many they are
	count int64
}

type fieldReason struct {
	field string
	why   []fault.Reason
}

func newRejectList() *rejectList { return &rejectList{rows: map[int64]fieldReason{}} }

func (l *rejectList) add(rowNo int64, field string, why ...fault.Reason) {
	word, bit := rowNo/64, uint64(1)<<(rowNo%64)
	if grow := word + 1 - int64(len(l.seen)); grow > 0 {
		l.seen = append(l.seen, make([]uint64, grow)...)
	}
	if l.seen[word]&bit != 0 {
		return
	}
	l.seen[word] |= bit
	l.count++
	if len(l.rows) < reject.Max {
		l.rows[rowNo] = fieldReason{field, why}
	}
}

// within lists the rows that are kept between two ordinals, in order.
func (l *rejectList) within(from, until int64) (kept []int64) {
	for n := range l.rows {
		if n >= from && n < until {
			kept = append(kept, n)
		}
	}
	slices.Sort(kept)
	return kept
}

// Staging is the files of one import on their way into the warehouse's transaction.
type Staging struct {
	folder  *tabular.Folder
	kind    Kind
	im      Import
	mapping mapping.Mapping
	said    tabular.Dialect
	files   []tabular.File // with rows
	lookups []tabular.File // with values to look up

	sources []*tabular.Source
	plans   [][]mapping.Plan  // by source
	first   []int64           // ordinal of each source's first row
	read    int64             // rows in staged_row
	ordinal string            // SQL of a row's ordinal in staged_row
	tx      *engine.Tx        // in which they stand
	tables  []*tabular.Source // of lookups, by table name in order
	list    *rejectList
	bits    map[int64]int64
}

// ErrAgain says that staging must start again, more carefully.
type ErrAgain struct {
	Way   Way
	cause error
}

// Error tells why.
func (e *ErrAgain) Error() string { return "the file needs a slower way: " + e.cause.Error() }

// Way is how carefully files are staged. A clean file takes the fast way; the first cell or line that does not fit it
// makes the import start again in the way that can say which.
type Way struct {
	general bool // read every cell as text
	copied  bool // convert every file
}

// Prepare makes the files ready and checks the mapping against each.
func (s *Staging) Prepare(ctx context.Context, w Way) error {
	for _, file := range s.files {
		sources, err := s.folder.Prepare(ctx, file, s.said, w.copied)
		if err != nil {
			return err
		}
		s.sources = append(s.sources, sources...)
		for _, src := range sources {
			plans, err := s.mapping.Compile(s.kind.Target(), src.Layout)
			if err != nil {
				return of(src.Name, len(s.files)+len(sources) > 2, err)
			}
			s.plans = append(s.plans, plans)
		}
	}
	return nil
}

// of says which of several files a fault of the mapping is about.
func of(name string, several bool, err error) error {
	if f := fault.Of(err); f != nil && several {
		named := *f
		named.Detail = name + ": " + f.Detail
		return &named
	}
	return err
}

// Glance checks the mapping against the beginnings of the files, before a job is made of it. It returns the mark of the
// first file's layout.
func (s *Staging) Glance(ctx context.Context) (layout string, err error) {
	if err := s.said.Check(); err != nil {
		return "", err
	}
	for i, file := range s.files {
		l, err := s.folder.Glance(ctx, file, s.said)
		if err != nil {
			return "", err
		}
		if _, err := s.mapping.Compile(s.kind.Target(), l); err != nil {
			return "", err
		}
		if i == 0 {
			layout = LayoutMark(l)
		}
	}
	return layout, nil
}

// Close removes what was made of the files.
func (s *Staging) Close() error {
	var errs []error
	for _, src := range append(s.sources, s.tables...) {
		errs = append(errs, src.Close())
	}
	return errors.Join(errs...)
}

// stage fills staged_row and makes the view `staged`.
func (s *Staging) stage(ctx context.Context, tx *engine.Tx, w Way, progress func(done, total int64, note string)) error {
	if _, err := tx.Temp(ctx, mapping.CreateStaged(s.kind.Target()), nil); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	s.tx = tx
	withTables := s.mapping.Joined()
	if withTables {
		if err := s.makeTables(ctx, tx); err != nil {
			return err
		}
	}
	for i, src := range s.sources {
		progress(s.read, 0, "Reading "+src.Name)
		st := &mapping.Stager{Source: src, Plans: s.plans[i], General: w.general || withTables}
		s.first = append(s.first, s.read)
		n, err := s.stageOne(ctx, tx, st, withTables)
		if err != nil {
			return slower(src, w, err)
		}
		s.read += n
	}
	firstID, err := firstRow(ctx, tx, "staged_row")
	if err != nil {
		return err
	}
	s.ordinal = mapping.Ordinal(withTables, firstID)
	if _, err := tx.Temp(ctx, mapping.CreateView(s.kind.Target(), s.ordinal), nil); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	return nil
}

// firstRow returns the rowid of the first row of a table that was filled once: the engine counts those of an open
// transaction from elsewhere than those that are committed.
func firstRow(ctx context.Context, tx *engine.Tx, table string) (rowID int64, err error) {
	rows, err := tx.Query(ctx, "SELECT coalesce(min(rowid), 0) FROM "+table, nil)
	if err != nil {
		return 0, fmt.Errorf("stage: %w", err)
	}
	err = engine.Each(rows, func() error { return rows.Scan(&rowID) })
	return rowID, err
}

func (s *Staging) stageOne(ctx context.Context, tx *engine.Tx, st *mapping.Stager, withTables bool) (int64, error) {
	var firstID int64
	if withTables {
		cells := st.Cells()
		if _, err := tx.Temp(ctx, cells.Text, cells.Args); err != nil {
			return 0, err
		}
		var err error
		if firstID, err = firstRow(ctx, tx, "staged_cell"); err != nil {
			return 0, err
		}
	}
	insert := st.Insert(withTables, s.read, firstID)
	n, err := tx.Temp(ctx, insert.Text, insert.Args)
	if err != nil {
		return 0, err
	}
	if err := st.Source.Complete(n); err != nil || !withTables {
		return n, err
	}
	_, err = tx.Temp(ctx, "DROP TABLE staged_cell", nil)
	return n, err
}

// slower decides from the engine's error whether a more careful way can do it.
func slower(src *tabular.Source, w Way, err error) error {
	text := err.Error()
	switch {
	case src.Types != nil && strings.Contains(text, "Conversion Error") && !w.general:
		return &ErrAgain{Way: Way{general: true, copied: w.copied}, cause: err}
	case src.Types != nil, !strings.Contains(text, "CSV Error"):
		return fmt.Errorf("stage %s: %w", src.Name, err)
	case strings.Contains(text, "Conversion Error") && !w.general:
		return &ErrAgain{Way: Way{general: true, copied: w.copied}, cause: err}
	case !src.Copied:
		return &ErrAgain{Way: Way{general: w.general, copied: true}, cause: err}
	}
	return fmt.Errorf("stage %s: %w", src.Name, err)
}

// makeTables makes a table for each lookup and value map.
func (s *Staging) makeTables(ctx context.Context, tx *engine.Tx) error {
	for _, need := range s.mapping.Needs() {
		if need.Lookup != nil {
			if err := s.makeLookup(ctx, tx, need.Table, need.Place, *need.Lookup); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Temp(ctx, "CREATE TEMP TABLE "+need.Table+"(k VARCHAR, v VARCHAR)", nil); err != nil {
			return fmt.Errorf("stage a value map: %w", err)
		}
		keys, at := slices.Sorted(maps.Keys(need.Map)), 0
		_, err := tx.Fill(ctx, need.Table, []string{"k", "v"}, func() ([]any, bool, error) {
			if at == len(keys) {
				return nil, false, nil
			}
			at++
			return []any{keys[at-1], need.Map[keys[at-1]]}, true, nil
		})
		if err != nil {
			return fmt.Errorf("stage a value map: %w", err)
		}
	}
	return nil
}

// makeLookup reads key and value of a file into a table. A key that stands for two values stands for none: guessing would
// put sales on the wrong customer.
func (s *Staging) makeLookup(ctx context.Context, tx *engine.Tx, table, place string, l mapping.Lookup) error {
	file, ok := FileNamed(append(slices.Clone(s.lookups), s.files...), l.File)
	if !ok {
		return fault.New(fault.Invalid, "import.lookup", "The mapping looks values up in %q, which was not given; upload it and name it with the import.", l.File).
			At(place, "The file %q was not given.", l.File)
	}
	sources, err := s.folder.Prepare(ctx, file, tabular.Dialect{}, false)
	if err != nil {
		return err
	}
	s.tables = append(s.tables, sources...)
	if len(sources) > 1 {
		return fault.New(fault.Invalid, "import.lookup", "%q holds several tables; give the one that values are looked up in as a file of its own.", file.Name).At(place, "It holds several tables.")
	}
	src := sources[0]
	key, okKey := tabular.FindColumn(src.Layout.Columns, l.Key)
	value, okValue := tabular.FindColumn(src.Layout.Columns, l.Value)
	if !okKey || !okValue {
		return fault.New(fault.Invalid, "import.lookup", "%q has no column %q or %q; it has %s.", file.Name, l.Key, l.Value, tabular.Names(src.Layout.Columns)).
			At(place, "The columns of %q are %s.", file.Name, tabular.Names(src.Layout.Columns))
	}
	st := &mapping.Stager{Source: src, General: true}
	text := func() string {
		return "CREATE TEMP TABLE " + table + " AS SELECT k, CASE WHEN min(v) = max(v) THEN min(v) END AS v, max(v) IS NULL AS e FROM (SELECT " +
			st.Cell(key) + " AS k, " + st.Cell(value) + " AS v FROM " + st.Table() + " cells) pairs WHERE k IS NOT NULL GROUP BY k"
	}
	if _, err = tx.Temp(ctx, text(), nil); err == nil {
		return nil
	}
	if src.Copied || !strings.Contains(err.Error(), "CSV Error") {
		return fmt.Errorf("read the lookup file %s: %w", file.Name, err)
	}
	return &ErrAgain{Way: Way{general: true, copied: true}, cause: err}
}

// FileNamed finds a file by its name or id; the last one of a name wins.
func FileNamed(files []tabular.File, name string) (tabular.File, bool) {
	for _, f := range slices.Backward(files) {
		if f.Name == name || f.ID == name {
			return f, true
		}
	}
	return tabular.File{}, false
}

// findBad puts the rows whose cells do not fit on the list, with all that is wrong; the reasons are written when the row
// itself is at hand.
func (s *Staging) findBad(ctx context.Context, tx *engine.Tx) (err error) {
	rows, err := tx.Query(ctx, "SELECT "+s.ordinal+" AS n, bad FROM staged_row WHERE bad <> 0 ORDER BY n", nil)
	if err != nil {
		return fmt.Errorf("find rows that do not fit: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	s.list, s.bits = newRejectList(), map[int64]int64{}
	for rows.Next() {
		var n, bad int64
		if err := rows.Scan(&n, &bad); err != nil {
			return fmt.Errorf("find rows that do not fit: %w", err)
		}
		s.list.add(n, "")
		if len(s.bits) < reject.Max {
			s.bits[n] = bad
		}
	}
	return rows.Err()
}

// Rejects turns ordinals into places: it reads the files again, record by record, which happens only when there are rejects.
// Rows that were no rows come first in their file's turn, all in the order of their lines.
func (s *Staging) Rejects(ctx context.Context) ([]reject.Reject, error) {
	var all []reject.Reject
	for i, src := range s.sources {
		found, err := s.locateIn(ctx, i)
		if err != nil {
			return nil, err
		}
		for _, b := range src.Broken {
			found = append(found, reject.Reject{File: src.Name, Line: b.Line, Raw: b.Raw,
				Cells: reject.Align(s.Columns(), names(src), reject.Split(b.Raw, src.Layout.Delimiter))}.Because(b.Problem))
		}
		slices.SortStableFunc(found, func(a, b reject.Reject) int { return int(a.Line - b.Line) })
		all = append(all, found...)
	}
	return all[:min(len(all), reject.Max)], nil
}

func (s *Staging) locateIn(ctx context.Context, i int) (found []reject.Reject, err error) {
	src, from, until := s.sources[i], s.first[i], s.read
	if i+1 < len(s.first) {
		until = s.first[i+1]
	}
	wanted := s.list.within(from, until)
	if len(wanted) == 0 {
		return nil, nil
	}
	take := func(n int64, row tabular.Row) bool {
		if len(found) < len(wanted) && wanted[len(found)] == from+n {
			found = append(found, s.reject(i, row, s.list.rows[from+n], s.bits[from+n]))
		}
		return len(found) < len(wanted)
	}
	if src.Types != nil {
		err = s.rowsOfParquet(ctx, i, wanted, take)
	} else {
		err = src.Rows(ctx, take)
	}
	if err == nil && len(found) < len(wanted) {
		err = fmt.Errorf("read the rejected rows: %d of %d were found in %s", len(found), len(wanted), src.Name)
	}
	return found, err
}

// rowsOfParquet finds rows again by their ordinals; such a file has no lines, so rows are counted from 1.
func (s *Staging) rowsOfParquet(ctx context.Context, i int, wanted []int64, take func(int64, tabular.Row) bool) (err error) {
	if _, err := s.tx.Temp(ctx, "CREATE OR REPLACE TEMP TABLE wanted(n BIGINT)", nil); err != nil {
		return fmt.Errorf("read the rejected rows: %w", err)
	}
	at := 0
	if _, err := s.tx.Fill(ctx, "wanted", []string{"n"}, func() ([]any, bool, error) {
		if at++; at > len(wanted) {
			return nil, false, nil
		}
		return []any{wanted[at-1] - s.first[i]}, true, nil
	}); err != nil {
		return fmt.Errorf("read the rejected rows: %w", err)
	}
	st := &mapping.Stager{Source: s.sources[i]}
	rows, err := s.tx.Query(ctx, st.RowsAt(), nil)
	if err != nil {
		return fmt.Errorf("read the rejected rows: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int64
		cells := make([]string, len(s.sources[i].Types))
		into := []any{&n}
		for c := range cells {
			into = append(into, &cells[c])
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the rejected rows: %w", err)
		}
		if !take(n, tabular.Row{Line: n + 1, Raw: tabular.Clean(strings.Join(cells, "\t")), Cells: cells}) {
			break
		}
	}
	return rows.Err()
}

// Columns are the names of the columns of all files, each once.
func (s *Staging) Columns() []string {
	layouts := make([][]string, len(s.sources))
	for i, src := range s.sources {
		layouts[i] = names(src)
	}
	return reject.Union(layouts...)
}

// Header is what is to be known to read the cells of rejected rows.
func (s *Staging) Header() reject.Header {
	return reject.Header{Columns: s.Columns(), Decimal: s.sources[0].Layout.Decimal}
}

func names(src *tabular.Source) []string {
	names := make([]string, len(src.Layout.Columns))
	for i, c := range src.Layout.Columns {
		names[i] = c.Name
	}
	return names
}

// reject writes the reject of a row that was found again.
func (s *Staging) reject(i int, row tabular.Row, why fieldReason, bad int64) reject.Reject {
	src := s.sources[i]
	out := reject.Reject{File: src.Name, Line: row.Line, Column: why.field, Field: why.field, Raw: row.Raw,
		Cells: reject.Align(s.Columns(), names(src), row.Cells)}
	var reasons []fault.Reason
	for _, p := range s.plans[i] {
		column, value := p.At(src.Layout, row.Cells)
		if p.Field.Name == why.field || bad&p.Bit != 0 && out.Column == "" {
			out.Column, out.Value, out.Field = column, value, p.Field.Name
		}
		if bad&p.Bit != 0 {
			reasons = append(reasons, p.Reason(value, column))
		}
	}
	if len(reasons) == 0 {
		return out.Because(why.why...)
	}
	if isTotal(row.Cells) {
		reasons = append([]fault.Reason{fault.Why("totals", "This looks like a line of totals, which is no row of the table.")}, reasons...)
	}
	return out.Because(reasons...)
}

// totals are the words that a line of totals begins with.
var totals = regexp.MustCompile(`(?i)^\s*(?:(?:grand |sub-?)?totals?|sum|i alt|total i alt|subtotal|gesamt|gesamtsumme|summe|zwischensumme|totaal|eindtotaal|som|razem|suma|ogółem|合計|總計|小計)\b?[:.]?\s*$`)

// isTotal tells that a row which is none says that it adds others up.
func isTotal(cells []string) bool {
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell != "" {
			return totals.MatchString(cell)
		}
	}
	return false
}

// LayoutMark tells layouts apart by the names of their columns, in whatever order.
func LayoutMark(l tabular.Layout) string {
	names := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		names[i] = strings.ToLower(strings.TrimSpace(c.Name))
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:])
}
