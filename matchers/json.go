package matchers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/wiretape/wiretape/internal/jsondiff"
	"github.com/wiretape/wiretape/internal/meaning"
)

// JSON returns a Matcher of requests whose bodies are the same JSON. White
// space, the order of keys and the spelling of numbers do not count. Bodies
// that are not JSON are compared byte for byte.
//
// Values at the paths in ignore do not count: "$.HostConfig.Memory",
// "$.Mounts[0].Source", "$.Mounts[*].Source", `$.Labels["a.b"]`, "$.Env.*", or
// "$..Id" at any depth. Arrays keep their length: an ignored element still
// counts as one element. A path that CheckJSONPath refuses ignores nothing.
func JSON(ignore ...string) Matcher {
	return bodies{newJSONForm(ignore)}
}

// CheckJSONPath returns an error where path is not a path for [JSON], with the
// place where it goes wrong.
func CheckJSONPath(path string) error {
	_, err := meaning.ParsePath(path)
	return err
}

// jsonForm reads bodies as JSON.
type jsonForm struct{ ignore []meaning.Path }

func newJSONForm(ignore []string) jsonForm {
	var f jsonForm
	for _, s := range ignore {
		if p, err := meaning.ParsePath(s); err == nil {
			f.ignore = append(f.ignore, p)
		}
	}
	return f
}

func (f jsonForm) write(w io.Writer, _ http.Header, body io.Reader) error {
	// A look at the first byte keeps archives from being read whole.
	b := bufio.NewReaderSize(body, 512)
	if first, _ := b.Peek(512); !beginsLikeJSON(first) {
		return errForm
	}
	data, err := readAll(b)
	if err != nil {
		return err
	}
	v, ok := meaning.Decode(data, f.ignore)
	if !ok {
		return errForm
	}
	return json.NewEncoder(w).Encode(v) // keys in order
}

// beginsLikeJSON reports whether a body that begins with b may be JSON, or a
// JSON text sequence.
func beginsLikeJSON(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n\x1e")
	return len(b) > 0 && bytes.IndexByte([]byte(`{["-0123456789tfn`), b[0]) >= 0
}

func (f jsonForm) diff(live, recorded content) []line {
	a, errA := recorded.read()
	b, errB := live.read()
	if errA != nil || errB != nil {
		return nil
	}
	x, _ := meaning.Decode(a, f.ignore)
	y, _ := meaning.Decode(b, f.ignore)
	return diffJSON("body", x, y)
}

// diffJSON compares two JSON values, or two texts as lists of their lines, and
// returns a line for each place that differs. Name is the part that has them.
func diffJSON(name string, recorded, live any) (lines []line) {
	for _, d := range jsondiff.Differences(recorded, live) {
		where := name
		if d.Where != "" {
			where += " " + d.Where
		}
		l := line{Difference: Difference{where, d.New, d.Old}}
		switch {
		case d.Where == "":
			l.text = d.New
		case d.Old == "":
			l.text = d.Where + ": " + d.New + ", which was not recorded"
		case d.New == "":
			l.text = d.Where + ": missing, recorded as " + d.Old
		default:
			l.text = d.Where + ": " + insteadOf(d.New, d.Old)
		}
		lines = append(lines, l)
	}
	return lines
}
