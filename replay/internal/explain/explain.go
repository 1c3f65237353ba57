package explain

import (
	"fmt"
	"io"
	"net/http"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// Explainer says why a request is a miss. It is for one miss.
type Explainer struct {
	Index  *index.Index // of the recordings to compare with
	Repeat index.Repeat // for the request

	live *http.Request
}

// candidate is a recorded request that came near.
type candidate struct {
	Candidate
	pos      int32
	recorded cassette.Request
}

// Miss explains the miss of a request with that method and target, secrets masked.
// Digest has taken in fields and body as far as the rule compares them; it may be
// nil.
func (e *Explainer) Miss(method, target string, digest *rule.Digest) Miss {
	m := Miss{Method: method, Target: target}
	e.live = rule.LiveRequest(method, e.Index.Rule.Flat(method, target))
	if r := digest.Request(); r != nil {
		e.live.Header, e.live.Host = r.Header, r.Host
		e.live.Body, e.live.GetBody, e.live.ContentLength = r.Body, r.GetBody, r.ContentLength
	}
	var list []candidate
	for _, pos := range e.nearest(method, target) {
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

// candidate reads and compares a recorded request.
func (e *Explainer) candidate(pos int32) candidate {
	r := e.Index.Rule
	of, i := e.Index.Locate(pos)
	entry := of.Entry(i)
	c := candidate{pos: pos, recorded: cassette.Request{Method: entry.Method, URL: r.Flat(entry.Method, entry.URL)}}
	c.Candidate = Candidate{Cassette: of.Name, ID: entry.ID, Method: entry.Method, URL: entry.URL, Played: e.Index.Played(pos)}
	if r.HasDetail() {
		if err := e.readDetail(&c); err != nil {
			c.Text = err.Error()
			c.Differences = []matchers.Difference{{Got: c.Text}}
			return c
		}
	}
	c.compare(r.Whole(), e.live, r.Masks() == nil)
	return c
}

// explainMax is the size of the largest recorded body that is looked into.
const explainMax = 16 << 20

// readDetail reads fields and body, as far as the rule asks for them.
func (e *Explainer) readDetail(c *candidate) error {
	r := e.Index.Rule
	it, err := e.Index.Item(c.pos)
	if err != nil {
		return err
	}
	c.recorded.Headers, c.recorded.Host = r.Fields(it.Request.Head)
	if !r.ComparesBody() {
		return nil
	}
	d := e.Index.NewDigest(rule.RequestTarget(it.Request.Head), it.Request.Head)
	defer d.Close()
	if size := it.Request.Body.Size(); size > explainMax {
		return fmt.Errorf("body: the recorded one, %d B, is too large to be compared here", size)
	}
	if err := d.Read(it); err != nil {
		return err
	}
	d.Content()
	body, err := d.Request().GetBody()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(body)
	c.recorded.Body = string(data)
	return err
}
