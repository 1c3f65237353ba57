package rule

import "bytes"

// pattern is a path with "{}" for segments that do not count.
type pattern struct {
	text     string
	segments []string
}

// covers reports whether a path is of the pattern's form.
func (p *pattern) covers(path []byte) bool {
	for i, want := range p.segments {
		segment := path
		end := bytes.IndexByte(path, '/')
		if last := i == len(p.segments)-1; last != (end < 0) {
			return false
		}
		if end >= 0 {
			segment, path = path[:end], path[end+1:]
		}
		if want != "{}" && string(segment) != want {
			return false
		}
	}
	return true
}
