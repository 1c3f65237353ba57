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

const (
	// holdSmall is the number of bytes up to which what was read counts as
	// small writes: a buffer of that size is no burden on any sender whose
	// send buffer has 20 KiB or more. (A blocked sender wakes when no more
	// than a quarter of it is in use.) With Linux's default, 208 KiB, no
	// write is a burden: none has a buffer of more than 40 KiB.
	holdSmall = 4 << 10
	holdLong  = 5 * time.Second
	holdShort = 20 * time.Millisecond
	holdMany  = BeatInterval
	// holdBlocked is how soon a sender goes on that was waiting.
	holdBlocked = 10 * time.Millisecond
	// holdTicks is how many times in that the timer looks whether more came:
	// setting it for every read costs more.
	holdTicks = 2
	// heldBytes and heldReads are how much of small reads may be held, so that
	// one system call lets go of several; Trim lets go from trimReads on.
	heldBytes = holdSmall
	heldReads = 16
	trimReads = 8
	// heldSafe is the number of bytes that no sender waits for, written one by
	// one: of its send buffer, if it is Linux's default, less than a quarter is
	// in use, up to which it polls as ready.
	heldSafe = 64
	// idleWakes is how many attempts in a row may find nothing before a read
	// waits for input alone.
	idleWakes = 16
)

// holder does the work of a Reader: it looks at input (MSG_PEEK) and takes it
// later, all but the last byte. With SO_PEEK_OFF the kernel begins to look
// behind the bytes held, so that it still says when there is nothing new, and
// when the stream has ended.
type holder struct {
	conn      *net.UnixConn
	raw       syscall.RawConn
	busy      *atomic.Bool          // several connections are to be served; nil: never
	beats     bool                  // Beat is called, so that long limits need no timer
	attemptFn func(fd uintptr) bool // h.attempt, made once
	dropFn    func(fd uintptr)
	keepOneFn func(fd uintptr)

	// Of the Read under way.
	p   []byte
	n   int
	err syscall.Errno

	mu      sync.Mutex
	held    int       // bytes returned and still in the kernel
	reads   int       // that they came in
	run     int       // bytes read since there was nothing to read
	bulk    bool      // the last read was large: ask for the size first
	waiting bool      // for more, with something held
	wakes   int       // attempts since one found something
	input   *input    // to wait for, after many of them
	large   bool      // it may be of a large write
	eager   bool      // hold a byte at most
	plain   bool      // hold nothing any more
	dropped time.Time // when a limit let go of something
	timer   *time.Timer
	limit   time.Duration // for what is held: long, many or short; 0: none
	tick    time.Duration // what the timer runs for; 0: it does not
	ticks   int           // or beats, since waiting began
	long    time.Duration // holdLong; 0: without limit
	many    time.Duration // holdMany; 0: without limit
	short   time.Duration // holdShort; 0: without limit
	check   time.Duration // inputCheck
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
	h := &holder{conn: uc, raw: raw, long: holdLong, many: holdMany, short: holdShort, check: inputCheck}
	h.attemptFn, h.dropFn = h.attempt, h.drop
	h.keepOneFn = func(fd uintptr) { h.keepOne(fd) }
	h.timer = time.AfterFunc(time.Hour, h.expire)
	h.timer.Stop()
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

// opError makes err what a plain Read would have returned.
func (h *holder) opError(err error) error {
	return &net.OpError{Op: "read", Net: "unix", Source: h.conn.LocalAddr(), Addr: h.conn.RemoteAddr(), Err: reason(err)}
}

// attempt reads what is there, and reports whether it is done: with a result, or
// with EAGAIN, where h.input is to be waited for.
func (h *holder) attempt(fd uintptr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n, h.err = h.receive(fd)
	if h.err == unix.EAGAIN {
		h.wait()
		return h.useInput(fd)
	}
	h.waiting, h.ticks, h.wakes = false, 0, 0
	h.run += h.n
	h.bulk = h.n > holdSmall
	if h.n > 0 && !h.dropped.IsZero() {
		if time.Since(h.dropped) < holdBlocked {
			h.tooMuch(fd)
		}
		h.dropped = time.Time{}
	}
	return true
}

// useInput reports whether h.input is what a read that found nothing waits for.
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

// tooMuch holds less from now on: the sender was waiting for what the timer
// let go of.
func (h *holder) tooMuch(fd uintptr) {
	if !h.eager && !h.large {
		h.eager = true
		return
	}
	h.plain = true
	h.drop(fd)
}

// receive reads new bytes into h.p: 0 at the end of the stream, EAGAIN where
// there are none.
func (h *holder) receive(fd uintptr) (int, syscall.Errno) {
	if h.plain {
		return recv(fd, h.p, 0)
	}
	// Now, and not before Read returned: by now the bytes have been passed on.
	if h.eager || h.held > heldBytes || h.reads >= h.maxReads() {
		if errno := h.keepOne(fd); errno != 0 {
			return 0, errno
		}
	}
	if h.bulk {
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

// maxReads is how many small reads may be held.
func (h *holder) maxReads() int {
	if h.busy != nil && h.busy.Load() {
		return heldReads
	}
	return 1 // letting go of it wakes a sender that has slept, early
}

// receiveBulk reads without looking at the bytes first, which would copy them
// twice, of n new ones that are there.
func (h *holder) receiveBulk(fd uintptr, n int) (int, syscall.Errno) {
	if n > len(h.p) {
		return len(h.p), h.take(fd, h.p) // what stays behind is unread input, too
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

// take consumes what is held and then len(p) bytes more, which are there,
// into p.
func (h *holder) take(fd uintptr, p []byte) syscall.Errno {
	for h.held > 0 || len(p) > 0 {
		n, errno := h.readv(fd, p)
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return errno
		case n == 0:
			return unix.EIO // what is there has gone: someone else reads
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

// wait has the timer run for what is held.
func (h *holder) wait() {
	if h.held > 0 && !h.waiting {
		h.waiting, h.ticks, h.limit = true, 0, h.long
		h.large = h.run > holdSmall
		switch {
		case h.large:
			h.limit = h.short
		case h.held > heldSafe:
			h.limit = h.many
		}
		if h.limit > 0 && (h.tick == 0 || h.limit/holdTicks < h.tick) {
			h.setTimer()
		}
	}
	h.run = 0
}

// setTimer has the timer run, or beats be waited for.
func (h *holder) setTimer() {
	h.tick = 0
	if !h.beats || h.limit < BeatInterval {
		h.tick = h.limit / holdTicks
		h.timer.Reset(h.tick)
	}
}

func (h *holder) setBusy(busy *atomic.Bool) { h.busy = busy }

func (h *holder) expectBeats() { h.beats = true }

// beat lets go of what is held if it was for a long limit.
func (h *holder) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tick != 0 || !h.waiting || h.held == 0 || h.limit == 0 {
		return
	}
	if h.ticks++; time.Duration(h.ticks)*BeatInterval > h.limit {
		h.letGo()
	}
}

// expire lets go of what is held unless more has come since; of small writes
// it keeps a byte at first.
func (h *holder) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting && h.tick >= h.limit/holdTicks {
		h.ticks++
	}
	switch {
	case h.held == 0, h.limit == 0:
		h.tick = 0
		return
	case h.ticks < holdTicks:
		h.setTimer()
		return
	}
	h.tick = 0
	h.letGo()
}

// letGo consumes what is held, or where it may be many writes, all but a byte.
func (h *holder) letGo() {
	h.dropped = time.Now()
	if h.held > heldSafe && !h.large {
		h.raw.Control(h.keepOneFn)
		return
	}
	h.raw.Control(h.dropFn)
}

func (h *holder) trim() {
	if !h.mu.TryLock() {
		return // the next write tries again
	}
	defer h.mu.Unlock()
	if h.waiting && h.reads >= trimReads {
		h.raw.Control(h.keepOneFn)
	}
}

func (h *holder) keep(last bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.long = 0
	if last {
		h.many, h.short = 0, 0
	}
	if h.waiting && (last || !h.large && h.held <= heldSafe) {
		h.limit = 0
	}
}

func (h *holder) release() {
	h.mu.Lock()
	in := h.takeInput()
	defer in.close() // waits for a goroutine that waits, so without the lock
	defer h.mu.Unlock()
	if h.held > 0 && h.raw.Control(h.dropFn) != nil {
		h.held = 0 // the connection is closed
	}
}

// drop consumes what is held.
func (h *holder) drop(fd uintptr) {
	h.waiting, h.reads = false, 0
	h.discard(fd, h.held)
}

// keepOne consumes what is held but for a byte, which may stay long.
func (h *holder) keepOne(fd uintptr) syscall.Errno {
	h.reads = min(h.reads, 1)
	if h.waiting && !h.large && h.limit != h.long {
		if h.ticks, h.limit = 0, h.long; h.limit > 0 {
			h.setTimer()
		}
	}
	return h.discard(fd, h.held-1)
}

// readv reads over what is held into p.
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
