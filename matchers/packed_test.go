package matchers_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/wiretape/wiretape/matchers"
)

func zstandard(t *testing.T, level zstd.EncoderLevel, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderLevel(level))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMatchZstandard(t *testing.T) {
	long := strings.Repeat("some text to be packed ", 400)
	fast, best := zstandard(t, zstd.SpeedFastest, long), zstandard(t, zstd.SpeedBestCompression, long)
	cut := best[:len(best)/2]
	for _, tt := range []struct {
		name, coding, live, recorded string
		want                         bool
	}{
		{"other levels", "", fast, best, true},
		{"other levels, as a coding", "zstd", fast, best, true},
		{"other texts", "zstd", zstandard(t, zstd.SpeedFastest, long+"x"), best, false},
		{"JSON in another order", "zstd", zstandard(t, zstd.SpeedFastest, `{"a":1,"b":2}`), zstandard(t, zstd.SpeedFastest, `{"b":2,"a":1}`), true},
		{"JSON of another value", "zstd", zstandard(t, zstd.SpeedFastest, `{"a":1}`), zstandard(t, zstd.SpeedFastest, `{"a":2}`), false},
		{"gzip and zstd of one text", "", zipped(t, long), best, true},
		{"cut, the same bytes", "zstd", cut, cut, true},
		{"cut", "zstd", cut, best, false},
		{"no zstd under that name", "zstd", "a", "a", true},
	} {
		live, err := http.NewRequest("POST", "/a", strings.NewReader(tt.live))
		if err != nil {
			t.Fatal(err)
		}
		if tt.coding != "" {
			live.Header.Set("Content-Encoding", tt.coding)
		}
		recorded := cassette.Request{Method: "POST", URL: "/a", Headers: live.Header, Body: tt.recorded}
		m := matchers.Content()
		if got := m.Match(live, recorded); got != tt.want {
			t.Errorf("%s: match is %v, want %v", tt.name, got, tt.want)
		}
		if text := m.Explain(live, recorded); (text == "") != tt.want {
			t.Errorf("%s: the explanation is %q", tt.name, text)
		}
	}
}
