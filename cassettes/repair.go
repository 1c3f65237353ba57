package cassettes

import (
	"fmt"
	"os"

	"github.com/wiretape/wiretape/cassettes/internal/filelock"
)

// Repair cuts an unfinished last item, as a killed recorder leaves it, off the
// cassette at path, so that every YAML reader can read the file, puts the
// items in order where they are not, and returns where it cut; nil where
// nothing was unfinished.
func Repair(path string) (*FormatError, error) {
	c, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	size := c.size
	header, torn, anyYAML := c.Header, c.Torn, c.anyYAML != nil
	if err := c.Close(); err != nil {
		return nil, err
	}
	if anyYAML {
		if torn == nil {
			return nil, nil
		}
		return torn, truncate(path, size)
	}
	w, err := Create(path, header, Options{Append: true}) // cuts
	if err != nil {
		return nil, err
	}
	return torn, w.Close() // sorts
}

// truncate cuts the cassette at path to size bytes.
func truncate(path string, size int64) error {
	f, err := filelock.OpenPath(path)
	if err != nil {
		return fmt.Errorf("repair cassette %s: %w", path, err)
	}
	defer f.Close()
	return os.Truncate(path, size)
}
