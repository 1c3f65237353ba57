//go:build !linux || 386 || s390x

package endpoint

import "net"

// quick is for Linux alone.
type quick struct{}

func newQuick(net.Conn) *quick { return nil }

func (*quick) write([]byte) (int, error) { return 0, nil }
