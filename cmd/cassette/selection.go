package main

import (
	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/edit"
	"github.com/wiretape/wiretape/internal/pattern"
	"github.com/wiretape/wiretape/internal/usage"
)

// selecting holds the flags that select interactions.
type selecting struct{ ids, methods, paths []string }

// aboutSelection is the section of the help that explains them.
const aboutSelection = `
Selection:
  An interaction is selected if it agrees with every kind of flag given, and with
  one value of each kind. A PATTERN is "/path", or "METHOD /path": * matches any
  characters except a slash, ? matches one, ** matches any characters. The query
  is not compared. A connection without an exchange is selected by its id only.
`

// addFlags adds the flags to c.
func (s *selecting) addFlags(c *cobra.Command) {
	fs := c.Flags()
	fs.StringArrayVar(&s.ids, "id", nil, "select the interactions `IDS`, for example 0,4-7,12-; repeatable")
	fs.StringSliceVar(&s.methods, "method", nil, "select requests with one of `METHODS`, for example GET,HEAD; repeatable")
	fs.StringArrayVar(&s.paths, "path", nil, "select requests that match `PATTERN`; repeatable")
}

// selection returns the selection of the flags, or an error if there is none.
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
