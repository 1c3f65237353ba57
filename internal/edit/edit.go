// Package edit makes cassettes from the interactions of other cassettes.
//
//	pulls := edit.Selection{Paths: …}
//	n, err := edit.Keep("run.yaml", pulls.Has)
//
// Interactions and sessions are numbered anew, from 0 and without gaps. The
// files beside a cassette follow. A cassette changes completely or not at all.
package edit

import (
	"errors"
	"fmt"
	"os"

	"github.com/wiretape/wiretape/cassettes"
)

// ErrNone reports a selection without any of the cassette's interactions.
var ErrNone = errors.New("none of its interactions is selected")

// Keep removes all interactions from the cassette at path for which selected
// reports false. It returns the number of interactions that it kept and that
// it removed. Where selected reports true for none, it changes nothing and
// returns ErrNone.
func Keep(path string, selected func(cassettes.Entry) bool) (kept, gone int, err error) {
	return keep(path, selected, selected)
}

// Drop removes all interactions for which selected reports true. Otherwise it
// is like Keep.
func Drop(path string, selected func(cassettes.Entry) bool) (kept, gone int, err error) {
	return keep(path, selected, not(selected))
}

func keep(path string, selected, stays func(cassettes.Entry) bool) (kept, gone int, err error) {
	c, err := open(path, selected)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	kept = count(c, stays)
	if kept == c.Len() {
		return kept, 0, nil
	}
	return kept, c.Len() - kept, write(path, c.Header, true, []source{{c, stays}})
}

// CopyKept writes the interactions that Keep would keep of the cassette from
// to a new cassette at path to. It returns their number.
func CopyKept(from, to string, overwrite bool, selected func(cassettes.Entry) bool) (int, error) {
	return copyTo(from, to, overwrite, selected, selected)
}

// CopyDropped writes the interactions that Drop would keep, like CopyKept.
func CopyDropped(from, to string, overwrite bool, selected func(cassettes.Entry) bool) (int, error) {
	return copyTo(from, to, overwrite, selected, not(selected))
}

func copyTo(from, to string, overwrite bool, selected, stays func(cassettes.Entry) bool) (int, error) {
	c, err := open(from, selected)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n := count(c, stays)
	return n, write(to, c.Header, overwrite, []source{{c, stays}})
}

func not(f func(cassettes.Entry) bool) func(cassettes.Entry) bool {
	return func(e cassettes.Entry) bool { return !f(e) }
}

// Split moves the interactions for which move reports true from the cassette
// from to a new cassette at path to. It returns the number of interactions
// that it moved and that stayed. Nothing moves where one of the two would be
// empty.
func Split(from, to string, overwrite bool, move func(cassettes.Entry) bool) (moved, stayed int, err error) {
	if sameFile(from, to) {
		return 0, 0, fmt.Errorf("split %s: %s is the same file; name another one to move interactions to, or see cassette keep", from, to)
	}
	c, err := open(from, move)
	if err != nil {
		return 0, 0, err
	}
	moved = count(c, move)
	stayed = c.Len() - moved
	if stayed == 0 {
		err = fmt.Errorf("%s: all of its %d interactions are selected, and none would stay", from, moved)
	} else {
		// If the second half fails, interactions stand in both cassettes, and
		// none is lost.
		err = write(to, c.Header, overwrite, []source{{c, move}})
	}
	if err := errors.Join(err, c.Close()); err != nil {
		return 0, 0, err
	}
	_, _, err = Drop(from, move)
	return moved, stayed, err
}

// sameFile reports whether two paths lead to one file that exists.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// Merge writes the interactions of cassettes, one after the other, to a new
// cassette at path. The sessions of each cassette stay apart, because each
// cassette numbers its own reads. See SameSalts for the tags of masked secrets.
func Merge(path string, overwrite bool, all []*cassettes.Cassette) error {
	h, err := mergeHeaders(all)
	if err != nil {
		return err
	}
	var sources []source
	for _, c := range all {
		if err := c.Rewritable(); err != nil {
			return err
		}
		sources = append(sources, source{c, everything})
	}
	return write(path, h, overwrite, sources)
}

func everything(cassettes.Entry) bool { return true }

// open opens a cassette for a change. It fails where selected reports true for
// none of its interactions.
func open(path string, selected func(cassettes.Entry) bool) (*cassettes.Cassette, error) {
	c, err := cassettes.OpenFile(path)
	if err != nil {
		return nil, err
	}
	err = c.Rewritable()
	if err == nil && count(c, selected) == 0 {
		err = fmt.Errorf("%s: %w (there are %d)", path, ErrNone, c.Len())
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func count(c *cassettes.Cassette, want func(cassettes.Entry) bool) (n int) {
	for i := range c.Len() {
		if want(c.Entry(i)) {
			n++
		}
	}
	return n
}

// source is a cassette with a selection of its interactions.
type source struct {
	c    *cassettes.Cassette
	want func(cassettes.Entry) bool
}

// write writes the selected interactions of the sources, in order. If go-vcr
// wrote all of them, their lines stay as they are, so that go-vcr still plays them.
func write(path string, h cassettes.Header, overwrite bool, sources []source) error {
	var excerpts []cassettes.Excerpt
	for _, s := range sources {
		if s.c.IsGoVCRs() {
			excerpts = append(excerpts, cassettes.Excerpt{From: s.c, Has: s.want})
		}
	}
	switch len(excerpts) {
	case 0:
	case len(sources):
		return cassettes.CopyVerbatim(path, overwrite, excerpts)
	default:
		return fmt.Errorf("write cassette %s: go-vcr wrote %s, and wiretape others; "+
			"cassette fmt --from vcr makes a cassette of wiretape of it", path, excerpts[0].From.Name)
	}
	return cassettes.Rewrite(path, h, overwrite, func(w *cassettes.Writer) error {
		id, session := 0, -1
		for _, s := range sources {
			last := -1 // the session that the source's interactions are in
			for i := range s.c.Len() {
				e := s.c.Entry(i)
				if !s.want(e) {
					continue
				}
				if e.Session != last {
					last = e.Session
					session++
				}
				if err := put(w, s.c, i, id, session, h.Salt); err != nil {
					return err
				}
				id++
			}
		}
		return nil
	})
}

// put appends interaction i of c to w under an id and session of its own. Tags made
// under another salt than the new cassette's are left out.
func put(w *cassettes.Writer, c *cassettes.Cassette, i, id, session int, salt string) error {
	it, err := c.Interaction(i)
	if err != nil {
		return err
	}
	it.ID, it.Session = id, session
	if c.Header.Salt != salt {
		it.ClearTags()
	}
	if err := w.Adopt(it); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	return w.Append(it)
}
