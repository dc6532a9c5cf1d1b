package app

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// begun is what the tests read of an upload.
type begun struct {
	ID     id.ID
	Offset int64
}

func (v *visitor) beginUpload(name string, size int) begun {
	v.t.Helper()
	var up begun
	v.must(http.MethodPost, "/uploads", map[string]any{"name": name, "size": size}, http.StatusCreated, &up)
	return up
}

// offset is how far an upload is.
func (v *visitor) offset(up begun) int64 {
	v.t.Helper()
	r := v.must(http.MethodHead, "/uploads/"+string(up.ID), nil, http.StatusNoContent, nil)
	n, err := strconv.ParseInt(r.header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

func (v *visitor) piece(up begun, offset int64, bytes string) reply {
	v.t.Helper()
	return v.do(http.MethodPatch, "/uploads/"+string(up.ID), bytes, "Upload-Offset", strconv.FormatInt(offset, 10))
}

// errCut ends a connection from the asker's side.
var errCut = errors.New("the cable was cut")

type cut struct{ err error }

func (c cut) Read([]byte) (int, error) { return 0, c.err }

// cutPiece begins to send a piece and breaks the connection off after some of its bytes.
func (v *visitor) cutPiece(up begun, offset int64, piece []byte, after int) {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodPatch, v.base+web.Prefix+"/uploads/"+string(up.ID), io.MultiReader(bytes.NewReader(piece[:after]), cut{errCut}))
	if err != nil {
		v.t.Fatal(err)
	}
	req.ContentLength = int64(len(piece))
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	if res, err := v.client.Do(req); err == nil {
		_ = res.Body.Close()
		v.t.Fatalf("a piece that was cut off was answered: %d", res.StatusCode)
	}
}

// A file arrives whole, by its BLAKE2b-256, though connections are cut at random bytes and the server is started anew in
// between; and nothing of it is left beside the file.
func TestUploadSurvivesCutsAndRestarts(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	h := found(t, Config{Data: dir})
	contents := []byte(sales(0, 60_000, 5))
	up := h.admin.beginUpload("sales.csv", len(contents))
	const pieceSize = 256 << 10
	cuts, restarts := 0, 0
	for {
		at := h.admin.offset(up)
		if at == int64(len(contents)) {
			break
		}
		piece := contents[at:min(int(at)+pieceSize, len(contents))]
		switch what := random.IntN(6); {
		case what < 3 || cuts == 0:
			h.admin.cutPiece(up, at, piece, random.IntN(len(piece)))
			cuts++
		case what == 3 || restarts == 0:
			h.close()
			h = open(t, Config{Data: dir})
			h.admin = h.signIn("admin@example.com", password)
			restarts++
		default:
			r := h.admin.piece(up, at, string(piece))
			if r.status == http.StatusConflict {
				continue // bytes of a piece that was cut off have arrived since the offset was asked for
			}
			if r.status != http.StatusNoContent || r.header.Get("Upload-Offset") != fmt.Sprint(int(at)+len(piece)) {
				t.Fatalf("piece at %d: %d %s", at, r.status, r.body)
			}
		}
	}
	sum := blake2b.Sum256(contents)
	for range 2 { // the second time as if the first answer had been lost
		var file struct {
			ID   string
			Size int64
		}
		h.admin.must(http.MethodPost, "/uploads/"+string(up.ID)+"/finish", nil, http.StatusCreated, &file)
		if file.ID != hex.EncodeToString(sum[:]) || file.Size != int64(len(contents)) {
			t.Errorf("after %d cuts and %d restarts: %+v", cuts, restarts, file)
		}
	}
	if r := h.admin.must(http.MethodGet, "/files/"+hex.EncodeToString(sum[:]), nil, http.StatusOK, nil); !bytes.Equal(r.body, contents) {
		t.Error("the kept file is another")
	}
	if left, err := os.ReadDir(filepath.Join(dir, "files", "partial")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A request that hangs on a dead connection does not keep the upload from going on: whoever asks for the offset has it.
func TestUploadIsTakenOverFromADeadConnection(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	contents := sales(0, 500, 5)
	up := h.admin.beginUpload("sales.csv", len(contents))
	dead, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close()
	req, err := http.NewRequest(http.MethodPatch, h.server.URL+web.Prefix+"/uploads/"+string(up.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	cookies := h.admin.client.Jar.Cookies(req.URL)
	fmt.Fprintf(dead, "PATCH %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nUpload-Offset: 0\r\nContent-Length: %d\r\n\r\n%s",
		req.URL.Path, req.URL.Host, cookies[0], len(contents), contents[:1000])
	part := filepath.Join(h.app.cfg.Data, "files", "partial", string(up.ID))
	h.eventually("the first bytes have arrived", func() bool {
		info, err := os.Stat(part)
		return err == nil && info.Size() == 1000
	})
	if at := h.admin.offset(up); at != 1000 {
		t.Fatalf("the offset is %d", at)
	}
	if r := h.admin.piece(up, 1000, contents[1000:]); r.status != http.StatusNoContent {
		t.Fatalf("going on: %d %s", r.status, r.body)
	}
	h.admin.must(http.MethodPost, "/uploads/"+string(up.ID)+"/finish", nil, http.StatusCreated, nil)
}

// Whoever asks after an upload while a piece of it arrives, or sends a stale piece, does not spoil the connection by which that piece
// came: what is asked by it later is answered.
func TestUploadLeavesConnectionsWhole(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	contents := sales(0, 2_000, 5)
	up := h.admin.beginUpload("sales.csv", len(contents))
	other := h.signIn("admin@example.com", password)
	for _, v := range []*visitor{h.admin, other} { // each with one connection of its own
		transport := &http.Transport{MaxConnsPerHost: 1}
		t.Cleanup(transport.CloseIdleConnections)
		v.client.Transport = transport
	}
	const pieces = 60
	size := len(contents)/pieces + 1
	for n := range pieces {
		at := int(h.admin.offset(up))
		if at == len(contents) {
			break
		}
		var asked sync.WaitGroup
		asked.Go(func() {
			if n%2 == 0 {
				other.do(http.MethodHead, "/uploads/"+string(up.ID), nil)
			} else if r := other.piece(up, int64(len(contents))+1, "late"); r.status != http.StatusConflict {
				t.Errorf("a stale piece: %d %s", r.status, r.body)
			}
		})
		r := h.admin.piece(up, int64(at), contents[at:min(at+size, len(contents))])
		asked.Wait()
		if r.status != http.StatusNoContent && (n%2 == 1 || r.status != http.StatusBadRequest) { // a piece may be cut off by whoever asks for the offset
			t.Fatalf("piece at %d: %d %s", at, r.status, r.body)
		}
	}
}

// What does not fit is refused in words and changes nothing; what is not completed goes after a day.
func TestUploadRefusals(t *testing.T) {
	t.Parallel()
	clock := newTurning("2026-10-31T10:00:00Z")
	h := found(t, Config{Now: clock.now})
	other := h.user("boss@example.com", "director", nil)
	text := sales(0, 10, 5)
	up := h.admin.beginUpload("sales.csv", len(text))
	for name, try := range map[string]struct {
		reply  reply
		status int
		words  string
	}{
		"a wrong offset":   {h.admin.piece(up, 5, text), http.StatusConflict, "0 bytes have arrived"},
		"no offset":        {h.admin.do(http.MethodPatch, "/uploads/"+string(up.ID), text), http.StatusUnprocessableEntity, "Upload-Offset"},
		"too early":        {h.admin.do(http.MethodPost, "/uploads/"+string(up.ID)+"/finish", nil), http.StatusConflict, "0 of"},
		"somebody else's":  {other.piece(up, 0, text), http.StatusNotFound, "from its beginning"},
		"nothing":          {h.admin.do(http.MethodPost, "/uploads", map[string]any{"name": "a.csv", "size": 0}), http.StatusUnprocessableEntity, "empty"},
		"too large":        {h.admin.do(http.MethodPost, "/uploads", map[string]any{"name": "a.csv", "size": int64(21) << 30}), http.StatusRequestEntityTooLarge, "20480 MiB"},
		"too much at once": {twice(h.admin, int64(20)<<30), http.StatusTooManyRequests, "not complete"},
		"no name":          {h.admin.do(http.MethodPost, "/uploads", map[string]any{"name": "/", "size": 5}), http.StatusUnprocessableEntity, "name"},
	} {
		if try.reply.status != try.status || !strings.Contains(string(try.reply.body), try.words) {
			t.Errorf("%s: got %d %s", name, try.reply.status, try.reply.body)
		}
	}
	if at := h.admin.offset(up); at != 0 {
		t.Errorf("%d bytes arrived all the same", at)
	}
	if r := h.admin.piece(up, 0, text+"more"); r.status != http.StatusUnprocessableEntity {
		t.Errorf("more than was said: %d %s", r.status, r.body)
	}
	pdf := h.admin.beginUpload("a.csv", 8)
	h.admin.piece(pdf, 0, "%PDF-1.7")
	if r := h.admin.do(http.MethodPost, "/uploads/"+string(pdf.ID)+"/finish", nil); r.status != http.StatusUnprocessableEntity || !strings.Contains(string(r.body), "neither text") {
		t.Errorf("what is no table: %d %s", r.status, r.body)
	}
	h.admin.must(http.MethodHead, "/uploads/"+string(pdf.ID), nil, http.StatusNotFound, nil)

	dropped := h.admin.beginUpload("b.csv", 8)
	h.admin.must(http.MethodDelete, "/uploads/"+string(dropped.ID), nil, http.StatusNoContent, nil)
	stray := filepath.Join(h.app.cfg.Data, "files", "partial", string(id.New()))
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.forward(23 * time.Hour)
	if err := h.app.uploads.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.admin = h.signIn("admin@example.com", password) // the session has ended
	h.admin.must(http.MethodHead, "/uploads/"+string(up.ID), nil, http.StatusNoContent, nil)
	clock.forward(2 * time.Hour)
	if err := h.app.uploads.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(stray)); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func twice(v *visitor, size int64) (last reply) {
	for range 2 {
		last = v.do(http.MethodPost, "/uploads", map[string]any{"name": "a.csv", "size": size})
	}
	return last
}
