// Package foreign finds the interactions in the text of cassettes whose layout is
// not the canonical one, such as go-vcr's, without parsing their YAML. It finds
// them if each stands on lines of its own.
package foreign

import (
	"bytes"
	"regexp"
)

// List is where the interactions stand.
type List struct {
	Indent int    // column of the dashes
	Start  int64  // offset of the first dash's line
	End    int64  // offset of the line behind the list; the caller sets it
	Dash   []byte // a line end, and what follows it where an interaction begins
}

var (
	listLine  = regexp.MustCompile(`(?m)^interactions:[ \t]*\r?\n`)
	firstDash = regexp.MustCompile(`^(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)- `)
)

// Find finds the list in the beginning of a file. Comment is the number of the
// line of the first comment between the key interactions and the first dash; 0
// means that there is none. Find returns nil if it finds no list.
func Find(head []byte) (l *List, comment int) {
	at := listLine.FindIndex(head)
	if at == nil {
		return nil, 0
	}
	dash := firstDash.FindSubmatchIndex(head[at[1]:])
	if dash == nil {
		return nil, 0
	}
	from, to := at[1]+dash[2], at[1]+dash[3]
	if i := bytes.IndexByte(head[at[1]:from], '#'); i >= 0 {
		comment = 1 + bytes.Count(head[:at[1]+i], []byte("\n"))
	}
	l = &List{Indent: to - from, Start: int64(from)}
	l.Dash = append(append([]byte("\n"), head[from:to]...), "- "...)
	return l, comment
}

// EndIn returns how many bytes of text belong to the list: all up to a line that
// stands further to the left than its interactions. The text begins with the last
// dash.
func (l *List) EndIn(text []byte) int {
	at := 0
	for line := range bytes.Lines(text) {
		blanks := indentOf(line)
		rest := bytes.TrimRight(line[blanks:], "\r\n")
		if at > 0 && len(rest) > 0 && rest[0] != '#' && blanks <= l.Indent {
			return at
		}
		at += len(line)
	}
	return len(text)
}

// CommentsIn returns where the comments begin that end the text of an interaction
// and stand above the next one.
func (l *List) CommentsIn(text []byte) int {
	end := len(text)
	for end > 0 {
		begin := bytes.LastIndexByte(text[:end-1], '\n') + 1
		line := text[begin:end]
		blanks := indentOf(line)
		if blanks > l.Indent || line[blanks] != '#' { // deeper it may be text
			break
		}
		end = begin
	}
	return end
}

// indentOf returns the number of blanks at the beginning of line.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// Shift moves the lines of text that are not empty n columns to the right, and
// ends the last one. It may change text.
func Shift(text []byte, n int) []byte {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	if n == 0 {
		return text
	}
	more := bytes.Repeat([]byte(" "), n)
	var out []byte
	for line := range bytes.Lines(text) {
		if len(bytes.TrimRight(line, "\r\n")) > 0 {
			out = append(out, more...)
		}
		out = append(out, line...)
	}
	return out
}
