package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scripted is a client that sends plain requests to an engine.
type scripted struct {
	http *http.Client
	slow bool // it lets time pass before each request, by chance
}

func newScripted(addr string, slow bool) *scripted {
	return &scripted{slow: slow, http: &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(addr, "unix://"))
		},
	}}}
}

func (s *scripted) close() { s.http.CloseIdleConnections() }

// ask sends a request and returns the answer's body; an answer of 400 or more
// is an error.
func (s *scripted) ask(method, path, body string) ([]byte, error) {
	if s.slow {
		time.Sleep(rand.N(40 * time.Millisecond))
	}
	req, err := http.NewRequest(method, "http://docker/v1.41"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, data)
	}
	return data, err
}

// made creates something and returns its id.
func (s *scripted) made(path, body string) (string, error) {
	data, err := s.ask("POST", path, body)
	var made struct{ ID string }
	return made.ID, errors.Join(err, json.Unmarshal(data, &made))
}

// life is the task of a client.
type life struct {
	says         string
	inspectFirst bool // before anything tells it from the others
	random       bool // it has a label that is another each time
}

// live runs a container from its creation to its removal, with a command in it
// that prints, and checks that the client gets its own answers.
func (s *scripted) live(l life) error {
	says := l.says
	labels := ""
	if l.random {
		labels = fmt.Sprintf(`"run":"%x","job":%q`, rand.Uint64(), says)
	}
	id, err := s.made("/containers/create", `{"Image":"base:1","Cmd":["/probe","sleep"],"Labels":{`+labels+`}}`)
	if err != nil {
		return err
	}
	if _, err := s.ask("POST", "/containers/"+id+"/start", ""); err != nil {
		return err
	}
	if l.inspectFirst {
		if err := s.inspect(id); err != nil {
			return err
		}
	}
	exec, err := s.made("/containers/"+id+"/exec", `{"AttachStdout":true,"Tty":true,"Cmd":["/probe","say","`+says+`",""]}`)
	if err != nil {
		return err
	}
	output, err := s.ask("POST", "/exec/"+exec+"/start", `{"Tty":true}`)
	if err != nil {
		return err
	}
	if !bytes.Contains(output, []byte(says)) {
		return fmt.Errorf("the exec of %q printed %q", says, output)
	}
	data, err := s.ask("GET", "/exec/"+exec+"/json", "")
	if err != nil || !bytes.Contains(data, []byte(id)) || !bytes.Contains(data, []byte(says)) {
		return fmt.Errorf("the exec of %q in %s is %s, %v", says, id, data, err)
	}
	if err := s.inspect(id); err != nil {
		return err
	}
	_, err = s.ask("DELETE", "/containers/"+id+"?force=1", "")
	return err
}

func (s *scripted) inspect(id string) error {
	data, err := s.ask("GET", "/containers/"+id+"/json", "")
	if err != nil || !bytes.Contains(data, []byte(id)) {
		return fmt.Errorf("container %s is %s, %v", id, data, err)
	}
	return nil
}

// TestClientsSideBySideGetTheirOwnAnswers records parallel clients of a real
// engine and replays them in any order.
func TestClientsSideBySideGetTheirOwnAnswers(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	scenes := []struct {
		name   string
		life   func(i int) life
		strict bool
	}{
		{"equal", func(int) life { return life{says: "the same"} }, true},
		{"different", func(i int) life { return life{says: fmt.Sprintf("number %d", i)} }, true},
		{"inspected-first", func(i int) life { return life{says: fmt.Sprintf("number %d", i), inspectFirst: true} }, false},
		{"labelled", func(i int) life { return life{says: fmt.Sprintf("number %d", i), random: true} }, true},
	}
	recorded := make([]string, len(scenes))
	for i, sc := range scenes {
		t.Run("record/"+sc.name, func(t *testing.T) {
			recorded[i] = filepath.Join(folder(t), "c.yaml")
			r := serve(t, command("record"), "--upstream", "unix://"+l.docker.Socket, "--cassette", recorded[i])
			if err := live(r.addr, sc.life, false); err != nil {
				t.Fatal(err)
			}
			if status := r.stop(); status != 0 {
				t.Fatalf("record exited %d:\n%s", status, r.stderr.String())
			}
		})
	}
	l.stop()
	if t.Failed() {
		t.FailNow()
	}
	replay := func(t *testing.T, i int, flags ...string) error {
		r := serve(t, append([]string{command("replay"), recorded[i]}, flags...)...)
		err := live(r.addr, scenes[i].life, true)
		if status := r.stop(); status != 0 {
			err = errors.Join(err, fmt.Errorf("replay exited %d:\n%s", status, r.stderr.String()))
		}
		return err
	}
	for i, sc := range scenes {
		t.Run("replay/"+sc.name, func(t *testing.T) {
			flags := []string{"--causal-timeout", "1h"}
			if sc.strict {
				flags = append(flags, "--strict")
			}
			failed := 0
			for n := range takes(1, 3, 30) {
				if err := replay(t, i, flags...); err != nil {
					failed++
					t.Errorf("take %d: %v", n+1, err)
				}
			}
			t.Logf("%d takes failed", failed)
		})
	}
	t.Run("no-bind", func(t *testing.T) {
		for range 20 {
			if replay(t, 1, "--no-bind") != nil {
				return
			}
		}
		t.Error("nothing went wrong without an exchange: the takes prove nothing")
	})
}

// live runs clients in parallel: eight, or half of them outside CI.
func live(addr string, of func(i int) life, slow bool) error {
	clients := 4
	if full() {
		clients = 8
	}
	var lives []func() error
	for i := range clients {
		lives = append(lives, func() error {
			s := newScripted(addr, slow)
			defer s.close()
			return s.live(of(i))
		})
	}
	return together(lives...)
}

// TestCommandInTheOtherContainerIsAMiss records two unequal containers and
// runs a command in one of them. The replay runs it in the other: that is a
// miss, and the answer tells so.
func TestCommandInTheOtherContainerIsAMiss(t *testing.T) {
	needEngines(t)
	l := startEngine(t)
	cassette := filepath.Join(folder(t), "c.yaml")
	const quiet, loud = `{"Image":"base:1","Cmd":["/probe","sleep"]}`, `{"Image":"base:1","Cmd":["/probe","sleep"],"Tty":true}`
	const order = `{"AttachStdout":true,"Cmd":["/probe","say","hi",""]}`
	both := func(s *scripted) (a, b string) {
		a, errA := s.made("/containers/create", quiet)
		b, errB := s.made("/containers/create", loud)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	r := serve(t, command("record"), "--upstream", "unix://"+l.docker.Socket, "--cassette", cassette)
	s := newScripted(r.addr, false)
	_, b := both(s)
	_, err := s.ask("POST", "/containers/"+b+"/start", "")
	if err == nil {
		_, err = s.made("/containers/"+b+"/exec", order)
	}
	s.close()
	if status := r.stop(); status != 0 || err != nil {
		t.Fatalf("record exited %d, %v:\n%s", status, err, r.stderr.String())
	}
	l.stop()

	p := serve(t, command("replay"), cassette)
	s = newScripted(p.addr, false)
	defer s.close()
	a, b := both(s)
	for _, ask := range []struct{ path, body string }{{"/start", ""}, {"/exec", order}} {
		_, err := s.ask("POST", "/containers/"+a+ask.path, ask.body)
		for _, want := range []string{"501", "no recorded interaction answers POST /v1.41/containers/" + a + ask.path, "POST /v1.41/containers/" + b + ask.path} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of the other container: got %v, want %q", ask.path, err, want)
			}
		}
		if _, err := s.ask("POST", "/containers/"+b+ask.path, ask.body); err != nil {
			t.Errorf("%s of the right one: %v", ask.path, err)
		}
	}
	if status := p.stop(); status != 3 {
		t.Errorf("replay exited %d, want 3:\n%s", status, p.stderr.String())
	}
}
