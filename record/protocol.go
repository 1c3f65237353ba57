package record

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/wiretape/wiretape/internal/http1"
)

// Protocol says what connections are taken for. Bytes pass as they are,
// whatever it is.
type Protocol int

// Protocols.
const (
	// ProtocolAuto takes for HTTP what is, and the rest for turns.
	ProtocolAuto Protocol = iota
	// ProtocolHTTP does the same, and warns where something is not HTTP.
	ProtocolHTTP
	// ProtocolRaw takes all for turns, even where it looks like HTTP.
	ProtocolRaw
)

// ParseProtocol reads auto, http or raw.
func ParseProtocol(s string) (Protocol, error) {
	for i, name := range []string{"auto", "http", "raw"} {
		if s == name {
			return Protocol(i), nil
		}
	}
	return 0, fmt.Errorf("%q is neither auto nor http nor raw", s)
}

// speaksRaw makes turns of all that will come.
func (c *conn) speaksRaw() {
	for side := range c.sides {
		c.sides[side].raw = true
	}
}

// noteRaw says that what a side sends is taken for turns from here on. An
// upgrade is HTTP, too.
func (c *conn) noteRaw(side http1.Side, upgraded bool) {
	level := slog.LevelDebug
	if c.r.Protocol == ProtocolHTTP && !upgraded {
		level = slog.LevelWarn
	}
	c.log().Log(context.Background(), level, "raw bytes from here", "dir", side.String())
}
