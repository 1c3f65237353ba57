package importer

import (
	"errors"
	"fmt"
)

// This file leaves out the exchanges that a cassette cannot have: one of them is
// no reason to refuse a recording.

// errNoResponse is the reason to leave out an exchange that nobody can play.
var errNoResponse = errors.New("no response came, because the client gave up or the connection broke")

// take takes over the exchange at a place in the recording, or leaves it out
// because of err. It reports which.
func (r *Recording) take(place int, e *exchange, err error) bool {
	if err == nil {
		e.place = place
		r.exchanges = append(r.exchanges, e)
		return true
	}
	r.notices.put(Notice{Text: "left out: " + err.Error(), IDs: []int{place}, LeftOut: true})
	if r.left++; r.refused == nil {
		noun := "interaction"
		if r.Format == "HAR" {
			noun = "entry"
		}
		r.refused = fmt.Errorf("%s %d: %w", noun, place, err)
	}
	return false
}

// keepPossible leaves out the exchanges that HTTP/1.1 cannot express, and numbers
// the notices anew. It fails if none remains.
func (r *Recording) keepPossible() error {
	all := r.exchanges
	r.exchanges = nil
	ids := make(map[int]int)
	for _, e := range all {
		var err error
		if !r.exact {
			err = e.possible()
		}
		if r.take(e.place, e, err) {
			ids[e.place] = len(r.exchanges) - 1
		}
	}
	r.notices.renumber(ids)
	return r.nothingLeft()
}

// nothingLeft reports why no exchange of a recording that has some can be
// imported.
func (r *Recording) nothingLeft() error {
	switch {
	case len(r.exchanges) > 0 || r.left == 0:
		return nil
	case r.left == 1:
		return r.refused
	}
	return fmt.Errorf("%w; none of its %d exchanges can be imported", r.refused, r.left)
}

// possible reports why HTTP/1.1 cannot express an exchange.
func (e *exchange) possible() error {
	var r Recording // takes the notices
	asked, err := r.requestMessage(0, e)
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if e.response == nil {
		return nil
	}
	if _, err := r.responseMessage(0, e, asked.head); err != nil {
		return fmt.Errorf("response: %w", err)
	}
	return nil
}
