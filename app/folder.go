package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder is the data folder, held by one process at a time. All in it belongs to its owner alone.
type folder struct {
	path string
	lock *os.File
}

// errHeld says that another process has the data folder: a server is running.
var errHeld = errors.New("the data folder is in use by a running server")

// holdFolder makes the folder where it is missing and takes it for this process.
func holdFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errHeld, lock.Close())
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// release lets another process take the folder.
func (f *folder) release() error { return f.lock.Close() }

// socketNote is the file that names the operator's socket. The socket itself lies in a folder of its own below the
// system's temporary folder, since its path may have about a hundred characters only.
const socketNote = "socket"

// listen opens the operator's socket: who can open it may read all data anyway, so its requests are the operator's.
func (f *folder) listen() (net.Listener, error) {
	f.forgetSocket()
	dir, err := os.MkdirTemp("", "kvadrant-")
	if err != nil {
		return nil, fmt.Errorf("open the operator's socket: %w", err)
	}
	address := filepath.Join(dir, "operator.sock")
	l, err := net.Listen("unix", address)
	if err != nil {
		return nil, fmt.Errorf("open the operator's socket: %w", err)
	}
	if err := os.WriteFile(f.file(socketNote), []byte(address), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("note the operator's socket: %w", err), l.Close())
	}
	return l, nil
}

// forgetSocket takes away the socket of a server that was killed; the lock says that there is none now.
func (f *folder) forgetSocket() {
	note, err := os.ReadFile(f.file(socketNote))
	if err != nil {
		return
	}
	dir := filepath.Dir(strings.TrimSpace(string(note)))
	if filepath.Dir(dir) == filepath.Clean(os.TempDir()) && strings.HasPrefix(filepath.Base(dir), "kvadrant-") {
		_ = os.RemoveAll(dir)
	}
}

// unlisten takes the socket away again.
func (f *folder) unlisten(l net.Listener) error {
	_ = l.Close()
	return errors.Join(os.Remove(f.file(socketNote)), os.RemoveAll(filepath.Dir(l.Addr().String())))
}

// dialFolder returns an HTTP client that speaks as the operator to the server that has the folder.
func dialFolder(path string) (*http.Client, error) {
	note, err := os.ReadFile(filepath.Join(path, socketNote))
	if err != nil {
		return nil, fmt.Errorf("the running server cannot be reached from here; stop it and try again: %w", err)
	}
	address := strings.TrimSpace(string(note))
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", address)
	}}}, nil
}
