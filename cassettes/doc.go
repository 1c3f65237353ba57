// Package cassettes reads, writes, formats and verifies cassettes. Their format
// is specified in docs/format.md.
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
// exchange ends. A reader trusts no cassette: it limits size and depth, opens
// files beside a cassette beneath its folder only, and reports a mistake as a
// *FormatError with file and line.
//
// # How a cassette is read
//
// A cassette in the layout of docs/format.md is read once as a stream, which finds
// its items; each is then parsed when it is used. The parser knows just that
// layout and refuses every text that a YAML reader might take otherwise. Any
// other file is read whole with yaml.v3. Both make a tree of nodes, and one
// builder makes items of trees, so that a file means the same either way.
package cassettes
