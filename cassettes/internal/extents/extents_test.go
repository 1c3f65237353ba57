package extents

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
		var l List
		var want []Extent
		x, mixed := Extent{Session: r.IntN(2), ID: r.IntN(3), Off: r.Int64N(1000)}, false
		for i := range r.IntN(10_000) {
			if i > 0 {
				x.Off += x.Len
				x.ID++
			}
			x.Len = 1 + r.Int64N(1<<r.IntN(40))
			if i > 0 && seed%2 == 1 && r.IntN(100) == 0 {
				mixed = true
				switch r.IntN(3) {
				case 0:
					x.ID -= 1 + r.IntN(x.ID)
				case 1:
					x.Session--
				case 2:
					x.Off += 1 + r.Int64N(1000)
				}
			}
			l.Add(x)
			want = append(want, x)
		}
		if got := slices.Collect(l.All()); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %s", seed, cmp.Diff(want, got, cmp.AllowUnexported(Extent{})))
		}
		if l.Mixed != mixed {
			t.Errorf("seed %d: mixed %v, want %v", seed, l.Mixed, mixed)
		}
	}
}
