package replay

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/index"
)

// urlFields are the fields that hold URLs of the server's own (RFC 9110
// sections 8.7, 10.2.2 and 11.6.1, RFC 8288).
var urlFields = []string{"location", "content-location", "link", "refresh", "www-authenticate"}

// localize has an answer name the host that its request went to. It reports
// whether the answer names its host at all.
func (m *matcher) localize(pos int32, it *cassettes.Interaction) bool {
	if m.srv.Authority == AuthorityExact || it.Request == nil || it.Response == nil || !bytes.Contains(it.Response.Head, []byte(plainURL)) {
		return false
	}
	found := false
	for _, recorded := range [][]byte{hostOf(it.Request.Head), upstreamOf(m.srv.index, pos)} {
		head, names := replaceHost(it.Response.Head, recorded, m.host)
		found = found || names
		if !names || len(m.host) == 0 || bytes.Equal(recorded, m.host) {
			continue
		}
		it.Response.Head = head
		m.srv.tally.note(fmt.Sprintf("a URL of %s, in an answer's head, became one of %s", recorded, m.host))
	}
	return found
}

// upstreamOf returns the TCP address that a cassette was recorded from, or nil.
func upstreamOf(x *index.Index, pos int32) []byte {
	c, _ := x.Locate(pos)
	addr, ok := strings.CutPrefix(c.Header.Upstream, "tcp://")
	if !ok {
		return nil
	}
	return []byte(addr)
}

// hostOf returns the Host of a recorded request, or nil.
func hostOf(head []byte) []byte {
	h, _ := http1.ParseHead(head)
	return h.Field("Host")
}

// replaceHost returns a head with another host in the URLs of one, and reports
// whether there are any.
func replaceHost(head, from, to []byte) (replaced []byte, found bool) {
	if len(from) == 0 {
		return head, false
	}
	for line := range bytes.Lines(head) {
		name, _, _ := bytes.Cut(line, []byte{':'})
		for _, field := range urlFields {
			if bytes.EqualFold(name, []byte(field)) {
				var n int
				line, n = replaceAuthority(line, from, to)
				found = found || n > 0
			}
		}
		replaced = append(replaced, line...)
	}
	return replaced, found
}

// plainURL is how URLs begin that replay can answer.
const plainURL = "http://"

// replaceAuthority replaces an authority in each URL that is plain HTTP, and
// returns how many.
func replaceAuthority(line, from, to []byte) (replaced []byte, n int) {
	mark := append([]byte(plainURL), from...)
	for {
		i := bytes.Index(line, mark)
		if i < 0 {
			return append(replaced, line...), n
		}
		end := i + len(mark)
		replaced = append(replaced, line[:i+len(plainURL)]...)
		if end == len(line) || bytes.IndexByte([]byte("/?#\"'>,; \r\n"), line[end]) >= 0 {
			replaced = append(replaced, to...)
			n++
		} else {
			replaced = append(replaced, from...)
		}
		line = line[end:]
	}
}
