package replay

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/explain"
)

// explainer says why a request is a miss.
type explainer struct {
	*index
	repeat Repeat // what goes for the request

	live *http.Request
}

// candidate is a recorded request that came near.
type candidate struct {
	explain.Candidate
	pos      int32
	recorded cassette.Request
}

// miss says what was asked for, what came nearest, what differs, and which looser
// rule would have let it match.
func (e *explainer) miss(x *exchange) explain.Miss {
	method, tgt, _ := strings.Cut(x.request, " ")
	m := explain.Miss{Method: method, Target: tgt}
	e.live = liveRequest(method, e.flat(method, tgt))
	if x.digest != nil && x.digest.detail != nil {
		t := x.digest.detail
		t.putBody()
		e.live.Header, e.live.Host = t.request.Header, t.request.Host
		e.live.Body, e.live.GetBody, e.live.ContentLength = t.request.Body, t.request.GetBody, t.request.ContentLength
	}
	var list []candidate
	for _, pos := range e.nearest(x.request) {
		c := e.candidate(pos)
		list = append(list, c)
		m.Nearest = append(m.Nearest, c.Candidate)
	}
	for i, c := range list {
		if remedy, repeat, ok := e.remedy(c); ok {
			m.Remedy, m.Repeat, m.Helped = remedy, repeat, i
			break
		}
	}
	return m
}

// candidate reads what is compared of a recorded request.
func (e *explainer) candidate(pos int32) candidate {
	cassetteOf, i := e.locate(pos)
	entry := cassetteOf.Entry(i)
	c := candidate{pos: pos, recorded: cassette.Request{Method: entry.Method, URL: e.flat(entry.Method, entry.URL)}}
	c.Candidate = explain.Candidate{Cassette: cassetteOf.Name, ID: entry.ID, Method: entry.Method, URL: entry.URL, Played: e.played[pos].Load()}
	if e.rule.detail != nil {
		if err := e.readDetail(&c); err != nil {
			c.Text = err.Error()
			c.Differences = []matchers.Difference{{Got: c.Text}}
			return c
		}
	}
	c.Text = e.rule.whole.Explain(e.live, c.recorded)
	c.Differences = matchers.Differences(e.rule.whole, e.live, c.recorded)
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
