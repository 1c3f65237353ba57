package delivery

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// sockets asks the kernel for sockets of this network namespace, over one netlink
// socket, which stays open until the program ends.
type sockets struct {
	mu     sync.Mutex // guards all; held for one question and its answer
	fd     int
	opened bool
	failed bool
	seq    uint32
	buf    [4096]byte
}

var diag sockets

// peerSocket is what the kernel knows of the other end of a TCP connection.
type peerSocket struct {
	unread   uint32 // bytes in its queue
	received uint64 // bytes that came in order; 0 where the kernel does not count
}

// peer returns the socket at the other end of c, if it is in this network
// namespace.
func (s *sockets) peer(c *net.TCPConn) (p peerSocket, ok bool) {
	local, lok := c.LocalAddr().(*net.TCPAddr)
	remote, rok := c.RemoteAddr().(*net.TCPAddr)
	if !lok || !rok {
		return p, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open() {
		return p, false
	}
	s.seq++
	s.question(remote.AddrPort(), local.AddrPort())
	if unix.Sendto(s.fd, s.buf[:questionSize], 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return p, false
	}
	for { // answers to questions that were given up may be left
		n, _, err := unix.Recvfrom(s.fd, s.buf[:], unix.MSG_DONTWAIT) // the kernel has answered while it took the question
		if err != nil {
			return p, false
		}
		if n >= unix.SizeofNlMsghdr && binary.NativeEndian.Uint32(s.buf[8:]) == s.seq {
			return readAnswer(s.buf[:n])
		}
	}
}

// open opens the netlink socket at its first call.
func (s *sockets) open() bool {
	if s.opened {
		return !s.failed
	}
	s.opened = true
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	s.fd, s.failed = fd, err != nil
	return !s.failed
}

// Layout of struct inet_diag_req_v2 behind a struct nlmsghdr, and of struct
// inet_diag_msg, which answers it: linux/inet_diag.h.
const (
	questionSize = unix.SizeofNlMsghdr + 56
	answerSize   = 72
	idSize       = 48 // struct inet_diag_sockid

	byFamily    = 20 // SOCK_DIAG_BY_FAMILY
	infoAttr    = 2  // INET_DIAG_INFO: a struct tcp_info
	receivedOff = 128
)

// question fills s.buf with the question for the TCP socket from src to dst.
func (s *sockets) question(src, dst netip.AddrPort) {
	b := s.buf[:questionSize]
	clear(b)
	ne := binary.NativeEndian
	ne.PutUint32(b[0:], questionSize)
	ne.PutUint16(b[4:], byFamily)
	ne.PutUint16(b[6:], unix.NLM_F_REQUEST)
	ne.PutUint32(b[8:], s.seq)
	r := b[unix.SizeofNlMsghdr:]
	from, to := src.Addr().Unmap(), dst.Addr().Unmap()
	r[0], r[1], r[2] = unix.AF_INET6, unix.IPPROTO_TCP, 1<<(infoAttr-1)
	if from.Is4() {
		r[0] = unix.AF_INET
	}
	ne.PutUint32(r[4:], 1<<32-1) // in any state
	id := r[8 : 8+idSize]
	binary.BigEndian.PutUint16(id[0:], src.Port())
	binary.BigEndian.PutUint16(id[2:], dst.Port())
	copy(id[4:20], from.AsSlice())
	copy(id[20:36], to.AsSlice())
	ne.PutUint64(id[40:], 1<<64-1) // no cookie
}

// readAnswer reads the kernel's answer.
func readAnswer(b []byte) (p peerSocket, ok bool) {
	ne := binary.NativeEndian
	if ne.Uint16(b[4:]) != byFamily || len(b) < unix.SizeofNlMsghdr+answerSize {
		return p, false // an error, as a rule: there is no such socket
	}
	m := b[unix.SizeofNlMsghdr:]
	if m[1] == unix.BPF_TCP_LISTEN {
		return p, false // the peer's socket is gone, and its port belongs to a listener
	}
	p.unread = ne.Uint32(m[4+idSize+4:])
	for a := m[answerSize:]; len(a) >= unix.SizeofNlAttr; {
		size := int(ne.Uint16(a))
		if size < unix.SizeofNlAttr || size > len(a) {
			break
		}
		if ne.Uint16(a[2:]) == infoAttr && size >= unix.SizeofNlAttr+receivedOff+8 {
			p.received = ne.Uint64(a[unix.SizeofNlAttr+receivedOff:])
		}
		a = a[min((size+3)&^3, len(a)):]
	}
	return p, true
}
