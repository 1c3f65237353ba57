package replay

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay/internal/plan"
	"github.com/wiretape/wiretape/replay/internal/recorded"
	"github.com/wiretape/wiretape/replay/internal/relay"
)

// queue answers a connection's exchanges in order. The reading goroutine writes a
// prepared answer itself while the queue is empty. Everything else is written by
// a second goroutine, which is there as long as there are exchanges in the queue,
// or, at its turn, by the gate: see playback.
type queue struct {
	*ending
	srv     *Server
	log     *slog.Logger
	streams atomic.Bool  // the connection has left HTTP
	moves   atomic.Int64 // grows with everything that either side sends in a stream

	// Guarded by the mutex.
	list    []*exchange
	writing bool // the second goroutine is there
}

// queueMax is the number of requests that a client may send ahead of their
// answers.
const queueMax = 1000

// enqueue leaves x to the second goroutine. It blocks, so that the client is not
// read, while too many exchanges wait.
func (q *queue) enqueue(x *exchange) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) >= queueMax && !q.dead {
		q.moved.Wait()
	}
	x.queued = true
	q.list = append(q.list, x)
	if !q.writing {
		q.writing = true
		go q.serve()
	}
}

// reply writes x's prepared answer at once and reports true, or leaves it to the
// second goroutine if others are to be answered before.
func (q *queue) reply(x *exchange) (written bool) {
	q.mu.Lock()
	writing := q.writing
	q.mu.Unlock()
	if writing {
		q.enqueue(x)
		return false
	}
	if q.writeAnswer(x) {
		q.answered(x)
	}
	return true
}

// isIdle reports whether nothing has to be written before the next answer. It
// waits for a second goroutine that has nothing left to do: a client may ask
// again before that has ended.
func (q *queue) isIdle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.writing && q.isEnding() && !q.dead {
		q.moved.Wait()
	}
	return !q.writing
}

// isEnding reports whether the second goroutine has nothing left to do. The mutex
// is held.
func (q *queue) isEnding() bool {
	return len(q.list) == 0 || len(q.list) == 1 && q.list[0].playback.isLast()
}

// settle sets x's answer: a prepared one, or the plan of it.
func (q *queue) settle(x *exchange, it *cassettes.Interaction, a *plan.Answer) {
	if x.queued {
		q.mu.Lock()
		defer q.mu.Unlock()
		defer q.moved.Broadcast()
	}
	x.item, x.answer, x.matched = it, a, true
	x.stream = a == nil && recorded.LeavesHTTP(it)
}

// relay has x answered by a live server.
func (q *queue) relay(x *exchange, r *relay.Relay) {
	q.mu.Lock()
	x.relay, x.missed, x.matched = r, true, true
	q.add(r)
	queued := x.queued
	q.moved.Broadcast()
	q.mu.Unlock()
	if !queued {
		q.enqueue(x)
	}
}

// advance notes that the client of x has come further.
func (q *queue) advance(x *exchange, by func(*recorded.Point)) {
	if !x.queued { // it is still the reading goroutine's
		by(&x.live)
		return
	}
	q.mu.Lock()
	by(&x.live)
	q.moved.Broadcast()
	q.mu.Unlock()
	x.tellGate()
}

// clientLeft notes that the client has closed, in every exchange of the queue.
func (q *queue) clientLeft() {
	q.mu.Lock()
	left := slices.Clone(q.list)
	for _, x := range left {
		x.live.Closed = true
	}
	q.moved.Broadcast()
	q.mu.Unlock()
	for _, x := range left {
		x.tellGate()
		x.relay.CloseWrite()
	}
}

// awaitEmpty waits until everything in the queue is answered or dropped.
func (q *queue) awaitEmpty() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.writing {
		q.moved.Wait()
	}
}

// serve is the second goroutine: it answers the exchanges in the queue until
// there are none.
func (q *queue) serve() {
	for {
		q.mu.Lock()
		if q.ended.Load() {
			q.drop()
		}
		if len(q.list) == 0 {
			q.list, q.writing = nil, false
			q.moved.Broadcast()
			q.mu.Unlock()
			return
		}
		x := q.list[0]
		q.mu.Unlock()
		q.answer(x)
		x.playback.cancel()
		q.closeRelay(x.relay)
		q.mu.Lock()
		q.list = q.list[1:]
		q.moved.Broadcast()
		q.mu.Unlock()
	}
}

// drop empties the queue of a connection that has ended. It is called with the
// mutex held, and releases it meanwhile, because the gate's comes before it.
func (q *queue) drop() {
	for len(q.list) > 0 {
		list := q.list
		q.list = nil
		q.mu.Unlock()
		for _, x := range list {
			x.playback.cancel()
			q.closeRelay(x.relay)
		}
		q.mu.Lock()
	}
}

// answer answers x, as soon as its answer is known.
func (q *queue) answer(x *exchange) {
	if len(x.prelude) > 0 && !q.write(x.prelude) {
		return
	}
	if !q.await(func() bool { return x.matched }) {
		return
	}
	switch {
	case x.relay != nil:
		q.carry(x)
	case x.answer != nil:
		if q.await(func() bool { return x.missed || x.live.Whole || x.live.Closed }) && q.writeAnswer(x) {
			q.answered(x)
		}
	default:
		q.servePlan(x)
	}
}

// servePlan serves the plan of x.
func (q *queue) servePlan(x *exchange) {
	if x.stream {
		q.streams.Store(true)
	}
	if x.part != nil {
		q.play(x)
		return
	}
	for q.carryOut(x) {
		continue
	}
}

// play serves x through the gate.
func (q *queue) play(x *exchange) {
	if x.playback == nil {
		p := newPlayback(q, x)
		q.mu.Lock()
		x.playback = p
		q.mu.Unlock()
		p.offer()
	}
	x.playback.run()
}

// carryOut carries out the plan of x without the gate. It reports true where x
// has become another recorded connection meanwhile, whose plan is to be carried
// out from the same byte on.
func (q *queue) carryOut(x *exchange) (again bool) {
	q.mu.Lock()
	it, pos, served := x.item, x.pos, x.served
	q.mu.Unlock()
	at := time.Duration(0) // of the step before
	for w, err := range plan.Of(it, x.planOptions(q.srv)) {
		if err != nil {
			q.broken(pos, err)
			return false
		}
		before := min(served, int64(len(w.Data))) // sent as another connection's
		w.Data = w.Data[before:]
		if served -= before; w.Empty() {
			continue
		}
		if ok, other := q.awaitStep(x, it, &w); !ok {
			return other
		}
		if w.Apart {
			q.sock.AwaitRead(gap(it, at, w.At))
		}
		at = w.At
		if !q.writeStep(&w) {
			return false
		}
		if w.Mark != "" {
			q.close(x, w.Mark, w.Idle)
		}
	}
	q.answered(x)
	return false
}

// gap returns the time between two writes of it, less than 0 where it is not known.
func gap(it *cassettes.Interaction, from, to time.Duration) time.Duration {
	if !it.Timed {
		return -1
	}
	return to - from
}

// awaitStep waits until w, a step of it, is due in x, and counts it as served.
// Where it will never be due, other says that x is no longer it.
func (q *queue) awaitStep(x *exchange, it *cassettes.Interaction, w *plan.Write) (ok, other bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.dead {
		switch {
		case x.item != it:
			return false, true
		case x.live.Reached(w.After):
			x.served += int64(len(w.Data)) + w.N
			return true, false
		}
		q.moved.Wait()
	}
	return false, false
}

// become makes x, which is being served, the recorded connection at pos, if that
// is unplayed and its server sent the same bytes so far. After a Reset it claims
// nothing, and gives nothing back: both are for the clients of the new run.
func (q *queue) become(x *exchange, pos int32, it *cassettes.Interaction) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !sameServed(x.item, it, x.served) {
		return false
	}
	if idx := q.srv.index; x.run == idx.Run() {
		if !idx.Play(pos) {
			return false
		}
		idx.Unplay(x.pos)
	}
	x.pos, x.item = pos, it
	q.moved.Broadcast()
	return true
}

// broken ends the connection because an interaction cannot be read to its end.
func (q *queue) broken(pos int32, err error) {
	q.log.Error("replay an interaction", "err", q.srv.index.ReadError(pos, err))
	q.abort()
}

// writeAnswer writes x's prepared answer.
func (q *queue) writeAnswer(x *exchange) bool {
	for _, b := range x.answer.Writes {
		if !q.write(b) {
			return false
		}
	}
	if x.answer.Mark != "" {
		q.close(x, x.answer.Mark, x.answer.Idle)
	}
	return true
}

// close carries out a recorded close of x, or holds it back.
func (q *queue) close(x *exchange, m cassettes.Mark, idle plan.Idle) {
	switch {
	case idle == 0:
		q.mark(x, m)
	case idle == plan.Kept || q.srv.index.WasReused(x.pos):
		q.hold(m, keptWait)
	default:
		q.hold(m, silentWait)
	}
}

// writeStep writes the bytes of a step, and closes the connection if it fails.
func (q *queue) writeStep(w *plan.Write) bool {
	q.moves.Add(1)
	defer q.moves.Add(1) // it may have taken long
	if !q.sock.SendStep(w) {
		q.abort()
		return false
	}
	return true
}

// write writes b at once, and closes the connection if it fails.
func (q *queue) write(b []byte) bool {
	if !q.sock.Send(b) {
		q.abort()
		return false
	}
	return true
}

// answered ends x, whose answer has been written. A stream goes on until its
// client has closed.
func (q *queue) answered(x *exchange) {
	if x.stream {
		return
	}
	q.mu.Lock()
	x.done = true
	closes := x.close
	q.mu.Unlock()
	if closes && (x.answer != nil || x.relay != nil || x.item.Response != nil) {
		q.linger()
	}
	q.finished()
}

// closeAfter has the connection closed after x, which may be done already.
func (q *queue) closeAfter(x *exchange) {
	q.mu.Lock()
	x.close = true
	done := x.done
	q.mu.Unlock()
	if done {
		q.linger()
	}
}

// giveUp answers x, whose client left before the end of its request, with an
// end.
func (q *queue) giveUp(x *exchange) {
	q.srv.tally.note("a client ended within a request that was recorded whole, and got no answer")
	if x.queued {
		q.abort()
		return
	}
	x.answer = &plan.Answer{Mark: cassettes.EOF} // after the answers before it
}
