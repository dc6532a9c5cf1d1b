package likelihood

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// chunk is how many rows one goroutine takes at a time. It is fixed: the order in which numbers are added must not depend
// on the machine.
const chunk = 1024

// Each calls body for every chunk [low, high) of n rows, on all processors. body must write only to its own rows.
func Each(n int, body func(low, high int)) {
	chunks := (n + chunk - 1) / chunk
	workers := min(runtime.GOMAXPROCS(0), chunks)
	if workers <= 1 {
		for c := range chunks {
			body(c*chunk, min(n, (c+1)*chunk))
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				body(c*chunk, min(n, (c+1)*chunk))
			}
		})
	}
	all.Wait()
}

// Sum adds up what body adds to total for every chunk [low, high) of n rows. The chunks are summed in their own order, so
// the result is the same to the last bit on one processor and on many.
func Sum(n, width int, body func(low, high int, total []float64)) []float64 {
	chunks := (n + chunk - 1) / chunk
	parts := make([]float64, chunks*width)
	Each(n, func(low, high int) {
		c := low / chunk
		body(low, high, parts[c*width:(c+1)*width:(c+1)*width])
	})
	total := make([]float64, width)
	for c := range chunks {
		for i, v := range parts[c*width : (c+1)*width] {
			total[i] += v
		}
	}
	return total
}
