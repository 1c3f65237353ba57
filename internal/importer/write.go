package importer

import (
	"fmt"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// Write appends the exchanges to w and numbers their reads. Bodies of more
// than inlineMax bytes go to files beside the cassette. Call it once, and
// close w after it.
func (r *Recording) Write(w *cassettes.Writer, inlineMax int) error {
	d := drafts{r: r, w: w, inlineMax: inlineMax, conns: make(map[string]int)}
	make := d.item
	if r.exact {
		make = d.exactItem
	} else if err := d.make(); err != nil {
		return err
	}
	for i, e := range r.exchanges {
		it, err := make(i, e)
		if err != nil {
			return err
		}
		if err := w.Append(it); err != nil {
			return err
		}
	}
	return nil
}

// drafts are the exchanges of a recording on their way to a cassette.
type drafts struct {
	r         *Recording
	w         *cassettes.Writer
	inlineMax int
	list      []draft
	timed     bool
	conns     map[string]int // by name
}

// draft is an exchange with its messages for the wire, and the numbers of the
// reads that brought their first bytes.
type draft struct {
	*exchange
	request, response *message
	seqs              [2]int64 // by side
}

// make makes the messages and numbers their reads.
func (d *drafts) make() error {
	d.timed = len(d.r.exchanges) > 0
	for i, e := range d.r.exchanges {
		d.timed = d.timed && e.timed
		f := draft{exchange: e}
		var err error
		if f.request, err = d.r.requestMessage(i, e); err != nil {
			return fmt.Errorf("interaction %d: request: %w", i, err)
		}
		if e.response != nil {
			if f.response, err = d.r.responseMessage(i, e, f.request.head); err != nil {
				return fmt.Errorf("interaction %d: response: %w", i, err)
			}
		}
		d.list = append(d.list, f)
	}
	d.number()
	return d.suspect()
}

// item makes the interaction of exchange id.
func (d *drafts) item(id int, _ *exchange) (*cassettes.Interaction, error) {
	f := &d.list[id]
	it := &cassettes.Interaction{ID: id, Session: d.w.Session(), Conn: d.conn(id), Timed: d.timed}
	var err error
	if it.Request, err = d.message(it, http1.Client, f.request, f.seqs[http1.Client]); err != nil {
		return nil, err
	}
	if d.timed {
		it.Request.Start = f.at.Sub(d.r.Header.Recorded)
	}
	if f.response == nil {
		return it, nil
	}
	seq := f.seqs[http1.Server]
	if it.Response, err = d.message(it, http1.Server, f.response, seq); err != nil {
		return nil, err
	}
	if d.timed {
		f.times(it.Response)
	}
	if f.response.framing == http1.Stream {
		it.Turns, err = d.turns(it, f.response, seq)
	}
	return it, err
}

// times sets the times of a response: of its head and of its end, which are
// all that is known.
func (f *draft) times(m *cassettes.Message) {
	m.Start = f.firstByte
	switch {
	case m.Framing == http1.Chunked && len(m.Frames.List) > 0:
		m.Frames.List[len(m.Frames.List)-1].Wait = f.took - f.firstByte
	case len(m.Closed) > 0:
		m.Closed[0].Wait = f.took - f.firstByte
	}
}

// conn returns the number of an exchange's connection. An exchange whose
// connection is unknown gets one of its own.
func (d *drafts) conn(id int) int {
	name := d.list[id].conn
	if name == "" {
		name = fmt.Sprintf("#%d", id)
	}
	if d.conns[name] == 0 {
		d.conns[name] = len(d.conns) + 1
	}
	return d.conns[name]
}

// message makes one side of an interaction. Its first read is seq.
func (d *drafts) message(it *cassettes.Interaction, side http1.Side, m *message, seq int64) (*cassettes.Message, error) {
	out := &cassettes.Message{Seq: seq, Framing: m.framing, End: cassettes.Complete}
	k := d.newMasker(d.list[it.ID].request.head)
	body := k.message(out, m)
	base, what := seq, "request"
	if side == http1.Server {
		base, what = it.Request.Seq, "response"
	}
	if m.closes && m.framing != http1.Stream {
		out.Closed = []cassettes.Closed{{Mark: cassettes.EOF, Seq: seq + m.reads()}}
	}
	return out, d.store(it.ID, side, what, base, out, body, m.frames(seq))
}

// store gives a message its body and frames; the first frame is the head's.
// Large ones go to files.
func (d *drafts) store(id int, side http1.Side, what string, base int64, m *cassettes.Message, body []byte, frames []cassettes.FrameDetail) error {
	if m.Framing == http1.None || m.Framing == http1.Stream {
		for _, s := range frames[0].Splits {
			m.Splits = append(m.Splits, cassettes.Split{Frame: -1, Offset: s.Offset, Seq: s.Seq})
		}
		return nil
	}
	data := d.w.NewBody(id, what, d.inlineMax)
	if _, err := data.Write(body); err != nil {
		return err
	}
	var err error
	if m.Body, err = data.Finish(); err != nil {
		return err
	}
	list := d.w.NewFrames(id, side, base)
	for i, f := range frames {
		if err := addFrame(list, f, i == 0); err != nil {
			return err
		}
	}
	return list.Finish(m)
}

// addFrame adds a frame. For the head it adds the splits alone.
func addFrame(list *cassettes.FrameSink, f cassettes.FrameDetail, head bool) error {
	if !head {
		if err := list.Add(f.Frame); err != nil {
			return err
		}
	}
	if f.ChunkLine != "" {
		if err := list.ChunkLine([]byte(f.ChunkLine)); err != nil {
			return err
		}
	}
	for _, s := range f.Splits {
		if err := list.Split(s.Offset, s.Seq); err != nil {
			return err
		}
	}
	return nil
}
