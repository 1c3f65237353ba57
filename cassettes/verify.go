package cassettes

// Verify derives every byte of c again and returns what disagrees, in order of
// lines. It reads the files beside the cassette too, as streams.
func Verify(c *Cassette) []*FormatError { panic("not written") }

// Orphans returns the files beside the cassette, relative to its folder, that
// a Writer named and no item refers to, as a killed recorder leaves them.
func (c *Cassette) Orphans() ([]string, error) { panic("not written") }

// Repair cuts an unfinished last item, as a killed recorder leaves it, off the
// cassette at path, so that every YAML reader can read the file, and returns
// where it was; nil where there was none.
func Repair(path string) (*FormatError, error) { panic("not written") }

// Format rewrites the cassette at path in the canonical layout and reports
// whether that changed it. Heads under wire and bodies in go-vcr's blocks are
// the truth; all else that follows from them is derived again. In doubt it
// changes nothing and returns an error.
func Format(path string) (changed bool, err error) { panic("not written") }
