// Package replay serves recorded cassettes over sockets, byte for byte.
//
//	c, err := cassettes.OpenFile("pull.yaml")
//	…
//	l, err := replay.Listen("tcp://127.0.0.1:2375")
//	…
//	s := &replay.Server{Cassettes: []*cassettes.Cassette{c}}
//	go s.Serve(l)
//	…
//	s.Close()
//	fmt.Println(s.Report().Misses)
//
// A request is answered by a recording with its method, path and query; one whose
// body equals the request's goes before the others. Of recordings that agree, the
// one with the request's distinguishing fields answers, then the one asked after the
// same changes, then the lowest unplayed id; see docs/matching.md. A GET or HEAD
// whose recordings were all played gets the last answer again. The connection of a
// request does not count.
//
// The answer is a plan: an ordered list of writes. Each write waits until the
// client has come as far as the recorded client had. Frames that came in one read
// leave in one write, and every other frame in one of its own. No write waits for
// a recorded time.
//
// # Causes
//
// A daemon sends bytes on one connection because a client did something on
// another: a wait ends because of a kill, an attached stream prints because of
// a start. A write therefore waits for
//
//  1. its own causes: the bytes that the client of its exchange had sent before
//     the write;
//  2. effects: the bytes that the clients of related exchanges that change
//     something had sent between the first byte of its exchange and the write.
//     For a stream of all events, every exchange that changes something counts;
//  3. company: the requests of the related exchanges that answer over time, as
//     logs do, and that the same client process had open at the same time. If
//     processes are not known, as on TCP, all clients count as one.
//
// Exchanges are related where their paths, or the ids in their answers, name
// the same thing, or a part of it. A plain exchange, which changes nothing and
// is answered at once, has causes of the first kind alone. No write waits for
// another write, so no two writes wait for each other. Writes that are ready leave
// in recorded order, over all connections. Package replay/internal/causal has the
// whole rule, and says what fails without each part of it.
package replay

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/endpoint"
	"github.com/wiretape/wiretape/matchers"
	"github.com/wiretape/wiretape/replay/internal/index"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

// DefaultCausalTimeout is how long a write waits for other connections.
const DefaultCausalTimeout = 5 * time.Second

// Server replays cassettes. Its life-cycle is http.Server's. Set the fields
// before the first call of a method and leave them alone after.
type Server struct {
	// Cassettes are played as one, in this order. The caller closes them after
	// the server.
	Cassettes []*cassettes.Cassette
	// Reframe says how bodies are cut into chunks; the zero value keeps the
	// recorded ones.
	Reframe Reframe
	// Order says what a write waits for; the zero value is OrderCausal.
	Order Order
	// StreamMatch says how closely clients must say in streams what was
	// recorded; the zero value is MatchExact.
	StreamMatch StreamMatch
	// CausalTimeout is how long a write waits for what clients did on other
	// connections before it goes without, which the Report says; 0 means
	// DefaultCausalTimeout, less than 0 for ever. A write waits for the client of
	// its own connection without a limit.
	//
	// After a miss, idle streams of that client are closed after 3/4 of
	// CausalTimeout, as long as it has a connection. A client is a process, or an
	// address where processes are not known, as on TCP.
	CausalTimeout time.Duration
	// Match says what a request must agree on with a recorded one. What it does
	// not say is said by the cassettes, then by a preset, then by the default:
	// method, path and query. What they say to ignore adds up.
	Match cassettes.Match
	// Matcher, if set, compares requests together with the words of Match and of
	// the cassettes. Where these have no By, it takes the place of the default
	// words and decides alone. Both sides are masked by the rules of the
	// cassettes, and a live request has a URL without a host, as servers get it.
	//
	// Where Matcher has a key, the recordings with that key are compared. Where it
	// has none, a request costs a comparison with each recording that the words
	// leave, which is read from the cassette first, until one matches: name words
	// in Match.By to leave fewer. Match is called for one request of these after
	// the other. Issued values are not swapped: see Bind.
	Matcher matchers.Matcher
	// Preset names the preset, one of Presets or "none"; "" is the one of the
	// product that each cassette names.
	Preset string
	// Bind says what becomes of values that the server issued; the zero value
	// is BindAll.
	Bind Bind
	// Strict makes a miss of a request where it cannot be told that an answer is
	// right: where it was recorded in another state than the client has made, or
	// the recordings are of several hosts and the request names none of them.
	// Otherwise it is answered, and the Report says so.
	Strict bool
	// Authority says what becomes of URLs that name the recorded server; the zero
	// value is AuthorityRewrite.
	Authority Authority
	// Repeat says what answers a request whose recordings were all played.
	Repeat Repeat
	// MissStatus is the status of the response to a request that nothing
	// answers, from 400 to 599; 0 is 501.
	MissStatus int
	// OnMiss, if set, connects to a live server that answers, in the place of a
	// miss, what no interaction does: requests, and connections that are no
	// HTTP. What passes is not changed. It is called once for each of them,
	// with the client's connection, to look at. The connection that it returns
	// is closed by the Server.
	OnMiss func(ctx context.Context, client net.Conn) (net.Conn, error)
	// Hint words a Remedy in Miss.Text; nil names the fields of a Server.
	Hint func(Remedy) string
	// ResetIdle says that the server does what Reset does whenever its last
	// connection has ended.
	ResetIdle bool
	// Log receives misses and what goes on; nil is silence.
	Log *slog.Logger

	once    sync.Once
	index   *index.Index
	kept    *plan.Cache
	err     error // why there is no index
	log     *slog.Logger
	verbose bool // someone listens to what goes on
	tally   tally
	causes  causes
	asking  context.Context // of OnMiss
	hangUp  context.CancelFunc

	life    endpoint.Lifecycle[*conn]
	idle    idleStreams
	clients clients

	seenMax time.Duration // 0: see socket.SeenMax
}
