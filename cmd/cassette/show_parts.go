package main

import (
	"bytes"
	"io"
	"time"
	"unicode/utf8"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// textMax is the number of bytes of a part that are shown at most.
const textMax = 72

// parts prints the parts of an interaction.
type parts struct {
	out rows
	it  *cassettes.Interaction
}

// part prints a part of size bytes. data is its beginning, of a head its first
// line.
func (p *parts) part(l row, side http1.Side, size int64, data []byte) error {
	text := string(data)
	if l.Kind != "head" && l.Kind != "interim" {
		text = string(beginning(data, textMax))
		l.Cut = size > int64(len(text))
	}
	l.ID, l.Side, l.Size, l.Text = p.it.ID, side.String(), &size, &text
	return p.out.write(&l)
}

// beginning returns at most max bytes of data, and cuts through no character.
func beginning(data []byte, max int) []byte {
	if len(data) <= max {
		return data
	}
	end := max
	for end > max-utf8.UTFMax && !utf8.RuneStart(data[end]) {
		end--
	}
	if !utf8.RuneStart(data[end]) {
		end = max // data is no text
	}
	return data[:end]
}

// mark prints a mark.
func (p *parts) mark(side http1.Side, m cassettes.Mark, seq int64, after *time.Duration) error {
	return p.out.write(&row{ID: p.it.ID, Kind: string(m), Side: side.String(), Seq: seq, Wait: after})
}

// message prints a message: interim heads, head, frames, trailer, closes.
func (p *parts) message(side http1.Side, m *cassettes.Message) error {
	if m == nil {
		return nil
	}
	for _, i := range m.Interim {
		if err := p.part(row{Kind: "interim", Seq: i.Seq}, side, int64(len(i.Head)), firstLine(i.Head)); err != nil {
			return err
		}
	}
	head := row{Kind: "head", Seq: m.Seq, Wait: wait(p.it, m.Start)}
	if err := p.part(head, side, int64(len(m.Head)), firstLine(m.Head)); err != nil {
		return err
	}
	if err := p.frames(side, m); err != nil {
		return err
	}
	for _, c := range m.Closed {
		if err := p.mark(side, c.Mark, c.Seq, wait(p.it, c.Wait)); err != nil {
			return err
		}
	}
	return nil
}

// frames prints a message's frames, and its trailer unless that is empty.
func (p *parts) frames(side http1.Side, m *cassettes.Message) error {
	if m.Frames.Len() == 0 {
		return nil
	}
	body, err := m.Body.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	var (
		i    int
		seq  int64
		data [textMax + utf8.UTFMax]byte
	)
	for f, err := range m.Frames.All() {
		if err != nil {
			return err
		}
		n, err := io.ReadFull(body, data[:min(f.Size, int64(len(data)))])
		if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
			return err
		}
		l := row{Kind: "frame", Index: &i, Seq: f.Seq, Wait: wait(p.it, f.Wait)}
		if err := p.part(l, side, f.Size, data[:n]); err != nil {
			return err
		}
		if _, err := body.Seek(f.Size-int64(n), io.SeekCurrent); err != nil {
			return err
		}
		i, seq = i+1, f.Seq
	}
	if len(m.Trailer) > len("\r\n") {
		return p.part(row{Kind: "trailer", Seq: seq}, side, int64(len(m.Trailer)), m.Trailer)
	}
	return nil
}

// turns prints a stream's turns and marks. A large turn comes in pieces, but is
// one row.
func (p *parts) turns(all *cassettes.Turns) error {
	if all == nil {
		return nil
	}
	index, got := -1, int64(0)
	for t, err := range all.All() {
		switch {
		case err != nil:
			return err
		case got > 0:
			// This piece belongs to the turn before.
			got -= int64(len(t.Data))
			continue
		}
		index++
		if t.Mark != "" {
			err = p.mark(t.Side, t.Mark, t.Seq, wait(p.it, t.Wait))
		} else {
			l := row{Kind: "turn", Index: &index, Seq: t.Seq, Wait: wait(p.it, t.Wait)}
			err = p.part(l, t.Side, t.Size, t.Data)
			got = t.Size - int64(len(t.Data))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firstLine returns a head's first line, without its end.
func firstLine(head []byte) []byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}
