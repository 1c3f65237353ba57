package encode

import (
	"errors"
	"fmt"
	"sync"

	"github.com/wiretape/wiretape/wire"
)

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// Get returns an Encoder with an empty Buf. Free gives it back.
func Get() *Encoder {
	e := encoders.Get().(*Encoder)
	e.Buf = e.Buf[:0]
	return e
}

// maxKept is the size of a buffer beyond which Free does not keep it.
const maxKept = 512 << 10

// Free gives e's memory back. Neither e nor its Buf may be used after it.
func (e *Encoder) Free() {
	if cap(e.Buf) > maxKept {
		e.Buf = nil
	}
	encoders.Put(e)
}

// Check reports an interaction that no cassette can hold.
func Check(it *wire.Interaction) error {
	if it.Request == nil && it.Turns == nil {
		return errors.New("it has neither a request nor turns")
	}
	if it.Request == nil && it.Response != nil {
		return errors.New("it has a response without a request")
	}
	base := Base(it)
	for _, m := range []*wire.Message{it.Request, it.Response} {
		if m != nil && m.Frames.File != nil && m.Frames.File.Base() != base {
			return fmt.Errorf("its frames' file counts from seq %d, the item from %d", m.Frames.File.Base(), base)
		}
	}
	if it.Request != nil && len(it.Request.Head) == 0 {
		return errors.New("its request has no head")
	}
	return nil
}
