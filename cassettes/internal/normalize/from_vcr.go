package normalize

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/vcrhead"
	"github.com/wiretape/wiretape/wire"
)

// FromVCR reads the interaction at index at, and makes its heads say what
// go-vcr's blocks say. All else follows from the heads. Rules are the names of
// the redaction rules in force.
func FromVCR(b *decode.Reader, at int, rules []string) (*wire.Interaction, error) {
	it := b.Item(at)
	if b.Err != nil || b.Lookup(at, "wire") == 0 {
		return it, b.Err
	}
	Keepable(b, it, at)
	for m, key := range it.Messages() {
		block := b.Lookup(at, key)
		if block == 0 || len(m.Head) == 0 || b.Err != nil {
			continue
		}
		p := patch{Reader: b, m: m, block: block, side: key, vcr: b.VCR(block, key), head: vcrhead.SplitSection(m.Head, true)}
		p.apply(it)
	}
	if b.Err != nil {
		return nil, b.Err
	}
	r := normalizer{Reader: b, it: it, wire: b.Lookup(at, "wire"), rules: rules}
	for m, key := range it.Messages() {
		r.message(m, key)
	}
	return it, b.Err
}

// patch makes a message say what go-vcr's block of it says.
type patch struct {
	*decode.Reader
	m     *wire.Message
	block int
	side  string
	vcr   *vcrhead.Message
	head  *vcrhead.Section
}

// has reports whether the block has a key. A part without a key stays as it is.
func (p *patch) has(key string) bool { return p.Lookup(p.block, key) != 0 }

func (p *patch) apply(it *wire.Interaction) {
	var v vcrhead.View
	v.Parse(p.m.Head, true)
	if p.side == "request" {
		p.requestLine(&v)
	} else {
		p.statusLine(&v)
		if took := p.Lookup(p.block, "duration"); took != 0 && it.Timed {
			p.m.Start = p.DurationAt(took)
		}
	}
	if p.has("headers") {
		p.fields(p.head, p.vcr.Fields, p.isOwn)
	}
	if p.has("transfer_encoding") {
		p.coding()
	}
	p.m.Head = p.head.Bytes()
	if p.has("trailer") {
		p.trailer()
	}
}

// isOwn reports whether go-vcr keeps the field elsewhere than in its headers.
func (p *patch) isOwn(name string) bool {
	return vcrhead.IsFraming([]byte(name)) || p.side == "request" && name == "Host"
}

// requestLine takes over method, URL and host.
func (p *patch) requestLine(v *vcrhead.View) {
	method, target, proto := v.RequestLine()
	newMethod, newTarget, host := string(method), string(target), string(v.Host())
	if p.has("method") {
		newMethod = p.vcr.Method
	}
	if p.has("url") && p.vcr.URL != string(v.AppendURL(nil)) {
		u, err := url.Parse(p.vcr.URL)
		if err != nil {
			p.Fail(p.Lookup(p.block, "url"), "request.url: %w", err)
			return
		}
		if _, authority, _ := vcrhead.CutAbsolute(target); authority != nil {
			newTarget = p.vcr.URL
		} else {
			newTarget = u.RequestURI()
		}
		if host = u.Host; p.has("host") && p.vcr.Host != string(v.Host()) && p.vcr.Host != host {
			p.Fail(p.Lookup(p.block, "host"), "request.host is %q and the URL's %q; make them the same", p.vcr.Host, host)
		}
	} else if p.has("host") {
		host = p.vcr.Host
	}
	if newMethod != string(method) || newTarget != string(target) {
		p.head.SetStart(newMethod + " " + newTarget + " " + string(proto))
	}
	if host != string(v.Host()) {
		p.head.Set("Host", []string{host})
	}
}

// statusLine takes over status and code; where they disagree the code is
// believed.
func (p *patch) statusLine(v *vcrhead.View) {
	proto, status, code := v.StatusLine()
	want := string(status)
	if p.has("status") {
		want = p.vcr.Status
	}
	if p.has("code") {
		code = p.vcr.Code
	}
	if digits, _, _ := strings.Cut(want, " "); digits != strconv.Itoa(code) {
		want = strconv.Itoa(code) + " " + http.StatusText(code)
	}
	if want != string(status) {
		p.head.SetStart(string(proto) + " " + want)
	}
}

// fields takes over a block's fields, but for those that are kept elsewhere.
func (p *patch) fields(s *vcrhead.Section, fields []vcrhead.HeaderValue, elsewhere func(name string) bool) {
	wanted := make(map[string][]string)
	var names []string
	for _, f := range fields {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
		wanted[vcrhead.CanonicalName(f.Name)] = append(wanted[vcrhead.CanonicalName(f.Name)], f.Value)
	}
	for _, name := range s.Names() {
		if wanted[name] == nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if values := wanted[vcrhead.CanonicalName(name)]; !elsewhere(vcrhead.CanonicalName(name)) && !slices.Equal(values, s.Values(vcrhead.CanonicalName(name))) {
			s.Set(name, values)
		}
	}
}

// coding makes the message chunked, or no longer so. The length that it has
// then is set where all lengths are.
func (p *patch) coding() {
	switch chunked := p.vcr.SaysChunked(); {
	case chunked == (p.m.Framing == http1.Chunked) || p.m.Framing == http1.None || p.m.Framing == http1.Stream:
	case chunked:
		p.head.Set("Content-Length", nil)
		p.head.Set("Transfer-Encoding", []string{"chunked"})
	default:
		p.head.Set("Transfer-Encoding", nil)
		p.head.Set("Trailer", nil)
		p.head.Set("Content-Length", []string{"0"})
	}
}

// trailer takes over the trailer section.
func (p *patch) trailer() {
	old := vcrhead.SplitSection(p.m.Trailer, false)
	p.fields(old, p.vcr.Trailer, func(string) bool { return false })
	switch {
	case len(old.Names()) > 0:
		p.m.Trailer = old.Bytes()
	case len(p.m.Trailer) > len("\r\n"):
		p.m.Trailer = nil
	}
}
