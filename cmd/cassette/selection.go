package main

import (
	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/pattern"
	"github.com/wiretape/wiretape/internal/usage"
)

// selecting are the flags that say which interactions are meant.
type selecting struct{ ids, methods, paths []string }

// selectTopic explains the flags.
var selectTopic = usage.Topic{Title: "Selection", Text: `
An interaction is meant when it agrees with every kind of flag that is given,
and with one of those of a kind. A PATTERN is "/path", or "METHOD /path": * stands
for any characters but a slash, ? for one, ** for any characters. The query takes
no part. What is no exchange is meant by its id alone.`}

// addFlags adds the flags.
func (s *selecting) addFlags(fs *pflag.FlagSet) {
	fs.StringArrayVar(&s.ids, "id", nil, "interactions with these `IDS`, as 0,4-7,12-; may be repeated")
	fs.StringSliceVar(&s.methods, "method", nil, "requests with one of these `METHODS`, as GET,HEAD; may be repeated")
	fs.StringArrayVar(&s.paths, "path", nil, "requests that match `PATTERN`; may be repeated")
}

// selection returns what the flags say, which must say something.
func (s *selecting) selection() (*edit.Selection, error) {
	sel := &edit.Selection{Methods: s.methods}
	for _, ids := range s.ids {
		ranges, err := edit.ParseRanges(ids)
		if err != nil {
			return nil, usage.Errorf("--id: %w", err)
		}
		sel.IDs = append(sel.IDs, ranges...)
	}
	var err error
	if sel.Paths, err = pattern.ParseAll(s.paths); err != nil {
		return nil, usage.Errorf("--path: %w", err)
	}
	if sel.Empty() {
		return nil, usage.Errorf("nothing is selected: use --id, --method or --path")
	}
	return sel, nil
}
