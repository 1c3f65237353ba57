package replay

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wiretape/wiretape/cassettes"
)

// patient returns a server of items whose clients may take a minute to read, and
// read only after they have let time pass.
func patient(t *testing.T, network string, items ...*cassettes.Interaction) *player {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a client has read")
	}
	return serve(t, network, &Server{seenMax: time.Minute, Cassettes: []*cassettes.Cassette{tape(t, cassettes.Header{}, items...)}})
}

// expectRead checks that one read, by a client that dawdled, takes just want.
func expectRead(t *testing.T, c net.Conn, want string) {
	t.Helper()
	time.Sleep(2 * time.Millisecond)
	b := make([]byte, 64<<10)
	n, err := c.Read(b)
	if got := string(b[:n]); err != nil || got != want {
		t.Fatalf("read %q, %v, want %q", got, err, want)
	}
}

func eachNetwork(t *testing.T, f func(t *testing.T, network string)) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			f(t, network)
		})
	}
}

// TestHeadOfAnUpgradeIsReadAlone is a client that hands its socket on after the
// head: docker-py's exec loses what its first read takes with it.
func TestHeadOfAnUpgradeIsReadAlone(t *testing.T) {
	eachNetwork(t, func(t *testing.T, network string) {
		late := says(server, "late")
		late.Wait = 100 * time.Millisecond
		for range 5 {
			p := patient(t, network, upgrade(t, says(server, "out"), late))
			c := p.dial(t)
			send(t, c, attach)
			expectRead(t, c, upgraded)
			expectRead(t, c, "out")
			expectRead(t, c, "late")
			c.Close()
		}
	})
}

// timed gives the frames of a response their waits.
func timed(it *cassettes.Interaction, waits ...time.Duration) *cassettes.Interaction {
	it.Timed = true
	for i, w := range waits {
		it.Response.Frames.List[i].Wait = w
	}
	return it
}

// TestFramesAreReadOneByOne checks that streamed frames are read as they were, and
// that frames which came within a millisecond are not waited for.
func TestFramesAreReadOneByOne(t *testing.T) {
	eachNetwork(t, func(t *testing.T, network string) {
		const one, two, three = "1\r\na\r\n", "2\r\nbc\r\n", "3\r\ndef\r\n"
		it := item(t, in(1, ask), []read{{2, chunkedHead}, {5, one}, {7, two}, {9, three}, {11, "0\r\n\r\n"}})
		p := patient(t, network, timed(it, time.Second, 2*time.Millisecond, 3*time.Millisecond, 4*time.Millisecond))
		for range 20 {
			c := p.dial(t)
			send(t, c, ask)
			for _, want := range []string{chunkedHead, one, two, three, "0\r\n\r\n"} {
				expectRead(t, c, want)
			}
			c.Close()
		}
	})
}

// TestFramesTogetherAreNotWaitedFor is a client that reads nothing before all has
// been written.
func TestFramesTogetherAreNotWaitedFor(t *testing.T) {
	eachNetwork(t, func(t *testing.T, network string) {
		reads, want := []read{{2, chunkedHead}}, chunkedHead
		for n := range 100 {
			chunk := fmt.Sprintf("2\r\n%02d\r\n", n)
			reads, want = append(reads, read{int64(3 + n), chunk}), want+chunk
		}
		reads, want = append(reads, read{200, "0\r\n\r\n"}), want+"0\r\n\r\n"
		it := item(t, in(1, ask), reads)
		it.Timed = true
		p := patient(t, network, it) // a wait would take a minute
		c := p.dial(t)
		send(t, c, ask)
		time.Sleep(10 * time.Millisecond)
		expect(t, c, want)
	})
}

// TestEndIsSeenAfterOutput is a client with two connections: the end of a wait
// leaves only when it has read the output, which came before.
func TestEndIsSeenAfterOutput(t *testing.T) {
	eachNetwork(t, func(t *testing.T, network string) {
		output := withTurns(plain(t, strings.Replace(attach, "/1/", "/a/", 1), upgraded), says(server, "out"))
		output.Response.Seq = 2
		output.Turns.List[0].Seq = 20
		wait := item(t, []read{{10, post("/containers/a/wait", "")}}, []read{{11, chunkedHead}, {30, "1\r\n0\r\n0\r\n\r\n"}})
		for n, it := range []*cassettes.Interaction{output, wait} {
			it.Conn, it.Timed = n+1, false
		}
		p := patient(t, network, output, wait)
		a, w := p.dial(t), p.dial(t)
		send(t, a, strings.Replace(attach, "/1/", "/a/", 1))
		expectRead(t, a, upgraded)
		send(t, w, post("/containers/a/wait", ""))
		expectRead(t, w, chunkedHead)
		expectEnd(t, w, open) // the output has not been read
		expect(t, a, "out")
		expect(t, w, "1\r\n0\r\n0\r\n\r\n")
	})
}

// TestClientThatDoesNotReadIsNotWaitedForAgain checks that one connection which
// nobody reads costs one wait.
func TestClientThatDoesNotReadIsNotWaitedForAgain(t *testing.T) {
	eachNetwork(t, func(t *testing.T, network string) {
		var turns []cassettes.Turn
		want := upgraded
		for n := range 2000 {
			turns, want = append(turns, says(server, fmt.Sprintf("%04d", n))), want+fmt.Sprintf("%04d", n)
		}
		it := upgrade(t, turns...)
		it.Timed = false
		p := play(t, network, it) // 2000 waits would take 100 s
		c := p.dial(t)
		send(t, c, attach)
		time.Sleep(100 * time.Millisecond)
		expect(t, c, want)
	})
}
