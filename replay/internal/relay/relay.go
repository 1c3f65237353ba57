// Package relay passes bytes to a live server, and follows its answer, for a client
// whose request no recording answers.
package relay

import (
	"io"
	"net"
	"sync/atomic"

	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/spool"
)

// Relay passes bytes between a client and a live server: a request that no
// recording answers with its response, or a connection that left HTTP. It has a
// connection of its own to the server, so that an answer which never comes holds
// up only its own request.
//
// One goroutine passes on what the client sends, another follows the server; Close
// may be called by any. The methods of the first, and Close, take a nil Relay.
type Relay struct {
	NC net.Conn // to the live server

	parser http1.Parser // of the server's bytes
	way    atomic.Int32
	// The client's goroutine alone uses the fields below.
	leaves bool // the answer may make a stream of the connection
	ended  bool // the request has been passed on
	deaf   bool // the server takes no more
}

// Ways of a relay.
const (
	unknownWay int32 = iota
	onHTTP           // the client's next bytes are another request
	offHTTP          // all that either side says is passed on as it is
)

// New returns the relay of a request over nc. Upgrade says that it asks for another
// protocol, ended that the client has sent all of it.
func New(nc net.Conn, method string, upgrade, ended bool) *Relay {
	r := &Relay{NC: nc, leaves: upgrade || method == "POST", ended: ended, parser: http1.Parser{Side: http1.Server}}
	r.parser.Expect([]byte(method), upgrade)
	return r
}

// NewStream returns the relay of a connection that is not HTTP.
func NewStream(nc net.Conn) *Relay {
	r := &Relay{NC: nc, ended: true}
	r.parser.Switch()
	r.LeaveHTTP()
	return r
}

// LeaveHTTP has all that either side says passed on as it is from now on.
func (r *Relay) LeaveHTTP() { r.way.Store(offHTTP) }

// HasLeft reports whether the connection has left HTTP.
func (r *Relay) HasLeft() bool { return r.way.Load() == offHTTP }

// Takes passes b on to the server where nothing is to parse it: a stream's bytes.
// It reports whether it did.
func (r *Relay) Takes(b []byte) bool {
	if r == nil || !r.ended && !r.HasLeft() {
		return false
	}
	if r.leaves {
		// A client that goes on before it is answered takes the connection for
		// a stream already. Were it mistaken, the server would know better.
		r.way.CompareAndSwap(unknownWay, offHTTP)
	}
	if !r.HasLeft() {
		return false
	}
	r.Send(b)
	return true
}

// Send passes b on to the server.
func (r *Relay) Send(b []byte) {
	if r.deaf {
		return
	}
	_, err := r.NC.Write(b)
	r.deaf = err != nil // the client learns it from the server's answer or close
}

// End says whether the request has been passed on to its end.
func (r *Relay) End(ended bool) { r.ended = r.ended || ended }

// SendAll passes the kept bytes on to the server.
func (r *Relay) SendAll(kept *spool.Spool) {
	all, err := kept.Open()
	if err == nil {
		_, err = io.Copy(r.NC, all)
	}
	if err != nil {
		r.deaf = true
		r.Close() // else the server would wait for the missing bytes
	}
}

// CloseWrite passes on that the client said its last word.
func (r *Relay) CloseWrite() {
	if r != nil {
		_ = endpoint.CloseWrite(r.NC) // an error means that it is closed already
	}
}

// Close ends the connection to the server. It may be called at any time, and
// more than once.
func (r *Relay) Close() {
	if r != nil {
		r.NC.Close()
	}
}

// Follow parses the server's bytes, before the client gets them and can answer. End
// says that the answer is complete, closes that the server will close then.
func (r *Relay) Follow(b []byte) (end, closes bool) {
	for len(b) > 0 && !r.HasLeft() {
		if end {
			r.LeaveHTTP() // more than an answer
			return false, false
		}
		ev, n := r.parser.Next(b)
		b = b[n:]
		end = ev.End
		switch {
		case ev.Kind == http1.Raw, ev.Kind == http1.Head && ev.Head.Framing == http1.Stream:
			r.LeaveHTTP()
		case ev.Kind == http1.Head && !ev.Head.Interim:
			r.way.CompareAndSwap(unknownWay, onHTTP)
			closes = ev.Head.Close
		}
	}
	return end && !r.HasLeft(), closes
}
