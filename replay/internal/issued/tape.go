package issued

import (
	"hash/maphash"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/tape"
)

// ReadTape returns the book of a tape, or nil where no two clients could have been
// issued each other's values. Key returns the key of a recorded request; it is
// called by one goroutine at a time.
//
// Bodies are read only where that is needed: most recordings have no two unsafe
// requests alike, or none that carries a token of a response.
func ReadTape(t *tape.Tape, key func(cassettes.Entry) []byte) *Book {
	r := tapeReader{t, key}
	if !r.maySwap() || !r.mayCarry() {
		return nil
	}
	if b := r.book(); !b.Empty() {
		return b
	}
	return nil
}

type tapeReader struct {
	tape *tape.Tape
	key  func(cassettes.Entry) []byte
}

// book reads which values were issued.
func (r *tapeReader) book() *Book {
	var reader Reader
	tape.ReadAll(r.tape.Len(), r.read, func(pos int, i issuing) {
		e := r.tape.Entry(int32(pos))
		if e.Method == "" {
			return
		}
		key := r.key(e)
		reader.Key(int32(pos), key)
		reader.Body(int32(pos), i.body)
		if i.answered {
			reader.Response(int32(pos), key, i.shown)
		}
	})
	return reader.Book()
}

// maySwap reports whether anything could be swapped: only values that requests of
// one class issued can. Two classes with one hash count as one, which costs time
// and no more.
func (r *tapeReader) maySwap() bool {
	classes := map[uint64]bool{}
	seed := maphash.MakeSeed()
	var class []byte
	for pos := range int32(r.tape.Len()) {
		e := r.tape.Entry(pos)
		if !isUnsafe(e.Method) {
			continue
		}
		class = AppendClass(class[:0], r.key(e))
		k := maphash.Bytes(seed, class)
		if classes[k] {
			return true
		}
		classes[k] = true
	}
	return false
}

// mayCarry reports whether a request could carry a token that a response showed
// first.
func (r *tapeReader) mayCarry() bool {
	var p Prospect
	var text cassettes.Preview
	for pos := range int32(r.tape.Len()) {
		e := r.tape.Entry(pos)
		if e.Method == "" {
			continue
		}
		p.Key(r.key(e))
		if isUnsafe(e.Method) {
			if c, i := r.tape.Locate(pos); !c.Preview(i, &text) {
				return true
			}
			p.Body(text.RequestBody)
			p.Response(text.Response, text.ResponseBody)
		}
		if p.Found() {
			return true
		}
	}
	return false
}

// isUnsafe reports whether requests of that method may change something (RFC
// 9110 section 9.2.1).
func isUnsafe(method string) bool { return method != "" && !http1.IsSafe(method) }

// issuing has the parts of an unsafe interaction in which values are issued and
// carried.
type issuing struct {
	body     []byte // of the request: its start
	shown    []Shown
	answered bool
}

// read reads an interaction, if it is unsafe. An error comes again when it is to be
// played.
func (r *tapeReader) read(pos int) (i issuing) {
	if !isUnsafe(r.tape.Entry(int32(pos)).Method) {
		return i
	}
	it, err := r.tape.Item(int32(pos))
	if err != nil || it.Request == nil {
		return i
	}
	i.body, _ = recorded.BodyStart(&it.Request.Body, DocumentMax)
	if it.Response == nil {
		return i
	}
	i.answered = true
	var body []byte
	if it.Response.Body.Size() <= DocumentMax {
		body, _ = recorded.BodyStart(&it.Response.Body, DocumentMax) // none is as good as one that cannot be read
	}
	i.shown = Show(it.Response.Head, body)
	return i
}
