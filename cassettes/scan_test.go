package cassettes

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/wiretape/wiretape/cassettes/internal/decode"
)

// scanned returns the cassette that a scan by reads of that size finds in a text.
func scanned(text string, read int) (*Cassette, error) {
	c := &Cassette{Name: "c.yaml", source: decode.Source{Name: "c.yaml"}, folder: fstest.MapFS{}, text: strings.NewReader(text), size: int64(len(text))}
	return c, c.scan(read)
}

// However a file is cut into parts, the same is found in it, and of several
// errors the first.
func TestPartsMakeNoDifference(t *testing.T) {
	item := func(i int, extra string) string {
		return strings.Replace(exchangeText(extra), "id: 0", fmt.Sprintf("id: %d", i), 1)
	}
	many := func(change map[int]string) string {
		text := goodHeader
		for i := range 40 {
			if s, ok := change[i]; ok {
				text += s
				continue
			}
			text += item(i, "")
		}
		return text
	}
	bad := strings.Replace(item(17, ""), "id: 17", "id: x", 1)
	anyYAML := func(i int) string { return strings.ReplaceAll(item(i, ""), "method: GET", "method: 'GET'") }
	for name, tt := range map[string]struct {
		text string
		want string // an error, or how many items, the line of a comment, whether there are resets, where it is torn
	}{
		"samples":           {sampleText(t, samples(t)...), fmt.Sprint(len(samples(t)), " 0 true 0")},
		"none":              {goodHeader, "0 0 false 0"},
		"one":               {goodHeader + item(7, ""), "1 0 false 0"},
		"many":              {many(nil), "40 0 false 0"},
		"reset":             {many(map[int]string{9: item(9, "        closed: [[reset, 2]]\n")}), "40 0 true 0"},
		"comments":          {many(map[int]string{11: item(11, "      # one\n"), 30: item(30, "      # two\n")}), "40 247 false 0"},
		"large":             {many(map[int]string{20: item(20, "      # "+strings.Repeat("x", 5000)+"\n")}), "40 427 false 0"},
		"other layout":      {many(map[int]string{13: anyYAML(13)}), "not in the canonical layout"},
		"bad":               {many(map[int]string{17: bad}), `c.yaml:348: want an integer, not "x"`},
		"two bad":           {many(map[int]string{17: bad, 3: strings.Replace(item(3, ""), "id: 3", "id: -3", 1)}), "c.yaml:68: want a number of 0 or more, not -3"},
		"bad, other layout": {many(map[int]string{17: bad, 31: anyYAML(31)}), `c.yaml:348: want an integer, not "x"`},
		"torn":              {strings.TrimSuffix(many(nil), "      conn: 1\n"), "39 0 false 788"},
		"torn in a line":    {many(nil) + "  - id: 4", "40 0 false 808"},
		"torn dash":         {many(nil) + "  -", "40 0 false 808"},
	} {
		t.Run(name, func(t *testing.T) {
			want, wantErr := scanned(tt.text, 1<<20)
			if got := found(want, wantErr); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for _, read := range []int{1, 7, 100, 1000} {
				got, err := scanned(tt.text, read)
				if fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Fatalf("reads of %d: %v, want %v", read, err, wantErr)
				}
				if err != nil {
					continue
				}
				got.method, want.method = "", ""
				if !reflect.DeepEqual(got.listing, want.listing) {
					t.Errorf("reads of %d: %s", read, cmp.Diff(fmt.Sprintf("%+v", want.listing), fmt.Sprintf("%+v", got.listing)))
				}
				if fmt.Sprint(got.Torn, got.size, got.start) != fmt.Sprint(want.Torn, want.size, want.start) {
					t.Errorf("reads of %d: torn %v at %d, want %v at %d", read, got.Torn, got.size, want.Torn, want.size)
				}
			}
		})
	}
}

// found describes what scanned returns.
func found(c *Cassette, err error) string {
	if err != nil {
		return err.Error()
	}
	torn := 0
	if c.Torn != nil {
		torn = c.Torn.Line
	}
	return fmt.Sprint(c.Len(), c.comment, c.resets, torn)
}
