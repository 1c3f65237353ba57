//go:build !linux

package ticker

import "time"

// eventfd can sleep so that it is woken in time.
type eventfd struct{}

func newEventfd() eventfd                           { return eventfd{} }
func (eventfd) sleep(time.Duration) (rung, ok bool) { return false, false }
func (eventfd) ring()                               {}
