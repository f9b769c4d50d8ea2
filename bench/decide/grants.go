//go:build linux

package main

import (
	"fmt"
	"time"
)

// sizes are 100, 10,000 and a million grants. A million would be a hundred thousand agents
// of ten grants each, which takes a day of acts; so it is two thousand that have as many as
// one task may have.
var sizes = []size{{10, 10}, usual, {2000, 500}}

// measureGrants is how the number of grants in force changes what a decision takes, on SQLite.
func (b *bench) measureGrants() error {
	for _, s := range sizes {
		database, err := b.sqlite(s)
		if err != nil {
			return err
		}
		server, err := b.countersign(s.String(), database)
		if err != nil {
			return err
		}
		server.asks = s.questions()
		b.servers = append(b.servers, server)
		if err := server.start(b); err != nil {
			return err
		}
		b.say("%s answers after %s", s, server.ready.Round(time.Millisecond))
		if err := server.compare(b.ctx); err != nil {
			return err
		}
		if err := server.quiet(b.ctx, 3*time.Second); err != nil {
			return err
		}
		if err := server.pause(); err != nil {
			return err
		}
	}
	loads := map[result][]load{}
	for range b.repeat {
		for _, connections := range []int{1, 16} {
			for _, s := range b.servers {
				l, err := b.one(s, connections)
				if err != nil {
					return err
				}
				b.say("%3d connections: %-9s %7.0f/s, p50 %s, p99 %s", connections, s.name, l.rate, l.p50, l.p99)
				at := result{s.name, connections}
				loads[at] = append(loads[at], l)
			}
		}
	}
	fmt.Println("| grants in force | p50 at 1, ms | p50 at 16, ms | requests/s at 16 | start to first answer | resident after the load | most resident |\n|---|---|---|---|---|---|---|")
	for i, s := range b.servers {
		resident, err := s.memory("VmRSS")
		if err != nil {
			return err
		}
		most, err := s.memory("VmHWM")
		if err != nil {
			return err
		}
		one, sixteen := loads[result{s.name, 1}], loads[result{s.name, 16}]
		fmt.Printf("| %s (%d agents) | %.3f | %.3f | %s | %.2f s | %d MiB | %d MiB |\n", thousands(float64(sizes[i].agents*sizes[i].grants)), sizes[i].agents, middle(one, p50), middle(sixteen, p50),
			thousands(middle(sixteen, rate)), s.ready.Seconds(), resident, most)
	}
	return nil
}
