package index

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// changes are the recorded requests that changed something: those of an unsafe
// method (RFC 9110 section 9.2.1) that did not fail. They are read when the first
// question of state is asked.
type changes struct {
	tape *tape.Tape
	once sync.Once
	list []change             // in order
	at   map[int32]int        // by position: the index in list
	span map[process][2]int32 // the first and the last request of each process

	topics   map[string]bool  // of list
	changing map[process]bool // the known processes that changed something

	mu       sync.Mutex
	overlaps map[[2]process]bool
}

// change is a request that changed something.
type change struct {
	pos int32
	// root is the change that made the thing which this one is about, or -1.
	root    int32
	removes bool   // it removed that
	topic   string // the first segment of its path
	by      process
}

// process names a recorded client process; cassettes are counted from 0. The
// number 0 is all clients of a cassette, where processes are not known.
type process struct{ cassette, session, number int }

func (c *changes) processOf(pos int32) process {
	e := c.tape.Entry(pos)
	p := process{c.tape.CassetteNumber(pos), e.Session, e.Peer}
	if e.Peer == 0 {
		p.session = 0
	}
	return p
}

// outcome is what an unsafe interaction did, as far as it takes to pair it with
// others.
type outcome struct {
	ok     bool
	issued []string // names and ids of what was made
}

// load reads the changes.
func (c *changes) load() {
	c.once.Do(func() {
		c.at, c.span, c.topics, c.changing, c.overlaps = map[int32]int{}, map[process][2]int32{}, map[string]bool{}, map[process]bool{}, map[[2]process]bool{}
		n := namer{byName: map[string]int32{}}
		tape.ReadAll(c.tape.Len(), func(i int) outcome { return c.readOutcome(int32(i)) }, func(i int, o outcome) {
			pos := int32(i)
			e := c.tape.Entry(pos)
			if e.Method == "" {
				return
			}
			by := c.processOf(pos)
			s, known := c.span[by]
			if !known {
				s[0] = pos
			}
			s[1] = pos
			c.span[by] = s
			if !o.ok {
				return
			}
			ch := n.name(pos, e, o.issued, by.cassette)
			ch.by = by
			c.topics[ch.topic] = true
			c.changing[by] = by.number != 0
			c.at[pos] = len(c.list)
			c.list = append(c.list, ch)
		})
	})
}

// readOutcome reads what an interaction changed. One that cannot be read counts as
// a change: its error comes again when it is played.
func (c *changes) readOutcome(pos int32) (o outcome) {
	e := c.tape.Entry(pos)
	if e.Method == "" || http1.IsSafe(e.Method) {
		return o
	}
	o.ok = true
	it, err := c.tape.Item(pos)
	if err != nil || it.Response == nil {
		return o
	}
	o.ok = statusOf(it) < 400
	body, _ := recorded.BodyStart(&it.Response.Body, answerMax) // none is as good as one that cannot be read
	o.issued = issuedNames(e, it, body)
	return o
}

// answerMax is the size in bytes of the largest answer that is looked into for
// names.
const answerMax = 64 << 10

// nameKeys are the keys, in lower case, under which answers name what was made.
var nameKeys = map[string]bool{"id": true, "name": true, "uid": true, "uuid": true, "key": true}

// issuedNames returns the names of what an exchange made: those at the top of its
// answer, the end of its Location, and the name that the client asked for.
func issuedNames(e cassettes.Entry, it *cassettes.Interaction, body []byte) (names []string) {
	add := func(s string) {
		if s = strings.TrimPrefix(s, "/"); s != "" {
			names = append(names, s)
		}
	}
	var top map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&top) == nil {
		for key, v := range top {
			switch v := v.(type) {
			case string:
				if nameKeys[strings.ToLower(key)] {
					add(v)
				}
			case json.Number:
				if nameKeys[strings.ToLower(key)] {
					add(v.String())
				}
			}
		}
	}
	if head, ok := http1.ParseResponseHead(it.Response.Head, []byte(e.Method), false); ok {
		_, path, _ := target.Cut(string(head.Field("Location")))
		add(path[strings.LastIndexByte(path, '/')+1:])
	}
	_, _, query := target.Cut(e.URL)
	for pair := range strings.SplitSeq(query, "&") {
		if name, ok := strings.CutPrefix(pair, "name="); ok {
			add(name)
		}
	}
	return names
}

// namer finds the change that made the thing which another is about.
type namer struct {
	byName map[string]int32 // root, by cassette and name, or collection and name
}

// longName is the length from which a name says what it names wherever it stands in
// a path.
const longName = 12

// name returns a change, and learns the names that it issued.
func (n *namer) name(pos int32, e cassettes.Entry, issued []string, cassette int) change {
	ch := change{pos: pos, root: -1, topic: topicOf(e.URL)}
	path := pathOf(e.URL)
	segments := strings.Split(strings.Trim(path, "/"), "/")
	scope := string(rune(cassette)) + " "
	for i, s := range segments {
		parent := "/" + strings.Join(segments[:i], "/") + "/"
		root, ok := n.byName[scope+parent+s]
		if !ok && len(s) >= longName {
			root, ok = n.byName[scope+s]
		}
		if ok {
			ch.root = root
			ch.removes = e.Method == "DELETE" && i == len(segments)-1
		}
	}
	root := ch.root
	if root < 0 {
		root = pos
		if len(issued) > 0 {
			ch.root = pos
		}
	}
	collection := strings.TrimSuffix(strings.TrimSuffix("/"+strings.Join(segments, "/"), "/create"), "/") + "/"
	for _, name := range issued {
		n.byName[scope+collection+name] = root
		if len(name) >= longName {
			n.byName[scope+name] = root
		}
		if len(name) == 64 { // Docker's short form
			n.byName[scope+name[:longName]] = root
			n.byName[scope+collection+name[:longName]] = root
		}
	}
	return ch
}

// pathOf returns the path of a URL without an API version.
func pathOf(url string) string {
	_, path, _ := target.Cut(url)
	_, path = target.CutVersion(path)
	return path
}

// topicOf returns the first segment of a path without an API version.
func topicOf(url string) string {
	topic, _, _ := strings.Cut(strings.TrimPrefix(pathOf(url), "/"), "/")
	return topic
}

// precedes reports whether a change had been made when the request at pos was sent,
// as far as anyone could tell: by its own process, by one that had ended, or by one
// that stood still while the process of pos ran.
func (c *changes) precedes(ch *change, pos int32) bool {
	by := c.processOf(pos)
	if ch.pos >= pos || ch.by.cassette != by.cassette {
		return false
	}
	return ch.by == by || c.span[ch.by][1] < pos || !c.overlap(ch.by, by)
}

// isConcurrent reports whether a change could as well have come before the request
// at pos as after it.
func (c *changes) isConcurrent(ch *change, pos int32) bool {
	by := c.processOf(pos)
	switch {
	case ch.by.cassette != by.cassette:
		return true
	case ch.by == by:
		return false
	case ch.pos < pos:
		return !c.precedes(ch, pos)
	}
	return c.span[ch.by][0] < pos && c.overlap(ch.by, by)
}

// overlap reports whether process a sent a request while process b ran.
func (c *changes) overlap(a, b process) bool {
	s := c.span[b]
	of := c.span[a]
	if of[1] < s[0] || s[1] < of[0] {
		return false
	}
	pair := [2]process{a, b}
	c.mu.Lock()
	defer c.mu.Unlock()
	is, known := c.overlaps[pair]
	if known {
		return is
	}
	for pos := max(s[0], of[0]); pos <= min(s[1], of[1]) && !is; pos++ {
		is = c.tape.Entry(pos).Method != "" && c.processOf(pos) == a
	}
	c.overlaps[pair] = is
	return is
}
