package target

// CutVersion splits a path into the API version that it begins with, "/v1.41"
// say, and the rest, which is empty or begins with a slash. The version has two
// numbers or more; it is empty where the path has none, as in "/v2/".
func CutVersion[T text](path T) (version, rest T) {
	if len(path) < 2 || path[0] != '/' || path[1] != 'v' {
		return version, path
	}
	end := index(path[1:], '/', '/', '/') + 1
	numbers := 1
	for i := len("/v"); i < end; i++ {
		switch c := path[i]; {
		case '0' <= c && c <= '9':
			continue
		// A dot needs a digit on both sides.
		case c != '.' || i == len("/v") || i+1 == end || path[i-1] == '.':
			return version, path
		}
		numbers++
	}
	// "/v2/" is the root of a registry's API and no version in front of a path.
	if numbers < 2 {
		return version, path
	}
	return path[:end], path[end:]
}

// IsVersion reports whether a segment of a path is a version in one of the
// usual forms: "v1", "v1.41", "4.0.0".
func IsVersion(segment string) bool {
	if segment != "" && segment[0] == 'v' {
		segment = segment[1:]
	}
	for i := range len(segment) {
		if c := segment[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return segment != ""
}
