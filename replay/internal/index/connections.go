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
	kept map[connection]bool  // by recording, number 0: a connection was used again
}

// connection names a recorded connection; cassettes are counted from 0.
type connection struct{ cassette, session, number int }

// wentOn reports whether something was recorded after an interaction on its
// connection.
func (c *connections) wentOn(pos int32) bool {
	c.read()
	of := c.of(pos)
	return of.number != 0 && c.last[of] > pos
}

// wasReused reports whether any connection of an interaction's recording carried
// more than one.
func (c *connections) wasReused(pos int32) bool {
	c.read()
	of := c.of(pos)
	of.number = 0
	return c.kept[of]
}

func (c *connections) read() {
	c.once.Do(func() {
		c.last, c.kept = make(map[connection]int32), make(map[connection]bool)
		for pos := range int32(c.tape.Len()) {
			of := c.of(pos)
			_, again := c.last[of]
			c.last[of] = pos
			if again && of.number != 0 {
				of.number = 0
				c.kept[of] = true
			}
		}
	})
}

func (c *connections) of(pos int32) connection {
	e := c.tape.Entry(pos)
	return connection{c.tape.CassetteNumber(pos), e.Session, e.Conn}
}
