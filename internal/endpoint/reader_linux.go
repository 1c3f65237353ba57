//go:build linux && !386 && !s390x

package endpoint

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// idleWakes is how many attempts in a row may find nothing before a read waits
// for input alone.
const idleWakes = 16

// holder does the work of a Reader, as its policy says: it looks at input
// (MSG_PEEK) and consumes it later. With SO_PEEK_OFF the kernel begins to look
// behind the bytes held, so that it still says when there is nothing new, and
// when the stream has ended.
type holder struct {
	conn      *net.UnixConn
	raw       syscall.RawConn
	busy      *atomic.Bool          // several connections are to be served; nil: never
	attemptFn func(fd uintptr) bool // h.attempt, made once
	allFn     func(fd uintptr)      // consumes all that is held, made once
	butOneFn  func(fd uintptr)

	// Of the Read under way.
	p   []byte
	n   int
	err syscall.Errno

	// mu guards the following fields. No lock is taken while it is held.
	mu sync.Mutex
	policy
	wakes   int           // attempts since one found something
	input   *input        // to wait for, after many of them
	check   time.Duration // inputCheck
	timer   *time.Timer
	scratch [holdSmall + 1]byte
}

func newHolder(c net.Conn) *holder {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return nil
	}
	if cerr := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PEEK_OFF, 0)
	}); cerr != nil || err != nil {
		return nil
	}
	h := &holder{conn: uc, raw: raw, check: inputCheck}
	h.policy = policy{long: holdLong, many: holdMany, short: holdShort}
	h.attemptFn = h.attempt
	h.allFn = func(fd uintptr) { h.consume(fd, releaseAll) }
	h.butOneFn = func(fd uintptr) { h.consume(fd, releaseButOne) }
	h.timer = time.AfterFunc(time.Hour, h.expire)
	h.timer.Stop()
	h.arm = func(d time.Duration) { h.timer.Reset(d) }
	return h
}

func (h *holder) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	err := h.await(p)
	h.p = nil
	switch {
	case err != nil:
		return 0, h.opError(err)
	case h.err != 0:
		return 0, h.opError(os.NewSyscallError("read", h.err))
	case h.n == 0:
		return 0, io.EOF
	}
	return h.n, nil
}

// await reads into p as soon as there is something.
func (h *holder) await(p []byte) error {
	for {
		h.p, h.n, h.err = p, 0, 0
		err := h.raw.Read(h.attemptFn)
		again := err == nil && h.err == unix.EAGAIN
		h.mu.Lock()
		in := h.input
		if !again {
			h.input = nil
		}
		h.mu.Unlock()
		if !again {
			in.close()
			return err
		}
		in.wait(h.check)
	}
}

// opError returns err in the form that a plain Read returns.
func (h *holder) opError(err error) error {
	return &net.OpError{Op: "read", Net: "unix", Source: h.conn.LocalAddr(), Addr: h.conn.RemoteAddr(), Err: reason(err)}
}

// attempt reads available bytes, and reports whether it is done: with a result, or
// with EAGAIN, where h.input is to be waited for.
func (h *holder) attempt(fd uintptr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n, h.err = h.receive(fd)
	if h.err == unix.EAGAIN {
		h.foundNothing()
		return h.useInput(fd)
	}
	h.wakes = 0
	var now time.Time
	if h.suspecting() { // seldom: asking for the time at each read costs more
		now = time.Now()
	}
	h.consume(fd, h.found(h.n, now))
	return true
}

// useInput reports whether a read that found nothing waits for h.input.
func (h *holder) useInput(fd uintptr) bool {
	if h.held == 0 {
		h.wakes = 0
		h.takeInput().close()
		return false
	}
	if h.wakes++; h.wakes > idleWakes && h.input == nil {
		h.wakes = 0
		h.input, _ = newInput(fd) // short of files: it goes on waking
	}
	return h.input != nil
}

// takeInput returns h.input, which is not to be waited for any more.
func (h *holder) takeInput() *input {
	in := h.input
	h.input = nil
	return in
}

// receive reads new bytes into h.p: 0 at the end of the stream, EAGAIN where
// there are none.
func (h *holder) receive(fd uintptr) (int, syscall.Errno) {
	if h.stage == stageNone {
		return recv(fd, h.p, 0)
	}
	if errno := h.consume(fd, h.readBegins(h.busy != nil && h.busy.Load())); errno != 0 {
		return 0, errno
	}
	if h.bulk { // the next one may be large, too: looking would copy it twice
		if n := queuedIn(fd) - h.held; n > holdSmall {
			return h.receiveBulk(fd, n)
		}
	}
	n, errno := recv(fd, h.p[:min(len(h.p), holdSmall+1)], unix.MSG_PEEK)
	if errno != 0 {
		return 0, errno
	}
	if n > holdSmall {
		// More than n, so that taking all but one byte takes all that the
		// kernel remembers as looked at.
		if all := queuedIn(fd) - h.held; all > n {
			return h.receiveBulk(fd, all)
		}
	}
	if n == 0 {
		return 0, h.discard(fd, h.held)
	}
	h.held += n
	h.reads++
	return n, 0
}

// receiveBulk reads without looking at the bytes first, which would copy them
// twice, of n new ones that are there.
func (h *holder) receiveBulk(fd uintptr, n int) (int, syscall.Errno) {
	if n > len(h.p) {
		return len(h.p), h.take(fd, h.p) // the bytes left behind are unread input, too
	}
	if errno := h.take(fd, h.p[:n-1]); errno != 0 {
		return 0, errno
	}
	if _, errno := recv(fd, h.p[n-1:n], unix.MSG_PEEK); errno != 0 {
		return 0, errno
	}
	h.held, h.reads = 1, 1
	return n, 0
}

// take consumes the held bytes and then len(p) bytes more, which are there, into
// p.
func (h *holder) take(fd uintptr, p []byte) syscall.Errno {
	for h.held > 0 || len(p) > 0 {
		n, errno := h.readv(fd, p)
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return errno
		case n == 0:
			return unix.EIO // available bytes have gone: something else reads the socket
		default:
			// Short where file descriptors were sent along.
			old := min(n, h.held)
			h.held -= old
			p = p[n-old:]
		}
	}
	return 0
}

// discard consumes the first n of the bytes held.
func (h *holder) discard(fd uintptr, n int) syscall.Errno {
	for n > 0 {
		m, errno := recv(fd, h.scratch[:min(n, len(h.scratch))], 0)
		switch {
		case errno != 0:
			return errno
		case m == 0:
			return unix.EIO
		}
		n -= m
		h.held -= m
	}
	return 0
}

func (h *holder) setBusy(busy *atomic.Bool) { h.busy = busy }

func (h *holder) expectBeats() { h.beats = true }

func (h *holder) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letGo(h.policy.beat(time.Now))
}

// expire is called by the timer.
func (h *holder) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letGo(h.expired(time.Now()))
}

func (h *holder) trim() {
	if !h.mu.TryLock() {
		return // a read is under way; the next write tries again
	}
	defer h.mu.Unlock()
	h.letGo(h.policy.trim())
}

func (h *holder) keep(last bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.policy.keep(last)
}

func (h *holder) release() {
	h.mu.Lock()
	in := h.takeInput()
	defer in.close() // waits for a goroutine that waits, so without the lock
	defer h.mu.Unlock()
	if h.held > 0 && h.raw.Control(h.allFn) != nil {
		h.held = 0 // the connection is closed
	}
}

// letGo consumes as much as r says, from outside a read. On a closed connection it does
// nothing.
func (h *holder) letGo(r release) {
	switch r {
	case releaseButOne:
		_ = h.raw.Control(h.butOneFn)
	case releaseAll:
		_ = h.raw.Control(h.allFn)
	}
}

// consume consumes the part r of the held bytes.
func (h *holder) consume(fd uintptr, r release) syscall.Errno {
	h.releasing(r)
	switch r {
	case releaseButOne:
		return h.discard(fd, h.held-1)
	case releaseAll:
		return h.discard(fd, h.held)
	}
	return 0
}

// readv consumes the held bytes and reads more into p.
func (h *holder) readv(fd uintptr, p []byte) (int, syscall.Errno) {
	n, err := unix.Readv(int(fd), [][]byte{h.scratch[:h.held], p}) // held is at most heldBytes here
	return max(n, 0), errnoOf(err)
}

// errnoOf returns the error number of a system call's error, 0 for nil.
func errnoOf(err error) syscall.Errno {
	errno, _ := err.(syscall.Errno)
	return errno
}

// recv receives into p. It makes the raw system call: unix.Recvfrom tells Go's
// scheduler of each call, which costs as much as the call, and allocates the
// sender's address. The call never blocks and, but for plain reads, copies
// little.
func recv(fd uintptr, p []byte, flags uintptr) (int, syscall.Errno) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
		if errno == 0 {
			return int(n), 0
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}

// queuedIn returns the number of unread bytes.
func queuedIn(fd uintptr) int {
	n, _ := unix.IoctlGetUint32(int(fd), unix.TIOCINQ)
	return int(n)
}
