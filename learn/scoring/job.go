package scoring

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
)

// JobKind is the kind of the jobs that score.
const JobKind = "score"

// JobArgs are the arguments of such a job.
type JobArgs struct {
	AsOf date.Date `json:"as_of"`
}

// Jobs lets the runner execute scoring; scored is told of each date that has a version. A run that died left nothing
// behind, so it is simply run again.
func (s *Scorer) Jobs(r *job.Runner, scored func(ctx context.Context, asOf date.Date) error) {
	job.Handle(r, JobKind, func(ctx context.Context, run *job.Run, args JobArgs) (any, error) {
		v, err := s.Score(ctx, args.AsOf, run.Progress)
		if err != nil {
			return nil, err
		}
		return v, scored(ctx, args.AsOf)
	}, job.Restartable())
}

// Spec describes the job that scores as of a date; one of a date runs at a time.
func Spec(asOf date.Date) job.Spec {
	return job.Spec{Kind: JobKind, Title: "Score as of " + string(asOf), Args: JobArgs{AsOf: asOf}, Unique: true, Key: string(asOf)}
}
