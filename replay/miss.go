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

// drainMax is the number of bytes of the body that are read of a request that
// nothing answers, before it is refused with a close.
const drainMax = 1 << 20

// miss answers a request that no interaction answers.
func (m *matcher) miss(x *exchange) {
	e := explain.Explainer{Index: m.srv.index, Repeat: m.srv.Repeat.of(x.repeatable)}
	method, target, _ := strings.Cut(x.request, " ")
	found := e.Miss(method, target, x.digest)
	e.Refuse(&found, x.refusal)
	why := m.srv.explained(found)
	if m.srv.OnMiss != nil {
		err := m.ask(x)
		if err == nil {
			m.proxied(why)
			return
		}
		why.Text += "\nlive server: " + err.Error()
	}
	m.missed(why)
	m.fail(x, why.Text)
}

// missed reports that the client asked for, or sent, something that was not
// recorded.
func (m *matcher) missed(why Miss) {
	m.srv.tally.miss(why)
	m.srv.watch(m.client)
	m.srv.log.Warn(why.Text)
}

// proxied reports a miss that the live server answers.
func (m *matcher) proxied(why Miss) {
	m.srv.tally.proxy(why)
	m.log.Info("ask the live server", "request", why.Request)
}

// fail answers a request with MissStatus and the reason. A client that waits for a
// 100 Continue gets it at once, and the connection is closed, because it may
// or may not send its body.
func (m *matcher) fail(x *exchange, text string) {
	x.missed, x.reason = true, text
	x.close = x.close || x.expects100 && !x.live.Whole
	m.out.settle(x, nil, m.srv.failure(x, text))
	if x.close && x.expects100 && !x.queued {
		m.out.enqueue(x)
	}
}

// unreadable answers a request whose interaction cannot be read, without
// waiting for its end: the recorded client may never have come to it.
func (m *matcher) unreadable(x *exchange, err error) {
	m.log.Error("replay an interaction", "err", err)
	x.close = true
	m.fail(x, err.Error())
	if !x.queued {
		m.out.enqueue(x)
	}
}

// refuse answers a request whose body is too long to be waited for.
func (m *matcher) refuse(x *exchange) {
	x.close = true
	x.answer = m.srv.failure(x, x.reason)
	m.out.enqueue(x)
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
	if x.headOnly {
		body = nil
	}
	return &plan.Answer{Writes: [][]byte{append([]byte(head+"\r\n"), body...)}}
}
