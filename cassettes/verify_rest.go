package cassettes

import (
	"errors"
	"io/fs"

	"github.com/wiretape/wiretape/internal/http1"
)

// order checks that reads are numbered in the order in which bytes follow
// each other.
func (v *verifier) order(m *Message, block int) {
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
func (v *verifier) frameOrder(m *Message, block int, last int64) {
	seqs := v.Lookup(block, "seqs")
	frame := -1
	for l, err := range m.frameLines() {
		if err != nil {
			return // the walk over the bytes tells
		}
		seq, key := l.split.Seq, "splits"
		switch l.kind {
		case chunkLine:
			continue
		case frameLine:
			frame++
			seq, key = l.frame.Seq, "seqs"
		}
		if seq < last {
			at := v.Lookup(block, key)
			if key == "seqs" && seqs != 0 {
				at = v.Element(seqs, frame)
			}
			if at == 0 {
				at = block
			}
			v.errs = append(v.errs, v.errorAt(at, "%s: frame %d goes back from read %d to %d", key, frame, last, seq))
			return
		}
		last = seq
	}
	for _, c := range m.Closed {
		if c.Seq <= last {
			v.add(block, "closed", "closed: read %d comes before the message's last, %d", c.Seq, last)
		}
		last = c.Seq
	}
}

// turns compares the turns of a stream with their data.
func (v *verifier) turns(t *Turns) {
	var sum [2]int64
	last := int64(0)
	first := true
	for turn, err := range t.turns() {
		if err != nil {
			v.fileError(v.wire, "turns", err)
			return
		}
		if !first && turn.Seq < last {
			v.add(v.wire, "turns", "turns: read %d stands after read %d", turn.Seq, last)
		}
		first, last = false, turn.Seq
		sum[turn.Side] = addSizes(sum[turn.Side], turn.Size)
		if turn.Mark == "" && turn.Data == nil && t.data[turn.Side].file.name == "" {
			v.add(v.wire, "turns", "turns: a turn has a size in place of its data, and there is no %s_file", turn.Side)
			return
		}
	}
	for side := range t.data {
		if !v.turnFile(t, http1.Side(side), sum[side]) {
			return
		}
	}
	v.turnRedaction(t)
}

// turnFile compares the file of one side's data with the turns' sizes, and
// reports whether they agree.
func (v *verifier) turnFile(t *Turns, side http1.Side, sum int64) bool {
	b := &t.data[side]
	if b.file.name == "" {
		return true
	}
	f, err := b.Open()
	if err != nil {
		v.add(v.wire, side.String()+"_size", "%w", err)
		return false
	}
	f.Close()
	if b.size == sum {
		return true
	}
	for _, line := range v.turnLines(side) {
		v.errs = append(v.errs, v.c.errorf(line, "turns: the %s's have %d bytes, %s has %d", side, sum, b.file.name, b.size))
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

// Orphans returns the files beside the cassette, relative to its folder, that
// a Writer named and no item refers to, as a killed recorder leaves them.
func (c *Cassette) Orphans() ([]string, error) {
	folder := bodiesFolder(c.base)
	entries, err := fs.ReadDir(c.folder, folder)
	if err != nil {
		return nil, ignoreNotExist(err)
	}
	used := make(map[string]bool)
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return nil, err
		}
		for _, name := range it.files() {
			used[name] = true
		}
	}
	var orphans []string
	for _, e := range entries {
		name := folder + "/" + e.Name()
		if bodyName.MatchString(e.Name()) && !used[name] {
			orphans = append(orphans, name)
		}
	}
	return orphans, nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// files returns the names of the files that the item refers to.
func (it *Interaction) files() (names []string) {
	for m := range it.messages() {
		names = append(names, m.Body.file.name, m.Frames.file.name)
	}
	if t := it.Turns; t != nil {
		names = append(names, t.file.name, t.data[0].file.name, t.data[1].file.name)
	}
	return names
}
