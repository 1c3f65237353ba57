package plan

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/internal/http1"
)

// framer puts a response on the wire: the bytes of its body as they are, and
// around them what its client understands.
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
	case p.options.OldClient:
		return &delimited{planner: p}
	case p.options.Splitter != nil:
		return &reframer{exact: exact{p}}
	}
	return exact{p}
}

// exact frames a response as it was recorded.
type exact struct{ *planner }

func (e exact) head(s cassettes.Segment, _ bool) {
	e.step.Data = append(e.step.Data, s.Before...)
}

func (e exact) frame(s cassettes.Segment) error {
	e.step.Data = append(e.step.Data, s.Before...)
	if err := e.data(s.Len); err != nil {
		return err
	}
	e.step.Data = append(e.step.Data, s.After...)
	return nil
}

func (exact) end() error { return nil }
func (exact) close()     {}

// delimited frames a chunked response for a client that knows no chunks: its
// body ends with the connection.
type delimited struct {
	*planner
	headed bool
}

func (d *delimited) head(cassettes.Segment, bool) {
	if !d.headed {
		d.headed = true
		d.step.Data = appendOldHead(d.step.Data, d.item.Response.Head)
	}
}

func (d *delimited) frame(s cassettes.Segment) error { return d.data(s.Len) }
func (d *delimited) end() error                      { return nil }
func (d *delimited) close()                          {}

// appendOldHead appends the head that a server sends to a client of HTTP/1.0:
// head with that version, and without the fields that speak of chunks.
func appendOldHead(dst, head []byte) []byte {
	dropped := false
	for i, line := range bytes.SplitAfter(head, []byte{'\n'}) {
		name, _, _ := bytes.Cut(line, []byte{':'})
		switch {
		case i == 0:
			dst = append(dst, bytes.Replace(line, []byte("HTTP/1.1"), []byte("HTTP/1.0"), 1)...)
		case len(line) > 0 && (line[0] == ' ' || line[0] == '\t'): // folded: belongs to the line before
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

// reframer cuts a chunked response's body into other chunks. Each byte of the
// body still leaves with the read that brought it.
type reframer struct {
	exact
	next  func() (int64, error, bool)
	stop  func()
	left  int64  // bytes of the chunk that have not left
	of    int    // the recorded chunk under way
	after []byte // the bytes after it: in the end, trailers and the empty line
}

func (r *reframer) frame(s cassettes.Segment) error {
	if s.Frame != r.of {
		r.of, r.after = s.Frame, r.after[:0]
	}
	r.after = append(r.after, s.After...)
	for n := s.Len; n > 0; {
		if r.left == 0 {
			if err := r.apart(); err != nil {
				return err
			}
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
			r.step.Data = append(r.step.Data, "\r\n"...)
		}
	}
	return nil
}

// apart ends the step with the chunk before, if there is one: the client is to read
// each chunk as something of its own.
func (r *reframer) apart() error {
	if r.next == nil {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.step.Apart = true
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
	r.step.Data = chunked.AppendSize(r.step.Data, size)
	return nil
}

// sizes returns the sizes of the new chunks. It reads the body a second time,
// because a chunk's size precedes bytes that the plan has not come to.
func (r *reframer) sizes() iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		b, err := r.item.Response.Body.Open()
		if err != nil {
			yield(0, err)
			return
		}
		defer b.Close()
		for size, err := range chunked.Sizes(b, r.options.Splitter()) {
			if !yield(size, err) {
				return
			}
		}
	}
}

// end ends the body, if the recorded body has an end.
func (r *reframer) end() error {
	if r.item.Response.End == cassettes.Complete {
		r.step.Data = append(chunked.AppendSize(r.step.Data, 0), r.after...)
	}
	return nil
}

func (r *reframer) close() {
	if r.stop != nil {
		r.stop()
	}
}
