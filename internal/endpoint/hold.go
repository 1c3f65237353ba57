package endpoint

import "time"

const (
	// holdSmall is the number of bytes up to which reads count as small writes
	// of the sender: a buffer of that size is no burden on any sender whose
	// send buffer has 20 KiB or more. (A blocked sender wakes when no more
	// than a quarter of it is in use.) With Linux's default, 208 KiB, no
	// write is a burden: none has a buffer of more than 40 KiB.
	holdSmall = 4 << 10
	holdLong  = 5 * time.Second
	holdShort = 20 * time.Millisecond
	holdMany  = BeatInterval
	// holdBlocked is how soon a sender that was waiting for room goes on once
	// it has some.
	holdBlocked = 10 * time.Millisecond
	// holdTicks is how many times within a limit the timer looks whether more
	// came: setting the timer for every read costs more.
	holdTicks = 2
	// heldBytes and heldReads are how much of small reads may be held, so that
	// one system call lets go of several; Trim lets go from trimReads on.
	heldBytes = holdSmall
	heldReads = 16
	trimReads = 8
	// heldSafe is the number of one-byte writes for which no sender waits: they
	// fill less than a quarter of Linux's default send buffer, up to which
	// poll(2) reports room.
	heldSafe = 64
)

// stage is how much a Reader holds. It only ever goes up.
type stage uint8

const (
	stageWhole stage = iota // small reads whole, the last byte of a large one
	stageByte               // the last byte
	stageNone               // nothing: the Reader reads plainly
)

// release is the part of the held bytes that is consumed.
type release uint8

const (
	releaseNone release = iota
	releaseButOne
	releaseAll
)

// policy decides how many of the bytes that a Reader has returned stay unread in
// the kernel ("are held"), and how long. It makes no system call: the holder
// reports its reads to it, and consumes as many bytes as the policy says.
//
// A Reader is in one of these states. "Small" and "large" are about the bytes
// read since the Reader last found nothing.
//
//	state    held                   event                      consumed        next
//	empty    nothing                a read finds bytes                         holding
//	holding  small reads, whole,    a read begins; one read    all but a byte  holding
//	         or the last byte       is held (16 while busy),
//	         of a large one         or more than heldBytes
//	                                a read finds nothing                       few, many or large
//	few      at most heldSafe       a read finds bytes                         holding
//	         bytes                  long passes                all             empty, suspecting
//	many     more bytes             a read finds bytes                         holding
//	                                many passes                all but a byte  few, suspecting
//	                                Trim, after trimReads      all but a byte  few
//	large    bytes of more than     a read finds bytes                         holding
//	         holdSmall read         short passes               all             empty, suspecting
//
// A suspecting policy looks whether more comes within holdBlocked: then the held
// bytes had blocked the sender. The policy goes up a stage, after a large read
// straight to stageNone, and stays there. Keep takes the limits away: a reset
// will come, and needs a byte.
type policy struct {
	long, many, short time.Duration // limits of the waiting states; 0: none
	beats             bool          // beats come, so that long limits need no timer

	// arm has expired called after a time.
	arm func(time.Duration)

	stage   stage
	held    int           // bytes returned and still in the kernel
	reads   int           // the number of reads that returned them
	run     int           // bytes read since a read found nothing
	bulk    bool          // the last read was large
	waiting bool          // the last read found nothing, and something is held
	large   bool          // the held bytes may belong to a large write
	limit   time.Duration // of the waiting state; 0: none
	tick    time.Duration // after which the timer expires; 0: it does not run
	ticks   int           // expiries or beats since waiting began
	dropped time.Time     // when a limit passed; zero unless suspecting
}

// readBegins returns how much a read consumes before it looks for more. The
// bytes that the read before returned have been passed on by now.
func (p *policy) readBegins(busy bool) release {
	most := 1 // letting go of one read wakes a sender that has slept, early
	if busy {
		most = heldReads
	}
	if p.stage == stageByte || p.held > heldBytes || p.reads >= most {
		return releaseButOne
	}
	return releaseNone
}

// found takes account of a read that returned n bytes, 0 at the end of the
// stream, and returns how much is consumed for it. Now is the time if the policy
// is suspecting.
func (p *policy) found(n int, now time.Time) release {
	p.waiting, p.ticks = false, 0
	p.run += n
	p.bulk = n > holdSmall
	if n == 0 || !p.suspecting() {
		return releaseNone
	}
	blocked := now.Sub(p.dropped) < holdBlocked
	p.dropped = time.Time{}
	switch {
	case !blocked:
		return releaseNone
	case p.stage == stageWhole && !p.large:
		p.stage = stageByte
		return releaseNone
	}
	p.stage = stageNone
	return releaseAll
}

// suspecting reports whether more bytes would show that their sender was blocked.
func (p *policy) suspecting() bool { return !p.dropped.IsZero() }

// foundNothing has the limit of the waiting state begin.
func (p *policy) foundNothing() {
	if p.held > 0 && !p.waiting {
		p.waiting, p.ticks, p.limit = true, 0, p.long
		p.large = p.run > holdSmall
		switch {
		case p.large:
			p.limit = p.short
		case p.held > heldSafe:
			p.limit = p.many
		}
		// A timer that runs already, and soon enough, counts its ticks anew.
		if p.limit > 0 && (p.tick == 0 || p.limit/holdTicks < p.tick) {
			p.setTimer()
		}
	}
	p.run = 0
}

// setTimer has the timer run, unless beats are enough.
func (p *policy) setTimer() {
	p.tick = 0
	if !p.beats || p.limit < BeatInterval {
		p.tick = p.limit / holdTicks
		p.arm(p.tick)
	}
}

// expired returns how much is consumed when the timer has expired.
func (p *policy) expired(now time.Time) release {
	if p.waiting && p.tick >= p.limit/holdTicks {
		p.ticks++ // a tick that a shorter limit had set does not count
	}
	switch {
	case p.held == 0, p.limit == 0:
		p.tick = 0
		return releaseNone
	case p.ticks < holdTicks:
		p.setTimer()
		return releaseNone
	}
	p.tick = 0
	return p.limitPassed(now)
}

// beat returns how much is consumed at a beat, where no timer runs.
func (p *policy) beat(now func() time.Time) release {
	if p.tick != 0 || !p.waiting || p.held == 0 || p.limit == 0 {
		return releaseNone
	}
	if p.ticks++; time.Duration(p.ticks)*BeatInterval <= p.limit {
		return releaseNone
	}
	return p.limitPassed(now())
}

// limitPassed begins to suspect the sender.
func (p *policy) limitPassed(now time.Time) release {
	p.dropped = now
	if p.held > heldSafe && !p.large {
		return releaseButOne
	}
	return releaseAll
}

// trim returns how much Trim consumes.
func (p *policy) trim() release {
	if p.waiting && p.reads >= trimReads {
		return releaseButOne
	}
	return releaseNone
}

// keep takes limits away: those of few bytes, and if the sender has sent its last
// byte, all.
func (p *policy) keep(last bool) {
	p.long = 0
	if last {
		p.many, p.short = 0, 0
	}
	if p.waiting && (last || !p.large && p.held <= heldSafe) {
		p.limit = 0
	}
}

// releasing takes account of r, which is about to be consumed.
func (p *policy) releasing(r release) {
	switch r {
	case releaseAll:
		p.waiting, p.reads = false, 0
	case releaseButOne:
		p.reads = min(p.reads, 1)
		if p.waiting && !p.large && p.limit != p.long {
			// One byte of small writes burdens nobody: it may stay long.
			if p.ticks, p.limit = 0, p.long; p.limit > 0 {
				p.setTimer()
			}
		}
	}
}
