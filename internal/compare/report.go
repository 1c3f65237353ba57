package compare

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the differences: "-" before an interaction that is gone, "+"
// before one that was added, and "~" before one that changed, with its changes
// on the lines below.
func (d *Difference) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", d.Names[0], d.Names[1])
	for _, l := range d.Header {
		fmt.Fprintf(&b, "~ %s\n", l)
	}
	for _, c := range d.Changed {
		fmt.Fprintf(&b, "~ %s\n", c.Title)
		for _, l := range c.Lines {
			fmt.Fprintf(&b, "    %s\n", l)
		}
	}
	for _, l := range d.Gone {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	for _, l := range d.Added {
		fmt.Fprintf(&b, "+ %s\n", l)
	}
	fmt.Fprintf(&b, "%d changed, %d gone, %d added, %d the same\n", len(d.Changed), len(d.Gone), len(d.Added), d.Same)
	_, err := io.WriteString(w, b.String())
	return err
}
