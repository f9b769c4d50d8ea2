//go:build linux

package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed walk.lua
var walk string

func needWrk() error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is missing: it is Debian’s package of that name (apt install wrk)")
	}
	return nil
}

// load is what came of a server under load.
type load struct {
	rate     float64 // requests a second
	p50, p99 time.Duration
	cost     time.Duration // of the server's processor time, a request
	none     int64         // requests without an answer: on a starved machine ours come too late, and say 503
}

// wrk puts a server under load from so many connections.
func (b *bench) wrk(s *server, connections, seconds int) (l load, err error) {
	var lines strings.Builder
	for _, q := range s.asks {
		lines.WriteString(s.post(q) + "\n")
	}
	if err := write(b.run, map[string]string{"walk.lua": walk, s.name + ".requests": lines.String()}); err != nil {
		return l, err
	}
	threads := 1
	if connections >= 128 {
		threads = 2
	}
	before, err := s.spent()
	if err != nil {
		return l, err
	}
	cmd := exec.CommandContext(b.ctx, "wrk", "-t", fmt.Sprint(threads), "-c", fmt.Sprint(connections), "-d", fmt.Sprintf("%ds", seconds), "--latency", "-s", filepath.Join(b.run, "walk.lua"),
		"http://"+s.address, "--", filepath.Join(b.run, s.name+".requests"), s.path, gatewayKey)
	out, err := cmd.CombinedOutput()
	_, result, found := strings.Cut(string(out), "RESULT ")
	if err != nil || !found {
		return l, fmt.Errorf("cannot load %s: %w\n%s", s.name, err, out)
	}
	var requests, took, p50, p99, wrong int64
	if _, err := fmt.Sscan(result, &requests, &took, &p50, &p99, &wrong); err != nil {
		return l, fmt.Errorf("cannot read what wrk says: %w", err)
	}
	after, err := s.spent()
	if err != nil {
		return l, err
	}
	if wrong > requests/100 {
		return l, fmt.Errorf("%s did not answer %d of %d requests", s.name, wrong, requests)
	}
	return load{float64(requests) / (float64(took) / 1e6), time.Duration(p50) * time.Microsecond, time.Duration(p99) * time.Microsecond, (after - before) / time.Duration(max(requests, 1)), wrong}, nil
}
