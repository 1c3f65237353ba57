package cassettes

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/wiretape/wiretape/cassettes/internal/encode"
	"github.com/wiretape/wiretape/cassettes/internal/normalize"
)

// FuzzVerify holds verify to the parser: whatever crossed the wire, in
// whatever reads, verifies once it is stored. Reads end with a zero byte; two
// end the request.
func FuzzVerify(f *testing.F) {
	var list [][]byte
	for _, s := range shapes() {
		var seed []byte
		for _, r := range s.request {
			seed = append(append(seed, r...), 0)
		}
		seed = append(seed, 0)
		for _, r := range s.response {
			seed = append(append(seed, r...), 0)
		}
		list = append(list, seed)
	}
	seeds(f, list)
	f.Fuzz(func(t *testing.T, data []byte) {
		request, response, _ := bytes.Cut(data, []byte{0, 0})
		s := shape{request: reads(request), response: reads(response)}
		if len(data) > 0 {
			s.close = []Mark{EOF, FullClose, Reset, ""}[len(data)%4]
		}
		it := s.item(t, 1)
		if len(it.Request.Head) == 0 || it.Response != nil && it.Turns == nil && len(it.Response.Head)+len(it.Response.Interim) == 0 {
			return // not an exchange
		}
		if it.Response != nil && len(it.Response.Head)+len(it.Response.Interim) == 0 {
			it.Response = nil
		}
		header := testHeader()
		e := encode.Encoder{}
		e.Buf = appendHeader(nil, &header)
		e.Item(it)
		c, err := Open(fstest.MapFS{"c.yaml": {Data: e.Buf}}, "c.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range Verify(c) {
			t.Errorf("%v\n%s", err, e.Buf)
		}
		if _, err := (&formatter{c: c, agree: normalize.FromWire}).item(0); err != nil {
			t.Errorf("format: %v\n%s", err, e.Buf)
		}
	})
}

func reads(b []byte) (list []string) {
	for r := range bytes.SplitSeq(b, []byte{0}) {
		if len(r) > 0 {
			list = append(list, string(r))
		}
	}
	return list
}
