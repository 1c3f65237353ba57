package e2e

import "testing"

// TestDocker records every flow with every client from a real engine, stops
// the engine and its registry, and replays the flows.
func TestDocker(t *testing.T) {
	needEngines(t)
	l := startLab(t)
	var recordings []*recording
	t.Run("record", func(t *testing.T) {
		for _, cli := range dockerCLIs(t) {
			for _, api := range []string{"", "1.24"} {
				v := variant{name: cli.name, cli: cli.path, api: api}
				if api != "" {
					v.name += "-api" + api
				}
				recordings = append(recordings, recordAll(t, l, v, dockerFlows)...)
			}
		}
		recordings = append(recordings, recordAll(t, l, variant{name: "socket"}, socketFlows)...)
		recordings = append(recordings, recordAll(t, l, variant{name: "tcp", cli: "docker", tcp: true}, tcpFlows)...)
	})
	l.stop()
	if len(recordings) == 0 {
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

func recordAll(t *testing.T, l *lab, v variant, flows []flow) []*recording {
	var recordings []*recording
	for _, f := range flows {
		t.Run(v.name+"/"+f.name, func(t *testing.T) {
			recordings = append(recordings, recordFlow(t, l, v, f))
		})
	}
	return recordings
}
