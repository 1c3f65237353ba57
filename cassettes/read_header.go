package cassettes

import (
	"time"

	"github.com/wiretape/wiretape/cassettes/internal/decode"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// headerReader reads the header of a cassette.
type headerReader struct{ *decode.Reader }

func (c *Cassette) headerReader(t *yamltext.Tree) *headerReader {
	return &headerReader{&decode.Reader{Values: decode.Values{Tree: t, From: &c.source}}}
}

// buildHeader fills in the header from the mapping at the top of the file.
func (c *Cassette) buildHeader(t *yamltext.Tree, at int) error {
	b := c.headerReader(t)
	var interactions, ruby bool
	c.source.Version = 2
	b.Keys(at, "cassette", func(key string, v int) bool {
		switch key {
		case "version":
			c.source.Version = b.version(v)
		case "wire":
			c.Header = b.header(v)
		case "interactions":
			interactions = true
			if first := t.First(v); first != 0 {
				b.mustBeGoVCR(first)
			}
		case "http_interactions":
			ruby = true
		}
		return true
	})
	switch {
	case b.Err != nil:
	case ruby && !interactions:
		b.Fail(at, "this is a cassette of Ruby's VCR; cassette import makes one of ours of it")
	case !interactions:
		b.Fail(at, `not a cassette: it has no key "interactions"`)
	}
	return b.Err
}

// version returns the version of go-vcr's format. The first one, of its v1 and
// v2, knows less of each message: see vcrMessage.
func (b *headerReader) version(at int) int64 {
	v := b.IntAt(at)
	if b.Err == nil && v != 1 && v != 2 {
		b.Fail(at, "want version 1 or 2 of go-vcr's format, found version %d", v)
	}
	return v
}

// mustBeGoVCR fails where an interaction is one of Python's vcrpy, whose files
// begin like go-vcr's.
func (b *headerReader) mustBeGoVCR(at int) {
	request := b.Lookup(at, "request")
	if request != 0 && b.Lookup(request, "uri") != 0 && b.Lookup(request, "url") == 0 {
		b.Fail(request, "this is a cassette of vcrpy; cassette import makes one of ours of it")
	}
}

// header makes the header of the block wire.
func (b *headerReader) header(at int) (h Header) {
	version := b.Lookup(at, "format")
	if version == 0 {
		b.Fail(at, "wire: want the key format")
		return h
	}
	if v := b.IntAt(version); b.Err == nil && v != format {
		b.Fail(version, "wire.format is %d, and this program reads %d; use a newer one", v, format)
	}
	h.Source = SourceRecorded // where it does not say
	b.Keys(at, "wire", func(key string, v int) bool {
		switch key {
		case "format":
		case "recorded":
			h.Recorded = b.time(v)
		case "upstream":
			h.Upstream = b.TextAt(v)
		case "api":
			h.API = b.api(v)
		case "source":
			h.Source = b.source(v)
		case "redaction":
			h.Redaction = b.TextsAt(v)
		case "salt":
			h.Salt = b.salt(v)
		case "match":
			h.Match = b.match(v)
		default:
			return false
		}
		return true
	})
	return h
}

func (b *headerReader) time(at int) time.Time {
	t, err := time.Parse(time.RFC3339Nano, b.TextAt(at))
	if err != nil {
		b.Fail(at, "want a time like 2026-11-20T23:55:13Z, not %s", b.Describe(at))
	}
	return t
}

func (b *headerReader) source(at int) string {
	s := b.TextAt(at)
	switch s {
	case SourceRecorded, SourceTranscribed, SourceImported:
	default:
		b.Fail(at, "want recorded, transcribed or imported as source, not %q", s)
	}
	return s
}

func (b *headerReader) salt(at int) string {
	s := b.TextAt(at)
	if _, err := redact.NewKey(s); err != nil {
		b.Fail(at, "%v", err)
	}
	return s
}

func (b *headerReader) api(at int) (a API) {
	b.Keys(at, "api", func(key string, v int) bool {
		switch key {
		case "product":
			a.Product = b.TextAt(v)
		case "version":
			a.Version = b.TextAt(v)
		default:
			return false
		}
		return true
	})
	return a
}

func (b *headerReader) match(at int) *Match {
	m := &Match{}
	b.Keys(at, "match", func(key string, v int) bool {
		if key == "api_version" {
			m.APIVersion = b.TextAt(v)
			return true
		}
		if key == "on" && b.Lookup(at, "by") == 0 {
			key = "by" // as the first recorders spelt it
		}
		for _, list := range m.lists() {
			if list.key == key {
				*list.values = b.TextsAt(v)
				return true
			}
		}
		return false
	})
	return m
}
