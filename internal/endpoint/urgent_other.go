//go:build !unix

package endpoint

import "net"

// InlineUrgent would have a TCP connection's urgent bytes be read where they
// stand; here they are passed over.
func InlineUrgent(net.Conn) {}
