package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// How long a reply is kept, and after how long a request without one counts as died.
const (
	keepReply  = 24 * time.Hour
	attemptTTL = time.Minute
)

// idempotencyRow is the memory of one request. Its state goes from started (claimed) over applied (the change is
// committed, in the same transaction) to done (the reply is kept).
type idempotencyRow struct {
	bun.BaseModel `bun:"table:idempotency"`

	Subject     string          `bun:"subject,pk"`
	Key         string          `bun:"key,pk"`
	Fingerprint string          `bun:"fingerprint"`
	State       string          `bun:"state"`
	Status      int             `bun:"status"`
	Header      json.RawMessage `bun:"header,nullzero"`
	Body        []byte          `bun:"body"`
	CreatedAt   time.Time       `bun:"created_at"`
}

type subjectKey struct{}

func withSubject(ctx context.Context, subject string) context.Context {
	return context.WithValue(ctx, subjectKey{}, subject)
}

// idempotent carries a POST with an Idempotency-Key out once, however often it is sent: the first reply is kept and
// given again, byte for byte. A stream of bytes is not remembered: files are known by their contents anyway.
func idempotent(a *API, d *db.DB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		subject, _ := r.Context().Value(subjectKey{}).(string)
		if r.Method != http.MethodPost || key == "" || subject == "" || r.Header.Get("Content-Type") == "application/octet-stream" {
			next.ServeHTTP(w, r)
			return
		}
		if err := once(d, next, w, r, subject, key); err != nil {
			a.Refuse(w, r, err)
		}
	})
}

func once(d *db.DB, next http.Handler, w http.ResponseWriter, r *http.Request, subject, key string) error {
	if len(key) > 200 {
		return fault.New(fault.Malformed, "request.key_too_long", "An Idempotency-Key may have at most 200 characters.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return fault.New(fault.TooLarge, "request.too_large", "A request with an Idempotency-Key may have at most 1 MiB.").Because(err)
	}
	sum := sha256.Sum256(append([]byte(r.Method+" "+r.URL.RequestURI()+"\n"), body...))
	row := &idempotencyRow{Subject: subject, Key: key, Fingerprint: hex.EncodeToString(sum[:]), State: "started", CreatedAt: time.Now().UTC()}
	kept, err := claim(r.Context(), d, row)
	if err != nil {
		return err
	}
	if kept != nil {
		return kept.replay(w)
	}
	ctx := db.WithHook(r.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model(row).Set("state = 'applied'").WherePK().Where("state = 'started'").Exec(ctx)
		return err
	})
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(rec, r)
	return row.keep(context.WithoutCancel(r.Context()), d, rec)
}

// claim takes the key for this request, or returns the row of the request that has it.
func claim(ctx context.Context, d *db.DB, row *idempotencyRow) (*idempotencyRow, error) {
	var kept *idempotencyRow
	err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*idempotencyRow)(nil)).Where("created_at < ?", row.CreatedAt.Add(-keepReply)).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*idempotencyRow)(nil)).
			Where("subject = ? AND key = ? AND state = 'started' AND created_at < ?", row.Subject, row.Key, row.CreatedAt.Add(-attemptTTL)).Exec(ctx); err != nil {
			return err
		}
		res, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		kept = &idempotencyRow{}
		return tx.NewSelect().Model(kept).Where("subject = ? AND key = ?", row.Subject, row.Key).Scan(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("claim the idempotency key: %w", err)
	}
	if kept != nil && kept.Fingerprint != row.Fingerprint {
		return nil, fault.New(fault.Invalid, "request.key_reused", "This Idempotency-Key was used for another request; make a new one.")
	}
	return kept, nil
}

func (row *idempotencyRow) replay(w http.ResponseWriter) error {
	switch row.State {
	case "started":
		return fault.New(fault.Conflict, "request.in_progress", "The same request is being carried out; wait for its reply.")
	case "applied":
		return fault.New(fault.Conflict, "request.reply_lost", "This request was carried out, but its reply was not kept. Look the record up instead of sending it again.")
	}
	var header http.Header
	if err := json.Unmarshal(row.Header, &header); err != nil {
		return fmt.Errorf("read the kept reply: %w", err)
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.Header().Set("Idempotent-Replay", "true")
	w.WriteHeader(row.Status)
	_, err := w.Write(row.Body)
	return err
}

// keep stores the reply. A reply that says "try again" is forgotten, so that trying again does it; a secret one is never
// stored.
func (row *idempotencyRow) keep(ctx context.Context, d *db.DB, rec *recorder) error {
	err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if rec.secret || rec.status >= http.StatusInternalServerError || rec.status == http.StatusTooManyRequests {
			// A change that was committed stays "applied": a repeat is refused, whether or not its reply was a secret.
			_, err := tx.NewDelete().Model(row).WherePK().Where("state = 'started'").Exec(ctx)
			return err
		}
		header := http.Header{}
		for _, name := range []string{"Content-Type", "ETag", "Location"} {
			if v := rec.Header().Values(name); len(v) > 0 {
				header[http.CanonicalHeaderKey(name)] = v
			}
		}
		raw, err := json.Marshal(header)
		if err != nil {
			return err
		}
		row.State, row.Status, row.Header, row.Body = "done", rec.status, raw, rec.body.Bytes()
		_, err = tx.NewUpdate().Model(row).Column("state", "status", "header", "body").WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		// The reply is already with the asker; a repeat will be answered by "applied".
		return nil //nolint:nilerr // there is nobody left to tell
	}
	return nil
}

// recorder copies the reply while it is sent.
type recorder struct {
	http.ResponseWriter
	secret bool // the reply must not be stored
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write copies the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	return n, errors.Join(err, second(r.body.Write(b[:n])))
}

func second(_ int, err error) error { return err }

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
