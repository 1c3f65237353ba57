// Package rule decides whether a live request matches a recorded one. It makes
// the words of wire.match and --match-by into keys, digests and matchers, which
// always agree with each other.
//
//	r, err := rule.Resolve(caller, nil, cassettes, "")
//	k := rule.Keyer{Rule: r}
//	rule.Key(&k, "GET", "/v1.41/info", "docker") // an index finds requests by it
//	d := r.NewDigest(target, head)               // the rest of the request, as it comes
//	r.Whole().Match(live, recorded)              // the same decision, for an explanation
//
// A key holds the parts of method, path and query that count. A Digest holds the
// rest: fields and body. Two requests match if both are equal, and exactly then
// the matchers of Whole agree; a test compares them.
//
// A secret compares as one "*", whatever its length: the cassettes' masks apply
// to live requests, too.
//
// # Where to add
//
// A further word of wire.match: details, in rule.go. A further product: package
// internal/product. Bodies that count by default: New, where By is empty. Fields
// that choose among requests which are equal by the rule: ties.go in package index.
package rule
