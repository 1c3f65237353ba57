// Package columns reads and writes the files beside a cassette, which hold what
// is too much for its text: bodies, the frames of a message one a line, and the
// turns of a stream one a line. Files are read as streams, so that memory does
// not depend on their size.
package columns
