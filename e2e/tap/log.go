package tap

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// Side is the sender of an event.
type Side int

// The two sides of a connection.
const (
	Client Side = iota
	Server
)

// String returns "client" or "server".
func (s Side) String() string { return [...]string{"client", "server"}[s] }

// Other returns the other side.
func (s Side) Other() Side { return 1 - s }

// Kind is the kind of an event.
type Kind string

// Kinds of events. Reset is a read that failed with ECONNRESET. Unreachable is
// a dial that failed.
const (
	Open        Kind = "open"
	Data        Kind = "data"
	EOF         Kind = "eof"
	Reset       Kind = "reset"
	Unreachable Kind = "unreachable"
)

// Event is one read, or one end, of one side.
type Event struct {
	Conn int // numbered from 1 by accept
	Side Side
	Kind Kind
	Data []byte
}

// log is a file of events: a line "CONN SIDE KIND SIZE", the bytes, a line
// feed. An event is logged before its bytes are passed on, under one lock, so
// that no effect stands before its cause.
type log struct {
	mu  sync.Mutex
	f   *os.File
	w   *bufio.Writer
	err error
}

func create(path string) (*log, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &log{f: f, w: bufio.NewWriterSize(f, 256<<10)}, nil
}

func (l *log) add(conn int, side Side, kind Kind, data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%d %v %s %d\n", conn, side, kind, len(data))
	l.w.Write(data)
	if err := l.w.WriteByte('\n'); err != nil && l.err == nil {
		l.err = err
	}
}

func (l *log) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.w.Flush(); err != nil && l.err == nil {
		l.err = err
	}
	if err := l.f.Close(); err != nil && l.err == nil {
		l.err = err
	}
	return l.err
}

// Read reads a log.
func Read(r io.Reader) ([]Event, error) {
	in := bufio.NewReaderSize(r, 256<<10)
	var events []Event
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return events, nil
		}
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", len(events)+1, err)
		}
		e, err := readEvent(line, in)
		if err != nil {
			return nil, fmt.Errorf("event %d, %q: %w", len(events)+1, strings.TrimSpace(line), err)
		}
		events = append(events, e)
	}
}

func readEvent(line string, in io.Reader) (Event, error) {
	var e Event
	var side, kind string
	var size int
	if _, err := fmt.Sscanf(line, "%d %s %s %d\n", &e.Conn, &side, &kind, &size); err != nil {
		return e, err
	}
	if side == Server.String() {
		e.Side = Server
	}
	e.Kind = Kind(kind)
	data := make([]byte, size+1)
	if _, err := io.ReadFull(in, data); err != nil {
		return e, err
	}
	e.Data = data[:size]
	return e, nil
}
