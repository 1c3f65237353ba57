package importer

import (
	"encoding/base64"
	"strings"
)

// encode returns the original bytes of s, which a recorder wrote in UTF-8, and
// reports whether the encoding is known. The names are those of Ruby and MIME.
func encode(s, encoding string) (b []byte, ok bool) {
	switch strings.ToUpper(encoding) {
	case "", "UTF-8", "UTF8", "US-ASCII", "ASCII", "ASCII-8BIT", "BINARY":
		return []byte(s), true
	case "ISO-8859-1", "ISO8859-1", "LATIN1":
		for _, c := range s {
			if c > 0xff {
				return []byte(s), false
			}
			b = append(b, byte(c))
		}
		return b, true
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return []byte(s), false
		}
	}
	return []byte(s), true
}

// decodeBase64 decodes text that may be broken into lines.
func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
}
