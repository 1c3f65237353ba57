package replay

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/rule"
)

// Presets returns the names that Server.Preset may have, beside "none": those of
// the known products.
func Presets() []string { return rule.Presets() }

// CheckMatch returns an error for a Server.Match that is no rule.
func CheckMatch(m cassettes.Match) error {
	_, err := rule.New(m)
	return err
}
