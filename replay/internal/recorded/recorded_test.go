package recorded

import (
	"slices"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/tapetest"
)

const (
	get        = "GET /containers/a/json HTTP/1.1\r\n\r\n"
	post       = "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
	noContent  = "HTTP/1.1 204 No Content\r\n\r\n"
	chunkHead  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	closeHead  = "HTTP/1.1 200 OK\r\n\r\n"
	lengthHead = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
	attach     = "POST /attach HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
	upgraded   = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)

// Short names of what package tapetest makes.
var (
	in     = tapetest.In
	item   = tapetest.Item
	plain  = tapetest.Plain
	stream = tapetest.Stream
	says   = tapetest.Says
	marks  = tapetest.Marks
	closed = tapetest.Closed
)

type read = tapetest.Read

// framed sets a response's framing, which the recorder of these tests does not
// know of an upgrade.
func framed(it *cassettes.Interaction, f http1.Framing) *cassettes.Interaction {
	it.Response.Framing = f
	return it
}

func TestIsOrdered(t *testing.T) {
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"response after its request":  {plain(t, get, noContent), true},
		"both have the same number":   {item(t, in(0, get), in(0, noContent)), false},
		"no response":                 {item(t, in(1, get), nil), true},
		"no request":                  {stream(nil, says(http1.Server, "hi")), true},
		"interim response in between": {item(t, in(1, get), in(2, "HTTP/1.1 103 Early Hints\r\n\r\n", noContent)), true},
		"interim response before":     {item(t, in(2, get), []read{{Seq: 1, Bytes: "HTTP/1.1 103 Early Hints\r\n\r\n"}, {Seq: 3, Bytes: noContent}}), false},
	} {
		if got := IsOrdered(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestLeavesHTTP(t *testing.T) {
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"plain response":                 {plain(t, get, noContent), false},
		"upgrade":                        {framed(plain(t, attach, upgraded), http1.Stream), true},
		"not HTTP":                       {stream(nil, says(http1.Client, "hi")), true},
		"client that went on":            {stream(plain(t, get, noContent), says(http1.Client, "x")), true},
		"server that sent more":          {stream(plain(t, get, noContent), says(http1.Server, "x")), false},
		"client that closed":             {stream(plain(t, get, noContent), marks(http1.Client, cassettes.EOF)), false},
		"exchange with no turns in list": {stream(plain(t, get, noContent)), false},
	} {
		if got := LeavesHTTP(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestIsStreaming(t *testing.T) {
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"no response":                    {item(t, in(1, get), nil), false},
		"no body":                        {plain(t, get, noContent), false},
		"length in many reads":           {item(t, in(1, get), in(2, lengthHead, "ab", "cd")), false},
		"chunks in one read":             {item(t, in(1, get), in(2, chunkHead+"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")), false},
		"chunk in a later read":          {item(t, in(1, get), in(2, chunkHead+"1\r\na\r\n", "1\r\nb\r\n0\r\n\r\n")), true},
		"head in a read of its own":      {item(t, in(1, get), in(2, chunkHead, "1\r\na\r\n0\r\n\r\n")), true},
		"delimited by close, one read":   {item(t, in(1, get), in(2, closeHead+"ab")), false},
		"delimited by close, many reads": {item(t, in(1, get), in(2, closeHead, "ab")), true},
		"upgrade":                        {framed(plain(t, attach, upgraded), http1.Stream), true},
	} {
		if got := IsStreaming(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

// TestLongResponseIsPlain: a response of one chunk that came in several reads,
// the last chunk in the last of them, waits for nobody. One whose server took
// its time is streaming.
func TestLongResponseIsPlain(t *testing.T) {
	apart := in(2, chunkHead+"4\r\nlo", "ng\r\n0\r\n\r\n")
	apart[1].Seq = 4 // beside other traffic, so that the split is noted
	reads := in(2, chunkHead+"4\r\nlong\r\n", "0\r\n\r\n")
	joined, late, untimed := item(t, in(1, get), reads), item(t, in(1, get), reads), item(t, in(1, get), reads)
	joined.Response.Frames.List[1].Wait = time.Millisecond
	late.Response.Frames.List[1].Wait = 2 * time.Millisecond
	untimed.Timed = false
	for name, tt := range map[string]struct {
		it     *cassettes.Interaction
		method string
		want   bool
	}{
		"apart":   {item(t, in(1, get), apart), "GET", true},
		"joined":  {joined, "GET", true},
		"late":    {late, "GET", false},
		"untimed": {untimed, "GET", false},
		"unsafe":  {joined, "POST", false},
	} {
		if got := IsPlain(tt.it, tt.method); got != tt.want {
			t.Errorf("%s: plain is %v, want %v", name, got, tt.want)
		}
	}
}

func TestIsWebSocket(t *testing.T) {
	const ask = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"websocket":     {plain(t, ask, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"), true},
		"other upgrade": {plain(t, attach, upgraded), false},
		"refused":       {plain(t, ask, noContent), false},
		"no response":   {item(t, in(1, ask), nil), false},
		"not HTTP":      {stream(nil, says(http1.Client, "hi")), false},
	} {
		if got := IsWebSocket(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestReadRequestInfo(t *testing.T) {
	for head, want := range map[string]RequestInfo{
		get:                      {},
		"GET / HTTP/1.0\r\n\r\n": {OldClient: true, Closes: true},
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n":                    {OldClient: true},
		"GET / HTTP/1.1\r\nConnection: close\r\n\r\n":                         {Closes: true},
		"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n": {Expects100: true},
	} {
		if got := ReadRequestInfo(item(t, in(1, head), nil)); got != want {
			t.Errorf("%q: got %+v, want %+v", head, got, want)
		}
	}
}

func TestClosesWithResponse(t *testing.T) {
	announced := "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nabcd"
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"at once":       {closed(plain(t, get, noContent), 3, 0, cassettes.EOF), false},
		"later":         {closed(plain(t, get, noContent), 3, time.Minute, cassettes.EOF), false},
		"announced":     {closed(plain(t, get, announced), 3, time.Hour, cassettes.EOF), true},
		"ends the body": {closed(plain(t, get, closeHead+"ab"), 3, time.Hour, cassettes.EOF), true},
		"cuts the body": {closed(plain(t, get, lengthHead+"ab"), 3, time.Hour, cassettes.EOF), true},
		"without a time": {func() *cassettes.Interaction {
			it := closed(plain(t, get, noContent), 3, 0, cassettes.EOF)
			it.Timed = false
			return it
		}(), false},
	} {
		if got := ClosesWithResponse(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestMayReset(t *testing.T) {
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"no close":          {plain(t, get, noContent), false},
		"close":             {closed(plain(t, get, noContent), 3, 0, cassettes.EOF), false},
		"reset":             {closed(plain(t, get, noContent), 3, 0, cassettes.Reset), true},
		"reset in a stream": {stream(nil, says(http1.Client, "x"), marks(http1.Server, cassettes.Reset)), true},
		"client that reset": {stream(nil, says(http1.Client, "x"), marks(http1.Client, cassettes.Reset)), false},
	} {
		if got := MayReset(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestStopsInside(t *testing.T) {
	cut := plain(t, get, lengthHead+"ab")
	cut.Response.End = cassettes.Incomplete
	closed := closed(plain(t, get, lengthHead+"ab"), 3, 0, cassettes.EOF)
	closed.Response.End = cassettes.Incomplete
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"complete":           {plain(t, get, noContent), false},
		"no response":        {item(t, in(1, get), nil), true},
		"turns for response": {stream(item(t, in(1, get), nil), says(http1.Server, "x")), false},
		"within a body":      {cut, true},
		"closed in a body":   {closed, false},
	} {
		if got := StopsInside(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestProgress(t *testing.T) {
	it := stream(item(t, []read{{Seq: 1, Bytes: "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\na"}, {Seq: 4, Bytes: "bc"}}, in(2, upgraded)),
		says(http1.Client, "in"), says(http1.Server, "out"), marks(http1.Client, cassettes.EOF), says(http1.Server, "end"))
	p := NewProgress(it)
	defer p.Stop()
	for _, tt := range []struct {
		seq  int64
		want Point
	}{{1, Point{}}, {2, Point{Body: 1}}, {4, Point{Body: 1}}, {5, Point{Body: 3, Whole: true}}} {
		if got, err := p.Before(tt.seq); err != nil || got != tt.want {
			t.Errorf("before %d: got %+v, %v, want %+v", tt.seq, got, err, tt.want)
		}
	}
	for _, want := range []Point{{Body: 3, Whole: true, Turns: 2}, {Body: 3, Whole: true, Turns: 2, Closed: true}} {
		if _, got, ok, err := p.ServerTurn(); !ok || err != nil || got != want {
			t.Errorf("before a turn: got %+v, %v, %v, want %+v", got, ok, err, want)
		}
	}
	if _, _, ok, err := p.ServerTurn(); ok || err != nil {
		t.Errorf("after the last turn: %v, %v", ok, err)
	}
}

func TestReached(t *testing.T) {
	for _, tt := range []struct {
		at, want Point
		reached  bool
	}{
		{Point{}, Point{}, true},
		{Point{Body: 2}, Point{Body: 3}, false},
		{Point{Body: 3}, Point{Body: 3}, true},
		{Point{Body: 3}, Point{Body: 3, Whole: true}, false},
		{Point{Whole: true}, Point{Body: 3, Whole: true}, true}, // shorter, and whole
		{Point{Whole: true, Turns: 1}, Point{Turns: 2}, false},
		{Point{Turns: 9}, Point{Closed: true}, false},
		{Point{Closed: true}, Point{Body: 3, Turns: 2, Whole: true}, true},
	} {
		if got := tt.at.Reached(tt.want); got != tt.reached {
			t.Errorf("%+v reached %+v: %v, want %v", tt.at, tt.want, got, tt.reached)
		}
	}
}

func TestAnswersEarly(t *testing.T) {
	reads := []read{{Seq: 1, Bytes: "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\na"}, {Seq: 3, Bytes: "bc"}}
	for name, tt := range map[string]struct {
		it   *cassettes.Interaction
		want bool
	}{
		"before the body": {item(t, reads, in(2, noContent)), true},
		"after the body":  {item(t, reads, in(4, noContent)), false},
		"interim before":  {item(t, reads, []read{{Seq: 2, Bytes: "HTTP/1.1 100 Continue\r\n\r\n"}, {Seq: 4, Bytes: noContent}}), false},
		"order not known": {item(t, in(0, post), in(0, noContent)), false},
		"never answered":  {item(t, reads, nil), false},
		"client had closed": {func() *cassettes.Interaction {
			it := item(t, reads[:1], in(5, noContent))
			it.Request.Closed = []cassettes.Closed{{Mark: cassettes.EOF, Seq: 4}}
			return it
		}(), false},
	} {
		if got := AnswersEarly(tt.it); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestInterims(t *testing.T) {
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
	reads := []read{{Seq: 1, Bytes: "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n"}, {Seq: 4, Bytes: "abc"}}
	it := item(t, reads, []read{{Seq: 2, Bytes: goOn}, {Seq: 3, Bytes: goOn}, {Seq: 5, Bytes: goOn + noContent}})
	if heads, n := Interims(it); string(heads) != goOn+goOn || n != 2 {
		t.Errorf("got %q, %d, want the two that came before the body", heads, n)
	}
	if heads, n := Interims(item(t, reads, nil)); heads != nil || n != 0 {
		t.Errorf("without a response: got %q, %d", heads, n)
	}
}

func TestOpenings(t *testing.T) {
	tls := "\x16\x03\x01\x00\x02ab"
	for name, tt := range map[string]struct {
		turns []cassettes.Turn
		want  Opening
	}{
		"answered":    {[]cassettes.Turn{says(http1.Client, "PI"), says(http1.Client, "NG"), says(http1.Server, "PONG")}, Opening{Client: []byte("PING"), Answered: true}},
		"greeting":    {[]cassettes.Turn{says(http1.Server, "220 mail")}, Opening{Answered: true, Greets: true}},
		"unreachable": {[]cassettes.Turn{marks(http1.Server, cassettes.Unreachable)}, Opening{Answered: true, Greets: true, Unreachable: true}},
		"probe":       {[]cassettes.Turn{says(http1.Client, tls), says(http1.Server, "HTTP/1.1 400")}, Opening{Client: []byte(tls), Answered: true, Probe: true}},
		"TLS":         {[]cassettes.Turn{says(http1.Client, tls), says(http1.Server, "\x16\x03")}, Opening{Client: []byte(tls), Answered: true}},
		"silent":      {[]cassettes.Turn{marks(http1.Client, cassettes.EOF), marks(http1.Server, cassettes.EOF)}, Opening{}},
	} {
		tt.want.Seq = 1
		o, err := ReadOpening(stream(nil, tt.turns...).Turns)
		if err != nil || string(o.Client) != string(tt.want.Client) {
			t.Errorf("%s: %v, the client sent %q", name, err, o.Client)
		}
		o.Client, tt.want.Client = nil, nil
		if got, want := []bool{o.Answered, o.Greets, o.Unreachable, o.Probe}, []bool{tt.want.Answered, tt.want.Greets, tt.want.Unreachable, tt.want.Probe}; !slices.Equal(got, want) || o.Seq != 1 {
			t.Errorf("%s: got %+v, want %+v", name, o, tt.want)
		}
	}
}

func TestOpeningIsDue(t *testing.T) {
	ping := Opening{Client: []byte("PING"), Answered: true}
	probe := Opening{Client: []byte("\x16\x03\x01\x00\x02ab"), Answered: true, Probe: true}
	for _, tt := range []struct {
		o           *Opening
		sent        string
		agrees, due bool
	}{
		{&ping, "", true, false},
		{&ping, "PI", true, false},
		{&ping, "PING", true, true},
		{&ping, "PING!", true, true},
		{&ping, "QUIT", false, true}, // the caller asks Agrees first
		{&probe, "\x16\x03\x01\x00\x04xy", true, false},
		{&probe, "\x16\x03\x01\x00\x04xyzz", true, true},
		{&probe, "GET", false, false},
	} {
		if agrees, due := tt.o.Agrees([]byte(tt.sent)), tt.o.IsDue([]byte(tt.sent)); agrees != tt.agrees || due != tt.due {
			t.Errorf("%q: agrees %v, due %v, want %v, %v", tt.sent, agrees, due, tt.agrees, tt.due)
		}
	}
}

func TestServed(t *testing.T) {
	it := stream(nil, says(http1.Server, "ab"), says(http1.Client, "x"), says(http1.Server, "cd"))
	for n, want := range map[int64]string{0: "", 1: "a", 3: "abc", 9: "abcd"} {
		if got, err := Served(it, n); err != nil || string(got) != want {
			t.Errorf("Served(%d): got %q, %v, want %q", n, got, err, want)
		}
	}
}

func TestBodyStart(t *testing.T) {
	b := cassettes.Body{Data: []byte("abcd")}
	for n, want := range map[int64]string{0: "", 2: "ab", 9: "abcd"} {
		if got, err := BodyStart(&b, n); err != nil || string(got) != want {
			t.Errorf("BodyStart(%d): got %q, %v, want %q", n, got, err, want)
		}
	}
}
