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
	// LeftOut tells that the cassette has no such interactions: IDs are places in
	// the recording, counted from 0.
	LeftOut bool
}

// String returns the text with the ids of the interactions.
func (n Notice) String() string {
	noun := "interaction"
	if n.LeftOut {
		noun = "recorded exchange"
	}
	switch len(n.IDs) {
	case 0:
		return n.Text
	case 1:
		return fmt.Sprintf("%s (%s %d)", n.Text, noun, n.IDs[0])
	}
	return fmt.Sprintf("%s (%ss %s)", n.Text, noun, ranges(n.IDs))
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
	n.put(Notice{Text: text, IDs: []int{id}, Hint: hint})
}

// put adds a notice about one interaction.
func (n *notices) put(one Notice) {
	for i := range n.list {
		if same := &n.list[i]; same.Text == one.Text {
			if !slices.Contains(same.IDs, one.IDs[0]) {
				same.IDs = append(same.IDs, one.IDs[0])
			}
			return
		}
	}
	n.list = append(n.list, one)
}

// corrected notes that a response had another Content-Length than that of its
// body, which is missing or not.
func (n *notices) corrected(id int, missing bool) {
	text := "the response's Content-Length differed from the length of its body and was corrected"
	if missing {
		text = "the recording holds no body for the response, whose Content-Length says that there was one"
	}
	n.add(id, text, "")
}

// renumber gives the notices about interactions, whose IDs are places in the
// recording so far, the ids of the interactions. Those without an id are left out.
func (n *notices) renumber(ids map[int]int) {
	kept := n.list[:0]
	for _, notice := range n.list {
		if !notice.LeftOut {
			var list []int
			for _, place := range notice.IDs {
				if id, ok := ids[place]; ok {
					list = append(list, id)
				}
			}
			notice.IDs = list
		}
		if slices.Sort(notice.IDs); len(notice.IDs) > 0 {
			kept = append(kept, notice)
		}
	}
	n.list = kept
}
