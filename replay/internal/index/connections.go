package index

import (
	"sync"

	"github.com/wiretape/wiretape/replay/internal/tape"
)

// connections finds the last interaction of each recorded connection. It looks for
// them when it is asked first.
type connections struct {
	tape *tape.Tape
	once sync.Once
	last map[connection]int32 // position
}

// connection names a recorded connection; cassettes are counted from 0.
type connection struct{ cassette, session, number int }

// wentOn reports whether something was recorded after an interaction on its
// connection.
func (c *connections) wentOn(pos int32) bool {
	c.once.Do(func() {
		c.last = make(map[connection]int32)
		for pos := range int32(c.tape.Len()) {
			c.last[c.of(pos)] = pos
		}
	})
	of := c.of(pos)
	return of.number != 0 && c.last[of] > pos
}

func (c *connections) of(pos int32) connection {
	e := c.tape.Entry(pos)
	return connection{c.tape.CassetteNumber(pos), e.Session, e.Conn}
}
