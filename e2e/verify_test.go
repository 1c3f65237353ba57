package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestVerifyFindsEveryChange changes, one at a time, the values under wire
// that the bytes determine, in recordings of all shapes and in the library.
// verify must fail and name the line.
func TestVerifyFindsEveryChange(t *testing.T) {
	var paths []string
	for _, c := range shapes {
		s := newStage(t)
		if err := s.perform(c.script); err != nil {
			t.Fatal(err)
		}
		s.finish()
		paths = append(paths, s.cassette())
	}
	for _, name := range libraryCassettes() {
		paths = append(paths, "../cassettes/library/"+name+".yaml")
	}
	changed := 0
	for _, path := range paths {
		lines := strings.SplitAfter(read(t, path), "\n")
		var wrong []change
		for i := range lines {
			for _, line := range changes(lines, i) {
				wrong = append(wrong, change{i, line})
			}
		}
		changed += len(wrong)
		t.Run(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			verifyFails(t, lines, wrong)
		})
	}
	if changed < 200 {
		t.Errorf("only %d changes were tried", changed)
	}
}

// change is another text of a line.
type change struct {
	at   int
	text string
}

// verifyFails makes a cassette of lines for each change and has one verify look
// at all of them.
func verifyFails(t *testing.T, lines []string, wrong []change) {
	if len(wrong) == 0 {
		return
	}
	dir := folder(t)
	path := func(n int) string { return filepath.Join(dir, fmt.Sprintf("%04d.yaml", n)) }
	for n, c := range wrong {
		text := strings.Join(lines[:c.at], "") + c.text + strings.Join(lines[c.at+1:], "")
		if err := os.WriteFile(path(n), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := runs(t, command("cassette"), "verify", dir)
	if got.status != 1 {
		t.Fatalf("verify exited %d, want 1:\n%s", got.status, got.stderr)
	}
	for n, c := range wrong {
		var found []string
		for line := range strings.Lines(string(got.stdout)) {
			if strings.HasPrefix(line, path(n)+":") {
				found = append(found, line)
			}
		}
		at := fmt.Sprintf("%s:%d:", path(n), c.at+1)
		if !slices.ContainsFunc(found, func(line string) bool { return strings.Contains(line, at) }) {
			t.Errorf("line %d changed from %q to %q: verify does not name the line:\n%s", c.at+1, lines[c.at], c.text, strings.Join(found, ""))
		}
	}
}

var (
	number   = regexp.MustCompile(`[0-9]+`)
	framing  = regexp.MustCompile(`^        framing: (\w+)$`)
	headLine = regexp.MustCompile(`^          - "(.*)"$`)
	// net/http, and with it go-vcr, keeps these out of a message's headers.
	framingField = regexp.MustCompile(`"(Transfer-Encoding|Content-Length|Trailer|Connection):`)
	frameList    = regexp.MustCompile(`^        frames: \[`)
	wireKey      = regexp.MustCompile(`^        (\w+):`)
)

// changes returns wrong values of line i: another framing, a frame of another
// size, another letter in a head. Fields that frame the body are left alone: a
// change there makes either the field or the frames wrong, and verify may name
// either.
func changes(lines []string, i int) []string {
	line := strings.TrimSuffix(lines[i], "\n")
	var all []string
	switch {
	case framing.MatchString(line):
		for _, other := range []string{"length", "chunked", "close"} {
			if !strings.HasSuffix(line, " "+other) {
				all = append(all, "        framing: "+other+"\n")
			}
		}
	case frameList.MatchString(line):
		for _, at := range number.FindAllStringIndex(line, -1) {
			n, _ := strconv.Atoi(line[at[0]:at[1]])
			all = append(all, line[:at[0]]+strconv.Itoa(n+1)+line[at[1]:]+"\n")
		}
	case line == "        end: incomplete":
		all = append(all, "        end: complete\n")
	case headLine.MatchString(line) && inHead(lines, i) && !framingField.MatchString(line):
		text := headLine.FindStringSubmatch(line)[1]
		all = append(all, strings.Replace(lines[i], text, text+"x", 1), strings.Replace(lines[i], text, "X"+text, 1))
	}
	return all
}

// inHead reports whether line i belongs to a head. The head of an interim
// response does not count: nothing else in a cassette repeats it.
func inHead(lines []string, i int) bool {
	for ; i >= 0; i-- {
		if m := wireKey.FindStringSubmatch(lines[i]); m != nil {
			return m[1] == "head"
		}
	}
	return false
}
