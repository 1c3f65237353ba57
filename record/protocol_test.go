package record

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/internal/http1"
)

// TestRawProtocolRecordsTurns checks that bytes which look like HTTP are turns where that is
// asked for.
func TestRawProtocolRecordsTurns(t *testing.T) {
	for _, network := range networks {
		tp := record(t, network, func(r *Recorder) { r.Protocol = ProtocolRaw })
		client, server := tp.connect()
		send(t, client, server, request)
		send(t, server, client, answer)
		client.Close()
		wantEnd(t, server, io.EOF)
		server.Close()
		tp.settled()
		items := tp.items()
		if len(items) != 1 || items[0].Request != nil || items[0].Turns == nil {
			t.Fatalf("recorded %d items, the first with request %v; want one of turns", len(items), items[0].Request)
		}
		var said [2]string
		for turn, err := range items[0].Turns.All() {
			if err != nil {
				t.Fatal(err)
			}
			said[turn.Side] += string(turn.Data)
		}
		if said != [2]string{http1.Client: request, http1.Server: answer} {
			t.Errorf("recorded %q", said)
		}
	}
}

// TestHTTPProtocolWarnsOfRawBytes checks that bytes which are not HTTP are recorded, with a
// warning, and that an upgrade gets none.
func TestHTTPProtocolWarnsOfRawBytes(t *testing.T) {
	for _, tt := range []struct {
		says, answer string
		warns        bool
	}{{"\x00\x01", "\x02", true}, {wantUpgrade, upgraded + "x", false}} {
		var log bytes.Buffer
		tp := record(t, "unix", func(r *Recorder) {
			r.Protocol = ProtocolHTTP
			r.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		client, server := tp.connect()
		send(t, client, server, tt.says)
		send(t, server, client, tt.answer)
		client.Close()
		wantEnd(t, server, io.EOF)
		server.Close()
		tp.settled()
		tp.stop()
		if got := strings.Contains(log.String(), "raw bytes"); got != tt.warns {
			t.Errorf("%q: a warning: %v, want %v\n%s", tt.says, got, tt.warns, log.String())
		}
	}
}
