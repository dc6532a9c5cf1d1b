package intake

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// WarehouseSchema makes the intake's own table in the warehouse.
//
//go:embed warehouse.sql
var WarehouseSchema string

// jobKind is the kind of job that runs an import.
const jobKind = "import"

// maxSource bounds the name of a source, in bytes.
const maxSource = 200

// defaultMaxFile bounds a file, as uploaded and unpacked, where Config says nothing.
const defaultMaxFile = 20 << 30

// Config says what the intake works with.
type Config struct {
	DB        *db.DB
	Warehouse *engine.Warehouse
	Jobs      *job.Runner // not yet started; the intake registers its kind of job
	Dir       string      // where files are kept; the warehouse's ImportDir
	Kinds     []Kind      // in the order people should import them: what others refer to first
	// CatchUp brings the projection up to date before facts are loaded, so that they find the customers that were imported
	// a moment ago.
	CatchUp      func(ctx context.Context) error
	MaxFileBytes int64 // 0 is 20 GiB
	Log          *slog.Logger
	Now          func() time.Time // nil is the clock
}

// Intake is the import of files. Its methods may be called by many at once; imports run one after the other.
type Intake struct {
	cfg    Config
	folder *tabular.Folder
	store  store
	kinds  map[string]Kind
	turn   chan struct{} // holds one token while an import runs
}

// New makes the intake and its folder, and registers its kind of job.
func New(cfg Config) (*Intake, error) {
	if cfg.MaxFileBytes == 0 {
		cfg.MaxFileBytes = defaultMaxFile
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder of imports: %w", err)
	}
	folder, err := tabular.NewFolder(dir, cfg.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	in := &Intake{cfg: cfg, folder: folder, store: store{cfg.DB}, kinds: map[string]Kind{}, turn: make(chan struct{}, 1)}
	for _, k := range cfg.Kinds {
		if err := k.check(); err != nil {
			return nil, err
		}
		if _, twice := in.kinds[k.Key]; twice {
			return nil, fmt.Errorf("import kind %q is registered twice", k.Key)
		}
		in.kinds[k.Key] = k
	}
	if cfg.Jobs != nil {
		job.Handle(cfg.Jobs, jobKind, in.work, job.Restartable())
	}
	return in, nil
}

// Upload keeps a file. The same contents are kept once, whatever they are called.
func (in *Intake) Upload(ctx context.Context, name string, src io.Reader) (File, error) {
	name = tabular.Clean(strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/"))))
	if name == "" || name == "." || name == "/" || len(name) > 255 {
		return File{}, fault.New(fault.Invalid, "file.name", "Give the file a name of up to 255 letters.").At("name", "A name is needed.")
	}
	f, err := in.folder.Put(ctx, name, src)
	if err != nil {
		return File{}, err
	}
	actor := audit.ActorOf(ctx)
	f.CreatedAt, f.CreatedBy, f.CreatedByName = in.cfg.Now().UTC().Truncate(time.Microsecond), actor.ID, actor.Name
	return f, in.store.saveFile(ctx, f)
}

// Request asks for an import.
type Request struct {
	Kind          string   `json:"kind,omitempty" doc:"Empty takes the mapping's kind, or the proposed one."`
	Source        string   `json:"source,omitempty" doc:"The system the rows come from; empty takes the mapping's."`
	FileIDs       []string `json:"file_ids" nullable:"false" minItems:"1" maxItems:"100"`
	LookupFileIDs []string `json:"lookup_file_ids,omitempty" nullable:"false" maxItems:"100" doc:"Files that the mapping looks values up in."`
	Mapping       *Mapping `json:"mapping,omitempty" doc:"Empty takes the proposed one."`
	Dialect       *Dialect `json:"dialect,omitempty"`
}

// Begun is an import that was started, and the job that runs it.
type Begun struct {
	Import Import  `json:"import"`
	Job    job.Job `json:"job"`
}

// Start checks a request against its files and enqueues the import. Errors: faults that name each place of the mapping.
func (in *Intake) Start(ctx context.Context, r Request) (Begun, error) {
	im, files, lookups, err := in.compose(ctx, r)
	if err != nil {
		return Begun{}, err
	}
	var j job.Job
	err = in.store.add(ctx, &im, fingerprint(im, files, lookups), files, lookups, func(ctx context.Context, tx bun.Tx) error {
		title := "Import " + strings.ToLower(in.kinds[im.Kind].Label) + " from " + im.Files[0].Name
		if j, err = in.cfg.Jobs.Enqueue(ctx, tx, job.Spec{Kind: jobKind, Title: title, Args: jobArgs{im.ID}}); err != nil {
			return err
		}
		im.JobID = j.ID
		return in.store.setJob(ctx, tx, im.ID, j.ID)
	})
	return Begun{Import: im, Job: j}, err
}

// compose makes the import that a request asks for, complete and checked.
func (in *Intake) compose(ctx context.Context, r Request) (im Import, files, lookups []File, err error) {
	for _, fileID := range r.FileIDs {
		f, err := in.store.file(ctx, fileID)
		if err != nil {
			return Import{}, nil, nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return Import{}, nil, nil, fault.New(fault.Invalid, "import.no_files", "Name at least one file.").At("file_ids", "At least one is needed.")
	}
	m, err := in.mappingOf(ctx, r)
	if err != nil {
		return Import{}, nil, nil, err
	}
	kind, ok := in.kinds[m.Kind]
	if !ok {
		return Import{}, nil, nil, in.unknownKind(m.Kind)
	}
	if lookups, err = in.lookupFiles(ctx, m, r.LookupFileIDs, files); err != nil {
		return Import{}, nil, nil, err
	}
	s := staging{folder: in.folder, kind: kind, mapping: m, files: files}
	if r.Dialect != nil {
		s.said = *r.Dialect
	}
	if err := s.glance(ctx); err != nil {
		return Import{}, nil, nil, err
	}
	actor := audit.ActorOf(ctx)
	im = Import{ID: id.New(), Kind: m.Kind, Source: m.Source, State: Queued, Mapping: m, Dialect: r.Dialect, StartedBy: actor.ID,
		StartedByName: actor.Name, CreatedAt: in.cfg.Now().UTC().Truncate(time.Microsecond)}
	for i, f := range append(slices.Clone(files), lookups...) {
		im.Files = append(im.Files, FileRef{ID: f.ID, Name: f.Name, Size: f.Size, Lookup: i >= len(files)})
	}
	return im, files, lookups, nil
}

// mappingOf is the mapping of a request, proposed from the first file where the request has none.
func (in *Intake) mappingOf(ctx context.Context, r Request) (Mapping, error) {
	var m Mapping
	if r.Mapping != nil && len(r.Mapping.Columns) > 0 {
		m = *r.Mapping
	} else {
		ask := PreviewRequest{FileID: r.FileIDs[0], Kind: r.Kind, Dialect: r.Dialect}
		if r.Mapping != nil && ask.Kind == "" {
			ask.Kind = r.Mapping.Kind
		}
		p, err := in.Preview(ctx, ask)
		if err != nil {
			return Mapping{}, err
		}
		m = p.Mapping
	}
	if r.Kind != "" {
		if m.Kind != "" && m.Kind != r.Kind {
			return Mapping{}, fault.New(fault.Invalid, "import.kind", "The mapping is for %q, and %q is to be imported; use one of them.", m.Kind, r.Kind).At("kind", "It differs from the mapping's.")
		}
		m.Kind = r.Kind
	}
	if r.Source != "" {
		m.Source = r.Source
	}
	if len(m.Source) > maxSource {
		return Mapping{}, fault.New(fault.Invalid, "import.source", "The name of the source is too long.").At("source", "Up to %d letters.", maxSource)
	}
	return m, nil
}

// lookupFiles finds the files that the mapping looks values up in: among those given first, then by name among all.
func (in *Intake) lookupFiles(ctx context.Context, m Mapping, given []string, files []File) ([]File, error) {
	var lookups []File
	for _, fileID := range given {
		f, err := in.store.file(ctx, fileID)
		if err != nil {
			return nil, err
		}
		lookups = append(lookups, f)
	}
	for name, v := range m.Columns {
		for _, l := range v.Lookup {
			if _, ok := fileNamed(append(slices.Clone(lookups), files...), l.File); ok {
				continue
			}
			f, ok, err := in.store.fileByName(ctx, l.File)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, mapping.Fault("columns."+name, "Values are looked up in %q, which was not uploaded; upload it under this name.", l.File)
			}
			lookups = append(lookups, f)
		}
	}
	slices.SortFunc(lookups, func(a, b File) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return slices.CompactFunc(lookups, func(a, b File) bool { return a.ID == b.ID && a.Name == b.Name }), nil
}

// fingerprint tells imports apart by all that decides what they do.
func fingerprint(im Import, files, lookups []File) string {
	parts := struct {
		Kind, Source   string
		Mapping        Mapping
		Dialect        *Dialect
		Files, Lookups []string
	}{Kind: im.Kind, Source: im.Source, Mapping: im.Mapping, Dialect: im.Dialect}
	for _, f := range files {
		parts.Files = append(parts.Files, f.ID)
	}
	for _, f := range lookups {
		parts.Lookups = append(parts.Lookups, f.Name, f.ID)
	}
	text, err := json.Marshal(parts)
	if err != nil {
		return string(im.ID) // unlike all others
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

type jobArgs struct {
	ImportID id.ID `json:"import_id"`
}

// work is the handler of the job. It may be repeated: what has happened is found out first.
func (in *Intake) work(ctx context.Context, run *job.Run, args jobArgs) (any, error) {
	im, err := in.Run(ctx, args.ImportID, run.Progress)
	if err != nil {
		return nil, err
	}
	return im, nil
}

// Run carries an import out and returns its record. One that was accepted is left alone. When it fails, the record says
// why, and nothing of it is in the warehouse.
func (in *Intake) Run(ctx context.Context, importID id.ID, progress func(done, total int64, note string)) (Import, error) {
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
	case <-ctx.Done():
		return Import{}, in.abandon(ctx, importID)
	}
	im, err := in.settle(ctx, importID)
	if err != nil || im.State == Accepted || im.State == Removed {
		return im, err
	}
	if err := in.store.begin(ctx, im.ID); err != nil {
		return im, err
	}
	before, same, err := in.sameBefore(ctx, im)
	if err == nil && same {
		return in.accept(ctx, im, outcome{read: before.Read, counts: Counts{Unchanged: before.Read},
			note: fmt.Sprintf("The same files with the same mapping were imported as number %d; nothing had to be done.", before.No)})
	}
	var out outcome
	if err == nil {
		out, err = in.carryOut(ctx, im, progress)
	}
	if err != nil {
		return im, in.fail(ctx, im, err)
	}
	return in.accept(ctx, im, out)
}

func (in *Intake) sameBefore(ctx context.Context, im Import) (Import, bool, error) {
	print, err := in.store.fingerprint(ctx, im.ID)
	if err != nil {
		return Import{}, false, err
	}
	return in.store.acceptedLike(ctx, im, print)
}

// outcome is what a run gave.
type outcome struct {
	read     int64
	counts   Counts
	rejected int64
	note     string
}

func (in *Intake) accept(ctx context.Context, im Import, out outcome) (Import, error) {
	ended := in.cfg.Now().UTC().Truncate(time.Microsecond)
	im.State, im.Error, im.EndedAt, im.Note = Accepted, "", &ended, out.note
	im.Read, im.Created, im.Updated, im.Unchanged, im.Rejected = out.read, out.counts.Created, out.counts.Updated, out.counts.Unchanged, out.rejected
	// The warehouse has it: the record must follow even when the asker has gone.
	return im, in.store.end(context.WithoutCancel(ctx), im)
}

// fail records why an import ended and returns the error for the job.
func (in *Intake) fail(ctx context.Context, im Import, cause error) error {
	ended := in.cfg.Now().UTC().Truncate(time.Microsecond)
	im.State, im.EndedAt = Failed, &ended
	switch f := fault.Of(cause); {
	case errors.Is(context.Cause(ctx), job.ErrStopping):
		return cause // the job runs again when the server is back, and so does the import
	case ctx.Err() != nil:
		im.State, im.Error = Cancelled, "The import was cancelled."
	case f != nil:
		im.Error = f.Error()
	default:
		im.Error = "The import failed because of a fault in the program; the server's log has the details. Nothing of it counts."
		in.cfg.Log.Error("an import failed", "import", im.No, "kind", im.Kind, "error", cause)
	}
	return errors.Join(cause, in.store.end(context.WithoutCancel(ctx), im))
}

// abandon marks an import that was cancelled before its turn.
func (in *Intake) abandon(ctx context.Context, importID id.ID) error {
	im, err := in.store.get(context.WithoutCancel(ctx), importID)
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return in.fail(ctx, im, ctx.Err())
}

// carryOut stages and loads, in more careful ways as the files need.
func (in *Intake) carryOut(ctx context.Context, im Import, progress func(done, total int64, note string)) (outcome, error) {
	kind, ok := in.kinds[im.Kind]
	if !ok {
		return outcome{}, fault.New(fault.Invalid, "import.kind", "This program does not import %q.", im.Kind)
	}
	files, lookups, err := in.store.filesOf(ctx, im.ID)
	if err != nil {
		return outcome{}, err
	}
	if kind.Fact && in.cfg.CatchUp != nil {
		progress(0, 0, "Bringing the warehouse up to date")
		if err := in.cfg.CatchUp(ctx); err != nil {
			return outcome{}, err
		}
	}
	var w way
	for {
		s := &staging{folder: in.folder, kind: kind, mapping: im.Mapping, files: files, lookups: lookups}
		if im.Dialect != nil {
			s.said = *im.Dialect
		}
		out, err := in.attempt(ctx, im, s, w, progress)
		var again *errAgain
		if !errors.As(err, &again) {
			return out, err
		}
		w = way{general: again.general, copied: again.copied}
	}
}

// attempt is one try: prepare the files, and in one transaction of the warehouse stage, load, and record.
func (in *Intake) attempt(ctx context.Context, im Import, s *staging, w way, progress func(done, total int64, note string)) (out outcome, err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	progress(0, 0, "Preparing the files")
	if err := s.prepare(ctx, w); err != nil {
		return outcome{}, err
	}
	err = in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		if err := s.stage(ctx, tx, w, progress); err != nil {
			return err
		}
		list := newRejectList()
		bits, err := s.findBad(ctx, tx, list)
		if err != nil {
			return err
		}
		good := s.read - list.count
		b := &Batch{Tx: tx, Import: im, kind: s.kind, rejects: list, progress: progress, total: good, mapped: s.mapped()}
		progress(0, good, "Loading")
		counts, err := s.kind.Load(ctx, b)
		if err != nil {
			return err
		}
		progress(good, good, "Finishing")
		if out, err = s.outcome(counts, list); err != nil {
			return err
		}
		if err := in.keepRejects(ctx, im, s, list, bits); err != nil {
			return err
		}
		if s.kind.Fact {
			return recordLoad(ctx, tx, im, out)
		}
		return nil
	})
	return out, err
}

func (in *Intake) keepRejects(ctx context.Context, im Import, s *staging, list *rejectList, bits map[int64]int64) error {
	if im.State == Accepted { // a replay; its rejects are on record
		return nil
	}
	rejects, err := s.locate(ctx, list, bits)
	if err != nil || len(rejects) == 0 {
		return err
	}
	return in.store.saveRejects(ctx, im.ID, rejects)
}

// outcome adds the counts up and refuses an import that does not: a row that went nowhere must not be found by accident.
func (s *staging) outcome(c Counts, list *rejectList) (outcome, error) {
	out := outcome{read: s.read, rejected: list.count, counts: c}
	for _, src := range s.sources {
		out.read += int64(len(src.Broken))
		out.rejected += int64(len(src.Broken))
	}
	if sum := c.Created + c.Updated + c.Unchanged + out.rejected; sum != out.read {
		return outcome{}, fmt.Errorf("the loader of %s accounts for %d of %d rows", s.kind.Key, sum, out.read)
	}
	if out.rejected > maxRejects {
		out.note = fmt.Sprintf("The first %d rejected rows are kept; %d were rejected.", maxRejects, out.rejected)
	}
	return out, nil
}

func (s *staging) mapped() map[string]bool {
	mapped := map[string]bool{}
	for _, plans := range s.plans {
		for _, p := range plans {
			mapped[p.Field.Name] = true
		}
	}
	return mapped
}

// Settled tells how far the imports have come.
func (in *Intake) Settled(ctx context.Context) (Settled, error) { return in.store.settled(ctx) }
