package catalog

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/wiretape/wiretape/cassettes"
)

// WarnLost warns of the bodies in a cassette of go-vcr that are left out, because
// HTTP/1.1 allows none in these responses.
func WarnLost(c *cassettes.Cassette, log *slog.Logger) {
	var ids []string
	size := 0
	for i := range c.Len() {
		if e := c.Entry(i); e.LostBody > 0 {
			ids = append(ids, fmt.Sprint(e.ID))
			size += e.LostBody
		}
	}
	if len(ids) > 0 {
		log.Warn("HTTP/1.1 allows no body in these responses, so what go-vcr kept of one is left out",
			"cassette", c.Name, "interactions", strings.Join(ids, ","), "bytes", size)
	}
}
