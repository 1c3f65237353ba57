package explain

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/matchers"
)

// compare sets the differences of a candidate and a live request. If hide is set
// they show no values that record masks by default.
func (c *candidate) compare(m matchers.Matcher, live *http.Request, hide bool) {
	c.Text = m.Explain(live, c.recorded)
	if c.Text == "" || !hide {
		c.Differences = matchers.Differences(m, live, c.recorded)
		return
	}
	shownLive, shown := maskedRequest(live), c.recorded
	shown.Body = maskedBody(c.recorded.Headers, c.recorded.Body)
	c.Text, c.Differences = m.Explain(shownLive, shown), matchers.Differences(m, shownLive, shown)
	if c.Text == "" {
		c.Text = "body: a secret differs, which is not shown"
		c.Differences = []matchers.Difference{{Where: "body", Got: "another secret"}}
	}
	c.hideSecrets()
}

// maskedRequest returns a copy of a request with the secrets in its body masked.
func maskedRequest(r *http.Request) *http.Request {
	if r.GetBody == nil {
		return r
	}
	body, err := r.GetBody()
	if err != nil {
		return r
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, explainMax))
	if err != nil || len(data) == explainMax {
		return r
	}
	masked := maskedBody(r.Header, string(data))
	copied := *r
	copied.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(masked)), nil }
	copied.Body, _ = copied.GetBody() // never fails
	return &copied
}

// maskedBody returns a body with its secrets masked as record does by default.
func maskedBody(h http.Header, body string) string {
	var head bytes.Buffer
	head.WriteString("POST / HTTP/1.1\r\n")
	_ = h.Write(&head) // to memory
	masker := defaultMasks().BodyOf(nil, redact.ContentOf(head.Bytes()))
	if masker == nil {
		return body
	}
	defer masker.Free()
	masked := masker.Append(nil, []byte(body))
	return string(masker.Flush(masked))
}

func defaultMasks() *redact.Rules {
	masks, _ := redact.Parse([]string{"default"}) // it is a rule
	return masks
}

// hideSecrets masks the values of a candidate's differences that record would have
// masked. A cassette without masks may hold them, and a live request does.
func (c *Candidate) hideSecrets() {
	for i := range c.Differences {
		d := &c.Differences[i]
		for _, value := range []*string{&d.Got, &d.Want} {
			if shown := hidden(d.Where, *value); shown != *value {
				c.Text = strings.ReplaceAll(c.Text, " "+*value, " "+shown)
				*value = shown
			}
		}
	}
}

// hidden returns a value as JSON, with its secrets masked as in a body that has it at
// where: "body $.auth.password", or "body password" in a form.
func hidden(where, value string) string {
	keys := keysOf(where)
	if len(keys) == 0 || value == "" {
		return value
	}
	var before strings.Builder
	for _, key := range keys {
		name, _ := json.Marshal(key) // never fails for a string
		before.WriteString("{" + string(name) + ":")
	}
	body := defaultMasks().BodyOf(nil, redact.Content{})
	defer body.Free()
	masked := body.Append(nil, []byte(before.String()+value))
	masked = body.Flush(masked)
	return string(masked[min(before.Len(), len(masked)):])
}

var pathKey = regexp.MustCompile(`\.([^.\[\]]+)|\["((?:[^"\\]|\\.)*)"\]`)

// keysOf returns the keys on the way to a place in a body, outermost first.
func keysOf(where string) (keys []string) {
	field, path, isJSON := strings.Cut(strings.TrimPrefix(where, "body "), "$")
	if !isJSON {
		name, _, _ := strings.Cut(field, " line ")
		return []string{strings.TrimSuffix(name, ",")}
	}
	if field = strings.TrimSpace(field); field != "" && field != "body" {
		keys = append(keys, field)
	}
	for _, m := range pathKey.FindAllStringSubmatch(path, -1) {
		keys = append(keys, m[1]+m[2])
	}
	return keys
}
