package load

import (
	"context"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/reject"
)

// Outcome is what a run gave.
type Outcome struct {
	Read     int64
	Counts   Counts
	Rejected int64
	Stubs    int64
	Note     string
}

// New returns the staging of an import's files.
func New(folder *tabular.Folder, kind Kind, im Import, files, lookups []tabular.File) *Staging {
	s := &Staging{folder: folder, kind: kind, im: im, mapping: im.Mapping, files: files, lookups: lookups}
	if im.Dialect != nil {
		s.said = *im.Dialect
	}
	return s
}

// Load stages the files, which are prepared, and lets the kind load them, in an open transaction. kinds are all kinds by
// their keys: the mapping may want records of others made.
func (s *Staging) Load(ctx context.Context, tx *engine.Tx, w Way, kinds map[string]Kind, progress func(done, total int64, note string)) (Outcome, error) {
	out, _, err := s.run(ctx, tx, w, kinds, progress, false)
	return out, err
}

// Try does the same and returns the first rows that changed something. The caller keeps nothing of it.
func (s *Staging) Try(ctx context.Context, tx *engine.Tx, w Way, kinds map[string]Kind, progress func(done, total int64, note string)) (Outcome, []Shown, error) {
	out, b, err := s.run(ctx, tx, w, kinds, progress, true)
	if err != nil {
		return out, nil, err
	}
	if s.kind.Fact && s.kind.Shown != "" {
		if err := b.showFacts(ctx); err != nil {
			return out, nil, err
		}
	}
	return out, append([]Shown{}, b.shown...), nil
}

func (s *Staging) run(ctx context.Context, tx *engine.Tx, w Way, kinds map[string]Kind, progress func(done, total int64, note string), trial bool) (Outcome, *Batch, error) {
	if err := s.stage(ctx, tx, w, progress); err != nil {
		return Outcome{}, nil, err
	}
	if err := s.findBad(ctx, tx); err != nil {
		return Outcome{}, nil, err
	}
	good := s.read - s.list.count
	b := &Batch{Tx: tx, Import: s.im, kind: s.kind, rejects: s.list, progress: progress, total: good, mapped: s.mapped(), trial: trial}
	if err := b.makeStubs(ctx, kinds); err != nil {
		return Outcome{}, nil, err
	}
	progress(0, good, "Loading")
	counts, err := s.kind.Load(ctx, b)
	if err != nil {
		return Outcome{}, nil, err
	}
	progress(good, good, "Finishing")
	out, err := s.account(counts)
	out.Stubs = b.stubs
	return out, b, err
}

// account adds the counts up and refuses an import that does not: a row that went nowhere must not be found by accident.
func (s *Staging) account(c Counts) (Outcome, error) {
	out := Outcome{Read: s.read, Rejected: s.list.count, Counts: c}
	for _, src := range s.sources {
		out.Read += src.BrokenRows
		out.Rejected += src.BrokenRows
	}
	if sum := c.Created + c.Updated + c.Unchanged + out.Rejected; sum != out.Read {
		return Outcome{}, fmt.Errorf("the loader of %s accounts for %d of %d rows", s.kind.Key, sum, out.Read)
	}
	if out.Rejected > reject.Max {
		out.Note = fmt.Sprintf("The first %d rejected rows are kept; %d were rejected.", reject.Max, out.Rejected)
	}
	return out, nil
}

func (s *Staging) mapped() map[string]bool {
	mapped := map[string]bool{}
	for _, plans := range s.plans {
		for _, p := range plans {
			mapped[p.Field.Name] = true
		}
	}
	return mapped
}
