package e2e

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/e2e/tap"
)

// sameTraffic returns the differences between the connections got and want,
// nil where each has its equal. Connections are paired by their content,
// because parallel ones may come in any order.
func sameTraffic(want, got []*tap.Conn, same func(want, got *tap.Conn) error) error {
	if len(want) != len(got) {
		return fmt.Errorf("%d connections, want %d", len(got), len(want))
	}
	taken := make([]bool, len(got))
	for _, w := range want {
		var first error
		found := false
		for i, g := range got {
			if taken[i] {
				continue
			}
			err := same(w, g)
			if err == nil {
				taken[i], found = true, true
				break
			}
			if first == nil {
				first = fmt.Errorf("connection %d has no equal; nearest, %d: %w", w.N, g.N, err)
			}
		}
		if !found {
			return first
		}
	}
	return nil
}

// sameConn compares both directions and both ends of a connection on the two
// sides of a proxy, client being the log of the tap on the client's side.
func sameConn(client, server *tap.Conn) error {
	sent, loose := client.Bytes(tap.Client), 0
	if strings.HasPrefix(firstEnd(server), "server") {
		loose = len(sent)
	}
	if err := sameBytes(sent, server.Bytes(tap.Client), loose); err != nil {
		return fmt.Errorf("client bytes: %w", err)
	}
	return sameServer(server, client)
}

// sameServer compares the server's bytes and its end. Bytes after the client's
// end may be missing in either.
func sameServer(want, got *tap.Conn) error {
	loose := max(want.SentAfterEnd(tap.Server), got.SentAfterEnd(tap.Server))
	if err := sameBytes(want.Bytes(tap.Server), got.Bytes(tap.Server), loose); err != nil {
		return fmt.Errorf("server bytes: %w", err)
	}
	if w := want.End(tap.Server); w != "" && got.End(tap.Server) == "" && got.End(tap.Client) == "" {
		return fmt.Errorf("the connection did not end, want %s", w)
	}
	return nil
}

// firstEnd returns the side that ended the connection first, and its kind of
// end.
func firstEnd(c *tap.Conn) string {
	for _, e := range c.Events {
		if e.Kind == tap.EOF || e.Kind == tap.Reset {
			return fmt.Sprintf("%v %s", e.Side, e.Kind)
		}
	}
	return ""
}

// sameBytes compares byte strings. Either may lack up to loose bytes at its
// end.
func sameBytes(want, got []byte, loose int) error {
	n := 0
	for n < len(want) && n < len(got) && want[n] == got[n] {
		n++
	}
	if n == len(want) && n == len(got) {
		return nil
	}
	if (n == len(want) || n == len(got)) && max(len(want), len(got))-n <= loose {
		return nil
	}
	return fmt.Errorf("differ at byte %d of %d (got %d bytes):\nwant …%q\n got …%q", n, len(want), len(got), around(want, n), around(got, n))
}

func around(b []byte, at int) []byte { return b[max(0, min(at-40, len(b))):min(len(b), at+80)] }

// withoutLines drops the lines of the product's own commands.
func withoutLines(stderr []byte, prefixes ...string) []byte {
	var kept [][]byte
	for line := range bytes.Lines(stderr) {
		own := false
		for _, p := range prefixes {
			own = own || bytes.HasPrefix(line, []byte(p))
		}
		if !own {
			kept = append(kept, line)
		}
	}
	return bytes.Join(kept, nil)
}
