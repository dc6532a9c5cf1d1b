package intake

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/load"
	"github.com/kvadrant/kvadrant/know/reject"
)

// trialKind is the kind of job that finds out what an import would do.
const trialKind = "import_trial"

// trialReasons is how many reasons a trial tells.
const trialReasons = 50

// Trial is what an import would do.
type Trial struct {
	Kind      string `json:"kind"`
	Read      int64  `json:"read" doc:"created + updated + unchanged + rejected"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Rejected  int64  `json:"rejected"`
	Stubs     int64  `json:"stubs" doc:"Customers and products that would be made of their code alone."`

	Reasons []TrialReason `json:"reasons" nullable:"false" doc:"Why rows would be rejected, the most frequent first."`
	Rows    []load.Shown  `json:"rows" nullable:"false" doc:"The first rows that would change something."`
}

// TrialReason is why some rows would be rejected.
type TrialReason struct {
	Field   string `json:"field,omitempty"`
	Column  string `json:"column"`
	Code    string `json:"code,omitempty"`
	Rows    int64  `json:"rows"`
	Example Reject `json:"example"`
}

// StartTrial starts the job that finds out what an import would do; its result is a [Trial]. Errors: as those of Start.
func (in *Intake) StartTrial(ctx context.Context, r Request) (job.Job, error) {
	im, _, _, err := in.compose(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	r.Mapping, r.Dialect, r.Follows = &im.Mapping, im.Dialect, im.Follows
	return in.cfg.Jobs.Submit(ctx, job.Spec{Kind: trialKind, Title: "Try the import of " + strings.ToLower(in.kinds[im.Kind].Label) + " from " + im.Files[0].Name, Args: r})
}

func (in *Intake) workTrial(ctx context.Context, run *job.Run, r Request) (any, error) {
	return in.Try(ctx, r, run.Progress)
}

// errTried rolls the transaction of a trial back.
var errTried = errors.New("only tried")

// Try carries an import out in full and keeps nothing of it.
func (in *Intake) Try(ctx context.Context, r Request, progress func(done, total int64, note string)) (t Trial, err error) {
	im, files, lookups, err := in.compose(ctx, r)
	if err != nil {
		return Trial{}, err
	}
	err = in.whenReady(ctx, progress, func() error {
		t, err = in.tryNow(ctx, im, files, lookups, progress)
		return err
	})
	return t, err
}

func (in *Intake) tryNow(ctx context.Context, im Import, files, lookups []File, progress func(done, total int64, note string)) (Trial, error) {
	if in.cfg.CatchUp != nil {
		progress(0, 0, "Bringing the warehouse up to date")
		if err := in.cfg.CatchUp(ctx); err != nil {
			return Trial{}, err
		}
	}
	ctx = db.Rehearse(ctx)
	var w load.Way
	for {
		t, err := in.tryOnce(ctx, im, in.staging(im, files, lookups), w, progress)
		var again *load.ErrAgain
		if !errors.As(err, &again) {
			return t, err
		}
		w = again.Way
	}
}

func (in *Intake) tryOnce(ctx context.Context, im Import, s *load.Staging, w load.Way, progress func(done, total int64, note string)) (t Trial, err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	progress(0, 0, "Preparing the files")
	if err := s.Prepare(ctx, w); err != nil {
		return Trial{}, err
	}
	err = in.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error {
		out, rows, err := s.Try(ctx, tx, w, in.kinds, progress)
		if err != nil {
			return err
		}
		t = Trial{Kind: im.Kind, Read: out.Read, Created: out.Counts.Created, Updated: out.Counts.Updated, Unchanged: out.Counts.Unchanged,
			Rejected: out.Rejected, Stubs: out.Stubs, Rows: rows}
		return errTried
	})
	if !errors.Is(err, errTried) {
		return Trial{}, err
	}
	rejects, err := s.Rejects(ctx)
	t.Reasons = grouped(rejects)
	return t, err
}

// grouped counts rejects by column and reason, the most frequent first. Values that a reason repeats do not tell it apart.
func grouped(rejects []reject.Reject) []TrialReason {
	at := map[string]int{}
	all := []TrialReason{}
	for _, r := range rejects {
		what := r.Reason
		if r.Code != "" {
			what = r.Code
		} else if r.Value != "" {
			what = strings.ReplaceAll(what, r.Value, "…")
		}
		key := r.Column + "\x00" + what
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, TrialReason{Field: r.Field, Column: r.Column, Code: r.Code, Example: r})
		}
		all[i].Rows++
	}
	slices.SortStableFunc(all, func(a, b TrialReason) int { return int(b.Rows - a.Rows) })
	return all[:min(len(all), trialReasons)]
}
