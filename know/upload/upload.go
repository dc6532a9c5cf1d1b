// Package upload takes large files in pieces: a connection that breaks costs a part of one piece, and neither it nor a
// restart of the server costs the file.
//
// It follows the core of the tus protocol: create, ask for the offset, append at the offset. What has arrived stands on
// the disk, and its size there is the offset, so that no two places can disagree. A complete upload becomes a file of the
// intake, known by its BLAKE2b-256 as if it had come in one request.
package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Bounds of uploads that are not complete.
const (
	keepFor  = 24 * time.Hour // from their beginning on
	maxOpen  = 20             // of a user
	maxTotal = 2              // of a user together, in largest files
)

// Upload is a file that arrives in pieces.
type Upload struct {
	ID        id.ID     `json:"id"`
	Name      string    `json:"name"`
	Size      int64     `json:"size" doc:"Of the whole file, in bytes."`
	Offset    int64     `json:"offset" doc:"How many bytes have arrived: where the next piece begins."`
	FileID    string    `json:"file_id,omitempty" doc:"The file that it became; absent until it is complete."`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at" doc:"When it is removed unless it is complete."`

	createdBy id.ID
}

// Config says what the uploads work with; all of it is needed.
type Config struct {
	Intake *intake.Intake
	Dir    string // where pieces are gathered; on the same disk as the files of the intake
	Log    *slog.Logger
	Now    func() time.Time
}

// Uploads are the files that arrive in pieces. Its methods may be called by many at once.
type Uploads struct {
	cfg   Config
	store *Store

	mu   sync.Mutex
	held map[id.ID]*hold
}

// hold is one request at work on an upload.
type hold struct {
	stop  func()        // makes its reading end
	ended chan struct{} // closed when it has let go
}

// New returns the uploads and makes their folder if absent.
func New(store *Store, cfg Config) (*Uploads, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of uploads: %w", err)
	}
	return &Uploads{cfg: cfg, store: store, held: map[id.ID]*hold{}}, nil
}

// take gives an upload to this request alone. stop makes its own reading end; nil when it reads nothing. A piece waits for the
// one before it: it may come late from a connection that is dead, and must not stop the one that took its place. Any other
// request stops the piece that is still read: whoever asks again has lost the connection by which it comes.
func (u *Uploads) take(ctx context.Context, uploadID id.ID, stop func()) (release func(), err error) {
	mine := &hold{stop: stop, ended: make(chan struct{})}
	for {
		u.mu.Lock()
		other := u.held[uploadID]
		if other == nil {
			u.held[uploadID] = mine
			u.mu.Unlock()
			return func() {
				u.mu.Lock()
				delete(u.held, uploadID)
				u.mu.Unlock()
				close(mine.ended)
			}, nil
		}
		u.mu.Unlock()
		if stop == nil && other.stop != nil {
			other.stop()
		}
		select {
		case <-other.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// path is where what has arrived of an upload stands.
func (u *Uploads) path(uploadID id.ID) string { return filepath.Join(u.cfg.Dir, string(uploadID)) }

// Begin makes an upload of whoever acts in this context. Faults: file.name, file.empty, file.too_large, upload.too_many.
func (u *Uploads) Begin(ctx context.Context, name string, size int64) (Upload, error) {
	name, err := intake.FileName(name)
	if err != nil {
		return Upload{}, err
	}
	most := u.cfg.Intake.MaxFileBytes()
	switch {
	case size <= 0:
		return Upload{}, fault.New(fault.Invalid, "file.empty", "The file %q is empty.", name)
	case size > most:
		return Upload{}, fault.New(fault.TooLarge, "file.too_large", "The file is larger than %d MiB; split it.", most>>20)
	}
	up := Upload{ID: id.New(), Name: name, Size: size, CreatedAt: u.cfg.Now().UTC().Truncate(time.Microsecond), createdBy: audit.ActorOf(ctx).ID}
	if err := u.store.add(ctx, up, maxOpen, maxTotal*most); err != nil {
		return Upload{}, err
	}
	return u.look(up)
}

// Get returns an upload of whoever acts in this context; what still reads for it is ended, so that its offset stays.
func (u *Uploads) Get(ctx context.Context, uploadID id.ID) (Upload, error) {
	up, err := u.store.get(ctx, uploadID, audit.ActorOf(ctx).ID)
	if err != nil {
		return Upload{}, err
	}
	release, err := u.take(ctx, uploadID, nil)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	return u.look(up)
}

// look fills in how far an upload is.
func (u *Uploads) look(up Upload) (Upload, error) {
	up.ExpiresAt = up.CreatedAt.Add(keepFor)
	if up.FileID != "" {
		up.Offset = up.Size
		return up, nil
	}
	info, err := os.Stat(u.path(up.ID))
	switch {
	case err == nil:
		up.Offset = info.Size()
	case !errors.Is(err, fs.ErrNotExist):
		return up, fmt.Errorf("look at the upload: %w", err)
	}
	return up, nil
}

// Append adds a piece that begins at offset and returns how far the upload is. What arrived before an error is kept. stop
// makes the reading of piece end. Faults: upload.offset, upload.too_long, file.disk_full.
func (u *Uploads) Append(ctx context.Context, uploadID id.ID, offset int64, piece io.Reader, stop func()) (up Upload, err error) {
	if up, err = u.store.get(ctx, uploadID, audit.ActorOf(ctx).ID); err != nil {
		return up, err
	}
	release, err := u.take(ctx, uploadID, stop)
	if err != nil {
		return up, err
	}
	defer release()
	if up, err = u.look(up); err != nil {
		return up, err
	}
	if offset != up.Offset {
		return up, fault.New(fault.Conflict, "upload.offset", "The piece begins at %d, but %d bytes have arrived; go on from there.", offset, up.Offset)
	}
	if up.FileID != "" {
		return up, nil
	}
	part, err := os.OpenFile(u.path(uploadID), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return up, intake.Disk("keep a piece of the file", err)
	}
	n, err := io.Copy(part, io.LimitReader(piece, up.Size-up.Offset))
	up.Offset += n
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return up, broken(err)
	}
	if more, _ := io.ReadFull(piece, make([]byte, 1)); more > 0 {
		return up, fault.New(fault.Invalid, "upload.too_long", "More was sent than the %d bytes that the file was said to have; begin again with its size.", up.Size)
	}
	return up, nil
}

// broken tells what ended a piece: a full disk, or a connection.
func broken(err error) error {
	if err = intake.Disk("keep a piece of the file", err); fault.Of(err) != nil {
		return err
	}
	return fault.New(fault.Malformed, "upload.broken_off", "The connection ended before the piece was complete; ask how far the upload is and go on from there.").Because(err)
}

// Finish makes a file of a complete upload. Asked again, it gives the same file again. Contents that are refused are removed
// with their upload. Faults: upload.incomplete, and those of a file that is uploaded in one request.
func (u *Uploads) Finish(ctx context.Context, uploadID id.ID) (intake.File, error) {
	up, err := u.store.get(ctx, uploadID, audit.ActorOf(ctx).ID)
	if err != nil {
		return intake.File{}, err
	}
	release, err := u.take(ctx, uploadID, nil)
	if err != nil {
		return intake.File{}, err
	}
	defer release()
	if up, err = u.store.get(ctx, uploadID, up.createdBy); err != nil { // another request may have finished it
		return intake.File{}, err
	}
	if up.FileID != "" {
		return u.cfg.Intake.File(ctx, up.FileID)
	}
	if up, err = u.look(up); err != nil {
		return intake.File{}, err
	}
	if up.Offset != up.Size {
		return intake.File{}, fault.New(fault.Conflict, "upload.incomplete", "%d of %d bytes have arrived; send the rest first.", up.Offset, up.Size)
	}
	file, err := u.cfg.Intake.Adopt(ctx, up.Name, u.path(uploadID))
	switch {
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.TooLarge):
		return intake.File{}, errors.Join(err, u.remove(context.WithoutCancel(ctx), uploadID))
	case err != nil:
		return intake.File{}, err
	}
	return file, errors.Join(u.store.finish(context.WithoutCancel(ctx), uploadID, file.ID), gone(u.path(uploadID)))
}

// Drop ends an upload that is not wanted any more; a file that it became stays.
func (u *Uploads) Drop(ctx context.Context, uploadID id.ID) error {
	if _, err := u.store.get(ctx, uploadID, audit.ActorOf(ctx).ID); err != nil {
		return err
	}
	release, err := u.take(ctx, uploadID, nil)
	if err != nil {
		return err
	}
	defer release()
	return u.remove(ctx, uploadID)
}

// remove forgets an upload and what has arrived of it; the room comes first, since a full disk takes no record.
func (u *Uploads) remove(ctx context.Context, uploadID id.ID) error {
	return errors.Join(gone(u.path(uploadID)), u.store.remove(ctx, uploadID))
}

// Expire removes uploads that began more than a day ago, and what no upload knows of. Call it from time to time.
func (u *Uploads) Expire(ctx context.Context) error {
	old, err := u.store.before(ctx, u.cfg.Now().UTC().Add(-keepFor))
	if err != nil {
		return err
	}
	for _, uploadID := range old {
		release, err := u.take(ctx, uploadID, nil)
		if err != nil {
			return err
		}
		err = u.remove(ctx, uploadID)
		release()
		if err != nil {
			return err
		}
		u.cfg.Log.Info("an upload that was never completed is removed", "upload", uploadID)
	}
	parts, err := os.ReadDir(u.cfg.Dir)
	if err != nil {
		return fmt.Errorf("look for uploads that nobody knows: %w", err)
	}
	for _, part := range parts {
		known, err := u.store.knows(ctx, id.ID(part.Name()))
		if err != nil {
			return err
		}
		if !known && !strings.HasPrefix(part.Name(), ".") {
			if err := gone(filepath.Join(u.cfg.Dir, part.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a piece of a file: %w", err)
	}
	return nil
}
