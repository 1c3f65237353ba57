package importer

import (
	"fmt"
	"slices"
	"strings"
)

// Notice reports a guess or a loss of the import.
type Notice struct {
	Text string // the guess or loss, in one line
	IDs  []int  // interactions that it is about, ascending; nil for all
	Hint string // remedy, or ""
}

// String returns the text with the ids of the interactions.
func (n Notice) String() string {
	switch len(n.IDs) {
	case 0:
		return n.Text
	case 1:
		return fmt.Sprintf("%s (interaction %d)", n.Text, n.IDs[0])
	}
	return fmt.Sprintf("%s (interactions %s)", n.Text, ranges(n.IDs))
}

// ranges writes ascending numbers as "0, 2-5".
func ranges(ids []int) string {
	var b strings.Builder
	for i := 0; i < len(ids); i++ {
		first := ids[i]
		for i+1 < len(ids) && ids[i+1] == ids[i]+1 {
			i++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d", first)
		if ids[i] > first {
			fmt.Fprintf(&b, "-%d", ids[i])
		}
	}
	return b.String()
}

// notices are the notices of an import. Each text occurs once.
type notices struct{ list []Notice }

// add notes that text is true for interaction id.
func (n *notices) add(id int, text, hint string) {
	for i := range n.list {
		if same := &n.list[i]; same.Text == text {
			if !slices.Contains(same.IDs, id) {
				same.IDs = append(same.IDs, id)
			}
			return
		}
	}
	n.list = append(n.list, Notice{text, []int{id}, hint})
}
