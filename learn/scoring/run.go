package scoring

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/money"
)

// Projection brings what people edited into the warehouse before it is scored.
type Projection interface {
	CatchUp(ctx context.Context) error
}

// Window says how many months up to the date count.
type Window interface {
	WindowMonths(ctx context.Context) (int, error)
}

// Currency says in which currency, by its ISO code, the facts are counted.
type Currency interface {
	Base(ctx context.Context) (string, error)
}

// Config is what a Scorer works with; all of it is needed but Clock.
type Config struct {
	Warehouse  *engine.Warehouse
	Projection Projection
	Window     Window
	Currency   Currency
	Steps      []Step
	Clock      func() time.Time // nil is time.Now
}

// Scorer scores all customers and finds the versions.
type Scorer struct {
	cfg        Config
	layout     layout
	remembered remembered
}

// New returns a Scorer. An error says which step is wrongly made.
func New(cfg Config) (*Scorer, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if err := validate(cfg.Steps); err != nil {
		return nil, err
	}
	return &Scorer{cfg: cfg, layout: newLayout(cfg.Steps)}, nil
}

// Schema returns the texts of the warehouse tables that the steps need, for engine.Config.
func Schema(steps []Step) ([]string, error) {
	if err := validate(steps); err != nil {
		return nil, err
	}
	return newLayout(steps).schema(), nil
}

// Progress is told what a run does; it must not wait.
type Progress func(done, total int64, note string)

// Score makes the version of a date from everything known on or before it, and replaces the former version of that date.
// It returns a fault Invalid for a date that is none or that lies after tomorrow (facts of the future are not actual).
func (s *Scorer) Score(ctx context.Context, asOf date.Date, progress Progress) (Version, error) {
	months, err := s.cfg.Window.WindowMonths(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("score %s: %w", asOf, err)
	}
	return s.scoreWindow(ctx, asOf, months, progress)
}

func (s *Scorer) scoreWindow(ctx context.Context, asOf date.Date, months int, progress Progress) (Version, error) {
	now := s.cfg.Clock().UTC()
	if err := checkDate(asOf, date.Of(now)); err != nil {
		return Version{}, err
	}
	if progress == nil {
		progress = func(int64, int64, string) {}
	}
	currency, err := s.cfg.Currency.Base(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("score %s: %w", asOf, err)
	}
	r := &run{layout: s.layout, progress: progress, total: int64(2 + len(s.layout.steps) + len(s.layout.finish()))}
	r.tick("Catching up with changes")
	if err := s.cfg.Projection.CatchUp(ctx); err != nil {
		return Version{}, fmt.Errorf("score %s: %w", asOf, err)
	}
	v := Version{AsOf: asOf, WindowMonths: months, Scenario: Actual, ComputedAt: now.Truncate(time.Microsecond), Cuts: map[string]json.RawMessage{}}
	snapshot := &Snapshot{AsOf: asOf, From: v.From(), WindowMonths: months, FinePerMinor: money.FinePerMinor(currency)}
	err = s.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		snapshot.tx = tx
		return r.write(ctx, snapshot, &v)
	})
	if err != nil {
		return Version{}, fmt.Errorf("score %s: %w", asOf, err)
	}
	progress(r.total, r.total, "Done")
	return v, nil
}

// earliest is the first date worth scoring; what lies before is a slip of the keyboard.
const earliest = date.Date("1900-01-01")

func checkDate(asOf, today date.Date) error {
	return fault.Check("scoring.invalid_date").
		That(asOf.Valid() && asOf >= earliest, "as_of", "Give the date to score as of, such as %s.", today).
		// Somebody east of Greenwich is already in tomorrow.
		That(!asOf.Valid() || asOf <= today.AddDays(1), "as_of", "%s lies in the future; score as of today (%s) or earlier.", asOf, today).
		Err()
}

func checkSpan(from, asOf date.Date) error {
	check := fault.Check("scoring.invalid_span").
		That(from.Valid() && from >= earliest && from < asOf, "from", "Give a date before %s.", asOf)
	if from.Valid() && from >= earliest {
		check.That(len(monthEnds(from, asOf)) <= maxMonths, "from", "That is more than %d months; score them in parts.", maxMonths)
	}
	return check.Err()
}

// run is one computation of a version.
type run struct {
	layout      layout
	progress    Progress
	done, total int64
}

func (r *run) tick(note string) {
	r.progress(r.done, r.total, note)
	r.done++
}

// write computes the version and puts it in the place of the date's former one, all in the snapshot's transaction.
func (r *run) write(ctx context.Context, s *Snapshot, v *Version) error {
	args := s.args()
	for _, step := range r.layout.steps {
		if err := r.compute(ctx, s, step, args, v.Cuts); err != nil {
			return fmt.Errorf("step %s: %w", step.Name, err)
		}
	}
	if err := s.drop(ctx, slices.Sorted(maps.Keys(s.shared))); err != nil {
		return err
	}
	next, err := one[int64](ctx, s, nextVersionSQL)
	if err != nil {
		return err
	}
	v.Version = next
	args["version"] = next
	used, err := r.layout.in(*v)
	if err != nil {
		return err
	}
	for _, st := range used.finish() {
		r.tick(st.note)
		if _, err := st.write(s.tx, ctx, st.sql, args); err != nil {
			return fmt.Errorf("%s: %w", st.note, err)
		}
	}
	if v.Customers, err = one[int64](ctx, s, "SELECT count(*) FROM ranks"); err != nil {
		return err
	}
	r.tick("Replacing the former version")
	return r.layout.replace(ctx, s.tx, *v)
}

func (r *run) compute(ctx context.Context, s *Snapshot, step Step, args engine.Args, cuts map[string]json.RawMessage) error {
	st := r.layout.step(step)
	r.tick(st.note)
	var holes []engine.Hole
	if step.Resolve != nil {
		resolved, err := step.Resolve(ctx, s)
		if err != nil {
			return err
		}
		maps.Copy(args, resolved.Args)
		holes = resolved.Holes
		if cuts[step.Name], err = json.Marshal(resolved.Keep); err != nil {
			return err
		}
		if step, err = step.used(cuts); err != nil || len(step.Columns) == 0 {
			return err
		}
	}
	if _, err := st.write(s.tx, ctx, st.sql, args, holes...); err != nil {
		return err
	}
	for _, k := range step.Keeps {
		if _, err := s.tx.Temp(ctx, "CREATE TEMP TABLE "+k.table()+" AS\n"+k.SQL, args); err != nil {
			return fmt.Errorf("keep %s: %w", k.Name, err)
		}
	}
	return s.drop(ctx, s.made)
}

// drop removes temporary tables that nobody reads any more: they take room that the engine would write to disk to make.
func (s *Snapshot) drop(ctx context.Context, tables []string) error {
	for _, table := range tables {
		if _, err := s.tx.Temp(ctx, "DROP TABLE "+table, nil); err != nil {
			return fmt.Errorf("make room: %w", err)
		}
	}
	s.made = nil
	return nil
}

// Ask asks a question that has one row, with the run's parameters and more, and scans it into values.
func (s *Snapshot) Ask(ctx context.Context, text string, more engine.Args, values ...any) error {
	found := false
	err := s.Each(ctx, text, more, func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(values...)
	})
	if err == nil && !found {
		err = fmt.Errorf("the question has no row: %s", text)
	}
	return err
}

// Each asks a question, with the run's parameters and more, and gives its rows to read one by one.
func (s *Snapshot) Each(ctx context.Context, text string, more engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	rows, err := s.tx.Query(ctx, text, s.with(more), holes...)
	if err != nil {
		return err
	}
	return engine.Each(rows, func() error { return read(rows) })
}

// Make makes a temporary table as a statement says, for the rest of the step.
func (s *Snapshot) Make(ctx context.Context, text string, more engine.Args, holes ...engine.Hole) error {
	made := createTemp.FindStringSubmatch(text)
	if made == nil {
		return fmt.Errorf("the statement makes no temporary table: %s", text)
	}
	_, err := s.tx.Temp(ctx, text, s.with(more), holes...)
	s.made = append(s.made, made[1])
	return err
}

var createTemp = regexp.MustCompile(`(?m)^CREATE TEMP TABLE (\w+)`)

// Share makes a temporary table of the answer, unless a step before has made it: what several steps ask of the facts is asked
// once in a run.
func (s *Snapshot) Share(ctx context.Context, table, text string) error {
	if s.shared[table] {
		return nil
	}
	if _, err := s.tx.Temp(ctx, "CREATE TEMP TABLE "+table+" AS\n"+text, s.args()); err != nil {
		return err
	}
	if s.shared == nil {
		s.shared = map[string]bool{}
	}
	s.shared[table] = true
	return nil
}

// Fill writes rows in bulk into a table that Make made; next is as of engine.Tx.Append.
func (s *Snapshot) Fill(ctx context.Context, table string, columns []string, next func() ([]any, bool, error)) error {
	_, err := s.tx.Fill(ctx, table, columns, next)
	return err
}

func (s *Snapshot) with(more engine.Args) engine.Args {
	args := s.args()
	maps.Copy(args, more)
	return args
}

func one[T any](ctx context.Context, s *Snapshot, text string) (T, error) {
	var value T
	err := s.Ask(ctx, text, nil, &value)
	return value, err
}
