package replay

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// localize has an answer name the host that its request went to. It reports
// whether the answer names its host at all.
func (m *matcher) localize(pos int32, it *cassettes.Interaction) bool {
	if m.srv.Authority == AuthorityExact || it.Request == nil || it.Response == nil || !bytes.Contains(it.Response.Head, []byte(recorded.PlainURL)) {
		return false
	}
	found := false
	for _, was := range [][]byte{hostOf(it.Request.Head), upstreamOf(m.srv.index, pos)} {
		head, names := recorded.ReplaceHost(it.Response.Head, was, m.host)
		found = found || names
		if !names || len(m.host) == 0 || bytes.Equal(was, m.host) {
			continue
		}
		it.Response.Head = head
		m.srv.tally.note(fmt.Sprintf("a URL of %s, in an answer's head, became one of %s", was, m.host))
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
