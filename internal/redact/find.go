package redact

import (
	"bytes"
	"io"
	"iter"
)

// Finding is a range of bytes that looks like a secret and is not masked.
type Finding struct {
	Off  int64 // offset of its first byte
	Len  int   // in bytes, at most 4 KiB
	Line int   // line in which it begins, from 1
	Kind Kind  // reason for the finding
}

// Kind tells why a Finding looks like a secret, in words for people.
type Kind string

// Kinds of findings.
const (
	KindHeader      Kind = "secret header field"
	KindKey         Kind = "value of a secret key"
	KindRandom      Kind = "random value of a secret-looking name"
	KindCredentials Kind = "HTTP credentials"
	KindJWT         Kind = "signed JWT"
	KindAuthConfig  Kind = "registry credentials in base64"
	KindUserinfo    Kind = "password in a URL"
	KindToken       Kind = "access token"
	KindAWSKey      Kind = "AWS access key"
	KindPrivateKey  Kind = "private key"
)

// maxMatch is the number of bytes that a detector sees.
const maxMatch = 4 << 10

// Find returns the ranges of b that look like secrets. b is text of any kind:
// heads, JSON, a YAML cassette with its quoting, a log.
func Find(b []byte) []Finding {
	var found []Finding
	for f := range Scan(bytes.NewReader(b)) {
		found = append(found, f)
	}
	return found
}

// Scan yields the findings of Find in everything that r gives, in bounded
// memory. An error of r other than io.EOF ends the sequence.
func Scan(r io.Reader) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		f := finder{line: 1}
		buf := make([]byte, 0, 64<<10+maxMatch)
		for {
			var err error
			for err == nil && len(buf) < cap(buf) {
				var n int
				n, err = r.Read(buf[len(buf):cap(buf)])
				buf = buf[:len(buf)+n]
			}
			limit := len(buf)
			// A finding that begins near the end of the window is left for the
			// next one, which shows all of it.
			if err == nil {
				limit -= maxMatch
			}
			if !f.scan(buf, limit, yield) {
				return
			}
			if err != nil {
				if err != io.EOF {
					yield(Finding{}, err)
				}
				return
			}
			f.off += int64(limit)
			f.before = buf[limit-1]
			buf = buf[:copy(buf, buf[limit:])]
		}
	}
}

// finder looks for secrets in a window that moves over a text.
type finder struct {
	off    int64 // of the window's first byte
	before byte  // the byte before the window, 0 at the start
	line   int   // of the window's first byte, then of byte counted
	until  int64 // where the last finding ended; none overlap
}

// scan reports the findings that begin in b[:limit], each seen with the next
// maxMatch bytes, if there are as many.
func (f *finder) scan(b []byte, limit int, yield func(Finding, error) bool) bool {
	counted := 0
	for i := 0; i < limit; {
		c := b[i]
		if !isTrigger[c] {
			i++
			continue
		}
		prev := f.before
		if i > 0 {
			prev = b[i-1]
		}
		// The word began before the window or before this byte, and was looked
		// at from its beginning.
		if isWordByte[c] && isWordByte[prev] {
			i += wordLen(b[i:limit])
			continue
		}
		m := detect(b[i:min(len(b), i+maxMatch)], prev)
		at := f.off + int64(i+m.from)
		if m.kind != "" && at >= f.until {
			f.line += bytes.Count(b[counted:i+m.from], []byte("\n"))
			counted = i + m.from
			f.until = at + int64(m.to-m.from)
			if !yield(Finding{at, m.to - m.from, f.line, m.kind}, nil) {
				return false
			}
		}
		i += max(m.skip, 1)
	}
	// The value of a name in the window may begin beyond the limit.
	if counted < limit {
		f.line += bytes.Count(b[counted:limit], []byte("\n"))
	} else {
		f.line -= bytes.Count(b[limit:counted], []byte("\n"))
	}
	return true
}

// match is the result of a detector.
type match struct {
	from, to int
	kind     Kind // "" for nothing
	skip     int  // bytes that need no second look
}

// isWordByte marks the bytes of names and tokens.
var isWordByte = base64url

// isTrigger marks the bytes at which a detector looks. Names and known tokens
// do not begin with a digit.
var isTrigger = func() [256]bool {
	t := isWordByte
	for c := '0'; c <= '9'; c++ {
		t[c] = false
	}
	t[':'] = true
	return t
}()

func wordLen(b []byte) int { return runLen(b) }
