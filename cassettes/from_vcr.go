package cassettes

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/internal/http1"
)

// FormatFromVCR is Format for a cassette that was edited where go-vcr reads it:
// methods, URLs, fields and the like in go-vcr's blocks are the truth, and the
// heads under wire are made to say the same. What is the same stays as it is,
// down to the order and spelling of fields. A cassette that go-vcr wrote becomes
// one of ours.
func FormatFromVCR(path string) (changed bool, err error) {
	return rewriteFile(path, func(c *Cassette) error {
		if c.Header.Source == "" {
			c.Header.Source = "imported"
		}
		return c.formattable()
	}, (*Cassette).itemFromVCR)
}

// itemFromVCR reads item i and makes it agree with go-vcr's blocks.
func (c *Cassette) itemFromVCR(i int) (*Interaction, error) {
	b, at, err := c.read(i)
	if err != nil {
		return nil, err
	}
	it := b.item(at)
	if b.err != nil || b.Lookup(at, "wire") == 0 {
		return it, b.err
	}
	b.keepable(it, at)
	for m, key := range it.messages() {
		block := b.Lookup(at, key)
		if block == 0 || len(m.Head) == 0 || b.err != nil {
			continue
		}
		p := patch{builder: b, m: m, block: block, side: key, vcr: b.vcr(block, key), head: splitSection(m.Head, true)}
		p.apply(it)
	}
	if b.err != nil {
		return nil, b.err
	}
	r := reformer{builder: b, it: it, wire: b.Lookup(at, "wire")}
	for m, key := range it.messages() {
		r.message(m, key)
	}
	return it, b.err
}

// patch makes a message say what go-vcr's block of it says.
type patch struct {
	*builder
	m     *Message
	block int
	side  string
	vcr   *vcrMessage
	head  *section
}

// has reports whether the block has a key: what it does not have stays.
func (p *patch) has(key string) bool { return p.Lookup(p.block, key) != 0 }

func (p *patch) apply(it *Interaction) {
	var v view
	v.parse(p.m.Head, true)
	if p.side == "request" {
		p.requestLine(&v)
	} else {
		p.statusLine(&v)
		if p.vcr.duration != 0 && it.Timed {
			p.m.Start = p.duration(p.vcr.duration)
		}
	}
	if p.has("headers") {
		p.fields(p.head, p.vcr.fields, p.isOwn)
	}
	if p.has("transfer_encoding") {
		p.coding()
	}
	p.m.Head = p.head.bytes()
	if p.has("trailer") {
		p.trailer()
	}
}

// isOwn reports whether go-vcr keeps the field elsewhere than in its headers.
func (p *patch) isOwn(name string) bool {
	return isFraming([]byte(name)) || p.side == "request" && name == "Host"
}

// requestLine takes over method, URL and host.
func (p *patch) requestLine(v *view) {
	method, target, proto := v.requestLine()
	newMethod, newTarget, host := string(method), string(target), string(v.host())
	if p.has("method") {
		newMethod = p.vcr.method
	}
	if p.has("url") && p.vcr.url != string(v.appendURL(nil)) {
		u, err := url.Parse(p.vcr.url)
		if err != nil {
			p.fail(p.Lookup(p.block, "url"), "request.url: %w", err)
			return
		}
		if _, authority, _ := cutAbsolute(target); authority != nil {
			newTarget = p.vcr.url
		} else {
			newTarget = u.RequestURI()
		}
		if host = u.Host; p.has("host") && p.vcr.host != string(v.host()) && p.vcr.host != host {
			p.fail(p.Lookup(p.block, "host"), "request.host is %q and the URL's %q; make them the same", p.vcr.host, host)
		}
	} else if p.has("host") {
		host = p.vcr.host
	}
	if newMethod != string(method) || newTarget != string(target) {
		p.head.setStart(newMethod + " " + newTarget + " " + string(proto))
	}
	if host != string(v.host()) {
		p.head.set("Host", []string{host})
	}
}

// statusLine takes over status and code; where they disagree the code is
// believed.
func (p *patch) statusLine(v *view) {
	proto, status, code := v.statusLine()
	want := string(status)
	if p.has("status") {
		want = p.vcr.status
	}
	if p.has("code") {
		code = p.vcr.code
	}
	if digits, _, _ := strings.Cut(want, " "); digits != strconv.Itoa(code) {
		want = strconv.Itoa(code) + " " + http.StatusText(code)
	}
	if want != string(status) {
		p.head.setStart(string(proto) + " " + want)
	}
}

// fields takes over a block's fields, but for those that are kept elsewhere.
func (p *patch) fields(s *section, fields []vcrField, elsewhere func(name string) bool) {
	wanted := make(map[string][]string)
	var names []string
	for _, f := range fields {
		if !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
		wanted[canonical(f.name)] = append(wanted[canonical(f.name)], f.value)
	}
	for _, f := range s.fields {
		if wanted[f.name] == nil && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	for _, name := range names {
		if values := wanted[canonical(name)]; !elsewhere(canonical(name)) && !slices.Equal(values, s.values(canonical(name))) {
			s.set(name, values)
		}
	}
}

// coding makes the message chunked, or no longer so. The length that it has
// then is set where all lengths are.
func (p *patch) coding() {
	switch chunked := p.vcr.coded(); {
	case chunked == (p.m.Framing == http1.Chunked) || p.m.Framing == http1.None || p.m.Framing == http1.Stream:
	case chunked:
		p.head.set("Content-Length", nil)
		p.head.set("Transfer-Encoding", []string{"chunked"})
	default:
		p.head.set("Transfer-Encoding", nil)
		p.head.set("Trailer", nil)
		p.head.set("Content-Length", []string{"0"})
	}
}

// trailer takes over the trailer section.
func (p *patch) trailer() {
	old := splitSection(p.m.Trailer, false)
	p.fields(old, p.vcr.trailer, func(string) bool { return false })
	switch {
	case len(old.fields) > 0:
		p.m.Trailer = old.bytes()
	case len(p.m.Trailer) > len(crlf):
		p.m.Trailer = nil
	}
}
