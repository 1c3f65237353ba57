// Package importer makes cassettes of what other tools recorded: cassettes of
// Ruby's VCR and of Python's vcrpy, and HTTP archives (HAR 1.2).
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
// These tools kept what a client library gave them, not what crossed the wire:
// fields and joined bodies. What is missing is filled in as HTTP/1.1 needs it,
// and wherever that is a guess, or something recorded could not be kept, there
// is a Notice.
package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// MaxSize is how large a recording should be at most, in bytes: several times
// as much memory is needed to read it.
const MaxSize = 512 << 20

// Options say how a recording is read.
type Options struct {
	// Define gives the values of placeholders, in addresses, fields and bodies.
	Define []Definition
	// Reframe cuts bodies that are JSON message streams into one chunk for
	// each record.
	Reframe bool
	// Redact masks secrets; nil masks nothing.
	Redact *redact.Rules
}

// Definition gives a placeholder's value.
type Definition struct{ Text, Value string }

// Recording is what another tool recorded.
type Recording struct {
	Format string // "Ruby VCR", "vcrpy" or "HAR"
	// Header is for the cassette: the caller may add to it.
	Header cassettes.Header

	exchanges []*exchange
	source    string // of the cassette that we exported it from
	exact     bool   // each exchange has a block of ours that agrees with it
	notices   notices
	o         Options
}

// exchange is a request and its response, as other tools keep them.
type exchange struct {
	request  request
	response *response // nil where none came
	conn     string    // names the connection; "" where that is not known

	at time.Time // when it began; zero where that is not known
	// timed says that firstByte and took are known: when the response's head
	// and its end came, since at.
	timed           bool
	firstByte, took time.Duration
	// har is the entry that it was read from, and wire what our own export
	// says there; nil elsewhere.
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

// Notices returns what people should know about the import, once Write has
// been called.
func (r *Recording) Notices() []Notice { return r.notices.list }

// Read reads the recording data. Name is for errors, which begin with it and a
// line.
func Read(name string, data []byte, o Options) (*Recording, error) {
	r := &Recording{o: o, Header: cassettes.Header{Source: "imported", Redaction: o.Redact.Names()}}
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
	if r.Header.Upstream == "" {
		r.Header.Upstream = r.upstream()
	}
	return r, nil
}

// read finds out what data is, and reads it.
func (r *Recording) read(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
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
		return v.errorf("this is a list, as VCR 1 for Ruby wrote it; play it with VCR 2 or later, which writes http_interactions")
	}
	return v.errorf("it has neither http_interactions (Ruby VCR), nor interactions (vcrpy), nor a log (HAR)")
}

// readInteractions reads a cassette of vcrpy, which go-vcr's look like.
func (r *Recording) readInteractions(v value) error {
	if v.kind() == list && len(v.elements()) > 0 && v.elements()[0].lookup("request").has("url") {
		return v.errorf("this is a cassette of go-vcr, which needs no import: replay serves it, and cassette fmt --from vcr makes one of ours of it")
	}
	r.Format = "vcrpy"
	return r.readVCR(v)
}

// define replaces what is defined in e.
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

// order sorts the exchanges by their beginning, where all of them have one, or,
// where we exported them, by their ids.
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
