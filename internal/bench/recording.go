package main

import (
	"fmt"
	"path/filepath"
	"sort"
	"time"
)

// recordMeasurements compare record with a copying and a teeing proxy.
func (b *bench) recordMeasurements() []measurement {
	get := func(int) string { return "/v1.41/images/json" }
	distinct := func(i int) string { return fmt.Sprintf("/v1.41/containers/%d/json?size=1", i) }
	small := b.scaled(30_000)
	ms := []measurement{
		b.proxied("record: small GET, 1 connection", "req/s", true, small, func(p *process) (float64, error) {
			return perSecond(small, func() error { return gets(p.addr, 1, small, get) })
		}),
		b.proxied("record: small GET, 64 connections", "req/s", true, small, func(p *process) (float64, error) {
			return perSecond(small, func() error { return gets(p.addr, 64, small, get) })
		}),
		b.proxied("record: 5,000 distinct GETs, 8 connections, to the finished cassette", "req/s", true, b.scaled(5000), func(p *process) (float64, error) {
			n := b.scaled(5000)
			return perSecond(n, func() error {
				if err := gets(p.addr, 8, n, distinct); err != nil {
					return err
				}
				return p.stop()
			})
		}),
		b.proxied("record: 200,000 chunks of 60 bytes", "chunks/s", true, b.scaled(200_000), func(p *process) (float64, error) {
			n := b.scaled(200_000)
			return perSecond(n, func() error {
				return download(p.addr, fmt.Sprint("/chunks?n=", n), int64(n*len(record60)))
			})
		}),
	}
	return append(ms, b.bulkMeasurements()...)
}

// bulkMeasurements compare the proxies in large bodies and streams, and in the
// delay that they add.
func (b *bench) bulkMeasurements() []measurement {
	mib := b.scaled(1 << 10)
	size := int64(mib) << 20
	return []measurement{
		b.proxied("record: 1 GiB download", "MiB/s", true, mib, func(p *process) (float64, error) {
			return perSecond(mib, func() error {
				return download(p.addr, fmt.Sprint("/bulk?n=", size), size)
			})
		}),
		b.proxied("record: 1 GiB chunked upload", "MiB/s", true, mib, func(p *process) (float64, error) {
			return perSecond(mib, func() error { return upload(p.addr, size) })
		}),
		b.proxied("record: 1 GiB each way in a stream", "MiB/s", true, 2*mib, func(p *process) (float64, error) {
			return perSecond(2*mib, func() error { return bothWays(p.addr, size) })
		}),
		b.proxied("record: delay of a paced chunk, median", "us", false, b.scaled(2000), func(p *process) (float64, error) {
			return delay(p.addr, b.scaled(2000))
		}),
	}
}

// proxied measures work of so many units through each proxy. Each run has a
// new proxy in front of a new daemon.
func (b *bench) proxied(name, unit string, higher bool, units int, work func(*process) (float64, error)) measurement {
	m := measurement{name: name, unit: unit, higher: higher, ratios: [][2]string{{"record", "tee"}, {"record", "copy"}}}
	for _, proxy := range proxies {
		m.contenders = append(m.contenders, contender{proxy, func() (s sample, err error) {
			sock := filepath.Join(b.dir, "d")
			d, err := startDaemon(sock)
			if err != nil {
				return s, err
			}
			defer d.stop()
			p, clean, err := b.startProxy(proxy, sock)
			if err != nil {
				return s, err
			}
			defer clean()
			defer p.stop()
			if s.figure, err = work(p); err != nil {
				return s, err
			}
			err = p.stop()
			s.cpu = float64(p.cpu().Nanoseconds()) / 1000 / float64(max(units, 1))
			return s, err
		}})
	}
	return m
}

// perSecond returns the number of units of work done in a second.
func perSecond(n int, work func() error) (float64, error) {
	start := time.Now()
	err := work()
	return float64(n) / since(start), err
}

// delay reads n paced chunks and returns the median time in microseconds from
// the daemon's write to the client's read.
func delay(addr string, n int) (float64, error) {
	c, err := dial(addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /paced?n=%d HTTP/1.1\r\nHost: docker\r\n\r\n", n)
	buf := make([]byte, 64<<10)
	if _, err := c.Read(buf); err != nil {
		return 0, err
	}
	var delays []float64
	for len(delays) < n/2 {
		m, err := c.Read(buf)
		if err != nil {
			return 0, err
		}
		now := time.Now()
		sent, err := lastSent(buf[:m])
		if err != nil {
			return 0, err
		}
		delays = append(delays, float64(now.Sub(sent).Nanoseconds())/1000)
	}
	sort.Float64s(delays)
	return median(delays), nil
}
