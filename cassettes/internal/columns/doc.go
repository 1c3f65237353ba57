// Package columns reads and writes the files beside a cassette. They hold bodies
// that are too large for its text, and long lists of frames and turns, one a line. Files are read as streams, so that memory does
// not depend on their size.
package columns
