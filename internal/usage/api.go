package usage

import (
	"strings"

	"github.com/wiretape/wiretape/cassettes"
)

// ParseAPI returns the product and version that the flag --api names as
// PRODUCT/VERSION; none for "". Its error is one of usage.
func ParseAPI(s string) (a cassettes.API, err error) {
	if s == "" {
		return a, nil
	}
	product, version, ok := strings.Cut(s, "/")
	if !ok || product == "" || version == "" {
		return a, Errorf("--api: %q: want PRODUCT/VERSION, for example docker/1.41", s)
	}
	return cassettes.API{Product: product, Version: version}, nil
}
