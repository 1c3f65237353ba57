package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// Live is a daemon that answers requests for which the cassettes of a replay have
// no answer.
type Live struct {
	Addr endpoint.Addr // of the daemon
	TLS  *tls.Config   // as of Upstream
	// Append, where it is set, is the path of the one cassette that is played: the
	// daemon's exchanges are added to it as a new session, masked by its rules.
	Append string
}

// PlayOver returns a session that serves p as Play does, and has l answer the
// misses. It sets p.OnMiss. The cassettes are the session's from here on, where
// there is no error.
func PlayOver(l Live, p *replay.Server) (*Session, error) {
	if l.Append == "" {
		p.OnMiss = func(ctx context.Context, _ net.Conn) (net.Conn, error) { return endpoint.DialTLS(ctx, l.Addr, l.TLS) }
		return Play(p), nil
	}
	t, err := l.record(p.Cassettes[0].Header, p.Log)
	if err != nil {
		return nil, err
	}
	p.OnMiss = t.dial
	s := Play(p)
	release := s.release
	s.release = func() error { return errors.Join(t.close(), release()) }
	return s, nil
}

// tap is the recorder that stands between a replay and a daemon.
type tap struct {
	recorder *record.Recorder
	cassette *cassettes.Writer
	daemon   Live
	addr     endpoint.Addr // of the recorder
	served   chan error

	// Of the connection that is being made: the replay's client, whose the
	// recorder takes it for, and its other end. One is made at a time.
	mu      sync.Mutex
	clients chan net.Conn
	daemons chan net.Conn
}

// record begins to record what l is asked.
func (l Live) record(played cassettes.Header, log *slog.Logger) (*tap, error) {
	if _, err := redact.Parse(played.Redaction); err != nil {
		return nil, fmt.Errorf("%s: wire.redaction: %w", l.Append, err)
	}
	t := &tap{daemon: l, served: make(chan error, 1), clients: make(chan net.Conn, 1), daemons: make(chan net.Conn, 1)}
	t.recorder = &record.Recorder{
		Dial:    func(context.Context) (net.Conn, error) { return <-t.daemons, nil },
		Peer:    func(net.Conn) (pid int, ok bool) { return endpoint.PeerPID(<-t.clients) },
		NoTimes: played.Recorded.IsZero(), Log: log,
		Unmasked: len(played.Redaction) == 0,
	}
	r := Recording{Upstream: Upstream{Addr: l.Addr}, Redaction: played.Redaction, Recorder: t.recorder}
	w, err := cassettes.Create(l.Append, r.header(), cassettes.Options{Append: true})
	if err != nil {
		return nil, err
	}
	listener, err := endpoint.ListenPrivate()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	t.recorder.Cassette, t.cassette, t.addr = w, w, endpoint.AddrOf(listener.Addr())
	go func() { t.served <- t.recorder.Serve(listener) }()
	return t, nil
}

// dial connects to the daemon, through the recorder, for a client of the
// replay. A daemon that is not there is not recorded.
func (t *tap) dial(ctx context.Context, client net.Conn) (net.Conn, error) {
	daemon, err := endpoint.DialTLS(ctx, t.daemon.Addr, t.daemon.TLS)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	nc, err := endpoint.Dial(ctx, t.addr)
	if err != nil {
		daemon.Close()
		return nil, err
	}
	t.clients <- client
	t.daemons <- daemon
	return nc, nil
}

// settleTime is how long the recorder may take to see that the replay, which
// is closed, has closed its connections.
const settleTime = time.Second

// close ends the recording.
func (t *tap) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	_ = t.recorder.Shutdown(ctx) // it closes the connections still open
	<-t.served
	return t.cassette.Close()
}
