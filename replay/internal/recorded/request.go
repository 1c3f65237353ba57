package recorded

import (
	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
)

// RequestInfo holds the facts about a request that no rule compares.
type RequestInfo struct {
	Expects100 bool // it waited for a 100 Continue
	OldClient  bool // it spoke HTTP/1.0
	Closes     bool // it asked for the connection to be closed after the response
}

// ReadRequestInfo returns how the recorded client of an interaction asked.
func ReadRequestInfo(it *cassettes.Interaction) RequestInfo {
	h, ok := http1.ParseHead(it.Request.Head)
	if !ok {
		return RequestInfo{}
	}
	return RequestInfo{Expects100: h.Expect, OldClient: h.Minor == 0, Closes: h.Close}
}
