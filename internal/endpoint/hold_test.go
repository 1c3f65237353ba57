package endpoint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A script of a policy's test is steps, each with its expected release:
//
//	read N      a read begins and returns N bytes
//	busy N      the same while several connections are to be served
//	nothing     a read finds nothing
//	none-busy   the same while several connections are to be served
//	expire      the timer expires
//	beat        a beat comes
//	trim, keep, keep-last
//	pass D      time passes
//
// A step ends with "=> byte" or "=> all" where it releases something. The bytes of
// each read stay in the kernel, but for a large one's, of which one does.
type policyScript struct {
	policy
	now time.Time
	log []string // releases, and times for which the timer was set
}

func runScript(t *testing.T, beats bool, script string) *policyScript {
	t.Helper()
	s := &policyScript{
		policy: policy{long: holdLong, many: holdMany, short: holdShort, beats: beats},
		now:    time.Unix(1, 0),
	}
	s.arm = func(d time.Duration) { s.log = append(s.log, "timer "+d.String()) }
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		step, want, _ := strings.Cut(strings.TrimSpace(line), " => ")
		s.log = nil
		s.step(t, step)
		if got := strings.Join(s.log, ", "); got != want {
			t.Errorf("%q: %q happened, want %q", step, got, want)
		}
	}
	return s
}

func (s *policyScript) step(t *testing.T, step string) {
	t.Helper()
	verb, arg, _ := strings.Cut(step, " ")
	switch verb {
	case "read", "busy":
		n := 0
		fmt.Sscan(arg, &n)
		s.take(s.readBegins(verb == "busy"))
		s.read(n)
	case "nothing", "none-busy":
		s.take(s.readBegins(verb == "none-busy"))
		s.foundNothing()
	case "expire":
		s.take(s.expired(s.now))
	case "beat":
		s.take(s.beat(func() time.Time { return s.now }))
	case "trim":
		s.take(s.trim())
	case "keep":
		s.keep(false)
	case "keep-last":
		s.keep(true)
	case "pass":
		d, err := time.ParseDuration(arg)
		if err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(d)
	default:
		t.Fatalf("no step %q", step)
	}
}

// read takes n new bytes in as a holder does.
func (s *policyScript) read(n int) {
	switch {
	case s.stage == stageNone || n == 0:
	case n > holdSmall:
		s.held, s.reads = 1, 1
	default:
		s.held += n
		s.reads++
	}
	s.take(s.found(n, s.now))
}

// take consumes as much as r says.
func (s *policyScript) take(r release) {
	s.releasing(r)
	switch {
	case r == releaseAll:
		s.held = 0
		s.log = append(s.log, "all")
	case r == releaseButOne && s.held > 1:
		s.held = 1
		s.log = append(s.log, "byte")
	}
}

func TestHoldPolicy(t *testing.T) {
	sixteen := strings.Repeat("busy 10\n", heldReads)
	const dropped = `
			read 10
			nothing => byte, timer 2.5s
			expire => timer 2.5s
			expire => all`
	for name, tt := range map[string]struct {
		beats  bool
		script string
		held   int
		stage  stage
	}{
		"a read alone leaves one read": {script: "read 10\nread 10 => byte\nread 10 => byte", held: 11},
		"a busy one leaves several":    {script: sixteen, held: 10 * heldReads},
		"but not more":                 {script: sixteen + "busy 10 => byte", held: 11},
		"nor more bytes":               {script: "busy 4096\nbusy 10\nbusy 10 => byte", held: 11},
		"a large read leaves a byte":   {script: "busy 5000", held: 1},
		"few bytes are held long":      {script: dropped},
		"but anew after more came": {script: `
			read 10
			none-busy => timer 2.5s
			expire => timer 2.5s
			read 10 => byte
			nothing => byte
			expire => timer 2.5s
			expire => all`},
		"of many bytes one is held longer": {script: `
			busy 100
			none-busy => timer 50ms
			expire => timer 50ms
			expire => timer 2.5s, byte`, held: 1},
		"the byte of a large read goes soon": {script: `
			read 5000
			nothing => timer 10ms
			expire => timer 10ms
			expire => all`},
		"small reads in a row are large": {script: `
			busy 3000
			busy 3000
			nothing => byte, timer 10ms`, held: 1},
		"a blocked sender leaves a byte": {script: dropped + `
			pass 9ms
			read 10
			read 10 => byte`, held: 11, stage: stageByte},
		"and blocked again nothing": {script: dropped + `
			read 10
			nothing => byte, timer 2.5s
			expire => timer 2.5s
			expire => all
			read 10 => all
			nothing`, stage: stageNone},
		"a sender blocked by a large write too": {script: `
			read 5000
			nothing => timer 10ms
			expire => timer 10ms
			expire => all
			read 10 => all`, stage: stageNone},
		"a sender that took its time was not blocked": {script: dropped + `
			pass 10ms
			read 10`, held: 10},
		"the end of the stream shows no blocked sender": {script: `
			read 5000
			nothing => timer 10ms
			expire => timer 10ms
			expire => all
			read 0`},
		"beats do for long limits": {beats: true, script: `
			busy 100
			none-busy
			beat
			beat => byte` + strings.Repeat("\nbeat", 50) + "\nbeat => all"},
		"short ones need the timer": {beats: true, script: `
			read 5000
			nothing => timer 10ms
			beat
			expire => timer 10ms
			expire => all`},
		"trim leaves a byte of many reads": {script: strings.Repeat("busy 10\n", trimReads) + `trim
			none-busy => timer 50ms
			trim => timer 2.5s, byte
			trim`, held: 1},
		"a kept byte stays":              {script: "keep\nread 10\nnone-busy", held: 10},
		"also one that waits":            {script: "read 10\nnone-busy => timer 2.5s\nkeep\nexpire", held: 10},
		"not that of a large read":       {script: "keep\nread 5000\nnothing => timer 10ms\nexpire => timer 10ms\nexpire => all"},
		"unless the sender said its all": {script: "keep-last\nread 5000\nnothing", held: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := runScript(t, tt.beats, tt.script)
			if s.held != tt.held || s.stage != tt.stage {
				t.Errorf("%d bytes are held in stage %d, want %d in stage %d", s.held, s.stage, tt.held, tt.stage)
			}
		})
	}
}

// However reads, waits and limits follow each other, a timer or a beat is due
// while something is held under a limit.
func TestHoldPolicyForgetsNoLimit(t *testing.T) {
	steps := []string{"read 10", "busy 100", "busy 5000", "nothing", "none-busy", "expire", "beat", "trim", "pass 20ms"}
	var try func(done []string, depth int)
	try = func(done []string, depth int) {
		for _, beats := range []bool{false, true} {
			s := &policyScript{policy: policy{long: holdLong, many: holdMany, short: holdShort, beats: beats}, now: time.Unix(1, 0)}
			s.arm = func(time.Duration) {}
			for _, step := range done {
				s.step(t, step)
			}
			if s.waiting && s.held > 0 && s.tick == 0 && !(beats && s.limit >= BeatInterval) {
				t.Fatalf("beats %v: after %q %d bytes are held and nothing is due", beats, done, s.held)
			}
		}
		if depth > 0 {
			for _, step := range steps {
				try(append(slices.Clip(done), step), depth-1)
			}
		}
	}
	try(nil, 5)
}
