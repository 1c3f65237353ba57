package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wiretape/wiretape/internal/importer"
	"github.com/wiretape/wiretape/internal/shell"
)

// importableError says that a file is no cassette, but a recording that cassette
// import reads.
type importableError struct {
	err          error
	path, format string
}

// Error names the format of the file.
func (e *importableError) Error() string {
	return fmt.Sprintf("cassette %s: the file is a recording of %s: %v", e.path, e.format, e.err)
}

// Unwrap returns the error of reading the file as a cassette.
func (e *importableError) Unwrap() error { return e.err }

// Hint returns the command that makes a cassette of the file.
func (e *importableError) Hint() string {
	out := strings.TrimSuffix(e.path, filepath.Ext(e.path)) + ".yaml"
	if out == e.path {
		out = strings.TrimSuffix(out, ".yaml") + ".cassette.yaml"
	}
	return "make a cassette of it: " + shell.Join([]string{"cassette", "import", "--output", out, e.path})
}

// SuggestImport returns err, the error of reading the cassette at path, with a
// hint where the file is a recording that cassette import reads. A method Hint
// of the error returns the hint.
func SuggestImport(path string, err error) error {
	const most = 64 << 20 // bytes to read for a hint
	info, statErr := os.Stat(path)
	if err == nil || statErr != nil || info.Size() > most {
		return err
	}
	data, readErr := os.ReadFile(path)
	if readErr != nil {
		return err
	}
	rec, readErr := importer.Read(path, data, importer.Options{})
	if readErr != nil {
		return err
	}
	return &importableError{err, path, rec.Format}
}
