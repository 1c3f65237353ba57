package replay

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/internal/http1"
)

// framer puts a response's bytes on the wire: the body as it is, what is
// around it in one way or another.
type framer interface {
	head(s cassettes.Segment, interim bool)
	frame(s cassettes.Segment) error
	end() error
	close()
}

// framer returns how the response is framed for this client.
func (p *planner) framer() framer {
	switch {
	case p.item.Response.Framing != http1.Chunked:
	case p.terms.oldClient:
		return &delimited{planner: p}
	case p.terms.reframe.splitter != nil:
		return &reframer{asRecorded: asRecorded{p}}
	}
	return asRecorded{p}
}

// asRecorded frames a response as it was.
type asRecorded struct{ *planner }

func (r asRecorded) head(s cassettes.Segment, _ bool) {
	r.step.data = append(r.step.data, s.Before...)
}

func (r asRecorded) frame(s cassettes.Segment) error {
	r.step.data = append(r.step.data, s.Before...)
	if err := r.data(s.Len); err != nil {
		return err
	}
	r.step.data = append(r.step.data, s.After...)
	return nil
}

func (asRecorded) end() error { return nil }
func (asRecorded) close()     {}

// delimited frames a chunked response for a client that knows no chunks: the
// body ends with the connection.
type delimited struct {
	*planner
	headed bool
}

func (d *delimited) head(cassettes.Segment, bool) {
	if !d.headed {
		d.headed = true
		d.step.data = appendOldHead(d.step.data, d.item.Response.Head)
	}
}

func (d *delimited) frame(s cassettes.Segment) error { return d.data(s.Len) }
func (d *delimited) end() error                      { return nil }
func (d *delimited) close()                          {}

// appendOldHead appends head as a server that was asked in HTTP/1.0 sends it:
// with its own version, and without the fields that speak of chunks.
func appendOldHead(dst, head []byte) []byte {
	dropped := false
	for i, line := range bytes.SplitAfter(head, []byte{'\n'}) {
		name, _, _ := bytes.Cut(line, []byte{':'})
		switch {
		case i == 0:
			dst = append(dst, bytes.Replace(line, []byte("HTTP/1.1"), []byte("HTTP/1.0"), 1)...)
		case len(line) > 0 && (line[0] == ' ' || line[0] == '\t'): // goes with the line before
			if !dropped {
				dst = append(dst, line...)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")), bytes.EqualFold(name, []byte("Trailer")):
			dropped = true
		default:
			dropped = false
			dst = append(dst, line...)
		}
	}
	return dst
}

// reframer cuts a chunked response's body into other chunks. Each byte of it
// still leaves with the read that it came in.
type reframer struct {
	asRecorded
	next  func() (int64, error, bool)
	stop  func()
	left  int64  // bytes of the chunk that have not left
	after []byte // what followed the last chunk
}

func (r *reframer) frame(s cassettes.Segment) error {
	if s.Len == 0 {
		r.after = append(r.after[:0], s.After...)
	}
	for n := s.Len; n > 0; {
		if r.left == 0 {
			if err := r.chunk(); err != nil {
				return err
			}
		}
		k := min(n, r.left)
		if err := r.data(k); err != nil {
			return err
		}
		r.left -= k
		n -= k
		if r.left == 0 {
			r.step.data = append(r.step.data, "\r\n"...)
		}
	}
	return nil
}

// chunk begins a chunk.
func (r *reframer) chunk() error {
	if r.next == nil {
		r.next, r.stop = iter.Pull2(r.sizes())
	}
	size, err, ok := r.next()
	if err != nil {
		return err
	}
	if !ok || size <= 0 {
		return fmt.Errorf("cut the body into chunks: it ends before its %d bytes", r.item.Response.Body.Size())
	}
	r.left = size
	r.step.data = chunked.AppendSize(r.step.data, size)
	return nil
}

// sizes returns the sizes of the chunks.
func (r *reframer) sizes() iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		b, err := r.item.Response.Body.Open()
		if err != nil {
			yield(0, err)
			return
		}
		defer b.Close()
		for size, err := range chunked.Sizes(b, r.terms.reframe.splitter()) {
			if !yield(size, err) {
				return
			}
		}
	}
}

// end ends the body, if it had an end.
func (r *reframer) end() error {
	if r.item.Response.End == cassettes.Complete {
		r.step.data = append(chunked.AppendSize(r.step.data, 0), r.after...)
	}
	return nil
}

func (r *reframer) close() {
	if r.stop != nil {
		r.stop()
	}
}
