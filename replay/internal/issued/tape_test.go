package issued

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/tape"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

// TestProspectFindsWhatAReaderFinds writes recordings of a few words by chance:
// where nothing seems to be carried, a reader of all finds nothing either.
func TestProspectFindsWhatAReaderFinds(t *testing.T) {
	words := []string{"abcdefgh", "tabcdefgh", "nabcdefgh", "u00e9abcdefgh", "identity", hexID, hexID[:12], "MDEyMzQ1Njc4==", "short", "e9abcdefgh"}
	between := []string{" ", ".", "\n", "\t", "\\", `"`, `\"`, `\n`, `\\`, `\u00e9`, "é", "\x1b", "%3D", "=", "/", "<"}
	found, carried := 0, 0
	for seed := range uint64(800) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		text := func(seps []string) string {
			var b strings.Builder
			for range rnd.IntN(4) {
				b.WriteString(seps[rnd.IntN(len(seps))])
				b.WriteString(words[rnd.IntN(len(words))])
			}
			return b.String()
		}
		quoted := func() string {
			b, err := json.Marshal(text(between))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		body := func() string {
			switch rnd.IntN(5) {
			case 0:
				return text(between)
			case 1:
				return "{" + text(between) + "}"
			}
			return " {\"a\": " + quoted() + ", \"b\": [" + quoted() + "]}"
		}
		targetOf := func() string {
			if rnd.IntN(2) == 0 {
				return "/same"
			}
			return "/" + words[rnd.IntN(len(words))] + "?q=" + strings.ReplaceAll(words[rnd.IntN(len(words))], "=", "%3D")
		}
		var items []*cassettes.Interaction
		for range 2 + rnd.IntN(4) {
			b, a := body(), body()
			request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: d\r\nX-Id: %s\r\nContent-Length: %d\r\n\r\n%s", targetOf(), words[rnd.IntN(len(words))], len(b), b)
			if rnd.IntN(3) == 0 {
				request = fmt.Sprintf("GET %s HTTP/1.1\r\nHost: d\r\n\r\n", targetOf())
			}
			answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nLocation: %s\r\nContent-Length: %d\r\n\r\n%s", text([]string{"/", "?", "=", `\`}), len(a), a)
			if rnd.IntN(2) == 0 {
				head, _, _ := strings.Cut(answer, "Content-Length")
				cut := rnd.IntN(len(a) + 1)
				answer = head + "Transfer-Encoding: chunked\r\nTrailer: " + words[rnd.IntN(len(words))] + "\r\n\r\n"
				for _, piece := range []string{a[:cut], a[cut:]} {
					if len(piece) > 0 {
						answer += fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
					}
				}
				answer += "0\r\n\r\n"
			}
			at := rnd.IntN(len(request)-1) + 1
			it := tapetest.Item(t, tapetest.In(int64(10*len(items)+1), request[:at], request[at:]), tapetest.In(int64(10*len(items)+5), answer))
			it.ID = len(items)
			items = append(items, it)
		}
		r := tapeReader{
			tape: tape.New([]*cassettes.Cassette{tapetest.Cassette(t, cassettes.Header{}, items...)}),
			key:  func(e cassettes.Entry) []byte { return target.AppendKey(nil, e.Method, e.URL) },
		}
		may, empty := r.mayCarry(), r.book().Empty()
		if !may && !empty {
			t.Errorf("seed %d: something is carried and was not seen: %v", seed, items)
		}
		if may {
			found++
		}
		if !empty {
			carried++
		}
	}
	if carried < 80 || found > 760 {
		t.Errorf("of 800 recordings %d carry something, and %d seem to", carried, found)
	}
}
