// Package importer makes cassettes of the recordings of other tools: cassettes
// of Ruby's VCR and of Python's vcrpy, and HTTP archives (HAR 1.2).
//
//	rec, err := importer.Read(name, data, importer.Options{})
//	…
//	w, err := cassettes.Create("pull.yaml", rec.Header, cassettes.Options{})
//	…
//	err = rec.Write(w, record.DefaultInlineMax)
//	err = w.Close()
//	for _, n := range rec.Notices() {
//		fmt.Println(n)
//	}
//
// These tools keep the view of a client library: fields and joined bodies, not
// the bytes on the wire. The importer fills in the rest as HTTP/1.1 needs it.
// A Notice reports every guess, and every part of a recording that could not
// be kept.
package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// MaxSize is the size in bytes of the largest recording that a caller should
// read: reading takes several times as much memory.
const MaxSize = 512 << 20

// Options choose how a recording is read.
type Options struct {
	// Define gives the values of placeholders in addresses, fields and bodies.
	Define []Definition
	// Reframe makes one chunk of each record in bodies that are JSON message
	// streams.
	Reframe bool
	// Redact masks secrets; nil masks nothing.
	Redact *redact.Rules
}

// Definition gives the value of a placeholder: Text is replaced by Value.
type Definition struct {
	Text  string // placeholder, as it stands in the recording
	Value string // takes its place
}

// Recording is the content of another tool's file. It is read once and written
// once.
type Recording struct {
	Format string // "Ruby VCR", "vcrpy" or "HAR"
	// Header is the header for the cassette. The caller may add to it before
	// Write.
	Header cassettes.Header

	exchanges []*exchange
	left      int    // how many are left out
	refused   error  // why the first of those is
	exported  bool   // we made this archive, of a cassette that may know no upstream
	source    string // of that cassette
	exact     bool   // each exchange has one of our blocks that agrees with it
	notices   notices
	o         Options
}

// exchange is a request and its response, as other tools keep them.
type exchange struct {
	place    int // in the recording
	request  request
	response *response // nil where none came
	conn     string    // name of the connection; "" where it is unknown

	at time.Time // when it began; zero where that is unknown
	// timed tells that firstByte and took are known: the times from at to the
	// response's head and to its end.
	timed           bool
	firstByte, took time.Duration
	turns           []turn // messages of a WebSocket
	// har is the entry that it was read from, and wire the block of our own
	// export in it. Both are nil for other formats.
	har  *har.Entry
	wire *har.Wire
}

type request struct {
	method, uri string
	fields      []field
	body        []byte
}

type response struct {
	version string // as the recorder wrote it, or ""
	code    int
	reason  string
	fields  []field
	body    []byte
	plain   bool // the body is text, and so in no content coding
}

// field is a field line.
type field struct{ name, value string }

// Len returns the number of exchanges.
func (r *Recording) Len() int { return len(r.exchanges) }

// Notices returns the guesses and losses of the import. Call it after Write.
// The slice belongs to the Recording.
func (r *Recording) Notices() []Notice { return r.notices.list }

// Read reads a recording, whose format it detects. Errors begin with name and,
// where it is known, a line. data is not kept.
func Read(name string, data []byte, o Options) (*Recording, error) {
	r := &Recording{o: o, Header: cassettes.Header{Source: cassettes.SourceImported, Redaction: o.Redact.Names()}}
	if err := r.read(data); err != nil {
		var at *yamltext.Error
		if errors.As(err, &at) && at.Line > 0 {
			return nil, &cassettes.FormatError{File: name, Line: at.Line, Err: err}
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, e := range r.exchanges {
		o.define(e)
	}
	if r.exact = r.agrees(); r.exact {
		r.Header.Source = r.source
	}
	if err := r.keepPossible(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !r.exported {
		r.Header.Upstream = upstreamOf(r.exchanges)
	}
	return r, nil
}

// read detects the format of data and reads it.
func (r *Recording) read(data []byte) error {
	data = withoutCall(bytes.TrimPrefix(data, []byte("\ufeff")))
	v, err := decode(data)
	if err != nil {
		return err
	}
	switch {
	case v.has("log"):
		r.Format = "HAR"
		return r.readHAR(data)
	case v.has("http_interactions"):
		r.Format = "Ruby VCR"
		return r.readVCR(v.lookup("http_interactions"))
	case v.has("interactions"):
		return r.readInteractions(v.lookup("interactions"))
	case v.kind() == list:
		return r.readOldList(v)
	}
	return v.errorf("it has neither http_interactions (Ruby VCR), nor interactions (vcrpy), nor a log (HAR)")
}

// call matches the beginning of a call whose argument is a JSON document.
var call = regexp.MustCompile(`^\s*[\w$.]+\(\s*\{`)

// withoutCall returns data without the call around it, as web pages load archives
// of other hosts (JSONP). Lines keep their numbers.
func withoutCall(data []byte) []byte {
	begin := call.FindIndex(data)
	argument, ok := bytes.CutSuffix(bytes.TrimRight(data, "; \t\r\n"), []byte(")"))
	if begin == nil || !ok {
		return data
	}
	at := begin[1] - 1 // of the brace
	lines := bytes.Count(argument[:at], []byte("\n"))
	return append(bytes.Repeat([]byte("\n"), lines), argument[at:]...)
}

// readInteractions reads a cassette of vcrpy. Those of go-vcr have the same
// key.
func (r *Recording) readInteractions(v value) error {
	if v.kind() == list && len(v.elements()) > 0 && v.elements()[0].lookup("request").has("url") {
		return v.errorf("this is a cassette of go-vcr, which needs no import: replay serves it, and cassette fmt --from vcr converts it")
	}
	r.Format = "vcrpy"
	return r.readVCR(v)
}

// define replaces the placeholders in e.
func (o *Options) define(e *exchange) {
	if len(o.Define) == 0 {
		return
	}
	var pairs []string
	for _, d := range o.Define {
		pairs = append(pairs, d.Text, d.Value)
	}
	replace := strings.NewReplacer(pairs...)
	e.request.uri = replace.Replace(e.request.uri)
	e.request.body = []byte(replace.Replace(string(e.request.body)))
	all := [][]field{e.request.fields}
	if e.response != nil {
		e.response.body = []byte(replace.Replace(string(e.response.body)))
		all = append(all, e.response.fields)
	}
	for _, fields := range all {
		for i := range fields {
			fields[i].value = replace.Replace(fields[i].value)
		}
	}
}

// order sorts the exchanges by their beginning, where it is known for all of
// them, or by their ids in one of our own exports.
func (r *Recording) order() {
	if !slices.ContainsFunc(r.exchanges, func(e *exchange) bool { return e.wire == nil }) {
		slices.SortStableFunc(r.exchanges, func(a, b *exchange) int {
			return cmp.Or(a.wire.Session-b.wire.Session, a.wire.ID-b.wire.ID)
		})
		return
	}
	if slices.ContainsFunc(r.exchanges, func(e *exchange) bool { return e.at.IsZero() }) {
		return
	}
	slices.SortStableFunc(r.exchanges, func(a, b *exchange) int { return a.at.Compare(b.at) })
	if len(r.exchanges) > 0 {
		r.Header.Recorded = r.exchanges[0].at
	}
}
