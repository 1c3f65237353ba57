package main

import (
	"strings"
	"testing"
)

// The recorded engine and the replay must print the same, and each printed
// record must stand in a frame.
func TestDemo(t *testing.T) {
	var b strings.Builder
	if err := demo(&b); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(b.String(), "$ ")
	if len(parts) != 4 {
		t.Fatalf("got %d commands, want record, replay and cassette:\n%s", len(parts)-1, b.String())
	}
	_, recorded, _ := strings.Cut(parts[1], "\n")
	_, replayed, _ := strings.Cut(parts[2], "\n")
	if recorded != replayed {
		t.Errorf("recorded:\n%s\nreplayed:\n%s", recorded, replayed)
	}
	for line := range strings.Lines(recorded) {
		words := strings.Fields(line)
		if len(words) > 0 && !strings.Contains(parts[3], words[0]) {
			t.Errorf("%q stands in no frame of\n%s", words[0], parts[3])
		}
	}
	if !strings.Contains(recorded, "Status: Downloaded newer image") {
		t.Errorf("the pull did not end well:\n%s", recorded)
	}
}
