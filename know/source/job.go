package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/seal"
	"github.com/kvadrant/kvadrant/internal/statement"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/intake"
)

// jobKind is the kind of job that reads a feed.
const jobKind = "source"

// How long a statement may take, in a run and while somebody waits for its first rows.
const (
	runTime     = time.Hour
	previewTime = 30 * time.Second
)

// sampleRows is from how many rows a mapping is proposed.
const sampleRows = 200

// Config says what the sources work with.
type Config struct {
	DB     *db.DB
	Key    *seal.Key
	Jobs   *job.Runner // not yet started; the sources register their kind of job
	Intake *intake.Intake
	Limits Limits // the zero value takes the usual ones
	Log    *slog.Logger
	Now    func() time.Time
}

// Sources are the databases that are read, with the work of reading them.
type Sources struct {
	cfg   Config
	store *store
}

// New returns the sources and registers their kind of job.
func New(cfg Config) *Sources {
	if cfg.Limits == (Limits{}) {
		cfg.Limits = defaultLimits()
	}
	s := &Sources{cfg: cfg, store: &store{db: cfg.DB, key: cfg.Key, now: cfg.Now}}
	// Reading changes nothing, and the same rows make the same file: a run that was broken off is simply run again.
	job.Handle(cfg.Jobs, jobKind, s.work, job.Restartable())
	cfg.Intake.AlsoUndo(s.store.setBack)
	return s
}

type jobArgs struct {
	RunID id.ID `json:"run_id"`
}

// session opens the database of a source as its saved address and password say.
func (s *Sources) session(ctx context.Context, sourceID id.ID, limit time.Duration) (session, Source, error) {
	source, password, err := s.store.password(ctx, sourceID)
	if err != nil {
		return nil, source, err
	}
	opened, err := source.dial(ctx, password, limit)
	return opened, source, err
}

// Test tries whether the source answers, lets the user in and reads.
func (s *Sources) Test(ctx context.Context, sourceID id.ID) error {
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	opened, _, err := s.session(ctx, sourceID, previewTime)
	if err != nil {
		return err
	}
	defer opened.close()
	t, err := opened.query(ctx, "SELECT 1 AS one", "")
	if err != nil {
		return err
	}
	defer t.close()
	_, _, err = firstRows(t, 1)
	return err
}

// Sample asks for the first rows of a statement.
type Sample struct {
	Statement   string `json:"statement" maxLength:"20000"`
	Watermark   string `json:"watermark,omitempty" maxLength:"100" doc:"What :since stands for"`
	Kind        string `json:"kind,omitempty" doc:"What the rows are; empty lets the program propose it."`
	MappingText string `json:"mapping_text,omitempty" maxLength:"65536" doc:"A mapping as YAML or JSON, answered in place of a proposed one; its kind counts."`
}

// Preview reads the first rows of a statement and proposes kind and mapping.
func (s *Sources) Preview(ctx context.Context, sourceID id.ID, ask Sample) (intake.Preview, error) {
	source, err := s.store.source(ctx, sourceID)
	if err != nil {
		return intake.Preview{}, err
	}
	uses, err := statement.Check(source.Driver, ask.Statement)
	if err != nil {
		return intake.Preview{}, err
	}
	if _, ok := parseMark(ask.Watermark); uses && !ok {
		const detail = "The SELECT uses :since; say from which value to begin: a number such as 0, or a date such as 1900-01-01."
		return intake.Preview{}, fault.New(fault.Invalid, "source.watermark", detail).At("watermark", detail)
	}
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	opened, _, err := s.session(ctx, sourceID, previewTime)
	if err != nil {
		return intake.Preview{}, err
	}
	defer opened.close()
	t, err := opened.query(ctx, ask.Statement, ask.Watermark)
	if err != nil {
		return intake.Preview{}, err
	}
	defer t.close()
	names, rows, err := firstRows(t, sampleRows)
	if err != nil {
		return intake.Preview{}, source.explain(err)
	}
	return s.cfg.Intake.PreviewTable(names, rows, source.Name+" "+source.Database, ask.Kind, ask.MappingText)
}

// Start begins a run of a feed as a job, for whoever acts in this context.
func (s *Sources) Start(ctx context.Context, feedID id.ID) (Run, job.Job, error) {
	f, err := s.store.feed(ctx, feedID)
	if err != nil {
		return Run{}, job.Job{}, err
	}
	return s.start(ctx, f)
}

func (s *Sources) start(ctx context.Context, f Feed) (run Run, j job.Job, err error) {
	source, err := s.store.source(ctx, f.SourceID)
	if err != nil {
		return Run{}, job.Job{}, err
	}
	run, err = s.store.begin(ctx, f, audit.ActorOf(ctx).Name, func(ctx context.Context, tx bun.Tx, run *Run) error {
		j, err = s.cfg.Jobs.Enqueue(ctx, tx, job.Spec{Kind: jobKind, Title: fmt.Sprintf("Read %s from %s", f.Name, source.Name), Args: jobArgs{run.ID}})
		run.JobID = j.ID
		return err
	})
	return run, j, err
}

// work is the handler of the job. It reads a feed into a file and starts its import.
func (s *Sources) work(ctx context.Context, at *job.Run, args jobArgs) (any, error) {
	run, err := s.store.run(ctx, args.RunID)
	if err != nil || run.State != Reading {
		return run, err
	}
	// The rights are those that the owner has now, and not those from when the feed was defined.
	if _, err = access.Decide(access.From(ctx), access.SourceManage); err == nil {
		run, err = s.read(ctx, run, at.Progress)
	}
	switch {
	case err == nil:
		return run, s.store.put(context.WithoutCancel(ctx), run)
	case errors.Is(context.Cause(ctx), job.ErrStopping):
		return nil, err // the job comes again when the server is back
	}
	if ctx.Err() != nil { // the driver may tell of it in words of its own
		err = ctx.Err()
	}
	why := sentence(err)
	if why == "" {
		why = "The run failed because of a fault in the program; the server's log has the details. Nothing of it was imported."
		s.cfg.Log.ErrorContext(ctx, "a source could not be read", "feed", run.FeedName, "run", run.ID, "error", err)
	}
	return nil, errors.Join(err, s.store.failed(ctx, run, why))
}

// read carries the run to where the import goes on, or to its end when there was nothing new.
func (s *Sources) read(ctx context.Context, run Run, progress func(done, total int64, note string)) (Run, error) {
	f, err := s.store.feed(ctx, run.FeedID)
	if err != nil {
		return run, err
	}
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	progress(0, 0, "Connecting")
	opened, source, err := s.session(limited, run.SourceID, runTime)
	if err != nil {
		return run, err
	}
	defer opened.close()
	if _, err := statement.Check(source.Driver, f.Statement); err != nil { // the driver may have been changed since
		return run, err
	}
	progress(0, 0, "Waiting for the first rows")
	t, err := opened.query(limited, f.Statement, run.Since)
	if err != nil {
		return run, err
	}
	defer t.close()
	var mark *watermark
	if f.WatermarkColumn != "" {
		mark = new(newWatermark(f.WatermarkColumn, run.Since))
	}
	file, some, err := newTableFile(limited, t, s.cfg.Limits, mark, func(rows int64) { progress(rows, 0, "Reading") })
	if err != nil {
		return run, err
	}
	if !some {
		run.State, run.EndedAt = Done, new(s.store.instant())
		return run, nil
	}
	return s.bring(limited, run, f, source, file)
}

// bring keeps the file and starts its import.
func (s *Sources) bring(ctx context.Context, run Run, f Feed, source Source, file *tableFile) (Run, error) {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:`, r) {
			return '-'
		}
		return r
	}, fmt.Sprintf("%s %s %s.csv", source.Name, f.Name, run.StartedAt.Format("2006-01-02 15.04")))
	kept, err := s.cfg.Intake.Upload(ctx, name, file)
	if err != nil {
		return run, err
	}
	request := intake.Request{Kind: f.Kind, FileIDs: []string{kept.ID}, Mapping: &f.Mapping, Dialect: new(tabular.PlainDialect())}
	if f.Mapping.Source == "" {
		request.Source = source.Name
	}
	begun, err := s.cfg.Intake.Start(ctx, request)
	if err != nil {
		return run, err
	}
	run.State, run.Rows, run.ImportID = Importing, file.rows, begun.Import.ID
	if file.mark != nil {
		run.Until = file.mark.text
	}
	return run, nil
}

// Tend settles the runs that have ended and starts the feeds whose turn has come. Call it from time to time.
func (s *Sources) Tend(ctx context.Context) error {
	if err := s.Settle(ctx); err != nil {
		return err
	}
	return s.startDue(ctx)
}

// Settle ends the runs whose import has ended: only then the watermark moves.
func (s *Sources) Settle(ctx context.Context) error {
	open, err := s.store.runs(ctx, runQuery{unfinished: true})
	if err != nil {
		return err
	}
	for _, run := range open {
		if err := s.settle(ctx, run); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sources) startDue(ctx context.Context) error {
	due, err := s.store.feeds(ctx, feedQuery{due: s.store.instant()})
	if err != nil {
		return err
	}
	s.inOrder(due) // a source reads one feed at a time, and the others stay due
	for _, f := range due {
		acting := audit.WithActor(ctx, audit.Actor{ID: f.OwnerID, Name: f.OwnerName})
		if _, _, err := s.start(acting, f); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// inOrder sorts feeds by their kinds: what others refer to comes first.
func (s *Sources) inOrder(feeds []Feed) {
	slices.SortStableFunc(feeds, func(a, b Feed) int {
		return cmp.Compare(s.cfg.Intake.Order(a.Kind), s.cfg.Intake.Order(b.Kind))
	})
}

// settle ends a run whose import has ended, or whose job has without it.
func (s *Sources) settle(ctx context.Context, run Run) error {
	if run.State == Importing {
		im, err := s.cfg.Intake.Import(ctx, run.ImportID)
		if err != nil {
			return err
		}
		switch im.State {
		case intake.Queued, intake.Running:
			return nil
		case intake.Accepted:
			run.State, run.EndedAt = Done, new(s.store.instant())
			return s.store.put(ctx, run)
		case intake.Failed, intake.Cancelled, intake.Removed:
		}
		return s.store.failed(ctx, run, cmp.Or(im.Error, "What was read was not imported."))
	}
	j, err := s.cfg.Jobs.Get(ctx, run.JobID)
	switch {
	case fault.Is(err, fault.NotFound):
		return s.store.failed(ctx, run, "The job that read this is gone. Nothing of it was imported.")
	case err != nil || !j.State.Ended():
		return err
	}
	if j.State == job.Done { // it ended between the two looks
		return nil
	}
	return s.store.failed(ctx, run, cmp.Or(j.Error, "The run was cancelled. Nothing of it was imported."))
}
