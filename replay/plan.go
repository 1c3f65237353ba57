package replay

import (
	"errors"
	"io"
	"iter"
	"math"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// write is one step of a plan: once the client has come as far as after, data
// is written, then n bytes of from, and then mark happens.
type write struct {
	after recorded.Point
	seq   int64  // read that it came in
	data  []byte // valid until the next step
	from  io.Reader
	n     int64
	mark  cassettes.Mark
}

// terms are what a plan depends on besides the interaction.
type terms struct {
	reframe Reframe
	// oldClient says that the client speaks HTTP/1.0, which knows no chunks and
	// no interim responses.
	oldClient bool
	// interims is the number of interim responses that were sent already.
	interims int
	// key is the client's Sec-WebSocket-Key, if it has one.
	key string
}

// joinMax is the size up to which what came in one read leaves in one write.
const joinMax = 64 << 10

// plan returns what the server does in an interaction, in order. An error,
// from a file beside the cassette, ends the sequence.
func plan(it *cassettes.Interaction, t terms) iter.Seq2[write, error] {
	return func(yield func(write, error) bool) {
		p := planner{item: it, terms: t, yield: yield, client: recorded.NewProgress(it)}
		defer p.client.Stop()
		if err := p.run(); err != nil && err != errStopped {
			yield(write{}, err)
		}
	}
}

// errStopped says that nobody wants to know the rest of a plan.
var errStopped = errors.New("plan stopped")

// planner makes the steps of one plan. What it adds up to a step came in one
// read.
type planner struct {
	item   *cassettes.Interaction
	terms  terms
	yield  func(write, error) bool
	client *recorded.Progress
	body   source

	step  write // being made
	begun bool
	seq   int64 // the step's read
	acted bool  // the server had closed, in the stream
}

func (p *planner) run() error {
	for _, part := range []func() error{p.response, p.stream, p.flush, p.end} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// response plans the response's bytes.
func (p *planner) response() error {
	m := p.item.Response
	if m == nil {
		return nil
	}
	p.body.body = &m.Body
	defer p.body.close()
	f := p.framer()
	defer f.close()
	heads := 0 // interim ones come first
	for s, err := range m.Segments() {
		if err != nil {
			return err
		}
		interim := s.Frame < 0 && heads < len(m.Interim)
		if s.Frame < 0 {
			heads++
		}
		if interim && (p.terms.oldClient || heads <= p.terms.interims) {
			continue
		}
		if err := p.begin(s.Seq); err != nil {
			return err
		}
		if s.Frame < 0 {
			if !interim && p.terms.key != "" {
				s.Before = accepting(s.Before, p.terms.key)
			}
			f.head(s, interim)
		} else if err := f.frame(s); err != nil {
			return err
		}
	}
	return f.end()
}

// stream plans the server's turns.
func (p *planner) stream() error {
	for {
		t, before, ok, err := p.client.ServerTurn()
		if err != nil || !ok {
			return err
		}
		if !p.going(t.Seq) {
			if err := p.next(t.Seq, before); err != nil {
				return err
			}
		}
		if err := p.turn(t); err != nil {
			return err
		}
	}
}

// turn plans a turn of the server's.
func (p *planner) turn(t cassettes.Turn) error {
	if t.Mark == "" {
		return p.bytes(t.Data)
	}
	p.acted = true
	if t.Mark == cassettes.Unreachable {
		t.Mark = cassettes.FullClose // is what its client saw
	}
	return p.mark(t.Mark)
}

// begin begins with what came in the read seq.
func (p *planner) begin(seq int64) error {
	if p.going(seq) {
		return nil
	}
	limit := seq
	if !recorded.IsOrdered(p.item) {
		limit = math.MaxInt64
	}
	after, err := p.client.Before(limit)
	if err != nil {
		return err
	}
	return p.next(seq, after)
}

// going reports whether what came in the read seq belongs to the step.
func (p *planner) going(seq int64) bool {
	return p.begun && seq == p.seq && len(p.step.data) < joinMax
}

// next ends the step and begins the one of the read seq.
func (p *planner) next(seq int64, after recorded.Point) error {
	if err := p.flush(); err != nil {
		return err
	}
	p.begun, p.seq, p.step.after, p.step.seq = true, seq, after, seq
	return nil
}

// bytes adds b to the step.
func (p *planner) bytes(b []byte) error {
	if len(p.step.data)+len(b) <= joinMax {
		p.step.data = append(p.step.data, b...)
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	held := p.step.data
	p.step.data = b
	err := p.emit()
	p.step.data = held
	return err
}

// data adds the next n bytes of the response's body to the step.
func (p *planner) data(n int64) error {
	if b, ok := p.body.inMemory(n); ok {
		return p.bytes(b)
	}
	for n > 0 {
		k := min(n, readAhead)
		if ahead := p.body.ahead(); n > readAhead && ahead == 0 {
			return p.straight(n)
		} else if n > readAhead {
			k = min(n, ahead)
		}
		var err error
		if p.step.data, err = p.body.append(p.step.data, k); err != nil {
			return err
		}
		if len(p.step.data) >= joinMax {
			if err := p.flush(); err != nil {
				return err
			}
		}
		n -= k
	}
	return nil
}

// straight ends the step with n bytes from the body's file.
func (p *planner) straight(n int64) (err error) {
	if p.step.from, err = p.body.straight(n); err != nil {
		return err
	}
	p.step.n = n
	return p.emit()
}

// mark ends the step with a mark.
func (p *planner) mark(m cassettes.Mark) error {
	p.step.mark = m
	return p.emit()
}

// flush ends the step, if there is anything in it.
func (p *planner) flush() error {
	if len(p.step.data) == 0 {
		return nil
	}
	return p.emit()
}

// emit yields the step. What is added from here on waits for the same.
func (p *planner) emit() error {
	if !p.yield(p.step, nil) {
		return errStopped
	}
	p.step = write{after: p.step.after, seq: p.step.seq, data: p.step.data[:0]}
	return nil
}
