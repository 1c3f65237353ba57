package har

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unread is written for other programs. Import does not need it, so it reads it
// from an archive as nothing, whatever stands there.
type Unread []Pair

// UnmarshalJSON accepts any value.
func (*Unread) UnmarshalJSON([]byte) error { return nil }

// Cache is what a browser's cache held, which is of no use here.
type Cache struct{}

// UnmarshalJSON accepts any value.
func (*Cache) UnmarshalJSON([]byte) error { return nil }

// UnmarshalJSON accepts any value. A name or value that is no string is kept as
// the JSON that it is, and a string "name: value" is taken apart.
func (p *Pair) UnmarshalJSON(data []byte) error {
	var raw struct{ Name, Value json.RawMessage }
	if json.Unmarshal(data, &raw) == nil {
		p.Name, p.Value = textOf(raw.Name), textOf(raw.Value)
		return nil
	}
	name, value, _ := strings.Cut(textOf(data), ":")
	p.Name, p.Value = name, strings.TrimSpace(value)
	return nil
}

// textOf returns the string that a JSON value is, or else its own text.
func textOf(raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	return s
}

// ReadEntry reads an entry as programs write it. A value of another type than
// HAR's counts as absent, if an exchange does without it. OddTime reports that
// startedDateTime is there and is no time.
func ReadEntry(data []byte) (e *Entry, oddTime bool, err error) {
	var all struct {
		Entry
		Started anyTime `json:"startedDateTime"`
	}
	err = json.Unmarshal(data, &all)
	e = &all.Entry
	e.Started = all.Started.Time
	if err == nil {
		return e, all.Started.odd, nil
	}
	// json has read all but the values of other types. Some of them are needed.
	var n needed
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, false, plain(err)
	}
	e.Response.Status = int(n.Response.Status)
	return e, all.Started.odd, nil
}

// needed is the part of an entry that an exchange does not do without.
type needed struct {
	Request struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		Headers  []Pair `json:"headers"`
		PostData struct {
			Text string `json:"text"`
		} `json:"postData"`
	} `json:"request"`
	Messages []SocketMessage `json:"_webSocketMessages"`
	Response struct {
		Status  anyInt `json:"status"`
		Headers []Pair `json:"headers"`
		Content struct {
			Text string `json:"text"`
		} `json:"content"`
	} `json:"response"`
}

// plain words an error of encoding/json for people who do not know our types.
func plain(err error) error {
	if odd, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Errorf("%s is of the wrong type: %s", odd.Field, odd.Value)
	}
	return err
}

// anyInt is a number, or a string that has one.
type anyInt int

// UnmarshalJSON fails if there is no whole number.
func (n *anyInt) UnmarshalJSON(data []byte) error {
	f, err := strconv.ParseFloat(textOf(data), 64)
	if err != nil || f != float64(int(f)) {
		return fmt.Errorf("want a status code, found %s", data)
	}
	*n = anyInt(f)
	return nil
}

// anyTime is a time in one of the forms in use.
type anyTime struct {
	time.Time
	odd bool // there is a value, and it is no time
}

// UnmarshalJSON leaves the time zero where it finds none.
func (t *anyTime) UnmarshalJSON(data []byte) error {
	text := textOf(data)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		var err error
		if t.Time, err = time.Parse(layout, text); err == nil {
			return nil
		}
	}
	t.odd = text != "" && text != "null"
	return nil
}
