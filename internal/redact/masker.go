package redact

// masker masks ranges of a body, whatever its format, and lists them.
type masker struct {
	rules   *Rules
	payload bool   // the names in Rules.payload are secret, too
	off     int64  // of the first byte that Body.Append has not returned; a window begins there
	spans   []Span // complete, but for the last one maybe

	rule  Rule // that masks the current secret
	deep  bool // it covers objects and arrays, or elements, as well
	vague bool // it covers strings that can be a secret, and nothing else
	jwt   jwt
}

// mark notes that [from, to) of the window is masked.
func (m *masker) mark(from, to int) {
	m.spans = appendSpan(m.spans, m.off+int64(from), m.off+int64(to), m.rule)
}

// mask masks [from, to) of the window w.
func (m *masker) mask(w []byte, from, to int) {
	stars(w[from:to])
	m.mark(from, to)
}

// maskString masks the string [from, to): the signature of a JWT, or all of
// another string.
func (m *masker) maskString(w []byte, from, to int) {
	if n, ok := isJWT(w[from:to]); ok {
		m.jwt = jwt{state: jwtSignature}
		m.spans = m.jwt.mask(w[from+n:to], m.off+int64(from+n), m.spans, m.rule)
		return
	}
	if m.vague && !canBeSecret(w[from:to]) {
		return
	}
	m.mask(w, from, to)
}

// isSecretName reports whether s is the name of a secret, in JSON or in XML, and notes
// the kind of value that it covers.
func (m *masker) isSecretName(s []byte) bool {
	name := m.rules.keys.find(s)
	if name == "" {
		return false
	}
	m.rule = Rule{kindJSON, name}
	m.deep = m.rules.json.has(s)
	m.vague = !m.deep && m.rules.vague.has(s)
	return m.deep || m.vague || m.rules.scalar.has(s) || m.payload && m.rules.payload.has(s)
}

// maskJWTs masks the JWTs of [from, to), a piece of a text without secrets.
func (m *masker) maskJWTs(w []byte, from, to int) {
	if !m.rules.keepJWT {
		m.spans = m.jwt.mask(w[from:to], m.off+int64(from), m.spans, Rule{Kind: kindJWT})
	}
}
