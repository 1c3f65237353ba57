// Package explain says why no recorded interaction answers a request: which
// recorded requests come nearest, where they differ, and with which looser rule
// one of them would have answered.
//
// It returns values, and their text but for the hint. The caller words that for its
// reader: the command line names flags, a Go test fields, a cassette keys of
// wire.match.
package explain

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/matchers"
)

// Miss is a request that no interaction answers.
type Miss struct {
	// Method and Target are the request's, secrets masked. Both are empty for a
	// connection that is not HTTP.
	Method, Target string
	// Nearest are the recorded requests most like it, best first, at most three
	// and one of each method, path and query.
	Nearest []Candidate
	// Remedy makes one of Nearest answer if it is added to the rule: it was
	// tried. The zero value means that no such rule was found.
	Remedy cassettes.Match
	// Repeat says that one of Nearest answers if played interactions may be
	// repeated.
	Repeat bool
	// Helped is the number in Nearest of the one that answers then.
	Helped int
}

// Candidate is a recorded request that comes near.
type Candidate struct {
	Cassette    string // the name it was opened with
	ID          int    // in the cassette
	Method, URL string // as recorded; both empty for a connection that is not HTTP
	// Played says that every interaction with this request was played.
	Played bool
	// Differences are the places where the live request differs; none where the
	// two match, and the interaction was only played too often.
	Differences []matchers.Difference
	// Text is the differences as text of several lines; "" where there are none.
	Text string
}
