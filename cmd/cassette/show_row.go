package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// row is a line of show's output. Its fields are those of --json; the text has
// them in the same order.
type row struct {
	ID int `json:"id"`
	// Kind is exchange or stream for an interaction; head, interim, frame,
	// trailer or turn for a part; eof, cut, close, reset or unreachable for a mark.
	Kind string `json:"kind"`

	// Of an interaction.
	Cassette string    `json:"cassette,omitempty"` // its file's name
	Session  int       `json:"session,omitempty"`
	Conn     int       `json:"conn,omitempty"`
	Peer     int       `json:"peer,omitempty"`
	Method   string    `json:"method,omitempty"`
	Target   string    `json:"target,omitempty"`
	Request  *side     `json:"request,omitempty"`
	Response *side     `json:"response,omitempty"`
	Stream   *dialogue `json:"stream,omitempty"`

	// Of a part or mark.
	Side  string `json:"side,omitempty"`
	Index *int   `json:"index,omitempty"` // of a frame or turn

	Seq int64 `json:"seq"`
	// Size is the length of a part in bytes, of a frame that of its body.
	Size *int64 `json:"size,omitempty"`
	// Wait is the time since the recording began for an interaction, since the
	// part before for a part; nil where times are not stored.
	Wait *time.Duration `json:"wait_ns,omitempty"`
	// Text is a part's first bytes, of a head its first line.
	Text *string `json:"text,omitempty"`
	Cut  bool    `json:"cut,omitempty"` // the part is longer than Text
}

// side sums up one message of an exchange.
type side struct {
	Status  int            `json:"status,omitempty"`
	Framing string         `json:"framing"`
	Frames  int            `json:"frames"`
	Size    int64          `json:"size"`
	Took    *time.Duration `json:"took_ns,omitempty"` // from its first byte to its last mark
	End     string         `json:"end"`
	Missing int64          `json:"missing,omitempty"`
}

// dialogue sums up a stream.
type dialogue struct {
	Turns  int   `json:"turns"`
	Client int64 `json:"client"` // bytes
	Server int64 `json:"server"`
}

// rows writes rows, as text or as JSON, one a line.
type rows struct {
	w    io.Writer
	json bool
}

// write writes one row.
func (r rows) write(l *row) error {
	if r.json {
		e := json.NewEncoder(r.w)
		e.SetEscapeHTML(false)
		return e.Encode(l)
	}
	_, err := io.WriteString(r.w, l.text()+"\n")
	return err
}

// text returns the row as text.
func (l *row) text() string {
	var b strings.Builder
	if l.Kind == "exchange" || l.Kind == "stream" {
		l.item(&b)
	} else {
		l.part(&b)
	}
	return b.String()
}

// item writes the row of an interaction.
func (l *row) item(b *strings.Builder) {
	fmt.Fprintf(b, "#%d", l.ID)
	if l.Session > 0 {
		fmt.Fprintf(b, " session=%d", l.Session)
	}
	fmt.Fprintf(b, " conn=%d seq=%d", l.Conn, l.Seq)
	writeWait(b, l.Wait)
	if l.Request != nil {
		fmt.Fprintf(b, " %s %s", l.Method, l.Target)
		if l.Request.Frames > 0 || l.Request.End != "complete" {
			fmt.Fprintf(b, " (%s)", l.Request)
		}
		if l.Response != nil {
			fmt.Fprintf(b, " -> %d %s", l.Response.Status, l.Response)
		} else {
			b.WriteString(" -> no response")
		}
	}
	if l.Request == nil {
		b.WriteString(" stream")
	}
	if l.Stream != nil {
		fmt.Fprintf(b, ", %s, %d B from the client, %d B from the server",
			count(int64(l.Stream.Turns), "turn"), l.Stream.Client, l.Stream.Server)
	}
}

// String returns framing, frames, size, time and a bad end.
func (s *side) String() string {
	var b strings.Builder
	b.WriteString(s.Framing)
	if s.Framing != "none" && s.Framing != "stream" {
		fmt.Fprintf(&b, ", %s, %d B", count(int64(s.Frames), "frame"), s.Size)
	}
	if s.Took != nil {
		fmt.Fprintf(&b, " in %v", s.Took.Round(time.Microsecond))
	}
	switch s.End {
	case "incomplete":
		fmt.Fprintf(&b, ", incomplete (%d B missing)", s.Missing)
	case "none":
		b.WriteString(", unfinished")
	}
	return b.String()
}

// part writes the row of a part or mark.
func (l *row) part(b *strings.Builder) {
	fmt.Fprintf(b, "  %s %s", l.Side, l.Kind)
	if l.Index != nil {
		fmt.Fprintf(b, " %d", *l.Index)
	}
	if l.Size != nil {
		fmt.Fprintf(b, " %d B", *l.Size)
	}
	fmt.Fprintf(b, " seq=%d", l.Seq)
	writeWait(b, l.Wait)
	if l.Text != nil && *l.Text != "" {
		b.WriteString(" " + visible(*l.Text))
		if l.Cut {
			b.WriteString("…")
		}
	}
}

// count returns n things.
func count(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// writeWait writes a time unless it is nil.
func writeWait(b *strings.Builder, d *time.Duration) {
	if d != nil {
		fmt.Fprintf(b, " +%v", d.Round(time.Microsecond))
	}
}

// visible returns s with unprintable characters escaped, as in a Go string.
func visible(s string) string {
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
