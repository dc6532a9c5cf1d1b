package quality

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Projection brings what people edited into the warehouse before it is checked.
type Projection interface {
	CatchUp(ctx context.Context) error
}

// Currency says in which currency, by its ISO code, the facts are counted.
type Currency interface {
	Base(ctx context.Context) (string, error)
}

// Imports tells of the imports that ended; *intake.Intake does.
type Imports interface {
	Settled(ctx context.Context) (intake.Settled, error)
}

// Customers is the operational store's word on who may see a customer; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Config is what a Checker works with; all of it is needed.
type Config struct {
	DB         *db.DB
	Warehouse  *engine.Warehouse
	Projection Projection
	Currency   Currency
	Imports    Imports
	Customers  Customers
	Clock      func() time.Time
}

// Checker makes data checks and shows them.
type Checker struct {
	cfg   Config
	store store

	sliceLines, sliceCustomers int64

	mu       sync.Mutex
	followed time.Time // when the last import had ended that brought a check about
}

// New returns a Checker.
func New(cfg Config) *Checker {
	return &Checker{cfg: cfg, store: store{db: cfg.DB}, sliceLines: sliceLines, sliceCustomers: sliceCustomers}
}

// JobKind is the kind of the jobs that check.
const JobKind = "quality_check"

type jobArgs struct {
	Cause Cause `json:"cause"`
}

// Jobs lets the runner execute checks. A run that died left nothing behind, so it is simply run again.
func (c *Checker) Jobs(r *job.Runner) {
	job.Handle(r, JobKind, func(ctx context.Context, run *job.Run, args jobArgs) (any, error) {
		report, err := c.Check(ctx, args.Cause, run.Progress)
		if err != nil {
			return nil, err
		}
		return report.run(), nil
	}, job.Restartable())
}

// Spec describes the job that checks; one that was asked for runs at a time, and one that imports brought about, so that
// nobody's asking is refused for a check that they did not start and cannot see.
func Spec(cause Cause) job.Spec {
	return job.Spec{Kind: JobKind, Title: "Data check", Args: jobArgs{Cause: cause}, Unique: true, Key: string(cause)}
}

// cheap is how long the last check may have taken for an import to bring the next about by itself.
const cheap = 20 * time.Second

// FollowImports starts a check when imports have ended since the last one began, none is under way, and the last check was
// quick: then one check sees them all. A check that fails is not repeated until the next import.
func (c *Checker) FollowImports(ctx context.Context, r *job.Runner) error {
	settled, err := c.cfg.Imports.Settled(ctx)
	if err != nil || settled.At.IsZero() || settled.Unfinished > 0 {
		return err
	}
	last, err := c.store.get(ctx, "")
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !settled.At.After(last.CreatedAt) || !settled.At.After(c.followed) || time.Duration(last.Milliseconds)*time.Millisecond > cheap {
		return nil
	}
	_, err = r.Submit(ctx, Spec(ByImport))
	if fault.Is(err, fault.Conflict) { // it may have begun before the import ended; whether it did shows when it is done
		return nil
	}
	c.followed = settled.At
	return err
}

// Report returns what a check found, the latest one without an id. Faults: quality.empty, quality.not_found.
func (c *Checker) Report(ctx context.Context, runID id.ID) (Report, error) {
	return c.store.get(ctx, runID)
}

// Runs returns up to limit checks, the latest first, those before an id unless it is empty.
func (c *Checker) Runs(ctx context.Context, before id.ID, limit int) ([]Run, error) {
	return c.store.list(ctx, before, limit)
}

// Check looks through all data as of today and keeps the report.
func (c *Checker) Check(ctx context.Context, cause Cause, progress func(done, total int64, note string)) (Report, error) {
	began := c.cfg.Clock().UTC().Truncate(time.Microsecond)
	settled, err := c.cfg.Imports.Settled(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("check the data: %w", err)
	}
	currency, err := c.cfg.Currency.Base(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("check the data: %w", err)
	}
	r := Report{ID: id.New(), AsOf: date.Of(began), Cause: cause, ImportNo: settled.No, CreatedAt: began,
		CreatedByName: access.From(ctx).Name, Currency: currency, Kinds: []KindReport{}}
	if cause == ByImport {
		r.CreatedByName = ""
	}
	progress(0, 0, "Catching up with changes")
	if err := c.cfg.Projection.CatchUp(ctx); err != nil {
		return Report{}, fmt.Errorf("check the data: %w", err)
	}
	// In a transaction, so that all figures are of the same moment and no time limit cuts a long question off. It only reads:
	// what is imported and scored meanwhile need not wait for it.
	err = c.cfg.Warehouse.Read(ctx, func(tx *engine.Tx) error {
		return r.examine(ctx, examination{tx: tx, asOf: r.AsOf, currency: currency}, progress)
	})
	if err != nil {
		return Report{}, fmt.Errorf("check the data: %w", err)
	}
	r.Milliseconds = c.cfg.Clock().Sub(began).Milliseconds()
	return r, c.store.put(ctx, r)
}

func (r *Report) examine(ctx context.Context, x examination, progress func(done, total int64, note string)) error {
	all := kinds()
	total := int64(len(all)) + 1
	for i, k := range all {
		progress(int64(i), total, "Looking through "+k.key)
		report, err := x.kind(ctx, k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.key, err)
		}
		r.Kinds = append(r.Kinds, report)
	}
	progress(total-1, total, "Adding up the months")
	var err error
	if r.Months, err = x.months(ctx); err != nil {
		return err
	}
	if lines := r.kind("purchases"); lines.Records > 0 {
		lines.Findings = append(lines.Findings, monthFindings(r.Months)...)
	}
	for i := range r.Kinds {
		r.Kinds[i].grade()
	}
	return nil
}
