package replay

import (
	"bytes"
	"slices"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/issued"
)

// Bind says what becomes of values that the server issued while it was
// recorded: ids, upload locations.
type Bind int

const (
	// BindAll lets clients exchange what they were issued, when a request tells
	// that one was taken for another, and guesses where that cannot be told.
	BindAll Bind = iota
	// BindSure does not guess: such a request is a miss.
	BindSure
	// BindNone takes issued values for what they are: parts of a request.
	BindNone
)

// valueReader reads from the cassettes which values were issued. Nil is a
// reader that reads nothing.
type valueReader struct {
	index  *index
	reader issued.Reader
	masked []byte
}

// newValueReader returns a reader for what an index holds, or nil where nothing
// can have been issued: no request that changes anything has one after it.
func (x *index) newValueReader(b Bind) *valueReader {
	if b == BindNone {
		return nil
	}
	changed := false
	for _, c := range x.cassettes {
		for i := range c.Len() {
			e := c.Entry(i)
			if changed && e.Method != "" {
				return &valueReader{index: x}
			}
			changed = changed || isUnsafe(e.Method)
		}
	}
	return nil
}

// isUnsafe reports whether requests of that method may change something (RFC
// 9110 section 9.2.1).
func isUnsafe(method string) bool {
	switch method {
	case "", "GET", "HEAD", "OPTIONS", "TRACE":
		return false
	}
	return true
}

// key takes in what a request is found by, and returns it masked.
func (v *valueReader) key(pos int32, key []byte) []byte {
	if v == nil {
		return key
	}
	v.masked = v.reader.Request(pos, v.masked[:0], key)
	return v.masked
}

// read takes in the rest of an interaction that may have changed something. One
// that cannot be read is reported when it is to be played.
func (v *valueReader) read(pos, group int32, method string) {
	if v == nil || !isUnsafe(method) {
		return
	}
	it, err := v.index.item(pos)
	if err != nil || it.Request == nil {
		return
	}
	if data, ok := documentOf(&it.Request.Body); ok {
		v.masked = v.reader.Request(pos, v.masked[:0], data)
	}
	if it.Response != nil {
		data, _ := documentOf(&it.Response.Body)
		v.reader.Response(pos, group, it.Response.Head, data)
	}
}

// documentOf returns a body that may be a JSON document with values in it.
func documentOf(b *cassettes.Body) (data []byte, ok bool) {
	if b.Size() == 0 || b.Size() > issued.DocumentMax {
		return nil, false
	}
	data, err := dataOf(b)
	if err != nil || bytes.IndexByte([]byte("{[ \t\r\n"), data[0]) < 0 {
		return nil, false
	}
	return data, true
}

// stories returns the stories of what was issued, or nil where nothing was.
func (v *valueReader) stories(b Bind) *stories {
	if v == nil {
		return nil
	}
	book := v.reader.Book()
	if book.Empty() {
		return nil
	}
	s := &stories{Stories: issued.NewStories(book), index: v.index, bind: b, kinds: map[kindOf]kind{}}
	v.index.carry(book)
	return s
}

// carry prepares the groups for requests that carry issued values.
func (x *index) carry(book *issued.Book) {
	carriers := book.Carriers()
	for i := range x.groups {
		g := &x.groups[i]
		if g.more == nil && len(carriers[g.first]) > 0 {
			g.more = newEquals(g.first)
		}
		if g.more != nil {
			g.more.carries = slices.ContainsFunc(g.more.all, func(pos int32) bool { return len(carriers[pos]) > 0 })
		}
	}
}

// own replaces the host that a request went to, where it is a value of its key's
// query: a registry is asked to mount from itself.
const own = "<own>"

// appendOwn appends a key to dst with its request's host as own.
func appendOwn[T ~[]byte | ~string](dst, key []byte, host T) []byte {
	at := bytes.IndexByte(key, '?') + 1
	for at > 0 && len(host) > 0 {
		i := indexValue(key[at:], host)
		if i < 0 {
			break
		}
		dst = append(append(dst, key[:at+i]...), own...)
		key, at = key[at+i+len(host):], 1
	}
	return append(dst, key...)
}

// indexValue returns where a pair of a query that target.AppendQuery made has
// that value, or -1.
func indexValue[T ~[]byte | ~string](query []byte, value T) int {
	for from := 0; ; {
		i := bytes.IndexByte(query[from:], '=') + 1
		if i == 0 {
			return -1
		}
		from += i
		end := from + len(value)
		if end < len(query) && query[end] == '&' && string(query[from:end]) == string(value) {
			return from
		}
	}
}
