package replay

import (
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/target"
	"github.com/wiretape/wiretape/replay/internal/issued"
	tapes "github.com/wiretape/wiretape/replay/internal/tape"
)

// TestWhereNothingCanBeSwapped checks that values are looked for only where two
// requests could issue the same.
func TestWhereNothingCanBeSwapped(t *testing.T) {
	other := story{post("/volumes/create", `{}`), `{"Id":"` + id(9) + `"}`}
	for name, tt := range map[string]struct {
		recorded []story
		want     bool
	}{
		"one of each class": {[]story{creates(1), starts(1), execs(1, 2, "x"), other, removes(1)}, false},
		"two of a class":    {[]story{creates(1), starts(1), creates(2), starts(2)}, true},
		"twins by an id":    {[]story{creates(1), starts(1), execs(1, 2, "x"), execs(1, 3, "x"), looks(2, "0"), looks(3, "0")}, true},
		"none carried":      {[]story{creates(1), creates(2)}, false},
		"only safe":         {[]story{inspects(1, "x"), inspects(1, "y")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var items []*cassettes.Interaction
			for i, s := range tt.recorded {
				items = append(items, s.item(t, i))
			}
			list := tapes.New([]*cassettes.Cassette{tape(t, cassettes.Header{}, items...)})
			key := func(e cassettes.Entry) []byte { return target.AppendKey(nil, e.Method, e.URL) }
			if got := issued.ReadTape(list, key) != nil; got != tt.want {
				t.Errorf("something can be swapped: %v, want %v", got, tt.want)
			}
		})
	}
}
