package main

import (
	"context"
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
	"countersign/store"
	"countersign/web"
	"countersign/web/idp"
)

type demoCommand struct {
	Listen string `help:"Address to listen on; a loopback one, since the demo's sign-in has no passwords." env:"COUNTERSIGN_LISTEN" default:"localhost:8080"`
	Data   string `help:"Folder to keep the demo's data in. Without it they are gone when the demo ends." env:"COUNTERSIGN_DATA" type:"path" placeholder:"DIR"`
}

// Run makes the organisation where there is none yet, and serves it together
// with an identity provider of its own.
func (d demoCommand) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
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
	st, done, err := d.data(ctx, url+"/demo-idp")
	if err != nil {
		return err
	}
	defer done()
	server, err := demoServer(url, st)
	if err != nil {
		return err
	}
	welcome(url, d.Data)
	return server.Serve(ctx, listener)
}

// data opens the demo's database and tells its story where it is empty.
func (d demoCommand) data(ctx context.Context, issuer string) (*store.Store, func(), error) {
	dir, done := d.Data, func() {}
	if dir == "" {
		temp, err := os.MkdirTemp("", "countersign-demo-")
		if err != nil {
			return nil, nil, fmt.Errorf("cannot make a folder for the demo: %w", err)
		}
		dir, done = temp, func() { _ = os.RemoveAll(temp) }
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("cannot make the demo's folder: %w", err)
	}
	clock := &world.Clock{}
	st, err := store.Open(ctx, filepath.Join(dir, "countersign.db"), store.WithClock(clock.Now))
	if err != nil {
		done()
		return nil, nil, err
	}
	all := func() { _ = st.Close(); done() }
	if err := fill(ctx, st, clock, issuer); err != nil {
		all()
		return nil, nil, err
	}
	return st, all, nil
}

func fill(ctx context.Context, st *store.Store, clock *world.Clock, issuer string) error {
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
		return nil
	}
	fmt.Println("Making an organisation for the demo, by acting in it:")
	return world.Build(ctx, st, clock, issuer, func(what string) { fmt.Println("  " + what + " …") })
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

func welcome(url, data string) {
	fmt.Printf("\nCountersign is ready: %s\n\nSign in as anybody, without a password:\n\n", url)
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 3, ' ', 0)
	for _, p := range world.People() {
		if !p.Left {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", p.Name, p.Team, p.Says)
		}
	}
	_ = table.Flush() // standard output that is closed is not our error
	kept := "Nothing is kept when you stop it (Ctrl+C); --data DIR keeps it."
	if data != "" {
		kept = "The data are kept in " + data + "."
	}
	fmt.Printf("\nThis is a demonstration: everybody on this machine may sign in as anybody.\n%s\n", kept)
}
