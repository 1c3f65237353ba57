package matchers

import (
	"archive/tar"
	"bufio"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Tar returns a Matcher of requests whose bodies are tar archives, packed with gzip
// or zstd or not, with the same entries: names, kinds, link targets and contents. Times,
// owners, modes and the order of entries do not count: they come from the
// machine that packed the archive, as in build contexts and docker cp. Other
// bodies are compared byte for byte.
func Tar() Matcher { return bodies{tarball{}} }

// fileKind is the kind of a piece that is a regular file.
const fileKind = "file"

// entries reads the entries of an archive, in order of their names. Entries of
// one name stay in their order, because the last one wins. It keeps the
// beginnings of their contents, up to keep bytes.
func entries(_ http.Header, body io.Reader, keep int) ([]piece, error) {
	b := bufio.NewReaderSize(body, 64<<10)
	if z := unpack(b); z != nil {
		if c, ok := z.(io.Closer); ok {
			defer c.Close()
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
		p, err := entry(h, r, keep)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b piece) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

func entry(h *tar.Header, r io.Reader, keep int) (piece, error) {
	sum := sha256.New()
	kept := beginning{max: keep}
	if _, err := io.Copy(io.MultiWriter(sum, &kept), r); err != nil {
		return piece{}, fmt.Errorf("%w: %w", errForm, err)
	}
	kind := fileKind
	if h.Typeflag != tar.TypeReg {
		kind = fmt.Sprintf("%c %s", h.Typeflag, h.Linkname)
	}
	return piece{strings.TrimPrefix(h.Name, "./"), kind, h.Size, string(sum.Sum(nil)), kept.data}, nil
}

// tarball reads bodies as tar archives.
type tarball struct{}

func (tarball) write(w io.Writer, h http.Header, body io.Reader) error {
	all, err := entries(h, body, 0)
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
