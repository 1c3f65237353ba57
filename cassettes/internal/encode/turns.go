package encode

import (
	"strconv"

	"github.com/wiretape/wiretape/internal/yamltext"
	"github.com/wiretape/wiretape/wire"
)

// turns appends a stream. An item without a request has its own seq, which
// the turns' count from, and its own start.
func (e *Encoder) turns(it *wire.Interaction, base int64) {
	t := it.Turns
	if it.Request == nil {
		e.intKey(inWire, "seq", base)
	}
	if t.File != nil {
		e.textKey(inWire, "turns_file", []byte(t.File.Name()))
		e.intKey(inWire, "turns_count", int64(t.File.Len()))
	} else {
		e.turnList(t, base)
	}
	for side, key := range [...]string{"client", "server"} {
		if f := &t.Data[side]; f.File != nil {
			e.textKey(inWire, key+"_file", []byte(f.File.Name()))
			e.intKey(inWire, key+"_size", f.Size())
		}
	}
	e.redacted(inWire, t.Redacted)
	if it.Timed {
		e.turnTimes(it)
	}
}

// turnList appends the turns one a line: [side, seq, data], with the data's
// size in its place where the data is in a file, or [side-mark, seq].
func (e *Encoder) turnList(t *wire.Turns, base int64) {
	if len(t.List) == 0 {
		e.rawKey(inWire, "turns", "[]")
		return
	}
	e.block(inWire, "turns")
	for i := range t.List {
		turn := &t.List[i]
		e.Buf = yamltext.AppendIndent(e.Buf, inWire+2)
		e.Buf = append(append(e.Buf, "- ["...), turn.Side.String()...)
		if turn.Mark != "" {
			e.Buf = append(append(e.Buf, '-'), turn.Mark...)
		}
		e.Buf = append(e.Buf, ", "...)
		e.Buf = strconv.AppendInt(e.Buf, turn.Seq-base, 10)
		switch {
		case turn.Mark != "":
		case t.Data[turn.Side].File != nil:
			e.Buf = strconv.AppendInt(append(e.Buf, ", "...), turn.Size, 10)
		default:
			e.Buf = yamltext.AppendQuoted(append(e.Buf, ", "...), turn.Data)
		}
		e.Buf = append(e.Buf, "]\n"...)
	}
}

// turnTimes appends the start of an item without a request and the wait of
// each turn, where these are not in a file.
func (e *Encoder) turnTimes(it *wire.Interaction) {
	n := 0
	if it.Request == nil {
		n = 1
	}
	if n+len(it.Turns.List) == 0 {
		return
	}
	e.list(inWire, "times")
	if n == 1 {
		e.Buf = yamltext.AppendDuration(e.Buf, it.Turns.Start)
	}
	for i := range it.Turns.List {
		e.next(inWire, n)
		e.Buf = yamltext.AppendDuration(e.Buf, it.Turns.List[i].Wait)
		n++
	}
	e.done()
}
