package importer

import (
	"bytes"
	"strings"

	"github.com/wiretape/wiretape/chunked"
)

// reframe makes one chunk of each JSON record, where the user wants that and
// the body is a stream of records. It notes that the original chunks are lost.
func (r *Recording) reframe(id int, h *head, m *message) {
	records := jsonRecords(h, m.body)
	if r.o.Reframe && len(records) > 1 {
		m.chunks = records
		r.notices.add(id, "the recording joined the chunks of JSON message streams; each record became one chunk", "")
		return
	}
	hint := ""
	if len(records) > 1 {
		hint = "--reframe json makes a chunk of each record of a JSON message stream, as Docker sends them"
	}
	r.notices.add(id, "the recording joined chunks; their boundaries are gone, and each body is one chunk", hint)
}

// jsonRecords returns the sizes of the records in a stream of JSON values, nil
// where body is not such a stream.
func jsonRecords(h *head, body []byte) (sizes []int64) {
	kind, ok := h.value("Content-Type")
	if ok && !strings.Contains(strings.ToLower(kind), "json") {
		return nil
	}
	for size, err := range chunked.Sizes(bytes.NewReader(body), chunked.Records()) {
		if err != nil {
			return nil
		}
		sizes = append(sizes, size)
	}
	return sizes
}
