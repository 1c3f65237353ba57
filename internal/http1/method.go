package http1

// IsSafe reports whether requests of a method are safe: they ask for nothing to
// change (RFC 9110 section 9.2.1). Methods that the RFC does not define are not.
func IsSafe[S ~string | ~[]byte](method S) bool {
	switch string(method) {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}
