package importer

import (
	"bytes"
	"strings"

	"github.com/wiretape/wiretape/chunked"
)

// reframe cuts a chunked body into one chunk for each JSON record, where that
// is wanted and it is a stream of such, and says where chunks are gone.
func (r *Recording) reframe(id int, h *head, m *message) {
	records := jsonRecords(h, m.body)
	if r.o.Reframe && len(records) > 1 {
		m.chunks = records
		r.notices.add(id, "a chunk was made of each record of joined JSON message streams", "")
		return
	}
	hint := ""
	if len(records) > 1 {
		hint = "--reframe json makes a chunk of each record of a JSON message stream, as Docker sends them"
	}
	r.notices.add(id, "the recording joined chunks; their boundaries are gone, and each body is one chunk", hint)
}

// jsonRecords returns the sizes of the records in a stream of JSON values, nil
// where body is none.
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
