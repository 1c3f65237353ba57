package replay

import (
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
)

// answer is a small plan whose writes all wait for the request alone: the
// whole of it is written at once when the request has ended.
type answer struct {
	writes [][]byte
	mark   cassettes.Mark // after them
	stays  bool           // the recorded client asked for a close, and got none
}

// answerMax is the size up to which a plan is made an answer of.
const answerMax = 64 << 10

// newAnswer returns the answer that it is planned to get, or nil where that is
// large or more than an answer to a request.
func newAnswer(it *cassettes.Interaction, t terms) (*answer, error) {
	if it.Request == nil || it.Response == nil || it.Turns != nil {
		return nil, nil
	}
	a, room := new(answer), make([]byte, 0, 512)
	for w, err := range plan(it, t) {
		if err != nil {
			return nil, err
		}
		plain := w.after.Whole && !w.after.Closed && w.after.Turns == 0 && w.n == 0 &&
			a.mark == "" && w.mark != cassettes.Reset
		if !plain || len(room)+len(w.data) > answerMax {
			return nil, nil
		}
		a.mark = w.mark
		if len(w.data) == 0 {
			continue
		}
		at := len(room)
		room = append(room, w.data...)
		a.writes = append(a.writes, room[at:len(room):len(room)])
	}
	return a, nil
}

func (a *answer) size() (n int) {
	for _, b := range a.writes {
		n += len(b)
	}
	return n
}

// keep holds answers that may be given again.
type keep struct {
	answers []atomic.Pointer[answer] // by position

	mu   sync.Mutex
	held []int32 // positions, oldest first
	size int
}

// keepMax is the number of bytes of answers that are kept.
const keepMax = 16 << 20

// load returns the answer kept for pos, or nil.
func (k *keep) load(pos int32) *answer { return k.answers[pos].Load() }

// store keeps the answer for pos, at the cost of the oldest ones.
func (k *keep) store(pos int32, a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers[pos].Swap(a) != nil {
		return // two clients asked at once
	}
	k.held = append(k.held, pos)
	k.size += a.size()
	for k.size > keepMax {
		oldest := k.held[0]
		k.held = k.held[1:]
		k.size -= k.answers[oldest].Swap(nil).size()
	}
}
