package usage

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are the shells that --completion knows.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// Values completes the flag's value with the values that it takes.
func Values(c *cobra.Command, flag string, values ...string) {
	complete(c, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// Cassettes completes the flag's value with the names of cassettes: those that
// library returns, and files.
func Cassettes(c *cobra.Command, flag string, library func() []string) {
	complete(c, flag, func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return cassetteNames(word, library)
	})
}

// complete completes the flag's value with f. It panics where c has no such flag.
func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

// CassetteArgs completes arguments before "--" with the names of cassettes: those
// that library returns, and files. It completes COMMAND with names of programs.
func CassetteArgs(library func() []string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		switch before := wordsAfterDash(c); {
		case before < 0:
			return cassetteNames(word, library)
		case before == 0 && !strings.Contains(word, "/"):
			return programs(word), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// argsKey is the key of a context's value: the arguments of Execute.
type argsKey struct{}

// wordsAfterDash returns the number of complete words after "--", or -1 if there
// is no "--". ArgsLenAtDash does not tell: to find the flag to complete, cobra
// parses the words with a "--" after them.
func wordsAfterDash(c *cobra.Command) int {
	args, _ := c.Context().Value(argsKey{}).([]string)
	dash := slices.Index(args, "--")
	if dash < 0 || dash == len(args)-1 {
		return -1
	}
	return len(args) - 1 - (dash + 1)
}

// cassetteNames returns the names in the library that begin with word, and with them
// the files that do: a shell itself completes files only where it gets no name.
func cassetteNames(word string, library func() []string) (names []string, d cobra.ShellCompDirective) {
	if library == nil || word == "" {
		return nil, cobra.ShellCompDirectiveDefault
	}
	for _, name := range library() {
		if strings.HasPrefix(name, word) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	files, _ := filepath.Glob(word + "*") // a word that is no pattern names no file
	return append(names, files...), cobra.ShellCompDirectiveNoFileComp
}

// programs returns the names of the programs on PATH that begin with word.
func programs(word string) (names []string) {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// A folder of PATH that cannot be read has no programs to offer.
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), word) && executable(e) {
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// executable reports whether e may be run by somebody; a link is taken to be.
func executable(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && !e.IsDir() && info.Mode()&0o111 != 0
}

// completion writes the completion script of root for shell.
func completion(root *cobra.Command, shell string, w io.Writer) (err error) {
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(w, true)
	case "zsh":
		err = root.GenZshCompletion(w)
	case "fish":
		err = root.GenFishCompletion(w, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(w)
	default:
		return Errorf("--%s: no completions for %q: it knows %s", flagCompletion, shell, strings.Join(shells, ", "))
	}
	if script := afterDash[shell]; err == nil && !root.HasSubCommands() {
		_, err = fmt.Fprintf(w, script, root.Name())
	}
	return err
}

// afterDash are the ends of scripts for a command that takes a COMMAND. They let
// the shell complete the words after "--" as a command line of its own, which
// cobra knows nothing of.
var afterDash = map[string]string{
	"bash": `
__%[1]s_command()
{
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]] && declare -F _command_offset >/dev/null; then
            _command_offset $((i + 1))
            return
        fi
    done
    __start_%[1]s "$@"
}
complete -o default -F __%[1]s_command %[1]s
`,
	"zsh": `
__%[1]s_command()
{
    local dash=${words[(i)--]}
    if (( dash < CURRENT )); then
        shift $dash words
        (( CURRENT -= dash ))
        _normal
        return
    fi
    _%[1]s
}
compdef __%[1]s_command %[1]s
`,
}
