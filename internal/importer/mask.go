package importer

import (
	"bytes"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/http1"
	"github.com/wiretape/wiretape/internal/redact"
)

// masker masks the secrets of one interaction, or finds out whether there are
// any.
type masker struct {
	rules  *redact.Rules
	target []byte // of the request
}

// newMasker returns a masker for the exchange whose request has this head.
func (d *drafts) newMasker(head []byte) masker {
	k := masker{rules: d.r.o.Redact}
	if h, ok := parse(head, nil); ok {
		k.target = h.Target
	}
	return k
}

// message masks m's head and body in copies, sets out's head, lists the masks
// in out, and returns the body.
func (k *masker) message(out *cassettes.Message, m *message) (body []byte) {
	out.Head = bytes.Clone(m.head)
	for line, s := range redact.ByLine(out.Head, k.rules.Head(out.Head, nil)) {
		out.Redacted = append(out.Redacted, cassettes.Redaction{Where: "head", Index: line, Off: s.Off, Len: s.Len})
	}
	mask := k.rules.Body(k.target, m.head)
	if mask == nil || m.framing == http1.None || m.framing == http1.Stream {
		return m.body
	}
	body = mask.Flush(mask.Append(nil, m.body))
	for _, s := range mask.Take() {
		out.Redacted = append(out.Redacted, cassettes.Redaction{Where: "body", Off: s.Off, Len: s.Len})
	}
	return body
}

// turn masks a turn of a stream and returns it with its masks.
func (k *masker) turn(index int, data []byte) (masked []byte, list []cassettes.Redaction) {
	lines := k.rules.Lines()
	if lines == nil {
		return data, nil
	}
	masked = bytes.Clone(data)
	lines.Mask(masked)
	for _, s := range lines.Take() {
		list = append(list, cassettes.Redaction{Where: "turn", Index: index, Off: s.Off, Len: s.Len})
	}
	return masked, list
}

// suspect notes the interactions with secrets that redaction masks by default,
// where the user asked for no redaction.
func (d *drafts) suspect() error {
	if d.r.o.Redact != nil {
		return nil
	}
	rules, err := redact.Parse([]string{"default"})
	if err != nil {
		return err
	}
	for i := range d.list {
		f := &d.list[i]
		k := d.newMasker(f.request.head)
		k.rules = rules
		var found cassettes.Message
		k.message(&found, f.request)
		if f.response != nil {
			k.message(&found, f.response)
		}
		if len(found.Redacted) > 0 {
			d.r.notices.add(i, "the recording holds secrets that record masks by default, passwords or tokens say; nothing was masked",
				"--redact default masks them, and cassette scan lists them")
		}
	}
	return nil
}
