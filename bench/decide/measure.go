//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// warm is how long a server is under load before each measure, which nobody counts.
const warm = 2 // seconds

// result is what was measured of one server at one number of connections.
type result struct {
	server      string
	connections int
}

// measure starts everybody, compares their answers, and loads one after the other while
// the rest are frozen.
func (b *bench) measure() error {
	defer b.dropRun()
	for _, name := range b.only {
		s, err := b.server(name)
		if err != nil {
			return err
		}
		b.servers = append(b.servers, s)
		if err := s.start(b); err != nil {
			return err
		}
		b.say("%s answers after %s", name, s.ready.Round(time.Millisecond))
		if name != "ceiling" && name != "syncing" {
			if err := s.compare(b.ctx); err != nil {
				return err
			}
		}
		if err := s.quiet(b.ctx, 3*time.Second); err != nil {
			return err
		}
		if err := s.pause(); err != nil {
			return err
		}
	}
	b.say("all answers are right")
	disks, loads := []limits{}, map[result][]load{}
	for round := range b.repeat {
		d, err := b.disk()
		if err != nil {
			return err
		}
		disks = append(disks, d)
		for _, connections := range b.connections {
			for _, s := range b.servers {
				l, err := b.one(s, connections)
				if err != nil {
					return err
				}
				b.say("round %d, %3d connections: %-9s %7.0f/s, p50 %s, p99 %s, %s of the processor", round+1, connections, s.name, l.rate, l.p50, l.p99, l.cost)
				at := result{s.name, connections}
				loads[at] = append(loads[at], l)
			}
		}
	}
	b.print(disks, loads)
	return nil
}

// one is one measure of one server, the others being frozen.
func (b *bench) one(s *server, connections int) (load, error) {
	if err := s.resume(); err != nil {
		return load{}, err
	}
	if _, err := b.wrk(s, connections, warm); err != nil {
		return load{}, err
	}
	l, err := b.wrk(s, connections, b.seconds)
	if err != nil {
		return load{}, err
	}
	return l, s.pause()
}

// middle is the median of what of measures.
func middle[T any](measures []T, of func(T) float64) float64 {
	var all []float64
	for _, m := range measures {
		all = append(all, of(m))
	}
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

func rate(l load) float64 { return l.rate }
func p50(l load) float64  { return l.p50.Seconds() * 1e3 }
func cost(l load) float64 { return l.cost.Seconds() * 1e6 }
func p99(l load) float64  { return l.p99.Seconds() * 1e3 }

// print writes the table, and how far the goals are.
func (b *bench) print(disks []limits, loads map[result][]load) {
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(info), "model name\t: "); found {
			cpu, _, _ = strings.Cut(rest, "\n")
		}
	}
	fmt.Printf("%s, %d processors (%s), %s; %d s each, median of %d.\n\n", time.Now().Format("2 January 2006, 15:04"), runtime.NumCPU(), cpu, runtime.Version(), b.seconds, b.repeat)
	b.table("requests/s (p99 in ms)", loads, func(l []load) string {
		return fmt.Sprintf("%s (%s)", thousands(middle(l, rate)), short(middle(l, p99)))
	})
	b.table("p50 in ms; processor time of its process a request in µs", loads, func(l []load) string {
		return fmt.Sprintf("%s; %.0f", short(middle(l, p50)), middle(l, cost))
	})
	syncs, commits := middle(disks, func(d limits) float64 { return d.append }), middle(disks, func(d limits) float64 { return d.commit })
	fmt.Printf("The same disk: %s appends of 4 KiB synced a second, one after the other; %s commits of one row into SQLite.\n\n", thousands(syncs), thousands(commits))
	var none int64
	for _, all := range loads {
		for _, l := range all {
			none += l.none
		}
	}
	if none > 0 {
		fmt.Printf("%d requests had no answer.\n\n", none)
	}
	fmt.Println("| beside the goals | SQLite | PostgreSQL |\n|---|---|---|")
	ours := []string{"sqlite", "postgres"}
	row := func(says string, of func(name string) string) {
		fmt.Printf("| %s |", says)
		for _, name := range ours {
			if len(loads[result{name, b.connections[0]}]) == 0 {
				fmt.Print(" not measured |")
				continue
			}
			fmt.Printf(" %s |", of(name))
		}
		fmt.Println()
	}
	if limit := loads[result{"syncing", 1}]; len(limit) > 0 {
		row("at 1: of what the disk's sync leaves to a server (at least 0.8)", func(name string) string {
			return fmt.Sprintf("%.2f", middle(loads[result{name, 1}], rate)/middle(limit, rate))
		})
	}
	for _, g := range []struct {
		connections int
		times       string
	}{{16, "2"}, {128, "2.5"}} {
		opa := loads[result{"opa", g.connections}]
		if len(opa) == 0 {
			continue
		}
		row(fmt.Sprintf("at %d: times OPA's throughput (at least %s)", g.connections, g.times), func(name string) string {
			return fmt.Sprintf("%.2f", middle(loads[result{name, g.connections}], rate)/middle(opa, rate))
		})
		row(fmt.Sprintf("at %d: part of OPA's p99 (at most 0.25)", g.connections), func(name string) string {
			return fmt.Sprintf("%.2f", middle(loads[result{name, g.connections}], p99)/middle(opa, p99))
		})
	}
}

// table has a line for each server and a column for each number of connections.
func (b *bench) table(says string, loads map[result][]load, of func([]load) string) {
	fmt.Printf("| %s |", says)
	for _, c := range b.connections {
		fmt.Printf(" %d |", c)
	}
	fmt.Print("\n|---|" + strings.Repeat("---|", len(b.connections)) + "\n")
	for _, s := range b.servers {
		fmt.Printf("| %s |", s.label)
		for _, c := range b.connections {
			fmt.Printf(" %s |", of(loads[result{s.name, c}]))
		}
		fmt.Println()
	}
	fmt.Println()
}

// thousands is a number as people read it.
func thousands(n float64) string {
	text := fmt.Sprintf("%.0f", n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// short is a number in two or three digits.
func short(n float64) string {
	switch {
	case n >= 9.95:
		return fmt.Sprintf("%.0f", n)
	case n >= 0.995:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}
