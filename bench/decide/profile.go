//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"countersign/store"
	"countersign/web"
)

// serveProfiled serves the product's own routes, and profiles on a second address: the
// product itself has no such door.
func serveProfiled(ctx context.Context, address, profiles, database string) error {
	st, err := store.Open(ctx, database)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if _, err := st.Decisions(ctx); err != nil {
		return err
	}
	server, err := web.New(web.Config{Listen: address, PublicURL: "http://" + address, OIDC: web.OIDC{Issuer: "http://127.0.0.1:9", ClientID: "none", ClientSecret: "none"}}, st)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	side := &http.Server{Addr: profiles, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = side.ListenAndServe() }()
	defer func() { _ = side.Close() }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return server.Serve(ctx, listener)
}

// profiles writes where the product's processor time goes at each number of connections, and
// its heap, for `go tool pprof`.
func (b *bench) profiles() error {
	defer b.dropRun()
	for _, name := range []string{"sqlite", "postgres"} {
		if !slices.Contains(b.only, name) {
			continue
		}
		database, err := map[string]func(size) (string, error){"sqlite": b.sqlite, "postgres": b.inPostgres}[name](usual)
		if err != nil {
			return err
		}
		side, err := freeAddress()
		if err != nil {
			return err
		}
		s, err := b.new(name, "", "/access/v1/evaluation", func(address string) (*exec.Cmd, error) {
			return exec.CommandContext(b.ctx, b.self, "profiled", address, side, database), nil
		})
		if err != nil {
			return err
		}
		b.servers = append(b.servers, s)
		if err := s.start(b); err != nil {
			return err
		}
		for _, connections := range b.connections {
			if _, err := b.wrk(s, connections, warm); err != nil {
				return err
			}
			got := make(chan error, 1)
			to := filepath.Join(b.folder, fmt.Sprintf("%s-%d.prof", name, connections))
			go func() {
				got <- b.fetch(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", side, b.seconds), to)
			}()
			l, err := b.wrk(s, connections, b.seconds+1)
			if err != nil {
				return err
			}
			if err := <-got; err != nil {
				return err
			}
			fmt.Printf("%s: %.0f/s while profiled\n", to, l.rate)
		}
		to := filepath.Join(b.folder, name+"-heap.prof")
		if err := b.fetch("http://"+side+"/debug/pprof/heap?gc=1", to); err != nil {
			return err
		}
		fmt.Println(to)
		s.stop()
	}
	return nil
}

// fetch writes what an address answers into a file.
func (b *bench) fetch(url, to string) error {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, res.Body)
	return err
}
