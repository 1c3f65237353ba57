package matchers

import (
	"archive/tar"
	"bufio"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Tar returns a Matcher of requests whose bodies are tar archives, gzipped or
// not, with the same entries: names, kinds, link targets and contents. Times,
// owners, modes and the order of entries do not count: they come from the
// machine that packed the archive, as in build contexts and docker cp. Other
// bodies are compared byte for byte.
func Tar() Matcher { return bodies{tarball{}} }

// entries reads the entries of an archive, in order of their names. Entries of
// one name stay in their order, because the last one wins.
func entries(_ http.Header, body io.Reader) ([]piece, error) {
	b := bufio.NewReaderSize(body, 64<<10)
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, errForm
		}
		b = bufio.NewReaderSize(z, 64<<10)
	}
	// archive/tar also reads a file of zeros as an empty archive, so the magic
	// of the first block is what tells a tar.
	if block, _ := b.Peek(512); len(block) < 512 || string(block[257:262]) != "ustar" {
		return nil, errForm
	}
	var all []piece
	for r := tar.NewReader(b); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		kind := "file"
		if h.Typeflag != tar.TypeReg {
			kind = fmt.Sprintf("%c %s", h.Typeflag, h.Linkname)
		}
		name := strings.TrimPrefix(h.Name, "./")
		all = append(all, piece{name, kind, h.Size, string(sum.Sum(nil))})
	}
	slices.SortStableFunc(all, func(a, b piece) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// tarball reads bodies as tar archives.
type tarball struct{}

func (tarball) write(w io.Writer, h http.Header, body io.Reader) error {
	all, err := entries(h, body)
	if err != nil {
		return err
	}
	for _, e := range all {
		if _, err := fmt.Fprintf(w, "%q %q %x\n", e.name, e.kind, e.sum); err != nil {
			return err
		}
	}
	return nil
}

func (tarball) diff(live, recorded content) []line {
	return diffPieces(live.pieces(entries), recorded.pieces(entries))
}
