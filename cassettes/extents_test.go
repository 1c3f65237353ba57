package cassettes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// However extents follow one another, they come back as they were; and they count
// as mixed unless each begins where the one before it ends, with a higher id.
func TestExtents(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		var l extents
		var want []extent
		x, mixed := extent{session: r.IntN(2), id: r.IntN(3), off: r.Int64N(1000)}, false
		for i := range r.IntN(10_000) {
			if i > 0 {
				x.off += x.n
				x.id++
			}
			x.n = 1 + r.Int64N(1<<r.IntN(40))
			if i > 0 && seed%2 == 1 && r.IntN(100) == 0 {
				mixed = true
				switch r.IntN(3) {
				case 0:
					x.id -= 1 + r.IntN(x.id)
				case 1:
					x.session--
				case 2:
					x.off += 1 + r.Int64N(1000)
				}
			}
			l.add(x)
			want = append(want, x)
		}
		if got := slices.Collect(l.all()); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %s", seed, cmp.Diff(want, got, cmp.AllowUnexported(extent{})))
		}
		if l.mixed != mixed {
			t.Errorf("seed %d: mixed %v, want %v", seed, l.mixed, mixed)
		}
	}
}
