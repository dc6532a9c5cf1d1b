package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Operator speaks to Kvadrant as the person who has the data folder: to the server that runs on it, or to a program
// started for the occasion. Commands use the same interface as the browser, so they do the same.
type Operator struct {
	http *http.Client
	stop func() error
}

// Operate returns an operator of the configuration's data folder; Close ends it.
func Operate(ctx context.Context, cfg Config) (*Operator, error) {
	a, err := Open(ctx, cfg)
	switch {
	case errors.Is(err, errHeld):
		return Dial(cfg.Data)
	case err != nil:
		return nil, err
	}
	listener, err := a.folder.listen()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	server := &http.Server{Handler: a.operatorHandler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	client, err := dialFolder(cfg.Data)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	o := &Operator{http: client, stop: func() error {
		return errors.Join(server.Close(), a.folder.unlisten(listener), a.Close())
	}}
	return o, o.awaitWarehouse(ctx)
}

// Dial returns an operator of the server that runs on the data folder; it is an error when none does.
func Dial(data string) (*Operator, error) {
	client, err := dialFolder(data)
	if err != nil {
		return nil, err
	}
	return &Operator{http: client, stop: func() error { return nil }}, nil
}

// Close ends what Operate started.
func (o *Operator) Close() error { return o.stop() }

// Call sends in as JSON (or an io.Reader as it is) and reads the answer into out, unless they are nil. A problem comes
// back as a fault.
func (o *Operator) Call(ctx context.Context, method, path string, in, out any) error {
	_, err := o.send(ctx, method, path, "", in, out)
	return err
}

// version returns the ETag of a record.
func (o *Operator) version(ctx context.Context, path string) (string, error) {
	header, err := o.send(ctx, http.MethodGet, path, "", nil, nil)
	return header.Get("ETag"), err
}

// change patches a record of which the version was read.
func (o *Operator) change(ctx context.Context, path, version string, in any) error {
	_, err := o.send(ctx, http.MethodPatch, path, version, in, nil)
	return err
}

func (o *Operator) send(ctx context.Context, method, path, version string, in, out any) (http.Header, error) {
	var body io.Reader
	switch in := in.(type) {
	case nil:
	case io.Reader:
		body = in
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://kvadrant"+web.Prefix+path, body)
	if err != nil {
		return nil, err
	}
	if _, stream := in.(io.Reader); stream {
		req.Header.Set("Content-Type", "application/octet-stream")
	} else if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if version != "" {
		req.Header.Set("If-Match", version)
	}
	res, err := o.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		return nil, problemOf(res)
	}
	if w, ok := out.(io.Writer); ok {
		_, err := io.Copy(w, res.Body)
		return res.Header, err
	}
	if out == nil || res.StatusCode == http.StatusNoContent {
		return res.Header, nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return res.Header, nil
}

func problemOf(res *http.Response) error {
	var p web.Problem
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil || p.Detail == "" {
		return fmt.Errorf("the server answered %s", res.Status)
	}
	f := fault.New(fault.Kind(res.StatusCode), p.Code, "%s", p.Detail)
	for _, at := range p.Errors {
		f.At(at.Location, "%s", at.Message)
	}
	return f
}

// Await waits for a job, telling watch of its progress, and returns its end; a failed or cancelled job is an error.
func (o *Operator) Await(ctx context.Context, jobID id.ID, watch func(job.Job)) (job.Job, error) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		var j job.Job
		if err := o.Call(ctx, http.MethodGet, "/jobs/"+string(jobID), nil, &j); err != nil {
			return j, err
		}
		watch(j)
		switch {
		case j.State == job.Done:
			return j, nil
		case j.State.Ended():
			return j, fmt.Errorf("%s: %s %s", j.Title, j.State, j.Error)
		}
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// awaitWarehouse waits until the warehouse can be asked, since it may have to be built first.
func (o *Operator) awaitWarehouse(ctx context.Context) error {
	for {
		var state struct{ State, Message string }
		if err := o.Call(ctx, http.MethodGet, "/warehouse", nil, &state); err != nil {
			return err
		}
		if state.State != "rebuilding" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Upload sends a file and returns its id.
func (o *Operator) Upload(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	defer file.Close()
	var stored struct {
		ID string `json:"id"`
	}
	name := strings.ReplaceAll(filepath.Base(path), "\\", "_")
	if err := o.Call(ctx, http.MethodPost, "/files?name="+url.QueryEscape(name), file, &stored); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return stored.ID, nil
}
