// Package session puts record and replay behind one interface, so that a command
// can serve a listener with either: it records an upstream, replays cassettes, or,
// with Once, replays a cassette that exists and records one that does not.
//
//	s, err := session.Once(recording, player)
//	go s.Serve(listener)
//	…
//	err = s.Close() // the cassette is complete
package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/catalog"
	"github.com/wiretape/wiretape/record"
	"github.com/wiretape/wiretape/replay"
)

// Session is a recording or a replay under way. Its life-cycle is
// http.Server's; when Shutdown or Close has returned, cassettes are complete
// and closed.
type Session struct {
	server   server           // recorder or player
	recorder *record.Recorder // nil where it is a replay
	player   *replay.Server   // nil where it is a recording
	draft    *cassettes.Draft // what is recorded into; nil where it stands in its place

	release func() error // closes what the session holds beside its server
	discard bool         // the draft is not to be kept
	once    sync.Once
	err     error
}

// server is what record.Recorder and replay.Server have in common.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

// Recording says what is recorded, and where.
type Recording struct {
	Path     string // of the cassette
	Options  cassettes.Options
	API      cassettes.API
	Upstream Upstream
	// Redaction names the rules that mask secrets; none mask nothing.
	Redaction []string
	// Whole says that the cassette takes its place when the session is closed;
	// until then, and where Discard was called or the recording fails, what is
	// there stays as it is.
	Whole bool
	// Recorder has its options set; Start sets Dial, Cassette and Unmasked.
	Recorder *record.Recorder
}

// Start creates the cassette and returns a session that records into it.
// Nothing is left behind where it fails. Upstream's cassettes are the
// session's from here on, either way.
func (r Recording) Start() (*Session, error) {
	dial, closeUpstream, err := r.Upstream.open(r.Recorder.Log)
	if err != nil {
		return nil, err
	}
	s := &Session{server: r.Recorder, recorder: r.Recorder}
	w, err := s.create(&r)
	if err != nil {
		closeUpstream()
		return nil, err
	}
	r.Recorder.Dial, r.Recorder.Cassette, r.Recorder.Unmasked = dial, w, len(r.Redaction) == 0
	s.release = func() error {
		defer closeUpstream()
		return s.settle()
	}
	return s, nil
}

// create creates the cassette.
func (s *Session) create(r *Recording) (_ *cassettes.Writer, err error) {
	if !r.Whole {
		return cassettes.Create(r.Path, r.header(), r.Options)
	}
	if s.draft, err = cassettes.NewDraft(r.Path, r.header(), r.Options.Overwrite); err != nil {
		return nil, err
	}
	return s.draft.Writer, nil
}

// settle closes the cassette of a recording.
func (s *Session) settle() error {
	switch {
	case s.draft == nil:
		return s.recorder.Cassette.Close()
	case s.recorder.Stats().Err != nil, s.recorder.Stats().Unreachable > 0:
		return errors.Join(ErrNotWhole, s.draft.Discard())
	case s.discard, s.recorder.Stats().Connections == 0: // or nothing would ever be recorded
		return s.draft.Discard()
	}
	return s.draft.Keep()
}

// header returns what the cassette says of itself.
func (r Recording) header() cassettes.Header {
	h := cassettes.Header{Upstream: r.Upstream.String(), API: r.API, Source: cassettes.SourceRecorded, Redaction: r.Redaction}
	if !r.Recorder.NoTimes {
		h.Recorded = time.Now().UTC()
	}
	// The salt of the cassette that is replaced stays: each further one would give
	// away more of the same secrets.
	if len(r.Redaction) > 0 && !r.Recorder.NoTags {
		h.Salt = cmp.Or(cassettes.SaltOf(r.Path), cassettes.NewSalt())
	}
	return h
}

// Play returns a session that serves p, whose cassettes it closes.
func Play(p *replay.Server) *Session {
	for _, c := range p.Cassettes {
		if p.Log == nil {
			break
		}
		if c.Torn != nil {
			p.Log.Warn("the last interaction is incomplete and left out", "at", c.Torn)
		}
		catalog.WarnLost(c, p.Log)
	}
	release := func() error {
		catalog.Close(p.Cassettes)
		return nil
	}
	return &Session{server: p, player: p, release: release}
}

// Once plays the cassette at r.Path with p where it is there, and records it
// where it is not, as a whole: go-vcr's record-once. It sets p.Cassettes.
func Once(r Recording, p *replay.Server) (*Session, error) {
	_, err := os.Stat(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		r.Whole = true
		return r.Start()
	}
	if err != nil {
		catalog.Close(r.Upstream.Cassettes)
		return nil, fmt.Errorf("look for the cassette: %w", err)
	}
	catalog.Close(r.Upstream.Cassettes)
	c, err := cassettes.OpenFile(r.Path)
	if err != nil {
		return nil, err
	}
	p.Cassettes = []*cassettes.Cassette{c}
	return Play(p), nil
}

// Serve accepts connections on l and blocks until l fails or the session is
// closed; it then returns net.ErrClosed.
func (s *Session) Serve(l net.Listener) error { return s.server.Serve(l) }

// Shutdown stops accepting, waits until open connections have ended or ctx is
// done, and then does what Close does. That ctx was done is no error.
func (s *Session) Shutdown(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return s.end(err)
}

// Discard says that what is recorded is not to be kept, where it is recorded as
// a whole. It reports whether that is so. Call it before the session is closed.
func (s *Session) Discard() bool {
	s.discard = true
	return s.draft != nil
}

// Close closes listeners, connections and cassettes.
func (s *Session) Close() error { return s.end(s.server.Close()) }

// end releases what the session holds, the first time; later calls return
// the same error.
func (s *Session) end(err error) error {
	s.once.Do(func() { s.err = errors.Join(err, s.release()) })
	return s.err
}

// Recorded returns the counts of a recording; ok says that it is one.
func (s *Session) Recorded() (st record.Stats, ok bool) {
	if s.recorder == nil {
		return st, false
	}
	return s.recorder.Stats(), true
}

// Played returns what a replay has played; ok says that it is one.
func (s *Session) Played() (r replay.Report, ok bool) {
	if s.player == nil {
		return r, false
	}
	return s.player.Report(), true
}

// Unplayed returns what a replay has not played so far, in order; nothing for a
// recording.
func (s *Session) Unplayed() []replay.Interaction {
	if s.player == nil {
		return nil
	}
	return s.player.Unplayed()
}

// Reset makes a replay begin anew, and reports whether it is one.
func (s *Session) Reset() bool {
	if s.player == nil {
		return false
	}
	s.player.Reset()
	return true
}

// ErrNotWhole says that a recording that was to be whole is not.
var ErrNotWhole = errors.New("the recording is not whole and was not kept")

// What a replay can fall short of.
var (
	ErrMiss     = errors.New("requests without a match")
	ErrUnplayed = errors.New("interactions were not played")
)

// Verdict returns what is wrong with what a replay has played so far: an
// ErrMiss, or where strict asks for it an ErrUnplayed, or an ErrMiss for what a
// live server answered. It is nil for a recording.
func (s *Session) Verdict(strict bool) error {
	r, ok := s.Played()
	switch {
	case !ok:
		return nil
	case len(r.Misses) > 0:
		return fmt.Errorf("%w: %d", ErrMiss, len(r.Misses))
	case strict && len(r.Proxied) > 0:
		return fmt.Errorf("%w: %d, which the live server answered", ErrMiss, len(r.Proxied))
	case strict && r.Unplayed > 0:
		return fmt.Errorf("%w: %d of %d", ErrUnplayed, r.Unplayed, r.Played+r.Unplayed)
	}
	return nil
}

// Summary says in one line what has happened so far.
func (s *Session) Summary() string {
	if r, ok := s.Played(); ok {
		text := fmt.Sprintf("%d played, %d not played, %d without a match", r.Played, r.Unplayed, len(r.Misses))
		if s.player.OnMiss != nil {
			text += fmt.Sprintf(", %d asked of the live server", len(r.Proxied))
		}
		return text
	}
	st := s.recorder.Stats()
	return fmt.Sprintf("%d connections (%d open), %d interactions, %s from clients, %s from the server",
		st.Connections, st.Open, st.Items, size(st.Bytes[0]), size(st.Bytes[1]))
}

// Masked says in one line what a recording has masked: each rule, how often, and
// the first place. It is "" where nothing was masked, and for a replay.
func (s *Session) Masked() string {
	st, _ := s.Recorded()
	var parts []string
	for _, m := range st.Masked {
		times := fmt.Sprintf(" %d times, first in", m.Count)
		switch m.Count {
		case 1:
			times = " once, in"
		case 2:
			times = " twice, first in"
		}
		parts = append(parts, fmt.Sprintf("%s%s interaction %d", m.Rule, times, m.First))
	}
	if parts == nil {
		return ""
	}
	return "masked: " + strings.Join(parts, "; ")
}

// size returns n bytes in the unit that people read.
func size(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1000, 0
	for f >= 999.95 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %cB", f, units[i])
}
