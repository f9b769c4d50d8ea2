//go:build linux

// Command decide measures decisions over HTTP: this product on both its databases, with
// its durable log on, beside two other decision points and a server that answers a
// constant. It prints Markdown. See docs/performance.md.
//
//	go tool -modfile=tools/go.mod task bench:decide -- --seconds 10 --repeat 3
//	go tool -modfile=tools/go.mod task bench:decide -- --grants
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	seconds, repeat int
	only            []string
	connections     []int
	grants, profile bool
	folder          string
	postgres        string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "decide:", err)
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 { // this program's own servers, which it starts as processes of their own
		switch args[0] {
		case "ceiling":
			return serveCeiling(ctx, args[1], strings.Join(args[2:], ""))
		case "profiled":
			return serveProfiled(ctx, args[1], args[2], args[3])
		}
	}
	var o options
	flags := flag.NewFlagSet("decide", flag.ContinueOnError)
	flags.IntVar(&o.seconds, "seconds", 10, "how long each server is under load at each number of connections")
	flags.IntVar(&o.repeat, "repeat", 3, "how often; the medians are printed")
	connections := flags.String("connections", "1,16,128", "measure at these numbers of connections")
	only := flags.String("only", "", "measure these alone, such as opa,sqlite")
	flags.BoolVar(&o.grants, "grants", false, "measure with 100, 10,000 and a million grants in force instead; the first time makes the million, which takes long")
	flags.BoolVar(&o.profile, "profile", false, "write the product's profiles under load instead, into the folder")
	flags.StringVar(&o.folder, "folder", "tmp/bench", "where what is built and made is kept; on a disk that syncs")
	flags.StringVar(&o.postgres, "postgres", "postgres://postgres@127.0.0.1:5432/test?sslmode=disable", "a server in which databases may be made and dropped")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for word := range strings.SplitSeq(*connections, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("cannot measure at %q connections: name whole numbers from 1 on", word)
		}
		o.connections = append(o.connections, n)
	}
	o.only = everybody
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.Contains(everybody, name) {
			return fmt.Errorf("cannot measure %q: there are %s", name, strings.Join(everybody, ", "))
		}
	}
	if o.seconds < 1 || o.repeat < 1 {
		return fmt.Errorf("cannot measure for %d seconds, %d times: name at least 1", o.seconds, o.repeat)
	}
	var err error
	if o.folder, err = filepath.Abs(o.folder); err != nil {
		return err
	}
	b := &bench{options: o, ctx: ctx}
	if err := b.prepare(); err != nil {
		return err
	}
	defer b.stopAll()
	switch {
	case o.grants:
		return b.measureGrants()
	case o.profile:
		return b.profiles()
	}
	return b.measure()
}

// bench is one run.
type bench struct {
	options
	ctx      context.Context
	self     string // this program
	run      string // the folder of what this run alone needs
	versions map[string]string
	began    time.Time
	servers  []*server
}

// say tells on stderr what is being done; stdout has the tables.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%7.1fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// prepare builds what is measured and empties the run's folder.
func (b *bench) prepare() (err error) {
	b.began = time.Now()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if err := needWrk(); err != nil {
		return err
	}
	b.run = filepath.Join(b.folder, "run")
	if err := os.RemoveAll(b.run); err != nil {
		return err
	}
	if err := os.MkdirAll(b.run, 0o700); err != nil {
		return err
	}
	return b.build()
}

// stopAll ends every server, and removes what only this run needed.
func (b *bench) stopAll() {
	for _, s := range b.servers {
		s.stop()
	}
	b.servers = nil
	if err := os.RemoveAll(b.run); err != nil {
		b.say("cannot remove %s: %v", b.run, err)
	}
}
