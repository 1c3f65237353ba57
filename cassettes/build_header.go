package cassettes

import (
	"time"

	"github.com/wiretape/wiretape/internal/yamltext"
)

// buildHeader fills in the header from the mapping at the top of the file.
func (c *Cassette) buildHeader(t *yamltext.Tree, at int) error {
	b := &builder{Tree: t, from: &c.source}
	var interactions, foreign bool
	c.source.version = 2
	b.keys(at, "cassette", func(key string, v int) bool {
		switch key {
		case "version":
			c.source.version = b.version(v)
		case "wire":
			c.Header = b.header(v)
		case "interactions":
			interactions = true
			b.mustBeGoVCR(v)
		case "http_interactions":
			foreign = true
		}
		return true
	})
	switch {
	case b.err != nil:
	case foreign && !interactions:
		b.fail(at, "this is a cassette of Ruby's VCR; cassette import makes one of ours of it")
	case !interactions:
		b.fail(at, `not a cassette: it has no key "interactions"`)
	}
	return b.err
}

// version returns the version of go-vcr's format. The first one, of its v1 and
// v2, knows less of each message: see vcrMessage.
func (b *builder) version(at int) int64 {
	v := b.int(at)
	if b.err == nil && v != 1 && v != 2 {
		b.fail(at, "want version 1 or 2 of go-vcr's format, found version %d", v)
	}
	return v
}

// mustBeGoVCR fails where the interactions are those of Python's vcrpy, whose
// files begin like go-vcr's.
func (b *builder) mustBeGoVCR(list int) {
	for i := range b.Children(list) {
		request := b.Lookup(i, "request")
		if request != 0 && b.Lookup(request, "uri") != 0 && b.Lookup(request, "url") == 0 {
			b.fail(request, "this is a cassette of vcrpy; cassette import makes one of ours of it")
		}
		return
	}
}

// header makes the header of the block wire.
func (b *builder) header(at int) (h Header) {
	version := b.Lookup(at, "format")
	if version == 0 {
		b.fail(at, "wire: want the key format")
		return h
	}
	if v := b.int(version); b.err == nil && v != format {
		b.fail(version, "wire.format is %d, and this program reads %d; use a newer one", v, format)
	}
	h.Source = "recorded" // where it does not say
	b.keys(at, "wire", func(key string, v int) bool {
		switch key {
		case "format":
		case "recorded":
			h.Recorded = b.time(v)
		case "upstream":
			h.Upstream = b.text(v)
		case "api":
			h.API = b.api(v)
		case "source":
			h.Source = b.source(v)
		case "redaction":
			h.Redaction = b.texts(v)
		case "match":
			h.Match = b.match(v)
		default:
			return false
		}
		return true
	})
	return h
}

func (b *builder) time(at int) time.Time {
	t, err := time.Parse(time.RFC3339Nano, b.text(at))
	if err != nil {
		b.fail(at, "want a time like 2026-11-20T23:55:13Z, not %s", b.Describe(at))
	}
	return t
}

func (b *builder) source(at int) string {
	s := b.text(at)
	switch s {
	case "recorded", "transcribed", "imported":
	default:
		b.fail(at, "want recorded, transcribed or imported as source, not %q", s)
	}
	return s
}

func (b *builder) api(at int) (a API) {
	b.keys(at, "api", func(key string, v int) bool {
		switch key {
		case "product":
			a.Product = b.text(v)
		case "version":
			a.Version = b.text(v)
		default:
			return false
		}
		return true
	})
	return a
}

func (b *builder) match(at int) *Match {
	m := &Match{}
	b.keys(at, "match", func(key string, v int) bool {
		if key == "api_version" {
			m.APIVersion = b.text(v)
			return true
		}
		for _, list := range m.lists() {
			if list.key == key {
				*list.values = b.texts(v)
				return true
			}
		}
		return false
	})
	return m
}
