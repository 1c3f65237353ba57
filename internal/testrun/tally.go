package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of go test -json (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// tally counts tests, subtests included.
type tally struct {
	w              io.Writer
	passed, failed int
	skips          []string        // name and reason, a line for each test
	output         map[key]*output // of tests and packages that have not ended
}

// key names a test, or a package where test is empty.
type key struct{ pkg, test string }

// output is the text that a test has printed.
type output struct{ strings.Builder }

// read reads events to their end. It prints a line that is not an event.
func (t *tally) read(r io.Reader) error {
	t.output = map[key]*output{}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Fprint(t.w, line)
			} else {
				t.event(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// event handles one event.
func (t *tally) event(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "output":
		if strings.HasPrefix(e.Output, "=== ") {
			return // start, pause and end of tests: noise in the output of a failed one
		}
		if t.output[k] == nil {
			t.output[k] = &output{}
		}
		t.output[k].WriteString(e.Output)
	case "build-output":
		fmt.Fprint(t.w, e.Output)
	case "pass", "fail", "skip":
		t.end(e, k)
	}
}

// end handles the end of a test or package.
func (t *tally) end(e event, k key) {
	printed := ""
	if o := t.output[k]; o != nil {
		printed = o.String()
	}
	delete(t.output, k)
	switch {
	case e.Test == "":
		t.endPackage(e, printed)
	case e.Action == "pass":
		t.passed++
	case e.Action == "skip":
		t.skips = append(t.skips, e.Package+" "+e.Test+": "+reason(printed))
	default:
		t.failed++
		fmt.Fprint(t.w, printed)
	}
}

// endPackage prints a package's result. For a failed package it also prints
// the text from outside its tests (a panic, say).
func (t *tally) endPackage(e event, printed string) {
	switch {
	case e.Action == "skip": // no test files
	case e.Action == "pass":
		fmt.Fprintf(t.w, "ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
	default:
		fmt.Fprint(t.w, printed)
		fmt.Fprintf(t.w, "FAIL\t%s\t%.1fs\n", e.Package, e.Elapsed)
		t.unended(e.Package)
	}
}

// unended prints and counts the tests that were running when their package
// ended.
func (t *tally) unended(pkg string) {
	for k, o := range t.output {
		if k.pkg == pkg {
			t.failed++
			fmt.Fprint(t.w, o.String())
			delete(t.output, k)
		}
	}
}

// reason returns the text of t.Skip in a test's output.
func reason(printed string) string {
	why := "no reason given"
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "--- ") {
			continue
		}
		why = line
		if _, text, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok = strings.Cut(text, ": "); ok {
				why = text
			}
		}
	}
	return why
}

// summary prints the skipped tests and the numbers.
func (t *tally) summary() {
	if len(t.skips) > 0 {
		fmt.Fprintln(t.w, "\nskipped:")
	}
	for _, s := range t.skips {
		fmt.Fprintln(t.w, " ", s)
	}
	fmt.Fprintf(t.w, "\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skips))
}
