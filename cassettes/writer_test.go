package cassettes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

func newWriter(t testing.TB, path string, o Options) *Writer {
	t.Helper()
	w, err := Create(path, testHeader(), o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func appendAll(t testing.TB, w *Writer, items ...*Interaction) {
	t.Helper()
	for _, it := range items {
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
}

func closeWriter(t testing.TB, w *Writer) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// ids returns the sessions and ids of a cassette's items.
func ids(c *Cassette) (list [][2]int) {
	for i := range c.Len() {
		list = append(list, [2]int{c.Entry(i).Session, c.Entry(i).ID})
	}
	return list
}

func TestCreatedCassetteIsEmptyAndLoads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	defer closeWriter(t, w)
	if n := open(t, path).Len(); n != 0 {
		t.Errorf("got %d items", n)
	}
	if c, err := cassette.Load(strings.TrimSuffix(path, ".yaml")); err != nil || len(c.Interactions) != 0 {
		t.Errorf("go-vcr: %v, %v", c, err)
	}
}

func TestFlushedItemIsInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	for id := range 3 {
		appendAll(t, w, smallItem(id))
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if n := open(t, path).Len(); n != id+1 {
			t.Errorf("got %d items, want %d", n, id+1)
		}
	}
	closeWriter(t, w)
	if err := w.Flush(); err != nil {
		t.Errorf("after Close: %v", err)
	}
}

func TestCloseSortsAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	for _, id := range []int{2, 0, 1, 5, 4, 0} {
		it := smallItem(id)
		it.Peer = int(w.nextID.Load()) + id
		appendAll(t, w, it)
	}
	last := w.items.Last
	closeWriter(t, w)
	c := open(t, path)
	if got, want := ids(c), [][2]int{{0, 0}, {0, 1}, {0, 2}, {0, 4}, {0, 5}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c.places[0].off != c.start || c.places[0].n != last.Len {
		t.Error("the first item is not the one appended last")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("files beside the cassette: %v, %v", entries, err)
	}
}

// A killed recorder leaves a file that ends anywhere.
func TestCassetteLoadsWhereverItWasCut(t *testing.T) {
	items := []*Interaction{pullItem(), shapes()[3].item(t, 1), rawItem(2)}
	items[2].Session = 0
	text, err := os.ReadFile(writeCassette(t, items...))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := openText(text, false)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	for n := int(whole.start); n <= len(text); n++ {
		want := 0
		for want < 3 && int(whole.places[want].off+whole.places[want].n) <= n {
			want++
		}
		for _, anyYAML := range []bool{false, true}[:1+n%5/4] { // the second way is slow
			c, err := openText(text[:n], anyYAML)
			if err != nil || c.Len() != want {
				t.Fatalf("cut at %d, anyYAML %v: got %v, %v, want %d items", n, anyYAML, c, err, want)
			}
			between := n == int(whole.start) || want > 0 && n == int(whole.places[want-1].off+whole.places[want-1].n)
			if between != (c.Torn == nil) {
				t.Fatalf("cut at %d, anyYAML %v: torn is %v", n, anyYAML, c.Torn)
			}
		}
		if n%97 == 0 {
			appendToCut(t, path, text[:n], want)
		}
	}
}

// appendToCut appends a session to a file that was cut, and repairs another.
func appendToCut(t *testing.T, path string, text []byte, want int) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	w := newWriter(t, path, Options{Append: true})
	appendAll(t, w, &Interaction{ID: w.NextID(), Session: w.Session(), Conn: 1, Turns: &Turns{}})
	closeWriter(t, w)
	c := open(t, path)
	if c.Len() != want+1 || c.Torn != nil {
		t.Fatalf("cut to %d bytes: got %d items, %v, want %d", len(text), c.Len(), c.Torn, want+1)
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(path); err != nil {
		t.Fatal(err)
	}
	if c, err := cassette.Load(strings.TrimSuffix(path, ".yaml")); err != nil || len(c.Interactions) != want {
		t.Fatalf("cut to %d bytes, repaired: go-vcr has %v, %v, want %d", len(text), c, err, want)
	}
}

func TestAppendAddsASession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{Append: true})
	appendAll(t, w, smallItem(w.NextID()), smallItem(w.NextID()))
	closeWriter(t, w)
	w = newWriter(t, path, Options{Append: true})
	if w.Session() != 1 || w.NextID() != 2 {
		t.Errorf("session %d, next id %d, want 1 and 2", w.Session(), w.nextID.Load()-1)
	}
	late, early := smallItem(3), smallItem(2)
	late.Session, early.Session = 1, 1
	appendAll(t, w, late, early)
	closeWriter(t, w)
	if got, want := ids(open(t, path)), [][2]int{{0, 0}, {0, 1}, {1, 2}, {1, 3}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAppendRefusesAnotherRecording(t *testing.T) {
	path := writeCassette(t, pullItem())
	before, _ := os.ReadFile(path)
	other := testHeader()
	other.Upstream = "tcp://localhost:5000"
	_, err := Create(path, other, Options{Append: true})
	wantError(t, err, path, "unix:///var/run/docker.sock", "tcp://localhost:5000")
	other = testHeader()
	other.Redaction = nil
	_, err = Create(path, other, Options{Append: true})
	wantError(t, err, path, "default")
	if after, _ := os.ReadFile(path); string(before) != string(after) {
		t.Error("the refused cassette has changed")
	}
}

// wantError fails unless err is one line that names all of words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("got no error")
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not name %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has more than one line", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("important\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	existing := writeCassette(t)
	for _, test := range []struct {
		path string
		o    Options
		want string
	}{
		{existing, Options{}, "file already exists"},
		{dir, Options{}, "no regular file"},
		{dir, Options{Overwrite: true}, "no regular file"},
		{dir, Options{Append: true}, "no regular file"},
		{text, Options{Overwrite: true}, "no cassette"},
		{text, Options{Append: true}, "not a cassette"},
		{existing, Options{Append: true, Overwrite: true}, "exclude"},
		{filepath.Join(dir, "no", "c.yaml"), Options{}, "no such file"},
		{filepath.Join(dir, strings.Repeat("x", 300)), Options{}, "name too long"},
	} {
		_, err := Create(test.path, testHeader(), test.o)
		wantError(t, err, test.path, test.want)
	}
	if _, err := Create(existing, testHeader(), Options{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want fs.ErrExist", err)
	}
	if got, _ := os.ReadFile(text); string(got) != "important\n" {
		t.Error("a file that is no cassette was changed")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("files were left: %v, %v", entries, err)
	}
}

func TestOverwriteTakesOldBodiesAwayAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	bodies := filepath.Join(filepath.Dir(path), "c.bodies")
	w := newWriter(t, path, Options{})
	b := w.NewBody(7, "response", 0)
	b.Write([]byte("body"))
	b.Finish()
	closeWriter(t, w)
	keep := filepath.Join(bodies, "README")
	if err := os.WriteFile(keep, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	closeWriter(t, newWriter(t, path, Options{Overwrite: true}))
	entries, err := os.ReadDir(bodies)
	if err != nil || len(entries) != 1 || entries[0].Name() != "README" {
		t.Errorf("got %v, %v, want README alone", entries, err)
	}
	os.Remove(keep)
	closeWriter(t, newWriter(t, path, Options{Overwrite: true}))
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want the cassette alone", entries, err)
	}
}

func TestCassettesShareNoBodies(t *testing.T) {
	dir := t.TempDir()
	names := []string{"a", "a.yaml", "a.yml", "a.yml.yaml", "a.bodies.yaml"}
	for _, name := range names {
		w := newWriter(t, filepath.Join(dir, name), Options{})
		body := w.NewBody(0, "response", 0)
		it := smallItem(0)
		fmt.Fprintf(body, "%-*s", it.Response.Body.Size(), name)
		var err error
		if it.Response.Body, err = body.Finish(); err != nil {
			t.Fatal(err)
		}
		appendAll(t, w, it)
		closeWriter(t, w)
	}
	for _, name := range names {
		it, err := open(t, filepath.Join(dir, name)).Interaction(0)
		if err != nil {
			t.Fatal(err)
		}
		file, _ := it.Response.Body.InFile()
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || strings.TrimRight(string(got), " ") != name {
			t.Errorf("%s has %q in %s, %v", name, got, file, err)
		}
	}
}

func TestAFullDiskIsSaidOnceAndForAll(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /dev/full")
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	appendAll(t, w, pullItem())
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	w.file = full
	var last error
	for id := 1; last == nil && id < 1000; id++ {
		last = w.Append(smallItem(id))
	}
	for _, err := range []error{last, w.Append(smallItem(0)), w.Close(), w.Close()} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("got %v, want ENOSPC", err)
		}
		wantError(t, err, path)
	}
	if n := open(t, path).Len(); n != 1 {
		t.Errorf("got %d items, want the one from before", n)
	}
}

func TestAppendingFromManyGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				it := smallItem(w.NextID())
				b := w.NewBody(it.ID, "response", 40+it.ID%60)
				fmt.Fprintf(b, "%d%s", it.ID, strings.Repeat("x", 50))
				it.Response.Body, _ = b.Finish()
				it.Response.Frames.List[0].Size = it.Response.Body.Size()
				if err := w.Append(it); err != nil {
					t.Error(err)
				}
				it.Release()
			}
		})
	}
	wg.Wait()
	closeWriter(t, w)
	c := open(t, path)
	if c.Len() != 1600 {
		t.Fatalf("got %d items", c.Len())
	}
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			t.Fatal(err)
		}
		r, err := it.Response.Body.Open()
		if err != nil {
			t.Fatal(err)
		}
		var id int
		if _, err := fmt.Fscanf(r, "%dx", &id); id != i {
			t.Errorf("item %d has the body of %d: %v", i, id, err)
		}
		r.Close()
	}
}

// Items that a full disk refuses are written when it has room again.
func TestWhatADiskHadNoRoomForIsWrittenLater(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /dev/full")
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	appendAll(t, w, smallItem(0))
	file := w.file
	w.file = full
	if err := w.Flush(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	w.file = file
	w.Append(smallItem(1)) // its error is kept
	if err := w.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	c := open(t, path)
	if got, want := ids(c), [][2]int{{0, 0}, {0, 1}}; !slices.Equal(got, want) || c.Torn != nil {
		t.Errorf("got %v, %v, want %v", got, c.Torn, want)
	}
}

// Whole items are written although a body found no room.
func TestFullDiskKeepsWhatIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	w := newWriter(t, path, Options{})
	appendAll(t, w, smallItem(0))
	w.fail(syscall.ENOSPC) // as a sink does
	if err := w.Append(smallItem(1)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	c := open(t, path)
	if got, want := ids(c), [][2]int{{0, 0}, {0, 1}}; !slices.Equal(got, want) || c.Torn != nil {
		t.Errorf("got %v, %v, want %v", got, c.Torn, want)
	}
}
