package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// beside is how many inner programs run at a time. They wait more than they
// compute: for engines, and for clients that take their time.
const beside = 5

// runParts runs an inner program for each part, each in a sandbox of its own,
// and prints the output of each as one piece when it has ended.
func runParts(dir string, parts []Part) (status int, err error) {
	var mu sync.Mutex
	var failure error
	one := func(i int) {
		var out bytes.Buffer
		s, err := runPart(filepath.Join(dir, strconv.Itoa(i)), dir, parts[i], &out)
		mu.Lock()
		defer mu.Unlock()
		os.Stdout.Write(withoutVerdict(out.Bytes()))
		status = max(status, s)
		if err != nil && failure == nil {
			failure = fmt.Errorf("%q: %w", parts[i].Args, err)
		}
	}
	stopped, stop := signal.NotifyContext(context.Background(), ending...)
	defer stop()
	next := make(chan int)
	var workers sync.WaitGroup
	for range beside {
		workers.Go(func() {
			for i := range next {
				one(i)
			}
		})
	}
	for i, p := range parts {
		if !p.Alone && stopped.Err() == nil {
			next <- i
		}
	}
	close(next)
	workers.Wait()
	for i, p := range parts {
		if p.Alone && stopped.Err() == nil {
			one(i)
		}
	}
	if stopped.Err() != nil {
		return max(status, 1), failure
	}
	if failure == nil && status == 0 {
		fmt.Println("PASS")
	}
	return status, failure
}

// runPart runs a part in the new scratch folder dir, which has links to all files of
// from.
func runPart(dir, from string, p Part, out *bytes.Buffer) (status int, err error) {
	made, err := os.ReadDir(from)
	if err != nil {
		return 0, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	for _, e := range made {
		if _, err := strconv.Atoi(e.Name()); err == nil {
			continue // another part's
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return 0, err
		}
	}
	status, err = run(dir, p, out)
	if os.Getenv(keepVar) == "" {
		os.RemoveAll(dir) // the removal of from reports an error
	}
	return status, err
}

// withoutVerdict returns the output of a test program without its last word,
// PASS or FAIL, which is for the outer program to say.
func withoutVerdict(out []byte) []byte {
	var kept [][]byte
	for line := range bytes.Lines(out) {
		// With -test.v=test2json lines of the framework begin with a SYN.
		word := string(bytes.TrimSpace(bytes.TrimLeft(line, "\x16")))
		if word != "PASS" && word != "FAIL" {
			kept = append(kept, line)
		}
	}
	return slices.Concat(kept...)
}
