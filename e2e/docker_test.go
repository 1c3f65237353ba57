package e2e

import "testing"

// TestDocker records flows of clients from a real engine, stops the engine and its
// registry, and replays the flows.
func TestDocker(t *testing.T) {
	needEngines(t)
	sets := mine(dockerSets(t))
	if len(sets) == 0 {
		return // another part plays them
	}
	l := startLab(t)
	var recordings []*recording
	t.Run("record", func(t *testing.T) {
		for _, set := range sets {
			recordings = append(recordings, recordAll(t, l, set.variant, set.flows)...)
		}
	})
	l.stop()
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

// dockerSets returns each client with the flows that it plays.
func dockerSets(t *testing.T) (sets []flowSet) {
	clients := dockerVariants(t)
	for i, v := range clients {
		set := flowSet{variant: v}
		for n, f := range dockerFlows {
			if plays(i, len(clients), n) {
				set.flows = append(set.flows, f)
			}
		}
		sets = append(sets, set)
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
