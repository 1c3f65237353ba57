package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/recorded"
)

// rest is what was recorded after an exchange on its connection and is no
// HTTP: items of their own in a cassette, but played with the exchange.
type rest struct {
	// turns is the position of what goes on where the exchange stopped: the
	// server sent more than its response, or one side was not understood to
	// its end. It is -1 where there is none.
	turns int32
	// silent are the positions of what no server answered.
	silent []int32
}

// restReach is how far behind an exchange, in items, the rest of its connection
// is looked for.
const restReach = 16

// isRest reports whether o, the beginning of it, is the rest of an exchange's
// connection, and notes which one's.
func (x *index) isRest(o *opening, it *cassettes.Interaction) bool {
	_, i := x.locate(o.pos)
	for pos := o.pos - 1; pos >= o.pos-int32(min(i, restReach)); pos-- {
		if x.entry(pos).Method == "" {
			continue
		}
		before, err := x.item(pos)
		if err != nil {
			return false // it is reported when it is to be played
		}
		if before.Conn != it.Conn || before.Session != it.Session || before.Request.Seq > o.Seq {
			continue
		}
		if o.Answered && !o.Greets && !recorded.StopsInside(before) {
			return false // a client that sent something else, and was answered
		}
		x.addRest(pos, o)
		return true
	}
	return false
}

func (x *index) addRest(pos int32, o *opening) {
	if x.rests == nil {
		x.rests = map[int32]*rest{}
	}
	r := x.rests[pos]
	if r == nil {
		r = &rest{turns: -1}
		x.rests[pos] = r
	}
	if o.Answered && r.turns < 0 {
		r.turns = o.pos
		return
	}
	r.silent = append(r.silent, o.pos)
}

// playRest marks what is played with an exchange, and returns how much.
func (x *index) playRest(pos int32) (n int64) {
	r := x.rests[pos]
	if r == nil {
		return 0
	}
	for _, p := range append([]int32{r.turns}, r.silent...) {
		if p >= 0 && x.play(p) {
			n++
		}
	}
	return n
}
