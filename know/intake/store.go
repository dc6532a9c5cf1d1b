package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/reject"
)

// store is the imports and files in the operational store.
type store struct {
	db *db.DB
}

type fileRow struct {
	bun.BaseModel `bun:"table:file"`

	ID            string          `bun:"id,pk"`
	Name          string          `bun:"name"`
	Size          int64           `bun:"size"`
	Format        string          `bun:"format"`
	Traits        json.RawMessage `bun:"traits"`
	CreatedAt     time.Time       `bun:"created_at"`
	CreatedBy     id.ID           `bun:"created_by"`
	CreatedByName string          `bun:"created_by_name"`
}

func (r fileRow) file() (File, error) {
	f := File{ID: r.ID, Name: r.Name, Size: r.Size, Format: r.Format, CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName}
	if err := json.Unmarshal(r.Traits, &f.Traits); err != nil {
		return File{}, fmt.Errorf("read what is known of file %s: %w", r.ID, err)
	}
	return f, nil
}

type importRow struct {
	bun.BaseModel `bun:"table:import"`

	ID            id.ID           `bun:"id,pk"`
	No            int64           `bun:"no"`
	Kind          string          `bun:"kind"`
	Source        string          `bun:"source"`
	State         State           `bun:"state"`
	Mapping       json.RawMessage `bun:"mapping"`
	Dialect       json.RawMessage `bun:"dialect,nullzero"`
	Fingerprint   string          `bun:"fingerprint"`
	Read          int64           `bun:"read"`
	Created       int64           `bun:"created"`
	Updated       int64           `bun:"updated"`
	Unchanged     int64           `bun:"unchanged"`
	Rejected      int64           `bun:"rejected"`
	Note          string          `bun:"note"`
	Error         string          `bun:"error"`
	StartedBy     id.ID           `bun:"started_by"`
	StartedByName string          `bun:"started_by_name"`
	JobID         id.ID           `bun:"job_id"`
	CreatedAt     time.Time       `bun:"created_at"`
	EndedAt       *time.Time      `bun:"ended_at"`
	Follows       id.ID           `bun:"follows"`
	UndoJobID     id.ID           `bun:"undo_job_id"`
	UndoneAt      *time.Time      `bun:"undone_at"`
	UndoneByName  string          `bun:"undone_by_name"`
	Layout        string          `bun:"layout"`
	Stubs         int64           `bun:"stubs"`
}

type importFileRow struct {
	bun.BaseModel `bun:"table:import_file"`

	ImportID id.ID  `bun:"import_id,pk"`
	Position int64  `bun:"position,pk"`
	FileID   string `bun:"file_id"`
	Name     string `bun:"name"`
	Lookup   bool   `bun:"lookup"`
	Size     int64  `bun:"size,scanonly"`
}

func (r importRow) record() (Import, error) {
	im := Import{ID: r.ID, No: r.No, Kind: r.Kind, Source: r.Source, State: r.State, Read: r.Read, Created: r.Created, Updated: r.Updated,
		Unchanged: r.Unchanged, Rejected: r.Rejected, Note: r.Note, Error: r.Error, StartedBy: r.StartedBy, StartedByName: r.StartedByName,
		JobID: r.JobID, CreatedAt: r.CreatedAt.UTC(), EndedAt: inUTC(r.EndedAt), Files: []FileRef{},
		Follows: r.Follows, UndoJobID: r.UndoJobID, UndoneAt: inUTC(r.UndoneAt), UndoneByName: r.UndoneByName, Stubs: r.Stubs}
	if err := json.Unmarshal(r.Mapping, &im.Mapping); err != nil {
		return Import{}, fmt.Errorf("read the mapping of import %d: %w", r.No, err)
	}
	if len(r.Dialect) > 0 {
		if err := json.Unmarshal(r.Dialect, &im.Dialect); err != nil {
			return Import{}, fmt.Errorf("read the dialect of import %d: %w", r.No, err)
		}
	}
	return im, nil
}

func inUTC(t *time.Time) *time.Time {
	if t != nil {
		*t = t.UTC()
	}
	return t
}

// saveFile records a file; one with the same contents is known already and takes the newer name.
func (s store) saveFile(ctx context.Context, f File) error {
	seen, err := json.Marshal(f.Traits)
	if err != nil {
		return fmt.Errorf("save the file: %w", err)
	}
	row := fileRow{ID: f.ID, Name: f.Name, Size: f.Size, Format: f.Format, Traits: seen, CreatedAt: f.CreatedAt, CreatedBy: f.CreatedBy, CreatedByName: f.CreatedByName}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("name = EXCLUDED.name").Returning("NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("save the file: %w", err)
		}
		return nil
	})
}

func (s store) file(ctx context.Context, fileID string) (File, error) {
	var row fileRow
	err := s.db.Read().NewSelect().Model(&row).Where("id = ?", fileID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, fault.New(fault.NotFound, "file.not_found", "There is no such file; upload it first.")
	}
	if err != nil {
		return File{}, fmt.Errorf("find the file: %w", err)
	}
	return row.file()
}

// fileByName finds the file that was last uploaded under a name.
func (s store) fileByName(ctx context.Context, name string) (File, bool, error) {
	var row fileRow
	err := s.db.Read().NewSelect().Model(&row).Where("name = ? OR id = ?", name, name).Order("created_at DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, false, nil
	}
	if err != nil {
		return File{}, false, fmt.Errorf("find the file %q: %w", name, err)
	}
	f, err := row.file()
	return f, err == nil, err
}

// filesOf returns the files of an import: those with rows, and those with values to look up.
func (s store) filesOf(ctx context.Context, importID id.ID) (files, lookups []File, err error) {
	var links []importFileRow
	if err := s.db.Read().NewSelect().Model(&links).Where("import_id = ?", importID).Order("position").Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("read the files of the import: %w", err)
	}
	for _, link := range links {
		f, err := s.file(ctx, link.FileID)
		if err != nil {
			return nil, nil, err
		}
		f.Name = link.Name
		if link.Lookup {
			lookups = append(lookups, f)
		} else {
			files = append(files, f)
		}
	}
	return files, lookups, nil
}

// add records a new import with the next number; enqueue, in the same transaction, starts its job.
func (s store) add(ctx context.Context, im *Import, fingerprint string, files, lookups []File, enqueue func(context.Context, bun.Tx) error) error {
	mapping, err := json.Marshal(im.Mapping)
	if err != nil {
		return fmt.Errorf("record the import: %w", err)
	}
	row := importRow{ID: im.ID, Kind: im.Kind, Source: im.Source, State: im.State, Mapping: mapping, Fingerprint: fingerprint,
		StartedBy: im.StartedBy, StartedByName: im.StartedByName, CreatedAt: im.CreatedAt, Follows: im.Follows, Layout: im.Layout}
	if im.Dialect != nil {
		if row.Dialect, err = json.Marshal(im.Dialect); err != nil {
			return fmt.Errorf("record the import: %w", err)
		}
	}
	var links []importFileRow
	for i, f := range append(files[:len(files):len(files)], lookups...) {
		links = append(links, importFileRow{ImportID: im.ID, Position: int64(i), FileID: f.ID, Name: f.Name, Lookup: i >= len(files)})
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// The change log is written first: it serialises writers, so the number below is nobody else's.
		if err := audit.Record(ctx, tx, audit.Change{Kind: "import", ID: im.ID, Action: audit.Create, After: im}); err != nil {
			return err
		}
		if err := tx.NewSelect().Table("import").ColumnExpr("coalesce(max(no), 0) + 1").Scan(ctx, &row.No); err != nil {
			return fmt.Errorf("number the import: %w", err)
		}
		im.No = row.No
		if _, err := tx.NewInsert().Model(&row).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("record the import: %w", err)
		}
		if _, err := tx.NewInsert().Model(&links).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("record the import: %w", err)
		}
		return enqueue(ctx, tx)
	})
}

func (s store) setJob(ctx context.Context, tx bun.Tx, importID, jobID id.ID) error {
	_, err := tx.NewUpdate().Table("import").Set("job_id = ?", jobID).Where("id = ?", importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record the job of the import: %w", err)
	}
	return nil
}

// begin marks an import as running and forgets what an earlier attempt left.
func (s store) begin(ctx context.Context, importID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Table("import").Set("state = ?, error = '', note = '', ended_at = NULL", Running).Where("id = ?", importID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("begin the import: %w", err)
		}
		return reject.Drop(ctx, tx, importID)
	})
}

// end records the outcome of an import.
func (s store) end(ctx context.Context, im Import) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.endIn(ctx, tx, im) })
}

func (s store) endIn(ctx context.Context, tx bun.Tx, im Import) error {
	_, err := tx.NewUpdate().Table("import").
		Set("state = ?, read = ?, created = ?, updated = ?, unchanged = ?, rejected = ?, stubs = ?, note = ?, error = ?, ended_at = ?, undone_at = ?, undone_by_name = ?",
			im.State, im.Read, im.Created, im.Updated, im.Unchanged, im.Rejected, im.Stubs, im.Note, im.Error, im.EndedAt, im.UndoneAt, im.UndoneByName).
		Where("id = ?", im.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record the outcome of the import: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: "import", ID: im.ID, Action: audit.Update, After: im})
}

// setUndoJob says which job undoes the import; none with "".
func (s store) setUndoJob(ctx context.Context, tx bun.Tx, importID, jobID id.ID) error {
	_, err := tx.NewUpdate().Table("import").Set("undo_job_id = ?", jobID).Where("id = ?", importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record the job that undoes the import: %w", err)
	}
	return nil
}

// get returns an import with its files; NotFound when there is none.
func (s store) get(ctx context.Context, importID id.ID) (Import, error) {
	list, err := s.find(ctx, search{id: importID})
	if err != nil {
		return Import{}, err
	}
	if len(list) == 0 {
		return Import{}, fault.New(fault.NotFound, "import.not_found", "There is no such import.")
	}
	return list[0], nil
}

// search narrows a listing of imports; zero fields do not narrow.
type search struct {
	id     id.ID
	states []State
	source *string
	kind   string
	layout string
	loaded bool  // only those that brought something
	before int64 // only lower numbers
	limit  int
	oldest bool // lowest number first instead of last
}

// find returns the imports that a search leaves, with their files.
func (s store) find(ctx context.Context, by search) ([]Import, error) {
	var found []importRow
	q := s.db.Read().NewSelect().Model(&found).ModelTableExpr("import AS import_row")
	if by.id != "" {
		q = q.Where("id = ?", by.id)
	}
	if len(by.states) > 0 {
		q = q.Where("state IN (?)", bun.List(by.states))
	}
	if by.source != nil {
		q = q.Where("source = ?", *by.source)
	}
	if by.kind != "" {
		q = q.Where("kind = ?", by.kind)
	}
	if by.layout != "" {
		q = q.Where("layout = ?", by.layout)
	}
	if by.loaded {
		q = q.Where("created + updated > 0")
	}
	if by.before > 0 {
		q = q.Where("no < ?", by.before)
	}
	if by.limit > 0 {
		q = q.Limit(int64(by.limit))
	}
	if by.oldest {
		q = q.Order("no")
	} else {
		q = q.Order("no DESC")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	imports, at, ids := make([]Import, len(found)), map[id.ID]int{}, make([]id.ID, len(found))
	for i, row := range found {
		im, err := row.record()
		if err != nil {
			return nil, err
		}
		imports[i], at[row.ID], ids[i] = im, i, row.ID
	}
	if len(ids) == 0 {
		return imports, nil
	}
	var links []importFileRow
	err := s.db.Read().NewSelect().Model(&links).ModelTableExpr("import_file AS l").ColumnExpr("l.*, file.size").
		Join("JOIN file ON file.id = l.file_id").Where("l.import_id IN (?)", bun.List(ids)).OrderExpr("l.import_id, l.position").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the files of imports: %w", err)
	}
	for _, l := range links {
		im := &imports[at[l.ImportID]]
		im.Files = append(im.Files, FileRef{ID: l.FileID, Name: l.Name, Size: l.Size, Lookup: l.Lookup})
	}
	return imports, nil
}

// markRemoved says of imports that what they brought is gone.
func (s store) markRemoved(ctx context.Context, kind string, ids []id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewUpdate().Table("import").Set("state = ?", Removed).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("mark imports as removed: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: "import", Action: audit.Delete, Before: map[string]any{"kind": kind, "imports": ids}})
	})
}

// acceptedLike returns the newest accepted import of the same kind when it did exactly what fingerprint says, without a
// reject. One that came later may have changed the same records, and rejected rows may fit by now: then it is worth doing
// again.
func (s store) acceptedLike(ctx context.Context, im Import, fingerprint string) (Import, bool, error) {
	var row importRow
	err := s.db.Read().NewSelect().Model(&row).ModelTableExpr("import AS import_row").Where("kind = ? AND state = ? AND created + updated > 0", im.Kind, Accepted).
		Order("no DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Import{}, false, nil
	}
	if err != nil {
		return Import{}, false, fmt.Errorf("look for the same import: %w", err)
	}
	if row.Fingerprint != fingerprint || row.Rejected > 0 {
		return Import{}, false, nil
	}
	before, err := row.record()
	return before, err == nil, err
}

func (s store) fingerprint(ctx context.Context, importID id.ID) (text string, err error) {
	err = s.db.Read().NewSelect().Table("import").Column("fingerprint").Where("id = ?", importID).Scan(ctx, &text)
	if err != nil {
		return "", fmt.Errorf("read the import: %w", err)
	}
	return text, nil
}

// archivable lists the files that an accepted import has read and that are kept as plain text.
func (s store) archivable(ctx context.Context) (ids []string, err error) {
	err = s.db.Read().NewSelect().Table("file").Column("id").Where("format = ?", tabular.FormatText).
		Where("id IN (SELECT file_id FROM import_file JOIN import ON import.id = import_file.import_id WHERE import.state = ?)", Accepted).
		Where("id NOT IN (SELECT file_id FROM import_file JOIN import ON import.id = import_file.import_id WHERE import.state IN (?, ?))", Queued, Running).
		Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list files to archive: %w", err)
	}
	return ids, nil
}

// settled asks how far the imports have come.
func (s store) settled(ctx context.Context) (Settled, error) {
	var found Settled
	const brought = "(state = ? AND created + updated > 0 OR state = ?) AND ended_at IS NOT NULL"
	err := s.db.Read().NewSelect().Table("import").
		ColumnExpr("count(CASE WHEN state IN (?, ?) THEN 1 END)", Queued, Running).
		ColumnExpr("coalesce(max(CASE WHEN "+brought+" THEN no END), 0)", Accepted, Removed).
		Scan(ctx, &found.Unfinished, &found.No)
	if err != nil {
		return found, fmt.Errorf("ask how far the imports are: %w", err)
	}
	var last importRow
	err = s.db.Read().NewSelect().Model(&last).ModelTableExpr("import AS import_row").Column("ended_at", "undone_at").
		Where(brought, Accepted, Removed).OrderExpr("coalesce(undone_at, ended_at) DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return found, nil
	}
	if err != nil {
		return found, fmt.Errorf("ask how far the imports are: %w", err)
	}
	found.At = last.EndedAt.UTC()
	if last.UndoneAt != nil {
		found.At = last.UndoneAt.UTC()
	}
	return found, nil
}
