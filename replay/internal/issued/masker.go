package issued

// Masker masks a body as it passes, as Book.Mask does a whole one. Only a body
// that begins as a JSON document is looked into, and of that the first
// DocumentMax bytes.
type Masker struct {
	book  *Book
	begun bool
	seen  int
	skip  bool   // the rest is passed on as it is
	held  []byte // the beginning of a run, whose end has not come
	long  bool   // within a run that is too long to be looked into
	refs  []Ref
}

// Masker returns a masker for a body.
func (b *Book) Masker() *Masker { return &Masker{book: b} }

// Refs returns the values that the body mentions, in order.
func (m *Masker) Refs() []Ref { return m.refs }

// Append appends p to dst, without a run that may go on.
func (m *Masker) Append(dst, p []byte) []byte {
	if !m.begun && len(p) > 0 {
		m.begun, m.skip = true, !isDocument(p)
	}
	if m.skip {
		return append(dst, p...)
	}
	if left := DocumentMax - m.seen; len(p) > left {
		dst = m.Flush(m.Append(dst, p[:left]))
		m.skip = true
		return append(dst, p[left:]...)
	}
	m.seen += len(p)
	if m.long || len(m.held) > 0 {
		dst, p = m.goOn(dst, p)
	}
	cut := len(p)
	for cut > 0 && isRunByte(p[cut-1]) {
		cut--
	}
	dst, m.refs = m.book.Mask(dst, p[:cut], m.refs)
	return m.hold(dst, p[cut:])
}

// goOn appends the rest of a run to dst, and returns the bytes after it.
func (m *Masker) goOn(dst, p []byte) (_, rest []byte) {
	end := 0
	for end < len(p) && isRunByte(p[end]) {
		end++
	}
	dst = m.hold(dst, p[:end])
	if end == len(p) {
		return dst, nil
	}
	m.long = false
	return m.Flush(dst), p[end:]
}

// hold holds a piece of a run back, or appends it to dst where that run is too
// long.
func (m *Masker) hold(dst, piece []byte) []byte {
	if !m.long && len(m.held)+len(piece) <= runMax {
		m.held = append(m.held, piece...)
		return dst
	}
	dst = append(append(dst, m.held...), piece...)
	m.held, m.long = m.held[:0], true
	return dst
}

// Flush appends the bytes held back to dst: the body has ended.
func (m *Masker) Flush(dst []byte) []byte {
	dst, m.refs = m.book.Mask(dst, m.held, m.refs)
	m.held = m.held[:0]
	return dst
}
