package e2e

import (
	"os"
	"testing"
)

// TestDocker records every flow with every client from a real engine, stops
// the engine and its registry, and replays the flows.
func TestDocker(t *testing.T) {
	needEngines(t)
	l := startLab(t)
	var recordings []*recording
	t.Run("record", func(t *testing.T) {
		for i, set := range dockerSets(t) {
			if isMine(i) {
				recordings = append(recordings, recordAll(t, l, set.variant, set.flows)...)
			}
		}
	})
	l.stop()
	if len(recordings) == 0 && os.Getenv(partVar) == "" {
		t.Fatal("nothing was recorded")
	}
	t.Run("replay", func(t *testing.T) {
		for _, r := range recordings {
			t.Run(r.variant.name+"/"+r.flow.name, func(t *testing.T) {
				t.Parallel()
				t.Run("client", r.replayClient)
				t.Run("raw", r.replayRaw)
				t.Run("verify", r.verify)
			})
		}
	})
}

// flowSet is what one client plays.
type flowSet struct {
	variant variant
	flows   []flow
}

// dockerSets returns each client with its flows.
func dockerSets(t *testing.T) (sets []flowSet) {
	for _, cli := range dockerCLIs(t) {
		sets = append(sets,
			flowSet{variant{name: cli.name, cli: cli.path}, dockerFlows},
			flowSet{variant{name: cli.name + "-api1.24", cli: cli.path, api: "1.24"}, dockerFlows})
	}
	return append(sets,
		flowSet{variant{name: "socket"}, socketFlows},
		flowSet{variant{name: "tcp", cli: "docker", tcp: true}, tcpFlows})
}

func recordAll(t *testing.T, l *lab, v variant, flows []flow) []*recording {
	var recordings []*recording
	for _, f := range flows {
		t.Run(v.name+"/"+f.name, func(t *testing.T) {
			recordings = append(recordings, recordFlow(t, l, v, f))
		})
	}
	return recordings
}
