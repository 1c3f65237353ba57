package ticker

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTicker(t *testing.T) {
	for name, p := range map[string]*Ticker{
		"of this system": New(5 * time.Millisecond),
		"of Go":          {every: 5 * time.Millisecond, stop: make(chan struct{})},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			for range 3 {
				if !p.Wait() {
					t.Fatal("stopped by nobody")
				}
			}
			if d := time.Since(start); d < 10*time.Millisecond {
				t.Errorf("three beats in %v", d)
			}
			p.Stop()
			if p.Wait() {
				t.Error("it beats when stopped")
			}
		})
	}
}

// TestStop has a ticker stopped while someone waits for its next beat, and
// before.
func TestStop(t *testing.T) {
	p := New(time.Hour)
	done := make(chan bool)
	go func() { done <- p.Wait() }()
	time.Sleep(5 * time.Millisecond)
	p.Stop()
	if <-done {
		t.Error("it beats")
	}
	p = New(time.Hour)
	p.Stop()
	if p.Wait() {
		t.Error("it beats")
	}
}
