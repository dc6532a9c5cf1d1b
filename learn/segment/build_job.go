package segment

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/learn/criterion"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed mask.sql
	maskSQL string
	//go:embed change.sql
	changeSQL string
	//go:embed built.sql
	builtSQL string
)

// JobKind is the kind of the jobs that work the past of live segments out anew.
const JobKind = "segment_rebuild"

type jobArgs struct{}

// Jobs lets the runner rebuild. What is up to date is left alone, so a run that died is simply run again.
func (b *Book) Jobs(r *job.Runner) {
	job.Handle(r, JobKind, func(ctx context.Context, run *job.Run, _ jobArgs) (any, error) {
		return nil, b.Rebuild(ctx, run.Progress)
	}, job.Restartable())
}

// spec describes such a job; many may wait, and all but the first find nothing to do.
func spec(name string) job.Spec {
	return job.Spec{Kind: JobKind, Title: "Work out the segment " + name, Args: jobArgs{}}
}

// pair is a live segment on a scored date.
type pair struct {
	segment id.ID
	asOf    date.Date
}

// state is what a segment's figures of a date were worked out from.
type state struct {
	version, before int64
	print           string // of the rule in both versions
	customers       int64
}

// built returns what was worked out for which dates.
func (b *Book) built(ctx context.Context) (map[pair]state, error) {
	found, err := b.cfg.Warehouse.Query(ctx, "SELECT cast(segment_id AS varchar), as_of, version, before, print, customers FROM segment_built", nil)
	if err != nil {
		return nil, fmt.Errorf("read what of segments is worked out: %w", err)
	}
	all := map[pair]state{}
	err = each(found, func() error {
		var p pair
		var s state
		if err := found.Scan(&p.segment, &p.asOf, &s.version, &s.before, &s.print, &s.customers); err != nil {
			return err
		}
		all[p] = s
		return nil
	})
	return all, err
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// errMoved: the customers were scored again while the segments were worked out.
var errMoved = errors.New("a version was replaced meanwhile")

// tries is how often the work begins again because of that.
const tries = 5

// Progress is told what is done; it must not wait.
type Progress func(done, total int64, note string)

// Rebuild works out, for each scored date, how many are in each live segment and who entered or left since the date before.
// What is still true is left alone: after a scoring that is the work of one or two dates, after a change of a rule that
// segment's alone. All segments are worked out together: a version is read once, each customer's memberships are the bits of
// one number, and only customers whose number differs between two versions are written down.
func (b *Book) Rebuild(ctx context.Context, progress Progress) error {
	b.building.Lock()
	defer b.building.Unlock()
	if progress == nil {
		progress = func(int64, int64, string) {}
	}
	for range tries {
		err := b.rebuild(ctx, progress)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fault.New(fault.Conflict, "segment.scored_again", "The customers were scored again and again while the segments were worked out. Try again when scoring has ended.")
}

// edition is a version with every live segment's rule criterion.Compiled for it; one whose rule does not work there is absent.
type edition struct {
	version scoring.Version
	rules   map[id.ID]criterion.Compiled
}

func (b *Book) rebuild(ctx context.Context, progress Progress) error {
	live, err := b.live(ctx)
	if err != nil {
		return err
	}
	editions, err := b.editions(ctx, live)
	if err != nil {
		return err
	}
	built, err := b.built(ctx)
	if err != nil {
		return err
	}
	fresh := map[pair]bool{}
	for i := range editions {
		progress(int64(i), int64(len(editions)), string(editions[i].version.AsOf))
		var before *edition
		if i > 0 {
			before = &editions[i-1]
		}
		todo := map[id.ID]state{}
		for _, g := range live {
			of := g.ID
			want, works := editions[i].want(of, before)
			if !works {
				continue
			}
			where := pair{of, editions[i].version.AsOf}
			fresh[where] = true
			if has, ok := built[where]; !ok || has.version != want.version || has.before != want.before || has.print != want.print {
				todo[of] = want
			}
		}
		if err := b.work(ctx, editions[i], before, todo); err != nil {
			return err
		}
	}
	for at := range built {
		if !fresh[at] { // the date is gone, the segment, or its rule no longer works
			if err := b.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error { return forget(ctx, tx, at.asOf, []id.ID{at.segment}) }); err != nil {
				return fmt.Errorf("forget a segment's past: %w", err)
			}
		}
	}
	progress(int64(len(editions)), int64(len(editions)), "Done")
	return nil
}

// want is what the segment's figures should be worked out from; false where its rule does not work.
func (e edition) want(of id.ID, before *edition) (state, bool) {
	now, works := e.rules[of]
	if !works {
		return state{}, false
	}
	s := state{version: e.version.Version, print: hash(now.Print())}
	if before != nil {
		if then, worked := before.rules[of]; worked {
			s.before, s.print = before.version.Version, s.print+hash(then.Print())
		}
	}
	return s, true
}

// live returns the live segments.
func (b *Book) live(ctx context.Context) ([]*Segment, error) {
	all, err := b.store.list(ctx, b.store.db.Read(), nil)
	return slices.DeleteFunc(all, func(g *Segment) bool { return g.Kind != Live }), err
}

// editions compiles live segments for every version, the earliest first.
func (b *Book) editions(ctx context.Context, live []*Segment) ([]edition, error) {
	compilers, err := b.compilers(ctx)
	if err != nil || len(live) == 0 {
		return nil, err
	}
	versions, err := b.cfg.Versions.List(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(versions)
	all := make([]edition, len(versions))
	for i, v := range versions {
		full, err := b.cfg.Versions.Find(ctx, v.AsOf) // with what the steps kept
		if err != nil || full.Version != v.Version {
			return nil, errors.Join(errMoved, err)
		}
		c, err := at(compilers, full, b.cfg.Measures)
		if err != nil {
			return nil, err
		}
		all[i] = edition{version: full, rules: map[id.ID]criterion.Compiled{}}
		for _, g := range live {
			made, err := kept(ctx, c, g)
			if fault.Is(err, fault.Malformed) {
				continue
			}
			if err != nil {
				return nil, err
			}
			all[i].rules[g.ID] = made
		}
	}
	return all, nil
}

// bits is how many segments one number holds.
const bits = 60

// work writes the figures of some segments on one date.
func (b *Book) work(ctx context.Context, now edition, before *edition, todo map[id.ID]state) error {
	var order []id.ID
	for of := range todo {
		order = append(order, of)
	}
	slices.Sort(order)
	for some := range slices.Chunk(order, bits) {
		err := b.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error { return b.workOut(ctx, tx, now, before, some, todo) })
		if errors.Is(err, errMoved) {
			return err
		}
		if err != nil {
			return fmt.Errorf("work out the segments as of %s: %w", now.version.AsOf, err)
		}
	}
	return nil
}

func (b *Book) workOut(ctx context.Context, tx *engine.Tx, now edition, before *edition, some []id.ID, todo map[id.ID]state) error {
	if err := stands(ctx, tx, now.version, before); err != nil {
		return err
	}
	if err := forget(ctx, tx, now.version.AsOf, some); err != nil {
		return err
	}
	if err := mask(ctx, tx, "segment_now", now, some); err != nil {
		return err
	}
	args := engine.Args{"as_of": now.version.AsOf, "version": now.version.Version}
	if _, err := tx.Exec(ctx, builtSQL, args, engine.Hole{Name: "segments", Clause: places(some, todo)}); err != nil {
		return err
	}
	compared := slices.DeleteFunc(slices.Clone(some), func(of id.ID) bool { return todo[of].before == 0 })
	if len(compared) == 0 {
		return nil
	}
	// The bits must be those of segment_now, so all of some are asked of the version before, where they work.
	if err := mask(ctx, tx, "segment_before", *before, some); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, changeSQL, args, engine.Hole{Name: "segments", Clause: places(some, todo)})
	return err
}

// stands makes sure that the versions were not replaced since they were read.
func stands(ctx context.Context, tx *engine.Tx, now scoring.Version, before *edition) error {
	then := now.Version
	if before != nil {
		then = before.version.Version
	}
	found, err := tx.Query(ctx, "SELECT count(*) FROM score_version WHERE version = :now OR version = :then", engine.Args{"now": now.Version, "then": then})
	if err != nil {
		return err
	}
	var n int64
	if err := each(found, func() error { return found.Scan(&n) }); err != nil {
		return err
	}
	if n < 2 && before != nil || n < 1 {
		return errMoved
	}
	return nil
}

func forget(ctx context.Context, tx *engine.Tx, asOf date.Date, some []id.ID) error {
	which, err := filter.Compile(filter.In("segment", some...), filter.Columns{"segment": "segment_id"})
	if err != nil {
		return err
	}
	for _, table := range []string{"segment_built", "segment_change"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE as_of = :as_of AND {{which}}", engine.Args{"as_of": asOf}, engine.Hole{Name: "which", Clause: which}); err != nil {
			return err
		}
	}
	return nil
}

// mask makes a table of the customers who are in any of the segments, each with the bits of those it is in.
func mask(ctx context.Context, tx *engine.Tx, table string, e edition, some []id.ID) error {
	sum, today := filter.Clause{SQL: "cast(0 AS bigint)"}, false
	for i, of := range some {
		made, works := e.rules[of]
		if !works {
			continue
		}
		sum.SQL += fmt.Sprintf(" + CASE WHEN %s THEN %d ELSE 0 END", made.Clause.SQL, int64(1)<<i)
		sum.Args = append(sum.Args, made.Clause.Args...)
		today = today || made.Today
	}
	_, err := tx.Temp(ctx, "CREATE TEMP TABLE "+table+" AS\n"+maskSQL, engine.Args{"version": e.version.Version},
		engine.Hole{Name: "mask", Clause: sum}, engine.Hole{Name: "rows", Clause: criterion.Rows(today)})
	return err
}

// places lists the segments with their bits and what their figures are worked out from.
func places(some []id.ID, todo map[id.ID]state) filter.Clause {
	c := filter.Clause{SQL: "(VALUES "}
	for i, of := range some {
		if i > 0 {
			c.SQL += ", "
		}
		c.SQL += "(cast(? AS uuid), cast(? AS bigint), cast(? AS bigint), ?)"
		c.Args = append(c.Args, of, int64(1)<<i, todo[of].before, todo[of].print)
	}
	c.SQL += ") AS g(segment_id, bit, before, print)"
	return c
}

// moveCount is how many entered and left a live segment on a date.
type moveCount struct {
	segment       id.ID
	asOf          date.Date
	entered, left int64
}

// moved counts who within reach entered and left live segments after a date; of one segment, or of all for "".
func (b *Book) moved(ctx context.Context, reach access.Reach, segmentID id.ID, since date.Date) ([]moveCount, error) {
	within, err := scoring.Within(reach)
	if err != nil {
		return nil, err
	}
	which := filter.Clause{SQL: "true"}
	if segmentID != "" {
		which = filter.Clause{SQL: "s.segment_id = ?", Args: []any{segmentID}}
	}
	found, err := b.cfg.Warehouse.Query(ctx, movedSQL, engine.Args{"since": since}, engine.Hole{Name: "which", Clause: which}, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return nil, fmt.Errorf("read the past of segments: %w", err)
	}
	var all []moveCount
	err = each(found, func() error {
		var m moveCount
		err := found.Scan(&m.segment, &m.asOf, &m.entered, &m.left)
		all = append(all, m)
		return err
	})
	return all, err
}
