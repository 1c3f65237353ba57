package cassettes

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// scanned is what a scan by reads of that size finds in a text.
func scanned(text string, read int) (*Cassette, error) {
	c := &Cassette{Name: "c.yaml", folder: fstest.MapFS{}, text: strings.NewReader(text), size: int64(len(text))}
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
	for name, text := range map[string]string{
		"samples":           sampleText(t, samples(t)...),
		"none":              goodHeader,
		"one":               goodHeader + item(7, ""),
		"many":              many(nil),
		"reset":             many(map[int]string{9: item(9, "        closed: [{mark: reset, seq: 2}]\n")}),
		"comments":          many(map[int]string{11: item(11, "      # one\n"), 30: item(30, "      # two\n")}),
		"large":             many(map[int]string{20: item(20, "      # "+strings.Repeat("x", 5000)+"\n")}),
		"other layout":      many(map[int]string{13: strings.ReplaceAll(item(13, ""), "method: GET", "method: 'GET'")}),
		"bad":               many(map[int]string{17: strings.Replace(item(17, ""), "id: 17", "id: x", 1)}),
		"two bad":           many(map[int]string{17: strings.Replace(item(17, ""), "id: 17", "id: x", 1), 3: strings.Replace(item(3, ""), "id: 3", "id: -3", 1)}),
		"bad, other layout": many(map[int]string{17: strings.Replace(item(17, ""), "id: 17", "id: x", 1), 31: strings.ReplaceAll(item(31, ""), "GET", "'GET'")}),
		"torn":              strings.TrimSuffix(many(nil), "      conn: 1\n"),
		"torn in a line":    many(nil) + "  - id: 4",
		"torn dash":         many(nil) + "  -",
	} {
		t.Run(name, func(t *testing.T) {
			want, wantErr := scanned(text, 1<<20)
			for _, read := range []int{1, 7, 100, 1000} {
				got, err := scanned(text, read)
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
