package index

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// leftover names the interactions that were recorded after an exchange on its
// connection and are not HTTP: they stand alone in a cassette, but are played with
// the exchange.
type leftover struct {
	// turns is the position of the turns that go on where the exchange stopped:
	// the server sent more than its response, or one side was not understood to
	// its end. It is -1 where there is none.
	turns int32
	// silent are the positions of bytes that no server answered.
	silent []int32
}

// leftovers are those of all exchanges.
type leftovers struct {
	tape  *tape.Tape
	after map[int32]*leftover // by position of the exchange before
}

// reach is how many interactions before a leftover its exchange is looked for.
const reach = 16

// claims reports whether o, the beginning of it, is left over from an exchange,
// and notes from which one.
func (l *leftovers) claims(o *Opening, it *cassettes.Interaction) bool {
	_, i := l.tape.Locate(o.Pos)
	for pos := o.Pos - 1; pos >= o.Pos-int32(min(i, reach)); pos-- {
		if l.tape.Entry(pos).Method == "" {
			continue
		}
		before, err := l.tape.Item(pos)
		if err != nil {
			return false // it is reported when it is to be played
		}
		if before.Conn != it.Conn || before.Session != it.Session || before.Request.Seq > o.Seq {
			continue
		}
		if o.Answered && !o.Greets && !recorded.StopsInside(before) {
			return false // a client that sent something else, and was answered
		}
		l.add(pos, o)
		return true
	}
	return false
}

func (l *leftovers) add(pos int32, o *Opening) {
	of := l.after[pos]
	if of == nil {
		of = &leftover{turns: -1}
		l.after[pos] = of
	}
	if o.Answered && of.turns < 0 {
		of.turns = o.Pos
		l.tape.Join(pos, o.Pos)
		return
	}
	of.silent = append(of.silent, o.Pos)
}

// play marks the leftovers of an exchange as played, and returns how many.
func (l *leftovers) play(pos int32) (n int64) {
	of := l.after[pos]
	if of == nil {
		return 0
	}
	for _, p := range append([]int32{of.turns}, of.silent...) {
		if p >= 0 && l.tape.Play(p) {
			n++
		}
	}
	return n
}
