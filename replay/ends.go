package replay

import "sync"

// ends finds the last item of each recorded connection. It looks for them when
// it is asked first.
type ends struct {
	once sync.Once
	last map[recordedConn]int32 // position
}

// recordedConn names a recorded connection; cassettes count.
type recordedConn struct{ cassette, session, number int }

// wentOn reports whether something was recorded after an item on its
// connection.
func (x *index) wentOn(pos int32) bool {
	x.ends.once.Do(func() {
		x.ends.last = make(map[recordedConn]int32)
		for pos := range int32(x.len()) {
			x.ends.last[x.recordedConn(pos)] = pos
		}
	})
	c := x.recordedConn(pos)
	return c.number != 0 && x.ends.last[c] > pos
}

func (x *index) recordedConn(pos int32) recordedConn {
	e := x.entry(pos)
	return recordedConn{x.cassetteOf(pos), e.Session, e.Conn}
}
