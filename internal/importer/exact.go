package importer

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/http1"
)

// This file reads the _wiretape blocks of our own exports. With them an
// exchange comes back exactly as it was.

// agrees reports whether every exchange has such a block that agrees with the
// rest of its entry.
func (r *Recording) agrees() bool {
	if r.source == "" {
		return false
	}
	for _, e := range r.exchanges {
		if e.wire == nil {
			return false
		}
		if !e.agrees() {
			r.notices.add(e.place, "the _wiretape block does not fit the rest of its entry; the blocks of all entries are ignored", "")
			return false
		}
	}
	return len(r.exchanges) > 0
}

// agrees reports whether the block agrees with the heads and bodies of the
// entry, which people may have edited.
func (e *exchange) agrees() bool {
	w := e.wire
	if w.Request == nil || e.response != nil && w.Response == nil {
		return false
	}
	asked := e.exactHead(http1.Client)
	if !fits(w.Request, asked, nil, e.request.body) {
		return false
	}
	if e.response == nil { // only interim responses may have come
		return w.Response == nil || len(w.Response.Head)+len(w.Response.Frames) == 0
	}
	return fits(w.Response, e.exactHead(http1.Server), asked, e.exactBody())
}

// fits reports whether a message's frames and framing are those of its head
// and body.
func fits(m *har.Message, head, asked, body []byte) bool {
	h, ok := parse(head, asked)
	var size int64
	for _, f := range m.Frames {
		size += f.Size
	}
	lost := m.Missing
	if h.Framing == http1.Chunked {
		lost = max(lost-int64(len("\r\n")), 0) // the missing bytes begin with the CRLF after the data
	}
	return ok && h.Framing.String() == m.Framing && size-lost == int64(len(body))
}

// exactHead returns the original head of one side.
func (e *exchange) exactHead(side http1.Side) []byte {
	switch {
	case side == http1.Server && len(e.wire.Response.Head) > 0:
		return e.wire.Response.Head
	case side == http1.Server && e.response == nil:
		return nil
	case side == http1.Server:
		return e.har.Response.Head()
	case len(e.wire.Request.Head) > 0:
		return e.wire.Request.Head
	}
	return e.har.Request.Head()
}

// exactBody returns the original body of the response: the archive itself may
// hold it decoded.
func (e *exchange) exactBody() []byte {
	if len(e.wire.Response.Body) > 0 {
		return e.wire.Response.Body
	}
	if e.response == nil {
		return nil
	}
	return e.response.body
}

// exactItem makes the interaction of an exchange that agrees.
func (d *drafts) exactItem(id int, e *exchange) (*cassettes.Interaction, error) {
	w := e.wire
	it := &cassettes.Interaction{ID: id, Session: w.Session, Conn: w.Conn, Peer: w.Peer, Timed: w.Timed}
	var err error
	if it.Request, err = d.exactMessage(it, http1.Client, w.Request, e.request.body); err != nil {
		return nil, err
	}
	if w.Response != nil {
		if it.Response, err = d.exactMessage(it, http1.Server, w.Response, e.exactBody()); err != nil {
			return nil, err
		}
	}
	if it.Turns, err = d.exactTurns(it, w.Turns); it.Turns != nil {
		it.Turns.Redacted = masked(w.Masked, "turn")
	}
	return it, err
}

// exactMessage makes one side of an interaction.
func (d *drafts) exactMessage(it *cassettes.Interaction, side http1.Side, m *har.Message, body []byte) (*cassettes.Message, error) {
	e := d.r.exchanges[it.ID]
	out := &cassettes.Message{
		Seq: m.Seq, Start: har.Duration(m.Start),
		Trailer: m.Trailer, End: cassettes.End(m.End), Missing: m.Missing,
	}
	base, what := m.Seq, "request"
	var asked []byte
	if side == http1.Server {
		base, what, asked = it.Request.Seq, "response", e.exactHead(http1.Client)
	}
	in := &message{head: e.exactHead(side), body: body}
	if h, ok := parse(in.head, asked); ok {
		in.framing, out.Framing = h.Framing, h.Framing
	}
	k := d.newMasker(e.exactHead(http1.Client))
	body = k.message(out, in)
	out.Redacted = append(out.Redacted, masked(m.Masked, "trailer")...)
	for _, i := range m.Interim {
		out.Interim = append(out.Interim, cassettes.Interim{Seq: i.Seq, Head: bytes.Clone(i.Head)})
	}
	for _, c := range m.Closed {
		out.Closed = append(out.Closed, cassettes.Closed{Mark: cassettes.Mark(c.Mark), Seq: c.Seq, Wait: har.Duration(c.Wait)})
	}
	frames := []cassettes.FrameDetail{{Splits: splits(m.Splits)}}
	for _, f := range m.Frames {
		frames = append(frames, cassettes.FrameDetail{
			Frame:     cassettes.Frame{Size: f.Size, Seq: f.Seq, Wait: har.Duration(f.Wait)},
			ChunkLine: f.Line, Splits: splits(f.Splits),
		})
	}
	return out, d.store(it.ID, side, what, base, out, body, frames)
}

func splits(of []har.Split) (list []cassettes.Split) {
	for _, s := range of {
		list = append(list, cassettes.Split{Offset: s.Offset, Seq: s.Seq})
	}
	return list
}

func masked(of []har.Mask, where string) (list []cassettes.Redaction) {
	for _, m := range of {
		list = append(list, cassettes.Redaction{Where: where, Index: m.Index, Off: m.Off, Len: m.Len})
	}
	return list
}

// exactTurns makes the stream of an interaction.
func (d *drafts) exactTurns(it *cassettes.Interaction, turns []har.Turn) (*cassettes.Turns, error) {
	if turns == nil {
		return nil, nil
	}
	sink := d.w.NewTurns(it.ID, it.Request.Seq, d.inlineMax)
	for _, t := range turns {
		side := http1.Client
		if t.Side == http1.Server.String() {
			side = http1.Server
		}
		var err error
		if t.Mark != "" {
			err = sink.Mark(side, cassettes.Mark(t.Mark), t.Seq, har.Duration(t.Wait))
		} else {
			err = sink.Data(side, t.Seq, har.Duration(t.Wait), t.Data)
		}
		if err != nil {
			return nil, err
		}
	}
	return sink.Finish()
}
