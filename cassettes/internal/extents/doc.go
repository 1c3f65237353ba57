// Package extents lists where the items of a cassette stand in its file, in
// about five bytes each, so that a recorder may run for days.
package extents
