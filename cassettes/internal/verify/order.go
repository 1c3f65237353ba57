package verify

import (
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/wire"
)

// order checks that reads are numbered in the order in which bytes follow
// each other.
func (v *verifier) order(m *wire.Message, block int) {
	last := m.Seq
	if len(m.Interim) > 0 {
		last = m.Interim[0].Seq
	}
	for i := range m.Interim {
		if m.Interim[i].Seq < last {
			v.add(block, "interim", "the reads of interim go back from %d to %d", last, m.Interim[i].Seq)
		}
		last = m.Interim[i].Seq
	}
	if len(m.Head) > 0 && m.Seq < last {
		v.add(block, "seq", "seq %d comes before that of what stands before it, %d", m.Seq, last)
	}
	if len(m.Head) > 0 {
		last = m.Seq
	}
	v.frameOrder(m, block, last)
}

// frameOrder goes through the frames, their splits and the closes.
func (v *verifier) frameOrder(m *wire.Message, block int, last int64) {
	seqs := v.Lookup(block, "seqs")
	back := func(frame int, key string, seq int64) {
		at := v.Lookup(block, key)
		if key == "seqs" && seqs != 0 {
			at = v.Element(seqs, frame)
		}
		if at == 0 {
			at = block
		}
		v.errs = append(v.errs, v.ErrorAt(at, "%s: frame %d goes back from read %d to %d", key, frame, last, seq))
	}
	frame := -1 // the head
	for d, err := range m.FrameDetails() {
		if err != nil {
			return // the walk over the bytes reports it
		}
		if frame >= 0 {
			if d.Seq < last {
				back(frame, "seqs", d.Seq)
				return
			}
			last = d.Seq
		}
		for _, split := range d.Splits {
			if split.Seq < last {
				back(frame, "splits", split.Seq)
				return
			}
			last = split.Seq
		}
		frame++
	}
	for _, c := range m.Closed {
		if c.Seq <= last {
			v.add(block, "closed", "closed: read %d comes before the message's last, %d", c.Seq, last)
		}
		last = c.Seq
	}
}

// turns compares the turns of a stream with their data.
func (v *verifier) turns(t *wire.Turns) {
	var sum [2]int64
	last := int64(0)
	first := true
	for turn, err := range t.Sizes() {
		if err != nil {
			v.fileError(v.wire, "turns", err)
			return
		}
		if !first && turn.Seq < last {
			v.add(v.wire, "turns", "turns: read %d stands after read %d", turn.Seq, last)
		}
		first, last = false, turn.Seq
		sum[turn.Side] = wire.AddSizes(sum[turn.Side], turn.Size)
		if turn.Mark == "" && turn.Data == nil && t.Data[turn.Side].File == nil {
			v.add(v.wire, "turns", "turns: a turn has a size in place of its data, and there is no %s_file", turn.Side)
			return
		}
	}
	for side := range t.Data {
		if !v.turnFile(t, http1.Side(side), sum[side]) {
			return
		}
	}
	v.turnRedaction(t)
}

// turnFile compares the file of one side's data with the turns' sizes, and
// reports whether they agree.
func (v *verifier) turnFile(t *wire.Turns, side http1.Side, sum int64) bool {
	b := &t.Data[side]
	if b.File == nil {
		return true
	}
	f, err := b.Open()
	if err != nil {
		v.add(v.wire, side.String()+"_size", "%w", err)
		return false
	}
	f.Close()
	if b.Size() == sum {
		return true
	}
	for _, line := range v.turnLines(side) {
		v.errs = append(v.errs, wire.Errorf(v.From.Name, line, "turns: the %s's have %d bytes, %s has %d", side, sum, b.File.Name(), b.Size()))
	}
	return false
}

// turnLines returns the lines where the sizes of a side's turns stand: of all,
// because any may be wrong.
func (v *verifier) turnLines(side http1.Side) (lines []int) {
	if at := v.Lookup(v.wire, "turns_file"); at != 0 {
		return []int{v.Line(at)}
	}
	for turn := range v.Children(v.Lookup(v.wire, "turns")) {
		if v.Is(v.Element(turn, 0), side.String()) {
			lines = append(lines, v.Line(turn))
		}
	}
	return lines
}
