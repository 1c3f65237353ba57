package replay

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
)

// explainer says why a request is a miss.
type explainer struct {
	*index
	repeat Repeat // what goes for the request

	live *http.Request
}

// candidate is a recorded request that came near.
type candidate struct {
	pos      int32
	entry    cassettes.Entry
	recorded cassette.Request
	played   bool
	diff     string // what differs; "" where nothing does
}

// explain says what was asked for, what came nearest, what differs, and which
// flag would have let it match.
func (e *explainer) explain(x *exchange) string {
	method, tgt, _ := strings.Cut(x.request, " ")
	e.live = liveRequest(method, e.flat(method, tgt))
	if x.digest != nil && x.digest.detail != nil {
		t := x.digest.detail
		t.putBody()
		e.live.Header, e.live.Host = t.request.Header, t.request.Host
		e.live.Body, e.live.GetBody, e.live.ContentLength = t.request.Body, t.request.GetBody, t.request.ContentLength
	}
	near := e.nearest(x.request)
	if len(near) == 0 {
		return fmt.Sprintf("wiretape: no recorded interaction answers %s: the cassette has no requests", x.request)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "wiretape: no recorded interaction answers %s", x.request)
	var list []candidate
	for _, pos := range near {
		list = append(list, e.candidate(pos))
	}
	e.first(&b, list[0])
	for i, c := range list {
		if hint := e.hint(c); hint != "" {
			b.WriteString("\nhint: " + hint)
			if i > 0 {
				fmt.Fprintf(&b, " (then #%d answers)", c.entry.ID)
			}
			break
		}
	}
	for _, c := range list[1:] {
		fmt.Fprintf(&b, "\nalso near: %s", c.name())
	}
	return b.String()
}

// first describes the nearest recorded request.
func (e *explainer) first(b *strings.Builder, c candidate) {
	fmt.Fprintf(b, "\nnearest: %s", c.name())
	switch {
	case c.diff != "":
		b.WriteString("\n  " + strings.ReplaceAll(c.diff, "\n", "\n  "))
	case c.played:
		b.WriteString("\n  the same request: it was recorded, and has been played as often as it was")
	}
}

func (c candidate) name() string {
	s := fmt.Sprintf("#%d %s %s", c.entry.ID, c.entry.Method, pathAndQuery(c.entry.URL))
	if c.played {
		s += " (already played)"
	}
	return s
}

// candidate reads what is compared of a recorded request.
func (e *explainer) candidate(pos int32) candidate {
	c := candidate{pos: pos, entry: e.entry(pos), played: e.played[pos].Load()}
	c.recorded = cassette.Request{Method: c.entry.Method, URL: e.flat(c.entry.Method, c.entry.URL)}
	if e.rule.detail != nil {
		if err := e.readDetail(&c); err != nil {
			c.diff = err.Error()
			return c
		}
	}
	c.diff = e.rule.whole.Explain(e.live, c.recorded)
	return c
}

// explainMax is the size of the largest recorded body that is looked into.
const explainMax = 16 << 20

// readDetail reads fields and body, as far as the rule asks for them.
func (e *explainer) readDetail(c *candidate) error {
	it, err := e.item(c.pos)
	if err != nil {
		return err
	}
	c.recorded.Headers, c.recorded.Host = fieldsOf(e.rules, it.Request.Head)
	if !e.rule.body {
		return nil
	}
	d := e.newDigest(requestTarget(it.Request.Head), it.Request.Head)
	defer d.close()
	if size := it.Request.Body.Size(); size > explainMax {
		return fmt.Errorf("body: the recorded one, %d B, is too large to be compared here", size)
	}
	if err := d.read(it); err != nil {
		return err
	}
	d.content()
	body, err := d.detail.body.open()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(body)
	c.recorded.Body = string(data)
	return err
}

// flat returns a target with what the rules mask as one "*".
func (e *explainer) flat(method, tgt string) string {
	if e.rules == nil || !hasQuery(tgt) {
		return tgt
	}
	line := append([]byte(method+" "+tgt), " HTTP/1.1\r\n\r\n"...)
	from, to := len(method)+1, len(method)+1+len(tgt)
	spans := e.rules.Head(line, nil)
	return string(flatten(nil, line[from:to], int64(from), spans))
}

// pathAndQuery returns a target without its authority.
func pathAndQuery(url string) string {
	authority, path, query := target.Cut(url)
	switch {
	case path == "":
		return authority
	case query == "":
		return path
	}
	return path + "?" + query
}

// printable returns text without what a terminal would act on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
