package usage

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// play is a program with every kind of flag.
func play() *Program {
	fs := pflag.NewFlagSet("play", pflag.ContinueOnError)
	fs.String("listen", "", "listen on `ADDR` [default: a 'private' socket]")
	fs.String("how", "fast", "play `HOW`: fast or slow")
	fs.StringArray("tape", nil, "play `FILE`; may be repeated")
	fs.BoolP("loud", "l", false, "be loud")
	fs.Bool("secret", false, "not shown")
	fs.Lookup("secret").Hidden = true
	Values(fs, "how", "fast", "slow")
	Complete(fs, "tape", File)
	return &Program{
		Name: "play", Summary: "play tapes", Synopsis: []string{"play [flags] TAPE...", "play --how slow"},
		About: "Plays tapes.\n\n'Tapes' are\n.files with a back\\slash.", Flags: fs, Args: File,
		Topics:   []Topic{{"Tapes", "One line.\n\n  indented"}},
		Exit:     []Status{{"0", "it was played"}, {"N", "otherwise"}},
		Examples: []Example{{"play one", "play a.tape"}, {"play two", "play a.tape \\\n  b.tape"}},
	}
}

// tool is a program with subcommands.
func tool() *Program {
	sub := func(name, says string, args Kind) *Program {
		fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
		fs.Bool("all", false, "all of them")
		return &Program{Name: "tool " + name, Summary: says, Synopsis: []string{"tool " + name}, About: says, Flags: fs, Args: args}
	}
	return &Program{
		Name: "tool", Summary: "do things", Synopsis: []string{"tool COMMAND"}, About: "Does things.",
		Flags:    pflag.NewFlagSet("tool", pflag.ContinueOnError),
		Commands: []*Program{sub("show", "show it's things", File), sub("mend", "mend things", "")},
	}
}

func TestGolden(t *testing.T) {
	for name, p := range map[string]func() *Program{"play": play, "tool": tool} {
		for suffix, args := range map[string][]string{
			"help": {"--help"}, "1": {"--man"}, "bash": {"--completion", "bash"},
			"zsh": {"--completion=zsh"}, "fish": {"--completion=fish"},
		} {
			t.Run(name+"."+suffix, func(t *testing.T) {
				var b strings.Builder
				if done, err := p().Parse(args, &b); err != nil || !done {
					t.Fatalf("Parse(%q): got done=%v, err=%v", args, done, err)
				}
				golden(t, name+"."+suffix, b.String())
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what it was (-was +is); -update takes it over:\n%s", path, diff)
	}
}

// bash completes words as the script says.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		p    *Program
		line []string // the last word is the one to complete
		want string
	}{
		{play(), []string{"play", "--l"}, "--listen --loud"},
		{play(), []string{"play", "--how", "s"}, "slow"},
		{play(), []string{"play", "--listen", "--l"}, ""},
		{play(), []string{"play", "a", "--", "no-such-program"}, ""},
		{play(), []string{"play", "--sec"}, ""},
		{tool(), []string{"tool", "s"}, "show"},
		{tool(), []string{"tool", "show", "--a"}, "--all"},
		{tool(), []string{"tool", "show", "s"}, ""},
	} {
		script, err := tt.p.Completion("bash")
		if err != nil {
			t.Fatal(err)
		}
		script += "COMP_WORDS=(" + strings.Join(tt.line, " ") + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n" +
			"_" + tt.p.Name + "\nprintf '%s\\n' \"${COMPREPLY[@]}\" | sort\n"
		out, err := exec.Command(bash, "-c", script).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", tt.line, err, out)
		}
		if got := strings.Join(strings.Fields(string(out)), " "); got != tt.want {
			t.Errorf("%q completes to %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, args := range [][]string{{"--unknown"}, {"--how"}, {"--completion", "tcsh"}} {
		var b strings.Builder
		done, err := play().Parse(args, &b)
		var wrong *Error
		if done || !errors.As(err, &wrong) || b.Len() > 0 {
			t.Errorf("Parse(%q): got done=%v, err=%v, output %q; want an *Error alone", args, done, err, b.String())
		}
	}
}

func TestVersion(t *testing.T) {
	var b strings.Builder
	if done, err := play().Parse([]string{"--version"}, &b); !done || err != nil {
		t.Fatalf("got done=%v, err=%v", done, err)
	}
	if !strings.HasPrefix(b.String(), "play (wiretape) ") {
		t.Errorf("got %q", b.String())
	}
}
