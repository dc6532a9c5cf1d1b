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
	"github.com/kvadrant/kvadrant/know/load"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/know/reject"
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
	// Reached is told of each step of an import, by the words of its progress, and of BeforeCommit and AfterCommit. Tests end
	// the program there; nil otherwise.
	Reached func(step string)
}

// The steps of an import that nobody is shown: all is done but the commit of the warehouse, and that is done but not on
// record.
const (
	BeforeCommit = "before-commit"
	AfterCommit  = "after-commit"
)

// Intake is the import of files. Its methods may be called by many at once; imports run one after the other.
type Intake struct {
	cfg    Config
	folder *tabular.Folder
	store  store
	kinds  map[string]Kind
	turn   chan struct{} // holds one token while an import runs

	alsoUndo []func(ctx context.Context, tx bun.Tx, importID id.ID) error

	// Rejects keeps the rows that were not taken.
	Rejects *reject.Store
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
	if cfg.Reached == nil {
		cfg.Reached = func(string) {}
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder of imports: %w", err)
	}
	folder, err := tabular.NewFolder(dir, cfg.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	in := &Intake{cfg: cfg, folder: folder, store: store{cfg.DB}, kinds: map[string]Kind{}, turn: make(chan struct{}, 1),
		Rejects: reject.NewStore(cfg.DB)}
	for _, k := range cfg.Kinds {
		if err := k.Check(); err != nil {
			return nil, err
		}
		if _, twice := in.kinds[k.Key]; twice {
			return nil, fmt.Errorf("import kind %q is registered twice", k.Key)
		}
		in.kinds[k.Key] = k
	}
	if cfg.Jobs != nil {
		job.Handle(cfg.Jobs, jobKind, in.work, job.Restartable())
		job.Handle(cfg.Jobs, undoKind, in.workUndo, job.Restartable())
		job.Handle(cfg.Jobs, trialKind, in.workTrial, job.Restartable())
	}
	return in, nil
}

// FileName is a name as files are kept under it, without the folders before it. Fault: file.name.
func FileName(name string) (string, error) {
	name = tabular.Clean(strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/"))))
	if name == "" || name == "." || name == "/" || len(name) > 255 {
		return "", fault.New(fault.Invalid, "file.name", "Give the file a name of up to 255 letters.").At("name", "A name is needed.")
	}
	return name, nil
}

// MaxFileBytes is how large a file may be, as uploaded and unpacked.
func (in *Intake) MaxFileBytes() int64 { return in.cfg.MaxFileBytes }

// Upload keeps a file. The same contents are kept once, whatever they are called.
func (in *Intake) Upload(ctx context.Context, name string, src io.Reader) (File, error) {
	return in.keepFile(ctx, name, func(name string) (File, error) { return in.folder.Put(ctx, name, src) })
}

// Adopt keeps a file that stands at path, on the disk of the intake's folder; it is moved there where it can be.
func (in *Intake) Adopt(ctx context.Context, name, path string) (File, error) {
	return in.keepFile(ctx, name, func(name string) (File, error) { return in.folder.Adopt(ctx, name, path) })
}

// File returns a kept file by its id; NotFound when there is none.
func (in *Intake) File(ctx context.Context, fileID string) (File, error) {
	return in.store.file(ctx, fileID)
}

// Disk makes a full disk a fault that says so; other errors are wrapped.
func Disk(doing string, err error) error { return tabular.Disk(doing, err) }

func (in *Intake) keepFile(ctx context.Context, name string, put func(name string) (File, error)) (File, error) {
	name, err := FileName(name)
	if err != nil {
		return File{}, err
	}
	f, err := put(name)
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
	// Unknown overrules what the mapping says of unknown customers and products.
	Unknown map[string]string `json:"unknown,omitempty" doc:"By field, create or reject; overrules the mapping's."`
	Follows id.ID             `json:"follows,omitempty" doc:"The import whose rejected rows these are, mended; recognised by itself in a file of them."`
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
	m, err := in.mappingOf(ctx, &r)
	if err != nil {
		return Import{}, nil, nil, err
	}
	if _, ok := in.kinds[m.Kind]; !ok {
		return Import{}, nil, nil, in.unknownKind(m.Kind)
	}
	if lookups, err = in.lookupFiles(ctx, m, r.LookupFileIDs, files); err != nil {
		return Import{}, nil, nil, err
	}
	actor := audit.ActorOf(ctx)
	im = Import{ID: id.New(), Kind: m.Kind, Source: m.Source, State: Queued, Mapping: m, Dialect: r.Dialect, StartedBy: actor.ID,
		StartedByName: actor.Name, Follows: r.Follows, CreatedAt: in.cfg.Now().UTC().Truncate(time.Microsecond)}
	for i, f := range append(slices.Clone(files), lookups...) {
		im.Files = append(im.Files, FileRef{ID: f.ID, Name: f.Name, Size: f.Size, Lookup: i >= len(files)})
	}
	im.Layout, err = in.staging(im, files, lookups).Glance(ctx)
	return im, files, lookups, err
}

func (in *Intake) staging(im Import, files, lookups []File) *load.Staging {
	return load.New(in.folder, in.kinds[im.Kind], im, files, lookups)
}

// mappingOf is the mapping of a request, proposed from the first file where the request has none.
func (in *Intake) mappingOf(ctx context.Context, r *Request) (Mapping, error) {
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
		if p.Follows != "" { // a file of rejected rows is read as the files were that they come from
			r.Follows, r.Dialect = p.Follows, &p.Dialect
		}
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
	if len(r.Unknown) > 0 {
		m.Unknown = r.Unknown
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
	for _, need := range m.Needs() {
		if need.Lookup == nil {
			continue
		}
		l := need.Lookup
		if _, ok := load.FileNamed(append(slices.Clone(lookups), files...), l.File); ok {
			continue
		}
		f, ok, err := in.store.fileByName(ctx, l.File)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, mapping.Fault(strings.TrimPrefix(need.Place, "mapping."), "Values are looked up in %q, which was not uploaded; upload it under this name.", l.File)
		}
		lookups = append(lookups, f)
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
func (in *Intake) Run(ctx context.Context, importID id.ID, progress func(done, total int64, note string)) (im Import, err error) {
	waiting := true
	err = in.whenReady(ctx, progress, func() error {
		im, err = in.runNow(ctx, importID, progress)
		waiting = isAway(err)
		return err
	})
	if err != nil && waiting { // it was cancelled before its turn
		return im, in.abandon(ctx, importID)
	}
	return im, err
}

// whenReady waits until the warehouse answers and it is this caller's turn, and does it; when the warehouse goes away
// meanwhile, because it is rebuilt, it waits again. The turn is not held while waiting: who rebuilds may need it first.
func (in *Intake) whenReady(ctx context.Context, progress func(done, total int64, note string), do func() error) error {
	for {
		if in.cfg.Warehouse.State().Phase == engine.Rebuilding {
			progress(0, 0, "Waiting until the warehouse is rebuilt")
		}
		if err := in.cfg.Warehouse.Await(ctx); err != nil {
			return err
		}
		if err := in.inTurn(ctx, do); !isAway(err) {
			return err
		}
	}
}

func (in *Intake) inTurn(ctx context.Context, do func() error) error {
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isAway tells that the warehouse was away because it is being rebuilt.
func isAway(err error) bool {
	f := fault.Of(err)
	return f != nil && (f.Code == "warehouse.rebuilding" || f.Code == "warehouse.busy")
}

func (in *Intake) runNow(ctx context.Context, importID id.ID, progress func(done, total int64, note string)) (Import, error) {
	im, err := in.settle(ctx, importID)
	if err != nil || im.State == Accepted || im.State == Removed {
		return im, err
	}
	if err := in.store.begin(ctx, im.ID); err != nil {
		return im, err
	}
	before, same, err := in.sameBefore(ctx, im)
	if err == nil && same {
		return in.accept(ctx, im, load.Outcome{Read: before.Read, Counts: Counts{Unchanged: before.Read},
			Note: fmt.Sprintf("The same files with the same mapping were imported as number %d; nothing had to be done.", before.No)})
	}
	var out load.Outcome
	if err == nil {
		out, err = in.carryOut(ctx, im, progress)
	}
	if isAway(err) {
		return im, err
	}
	if err != nil {
		return im, in.fail(ctx, im, err)
	}
	in.cfg.Reached(AfterCommit)
	return in.accept(ctx, im, out)
}

func (in *Intake) sameBefore(ctx context.Context, im Import) (Import, bool, error) {
	print, err := in.store.fingerprint(ctx, im.ID)
	if err != nil {
		return Import{}, false, err
	}
	return in.store.acceptedLike(ctx, im, print)
}

func (in *Intake) accept(ctx context.Context, im Import, out load.Outcome) (Import, error) {
	ended := in.cfg.Now().UTC().Truncate(time.Microsecond)
	im.State, im.Error, im.EndedAt, im.Note = Accepted, "", &ended, out.Note
	im, _ = im.Recounted(out)
	im.Stubs = out.Stubs
	// The warehouse has it: the record must follow even when the asker has gone.
	return im, in.end(ctx, im)
}

// How long it is tried to put the end of an import on record while the disk is full, and how often at the most.
const (
	endWithin    = 2 * time.Minute
	endPauseMost = 5 * time.Second
)

// end puts the end of an import on record. While the disk is full it tries again, or the import would look as if it still
// ran; it gives up when the server stops, which settles it when it is back.
func (in *Intake) end(ctx context.Context, im Import) error {
	given, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	for pause := endPauseMost / 32; ; pause = min(2*pause, endPauseMost) {
		err := in.store.end(given, im)
		if !fault.Is(err, fault.Full) {
			return err
		}
		in.cfg.Log.Warn("the disk is full, so that the end of an import cannot be put on record; trying again", "import", im.No, "state", im.State)
		select {
		case <-ctx.Done():
			return err
		case <-given.Done():
			return err
		case <-time.After(pause):
		}
	}
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
	return errors.Join(cause, in.dropStubs(context.WithoutCancel(ctx), im), in.end(ctx, im))
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
func (in *Intake) carryOut(ctx context.Context, im Import, progress func(done, total int64, note string)) (load.Outcome, error) {
	kind, ok := in.kinds[im.Kind]
	if !ok {
		return load.Outcome{}, fault.New(fault.Invalid, "import.kind", "This program does not import %q.", im.Kind)
	}
	files, lookups, err := in.store.filesOf(ctx, im.ID)
	if err != nil {
		return load.Outcome{}, err
	}
	if (kind.Fact || im.WantsStubs()) && in.cfg.CatchUp != nil {
		progress(0, 0, "Bringing the warehouse up to date")
		if err := in.cfg.CatchUp(ctx); err != nil {
			return load.Outcome{}, err
		}
	}
	var w load.Way
	for {
		out, err := in.attempt(ctx, im, in.staging(im, files, lookups), w, progress)
		var again *load.ErrAgain
		if !errors.As(err, &again) {
			return out, err
		}
		w = again.Way
	}
}

// attempt is one try: prepare the files, and in one transaction of the warehouse stage, load, and record.
func (in *Intake) attempt(ctx context.Context, im Import, s *load.Staging, w load.Way, progress func(done, total int64, note string)) (out load.Outcome, err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	progress(0, 0, "Preparing the files")
	if err := s.Prepare(ctx, w); err != nil {
		return load.Outcome{}, err
	}
	err = in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		out, err = in.bring(ctx, tx, im, s, w, progress)
		return err
	})
	return out, err
}

// bring stages and loads in an open transaction.
func (in *Intake) bring(ctx context.Context, tx *engine.Tx, im Import, s *load.Staging, w load.Way, progress func(done, total int64, note string)) (load.Outcome, error) {
	out, err := s.Load(ctx, tx, w, in.kinds, func(done, total int64, note string) {
		progress(done, total, note)
		in.cfg.Reached(note)
	})
	if err != nil {
		return load.Outcome{}, err
	}
	if err := in.keepRejects(ctx, im, s, out); err != nil {
		return load.Outcome{}, err
	}
	if in.kinds[im.Kind].Fact {
		err = recordLoad(ctx, tx, im, out)
	}
	in.cfg.Reached(BeforeCommit)
	return out, err
}

// keepRejects keeps the rejected rows. Those of an import that is repeated are on record already, unless there are others.
func (in *Intake) keepRejects(ctx context.Context, im Import, s *load.Staging, out load.Outcome) error {
	if im.State == Accepted && out.Rejected == im.Rejected || out.Rejected == 0 {
		return nil
	}
	rejects, err := s.Rejects(ctx)
	if err != nil {
		return err
	}
	return in.Rejects.Save(ctx, im.ID, s.Header(), rejects)
}

// Settled tells how far the imports have come.
func (in *Intake) Settled(ctx context.Context) (Settled, error) { return in.store.settled(ctx) }
