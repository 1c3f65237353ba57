// Package invented finds values that clients make up, such as session ids, random
// names and labels, in the bodies of requests. They differ from run to run, so a
// request that differs from a recorded one in nothing else is answered by it.
//
//	values := invented.New(tape)
//	pairs, ok := invented.Pairs(recorded, live, nil)
//	if fresh, fits := values.Fits(pairs); ok && fits {
//		values.Bind(pairs)
//	}
//
// Three facts make that safe; the look of a value is only the last of them. The
// recorded server had not shown the recorded value before a request had it, so it
// came from the client. The live value is nowhere in the recording, so it is not one
// of its other values. And a value stands for one other value through the whole run.
package invented

import (
	"hash/maphash"
	"math"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/tape"
	"github.com/wiretape/wiretape/wire"
)

// Values are the values of a recording, read when they are first asked for, and
// those that were bound to live ones. They are safe for concurrent use.
type Values struct {
	tape *tape.Tape
	read sync.Once
	seed maphash.Seed
	seen map[uint64]seen // by segment of a token
	// numbered says that moments are numbers of reads, else positions.
	numbered bool

	mu     sync.Mutex
	live   map[string]string // by recorded value
	byLive map[string]string
}

// moment is a place in the order of a recording.
type moment struct{ session, seq int64 }

func (m moment) before(n moment) bool {
	return m.session < n.session || m.session == n.session && m.seq < n.seq
}

// never is the moment of a side that does not show a segment.
var never = moment{math.MaxInt64, 0}

// seen has the moments at which the two sides showed a segment first, by wire.Side.
type seen [2]moment

// New returns the values of a tape.
func New(t *tape.Tape) *Values {
	return &Values{tape: t, seed: maphash.MakeSeed(), live: map[string]string{}, byLive: map[string]string{}}
}

// Reset forgets what was bound.
func (v *Values) Reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.live)
	clear(v.byLive)
}

// Fits reports whether each pair is bound already, or can be: the recorded value is
// the client's, and the live one is not in the recording. Fresh is the number of
// pairs that are not bound.
func (v *Values) Fits(pairs []Pair) (fresh int, fits bool) {
	v.read.Do(v.readAll)
	for _, p := range pairs {
		bound, isFree := v.bound(p)
		switch {
		case bound:
		case !isFree, v.isShown(p.Recorded), v.isKnown(p.Live):
			return 0, false
		default:
			fresh++
		}
	}
	return fresh, true
}

// bound reports whether the values of a pair are bound to each other, or are free.
func (v *Values) bound(p Pair) (bound, free bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	live, isBound := v.live[p.Recorded]
	_, isToo := v.byLive[p.Live]
	return isBound && live == p.Live, !isBound && !isToo
}

// Bind binds the values of pairs to each other.
func (v *Values) Bind(pairs []Pair) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range pairs {
		v.live[p.Recorded], v.byLive[p.Live] = p.Live, p.Recorded
	}
}

// at returns a moment in the interaction at pos.
func (v *Values) at(it *cassettes.Interaction, pos int32, seq int64) moment {
	if !v.numbered {
		seq = int64(pos)
	}
	return moment{int64(it.Session), seq}
}

// isNumbered reports whether the reads of a recording have numbers, as far as the first
// requests show. Those of other tools have none: their order is that of interactions.
func isNumbered(t *tape.Tape) bool {
	last, session := int64(-1), 0
	for pos := range int32(min(t.Len(), 100)) {
		it, err := t.Item(pos)
		if err != nil || it.Request == nil {
			continue
		}
		if it.Session == session && it.Request.Seq <= last {
			return false
		}
		last, session = it.Request.Seq, it.Session
	}
	return true
}

// isShown reports whether the server showed a value first.
func (v *Values) isShown(value string) (shown bool) {
	segments(value, func(s string) {
		at, ok := v.seen[maphash.String(v.seed, s)]
		shown = shown || ok && at[wire.Server].before(at[wire.Client])
	})
	return shown
}

func (v *Values) isKnown(value string) (known bool) {
	segments(value, func(s string) {
		_, ok := v.seen[maphash.String(v.seed, s)]
		known = known || ok
	})
	return known
}

// segmentMin is the size in bytes of the shortest segment that tells values apart.
const segmentMin = 5

// segments calls f with a token and with its segments, as far as they are long enough.
func segments(token string, f func(string)) {
	if len(token) >= segmentMin {
		f(token)
	}
	for from := 0; from < len(token); {
		end := from
		for end < len(token) && token[end] != '-' && token[end] != '_' {
			end++
		}
		if end-from >= segmentMin && end-from < len(token) {
			f(token[from:end])
		}
		from = end + 1
	}
}

// shown is a segment with the moment at which a side showed it.
type shown struct {
	hash uint64
	by   wire.Side
	at   moment
}

// readAll finds the segments of the recording.
func (v *Values) readAll() {
	v.seen, v.numbered = map[uint64]seen{}, isNumbered(v.tape)
	tape.ReadAll(v.tape.Len(), v.readItem, func(_ int, all []shown) {
		for _, s := range all {
			was, ok := v.seen[s.hash]
			if !ok {
				was = seen{never, never}
			}
			if s.at.before(was[s.by]) {
				was[s.by] = s.at
				v.seen[s.hash] = was
			}
		}
	})
}

// textMax is how many bytes of each body are looked at.
const textMax = 1 << 20

func (v *Values) readItem(i int) (all []shown) {
	pos := int32(i)
	it, err := v.tape.Item(pos)
	if err != nil {
		return nil
	}
	add := func(text []byte, by wire.Side, seq int64) {
		all = v.appendSegments(all, text, shown{by: by, at: v.at(it, pos, seq)})
	}
	if m := it.Request; m != nil {
		add(m.Head, wire.Client, m.Seq)
		body, _ := recorded.BodyStart(&m.Body, textMax) // one that fails shows nothing
		add(body, wire.Client, m.Seq)
	}
	if m := it.Response; m != nil {
		add(m.Head, wire.Server, ended(m))
		body, _ := recorded.BodyStart(&m.Body, textMax)
		add(body, wire.Server, ended(m))
	}
	if it.Turns == nil {
		return all
	}
	for turn, err := range it.Turns.All() {
		if err != nil {
			break
		}
		add(turn.Data, turn.Side, turn.Seq)
	}
	return all
}

// ended returns the read in which the last frame of an answer began.
func ended(m *cassettes.Message) int64 {
	last := m.Seq
	for f, err := range m.Frames.All() {
		if err != nil {
			break
		}
		last = max(last, f.Seq)
	}
	return last
}

// appendSegments appends the segments of a text, each as one has it.
func (v *Values) appendSegments(all []shown, text []byte, one shown) []shown {
	for s := string(text); s != ""; {
		s = s[gap(s):]
		n := token(s)
		if n <= tokenMax {
			segments(s[:n], func(s string) {
				one.hash = maphash.String(v.seed, s)
				all = append(all, one)
			})
		}
		s = s[n:]
	}
	return all
}
