package usage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Kind says how a value is completed.
type Kind string

// File is a kind of value: the name of a file. The zero Kind is one that cannot
// be completed.
const File Kind = "file"

// Annotations of flags: how their values are completed.
const (
	annotateValues = "usage-values"
	annotateKind   = "usage-kind"
)

// shells are the shells that Completion knows.
var shells = []string{"bash", "zsh", "fish"}

// Values says which values the flag takes.
func Values(fs *pflag.FlagSet, name string, values ...string) {
	annotate(fs, name, annotateValues, values)
}

// Complete says how the flag's value is completed.
func Complete(fs *pflag.FlagSet, name string, k Kind) {
	annotate(fs, name, annotateKind, []string{string(k)})
}

// annotate fails only where the flag is missing, which only a programmer can
// bring about.
func annotate(fs *pflag.FlagSet, name, key string, values []string) {
	if err := fs.SetAnnotation(name, key, values); err != nil {
		panic(err)
	}
}

// Completion returns the completion script for shell: bash, zsh or fish.
func (p *Program) Completion(shell string) (string, error) {
	switch shell {
	case "bash":
		return p.bash(), nil
	case "zsh":
		return p.zsh(), nil
	case "fish":
		return p.fish(), nil
	}
	return "", Errorf("--%s: no completions for %q: it knows %s", flagCompletion, shell, strings.Join(shells, ", "))
}

// option is what a completion script needs to know of a flag.
type option struct {
	name, short, says string
	takes             bool // a value follows
	values            []string
	kind              Kind
}

// flags returns the flags that are shown, in order.
func (p *Program) flags() []option {
	p.addStandard()
	var all []option
	p.Flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		_, says := pflag.UnquoteUsage(f)
		c := option{name: f.Name, short: f.Shorthand, takes: f.NoOptDefVal == "", values: f.Annotations[annotateValues]}
		c.says, _, _ = strings.Cut(says, "\n")
		if k := f.Annotations[annotateKind]; len(k) > 0 {
			c.kind = Kind(k[0])
		}
		all = append(all, c)
	})
	return all
}

// names returns the flags as they are typed.
func names(flags []option) []string {
	var all []string
	for _, f := range flags {
		all = append(all, "--"+f.name)
	}
	return all
}

// subcommands returns the names of p's subcommands.
func (p *Program) subcommands() []string {
	var all []string
	for _, c := range p.Commands {
		all = append(all, c.last())
	}
	return all
}

// bash completes flags, their values, subcommands, and what follows "--" as a
// command line of its own. Files are left to bash itself, which knows how to
// quote them: "-o default" completes them where nothing else is found.
func (p *Program) bash() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# bash completion for %[1]s
_%[1]s() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                COMPREPLY=($(compgen -c -- "$cur"))
            fi
            return
        fi
    done
`, p.Name)
	p.bashValues(&b)
	if len(p.Commands) > 0 {
		b.WriteString("    if ((COMP_CWORD > 1)); then\n        case ${COMP_WORDS[1]} in\n")
		for _, c := range p.Commands {
			fmt.Fprintf(&b, "        %s) [[ $cur != -* ]] || %s ;;\n", c.last(), bashWords(names(c.flags())))
		}
		b.WriteString("        esac\n        return\n    fi\n")
		fmt.Fprintf(&b, "    %s\n", bashWords(append(p.subcommands(), names(p.flags())...)))
	} else {
		fmt.Fprintf(&b, "    [[ $cur != -* ]] || %s\n", bashWords(names(p.flags())))
	}
	fmt.Fprintf(&b, "}\ncomplete -o default -F _%[1]s %[1]s\n", p.Name)
	return b.String()
}

// bashValues completes the value of a flag, and returns, where the word before
// is one that takes a value.
func (p *Program) bashValues(b *strings.Builder) {
	all := p.flags()
	for _, c := range p.Commands {
		all = append(all, c.flags()...)
	}
	b.WriteString("    case $prev in\n")
	var seen []string
	for _, f := range all {
		if !f.takes || slices.Contains(seen, f.name) {
			continue
		}
		seen = append(seen, f.name)
		complete := ""
		if len(f.values) > 0 {
			complete = bashWords(f.values) + "; "
		}
		fmt.Fprintf(b, "    --%s) %sreturn ;;\n", f.name, complete)
	}
	b.WriteString("    esac\n")
}

// bashWords completes one of some words.
func bashWords(words []string) string {
	return fmt.Sprintf(`COMPREPLY=($(compgen -W %q -- "$cur"))`, strings.Join(words, " "))
}

// zsh writes specifications for _arguments.
func (p *Program) zsh() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n", p.Name)
	if len(p.Commands) == 0 {
		b.WriteString("_arguments -s -S \\\n")
		p.zshFlags(&b, "  ")
		b.WriteString("  '(-)--[COMMAND]:command:_normal'\n")
		return b.String()
	}
	b.WriteString("if (( CURRENT == 2 )); then\n  local -a commands=(\n")
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "    %s\n", single(c.last()+":"+c.Summary))
	}
	b.WriteString("  )\n  _describe command commands\n  return\nfi\ncase $words[2] in\n")
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "%s)\n  shift words; (( CURRENT-- ))\n  _arguments -s -S \\\n", c.last())
		c.zshFlags(&b, "    ")
		b.WriteString("    && return ;;\n")
	}
	b.WriteString("esac\n")
	return b.String()
}

// zshFlags writes one specification a line, each ended by a backslash.
func (p *Program) zshFlags(b *strings.Builder, lead string) {
	for _, f := range p.flags() {
		says := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(f.says)
		spec := fmt.Sprintf("*--%s[%s]", f.name, says)
		if f.takes {
			spec = fmt.Sprintf("*--%s=[%s]:value:%s", f.name, says, zshValue(f))
		}
		fmt.Fprintf(b, "%s%s \\\n", lead, single(spec))
	}
	if p.Args == File {
		fmt.Fprintf(b, "%s'*:file:_files' \\\n", lead)
	}
}

// zshValue returns the action that completes f's value.
func zshValue(f option) string {
	switch {
	case len(f.values) > 0:
		return "(" + strings.Join(f.values, " ") + ")"
	case f.kind == File:
		return "_files"
	}
	return " " // none
}

// fish writes one complete command for each flag and subcommand.
func (p *Program) fish() string {
	var b strings.Builder
	if p.Args != File {
		fmt.Fprintf(&b, "complete -c %s -f\n", p.Name)
	}
	for _, f := range p.flags() {
		fmt.Fprintf(&b, "complete -c %s%s\n", p.Name, fishFlag(f))
	}
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "complete -c %s -n __fish_use_subcommand -a %s -d %s\n", p.Name, c.last(), single(c.Summary))
		on := single("__fish_seen_subcommand_from " + c.last())
		for _, f := range c.flags() {
			fmt.Fprintf(&b, "complete -c %s -n %s%s\n", p.Name, on, fishFlag(f))
		}
		if c.Args == File {
			fmt.Fprintf(&b, "complete -c %s -n %s -F\n", p.Name, on)
		}
	}
	return b.String()
}

// fishFlag returns f's options of complete(1).
func fishFlag(f option) string {
	s := " -l " + f.name
	if f.short != "" {
		s += " -s " + f.short
	}
	switch {
	case len(f.values) > 0:
		s += " -x -a " + single(strings.Join(f.values, " "))
	case f.kind == File:
		s += " -r -F"
	case f.takes:
		s += " -x"
	}
	return s + " -d " + single(f.says)
}

// single quotes s for a shell.
func single(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
