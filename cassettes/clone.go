package cassettes

import (
	"bytes"
	"maps"
	"slices"
)

// Clone returns a copy of an item with memory of its own, which no Append
// takes. Bodies and columns in files stay there.
func (it *Item) Clone() *Item {
	clone := *it
	clone.Request, clone.Response = it.Request.clone(), it.Response.clone()
	clone.Turns = it.Turns.clone()
	return &clone
}

func (m *Message) clone() *Message {
	if m == nil {
		return nil
	}
	clone := *m
	clone.Head = bytes.Clone(m.Head)
	clone.Interim = slices.Clone(m.Interim) // their heads are no sink's
	clone.Frames.List, clone.Frames.sink = slices.Clone(m.Frames.List), nil
	clone.Body.Data, clone.Body.sink = bytes.Clone(m.Body.Data), nil
	clone.ChunkLines = maps.Clone(m.ChunkLines)
	clone.Trailer = bytes.Clone(m.Trailer)
	clone.Closed = slices.Clone(m.Closed)
	clone.Splits = slices.Clone(m.Splits)
	clone.Redacted = slices.Clone(m.Redacted)
	return &clone
}

func (t *Turns) clone() *Turns {
	if t == nil {
		return nil
	}
	clone := *t
	clone.List, clone.sink = slices.Clone(t.List), nil
	for i := range clone.List {
		clone.List[i].Data = bytes.Clone(clone.List[i].Data)
	}
	clone.Redacted = slices.Clone(t.Redacted)
	return &clone
}
