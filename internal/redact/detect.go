package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// detect looks for a secret at the start of b, at a word or a colon. prev is
// the byte before b.
func detect(b []byte, prev byte) match {
	if b[0] == ':' {
		return detectUserinfo(b)
	}
	n := wordLen(b)
	if n < len("sig") {
		return match{skip: n}
	}
	start := escapeLen(b[:n], prev)
	word := b[start:n]
	if len(word) == 0 {
		return match{skip: n}
	}
	m := detectWord(b[start:], word)
	if m.kind == "" {
		m = detectNamed(b[start:], word, prev)
	}
	m.from += start
	m.to += start
	m.skip = n
	return m
}

// escapeLen returns the length of the rest of an escape at the start of a
// word, as in "\npassword" or "\u0026password".
func escapeLen(word []byte, prev byte) int {
	switch {
	case prev != '\\':
		return 0
	case word[0] == 'u' && len(word) > 5:
		return 5
	case len(word) > 1 && bytes.IndexByte([]byte("nrtbfx0"), word[0]) >= 0:
		return 1
	}
	return 0
}

// detectWord detects secrets by their first bytes.
func detectWord(b, word []byte) match {
	switch word[0] {
	case 'e':
		return detectBase64JSON(b)
	case 'B', 'b':
		return detectCredentials(b, word)
	case '-':
		return detectPrivateKey(b)
	case 'A':
		if len(word) == 20 && (hasPrefix(word, "AKIA") || hasPrefix(word, "ASIA")) && isUpperAlnum(word) {
			return match{to: len(word), kind: KindAWSKey}
		}
	}
	// The length keeps names that share a prefix with a token, as npm_config,
	// from being reported.
	for _, p := range tokenPrefixes {
		if len(word) >= p.length && word[0] == p.prefix[0] && hasPrefix(word, p.prefix) {
			return match{to: len(word), kind: KindToken}
		}
	}
	return match{}
}

// tokenPrefixes are the first bytes of the tokens of known issuers, and the
// shortest length of a token.
var tokenPrefixes = []struct {
	prefix string
	length int
}{
	{"ghp_", 40}, {"gho_", 40}, {"ghu_", 40}, {"ghs_", 40}, {"ghr_", 40}, {"github_pat_", 33}, // GitHub
	{"glpat-", 26}, {"gldt-", 25}, {"glptt-", 26}, // GitLab
	{"dckr_pat_", 20}, {"dckr_oat_", 20}, // Docker Hub
	{"SWMTKN-1-", 30}, {"SWMKEY-1-", 30}, // Docker Swarm
	{"xoxb-", 20}, {"xoxp-", 20}, {"xoxa-", 20}, {"xoxr-", 20}, {"xoxs-", 20}, // Slack
	{"AIza", 39}, {"sk_live_", 24}, {"rk_live_", 24}, {"npm_", 40}, {"pypi-", 40},
}

// detectBase64JSON detects a JWT, or registry credentials as in
// X-Registry-Auth: a JSON object in base64.
func detectBase64JSON(b []byte) match {
	if !hasPrefix(b, "eyJ") {
		return match{}
	}
	n := 0
	for n < len(b) && (base64url[b[n]] || b[n] == '.') {
		n++
	}
	if sig, ok := isJWT(b[:n]); ok && sig < n {
		if isMaskedSignature(b[sig:n]) {
			return match{}
		}
		return match{to: n, kind: KindJWT}
	}
	n = base64Len(b)
	plain := decode(b[:n])
	for _, key := range []string{`"password"`, `"identitytoken"`, `"registrytoken"`, `"auth"`} {
		if bytes.Contains(bytes.ToLower(plain), []byte(key)) {
			return match{to: n, kind: KindAuthConfig}
		}
	}
	return match{}
}

// detectCredentials detects the credentials after "Basic" or "Bearer".
func detectCredentials(b, word []byte) match {
	basic := len(word) == 5 && equalFold(word, "basic")
	if !basic && !(len(word) == 6 && equalFold(word, "bearer")) {
		return match{}
	}
	from := len(word)
	for from < len(b) && b[from] == ' ' {
		from++
	}
	if from == len(word) {
		return match{}
	}
	to := from
	for to < len(b) && (base64url[b[to]] || strings.IndexByte("+/=.~", b[to]) >= 0) {
		to++
	}
	value := b[from:to]
	switch {
	case isMasked(value):
		return match{}
	// "Basic" is an ordinary word. Its credentials decode to user:password.
	case basic && bytes.IndexByte(decode(value), ':') < 0:
		return match{}
	case !basic && len(value) < 16: // a word of a sentence, or realm=
		return match{}
	}
	return match{from: from, to: to, kind: KindCredentials}
}

// detectPrivateKey detects the first line of a key in PEM.
func detectPrivateKey(b []byte) match {
	if !hasPrefix(b, "-----BEGIN ") {
		return match{}
	}
	const end = "PRIVATE KEY-----"
	line := b[:min(len(b), 80)]
	if i := bytes.Index(line, []byte(end)); i >= 0 && bytes.IndexByte(line[:i], '\n') < 0 {
		return match{to: i + len(end), kind: KindPrivateKey}
	}
	return match{}
}

// detectUserinfo detects ://user:password@, or a name that is long enough for
// a token.
func detectUserinfo(b []byte) match {
	m := match{skip: 1}
	if !hasPrefix(b, "://") {
		return m
	}
	n := userinfoLen(b[3:])
	info := b[3 : 3+n]
	user, password, ok := bytes.Cut(info, []byte(":"))
	switch {
	case n == 0, ok && isMasked(password), isMasked(info):
	case ok && len(password) > 0, len(user) >= 20:
		m.from, m.to, m.kind = 3, 3+n, KindUserinfo
	}
	return m
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

func isUpperAlnum(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// base64Len returns the length of the base64 at the start of b, of either
// alphabet, with its padding.
func base64Len(b []byte) int {
	n := 0
	for n < len(b) && (base64url[b[n]] || b[n] == '+' || b[n] == '/') {
		n++
	}
	for n < len(b) && b[n] == '=' {
		n++
	}
	return n
}

// decode decodes the valid beginning of b, base64 of either alphabet.
func decode(b []byte) []byte {
	b = bytes.TrimRight(b, "=")
	plain := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.RawURLEncoding
	}
	n, _ := enc.Decode(plain, b)
	return plain[:n]
}
