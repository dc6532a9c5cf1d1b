package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
)

// blockSize is how many customers a worker writes at a time: some hundred
// kilobytes of text, so that memory stays flat and the workers busy.
const blockSize = 500

// block is a run of customers on its way from a worker to the files.
type block struct {
	first, end int // customer numbers, end excluded
	pages      *bulkPages
	ready      chan struct{}
}

// writeBulk writes the files that have a part of every customer. Workers fill
// blocks in any order; the blocks reach the files in the order of the customers.
func writeBulk(ctx context.Context, w *world, cfg Config, files []File) (err error) {
	var out [len(bulkPages{})]*sink
	for i := range out {
		if out[i], err = newSink(&files[i]); err != nil {
			return errors.Join(err, closeAll(out[:i]))
		}
	}
	defer func() { err = errors.Join(err, closeAll(out[:])) }()

	ctx, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()
	n := runtime.GOMAXPROCS(0)
	todo, inOrder := make(chan *block), make(chan *block, 4*n)
	for range n {
		workers.Go(func() {
			s := newScribe(w)
			for b := range todo {
				s.write(b.first, b.end, b.pages)
				close(b.ready)
			}
		})
	}
	free := &sync.Pool{New: func() any { return new(bulkPages) }}
	workers.Go(func() { handOut(ctx, cfg.Customers, free, todo, inOrder) })
	for b := range inOrder {
		<-b.ready
		for i := range out {
			if err := out[i].write(&b.pages[i]); err != nil {
				return err
			}
			b.pages[i].reset()
		}
		free.Put(b.pages)
		if cfg.Progress != nil {
			cfg.Progress(int64(b.end-1), int64(cfg.Customers))
		}
	}
	return context.Cause(ctx)
}

// handOut cuts the customers into blocks, each first queued for the files and
// then given to a worker, so that every queued block becomes ready. The length
// of the queue bounds the memory.
func handOut(ctx context.Context, customers int, free *sync.Pool, todo, inOrder chan<- *block) {
	defer close(inOrder)
	defer close(todo)
	for first := 1; first <= customers; first += blockSize {
		b := &block{first: first, end: min(first+blockSize, customers+1), pages: free.Get().(*bulkPages), ready: make(chan struct{})}
		select {
		case inOrder <- b:
			todo <- b
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// sink is a file being written.
type sink struct {
	file *os.File
	buf  *bufio.Writer
	of   *File
}

// newSink creates the file and writes its header.
func newSink(f *File) (*sink, error) {
	file, err := os.Create(f.Path)
	if err != nil {
		return nil, fmt.Errorf("write the demo %s: %w", f.Kind, err)
	}
	s := &sink{file: file, buf: bufio.NewWriterSize(file, 1<<18), of: f}
	if _, err := s.buf.WriteString(strings.Join(f.Columns, ",") + "\n"); err != nil {
		return nil, errors.Join(fmt.Errorf("write the demo %s: %w", f.Kind, err), file.Close())
	}
	return s, nil
}

func (s *sink) write(p *page) error {
	s.of.Rows += p.rows
	if _, err := s.buf.Write(p.buf); err != nil {
		return fmt.Errorf("write the demo %s: %w", s.of.Kind, err)
	}
	return nil
}

func (s *sink) close() error {
	if err := errors.Join(s.buf.Flush(), s.file.Close()); err != nil {
		return fmt.Errorf("write the demo %s: %w", s.of.Kind, err)
	}
	return nil
}

func closeAll(sinks []*sink) error {
	var errs []error
	for _, s := range sinks {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// writeFile writes a small file in one go.
func writeFile(f *File, write func(*page)) error {
	var p page
	write(&p)
	s, err := newSink(f)
	if err != nil {
		return err
	}
	return errors.Join(s.write(&p), s.close())
}
