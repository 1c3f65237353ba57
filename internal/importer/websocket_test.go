package importer

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// socketArchive returns an archive of a WebSocket with these messages.
func socketArchive(messages ...string) []byte {
	return archive(`{"startedDateTime":"2026-01-01T00:00:00Z","time":10,"timings":{"send":0,"wait":5,"receive":0},"request":{"method":"GET","url":"wss://a.test/ws","headers":[
		{"name":"Connection","value":"Upgrade"},{"name":"Upgrade","value":"websocket"},{"name":"Sec-WebSocket-Key","value":"dGhlIHNhbXBsZSBub25jZQ=="}]},
		"response":{"status":101,"statusText":"Switching Protocols","headers":[{"name":"Connection","value":"Upgrade"},{"name":"Upgrade","value":"websocket"},
		{"name":"Sec-WebSocket-Extensions","value":"permessage-deflate"}],"content":{"text":""}},"_webSocketMessages":[` + strings.Join(messages, ",") + `]}`)
}

// said returns the turns of the first interaction, one a line.
func said(t *testing.T, c *cassettes.Cassette) string {
	t.Helper()
	it, err := c.Interaction(0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for turn, err := range it.Turns.All() {
		if err != nil {
			t.Fatal(err)
		}
		data := string(turn.Data)
		if len(data) > 20 {
			data = fmt.Sprintf("%s, %d bytes", data[:16], len(data))
		}
		fmt.Fprintf(&b, "%v %s %v %q\n", turn.Side, turn.Mark, turn.Wait, data)
	}
	return b.String()
}

func TestMessagesOfWebSocketsAreImported(t *testing.T) {
	const end = "the archive does not say how a WebSocket ended; the server closes after the last message"
	long := strings.Repeat("x", 126)
	for _, test := range []struct {
		messages []string
		want     string
	}{
		{
			[]string{`{"type":"receive","time":1767225600.105,"opcode":1,"data":"é"}`, `{"type":"send","time":1767225600.205,"opcode":1,"data":"foo"}`},
			"server  100ms \"\\x81\\x02é\"\nclient  100ms \"\\x81\\x83\\x00\\x00\\x00\\x00foo\"\nserver eof 0s \"\"\n",
		},
		{
			[]string{`{"type":"send","opcode":2,"data":"AAH/"}`, `{"type":"receive","opcode":8,"data":"A+g="}`},
			"client  0s \"\\x82\\x83\\x00\\x00\\x00\\x00\\x00\\x01\\xff\"\nserver  0s \"\\x88\\x02\\x03\\xe8\"\nserver eof 0s \"\"\n",
		},
		{
			[]string{`{"type":"receive","opcode":1,"data":"` + long + `"}`, `{"type":"send","opcode":2,"data":"` + base64.StdEncoding.EncodeToString(make([]byte, 1<<16)) + `"}`},
			"server  0s \"\\x81~\\x00~xxxxxxxxxxxx, 130 bytes\"\nclient  0s \"\\x82\\xff\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00, 65536 bytes\"\nclient  0s \"" + strings.Repeat("\\x00", 14) + "\"\nserver eof 0s \"\"\n",
		},
	} {
		c, rec := importData(t, "x.har", socketArchive(test.messages...), Options{})
		if got := said(t, c); got != test.want {
			t.Errorf("got\n%swant\n%s", got, test.want)
		}
		if got := noticesOf(rec); !strings.Contains(got, end) || !strings.Contains(got, "Sec-WebSocket-Extensions is left out") {
			t.Errorf("got notices %s", got)
		}
		if c.Header.Upstream != "https://a.test:443" {
			t.Errorf("got upstream %s", c.Header.Upstream)
		}
		if errs := cassettes.Verify(c); len(errs) > 0 {
			t.Error(errs)
		}
	}
}

func TestMessagesThatAreNoneAreTold(t *testing.T) {
	for message, want := range map[string]string{
		`{"type":"error","opcode":1,"data":"x"}`:  `WebSocket message 0: want type send or receive, found "error"`,
		`{"type":"send","opcode":2,"data":"?"}`:   "WebSocket message 0: decode base64: illegal base64 data at input byte 0",
		`{"type":"send","opcode":99,"data":""}`:   "WebSocket message 0: 99 is no opcode",
		`{"type":"send","opcode":"1","data":"x"}`: "_webSocketMessages.opcode is of the wrong type: string",
	} {
		_, err := Read("x.har", socketArchive(message), Options{})
		if err == nil || err.Error() != "x.har: entry 0: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
