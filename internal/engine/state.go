package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Phase is whether the warehouse answers.
type Phase string

// The phases.
const (
	Ready      Phase = "ready"
	Rebuilding Phase = "rebuilding" // or waiting to be rebuilt, after it was set aside
	Broken     Phase = "broken"
)

// State is what people see of the warehouse.
type State struct {
	Phase     Phase     `json:"state" enum:"ready,rebuilding,broken"`
	Done      int64     `json:"done"`  // of Total, while rebuilding
	Total     int64     `json:"total"` // 0 while it is not known
	Message   string    `json:"message"`
	CheckedAt time.Time `json:"checked_at"` // when the file was last found sound
}

// State tells whether the warehouse answers.
func (w *Warehouse) State() State {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.wanted {
		return State{Phase: Rebuilding, CheckedAt: w.state.CheckedAt}
	}
	return w.state
}

// Mark stands for what is in the warehouse at a moment. Answers that were asked for between two equal marks are of the same
// contents, so what was found out under a mark need not be asked again while it counts. The zero mark equals none that
// counts.
type Mark struct {
	file  *file
	moves int64
}

// Counts reports whether the mark stands for anything: none does while a write is being committed, or while there is no
// warehouse to ask.
func (m Mark) Counts() bool { return m.file != nil && m.moves%2 == 0 }

// Mark returns the mark of the moment.
func (w *Warehouse) Mark(ctx context.Context) Mark {
	f, err := w.use(ctx)
	if err != nil {
		return Mark{}
	}
	return Mark{f, f.moves.Load()}
}

// WantRebuild says that the caller is about to call Rebuild: from now on State tells that the warehouse is being rebuilt,
// though questions are answered until it begins. It reports false, and changes nothing, while that is so already.
func (w *Warehouse) WantRebuild() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wanted || w.state.Phase == Rebuilding {
		return false
	}
	w.wanted = true
	return true
}

// Await returns when the warehouse is not being rebuilt, nor about to be: at once, or when that has ended, well or not.
func (w *Warehouse) Await(ctx context.Context) error {
	for {
		w.mu.RLock()
		rebuilding, built := w.wanted || w.state.Phase == Rebuilding, w.built
		w.mu.RUnlock()
		if !rebuilding {
			return nil
		}
		select {
		case <-built:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tellBuilt wakes those who wait for the end of a rebuild. The caller holds the lock.
func (w *Warehouse) tellBuilt() {
	close(w.built)
	w.built = make(chan struct{})
}

// Broken gives an error each time that a running warehouse is found damaged: the caller should call Rebuild. One alarm
// waits at most.
func (w *Warehouse) Broken() <-chan error { return w.broken }

func (w *Warehouse) setState(change func(s *State)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.state)
}

// declareBroken stops the answering from f and raises the alarm, once for each file.
func (w *Warehouse) declareBroken(f *file, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live != f || w.state.Phase == Broken {
		return
	}
	w.cfg.Log.Error("the warehouse is damaged", "file", f.path, "error", err)
	w.state = State{Phase: Broken, Message: "The warehouse file is damaged.", CheckedAt: w.state.CheckedAt}
	select {
	case w.broken <- err:
	default:
	}
}

type rebuilderKey struct{}

// use returns the file to work on, or the fault that says why there is none. The one who rebuilds gets it before the rest.
func (w *Warehouse) use(ctx context.Context) (*file, error) {
	rebuilder := ctx.Value(rebuilderKey{}) == w
	w.mu.RLock()
	f, phase := w.live, w.state.Phase
	w.mu.RUnlock()
	if f != nil && (phase == Ready || rebuilder && phase == Rebuilding) {
		return f, nil
	}
	return nil, w.unavailable()
}

func (w *Warehouse) unavailable() *fault.Fault {
	s := w.State()
	switch {
	case s.Phase == Rebuilding && s.Total > 0:
		return fault.New(fault.Unavailable, "warehouse.rebuilding",
			"The warehouse is being rebuilt (%d %%); try again in a moment.", min(99, 100*s.Done/s.Total))
	case s.Phase == Rebuilding:
		return fault.New(fault.Unavailable, "warehouse.rebuilding", "The warehouse is being rebuilt; try again in a moment.")
	case s.Phase == Broken:
		return fault.New(fault.Unavailable, "warehouse.broken",
			"The warehouse cannot be read and has to be rebuilt; an administrator can start that under Data. All else works.")
	}
	return fault.New(fault.Unavailable, "warehouse.busy", "The warehouse was just replaced; try again.")
}

// Rebuild sets the file aside, unless it is still empty, and fills an empty one: build loads everything, with the context
// it is given, for which alone the warehouse works until build returns. It tells progress as it goes. If build fails, the
// warehouse stays broken and Rebuild can be called again. A second Rebuild meanwhile is a fault Conflict.
func (w *Warehouse) Rebuild(ctx context.Context, build func(ctx context.Context, progress func(done, total int64)) error) error {
	if !w.rebuild.TryLock() {
		return fault.New(fault.Conflict, "warehouse.rebuilding", "The warehouse is already being rebuilt; wait until it is done.")
	}
	defer w.rebuild.Unlock()
	if err := w.Writable(); err != nil {
		w.setState(func(*State) {
			w.wanted = false
			w.tellBuilt()
		})
		return err
	}
	defer w.setState(func(*State) { // also when it could not begin
		w.wanted = false
		w.tellBuilt()
	})
	err := w.rebuildNow(context.WithValue(ctx, rebuilderKey{}, w), build)
	if err != nil {
		w.setState(func(s *State) {
			*s = State{Phase: Broken, Message: "The warehouse could not be rebuilt: " + err.Error(), CheckedAt: s.CheckedAt}
		})
		return fmt.Errorf("rebuild the warehouse: %w", err)
	}
	w.setState(func(s *State) { *s = State{Phase: Ready, CheckedAt: w.cfg.Now().UTC()} })
	return nil
}

func (w *Warehouse) rebuildNow(ctx context.Context, build func(ctx context.Context, progress func(done, total int64)) error) error {
	if err := w.replace(ctx); err != nil {
		return err
	}
	err := build(ctx, func(done, total int64) {
		w.setState(func(s *State) { s.Done, s.Total = done, total })
	})
	if err != nil {
		return err
	}
	return w.alone(ctx, func(f *file) error {
		f.complete = true
		if err := w.transact(ctx, f, func(*Tx) error { return nil }); err != nil {
			f.complete = false
			return err
		}
		return f.checkpoint(ctx)
	})
}

// replace puts an empty file that is known to be incomplete in the place of the present one, unless that is still empty.
func (w *Warehouse) replace(ctx context.Context) error {
	select {
	case w.writing <- struct{}{}:
		defer func() { <-w.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w.mu.Lock()
	old, phase := w.live, w.state.Phase
	w.state, w.wanted = State{Phase: Rebuilding, CheckedAt: w.state.CheckedAt}, false
	if old != nil && old.commits == 0 && phase != Broken {
		old.complete = false // the first commit writes that down
		w.mu.Unlock()
		return nil
	}
	w.live = nil
	w.mu.Unlock()
	reason := "replaced"
	if phase == Broken {
		reason = "broken"
	}
	if old != nil {
		if err := old.close(); err != nil {
			w.cfg.Log.Warn("the former warehouse did not close cleanly", "error", err)
		}
	}
	if _, err := setAside(w.cfg, reason); err != nil {
		return err
	}
	f, err := makeFile(ctx, w.cfg, false)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.live = f
	w.mu.Unlock()
	return nil
}

// Verify asks each check of the warehouse and returns what differs, nil when nothing does.
func (w *Warehouse) Verify(ctx context.Context, checks ...Check) error {
	f, err := w.use(ctx)
	if err != nil {
		return err
	}
	for _, c := range checks {
		if err := c.run(ctx, f.pool); err != nil {
			return w.judge(f, err, nil)
		}
	}
	w.setState(func(s *State) { s.CheckedAt = w.cfg.Now().UTC() })
	return nil
}
