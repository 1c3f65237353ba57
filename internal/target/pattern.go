package target

import (
	"bytes"
	"strings"
)

// Pattern is a path with "{}" for segments, and "**" for any number of segments,
// that do not count.
type Pattern struct {
	Text     string // as AppendPath writes it
	segments []string
}

// ParsePattern returns the pattern of a path.
func ParsePattern(path string) Pattern {
	text := string(AppendPath(nil, path))
	return Pattern{text, strings.Split(text, "/")}
}

// IsPattern reports whether a path has a segment that does not count.
func IsPattern(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "{}" || segment == "**" {
			return true
		}
	}
	return false
}

// Covers reports whether a path that AppendPath made is of the pattern's form.
func (p *Pattern) Covers(path []byte) bool { return covers(p.segments, path, false) }

// covers reports whether the segments of a pattern cover those of path. Over says
// that the path has no segment left, not even an empty one.
func covers(segments []string, path []byte, over bool) bool {
	for i, want := range segments {
		if want == "**" {
			return coversRest(segments[i+1:], path, over)
		}
		if over {
			return false
		}
		segment := path
		if end := bytes.IndexByte(path, '/'); end >= 0 {
			segment, path = path[:end], path[end+1:]
		} else {
			path, over = nil, true
		}
		if want != "{}" && string(segment) != want {
			return false
		}
	}
	return over
}

// coversRest reports whether the segments cover some end of path.
func coversRest(segments []string, path []byte, over bool) bool {
	if len(segments) == 0 {
		return true
	}
	for !over {
		if covers(segments, path, false) {
			return true
		}
		_, rest, more := bytes.Cut(path, []byte{'/'})
		path, over = rest, !more
	}
	return covers(segments, nil, true)
}
