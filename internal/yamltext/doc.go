// Package yamltext reads and writes YAML as cassettes need it.
//
// Parser parses the canonical layout: the part of YAML that the Append
// functions write. It parses a piece of a file at a time, and it refuses every
// text that a YAML reader could take in another way. Decode reads YAML in any
// layout, with yaml.v3, and DecodeJSON reads JSON. All three make a Tree, so
// that the code that gives a cassette its meaning exists once.
//
//	var p yamltext.Parser
//	err := p.Parse([]byte("a: [1, \"x\\ty\"]\n"), 0, 1)
//	…
//	list := p.Lookup(0, "a")
//	for at := range p.Children(list) {
//		b, err := p.Bytes(at)
//		…
//	}
//
// The Append functions exist because yaml.v3 corrupts strings: it writes a
// body "\n" as an empty string, and "\tx\n" as text that no reader loads. They
// escape everything between double quotes that a YAML reader may fold, strip
// or refuse. FuzzScalars holds them to both readers.
package yamltext
