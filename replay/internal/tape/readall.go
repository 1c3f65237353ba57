package tape

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// ReadAll calls read for 0 to n-1, as many at a time as there are processors, and
// take with the results, in order. At most sixteen results a processor wait.
func ReadAll[T any](n int, read func(i int) T, take func(i int, v T)) {
	procs := runtime.GOMAXPROCS(0)
	results := make([]T, min(n, 16*procs))
	for first := 0; first < n; first += len(results) {
		batch := results[:min(len(results), n-first)]
		var next atomic.Int64
		var running sync.WaitGroup
		for range min(procs, len(batch)) {
			running.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(batch); i = int(next.Add(1)) - 1 {
					batch[i] = read(first + i)
				}
			})
		}
		running.Wait()
		for i, v := range batch {
			take(first+i, v)
		}
	}
}
