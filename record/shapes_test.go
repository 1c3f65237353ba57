package record

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A shape is a conversation and the items that must come of it. Its script is lines
// of "C: bytes", "S: bytes", or of an action of a side: "C half" (closes its
// direction), "C close" or "C reset". Bytes are as in a Go string; each line
// is sent when the one before has arrived. "C! bytes" are not read.
type shape struct{ name, script, want string }

// get and ok are the parts that most shapes begin with.
const (
	get = `C: GET / HTTP/1.1\r\nHost: d\r\n\r\n`
	ok  = `S: HTTP/1.1 200 OK\r\n`
)

var shapes = []shape{
	{"length", get + "\n" + ok + `Content-Length: 5\r\n\r\nhello`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [5], complete
`},
	{"length of nothing", get + "\n" + ok + `Content-Length: 0\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], complete
`},
	{"chunked", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5 6 0], complete
`},
	{"trailers", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5 0] trailer "A: b\r\n\r\n", complete
`},
	{"odd chunk lines", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n005;x=y\r\nhello\r\n00\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5 0] line 0 "005;x=y" line 1 "00", complete
`},
	{"close-delimited", get + "\n" + ok + `\r\nhello` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, close [5], complete, CLOSE
`},
	{"HTTP/1.0", `C: GET / HTTP/1.0\r\n\r\n` + "\n" + `S: HTTP/1.0 200 OK\r\n\r\nhi` + "\nS close", `
0: GET / HTTP/1.0, none, complete => HTTP/1.0 200 OK, close [2], complete, CLOSE
`},
	{"HEAD", `C: HEAD / HTTP/1.1\r\nHost: d\r\n\r\n` + "\n" + ok + `Content-Length: 5\r\n\r\n` + "\n" + get + "\n" + ok + `Content-Length: 1\r\n\r\nx`, `
0: HEAD / HTTP/1.1, none, complete => HTTP/1.1 200 OK, none, complete
1: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
`},
	{"204", get + "\n" + `S: HTTP/1.1 204 No Content\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 204 No Content, none, complete
`},
	{"304", get + "\n" + `S: HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 304 Not Modified, none, complete
`},
	{"100 Continue", `C: POST / HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n` + "\n" +
		`S: HTTP/1.1 100 Continue\r\n\r\n` + "\nC: hi\n" + ok + `Content-Length: 0\r\n\r\n`, `
0: POST / HTTP/1.1, length [2], complete => (HTTP/1.1 100 Continue) HTTP/1.1 200 OK, length [], complete
`},
	{"103 and then nothing", get + "\n" + `S: HTTP/1.1 103 Early Hints\r\n\r\n` + "\nS close", `
0: GET / HTTP/1.1, none, complete => (HTTP/1.1 103 Early Hints) , none, none
  server-CLOSE
`},
	{"chunked request", `C: POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n` + "\n" + `C: 2\r\nhi\r\n` + "\n" + `C: 0\r\n\r\n` + "\n" +
		ok + `Content-Length: 0\r\n\r\n`, `
0: POST / HTTP/1.1, chunked [2 0], complete => HTTP/1.1 200 OK, length [], complete
`},
	{"pipelining", get + strings.TrimPrefix(get, "C: ") + "\n" + ok + `Content-Length: 1\r\n\r\na` + strings.TrimPrefix(ok, "S: ") + `Content-Length: 1\r\n\r\nb`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
1: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
`},
	{"early answer", `C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhe` + "\n" + ok + `Content-Length: 0\r\n\r\n` + "\nC: llo", `
0: POST / HTTP/1.1, length [2 3], complete => HTTP/1.1 200 OK, length [], complete
`},
	{"early answer and close", `C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhe` + "\n" + ok + `Content-Length: 0\r\n\r\n` + "\nS close", `
0: POST / HTTP/1.1, length [5], incomplete -3 => HTTP/1.1 200 OK, length [], complete, CLOSE
`},
	{"close inside a chunk", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhe` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], incomplete -5, CLOSE
`},
	{"close inside the CRLF of a chunk", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], incomplete -1, CLOSE
`},
	{"close inside a size line", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], incomplete
1:
  server "1"
  server-CLOSE
`},
	{"close inside the trailers", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA:` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5 0] trailer "A:", incomplete, CLOSE
`},
	{"close before the trailers", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n0\r\n` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [0] trailer "", incomplete, CLOSE
`},
	{"close inside a length", get + "\n" + ok + `Content-Length: 5\r\n\r\nhe` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [5], incomplete -3, CLOSE
`},
	{"close before a length", get + "\n" + ok + `Content-Length: 5\r\n\r\n` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], incomplete, CLOSE
`},
	{"close inside a head", get + "\n" + `S: HTTP/1.1 200` + "\nS close", `
0: GET / HTTP/1.1, none, complete
1:
  server "HTTP/1.1 200"
  server-CLOSE
`},
	{"no answer", get + "\nS close", `
0: GET / HTTP/1.1, none, complete
  server-CLOSE
`},
	{"client closes between exchanges", get + "\n" + ok + `Content-Length: 0\r\n\r\n` + "\nC close", `
0: GET / HTTP/1.1, none, complete, CLOSE => HTTP/1.1 200 OK, length [], complete
`},
	{"client half-closes and is answered", get + "\nC half\n" + ok + `Content-Length: 0\r\n\r\n` + "\nS close", `
0: GET / HTTP/1.1, none, complete, eof => HTTP/1.1 200 OK, length [], complete, eof
`},
	{"client closes inside its request", `C: POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhe` + "\nC close", `
0: POST / HTTP/1.1, length [5], incomplete -3, CLOSE
`},
	{"client closes inside its head", "C: GET / HT\nC close", `
0:
  client "GET / HT"
  client-CLOSE
`},
	{"client closes inside a second head", get + "\n" + ok + `Content-Length: 0\r\n\r\n` + "\nC: GE\nC close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], complete
1:
  client "GE"
  client-CLOSE
`},
	{"client resets inside an answer", get + "\n" + ok + `Content-Length: 5\r\n\r\nhe` + "\nS! l\nC reset", `
0: GET / HTTP/1.1, none, complete, reset => HTTP/1.1 200 OK, length [2 3], incomplete -2
`},
	{"server resets inside an answer", get + "\n" + ok + `Content-Length: 5\r\n\r\nhe` + "\nC! ?\nS reset", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [5], incomplete -3, reset
1:
  client "?"
`},
	{"server resets inside a close-delimited answer", get + "\n" + ok + `\r\nhe` + "\nC! ?\nS reset", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, close [2], incomplete, reset
1:
  client "?"
`},
	{"upgrade", `C: POST /attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n` + "\n" +
		`S: HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello` + "\nC: hi\nC half\nS: bye\nS close", `
0: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, complete
  server "hello"
  client "hi"
  client-eof
  server "bye"
  server-eof
`},
	{"upgrade with bytes before the answer", `C: POST /attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nGET /inside HTTP/1.1\r\n\r\n` + "\nC: more\nC half\n" +
		`S: HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n` + "\nS close", `
0: POST /attach HTTP/1.1, none, complete => HTTP/1.1 101 UPGRADED, stream, complete
  client "GET /inside HTTP/1.1\r\n\r\n"
  client "more"
  client-eof
  server-eof
`},
	{"upgrade refused", `C: GET / HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /next HTTP/1.1\r\n\r\n` + "\n" +
		ok + `Content-Length: 0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n`, `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], complete
1: GET /next HTTP/1.1, none, complete => HTTP/1.1 404 No, length [], complete
`},
	{"upgrade with a body", `C: POST /exec HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}early` + "\n" +
		`S: HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n` + "\nC close", `
0: POST /exec HTTP/1.1, length [2], complete => HTTP/1.1 101 UPGRADED, stream, complete
  client "early"
  client-CLOSE
`},
	{"legacy hijack", `C: POST /v1.11/containers/x/attach HTTP/1.1\r\nHost: d\r\n\r\n` + "\n" +
		ok + `Content-Type: application/vnd.docker.raw-stream\r\n\r\n` + "\nC: ls\nS: file\nS close", `
0: POST /v1.11/containers/x/attach HTTP/1.1, none, complete => HTTP/1.1 200 OK, stream, complete
  client "ls"
  server "file"
  server-CLOSE
`},
	{"legacy hijack with bytes before the answer", `C: POST /v1.11/containers/x/attach HTTP/1.1\r\nHost: d\r\n\r\nls` + "\nC: 1\nC: \\x00\n" +
		ok + `Content-Type: application/vnd.docker.raw-stream\r\n\r\nfile` + "\nS close", `
0: POST /v1.11/containers/x/attach HTTP/1.1, none, complete => HTTP/1.1 200 OK, stream, complete
  client "ls"
  client "1"
  client "\x00"
  server "file"
  server-CLOSE
`},
	{"CONNECT", `C: CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n` + "\n" + ok + `\r\n` + "\n" + `C: \x16\x03` + "\n" + `S: \x16\x03` + "\nC close", `
0: CONNECT h:443 HTTP/1.1, none, complete => HTTP/1.1 200 OK, stream, complete
  client "\x16\x03"
  server "\x16\x03"
  client-CLOSE
`},
	{"TLS probe", `C: \x16\x03\x01\x00\xf1\x01` + "\n" + `S: HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request` + "\nS close", `
0:
  client "\x16\x03\x01\x00\xf1\x01"
  server "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request"
  server-CLOSE
`},
	{"server speaks first", `S: 220 ready\r\n` + "\n" + `C: EHLO x\r\n` + "\n" + `S: 250 ok\r\n` + "\nC close", `
0:
  server "220 ready\r\n"
  client "EHLO x\r\n"
  server "250 ok\r\n"
  client-CLOSE
`},
	{"no byte, client closes", "C close", `
0:
  client-CLOSE
`},
	{"no byte, server closes", "S close", `
0:
  server-CLOSE
`},
	{"not HTTP after an exchange", get + "\n" + ok + `Content-Length: 0\r\n\r\n` + "\n" + `C: \x00\x01` + "\n" + `S: \x02` + "\nC close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [], complete
1:
  client "\x00\x01"
  server "\x02"
  client-CLOSE
`},
	{"not HTTP while an answer is outstanding", get + "\n" + `C: \x00\x01` + "\n" + ok + `Content-Length: 2\r\n\r\nhi` + "\n" + `S: \x02` + "\nC close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [2], complete
1:
  client "\x00\x01"
  server "\x02"
  client-CLOSE
`},
	{"bad chunk in an answer", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZ\r\nrest` + "\nC: next\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], incomplete
1:
  server "Z\r\nrest"
  client "next"
  server-CLOSE
`},
	{"bad end of a chunk", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\rX` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [5], incomplete -2
1:
  server "\rX"
  server-CLOSE
`},
	{"bad chunk in a request", `C: POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n` + "\n" + `S: HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n` + "\nS close", `
0: POST / HTTP/1.1, chunked [], incomplete => HTTP/1.1 400 Bad Request, length [], complete
1:
  client "Z\r\n"
  server-CLOSE
`},
	{"bytes after an answer", get + "\n" + ok + `Content-Length: 2\r\n\r\nhithere` + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [2], complete
1:
  server "there"
  server-CLOSE
`},
	{"head in pieces", "C: GET / HTTP/1.1\\r\\n\nC: Host: d\\r\\n\\r\\n\n" + ok + "\nS: Content-Length: 2\\r\\n\\r\\n\nS: h\nS: i", `
0: GET / HTTP/1.1, none split -1+16, complete => HTTP/1.1 200 OK, length [1 1] split -1+17, complete
`},
	{"chunk in pieces", get + "\n" + ok + `Transfer-Encoding: chunked\r\n\r\n1` + "\nS: 0\nS: \\r\\n01234567\nS: 89abcdef\\r\nS: \\n0\\r\\n\nS: A: b\\r\\n\nS: \\r\\n", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, chunked [16 0] trailer "A: b\r\n\r\n" split 0+1 split 0+2 split 0+12 split 0+21 split 1+3 split 1+9, complete
`},
	{"keep-alive", strings.Repeat(get+"\n"+ok+`Content-Length: 1\r\n\r\nx`+"\n", 3) + "C half\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
1: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
2: GET / HTTP/1.1, none, complete, eof => HTTP/1.1 200 OK, length [1], complete, eof
`},
	{"server closes in the place of a second answer", get + "\n" + ok + `Content-Length: 1\r\n\r\nx` + "\n" + get + "\nS close", `
0: GET / HTTP/1.1, none, complete => HTTP/1.1 200 OK, length [1], complete
1: GET / HTTP/1.1, none, complete
  server-CLOSE
`},
}

// TestEveryShapeOfMessageIsRecorded plays every shape over Unix sockets, and over TCP those without a
// close: that looks otherwise there.
func TestEveryShapeOfMessageIsRecorded(t *testing.T) {
	for _, network := range networks {
		for _, s := range shapes {
			ends := strings.Contains(s.script, " close") || strings.Contains(s.script, " reset")
			if network == "tcp" && strings.Contains(s.script, " close") {
				continue
			}
			t.Run(network+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				tp := record(t, network, nil)
				client, server := tp.connect()
				(&play{t: t, client: client, server: server}).run(s.script)
				if ends {
					tp.settled()
				}
				want := strings.ReplaceAll(s.want[1:], "CLOSE", "close")
				if diff := cmp.Diff(want, show(t, tp.items())); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	}
}

// play acts a script out.
type play struct {
	t              *testing.T
	client, server net.Conn
}

func (p *play) run(script string) {
	p.t.Helper()
	for line := range strings.Lines(strings.TrimSuffix(script, "\n")) {
		line = strings.TrimSuffix(line, "\n")
		from, to := p.client, p.server
		if line[0] == 'S' {
			from, to = to, from
		}
		switch what := line[1:]; what {
		case " half":
			halfClose(p.t, from)
			wantEnd(p.t, to, io.EOF)
		case " close":
			from.Close()
			wantEnd(p.t, to, io.EOF)
		case " reset":
			reset(p.t, from, to)
		default:
			b := unquote(p.t, what[len(": "):])
			write(p.t, from, b)
			if what[0] == ':' {
				wantRead(p.t, to, b)
			} else {
				wantUnread(p.t, to)
			}
			time.Sleep(2 * time.Millisecond) // more than a frame may pause
		}
	}
}
