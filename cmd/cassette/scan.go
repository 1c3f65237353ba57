package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/usage"
)

func scanCommand() subcommand {
	return subcommand{run: scan, Program: &usage.Program{
		Name:     "cassette scan",
		Summary:  "find what looks secret and is not masked",
		Synopsis: []string{"cassette scan CASSETTE|DIR..."},
		About: `
Looks through cassettes, whoever wrote them, and the files beside them for what
looks like a secret: fields and keys with a secret's name, credentials, tokens
of known issuers, private keys. It prints file, line and kind, one line each,
never the secret, and nothing where nothing is found. record masks most of this,
but not what a digest addresses, nor what stands inside other text.`,
		Flags: pflag.NewFlagSet("cassette scan", pflag.ContinueOnError),
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "is anything in these cassettes that nobody should see?", Line: "cassette scan testdata/cassettes"},
		},
	}}
}

// scan scans the cassettes of the given names.
func scan(_ context.Context, names []string, stdout io.Writer, _ *messages.Printer) error {
	s := scanner{w: stdout}
	if err := onDisk(names, s.cassette); err != nil {
		return err
	}
	if s.found {
		return errFound
	}
	return nil
}

// scanner prints findings.
type scanner struct {
	w     io.Writer
	found bool
}

// cassette scans the cassette at path: its text, its streams where turns cut
// through what looks secret, and the files beside it.
func (s *scanner) cassette(path string) error {
	if err := s.text(path); err != nil {
		return err
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range c.Len() {
		if err := s.stream(c, i); err != nil {
			return err
		}
	}
	return s.beside(path)
}

// text scans the text of a cassette.
func (s *scanner) text(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	joined := newJoiner(f)
	for found, err := range redact.Scan(joined) {
		if err != nil {
			return err
		}
		line := found.Line + joined.skippedBefore(found.Off)
		if err := s.print(path, line, found.Kind, found.Len, ""); err != nil {
			return err
		}
	}
	return nil
}

// file scans a file beside a cassette.
func (s *scanner) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for found, err := range redact.Scan(f) {
		if err != nil {
			return err
		}
		if err := s.print(path, found.Line, found.Kind, found.Len, ""); err != nil {
			return err
		}
	}
	return nil
}

// beside scans the files that stand beside the cassette at path.
func (s *scanner) beside(path string) error {
	dir := strings.TrimSuffix(path, filepath.Ext(path)) + ".bodies"
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return s.file(p)
	})
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// stream scans the stream of item i for what its turns cut in pieces.
func (s *scanner) stream(c *cassettes.Cassette, i int) error {
	it, err := c.Interaction(i)
	if err != nil || it.Turns == nil {
		return err
	}
	var pieces [2][][]byte
	for _, t := range it.Turns.List {
		pieces[t.Side] = append(pieces[t.Side], t.Data)
	}
	for side, p := range pieces {
		for _, f := range split(p) {
			where := fmt.Sprintf(", in pieces of the %s's turns", http1.Side(side))
			if err := s.print(c.Name, c.Entry(i).Line, f.Kind, f.Len, where); err != nil {
				return err
			}
		}
	}
	return nil
}

// split returns what is found in the pieces joined, and in none alone.
func split(pieces [][]byte) []redact.Finding {
	if len(pieces) < 2 {
		return nil
	}
	var (
		joined []byte
		alone  = map[int64]bool{}
	)
	for _, p := range pieces {
		for _, f := range redact.Find(p) {
			alone[int64(len(joined))+f.Off] = true
		}
		joined = append(joined, p...)
	}
	var only []redact.Finding
	for _, f := range redact.Find(joined) {
		if !alone[f.Off] {
			only = append(only, f)
		}
	}
	return only
}

// print prints one finding.
func (s *scanner) print(file string, line int, kind redact.Kind, size int, where string) error {
	s.found = true
	_, err := fmt.Fprintf(s.w, "%s:%d: %s, %d bytes%s\n", file, line, kind, size, where)
	return err
}
