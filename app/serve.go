package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serving says how to serve.
type Serving struct {
	Addr string // host:port
	Demo bool   // load the demo company when there is no data yet
}

// Bounds of connections; a route that takes or gives large files sets longer ones for itself.
const (
	headerTime  = 10 * time.Second
	idleTime    = 2 * time.Minute
	stopTime    = 10 * time.Second
	headerBytes = 64 << 10
)

// Serve runs the product until ctx ends, and then lets requests that are under way finish.
func Serve(ctx context.Context, cfg Config, serving Serving) error {
	cfg = cfg.withDefaults()
	cfg.scheduled = true
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(a.serve(ctx, serving), a.Close())
}

func (a *App) serve(ctx context.Context, serving Serving) error {
	public, err := net.Listen("tcp", serving.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s; choose another address with --addr: %w", serving.Addr, err)
	}
	operator, err := a.folder.listen()
	if err != nil {
		return errors.Join(err, public.Close())
	}
	defer func() { _ = a.folder.unlisten(operator) }()

	// Only a server scores and checks by itself: a command ends with its work.
	tending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	a.background.Go(func() { a.tendScoring(tending) })
	a.background.Go(func() { a.tendQuality(tending) })

	ended := make(chan error, 2)
	servers := []*http.Server{a.server(a.handler), a.server(a.operatorHandler())}
	for i, l := range []net.Listener{public, operator} {
		go func() { ended <- servers[i].Serve(l) }()
	}
	if err := a.greet(ctx, "http://"+public.Addr().String(), serving.Demo); err != nil {
		return err
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(grace))
	}
	return err
}

func (a *App) server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes}
}

// greet tells whoever started the server where it is and how to sign in.
func (a *App) greet(ctx context.Context, address string, demo bool) error {
	needed, err := a.gate.SetupNeeded(ctx)
	if err != nil {
		return err
	}
	if demo {
		if err := a.offerDemo(ctx, needed); err != nil {
			return err
		}
		needed = false
	}
	fmt.Fprintf(a.cfg.Out, "\nKvadrant is at %s\n", address)
	if demo {
		if err := a.cfg.printSignIns(); err != nil {
			return err
		}
	}
	if needed {
		code, err := a.gate.SetupCode(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.cfg.Out, "Open it and set up the first administrator with this one-time code: %s\n", code)
	}
	fmt.Fprintln(a.cfg.Out)
	return nil
}
