package main

import (
	"strings"
	"testing"
)

func TestTallyCountsAndPrintsFailures(t *testing.T) {
	const events = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- PASS: TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: cannot run here: no root\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB","Elapsed":0}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"pass","Package":"p","Elapsed":0.25}
not an event
{"Action":"output","Package":"q","Test":"TestC","Output":"    c_test.go:9: got 1, want 2\n"}
{"Action":"fail","Package":"q","Test":"TestC","Elapsed":0}
{"Action":"output","Package":"q","Test":"TestD","Output":"TestD hangs\n"}
{"Action":"output","Package":"q","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"q","Elapsed":1}
{"ImportPath":"r","Action":"build-output","Output":"r.go:1: no\n"}
{"ImportPath":"r","Action":"build-fail"}
{"Action":"fail","Package":"r","Elapsed":0,"FailedBuild":"r"}
{"Action":"skip","Package":"s","Elapsed":0}
`
	const want = `ok  	p	0.2s
not an event
    c_test.go:9: got 1, want 2
panic: test timed out
FAIL	q	1.0s
TestD hangs
r.go:1: no
FAIL	r	0.0s

skipped:
  p TestB: cannot run here: no root

1 passed, 2 failed, 1 skipped
`
	var b strings.Builder
	c := tally{w: &b}
	if err := c.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	c.summary()
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestRun(t *testing.T) {
	var b strings.Builder
	if err := run(&b, []string{t.TempDir()}, false); err == nil || !strings.Contains(err.Error(), "no test ran") {
		t.Errorf("a folder that is no module: got %v, want an error that says that no test ran", err)
	}
}
