package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// replayMeasurements compare replay with go-vcr behind net/http, and with a
// bare server.
func (b *bench) replayMeasurements() []measurement {
	get := func(int) string { return "/v1.41/images/json" }
	small := b.scaled(60_000)
	ms := []measurement{}
	for _, conns := range []int{1, 64} {
		m := measurement{name: fmt.Sprintf("replay: small GET, %d connections", conns), unit: "req/s", higher: true,
			ratios: [][2]string{{"replay", "vcr"}, {"bare", "vcr"}}}
		for _, name := range []string{"vcr", "replay", "bare"} {
			m.contenders = append(m.contenders, contender{name, figure(func() (float64, error) {
				return b.replayed(name, 1, func(p *process) (float64, error) {
					return perSecond(small, func() error { return gets(p.addr, conns, small, get) })
				})
			})})
		}
		ms = append(ms, m)
	}
	return append(ms, b.bodyMeasurement(), b.firstAnswer("seconds"), b.firstAnswer("memory"), b.matchCost())
}

// recorded returns the path of a cassette of n small GETs, made by record.
// Each has a target of its own (n = 1: /v1.41/images/json).
func (b *bench) recorded(n int) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("small-%d.yaml", n))
	return path, b.recordOnce(path, func(addr string) error {
		if n == 1 {
			return gets(addr, 1, 1, func(int) string { return "/v1.41/images/json" })
		}
		return gets(addr, 8, n, target)
	})
}

// target is the i-th of many distinct targets.
func target(i int) string { return fmt.Sprintf("/v1.41/containers/%d/json", i) }

// recordOnce records the requests of client in a cassette at path, unless it
// exists.
func (b *bench) recordOnce(path string, client func(addr string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	sock, listen := filepath.Join(b.dir, "d"), filepath.Join(b.dir, "r")
	d, err := startDaemon(sock)
	if err != nil {
		return err
	}
	defer d.stop()
	p, err := start(listen, filepath.Join(b.bin, "record"), "--quiet", "--upstream", sock, "--listen", listen, "--cassette", path)
	if err != nil {
		return err
	}
	if err := client(p.addr); err != nil {
		p.stop()
		return err
	}
	return p.stop()
}

// startServer starts a contender that serves the cassette at path.
func (b *bench) startServer(name, path string) (*process, error) {
	sock := filepath.Join(b.dir, "s")
	os.Remove(sock) // a killed contender leaves it
	switch name {
	case "replay":
		return start(sock, filepath.Join(b.bin, "replay"), "--quiet", path, "--listen", sock)
	case "bare":
		return start(sock, os.Args[0], "serve", "bare", sock)
	}
	return start(sock, os.Args[0], "serve", name, path, sock)
}

// replayed measures work against a server of a cassette of n small GETs.
func (b *bench) replayed(name string, n int, work func(*process) (float64, error)) (float64, error) {
	path, err := b.recorded(n)
	if err != nil {
		return 0, err
	}
	p, err := b.startServer(name, path)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	return work(p)
}

// bodyMeasurement downloads 1 GiB over TCP from replay and from net/http.
func (b *bench) bodyMeasurement() measurement {
	size := int64(b.scaled(1 << 30))
	bulk := fmt.Sprint("/bulk?n=", size)
	m := measurement{name: "replay: 1 GiB body over TCP", unit: "MiB/s", higher: true, ratios: [][2]string{{"replay", "file"}}}
	for _, name := range []string{"file", "replay"} {
		m.contenders = append(m.contenders, contender{name, figure(func() (float64, error) {
			path := filepath.Join(b.dir, "bulk.yaml")
			err := b.recordOnce(path, func(addr string) error {
				return download(addr, bulk, size)
			})
			if err != nil {
				return 0, err
			}
			p, err := b.startBody(name, path)
			if err != nil {
				return 0, err
			}
			defer p.stop()
			return perSecond(int(size>>20), func() error {
				return download(p.addr, bulk, size)
			})
		})})
	}
	return m
}

// bodyAddr is the address of the servers of a body.
const bodyAddr = "127.0.0.1:18417"

// startBody starts a server of the recorded body.
func (b *bench) startBody(name, path string) (*process, error) {
	if name == "replay" {
		return start(bodyAddr, filepath.Join(b.bin, "replay"), "--quiet", path, "--listen", bodyAddr)
	}
	body := filepath.Join(b.dir, "bulk.bodies", "0-response")
	if _, err := os.Stat(body); err != nil {
		return nil, err
	}
	return start(bodyAddr, os.Args[0], "serve", "file", body, bodyAddr)
}

// firstAnswer measures the time from start to the first answer out of 100,000
// interactions, or the memory held at that time.
func (b *bench) firstAnswer(what string) measurement {
	n := b.scaled(100_000)
	m := measurement{name: fmt.Sprintf("replay: first answer of %d interactions, %s", n, what), unit: "s", ratios: [][2]string{{"replay", "vcr"}}}
	if what == "memory" {
		m.unit = "MiB"
	}
	for _, name := range []string{"vcr", "replay"} {
		m.contenders = append(m.contenders, contender{name, figure(func() (float64, error) {
			if _, err := b.recorded(n); err != nil {
				return 0, err
			}
			begin := time.Now()
			return b.replayed(name, n, func(p *process) (float64, error) {
				err := gets(p.addr, 1, 1, func(int) string { return target(n - 1) })
				if what == "memory" {
					return p.peakRSS(), err
				}
				return since(begin), err
			})
		})})
	}
	return m
}

// matchCost compares the requests per second out of 100 and out of 100,000
// interactions.
func (b *bench) matchCost() measurement {
	m := measurement{name: "replay: match cost, repeated GETs of the last 100", unit: "req/s", higher: true}
	for _, n := range []int{100, b.scaled(100_000)} {
		name := fmt.Sprintf("%d interactions", n)
		m.contenders = append(m.contenders, contender{name, figure(func() (float64, error) {
			return b.replayed("replay", n, func(p *process) (float64, error) {
				const requests = 40_000
				last := func() error {
					return gets(p.addr, 1, requests, func(i int) string { return target(n - 1 - i%100) })
				}
				if err := last(); err != nil { // the first seconds are slower
					return 0, err
				}
				return perSecond(requests, last)
			})
		})})
		if n > 100 {
			m.ratios = append(m.ratios, [2]string{name, "100 interactions"})
		}
	}
	return m
}
