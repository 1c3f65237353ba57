// Package record proxies connections between clients and a daemon and writes
// what crosses them to a cassette.
package record

import (
	"context"
	"log/slog"
	"net"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/redact"
)

// DefaultInlineMax is the size up to which a body stands in the cassette.
const DefaultInlineMax = 64 << 10

// Recorder is a recording proxy. Its life-cycle is http.Server's. Set the
// fields before the first call of Serve and leave them alone after.
type Recorder struct {
	// Dial connects to the daemon.
	Dial func(context.Context) (net.Conn, error)
	// Cassette receives the items. The caller closes it, after Close or
	// Shutdown.
	Cassette *cassettes.Writer
	// InlineMax is the size in bytes up to which a body stands in the cassette
	// and beyond which it goes to a file; 0 means DefaultInlineMax.
	InlineMax int
	// Redact masks secrets; nil masks nothing.
	Redact *redact.Rules
	// Keep, if set, says which exchanges are stored, by method and target.
	// The others pass all the same.
	Keep func(method, target string) bool
	// NoTimes leaves out all times.
	NoTimes bool
	// Log receives what goes on; nil is silence.
	Log *slog.Logger
}

// Stats counts what passed.
type Stats struct {
	Connections, Open, Items int
	Bytes                    [2]int64 // by side
	// Err is the disk error that ended the recording, if one did; traffic
	// goes on.
	Err error
}

// Serve accepts connections on l and blocks until l fails or the recorder is
// closed; it then returns net.ErrClosed.
func (r *Recorder) Serve(l net.Listener) error { panic("not written") }

// Shutdown stops accepting, waits until open connections have ended or ctx
// is done, and then does what Close does.
func (r *Recorder) Shutdown(ctx context.Context) error { panic("not written") }

// Close closes listeners and connections, stores what is unfinished with end
// "none", and waits for all goroutines.
func (r *Recorder) Close() error { panic("not written") }

// Stats returns the counts so far. It may be called at any time.
func (r *Recorder) Stats() Stats { panic("not written") }
