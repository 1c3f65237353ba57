package replay

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// TestOrderOfTwoThatKeepCompany checks that what two connections of a client are
// sent leaves in the recorded order, whichever asks first.
func TestOrderOfTwoThatKeepCompany(t *testing.T) {
	s := &Server{Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{},
		item(t, in(1, post("/containers/a/wait", "")), []read{{3, streamingHead}, {9, "2\r\n37\r\n0\r\n\r\n"}}),
		item(t, in(2, logsOf("a")), []read{{4, streamingHead}, {5, "1\r\nx\r\n"}, {8, "1\r\ny\r\n0\r\n\r\n"}}),
	)}}
	l, err := net.Listen("unix", shortDir(t)+"/s")
	if err != nil {
		t.Fatal(err)
	}
	noting := &notingListener{Listener: l}
	p := serveOn(t, noting, s)
	waiter, reader := p.dial(t), p.dial(t)
	for _, waitFirst := range []bool{true, false} {
		wait := func() { send(t, waiter, post("/containers/a/wait", "")) }
		logs := func() { send(t, reader, logsOf("a")) }
		if first, second := wait, logs; waitFirst {
			first()
			expectEnd(t, waiter, open)
			second()
		} else {
			second()
			expectEnd(t, reader, open)
			first()
		}
		expect(t, waiter, streamingHead+"2\r\n37\r\n0\r\n\r\n")
		expect(t, reader, streamingHead+"1\r\nx\r\n1\r\ny\r\n0\r\n\r\n")
		if got, want := noting.take(), []int{1, 2, 2, 2, 1}; !slices.Equal(got, want) {
			t.Errorf("wait first: %v: connections were written in the order %v, want %v", waitFirst, got, want)
		}
		p.Reset()
	}
}

// TestOrderOnOneConnection checks that the order is kept where a client asks again
// on a connection as soon as it has its answer.
func TestOrderOnOneConnection(t *testing.T) {
	const n = 300
	var items []*cassettes.Interaction
	for i := range n {
		at, name := int64(100*i+1), fmt.Sprintf("c%d", i)
		items = append(items,
			item(t, in(at, logsOf(name)), []read{{at + 7, streamingHead}, {at + 8, "1\r\nx\r\n0\r\n\r\n"}}),
			item(t, in(at+1, post("/containers/"+name+"/start", "")), in(at+2, noContent204)),
			item(t, in(at+4, post("/containers/"+name+"/wait", "")), []read{{at + 5, streamingHead}, {at + 20, "2\r\n37\r\n0\r\n\r\n"}}),
		)
	}
	l, err := net.Listen("unix", shortDir(t)+"/s")
	if err != nil {
		t.Fatal(err)
	}
	noting := &notingListener{Listener: l}
	p := serveOn(t, noting, &Server{Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}})
	waiter, reader := p.dial(t), p.dial(t)
	for i := range n {
		name := fmt.Sprintf("c%d", i)
		send(t, reader, logsOf(name))
		time.Sleep(time.Millisecond) // it waits by then
		send(t, waiter, post("/containers/"+name+"/start", ""))
		expect(t, waiter, noContent204)
		send(t, waiter, post("/containers/"+name+"/wait", ""))
		expect(t, waiter, streamingHead+"2\r\n37\r\n0\r\n\r\n")
		expect(t, reader, streamingHead+"1\r\nx\r\n0\r\n\r\n")
		if got, want := noting.take(), []int{1, 1, 2, 2, 1}; !slices.Equal(got, want) {
			t.Fatalf("round %d: connections were written in the order %v, want %v", i, got, want)
		}
	}
}

// notingListener notes which of its connections the gate writes to, by number.
type notingListener struct {
	net.Listener
	accepted int
	mu       sync.Mutex
	written  []int
}

func (l *notingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.accepted++
	n := l.accepted
	return notingConn{c.(*net.UnixConn), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.written = append(l.written, n)
	}}, nil
}

// take returns the writes noted since its last call.
func (l *notingListener) take() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	written := l.written
	l.written = nil
	return written
}

type notingConn struct {
	*net.UnixConn
	note func()
}

func (c notingConn) SyscallConn() (syscall.RawConn, error) {
	raw, err := c.UnixConn.SyscallConn()
	return notingRaw{raw, c.note}, err
}

type notingRaw struct {
	syscall.RawConn
	note func()
}

func (r notingRaw) Write(f func(fd uintptr) bool) error {
	r.note()
	return r.RawConn.Write(f)
}
