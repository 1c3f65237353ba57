package matchers

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// unpackMax is how many bytes zstd may keep of a body while it is decoded.
const unpackMax = 64 << 20

// unpack returns what a reader's bytes decode to, or nil where they are packed
// neither with gzip nor with zstd. The first bytes tell.
func unpack(b *bufio.Reader) io.Reader {
	magic, _ := b.Peek(4)
	switch {
	case strings.HasPrefix(string(magic), "\x1f\x8b"):
		if z, err := gzip.NewReader(b); err == nil {
			return z
		}
	case string(magic) == "\x28\xb5\x2f\xfd":
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(unpackMax), zstd.WithDecoderMaxWindow(unpackMax))
		if err == nil {
			return z.IOReadCloser()
		}
	}
	return nil
}

// decoded returns the content of a body with a Content-Encoding, or the zero
// content where that is none that is known.
func (c content) decoded() content {
	switch strings.ToLower(strings.TrimSpace(c.header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip", "zstd":
		return content{c.header, c.openUnpacked}
	}
	return content{}
}

// plain returns the decoded content, or c where there is none.
func (c content) plain() content {
	d := c.decoded()
	if d.open == nil {
		return c
	}
	if _, err := d.sum(copyBody); err != nil {
		return c
	}
	return d
}

// openUnpacked opens the body decoded. It fails with errForm where it is not packed.
func (c content) openUnpacked() (io.ReadCloser, error) {
	body, err := c.open()
	if err != nil {
		return nil, err
	}
	z := unpack(bufio.NewReader(body))
	if z == nil {
		body.Close()
		return nil, errForm
	}
	return unpacked{z, body}, nil
}

// unpacked is a decoder with the body that it reads.
type unpacked struct {
	io.Reader
	body io.Closer
}

func (u unpacked) Close() error {
	if z, ok := u.Reader.(io.Closer); ok {
		z.Close() // of a decoder: it has nothing to flush
	}
	return u.body.Close()
}

// packed reads bodies that are gzip or zstd files, without a Content-Encoding.
// The clock and the level of the packer do not count.
type packed struct{}

func (packed) write(w io.Writer, _ http.Header, body io.Reader) error {
	z := unpack(bufio.NewReader(body))
	if z == nil {
		return errForm
	}
	if c, ok := z.(io.Closer); ok {
		defer c.Close()
	}
	if err := copyBody(w, z); err != nil {
		return errForm // broken: its bytes are compared
	}
	return nil
}

func (packed) diff(live, recorded content) []line {
	return diffBytes(content{live.header, live.openUnpacked}, content{recorded.header, recorded.openUnpacked})
}
