//go:build !linux || 386 || s390x

package endpoint

import (
	"io"
	"net"
	"sync/atomic"
)

// holder is for Linux alone; the 386 and s390x of package syscall have not
// the calls that it takes.
type holder struct{}

func newHolder(net.Conn) *holder { return nil }

func (*holder) read([]byte) (int, error) { return 0, io.EOF }

func (*holder) setBusy(*atomic.Bool) {}

func (*holder) expectBeats() {}

func (*holder) beat() {}

func (*holder) trim() {}

func (*holder) keep(bool) {}

func (*holder) release() {}
