// Package library is the cassettes that come with wiretape, embedded: real
// engines and registries of many API versions. README.md, beside this file,
// says what each is and where it came from.
//
//	c, err := cassettes.Open(library.FS, "docker/v1.24/pull.yaml")
//
// Commands address them as library:docker/v1.24/pull. A program that imports
// this package carries them all; of wiretape, only the commands import it.
package library

import "embed"

// FS holds the cassettes, as PRODUCT/VERSION/NAME.yaml, with the files of
// their bodies beside them.
//
//go:embed docker
var FS embed.FS
