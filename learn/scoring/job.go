package scoring

import (
	"context"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
)

// JobKind is the kind of the jobs that score.
const JobKind = "score"

// JobArgs are the arguments of such a job.
type JobArgs struct {
	From date.Date `json:"from,omitempty"` // the months' ends from here on are scored too, where they were not yet
	AsOf date.Date `json:"as_of"`
}

// maxMonths is how many months' ends one job scores at most.
const maxMonths = 120

// monthEnds are the last days of the months from a date on, before asOf.
func monthEnds(from, asOf date.Date) []date.Date {
	var all []date.Date
	for end := from.MonthStart().AddMonths(1).AddDays(-1); end < asOf && len(all) <= maxMonths; end = end.AddDays(1).AddMonths(1).AddDays(-1) {
		all = append(all, end)
	}
	return all
}

// missing returns those of the dates that have no version.
func (s *Scorer) missing(ctx context.Context, dates []date.Date) ([]date.Date, error) {
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(dates, func(d date.Date) bool {
		return slices.ContainsFunc(all, func(v Version) bool { return v.AsOf == d })
	}), nil
}

// Jobs lets the runner execute scoring; scored is told of each date that has a version. A run that died left at most whole
// versions behind, so it is simply run again.
func (s *Scorer) Jobs(r *job.Runner, scored func(ctx context.Context, asOf date.Date) error) {
	job.Handle(r, JobKind, func(ctx context.Context, run *job.Run, args JobArgs) (any, error) {
		var past []date.Date
		if args.From != "" {
			var err error
			if past, err = s.missing(ctx, monthEnds(args.From, args.AsOf)); err != nil {
				return nil, err
			}
		}
		var v Version
		for i, asOf := range append(past, args.AsOf) {
			progress := run.Progress
			if len(past) > 0 {
				progress = func(done, total int64, note string) {
					const parts = 100
					run.Progress(int64(i)*parts+parts*done/max(total, 1), int64(len(past)+1)*parts, string(asOf)+": "+note)
				}
			}
			var err error
			if v, err = s.Score(ctx, asOf, progress); err != nil {
				return nil, err
			}
			if err := scored(ctx, asOf); err != nil {
				return nil, err
			}
		}
		return v, nil
	}, job.Restartable())
}

// Spec describes the job that scores as of a date; one of a date runs at a time.
func Spec(asOf date.Date) job.Spec {
	return job.Spec{Kind: JobKind, Title: "Score as of " + string(asOf), Args: JobArgs{AsOf: asOf}, Unique: true, Key: string(asOf)}
}

// SpecFrom describes the job that scores the months' ends from a date on, where they were not yet, and then the date.
func SpecFrom(from, asOf date.Date) job.Spec {
	return job.Spec{Kind: JobKind, Title: fmt.Sprintf("Score the months from %s to %s", from, asOf), Args: JobArgs{From: from, AsOf: asOf}, Unique: true, Key: string(asOf)}
}
