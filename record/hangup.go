package record

import (
	"net"

	"github.com/wiretape/wiretape/internal/endpoint"
)

// hungUp waits until the peer of c, whose end of stream was read, closes the
// connection wholly, and reports true; or until c is closed. Where a system
// cannot tell, it waits for the latter.
func hungUp(c net.Conn) bool {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return false
	}
	// A hang-up wakes readers, as the end of the stream did before.
	return raw.Read(func(uintptr) bool { return endpoint.HungUp(c) }) == nil
}
