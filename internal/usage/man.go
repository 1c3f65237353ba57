package usage

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// Man returns the manual page, in man(7)'s macros.
func (p *Program) Man() string {
	p.addStandard()
	var b strings.Builder
	title := strings.ReplaceAll(p.Name, " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" wiretape \"User Commands\"\n", strings.ToUpper(title))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(title), roff(p.Summary))
	b.WriteString(".SH SYNOPSIS\n.nf\n")
	for _, s := range p.Synopsis {
		fmt.Fprintf(&b, "%s\n", roff(s))
	}
	fmt.Fprintf(&b, ".fi\n.SH DESCRIPTION\n%s", roffText(p.About))
	b.WriteString(".SH OPTIONS\n")
	manFlags(&b, p.Flags)
	if len(p.Commands) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, c := range p.Commands {
		c.addStandard()
		fmt.Fprintf(&b, ".SS %s\n%s", roff(strings.Join(c.Synopsis, ", ")), roffText(c.About))
		manFlags(&b, c.Flags)
	}
	for _, t := range p.Topics {
		fmt.Fprintf(&b, ".SH %s\n%s", roff(strings.ToUpper(t.Title)), roffText(t.Text))
	}
	if len(p.Exit) > 0 {
		b.WriteString(".SH EXIT STATUS\n")
		for _, s := range p.Exit {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", s.Code, roff(s.Meaning))
		}
	}
	if len(p.Examples) > 0 {
		b.WriteString(".SH EXAMPLES\n")
		for _, e := range p.Examples {
			fmt.Fprintf(&b, ".PP\n%s:\n.PP\n.nf\n.RS\n%s\n.RE\n.fi\n", roff(e.Says), roff(e.Line))
		}
	}
	return b.String()
}

// manFlags writes one tagged paragraph for each flag that is shown.
func manFlags(b *strings.Builder, fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
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

// roffText returns paragraphs; lines that begin with a space stand as they
// are.
func roffText(s string) string {
	var b strings.Builder
	for para := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		b.WriteString(".PP\n")
		if strings.HasPrefix(para, " ") {
			fmt.Fprintf(&b, ".nf\n%s\n.fi\n", roff(para))
			continue
		}
		fmt.Fprintf(&b, "%s\n", roff(para))
	}
	return b.String()
}

// roff escapes what troff would take for its own: backslashes, hyphens that
// are to be copied as such, and a full stop or quote that begins a line.
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
