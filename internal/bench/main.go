// Command bench measures the built binaries of record and replay beside plain
// proxies and servers of its own: a proxy that only copies, a proxy that also
// appends the bytes to a file (the floor under any recorder), net/http with
// go-vcr, net/http serving a file, and a bare socket server. The daemon and
// every contender run in processes of their own, and rounds are interleaved.
// Compare the ratios of medians. For proxies it also prints processor time,
// which a busy machine disturbs less: microseconds for each request, chunk or
// MiB, start and stop included.
//
//	go run ./internal/bench [-rounds 5] [-run REGEXP] [-bin DIR]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		if err := serve(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	b := &bench{}
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of each measurement")
	flag.StringVar(&b.bin, "bin", "bin", "folder of the record and replay binaries")
	run := flag.String("run", "", "only measurements whose name matches this expression")
	flag.Float64Var(&b.scale, "scale", 1, "size of the work, 1 is the full one")
	flag.Parse()
	if err := b.main(*run); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of the measurements.
type bench struct {
	rounds int
	bin    string
	scale  float64
	dir    string // scratch folder
}

// scaled returns n times the scale, at least 1.
func (b *bench) scaled(n int) int { return max(1, int(float64(n)*b.scale)) }

// measurement compares contenders in one kind of work.
type measurement struct {
	name string
	unit string
	// higher tells that a higher figure is better.
	higher     bool
	contenders []contender
	// ratios are pairs of contenders, by name. The ratio of their medians is
	// printed.
	ratios [][2]string
}

// contender is one way to do the work. run does it once.
type contender struct {
	name string
	run  func() (sample, error)
}

// sample is the result of one run.
type sample struct {
	figure float64
	cpu    float64 // microseconds of processor time for each unit; 0 if not measured
}

// figure wraps a run that returns a figure alone.
func figure(run func() (float64, error)) func() (sample, error) {
	return func() (sample, error) {
		f, err := run()
		return sample{figure: f}, err
	}
}

func (b *bench) main(run string) error {
	only, err := regexp.Compile(run)
	if err != nil {
		return err
	}
	if b.bin, err = filepath.Abs(b.bin); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "wb"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	fmt.Println("| measurement | contender | median | min | max | CPU | ratio |")
	fmt.Println("|---|---|---:|---:|---:|---:|---|")
	for _, m := range append(b.recordMeasurements(), b.replayMeasurements()...) {
		if !only.MatchString(m.name) {
			continue
		}
		if err := b.measure(m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// measure runs the contenders in turn, round by round, and prints a row for
// each.
func (b *bench) measure(m measurement) error {
	figures, cpus := map[string][]float64{}, map[string][]float64{}
	for range b.rounds {
		for _, c := range m.contenders {
			s, err := c.run()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			figures[c.name] = append(figures[c.name], s.figure)
			cpus[c.name] = append(cpus[c.name], s.cpu)
		}
	}
	for _, c := range m.contenders {
		f := figures[c.name]
		sort.Float64s(f)
		sort.Float64s(cpus[c.name])
		cpu, ratios := "", ""
		if us := median(cpus[c.name]); us > 0 {
			cpu = fmt.Sprintf("%.4g us", us)
		}
		for _, r := range m.ratios {
			if r[0] == c.name {
				ratios += fmt.Sprintf("%.2f of %s ", m.ratio(figures, r), r[1])
			}
		}
		fmt.Printf("| %s | %s | %.4g %s | %.4g | %.4g | %s | %s|\n", m.name, c.name, median(f), m.unit, f[0], f[len(f)-1], cpu, ratios)
	}
	return nil
}

// ratio compares r[0] with r[1]: above 1 is better.
func (m measurement) ratio(figures map[string][]float64, r [2]string) float64 {
	a, b := figures[r[0]], figures[r[1]]
	sort.Float64s(a)
	sort.Float64s(b)
	if m.higher {
		return median(a) / median(b)
	}
	return median(b) / median(a)
}

// median returns the middle of sorted figures.
func median(f []float64) float64 { return f[len(f)/2] }

// since returns the seconds from start.
func since(start time.Time) float64 { return time.Since(start).Seconds() }
