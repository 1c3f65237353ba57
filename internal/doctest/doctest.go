// Package doctest reads the documents of the project, so that tests can hold
// them to the code: it finds fenced blocks, the commands in them, and links.
//
//	for _, b := range doctest.Blocks(text) {
//		if b.Language() == "console" {
//			for _, s := range doctest.Steps(b) {
//				// run s.Command, compare with s.Output: see Matches
//			}
//		}
//	}
//
// A block whose opening line reads "```console" is a transcript: a line that
// begins with "$ " is a command, and the lines below it are its output. A block
// "```console engine" needs a Docker engine and a registry. A block
// "```python test_pull.py" is the text of a file that later commands use.
package doctest

import (
	"regexp"
	"strings"
)

// Block is a fenced block of a document.
type Block struct {
	Info string // what follows the opening fence
	Text string // the lines between the fences
	Line int    // line number of the opening fence
}

// Language returns the first word of the opening line.
func (b Block) Language() string {
	language, _, _ := strings.Cut(b.Info, " ")
	return language
}

// File returns the name of the file that the block is the text of, or "".
func (b Block) File() string {
	_, name, _ := strings.Cut(b.Info, " ")
	if !strings.Contains(name, ".") {
		return ""
	}
	return name
}

// NeedsEngine reports whether b's commands need a Docker engine.
func (b Block) NeedsEngine() bool { return b.Info == "console engine" }

// Blocks returns the fenced blocks of a document in Markdown.
func Blocks(text string) []Block {
	var list []Block
	inside := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && inside:
			inside = false
		case fence:
			inside = true
			list = append(list, Block{Info: strings.TrimSpace(info), Line: number})
		case inside:
			list[len(list)-1].Text += line
		}
	}
	return list
}

// Step is a command and its output.
type Step struct {
	Command string // as it stands behind the prompt
	Output  string // lines up to the next command
	Line    int    // line number of the command
}

// Steps returns the commands of a transcript. A command whose line ends with a
// backslash goes on in the next line.
func Steps(b Block) []Step {
	var list []Step
	number, open := b.Line, false
	for line := range strings.Lines(b.Text) {
		number++
		command, begins := strings.CutPrefix(line, "$ ")
		switch {
		case begins:
			list = append(list, Step{Command: command, Line: number})
		case open:
			list[len(list)-1].Command += line
		case len(list) > 0:
			list[len(list)-1].Output += line
		}
		open = (begins || open) && strings.HasSuffix(line, "\\\n")
	}
	return list
}

var (
	hexadecimal = regexp.MustCompile(`\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b`)
	moment      = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
	quantity    = regexp.MustCompile(`\b\d+(?:\.\d+)?(?: ?(?:B|kB|ns|us|µs|ms|s)\b)?`)
)

// today replaces digests, dates and numbers: they differ from day to day.
func today(s string) string {
	s = hexadecimal.ReplaceAllString(s, "HEX")
	s = moment.ReplaceAllString(s, "DATE")
	return quantity.ReplaceAllString(s, "N")
}

// Matches reports whether got is the output that a document shows. Digests,
// dates and numbers may differ. A line "..." in want stands for any
// lines, and "..." at the end of a line for the rest of it.
func Matches(want, got string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(today(want)) {
		if strings.TrimSpace(line) == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		if begin, ok := strings.CutSuffix(line, "...\n"); ok {
			pattern.WriteString(regexp.QuoteMeta(begin) + `.*\n`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(today(strings.ReplaceAll(got, "\r\n", "\n")))
}

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	symbols = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// Links returns the targets of the links in a document, code left out.
func Links(text string) []string {
	var list []string
	for _, m := range link.FindAllStringSubmatch(withoutBlocks(text), -1) {
		list = append(list, m[1])
	}
	return list
}

// Anchors returns the names by which links reach the headings of a document,
// as GitHub makes them.
func Anchors(text string) map[string]bool {
	set := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(withoutBlocks(text), -1) {
		name := symbols.ReplaceAllString(strings.ToLower(m[1]), "")
		set[strings.ReplaceAll(name, " ", "-")] = true
	}
	return set
}

// withoutBlocks returns text without its fenced blocks.
func withoutBlocks(text string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		if !inside {
			b.WriteString(line)
		}
	}
	return b.String()
}
