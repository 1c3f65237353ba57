package usage

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// More is the key of the annotation that holds the sections of a command's help
// which stand after its flags: each a title with a colon, then indented lines.
const More = "more"

// width makes flag texts 80 columns wide: pflag leaves the last 5 columns free.
const width = 85

// Help returns the text of --help: usage, description, commands, flags, the
// sections of More, and examples, so that they stand above the next prompt.
func Help(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s\n\n%s\n", useLine(c), strings.TrimSpace(c.Long))
	if all := commands(c); len(all) > 0 {
		b.WriteString("\nCommands:\n")
		for _, sub := range all {
			fmt.Fprintf(&b, "  %-11s %s\n", sub.Name(), sub.Short)
		}
	}
	fmt.Fprintf(&b, "\nFlags:\n%s", c.Flags().FlagUsagesWrapped(width))
	if more := strings.Trim(c.Annotations[More], "\n"); more != "" {
		fmt.Fprintf(&b, "\n%s\n", more)
	}
	if examples := strings.Trim(c.Example, "\n"); examples != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", examples)
	}
	return b.String()
}

// useLine returns the synopsis of c.
func useLine(c *cobra.Command) string {
	c.DisableFlagsInUseLine = true // Use has [flags] where it belongs
	return c.UseLine()
}

// commands returns the subcommands of c that are shown, in order.
func commands(c *cobra.Command) (all []*cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			all = append(all, sub)
		}
	}
	return all
}
