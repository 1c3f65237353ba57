package plan

import (
	"sync"
	"sync/atomic"

	"github.com/wiretape/wiretape/cassettes"
)

// Answer is a small plan whose writes all wait for the whole request alone. It
// is written at once when the request has ended, and may be kept and served
// again: it is immutable.
type Answer struct {
	Writes [][]byte       // one for each recorded write; not to be changed
	Mark   cassettes.Mark // after them
	Idle   Idle           // of Mark
	// StaysOpen says that the connection stays open even if the client asks for
	// a close. Prepare leaves it to the caller.
	StaysOpen bool
}

// AnswerMax is the size in bytes up to which a plan becomes an Answer.
const AnswerMax = 64 << 10

// Prepare returns the Answer to which an interaction's plan amounts, or nil
// where the plan is large or more than a response to one request.
func Prepare(it *cassettes.Interaction, o Options) (*Answer, error) {
	if it.Request == nil || it.Response == nil || it.Turns != nil {
		return nil, nil
	}
	a, room := new(Answer), make([]byte, 0, 512)
	for w, err := range Of(it, o) {
		if err != nil {
			return nil, err
		}
		plain := w.After.Whole && !w.After.Closed && w.After.Turns == 0 && w.N == 0 &&
			a.Mark == "" && w.Mark != cassettes.Reset && !w.Apart
		if !plain || len(room)+len(w.Data) > AnswerMax {
			return nil, nil
		}
		a.Mark, a.Idle = w.Mark, w.Idle
		if len(w.Data) == 0 {
			continue
		}
		at := len(room)
		room = append(room, w.Data...)
		a.Writes = append(a.Writes, room[at:len(room):len(room)])
	}
	return a, nil
}

func (a *Answer) size() (n int) {
	for _, b := range a.Writes {
		n += len(b)
	}
	return n
}

// Cache keeps prepared answers, by the position of their interactions. It is
// safe for concurrent use.
type Cache struct {
	answers []atomic.Pointer[Answer]

	mu   sync.Mutex // guards the account of kept answers; holds no other lock
	held []int32    // positions, oldest first
	size int
}

// cacheMax is the number of bytes of answers that a Cache keeps.
const cacheMax = 16 << 20

// NewCache returns a cache for n positions.
func NewCache(n int) *Cache { return &Cache{answers: make([]atomic.Pointer[Answer], n)} }

// Load returns the answer kept for a position, or nil.
func (c *Cache) Load(pos int32) *Answer { return c.answers[pos].Load() }

// Store keeps an answer for a position, and drops the oldest ones where that
// takes more than 16 MiB.
func (c *Cache) Store(pos int32, a *Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers[pos].Swap(a) != nil {
		return // two clients asked at once
	}
	c.held = append(c.held, pos)
	c.size += a.size()
	for c.size > cacheMax {
		oldest := c.held[0]
		c.held = c.held[1:]
		c.size -= c.answers[oldest].Swap(nil).size()
	}
}
