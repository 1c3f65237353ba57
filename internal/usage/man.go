package usage

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Man returns the manual page of c, and of its subcommands, in the macros of
// man(7).
//
// cobra/doc would add 490 kB to each command, print flags as --help[=false],
// and has no place for the sections of More.
func Man(c *cobra.Command) string {
	var b strings.Builder
	title := strings.ReplaceAll(c.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" wiretape \"User Commands\"\n", strings.ToUpper(title))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(title), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", roff(useLine(c)))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s.SH OPTIONS\n", roffText(c.Long))
	manFlags(&b, c.Flags())
	if all := commands(c); len(all) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range all {
			fmt.Fprintf(&b, ".SS %s\n%s", roff(useLine(sub)), roffText(sub.Long))
			manFlags(&b, sub.Flags())
		}
	}
	manSections(&b, c.Annotations[More])
	if c.Example != "" {
		manSections(&b, "Examples:\n"+c.Example)
	}
	return b.String()
}

// manFlags writes one tagged paragraph for each flag that is shown.
func manFlags(b *strings.Builder, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, says := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n.B ")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\-%s, ", f.Shorthand)
		}
		name := strings.TrimRight("--"+f.Name+" "+value, " ")
		fmt.Fprintf(b, "%s\n%s\n", roff(name), roff(says))
	})
}

// manSections writes the sections of a help text: a line that is not indented
// is a title.
func manSections(b *strings.Builder, text string) {
	var body strings.Builder
	flush := func() {
		if body.Len() > 0 {
			b.WriteString(roffText(body.String()))
			body.Reset()
		}
	}
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		if title, ok := strings.CutSuffix(line, ":\n"); ok && !strings.HasPrefix(line, " ") {
			flush()
			fmt.Fprintf(b, ".SH %s\n", roff(strings.ToUpper(title)))
			continue
		}
		body.WriteString(strings.TrimPrefix(line, "  "))
	}
	flush()
}

// roffText returns paragraphs. Tables, which have two spaces in a row, and
// commands under a comment keep their lines.
func roffText(s string) string {
	var b strings.Builder
	for para := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		b.WriteString(".PP\n")
		if strings.Contains(para, "  ") || strings.HasPrefix(para, "#") {
			fmt.Fprintf(&b, ".nf\n%s\n.fi\n", roff(para))
			continue
		}
		fmt.Fprintf(&b, "%s\n", roff(para))
	}
	return b.String()
}

// roff escapes troff's own characters: backslashes, hyphens that a reader may
// copy, and a full stop or quote at the beginning of a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
