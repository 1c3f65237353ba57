package replay

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/wiretape/wiretape/replay/internal/explain"
	"github.com/wiretape/wiretape/replay/internal/plan"
)

// drainMax is how much of the body of a request that nothing answers is read
// before it is refused with a close.
const drainMax = 1 << 20

// miss answers a request that no interaction answers.
func (c *conn) miss(x *exchange) {
	e := explain.Explainer{Index: c.srv.index, Repeat: c.srv.Repeat.of(x.again)}
	method, target, _ := strings.Cut(x.request, " ")
	m := c.srv.explained(e.Miss(method, target, x.digest))
	if c.srv.OnMiss != nil {
		err := c.ask(x)
		if err == nil {
			c.proxied(m)
			return
		}
		m.Text += "\nlive server: " + err.Error()
	}
	c.missed(m)
	c.fail(x, m.Text)
}

// missed reports that the client has asked for, or said, what nobody did.
func (c *conn) missed(m Miss) {
	c.srv.tally.miss(m)
	c.srv.strayed(c)
	c.srv.log.Warn(m.Text)
}

// proxied reports what was put to the live server.
func (c *conn) proxied(m Miss) {
	c.srv.tally.proxy(m)
	c.log.Info("ask the live server", "request", m.Request)
}

// fail answers a request with MissStatus and the reason. A client that waits for a
// 100 Continue gets it at once, and the connection is closed, because it may
// or may not send its body.
func (c *conn) fail(x *exchange, text string) {
	x.missed, x.reason = true, text
	x.close = x.close || x.expect && !x.live.Whole
	c.settle(x, nil, c.srv.failure(x, text))
	if x.close && x.expect && !x.queued {
		c.enqueue(x)
	}
}

// unreadable answers a request whose interaction cannot be read, without
// waiting for its end: the recorded client may never have come to it.
func (c *conn) unreadable(x *exchange, err error) {
	c.log.Error("replay an interaction", "err", err)
	x.close = true
	c.fail(x, err.Error())
	if !x.queued {
		c.enqueue(x)
	}
}

// refuse answers a request whose body is too long to be waited for.
func (c *conn) refuse(x *exchange) {
	x.close = true
	x.answer = c.srv.failure(x, x.reason)
	c.enqueue(x)
}

// failure returns the answer to x, which cannot be answered.
func (s *Server) failure(x *exchange, text string) *plan.Answer {
	body, _ := json.Marshal(map[string]string{"message": text}) // strings always marshal
	body = append(body, '\n')
	status := cmp.Or(s.MissStatus, http.StatusNotImplemented)
	head := "HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\nContent-Type: application/json\r\nWiretape-Miss: true\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n"
	if x.close {
		head += "Connection: close\r\n"
	}
	if x.bare {
		body = nil
	}
	return &plan.Answer{Writes: [][]byte{append([]byte(head+"\r\n"), body...)}}
}
