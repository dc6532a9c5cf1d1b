package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// Answers remembers what was answered about versions, which never change, and about the warehouse, until something is
// written to it. It holds so many answers at most and forgets the oldest. Whoever is given an answer does not change it: the
// next one is given the same.
type Answers[T any] struct {
	warehouse *engine.Warehouse
	most      int

	mu    sync.Mutex // guards what follows
	known map[string]answer[T]
	order []string

	asking singleflight.Group
}

// answer holds on to the mark that is part of its key, so that no other can be taken for it.
type answer[T any] struct {
	of   T
	mark engine.Mark
}

// NewAnswers returns a memory of at most so many answers.
func NewAnswers[T any](w *engine.Warehouse, most int) *Answers[T] {
	return &Answers[T]{warehouse: w, most: most, known: map[string]answer[T]{}}
}

// OfVersion answers a question that depends on nothing but the version and what the key tells, whose parts must be fit for
// JSON. Of those who ask at once, one is sent and the others wait. An error is not remembered, nor does it count for others:
// it may be that the one who was sent went away.
func (a *Answers[T]) OfVersion(v Version, ask func() (T, error), key ...any) (T, error) {
	return a.get(engine.Mark{}, append(key, v.Version, v.ComputedAt), ask)
}

// OfMoment answers a question that depends on more of the warehouse, such as who looks after a customer today: it is asked
// again once something was written. The rest is as of OfVersion.
func (a *Answers[T]) OfMoment(ctx context.Context, ask func() (T, error), key ...any) (T, error) {
	mark := a.warehouse.Mark(ctx)
	if !mark.Counts() {
		return ask()
	}
	return a.get(mark, key, ask)
}

// Of answers a question about a version: as OfVersion where it is settled, else as OfMoment.
func (a *Answers[T]) Of(ctx context.Context, v Version, settled bool, ask func() (T, error), key ...any) (T, error) {
	if settled {
		return a.OfVersion(v, ask, key...)
	}
	return a.OfMoment(ctx, ask, append(key, v.Version, v.ComputedAt)...)
}

func (a *Answers[T]) get(mark engine.Mark, parts []any, ask func() (T, error)) (T, error) {
	text, err := json.Marshal(parts)
	if err != nil {
		var none T
		return none, fmt.Errorf("remember an answer: %w", err)
	}
	key := fmt.Sprint(mark) + string(text)
	a.mu.Lock()
	found, ok := a.known[key]
	a.mu.Unlock()
	if ok {
		return found.of, nil
	}
	sent := false
	shared, err, _ := a.asking.Do(key, func() (any, error) {
		sent = true
		of, err := ask()
		if err == nil {
			a.keep(key, answer[T]{of, mark})
		}
		return of, err
	})
	if err != nil && !sent {
		return ask()
	}
	of, _ := shared.(T)
	return of, err
}

func (a *Answers[T]) keep(key string, of answer[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.known[key]; !ok {
		if a.order = append(a.order, key); len(a.order) > a.most {
			delete(a.known, a.order[0])
			a.order = a.order[1:]
		}
	}
	a.known[key] = of
}
