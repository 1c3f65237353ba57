package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/enum"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// Order names the causes that a write waits for.
type Order int

// Orders.
const (
	// OrderCausal waits for everything that the clients of all connections had
	// done before, as far as the write may follow from it.
	OrderCausal Order = iota
	// OrderNone waits for the client of the write's own connection alone.
	OrderNone
)

var orders = enum.Names{"causal", "none"}

// String returns the value's name.
func (o Order) String() string { return orders.Text(int(o)) }

// MarshalText returns the value's name.
func (o Order) MarshalText() ([]byte, error) { return orders.Marshal(int(o)) }

// UnmarshalText reads a name: causal or none.
func (o *Order) UnmarshalText(text []byte) error { return enum.Unmarshal(orders, o, text) }

// Repeat says how a request is answered whose recordings were all played.
type Repeat int

// Ways to repeat.
const (
	// RepeatSafe answers GET and HEAD as RepeatLast does, the rest as
	// RepeatNever.
	RepeatSafe Repeat = iota
	// RepeatLast gives the last answer again.
	RepeatLast
	// RepeatLoop gives the recorded answers from the first on, over and over.
	RepeatLoop
	// RepeatNever makes the request a miss.
	RepeatNever
)

var repeats = enum.Names{"safe", "last", "loop", "never"}

// String returns the value's name.
func (r Repeat) String() string { return repeats.Text(int(r)) }

// MarshalText returns the value's name.
func (r Repeat) MarshalText() ([]byte, error) { return repeats.Marshal(int(r)) }

// UnmarshalText reads a name: safe, last, loop or never.
func (r *Repeat) UnmarshalText(text []byte) error { return enum.Unmarshal(repeats, r, text) }

// Authority says whether answers keep the host of URLs that name the recorded
// server, as the Location does that a registry gives an upload.
type Authority int

// Ways to treat a recorded host.
const (
	// AuthorityRewrite replaces it by the host that the client asked, in the
	// header fields that hold URLs, where these are plain HTTP. Bodies stay as
	// they are.
	AuthorityRewrite Authority = iota
	// AuthorityExact keeps it.
	AuthorityExact
)

var authorities = enum.Names{"rewrite", "exact"}

// String returns the value's name.
func (a Authority) String() string { return authorities.Text(int(a)) }

// MarshalText returns the value's name.
func (a Authority) MarshalText() ([]byte, error) { return authorities.Marshal(int(a)) }

// UnmarshalText reads a name: rewrite or exact.
func (a *Authority) UnmarshalText(text []byte) error { return enum.Unmarshal(authorities, a, text) }

// Bind says whether clients may swap the values that the server issued while it
// was recorded: ids, upload locations.
type Bind int

// Ways to bind.
const (
	// BindAll swaps the recordings of two clients when one uses a value that was
	// issued to the other, and guesses where the request does not tell which.
	BindAll Bind = iota
	// BindSure does not guess: such a request is a miss.
	BindSure
	// BindNone compares issued values as any other part of a request.
	BindNone
)

var binds = enum.Names{"all", "sure", "none"}

// String returns the value's name.
func (b Bind) String() string { return binds.Text(int(b)) }

// MarshalText returns the value's name.
func (b Bind) MarshalText() ([]byte, error) { return binds.Marshal(int(b)) }

// UnmarshalText reads a name: all, sure or none.
func (b *Bind) UnmarshalText(text []byte) error { return enum.Unmarshal(binds, b, text) }

// StreamMatch says how closely the bytes that a client sends in a stream must
// match the recorded ones. Their division into writes never counts.
type StreamMatch int

// Ways to match a stream.
const (
	// MatchExact asks for the same bytes; others are a miss.
	MatchExact StreamMatch = iota
	// MatchLength asks for as many bytes; more are a miss.
	MatchLength
	// MatchAny asks for any bytes: the first that the client sends stand for all
	// that the recorded client sent before the server's next turn.
	MatchAny
)

var streamMatches = enum.Names{"exact", "length", "any"}

// String returns the value's name.
func (s StreamMatch) String() string { return streamMatches.Text(int(s)) }

// MarshalText returns the value's name.
func (s StreamMatch) MarshalText() ([]byte, error) { return streamMatches.Marshal(int(s)) }

// UnmarshalText reads a name: exact, length or any.
func (s *StreamMatch) UnmarshalText(text []byte) error { return enum.Unmarshal(streamMatches, s, text) }

// of returns how a request is repeated, which is safe or not.
func (r Repeat) of(safe bool) index.Repeat {
	switch {
	case r == RepeatLoop:
		return index.Loop
	case r == RepeatLast, r == RepeatSafe && safe:
		return index.Last
	}
	return index.Never
}

// Presets returns the names that Server.Preset may have, beside "none": those of
// the known products.
func Presets() []string { return rule.Presets() }

// CheckMatch returns an error for a Server.Match that is no rule.
func CheckMatch(m cassettes.Match) error {
	_, err := rule.New(m)
	return err
}
