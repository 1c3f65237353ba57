package compare

import (
	"bytes"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/jsondiff"
	"github.com/wiretape/wiretape/internal/target"
)

// comparer compares two interactions and collects lines.
type comparer struct {
	o     Options
	lines []string
	timed bool
	// versions are the API versions in the two requests' paths, "" where they
	// are equal.
	versions string
}

func (c *comparer) add(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// item compares two interactions.
func (c *comparer) item(a, b *cassettes.Interaction) error {
	c.timed = a.Timed && b.Timed && !c.o.Volatile
	if err := c.message("request", a.Request, b.Request); err != nil {
		return err
	}
	if err := c.message("response", a.Response, b.Response); err != nil {
		return err
	}
	return c.stream(a.Turns, b.Turns)
}

// message compares two messages.
func (c *comparer) message(side string, a, b *cassettes.Message) error {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		c.add("%s: none -> %s", side, firstLine(b.Head))
		return nil
	case b == nil:
		c.add("%s: %s -> none", side, firstLine(a.Head))
		return nil
	}
	c.interim(side, a, b)
	c.head(side, a.Head, b.Head)
	// The body goes first: chunk sizes may not count where bodies are the same.
	same, err := c.body(side, a, b)
	if err != nil {
		return err
	}
	if err := c.framing(side, a, b, same); err != nil {
		return err
	}
	c.head(side+" trailer", a.Trailer, b.Trailer)
	if a.End != b.End || a.Missing != b.Missing {
		c.add("%s end: %s -> %s", side, end(a), end(b))
	}
	if c.timed && side == "response" {
		c.times(a, b)
	}
	return nil
}

func end(m *cassettes.Message) string {
	if m.Missing == 0 {
		return string(m.End)
	}
	return fmt.Sprintf("%s, %d B missing", m.End, m.Missing)
}

// interim compares 1xx responses.
func (c *comparer) interim(side string, a, b *cassettes.Message) {
	list := func(m *cassettes.Message) (lines []string) {
		for _, i := range m.Interim {
			lines = append(lines, firstLine(i.Head))
		}
		return lines
	}
	if x, y := list(a), list(b); !slices.Equal(x, y) {
		c.add("%s interim: %q -> %q", side, x, y)
	}
}

// head compares heads or trailer sections: the start line, and the fields by
// name.
func (c *comparer) head(what string, a, b []byte) {
	if bytes.Equal(a, b) {
		return
	}
	before := len(c.lines)
	s := &stabilizer{}
	if c.o.Volatile {
		s = newStabilizer(a, b)
	}
	hasStart := !strings.HasSuffix(what, "trailer")
	x, y := c.parse(s, a, hasStart), c.parse(s, b, hasStart)
	c.start(what, x.start, y.start)
	names := append(slices.Clone(x.names), y.names...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		c.field(what, name, x.values[name], y.values[name])
	}
	if len(c.lines) == before && !c.o.Volatile && x.start == y.start {
		c.add("%s head: the same fields, in another order or spelling", what)
	}
}

// start compares start lines. A different API version in the path is reported
// once, for the cassettes as a whole.
func (c *comparer) start(what, a, b string) {
	if what == "request" {
		if p, q := apiPrefix(a), apiPrefix(b); p != q {
			c.versions = p + " -> " + q
			a, b = strings.Replace(a, p+"/", "/", 1), strings.Replace(b, q+"/", "/", 1)
		}
	}
	x, y := strings.Fields(a), strings.Fields(b)
	switch {
	case a == b:
	case what == "request" && len(x) == 3 && len(y) == 3 && x[0] == y[0] && x[2] == y[2]:
		c.add("%s target: %s -> %s", what, x[1], y[1])
	default:
		c.add("%s line: %s -> %s", what, a, b)
	}
}

// apiPrefix returns the API version at the beginning of the path in a request
// line, or "".
func apiPrefix(line string) string {
	_, path, _ := strings.Cut(line, " ")
	version, _ := target.CutVersion(path)
	return version
}

// field compares the values of a field.
func (c *comparer) field(what, name string, a, b []string) {
	switch {
	case slices.Equal(a, b), c.o.Volatile && name == "Date":
	case c.o.Volatile && name == "Content-Length" && len(a) > 0 && len(b) > 0:
		// reported with the body
	case len(a) == 0:
		c.add("%s %s added: %s", what, name, values(b))
	case len(b) == 0:
		c.add("%s %s gone: %s", what, name, values(a))
	default:
		c.add("%s %s: %s -> %s", what, name, values(a), values(b))
	}
}

func values(list []string) string {
	var quoted []string
	for _, v := range list {
		quoted = append(quoted, jsondiff.Quote(v))
	}
	return strings.Join(quoted, ", ")
}

// fields are the parts of a head.
type fields struct {
	start  string
	names  []string
	values map[string][]string
}

// parse takes a head or a trailer section apart. With Options.Volatile it
// replaces the volatile parts of each line.
func (c *comparer) parse(s *stabilizer, section []byte, hasStart bool) fields {
	stable := func(b []byte) string {
		if c.o.Volatile {
			return s.text(string(b))
		}
		return string(b)
	}
	start, list := http1.Split(section, hasStart)
	f := fields{start: stable(start), values: make(map[string][]string)}
	for _, l := range list {
		name := textproto.CanonicalMIMEHeaderKey(string(l.Name))
		f.names = append(f.names, name)
		f.values[name] = append(f.values[name], stable(l.Value))
	}
	return f
}

// framing compares how bodies were sent. same tells that the bodies do not
// differ; with Options.Volatile the sizes of their chunks do not count then.
func (c *comparer) framing(side string, a, b *cassettes.Message, same bool) error {
	if a.Framing != b.Framing {
		c.add("%s framing: %v -> %v", side, a.Framing, b.Framing)
		return nil
	}
	if a.Framing != http1.Chunked {
		return nil // other frames are reads, and depend on chance
	}
	x, err := sizes(a)
	if err != nil {
		return err
	}
	y, err := sizes(b)
	if err != nil {
		return err
	}
	switch {
	case len(x) != len(y):
		c.add("%s chunks: %d -> %d", side, len(x), len(y))
	case c.o.Volatile && same, slices.Equal(x, y):
	default:
		for i := range x {
			if x[i] != y[i] {
				c.add("%s chunk %d: %d B -> %d B", side, i, x[i], y[i])
				break
			}
		}
	}
	return nil
}

// sizes returns the sizes of a message's chunks without the last chunk.
func sizes(m *cassettes.Message) (all []int64, err error) {
	for f, err := range m.Frames.All() {
		if err != nil {
			return nil, err
		}
		if f.Size > 0 {
			all = append(all, f.Size)
		}
	}
	return all, nil
}

// times compares the wait before a response and its duration.
func (c *comparer) times(a, b *cassettes.Message) {
	if a.Start != b.Start {
		c.add("response began after: %v -> %v", a.Start, b.Start)
	}
	if x, y := took(a), took(b); x != y {
		c.add("response took: %v -> %v", x, y)
	}
}

func took(m *cassettes.Message) (d time.Duration) {
	for f, err := range m.Frames.All() {
		if err != nil {
			break // the sizes were read before
		}
		d += f.Wait
	}
	return d
}

func firstLine(head []byte) string {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	return string(line)
}
