// Package plan turns a recorded interaction into the list of writes that serve
// it. A plan is a pure function of the interaction and a few options: it opens
// no socket and reads no clock.
//
//	for w, err := range plan.Of(it, plan.Options{}) {
//		if err != nil {
//			return err // from a file beside the cassette
//		}
//		… // wait until the client has reached w.After, then write w.Data
//	}
//
// # The steps of a plan
//
// A Write carries the bytes of the recorded server that the recorder got in one
// read, and says how far the client must have come before they leave. Frames that
// shared a read leave in one Write, every other frame in one of its own. A
// recorded close is the Mark of the last Write.
//
// # Apart steps
//
// A step is Apart where the recording shows that the client could read what came
// before as something of its own: between the head of an upgrade and what follows,
// and between turns and streamed frames that came over 1 ms apart. The live client
// has to have read it, too, before the step leaves. Whoever cuts a body into pieces
// that a client is to read one by one sets Apart in each of them.
//
// # Other plans
//
// A framer decides what stands around the bytes of a body: the recorded chunks,
// other chunks, or no chunks at all for a client that speaks HTTP/1.0. A further
// protocol is a further framer. A pace or a fault, which changes when or whether a
// Write leaves, is a function from a Plan to a Plan; it uses only Write.
package plan

import (
	"errors"
	"io"
	"iter"
	"math"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/chunked"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// Plan is the writes that serve an interaction, in order. An error ends it.
type Plan = iter.Seq2[Write, error]

// Write is one step of a plan. Once the client has come as far as After, Data
// is written, then N bytes of From, and then Mark happens.
type Write struct {
	After recorded.Point // the client's progress that it waits for
	Seq   int64          // the read in which the recorder saw it
	At    time.Duration  // when that was, since the recording began; 0 where no times are known
	Apart bool           // the recorded client had time to read what came before: see Apart steps
	Data  []byte         // valid until the next step
	From  io.Reader      // a body's file; nil if N is 0
	N     int64          // bytes of From
	Mark  cassettes.Mark // "" if the server does not close
	Idle  Idle           // how the connection stood that the Mark ended
}

// Idle says whether a close ended an idle connection, on which the client might
// have asked again. Such a close is held back until the live client stands still.
type Idle int

// Kinds of idleness; 0 is a close that belongs to the response.
const (
	Silent Idle = iota + 1 // nobody had said whether the client might ask again
	Kept                   // the server had said that it would take another request
)

// Empty reports whether the step does nothing.
func (w *Write) Empty() bool { return len(w.Data) == 0 && w.N == 0 && w.Mark == "" }

// Options change the plan of an interaction. The zero value serves it as it was
// recorded.
type Options struct {
	// Splitter makes the splitter that cuts one chunked body into other chunks;
	// nil keeps the recorded chunks.
	Splitter func() chunked.Splitter
	// OldClient says that the client speaks HTTP/1.0, which knows no chunks and
	// no interim responses (RFC 9112 section 7.1, RFC 9110 section 15.2).
	OldClient bool
	// Interims is the number of interim responses that the client has got
	// already.
	Interims int
	// WebSocketKey is the client's Sec-WebSocket-Key, or "".
	WebSocketKey string
}

// joinMax is the size in bytes up to which the parts of one read leave in one
// write.
const joinMax = 64 << 10

// Of returns the plan of an interaction. Each iteration begins anew.
func Of(it *cassettes.Interaction, o Options) Plan {
	return func(yield func(Write, error) bool) {
		p := planner{item: it, options: o, yield: yield, client: recorded.NewProgress(it), pace: newPace(it)}
		defer p.client.Stop()
		if err := p.run(); err != nil && err != errStopped {
			yield(Write{}, err)
		}
	}
}

// errStopped says that the caller stopped iterating.
var errStopped = errors.New("plan stopped")

// planner makes the steps of one plan. Bytes are added to a step as long as
// they came in the same read.
type planner struct {
	item    *cassettes.Interaction
	options Options
	yield   func(Write, error) bool
	client  *recorded.Progress
	body    source

	step  Write // being made
	pace  pace
	begun bool
	seq   int64 // the step's read
	acted bool  // the server has closed, in the stream
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
	heads := 0 // the interim ones come first
	for s, err := range m.Segments() {
		if err != nil {
			return err
		}
		interim := s.Frame < 0 && heads < len(m.Interim)
		if s.Frame < 0 {
			heads++
		}
		if interim && (p.options.OldClient || heads <= p.options.Interims) {
			continue
		}
		apart := p.pace.segment(&s)
		if err := p.begin(s.Seq, apart); err != nil {
			return err
		}
		if s.Frame >= 0 {
			if err := f.frame(s); err != nil {
				return err
			}
			continue
		}
		if !interim && p.options.WebSocketKey != "" {
			s.Before = acceptKey(s.Before, p.options.WebSocketKey)
		}
		f.head(s, interim)
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
		apart := p.pace.turn(&t, p.client.Elapsed())
		if !p.continues(t.Seq) {
			if err := p.next(t.Seq, before, apart); err != nil {
				return err
			}
		}
		if err := p.turn(t); err != nil {
			return err
		}
	}
}

// turn plans one of the server's turns.
func (p *planner) turn(t cassettes.Turn) error {
	if t.Mark == "" {
		return p.bytes(t.Data)
	}
	p.acted = true
	if t.Mark == cassettes.Unreachable {
		t.Mark = cassettes.FullClose // the recorder's client saw its connection closed
	}
	return p.mark(t.Mark)
}

// begin begins the step of the read seq, unless the step being made is of it.
func (p *planner) begin(seq int64, apart bool) error {
	if p.continues(seq) {
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
	return p.next(seq, after, apart)
}

// continues reports whether bytes of the read seq belong to the step being made.
func (p *planner) continues(seq int64) bool {
	return p.begun && seq == p.seq && len(p.step.Data) < joinMax
}

// next ends the step and begins the one of the read seq.
func (p *planner) next(seq int64, after recorded.Point, apart bool) error {
	if err := p.flush(); err != nil {
		return err
	}
	p.step.Apart = apart && p.begun // else there is nothing before
	p.begun, p.seq, p.step.After, p.step.Seq, p.step.At = true, seq, after, seq, p.pace.at
	return nil
}

// bytes adds b to the step. A piece that would make it too large leaves in a
// step of its own, without being copied.
func (p *planner) bytes(b []byte) error {
	if len(p.step.Data)+len(b) <= joinMax {
		p.step.Data = append(p.step.Data, b...)
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	buffer := p.step.Data
	p.step.Data = b
	err := p.emit()
	p.step.Data = buffer
	return err
}

// data adds the next n bytes of the response's body to the step.
func (p *planner) data(n int64) error {
	if b, ok := p.body.inMemory(n); ok {
		return p.bytes(b)
	}
	for n > 0 {
		k := min(n, readAhead)
		// The kernel can send a large piece from the file, but only from where
		// the file stands: bytes that were read ahead have to leave first.
		if ahead := p.body.ahead(); n > readAhead && ahead == 0 {
			return p.straight(n)
		} else if n > readAhead {
			k = min(n, ahead)
		}
		var err error
		if p.step.Data, err = p.body.append(p.step.Data, k); err != nil {
			return err
		}
		if len(p.step.Data) >= joinMax {
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
	if p.step.From, err = p.body.straight(n); err != nil {
		return err
	}
	p.step.N = n
	return p.emit()
}

// mark ends the step with a mark.
func (p *planner) mark(m cassettes.Mark) error {
	p.step.Mark = m
	return p.emit()
}

// flush ends the step, if it holds anything.
func (p *planner) flush() error {
	if len(p.step.Data) == 0 {
		return nil
	}
	return p.emit()
}

// emit yields the step and begins another with the same condition, in the same
// buffer.
func (p *planner) emit() error {
	if !p.yield(p.step, nil) {
		return errStopped
	}
	p.step = Write{After: p.step.After, Seq: p.step.Seq, At: p.step.At, Data: p.step.Data[:0]}
	return nil
}
