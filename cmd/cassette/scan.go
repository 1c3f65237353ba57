package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

func (t *tool) scanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scan CASSETTE|DIR...",
		Short: "find secrets that are not masked",
		Long: `
Looks for secrets in cassettes of any origin and in the files beside them: fields
and keys with the name of a secret, credentials, tokens of known issuers, private
keys. It prints file, line and kind of each, never the secret, and nothing if
there is none. record masks most secrets, but not those in content that a digest
addresses, nor those inside other text.`,
		Example: `
  # do these cassettes hold secrets?
  cassette scan testdata/cassettes
`,
		RunE: func(c *cobra.Command, args []string) error { return scan(args, c.OutOrStdout()) },
	}
}

// scan scans the cassettes of the given names.
func scan(names []string, stdout io.Writer) error {
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

// cassette scans the cassette at path: its text, its streams, whose turns may cut
// a secret in two, and the files beside it.
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
	return s.beside(c)
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

// beside scans the files beside a cassette. Their names are printed as the user
// named the cassette.
func (s *scanner) beside(c *cassettes.Cassette) error {
	folder, names, err := c.Beside()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.file(folder, name, filepath.Join(filepath.Dir(c.Name), filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// file scans a file beside a cassette. Path is printed.
func (s *scanner) file(folder fs.FS, name, path string) error {
	f, err := folder.Open(name)
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

// stream scans the stream of interaction i for secrets that its turns cut.
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

// split returns the secrets in the joined pieces that no piece holds alone.
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
