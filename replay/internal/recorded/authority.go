package recorded

import "bytes"

// urlFields are the fields that hold URLs of the server's own (RFC 9110
// sections 8.7, 10.2.2 and 11.6.1, RFC 8288).
var urlFields = []string{"location", "content-location", "link", "refresh", "www-authenticate"}

// ReplaceHost returns a head with another host in the URLs of one, and reports
// whether there are any.
func ReplaceHost(head, from, to []byte) (replaced []byte, found bool) {
	if len(from) == 0 {
		return head, false
	}
	for line := range bytes.Lines(head) {
		name, _, _ := bytes.Cut(line, []byte{':'})
		for _, field := range urlFields {
			if bytes.EqualFold(name, []byte(field)) {
				var n int
				line, n = replaceAuthority(line, from, to)
				found = found || n > 0
			}
		}
		replaced = append(replaced, line...)
	}
	return replaced, found
}

// PlainURL is how URLs begin that replay can answer.
const PlainURL = "http://"

// replaceAuthority replaces an authority in each URL that is plain HTTP, and
// returns how many.
func replaceAuthority(line, from, to []byte) (replaced []byte, n int) {
	mark := append([]byte(PlainURL), from...)
	for {
		i := bytes.Index(line, mark)
		if i < 0 {
			return append(replaced, line...), n
		}
		end := i + len(mark)
		replaced = append(replaced, line[:i+len(PlainURL)]...)
		if end == len(line) || bytes.IndexByte([]byte("/?#\"'>,; \r\n"), line[end]) >= 0 {
			replaced = append(replaced, to...)
			n++
		} else {
			replaced = append(replaced, from...)
		}
		line = line[end:]
	}
}
