package plan

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"

	"github.com/wiretape/wiretape/internal/http1"
)

// acceptGUID is the one of RFC 6455 section 1.3.
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// webSocketAccept returns the Sec-WebSocket-Accept that answers a client's
// Sec-WebSocket-Key (RFC 6455 section 4.2.2).
func webSocketAccept(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// acceptKey returns a response's head with the Sec-WebSocket-Accept that answers
// key. The head keeps its length.
func acceptKey(head []byte, key string) []byte {
	h, ok := http1.ParseResponseHead(head, []byte("GET"), true)
	if !ok {
		return head
	}
	was, is := h.Field("Sec-WebSocket-Accept"), webSocketAccept(key)
	if len(was) != len(is) {
		return head
	}
	return bytes.Replace(head, was, []byte(is), 1)
}
