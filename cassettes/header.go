package cassettes

import (
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/yamltext"
)

// Header is the block at the head of a cassette, before its interactions. It
// says where, when and under which rules they were recorded.
type Header struct {
	Recorded  time.Time // zero with `--times none`
	Upstream  string    // address the recorder dialled
	API       API
	Source    string   // SourceRecorded, SourceTranscribed or SourceImported
	Redaction []string // names of the rules in force while recording
	Salt      string   // of the tags that tell masked secrets apart, see NewSalt; "": none are made
	Match     *Match   // nil: defaults
}

// Words of Header.Source. A cassette without the key is SourceRecorded.
const (
	SourceRecorded    = "recorded"    // its bytes crossed the wire
	SourceTranscribed = "transcribed" // written after a document
	SourceImported    = "imported"    // made from a file of another tool
)

// API labels a cassette with the interface it shows.
type API struct {
	Product string // free-form, as "docker"
	Version string // free-form, as "1.41"
}

// Match lists the parts of a request that must equal those of a recorded one, in
// the words of replay's flags, which docs/matching.md explains.
type Match struct {
	By           []string `json:"by,omitempty"`            // method, path, query, body, …
	IgnorePath   []string `json:"ignore_path,omitempty"`   // patterns of paths; {} is any one segment, ** any number
	IgnoreQuery  []string `json:"ignore_query,omitempty"`  // names of query parameters, or name:$.path in JSON
	IgnoreHeader []string `json:"ignore_header,omitempty"` // names of fields
	IgnoreForm   []string `json:"ignore_form,omitempty"`   // names of fields of forms
	IgnoreJSON   []string `json:"ignore_json,omitempty"`   // paths of values in JSON bodies
	APIVersion   string   `json:"api_version,omitempty"`   // exact, any, or a version such as 1.24
}

// format is the version of the keys under wire.
const format = 1

// appendHeader appends everything before the first item.
func appendHeader(dst []byte, h *Header) []byte {
	dst = append(dst, "---\nversion: 2\nwire:\n  format: 1\n"...)
	if !h.Recorded.IsZero() {
		dst = append(dst, "  recorded: "...)
		dst = append(h.Recorded.UTC().AppendFormat(dst, time.RFC3339Nano), '\n')
	}
	if h.Upstream != "" {
		dst = appendText(append(dst, "  upstream: "...), h.Upstream)
		dst = append(dst, '\n')
	}
	if h.API != (API{}) {
		dst = appendText(append(dst, "  api: {product: "...), h.API.Product)
		dst = appendText(append(dst, ", version: "...), h.API.Version)
		dst = append(dst, "}\n"...)
	}
	dst = appendText(append(dst, "  source: "...), h.Source)
	dst = appendTexts(append(dst, "\n  redaction: "...), h.Redaction)
	dst = append(dst, '\n')
	if h.Salt != "" {
		dst = append(appendText(append(dst, "  salt: "...), h.Salt), '\n')
	}
	if h.Match != nil {
		dst = appendMatch(dst, h.Match)
	}
	return append(dst, "interactions:\n"...)
}

func appendMatch(dst []byte, m *Match) []byte {
	at := len(dst)
	dst = append(dst, "  match:\n"...)
	empty := len(dst)
	for _, list := range m.lists() {
		if len(*list.values) > 0 {
			dst = append(append(append(dst, "    "...), list.key...), ": "...)
			dst = append(appendTexts(dst, *list.values), '\n')
		}
	}
	if m.APIVersion != "" {
		dst = append(appendText(append(dst, "    api_version: "...), m.APIVersion), '\n')
	}
	if len(dst) == empty {
		return append(dst[:at], "  match: {}\n"...)
	}
	return dst
}

// matchList is a key of the match block with its place in a Match.
type matchList struct {
	key    string
	values *[]string
}

func (m *Match) lists() []matchList {
	return []matchList{
		{"by", &m.By},
		{"ignore_path", &m.IgnorePath},
		{"ignore_query", &m.IgnoreQuery},
		{"ignore_header", &m.IgnoreHeader},
		{"ignore_form", &m.IgnoreForm},
		{"ignore_json", &m.IgnoreJSON},
	}
}

func appendText(dst []byte, s string) []byte {
	return yamltext.AppendScalar(dst, []byte(s))
}

func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendText(dst, s)
	}
	return append(dst, ']')
}

// NewSalt returns a random salt for the Header of a new cassette: 16 bytes in hex.
func NewSalt() string { return redact.NewSalt() }

// SaltOf returns the salt of the cassette at path, or "" where none is found. A
// recording that takes its place keeps it, so that secrets keep their tags: each
// further salt would give away more of them.
func SaltOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	start := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, start) // a shorter file is no matter
	if m := saltLine.FindSubmatch(start[:n]); m != nil {
		return string(m[1])
	}
	return ""
}

// saltLine matches the line of a header with the salt, and what stands before it.
var saltLine = regexp.MustCompile(`^---\nversion: 2\nwire:\n(?:  .*\n)*?  salt: "?([0-9a-f]{32})"?\n`)

// sameRules reports whether both headers were recorded under the same rules.
func sameRules(a, b *Header) bool {
	return slices.Equal(a.Redaction, b.Redaction)
}

// tagger makes the tags that tell masked secrets apart.
type tagger struct {
	salt string // of the header; "": it makes none
	of   redact.Tags
}

// goOn takes over the salt and the tags of the cassette that is appended to.
func (t *tagger) goOn(c *Cassette) error {
	if t.salt = c.Header.Salt; t.salt == "" {
		return nil
	}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			return err
		}
		for tag := range it.Tags() {
			t.of.Add(tag)
		}
	}
	return nil
}
