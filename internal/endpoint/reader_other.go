//go:build !linux || 386 || s390x

package endpoint

import (
	"io"
	"net"
	"sync/atomic"
)

// holder is for Linux alone: other systems have no SO_PEEK_OFF. On 386 and
// s390x a raw socket call needs a newer kernel than Go does.
type holder struct{}

func newHolder(net.Conn) *holder { return nil }

func (*holder) read([]byte) (int, error) { return 0, io.EOF }

func (*holder) setBusy(*atomic.Bool) {}

func (*holder) expectBeats() {}

func (*holder) beat() {}

func (*holder) trim() {}

func (*holder) keep(bool) {}

func (*holder) release() {}
