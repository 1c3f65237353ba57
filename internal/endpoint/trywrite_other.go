//go:build !unix

package endpoint

import "net"

// TryWrite writes as much of b as c takes at once, and never waits. Where a
// connection has no such operation, that is nothing.
func TryWrite(net.Conn, []byte) (n int, err error) { return 0, nil }
