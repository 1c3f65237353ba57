package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/messages"
)

// show holds the flags of cassette show.
type show struct{ frames, json bool }

func (t *tool) showCommand() *cobra.Command {
	var s show
	c := &cobra.Command{
		Use:   "show [--frames] [--json] CASSETTE|DIR|library:NAME...",
		Short: "show the interactions of a cassette, one a line",
		Long: `
Prints one line for each interaction. With --frames it also prints one line for
each head, frame, trailer, turn and close: its side, its size, the number of the
read that it began in, the time since the part before, and its first bytes.`,
		Example: `
  # how does a pull look on the wire?
  cassette show --frames library:docker/v1.41/pull

  # which requests have large answers?
  cassette show --json run.yaml | jq -r 'select(.response.size > 65536) | .target'
`,
		RunE: func(c *cobra.Command, args []string) error { return s.run(args, c.OutOrStdout(), t.printer()) },
	}
	c.Flags().BoolVar(&s.frames, "frames", false, "show heads, frames and turns, too")
	c.Flags().BoolVar(&s.json, "json", false, "print one JSON object a line")
	return c
}

// run prints the cassettes of the given names.
func (s *show) run(names []string, stdout io.Writer, m *messages.Printer) error {
	all, err := places.Open(names...)
	if err != nil {
		return err
	}
	defer catalog.Close(all)
	w := bufio.NewWriter(stdout)
	defer w.Flush()
	for _, c := range all {
		if c.Torn != nil {
			m.Log().Warn("the last interaction is incomplete and left out", "at", c.Torn)
		}
		if err := s.cassette(w, c); err != nil {
			return err
		}
	}
	return w.Flush()
}

// cassette prints one cassette.
func (s *show) cassette(w io.Writer, c *cassettes.Cassette) error {
	if !s.json {
		if _, err := fmt.Fprintln(w, title(c)); err != nil {
			return err
		}
	}
	out := rows{w: w, json: s.json}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return err
		}
		if err := s.item(out, c, it); err != nil {
			return fmt.Errorf("%s: interaction %d: %w", c.Name, it.ID, err)
		}
	}
	return nil
}

// title returns the line that describes a cassette.
func title(c *cassettes.Cassette) string {
	var b strings.Builder
	h := c.Header
	fmt.Fprintf(&b, "%s: %s", c.Name, count(int64(c.Len()), "interaction"))
	if h.Source != "" {
		b.WriteString(", " + h.Source)
	}
	if h.Upstream != "" {
		b.WriteString(" from " + h.Upstream)
	}
	if !h.Recorded.IsZero() {
		b.WriteString(" at " + h.Recorded.UTC().Format(time.RFC3339))
	}
	if h.API != (cassettes.API{}) {
		fmt.Fprintf(&b, ", %s %s", h.API.Product, h.API.Version)
	}
	return b.String()
}

// item prints an interaction, and with --frames its parts.
func (s *show) item(out rows, c *cassettes.Cassette, it *cassettes.Interaction) error {
	l, err := sum(it)
	if err != nil {
		return err
	}
	l.Cassette = c.Name
	if err := out.write(l); err != nil || !s.frames {
		return err
	}
	p := parts{out: out, it: it}
	if err := p.message(http1.Client, it.Request); err != nil {
		return err
	}
	if err := p.message(http1.Server, it.Response); err != nil {
		return err
	}
	return p.turns(it.Turns)
}

// sum returns the row of an interaction.
func sum(it *cassettes.Interaction) (*row, error) {
	l := &row{ID: it.ID, Kind: "stream", Session: it.Session, Conn: it.Conn, Peer: it.Peer}
	var err error
	if it.Request != nil {
		l.Kind, l.Seq = "exchange", it.Request.Seq
		l.Method, l.Target = requestLine(it.Request.Head)
		l.Wait = wait(it, it.Request.Start)
		if l.Request, err = sumMessage(it, it.Request); err != nil {
			return nil, err
		}
	}
	if it.Response != nil {
		if l.Response, err = sumMessage(it, it.Response); err != nil {
			return nil, err
		}
		l.Response.Status = statusCode(it.Response.Head)
	}
	if it.Turns != nil {
		err = sumTurns(l, it)
	}
	return l, err
}

// sumMessage sums up a message.
func sumMessage(it *cassettes.Interaction, m *cassettes.Message) (*side, error) {
	s := &side{
		Framing: m.Framing.String(), Frames: m.Frames.Len(), Size: m.Body.Size(),
		End: string(m.End), Missing: m.Missing,
	}
	took := time.Duration(0)
	if m == it.Response {
		took = m.Start
	}
	for f, err := range m.Frames.All() {
		if err != nil {
			return nil, err
		}
		took += f.Wait
	}
	s.Took = wait(it, took)
	return s, nil
}

// sumTurns sums up an interaction's stream.
func sumTurns(l *row, it *cassettes.Interaction) error {
	l.Stream = &dialogue{Turns: it.Turns.Len()}
	first := it.Request == nil
	for t, err := range it.Turns.All() {
		if err != nil {
			return err
		}
		if first {
			l.Seq, l.Wait, first = t.Seq, wait(it, it.Turns.Start), false
		}
		if t.Side == http1.Client {
			l.Stream.Client += int64(len(t.Data))
		} else {
			l.Stream.Server += int64(len(t.Data))
		}
	}
	return nil
}

// wait returns d if the interaction's times are stored.
func wait(it *cassettes.Interaction, d time.Duration) *time.Duration {
	if !it.Timed {
		return nil
	}
	return &d
}

// requestLine returns a request head's method and target.
func requestLine(head []byte) (method, target string) {
	f := startLine(head)
	if len(f) < 2 {
		return string(bytes.Join(f, nil)), ""
	}
	return string(f[0]), string(f[1])
}

// statusCode returns a response head's status code, or 0.
func statusCode(head []byte) int {
	f := startLine(head)
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(string(f[1]))
	return n
}

// startLine returns the fields of a head's first line, empty lines left out.
func startLine(head []byte) [][]byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	return bytes.Fields(line)
}
