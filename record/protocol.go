package record

import (
	"context"
	"log/slog"

	"github.com/wiretape/wiretape/internal/enum"
	"github.com/wiretape/wiretape/internal/http1"
)

// Protocol says whether a Recorder looks for HTTP in a connection. Bytes pass as
// they are with each of them.
type Protocol int

// Protocols.
const (
	// ProtocolAuto stores HTTP as exchanges, and the rest as turns.
	ProtocolAuto Protocol = iota
	// ProtocolHTTP does the same, and warns where something is not HTTP.
	ProtocolHTTP
	// ProtocolRaw stores all as turns, even where it looks like HTTP.
	ProtocolRaw
)

var protocols = enum.Names{"auto", "http", "raw"}

// String returns the value's name.
func (p Protocol) String() string { return protocols.Text(int(p)) }

// MarshalText returns the value's name.
func (p Protocol) MarshalText() ([]byte, error) { return protocols.Marshal(int(p)) }

// UnmarshalText reads a name: auto, http or raw.
func (p *Protocol) UnmarshalText(text []byte) error { return enum.Unmarshal(protocols, p, text) }

// noteRaw logs that the bytes of side are turns from here on. It does not warn of
// an upgrade, which is HTTP.
func (c *conn) noteRaw(side http1.Side, upgraded bool) {
	level := slog.LevelDebug
	if c.r.Protocol == ProtocolHTTP && !upgraded {
		level = slog.LevelWarn
	}
	c.log().Log(context.Background(), level, "raw bytes from here", "dir", side.String())
}
