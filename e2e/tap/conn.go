package tap

import (
	"bytes"
	"os"
)

// Conn holds the events of one connection, in order.
type Conn struct {
	N      int
	Events []Event
}

// ReadFile reads the log at path and returns its connections in the order in
// which they were accepted.
func ReadFile(path string) ([]*Conn, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	events, err := Read(f)
	if err != nil {
		return nil, &os.PathError{Op: "read tap log", Path: path, Err: err}
	}
	return Conns(events), nil
}

// Conns sorts events by connection.
func Conns(events []Event) []*Conn {
	var conns []*Conn
	byN := map[int]*Conn{}
	for _, e := range events {
		c := byN[e.Conn]
		if c == nil {
			c = &Conn{N: e.Conn}
			byN[e.Conn] = c
			conns = append(conns, c)
		}
		c.Events = append(c.Events, e)
	}
	return conns
}

// Bytes returns everything that side sent.
func (c *Conn) Bytes(side Side) []byte {
	var b bytes.Buffer
	for _, e := range c.Events {
		if e.Side == side {
			b.Write(e.Data)
		}
	}
	return b.Bytes()
}

// End returns how side ended, "" where it did not.
func (c *Conn) End(side Side) Kind {
	for _, e := range c.Events {
		if e.Side == side && (e.Kind == EOF || e.Kind == Reset || e.Kind == Unreachable) {
			return e.Kind
		}
	}
	return ""
}

// SentAfterEnd returns the number of bytes that side sent after the other side
// had ended. The other side may never have received them.
func (c *Conn) SentAfterEnd(side Side) int {
	n, ended := 0, false
	for _, e := range c.Events {
		switch {
		case e.Side != side && (e.Kind == EOF || e.Kind == Reset):
			ended = true
		case e.Side == side && ended:
			n += len(e.Data)
		}
	}
	return n
}
