// Package redact masks secrets in bytes on their way to a cassette. A mask has
// the length of the secret, so that frames and lengths stay true. The bytes
// between client and server are never touched.
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
// Strings become "*" and digits of numbers "1". Keys, quotes and structure
// stay. The signature of a JWT becomes "A"s, so that the token still decodes.
//
// # Laws
//
// Masking changes no length, and gives the same bytes and spans for every
// split of the input. It is idempotent: masking masked bytes changes nothing
// and gives the same spans. So a cassette can be checked without its secrets.
//
// # What is not masked
//
// Content that is addressed by a digest, or compressed: see Rules.Body.
// Secrets inside strings without a key of their own, such as the variables of
// "Env": ["PASSWORD=…"] or URLs in JSON. Find reports bytes that look like
// such secrets.
package redact
