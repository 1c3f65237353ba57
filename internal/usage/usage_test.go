package usage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/scripttest"
)

// TestMain is also the programs play and tool, whose completion scripts run them.
func TestMain(m *testing.M) {
	program, ok := map[string]func() *cobra.Command{"play": play, "tool": tool}[os.Getenv("WIRETAPE_TEST_PROGRAM")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := Execute(context.Background(), program(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// nothing is the RunE of a command.
func nothing(*cobra.Command, []string) error { return nil }

// library returns the names of cassettes.
func library() []string { return []string{"library:a/1", "library:b/1"} }

// play is a program with every kind of flag.
func play() *cobra.Command {
	c := &cobra.Command{
		Use: "play [flags] TAPE...", Short: "play tapes", RunE: nothing,
		Long:              "\nPlays tapes.\n\n'Tapes' are\n.files with a back\\slash.",
		Annotations:       map[string]string{More: "\nTapes:\n  One line.\n\n    indented\n\nExit status:\n  0    it was played\n  N    otherwise\n"},
		Example:           "\n  # play one\n  play a.tape\n\n  # play two\n  play a.tape \\\n    b.tape\n",
		ValidArgsFunction: CassetteArgs(library),
	}
	fs := c.Flags()
	fs.String("listen", "", "listen on `ADDR` [default: a 'private' socket]")
	fs.String("how", "fast", "play `HOW`: fast or slow")
	fs.StringArray("tape", nil, "play `FILE`; repeatable")
	fs.BoolP("loud", "l", false, "be loud")
	fs.Bool("secret", false, "not shown")
	fs.Lookup("secret").Hidden = true
	Values(c, "how", "fast", "slow")
	Cassettes(c, "tape", library)
	return c
}

// tool is a program with subcommands.
func tool() *cobra.Command {
	root := &cobra.Command{Use: "tool COMMAND", Short: "do things", Long: "Does things.", RunE: UnknownCommand}
	for _, name := range []string{"show", "mend"} {
		c := &cobra.Command{Use: name, Short: name + " it's things", Long: "Does " + name + ".", RunE: nothing}
		c.Flags().Bool("all", false, "all of them")
		root.AddCommand(c)
	}
	return root
}

// output runs a program and returns its output.
func output(t *testing.T, c *cobra.Command, args ...string) string {
	t.Helper()
	var b strings.Builder
	if err := Execute(t.Context(), c, args, &b); err != nil {
		t.Fatalf("%s %q: %v", c.Name(), args, err)
	}
	return b.String()
}

func TestHelpAndManualPage(t *testing.T) {
	for name, p := range map[string]func() *cobra.Command{"play": play, "tool": tool} {
		scripttest.Golden(t, name+".help", output(t, p(), "--help"))
		scripttest.Golden(t, name+".1", output(t, p(), "--man"))
	}
}

func TestHelpCommandPrintsHelpOfSubcommand(t *testing.T) {
	if got, want := output(t, tool(), "help", "show"), output(t, tool(), "show", "--help"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// completions are command lines, the last word to be completed, and the words
// that it is completed to.
var completions = []struct {
	p    func() *cobra.Command
	line []string
	want string
}{
	{play, []string{"play", "--l"}, "--listen --loud"},
	{play, []string{"play", "--how", "s"}, "slow"},
	{play, []string{"play", "--how", ""}, "fast slow"},
	{play, []string{"play", "--listen", "--l"}, ""},
	{play, []string{"play", "a", "--", "no-such-program"}, ""},
	{play, []string{"play", "a", "--", "no-such-program", "library:"}, ""},
	{play, []string{"play", "--sec"}, ""},
	{play, []string{"play", "--tape", "library:b"}, "library:b/1"},
	{play, []string{"play", "library:"}, "library:a/1 library:b/1"},
	{play, []string{"play", "x", "library:a"}, "library:a/1"},
	{tool, []string{"tool", "s"}, "show"},
	{tool, []string{"tool", "show", "--a"}, "--all"},
	{tool, []string{"tool", "show", "s"}, ""},
}

func TestProgramCompletesWords(t *testing.T) {
	for _, tt := range completions {
		var got []string
		for line := range strings.Lines(output(t, tt.p(), append([]string{"__complete"}, tt.line[1:]...)...)) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			// A shell drops other words, and obeys the last line, which begins with a colon.
			if last := tt.line[len(tt.line)-1]; strings.HasPrefix(word, last) && !strings.HasPrefix(word, ":") {
				got = append(got, word)
			}
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%q completes to %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestProgramOfCommandIsCompletedFromPath(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"wt-run": 0o755, "wt-text": 0o644} {
		if err := os.WriteFile(dir+"/"+name, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	if got := output(t, play(), "__complete", "a", "--", "wt-"); !strings.HasPrefix(got, "wt-run\n:") {
		t.Errorf("got %q, want wt-run alone", got)
	}
}

// The functions _init_completion and _command_offset stand for those of the package
// bash-completion.
func TestBashScriptCompletesWords(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"play", "tool"} {
		if err := os.Symlink(os.Args[0], dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range completions {
		name := tt.p().Name()
		script := output(t, tt.p(), "--completion", "bash") + `
_init_completion() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}; }
COMP_WORDS=(` + quoted(tt.line) + `); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_TYPE=63
COMP_WORDBREAKS=" "
compopt() { :; }
_command_offset() { COMPREPLY=("COMMAND=${COMP_WORDS[$1]}"); }
$(complete -p ` + name + ` | sed 's/.*-F \([^ ]*\) .*/\1/'); printf '%s\n' "${COMPREPLY[@]%% *}" | sort`
		cmd := exec.Command(bash, "-c", script)
		cmd.Dir = dir // no file completes a word
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "WIRETAPE_TEST_PROGRAM="+name)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", tt.line, err, out)
		}
		if slices.Contains(tt.line, "--") {
			tt.want = "COMMAND=no-such-program"
		}
		if got := strings.Join(strings.Fields(string(out)), " "); got != tt.want {
			t.Errorf("%q completes to %q, want %q", tt.line, got, tt.want)
		}
	}
}

// quoted returns words for bash.
func quoted(words []string) string {
	quoted := slices.Clone(words)
	for i := range quoted {
		quoted[i] = "'" + quoted[i] + "'"
	}
	return strings.Join(quoted, " ")
}

func TestWrongCommandLineIsAnError(t *testing.T) {
	for _, tt := range []struct {
		p         func() *cobra.Command
		args      []string
		err, hint string
	}{
		{play, []string{"--unknown"}, "unknown flag: --unknown", ""},
		{play, []string{"--lisen", "x"}, "unknown flag: --lisen", "did you mean --listen?"},
		{play, []string{"--secre"}, "unknown flag: --secre", ""},
		{play, []string{"-x"}, "unknown shorthand flag: 'x' in -x", ""},
		{play, []string{"--how"}, "--how needs a value: HOW", ""},
		{play, []string{"--loud=maybe"}, `--loud: strconv.ParseBool: parsing "maybe": invalid syntax`, ""},
		{play, []string{"--completion", "tcsh"}, `--completion: no completions for "tcsh": it knows bash, zsh, fish, powershell`, ""},
		{tool, nil, "no command is given", ""},
		{tool, []string{"shwo"}, `unknown command "shwo"`, "did you mean tool show?"},
		{tool, []string{"help", "mnd"}, `unknown command "mnd"`, "did you mean tool mend?"},
		{tool, []string{"completion", "fis"}, `unknown command "fis"`, "did you mean tool completion fish?"},
		{tool, []string{"show", "--al"}, "unknown flag: --al", "did you mean --all?"},
	} {
		var b strings.Builder
		err := Execute(t.Context(), tt.p(), tt.args, &b)
		wrong, ok := errors.AsType[*Error](err)
		if !ok || b.Len() > 0 || wrong.Error() != tt.err || wrong.Hint() != tt.hint {
			t.Errorf("%q: got %v, output %q; want the error %q with the hint %q", tt.args, err, b.String(), tt.err, tt.hint)
		}
	}
}

func TestVersionNamesProgram(t *testing.T) {
	if got := output(t, play(), "--version"); !strings.HasPrefix(got, "play (wiretape) ") {
		t.Errorf("got %q", got)
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestAnswerThatCannotBeWrittenIsAnError(t *testing.T) {
	for _, arg := range []string{"--help", "--version", "--man", "--completion=bash"} {
		if err := Execute(t.Context(), play(), []string{arg}, full{}); err == nil {
			t.Errorf("%s: got no error, want the writer's", arg)
		}
	}
}
