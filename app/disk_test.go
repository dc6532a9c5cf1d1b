package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of a few megabytes that the test can fill.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// F15: the server starts on a disk that is still full. A session goes on, what can be read is read, what writes is refused
// with words; when there is room again all goes on without anybody's doing.
func TestF15RestartOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "64m")
	dir := filepath.Join(disk, "data")
	h := found(t, Config{Data: dir})
	h.town()
	h.admin.score("2026-10-31")
	want := h.truth()
	filler := filepath.Join(disk, "filler")
	fillDisk(t, filler)
	for i := range 300 { // until the room that the database had set aside is used up
		if r := h.admin.do(http.MethodPost, "/customers", map[string]any{"code": fmt.Sprintf("F%d", i), "name": strings.Repeat("x", 400)}); r.status != http.StatusCreated {
			break
		}
	}
	cookies := h.admin.client.Jar
	h.server.Close()
	if err := h.app.Close(); err != nil {
		t.Logf("closing on the full disk: %v", err)
	}
	h.app = nil
	fillDisk(t, filler+"2") // what closing has given back

	h = open(t, Config{Data: dir})
	h.admin = h.visitor("")
	h.admin.client.Jar = cookies
	if got := h.truth(); got != want {
		t.Errorf("reading: got %s, want %s", got, want)
	}
	h.admin.must(http.MethodGet, "/customers", nil, http.StatusOK, nil)
	for name, r := range map[string]reply{
		"a sign-in":   h.visitor("").do(http.MethodPost, "/session", map[string]any{"email": "admin@example.com", "password": password}),
		"a customer":  h.admin.do(http.MethodPost, "/customers", map[string]any{"code": "F999", "name": strings.Repeat("x", 450)}),
		"an upload":   h.admin.do(http.MethodPost, "/files?name=big.csv", sales(0, 100_000, 5)),
		"a rebuild":   h.admin.do(http.MethodPost, "/warehouse/rebuild", nil),
		"a computing": h.admin.do(http.MethodPost, "/scorings", map[string]any{"as_of": "2026-09-30"}),
	} {
		if r.status != http.StatusInsufficientStorage && r.status != http.StatusServiceUnavailable || !strings.Contains(string(r.body), "disk") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for _, path := range []string{filler, filler + "2"} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	h.eventually("the warehouse can be written again", func() bool { return h.app.warehouse.State().Message == "" })
	h.admin = h.signIn("admin@example.com", password)
	h.admin.bring("customers", "code,name\nC90,Late\n")
	if got := h.truth(); got != want {
		t.Errorf("when there is room: got %s, want %s", got, want)
	}
	h.admin.score("2026-09-30")
}
