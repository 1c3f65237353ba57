package doctest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long a command of a document may take.
const patience = 2 * time.Minute

// tools are programs that commands of the documents use and that a machine
// may lack.
var tools = regexp.MustCompile(`\b(?:curl|jq|man|node|python3)\b`)

// TestDocumentsShowWhatCommandsPrint runs every transcript that needs no
// engine. The commands of one document share a folder.
func TestDocumentsShowWhatCommandsPrint(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are written for sh")
	}
	bin := build(t)
	commands := 0
	for name, text := range documents(t) {
		blocks := Blocks(text)
		n := countSteps(blocks)
		if n == 0 {
			continue
		}
		commands += n
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, name, blocks, bin)
		})
	}
	if commands < 20 {
		t.Errorf("found %d commands only", commands)
	}
}

// countSteps returns the number of commands that need no engine.
func countSteps(blocks []Block) (n int) {
	for _, b := range blocks {
		if b.Language() == "console" && !b.NeedsEngine() {
			n += len(Steps(b))
		}
	}
	return n
}

// build builds the commands and the demo's client, and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir, "./cmd/...", "./examples/pull")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return dir
}

// play writes the files of a document, runs its commands in order and compares
// their output with the document.
func play(t *testing.T, name string, blocks []Block, bin string) {
	dir := t.TempDir()
	writeModule(t, dir)
	for _, b := range blocks {
		if file := b.File(); file != "" {
			writeFile(t, filepath.Join(dir, file), b.Text)
		}
		if b.Language() != "console" || b.NeedsEngine() {
			continue
		}
		for _, s := range Steps(b) {
			if tool := missing(s.Command); tool != "" {
				t.Skipf("%s:%d: %s is not here", name, s.Line, tool)
			}
			got, err := shell(t, dir, bin, s.Command)
			if err != nil {
				t.Fatalf("%s:%d: %s: %v\n%s", name, s.Line, s.Command, err, got)
			}
			if !Matches(s.Output, got) {
				t.Errorf("%s:%d: $ %s\n%s\nthe document says:\n%s", name, s.Line, s.Command, got, s.Output)
			}
		}
	}
}

// missing returns a tool that command needs and this machine lacks, or "".
func missing(command string) string {
	for _, tool := range tools.FindAllString(command, -1) {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// shell runs a command in dir and returns both of its outputs, as a terminal
// shows them.
func shell(t *testing.T, dir, bin, command string) (string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-mod=mod", "GOPROXY=off", "WIRETAPE=")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// writeModule makes dir a Go module that uses this one as it stands here.
func writeModule(t *testing.T, dir string) {
	t.Helper()
	path, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/wiretape/wiretape"
	text := strings.Replace(string(mod), "module "+module, "module example.com/app", 1)
	writeFile(t, filepath.Join(dir, "go.mod"), text+"\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+path+"\n")
	writeFile(t, filepath.Join(dir, "go.sum"), string(sum))
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fences are the languages that blocks of the documents may have.
var fences = regexp.MustCompile(`^(?:console|console engine|go|python|javascript|yaml|json|text|sh|make|makefile|` +
	`(?:go|python|javascript|yaml|sh) [a-zA-Z0-9_./-]+|yaml (?:header|item)|frames|turns)$`)

// TestEveryCommandIsRun holds commands to transcripts, which are run: other
// blocks run none of ours.
func TestEveryCommandIsRun(t *testing.T) {
	ours := regexp.MustCompile(`(?m)^(?:record|replay|cassette) `)
	for name, text := range documents(t) {
		for _, b := range Blocks(text) {
			if !fences.MatchString(b.Info) {
				t.Errorf("%s:%d: a block of an unknown kind, %q", name, b.Line, b.Info)
			}
			if b.Language() == "sh" && ours.MatchString(b.Text) {
				t.Errorf("%s:%d: make this block a transcript (```console), so that it is run", name, b.Line)
			}
		}
		if regexp.MustCompile(`(?m)^    (?:record|replay|cassette) `).MatchString(withoutBlocks(text)) {
			t.Errorf("%s: an indented block has a command: make it a transcript (```console), so that it is run", name)
		}
	}
}
