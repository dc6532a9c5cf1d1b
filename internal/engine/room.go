package engine

import (
	"context"
	"path/filepath"
	"syscall"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// enoughRoom is how many bytes must be free before a warehouse that was opened for reading alone is opened for writing
// again, so that it does not go back and forth on the last pages of a disk.
const enoughRoom = 8 << 20

// errNoRoom is what who would write is told while the warehouse is open for reading alone.
func errNoRoom() *fault.Fault {
	return fault.New(fault.Full, "warehouse.full",
		"The disk is full, so the warehouse can only be read; nothing was changed. Free some space: it goes on by itself.")
}

// Writable returns the fault that who would write is told while the warehouse is open for reading alone, nil otherwise.
func (w *Warehouse) Writable() error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.live != nil && w.live.readOnly {
		return errNoRoom()
	}
	return nil
}

// Regain opens a warehouse for writing again that was opened for reading alone because its disk was full. While there is no
// room it does nothing. Call it from time to time.
func (w *Warehouse) Regain(ctx context.Context) error {
	w.mu.RLock()
	old := w.live
	w.mu.RUnlock()
	if old == nil || !old.readOnly || !hasRoom(w.cfg.Path) {
		return nil
	}
	select {
	case w.writing <- struct{}{}:
		defer func() { <-w.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w.mu.Lock()
	w.live = nil // questions are told that the warehouse was just replaced
	w.mu.Unlock()
	if err := old.close(); err != nil {
		w.cfg.Log.Warn("the warehouse did not close cleanly", "error", err)
	}
	f, err := reopen(ctx, w.cfg)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && f.complete {
		w.live, w.state = f, State{Phase: Ready, CheckedAt: w.cfg.Now().UTC()}
		w.state.Message = f.remark()
		w.cfg.Log.Info("the warehouse is open again", "read_only", f.readOnly)
		return nil
	}
	// It is damaged, or was not built to the end: who follows Broken builds it anew.
	w.live, w.state = f, State{Phase: Broken, Message: "The warehouse file is damaged.", CheckedAt: w.state.CheckedAt}
	select {
	case w.broken <- err:
	default:
	}
	return err
}

// reopen opens the file for writing, or for reading alone when the room was used up again.
func reopen(ctx context.Context, cfg Config) (*file, error) {
	err := inspect(ctx, cfg, nil)
	if fault.Is(err, fault.Full) {
		cfg.readOnly = true
		err = inspect(ctx, cfg, nil)
	}
	if err != nil {
		return nil, err
	}
	f, _, err := openFile(ctx, cfg, Opening{})
	return f, err
}

// remark is what people should know of an open file.
func (f *file) remark() string {
	if f.readOnly {
		return "The disk is full: the warehouse can be read, but nothing can be imported or computed until there is room."
	}
	return ""
}

func hasRoom(path string) bool {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &disk); err != nil {
		return true // trying will tell
	}
	return disk.Bavail*uint64(disk.Bsize) >= enoughRoom
}
