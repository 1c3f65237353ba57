package target

// PathAndQuery returns a target without its authority.
func PathAndQuery(url string) string {
	authority, path, query := Cut(url)
	switch {
	case path == "":
		return authority
	case query == "":
		return path
	}
	return path + "?" + query
}
