package record

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// A conversation in a fuzzer's input is steps of a byte that says what
// happens, and for bytes sent, two of their length and then these.
const (
	stepClient = iota
	stepServer
	stepClientEOF
	stepServerEOF
	stepClientClose
	stepServerClose
)

// seeds returns the shapes' conversations.
func seeds(t testing.TB) [][]byte {
	var all [][]byte
	for _, s := range shapes {
		var seed []byte
		for line := range strings.Lines(s.script) {
			line = strings.TrimSuffix(line, "\n")
			step := byte(stepClient)
			if line[0] == 'S' {
				step = stepServer
			}
			_, text, ok := strings.Cut(line, ": ")
			switch {
			case strings.HasSuffix(line, " half"):
				seed = append(seed, step+stepClientEOF)
				continue
			case !ok:
				seed = append(seed, step+stepClientClose)
				continue
			}
			b := unquote(t, text)
			seed = binary.BigEndian.AppendUint16(append(seed, step), uint16(len(b)))
			seed = append(seed, b...)
		}
		all = append(all, seed)
	}
	if len(all) < 40 {
		t.Fatal("the seeds are gone")
	}
	return all
}

// FuzzConversation has both sides send anything in any order through a
// recorder. Each must read the bytes that the other sent, and the cassette must hold
// every byte of it; masked, their number.
func FuzzConversation(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, script []byte, masked bool) {
		var redaction []string
		if masked {
			redaction = []string{"default"}
		}
		tp := recordMasked(t, "unix", redaction, func(r *Recorder) { r.InlineMax = 100 })
		client, server := tp.connect()
		sent := converse(t, script, client, server)
		tp.settled()
		if s := tp.rec.Stats(); s.Err != nil || s.Bytes != [2]int64{int64(len(sent[0])), int64(len(sent[1]))} {
			t.Fatalf("%d and %d bytes were sent; stats: %+v", len(sent[0]), len(sent[1]), s)
		}
		stored := rebuild(t, tp.items())
		for side, want := range sent {
			got := stored[side]
			if masked && len(got) == len(want) {
				continue
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s sent\n%q\nand stored is\n%q", http1.Side(side), want, got)
			}
		}
	})
}

// converse acts a fuzzer's conversation out, ends it, and returns the bytes sent.
func converse(t *testing.T, script []byte, client, server net.Conn) (sent [2][]byte) {
	ends := [2]net.Conn{client, server}
	var closed [2]bool
	half := func(side int) {
		if !closed[side] {
			closed[side] = true
			halfClose(t, ends[side])
			wantEnd(t, ends[1-side], io.EOF)
		}
	}
	for len(script) > 0 {
		step := int(script[0] % 6)
		script = script[1:]
		switch {
		case step >= stepClientClose:
			side := step - stepClientClose
			ends[side].Close()
			if !closed[side] {
				wantEnd(t, ends[1-side], io.EOF)
			}
			ends[1-side].Close()
			return sent
		case step >= stepClientEOF:
			half(step - stepClientEOF)
			continue
		}
		if len(script) < 2 {
			break
		}
		n := min(int(binary.BigEndian.Uint16(script)), len(script)-2)
		b := script[2 : 2+n]
		script = script[2+n:]
		if n == 0 || closed[step] {
			continue
		}
		send(t, ends[step], ends[1-step], string(b))
		sent[step] = append(sent[step], b...)
	}
	half(stepClient)
	half(stepServer)
	return sent
}

// rebuild returns the bytes that each side sent on a connection, which are
// messages first and turns, if any, last.
func rebuild(t testing.TB, items []*cassettes.Interaction) (all [2][]byte) {
	var turns [2][]byte
	for _, it := range items {
		for side, m := range []*cassettes.Message{it.Request, it.Response} {
			if m != nil {
				all[side] = appendMessage(t, all[side], m)
			}
		}
		if it.Turns == nil {
			continue
		}
		for turn, err := range it.Turns.All() {
			if err != nil {
				t.Fatal(err)
			}
			turns[turn.Side] = append(turns[turn.Side], turn.Data...)
		}
	}
	for side := range all {
		all[side] = append(all[side], turns[side]...)
	}
	return all
}

// appendMessage appends the wire bytes of m.
func appendMessage(t testing.TB, dst []byte, m *cassettes.Message) []byte {
	r, err := m.Body.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range m.Segments() {
		if err != nil {
			t.Fatal(err)
		}
		dst = append(dst, s.Before...)
		dst = append(dst, body[s.Off:s.Off+s.Len]...)
		dst = append(dst, s.After...)
	}
	return dst
}
