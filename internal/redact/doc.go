// Package redact masks secrets in bytes on their way to a cassette. A mask
// has the length of what it covers, so that frames and lengths stay as they
// were; the bytes that travel between client and server are never touched.
//
//	rules, err := redact.Parse([]string{"default", "header:X-My-Key"})
//	…
//	spans := rules.Head(head, nil) // in place
//	if body := rules.Body(target, head); body != nil {
//		for chunk := range chunks {
//			out = body.Append(out, chunk)
//		}
//		out = body.Flush(out)
//		spans = body.Take()
//	}
//
// Strings become "*", digits of numbers "1"; keys, quotes and structure stay.
// The signature of a JWT becomes "A"s, so that the token still decodes.
//
// # Laws
//
// Masking changes no length, gives the same bytes and spans however the input
// was cut, and is idempotent: masked bytes, masked again, give themselves and
// the same spans. So a cassette can be checked without knowing what it hid.
//
// # What is not masked
//
// Content that a digest addresses, or that only looks like text once it is
// unpacked: see Rules.Body. Secrets inside strings that have no key of their
// own, such as the variables of "Env": ["PASSWORD=…"] or URLs in JSON: Find
// reports what looks like one.
package redact
