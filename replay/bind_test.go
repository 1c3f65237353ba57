package replay

import (
	"testing"

	"github.com/wiretape/wiretape/cassettes"
)

// TestWhereNothingCanBeExchanged checks that values are looked for only where two
// requests could issue the same.
func TestWhereNothingCanBeExchanged(t *testing.T) {
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
			var items []*cassettes.Item
			for i, s := range tt.recorded {
				items = append(items, s.item(t, i))
			}
			x, err := newIndex([]*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}, defaultRule(t), BindAll)
			if err != nil {
				t.Fatal(err)
			}
			if got := x.stories != nil; got != tt.want {
				t.Errorf("something can be exchanged: %v, want %v", got, tt.want)
			}
		})
	}
}
