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
// A request is answered by the interaction with its method, path and query
// that has the lowest id of those not played yet; where several are left, by
// the one whose body is the request's. A repeat of a GET or HEAD that was
// played gets the last answer again. Which connection carries a request is of
// no account.
//
// The answer is a plan: an ordered list of writes. Each waits until the client
// has come as far as the recorded client had when the write was recorded. Frames
// that came in one read leave in one write, and every other frame in one of its
// own. Nothing waits for a clock.
//
// # Causes
//
// A daemon's bytes on one connection follow from clients' requests on others: a
// wait ends because of a kill, an attached stream prints because of a start. A
// write therefore waits for three kinds of causes:
//
//  1. its own: the bytes that the client of its exchange had sent before it;
//  2. effects: the bytes that the clients of related exchanges that change
//     something had sent between its exchange's first byte and it; for a stream
//     of events, which is about everything, those of all exchanges that change
//     something;
//  3. company: the requests of the related exchanges that the same client
//     process had open at the time and that answer over time, as logs do. Where
//     processes are not known, as on TCP, all clients are one.
//
// Exchanges are related where their paths, or the ids in their answers, name
// the same thing, or a part of it. A plain exchange, which changes nothing and
// is answered at once, has causes of the first kind alone. No write waits for
// another write, so that none can wait for ever on one that waits for it; those
// that are ready leave in recorded order, over all connections. Package
// replay/internal/causal has the rule in full, with what each part of it is there for.
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
	// Order names the causes that a write waits for; the zero value is OrderCausal.
	Order Order
	// StreamMatch says how closely a client's bytes in streams must match the
	// recorded ones; the zero value is MatchExact.
	StreamMatch StreamMatch
	// CausalTimeout is how long a write waits for clients of other connections
	// before it goes without, which the Report lists; 0 means
	// DefaultCausalTimeout, less than 0 for ever. A write that waits for its own
	// client never times out. After a miss, idle streams of that client process
	// are closed a little earlier than that, until the last of its connections
	// has ended; where processes are not known, as on TCP, those of all clients
	// of its address.
	CausalTimeout time.Duration
	// Match lists the parts of a request that must equal those of a recorded one.
	// A word that is not set is the cassettes', then a preset's, then the
	// default: method, path and query. The lists of parts to ignore add up.
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
	// Authority says what becomes of URLs that name the recorded server; the zero
	// value is AuthorityRewrite.
	Authority Authority
	// Repeat says what answers a request whose recordings were all played.
	Repeat Repeat
	// MissStatus is the status of the response to a request that nothing
	// answers, from 400 to 599; 0 is 501.
	MissStatus int
	// OnMiss, if set, connects to a live server, which then answers a miss: a
	// request, or a connection that is no HTTP. The bytes pass unchanged. It is
	// called once for each miss, with the client's connection, to look at. The
	// Server closes the connection that it returns.
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

	life endpoint.Lifecycle[*conn]
	idle idleStreams
}
