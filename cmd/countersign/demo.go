package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"countersign/cmd/countersign/world"
	"countersign/jobs"
	"countersign/notify"
	"countersign/store"
	"countersign/web"
	"countersign/web/idp"
)

type demoCommand struct {
	Listen   string `help:"Address to listen on; a loopback one, since the demo's sign-in has no passwords." env:"COUNTERSIGN_LISTEN" default:"localhost:8080"`
	Data     string `help:"Folder to keep the demo's data in. Without it they are gone when the demo ends." env:"COUNTERSIGN_DATA" type:"path" placeholder:"DIR"`
	Agents   int    `help:"Make the organisation as large as that: so many agents more, each with three capabilities. 10,000 take minutes; keep them with --data." env:"COUNTERSIGN_AGENTS" default:"0" placeholder:"N"`
	Database string `help:"Keep the demo's data in this PostgreSQL database instead of a file." env:"COUNTERSIGN_DEMO_DATABASE" placeholder:"postgres://…"`
}

// mostAgents is more than any house has; what is typed is bounded like anywhere.
const mostAgents = 1_000_000

// Run makes the organisation where there is none yet, and serves it together
// with an identity provider of its own.
func (d demoCommand) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if d.Agents < 0 || d.Agents > mostAgents {
		return fmt.Errorf("cannot make %d agents: give a number from 0 to %d", d.Agents, mostAgents)
	}
	host, port, err := net.SplitHostPort(d.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %q: name a host and a port, such as localhost:8080", d.Listen)
	}
	if host == "" {
		host = "localhost" // never every address: the demo's sign-in has no passwords
	}
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.IsLoopback()) {
		return fmt.Errorf("cannot listen on %s: anybody may sign in to the demo as anybody, so it is for this machine alone (localhost)", host)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return fmt.Errorf("cannot listen: %w (choose another port with --listen localhost:0)", err)
	}
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	url := "http://" + net.JoinHostPort(host, port)
	st, place, done, err := d.data(ctx, url+"/demo-idp")
	if err != nil {
		return err
	}
	defer done()
	stop, err := background(ctx, place, st, sender(st, url, nil, notify.Allow{}))
	if err != nil {
		return err
	}
	defer stop()
	server, err := demoServer(url, st)
	if err != nil {
		return err
	}
	welcome(url, cmp.Or(d.Data, namedPlace(d.Database)))
	return server.Serve(ctx, listener)
}

// data opens the demo's database, which url names, and tells its story where it is empty.
func (d demoCommand) data(ctx context.Context, issuer string) (st *store.Store, url string, done func(), err error) {
	url, gone, err := d.place()
	if err != nil {
		return nil, "", nil, err
	}
	clock := &world.Clock{}
	st, err = store.Open(ctx, url, store.WithClock(clock.Now))
	if err != nil {
		gone()
		return nil, "", nil, err
	}
	done = func() { _ = st.Close(); gone() }
	if err = fill(ctx, st, clock, issuer, d.Agents); err == nil {
		err = jobs.Migrate(ctx, url)
	}
	if err != nil {
		done()
		return nil, "", nil, err
	}
	return st, url, done, nil
}

// place is where the demo's data are, and what to do with the place at the end.
func (d demoCommand) place() (string, func(), error) {
	switch {
	case d.Database != "":
		return d.Database, func() {}, nil
	case d.Data != "":
		if err := os.MkdirAll(d.Data, 0o700); err != nil {
			return "", nil, fmt.Errorf("cannot make the demo's folder: %w", err)
		}
		return filepath.Join(d.Data, "countersign.db"), func() {}, nil
	}
	temp, err := os.MkdirTemp("", "countersign-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("cannot make a folder for the demo: %w", err)
	}
	return filepath.Join(temp, "countersign.db"), func() { _ = os.RemoveAll(temp) }, nil
}

func fill(ctx context.Context, st *store.Store, clock *world.Clock, issuer string, agents int) error {
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	made, err := st.Issuers(ctx)
	if err != nil {
		return err
	}
	if len(made) > 0 {
		if !slices.Contains(made, issuer) {
			return fmt.Errorf("the demo in this folder was made at %s, where its people sign in: start it there with --listen, or name another folder", strings.TrimSuffix(made[0], "/demo-idp"))
		}
		told, err := world.Told(ctx, st)
		if err == nil && !told {
			err = errors.New("the demo here was interrupted while it was being made, and half an organisation is none: delete its data, or name another place, and start again")
		}
		return err
	}
	fmt.Println("Making an organisation for the demo, by acting in it:")
	return world.BuildLarge(ctx, st, clock, issuer, agents, func(what string) { fmt.Println("  " + what + " …") })
}

// demoServer is the product with the demo's identity provider mounted beside it.
func demoServer(url string, st *store.Store) (*web.Server, error) {
	var people []idp.Person
	for _, p := range world.People() {
		if !p.Left {
			people = append(people, idp.Person{Subject: p.Subject, Name: p.Name, Email: p.Email, Says: p.Says + " (" + p.Team + ")"})
		}
	}
	people = append(people, idp.Person{Subject: "guest", Name: "Gale Stranger", Email: "gale@elsewhere.example", Says: "Nobody yet: an account that no administrator has linked"})
	provider, err := idp.New(url+"/demo-idp", people)
	if err != nil {
		return nil, err
	}
	cfg := web.Config{Listen: strings.TrimPrefix(url, "http://"), PublicURL: url,
		OIDC: web.OIDC{Issuer: provider.Issuer(), ClientID: idp.ClientID, ClientSecret: provider.ClientSecret()}}
	return web.New(cfg, st, web.WithDemo(provider.Path(), provider))
}

// namedPlace says where the data are without the URL, which may hold a password.
func namedPlace(url string) string {
	if url == "" {
		return ""
	}
	return "the database that was named"
}

func welcome(url, data string) {
	fmt.Printf("\nCountersign is ready: %s\n\nSign in as anybody, without a password:\n\n", url)
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 3, ' ', 0)
	for _, p := range world.People() {
		if !p.Left {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", p.Name, p.Team, p.Says)
		}
	}
	_ = table.Flush() // standard output that is closed is not our error
	fmt.Printf("\nA gateway asks for decisions with the key %s; docs/decisions.md says how.\n", world.DemoKey)
	kept := "Nothing is kept when you stop it (Ctrl+C); --data DIR keeps it."
	if data != "" {
		kept = "The data are kept in " + data + "."
	}
	fmt.Printf("\nThis is a demonstration: everybody on this machine may sign in as anybody.\n%s\n", kept)
}
