// Package outside uses wiretape as a stranger does: its module has another path
// than wiretape's, so that the compiler allows public packages alone. Its tests
// record, replay and read reports with these, and compile the examples of the
// packages and documents.
package outside
