// Package cassettes is the cassette format: what is stored, how it is
// written, read and checked. docs/format.md is its
// specification.
//
//	c, err := cassettes.OpenFile("pull.yaml")
//	…
//	defer c.Close()
//	for i := range c.Len() {
//		it, err := c.Interaction(i)
//		…
//		for s, err := range it.Response.Segments() {
//			// s.Before, the body from s.Off to s.Off+s.Len, s.After
//		}
//	}
//
// A recorder fills sinks while bytes pass, and appends an Interaction when an
// exchange ends. What is read is not trusted: it is limited in size and depth,
// files beside a cassette are opened beneath its folder only, and what is
// wrong is a *FormatError with file and line.
//
// # How a cassette is read
//
// A cassette in the layout of docs/format.md is read once as a stream, which finds
// its items; each is then parsed when it is used. The parser knows just that
// layout and refuses every text that a YAML reader might take otherwise. Any
// other file is read whole with yaml.v3. Both make a tree of nodes, and one
// builder makes items of trees, so that a file means the same either way.
package cassettes
