package index

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/rule"
	"github.com/wiretape/wiretape/replay/internal/secrets"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// ties are the fields in which the requests of a group differ, though they are
// equal as the rule says. A live request gets the recording that has its values
// of them.
type ties struct {
	fields []tieField
	values [][]int32 // by number in the group, of each field: the number of its value
	secret bool      // some have tagged secrets
}

// tieField is a field in which requests differ.
type tieField struct {
	name   string
	values map[string]int32 // their numbers
	weight weight
}

// weight says what follows where a request has a value that was not recorded.
type weight int

const (
	negotiates weight = iota // an answer is given, with a note
	selects                  // another recording is a wrong answer
	ignored                  // an answer is given: the rule ignores the field
)

// selecting are the fields whose values select what is in an answer (RFC 9110
// sections 7.2, 13.1 and 14.2).
var selecting = []string{hostField, "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// Names of ties that are not fields of a head.
const (
	hostField   = "Host" // or the authority of the target
	targetField = "target"
)

// transient are the fields that differ from run to run, or speak of the connection
// and the framing. They never decide.
var transient = []string{
	"Date", "User-Agent", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Upgrade", "Expect",
	"X-Request-Id", "X-Correlation-Id", "Request-Id", "Correlation-Context", "Traceparent", "Tracestate", "Baggage", "B3", "X-Cloud-Trace-Context",
	"X-Amzn-Trace-Id", "X-Amz-Date", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Idempotency-Key", "Via", "Forwarded", "Sec-Websocket-Key",
	"X-Docker-Expose-Session-Uuid",
}

func isTransient(name string) bool {
	return slices.Contains(transient, name) || strings.HasPrefix(name, "X-B3-") || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Datadog-")
}

// weightOf returns the weight of a field.
func weightOf(name string) weight {
	switch {
	case slices.Contains(selecting, name):
		return selects
	case name == targetField:
		return ignored
	}
	return negotiates
}

// Traits are the values that a live request has of the fields in which the
// recordings of its group differ. Nil Traits tell nothing.
type Traits struct {
	group  *equals
	values []int32 // -1: not recorded
	texts  []string
}

// Traits returns the traits of a request to host with that target and head. It
// returns nil where the recordings of the group differ in no field.
func (x *Index) Traits(g *Group, tgt, head, host []byte) *Traits {
	if g.more == nil || len(g.more.all) < 2 {
		return nil
	}
	e := g.more
	e.inspect.Do(func() { e.look(x) })
	if e.ties == nil {
		return nil
	}
	t := &Traits{group: e}
	has := fieldsOf(x, string(rule.RequestMethod(head)), string(tgt), head, string(host))
	if e.ties.secret {
		x.secrets.OfHead(x.Rule.Masks(), head).Put(has)
	}
	t.values, t.texts = make([]int32, len(e.ties.fields)), make([]string, len(e.ties.fields))
	for n, f := range e.ties.fields {
		t.set(n, has[f.name])
	}
	return t
}

// set sets the n-th value.
func (t *Traits) set(n int, text string) {
	v, ok := t.group.ties.fields[n].values[text]
	if !ok {
		v = -1
	}
	t.values[n], t.texts[n] = v, text
}

// fieldsOf returns the fields of a request that may break a tie, by name.
func fieldsOf(x *Index, method, tgt string, head []byte, host string) map[string]string {
	h, named := x.Rule.Fields(head)
	has := make(map[string]string, len(h)+2)
	for name, values := range h {
		if !isTransient(name) && !slices.ContainsFunc(x.Rule.IgnoreHeader, func(s string) bool { return strings.EqualFold(s, name) }) {
			has[name] = strings.Join(values, ", ")
		}
	}
	if media, _, ok := strings.Cut(has["Content-Type"], "boundary="); ok {
		has["Content-Type"] = media // clients make boundaries up
	}
	authority := ""
	if strings.Contains(tgt, "://") { // else it is in origin-form (RFC 9112 section 3.2)
		authority, _, _ = target.Cut(tgt)
	}
	has[hostField] = hostClass(cmp.Or(authority, named, host))
	if x.bindings == nil {
		_, path, query := target.Cut(x.Rule.Flat(method, tgt))
		has[targetField] = path + "?" + query
	}
	return has
}

// hostClass returns a host by which requests are told apart. Addresses of this
// machine are "": a recording and its replay have other ones.
func hostClass(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ":80")
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:i]
	}
	switch {
	case name == "localhost", strings.HasSuffix(name, ".localhost"), name == "docker", strings.HasPrefix(name, "127."), name == "[::1]", name == "0.0.0.0",
		strings.Contains(name, "%2f"), strings.Contains(name, "/"):
		return ""
	}
	return host
}

// recordedFields returns the fields of the request recorded at pos, or nil where it
// cannot be read.
func recordedFields(x *Index, pos int32) map[string]string {
	it, err := x.Item(pos)
	if err != nil || it.Request == nil {
		return nil
	}
	e := x.Entry(pos)
	has := fieldsOf(x, e.Method, e.URL, it.Request.Head, "")
	x.secrets.Recorded(it.Request).Put(has)
	return has
}

// readTies returns the fields in which the requests at positions differ, or nil.
func readTies(x *Index, all []int32) *ties {
	c := columns{number: map[string]int{}, rows: make([][]int32, len(all))}
	tape.ReadAll(len(all), func(i int) map[string]string { return recordedFields(x, all[i]) }, c.add)
	return c.ties()
}

// columns collect the fields of requests.
type columns struct {
	fields []tieField
	number map[string]int // of fields, by name
	rows   [][]int32      // by request and field: one more than the number of the value; 0, or none, is ""
	unread []int          // the requests that cannot be read
}

// add adds the fields of request i.
func (c *columns) add(i int, has map[string]string) {
	if has == nil {
		c.unread = append(c.unread, i)
		return
	}
	row := make([]int32, len(c.fields), max(len(c.fields), len(has)))
	for name, text := range has {
		n, ok := c.number[name]
		if !ok {
			n = len(c.fields)
			c.number[name] = n
			c.fields = append(c.fields, tieField{name, map[string]int32{}, weightOf(name)})
		}
		v := c.fields[n].intern(text)
		for len(row) <= n {
			row = append(row, 0)
		}
		row[n] = v + 1
	}
	c.rows[i] = row
}

// intern returns the number of a value.
func (f *tieField) intern(text string) int32 {
	v, ok := f.values[text]
	if !ok {
		v = int32(len(f.values))
		f.values[text] = v
	}
	return v
}

// valueOf returns the number of the n-th field's value in a row.
func (c *columns) valueOf(row []int32, n int) int32 {
	if n < len(row) && row[n] > 0 {
		return row[n] - 1
	}
	return c.fields[n].intern("")
}

// ties returns the ties of the fields that differ, in the order of their names, or
// nil.
func (c *columns) ties() *ties {
	t := &ties{values: make([][]int32, len(c.rows))}
	for _, name := range slices.Sorted(maps.Keys(c.number)) {
		n := c.number[name]
		if !c.differs(n) {
			continue
		}
		f := c.fields[n]
		t.fields = append(t.fields, f)
		for i, row := range c.rows {
			t.values[i] = append(t.values[i], c.valueOf(row, n))
		}
		for text := range f.values {
			t.secret = t.secret || secrets.IsMarked(text)
		}
	}
	if len(t.fields) == 0 {
		return nil
	}
	return t
}

// differs reports whether the n-th field does.
func (c *columns) differs(n int) bool {
	first := int32(-1)
	for i, row := range c.rows {
		switch v := c.valueOf(row, n); {
		case slices.Contains(c.unread, i):
		case first < 0:
			first = v
		case v != first:
			return true
		}
	}
	return false
}

// agreeing returns those of numbers, in order, that have the most of a request's
// values. It returns none where a field that selects has a value that none of them
// has: refused says which, as "Range".
func (t *ties) agreeing(numbers []int, live *Traits) (best []int, refused []Difference) {
	most := -1
	for _, i := range numbers {
		score, fits := 0, true
		for n, f := range t.fields {
			switch {
			case t.values[i][n] == live.values[n]:
				score++
			case f.weight == selects && !live.tellsNothing(n, f):
				fits = false
			}
		}
		switch {
		case !fits || score < most:
		case score > most:
			best, most = append(best[:0], i), score
		default:
			best = append(best, i)
		}
	}
	if len(best) == 0 && len(numbers) > 0 {
		refused = t.differences(numbers, live)
	}
	return best, refused
}

// tellsNothing reports whether the n-th value is a host of this machine where no
// recording has one: the client reached replay by its address.
func (l *Traits) tellsNothing(n int, f tieField) bool {
	return f.name == hostField && l.texts[n] == "" && l.values[n] < 0
}

// Difference is a field that a request has another value of than the recordings.
type Difference struct {
	Field, Got string
	Want       []string // the recorded values, at most three
}

// differences returns the selecting fields in which a request differs from each of
// numbers.
func (t *ties) differences(numbers []int, live *Traits) (all []Difference) {
	for n, f := range t.fields {
		if f.weight != selects {
			continue
		}
		if d, ok := t.difference(n, numbers, live); ok {
			all = append(all, d)
		}
	}
	return all
}

// wantMax is the number of recorded values that a difference names.
const wantMax = 3

func (t *ties) difference(n int, numbers []int, live *Traits) (d Difference, ok bool) {
	texts := make([]string, len(t.fields[n].values))
	for text, v := range t.fields[n].values {
		texts[v] = text
	}
	d = Difference{Field: t.fields[n].name, Got: live.texts[n]}
	for _, i := range numbers {
		v := t.values[i][n]
		if v == live.values[n] {
			continue
		}
		ok = true
		if len(d.Want) < wantMax && !slices.Contains(d.Want, texts[v]) {
			d.Want = append(d.Want, texts[v])
		}
	}
	return d, ok
}

// unlike returns the names of the fields in which the number i differs from a
// request that it answers all the same, and whether one of them is Host.
func (t *ties) unlike(i int, live *Traits) (names []string, host bool) {
	for n, f := range t.fields {
		if f.weight != ignored && t.values[i][n] != live.values[n] && !secrets.IsMasked(live.texts[n]) {
			names = append(names, f.name)
			host = host || f.name == hostField
		}
	}
	return names, host
}
