//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// peers are the other decision points: each a module of its own, built as its authors do.
var peers = []struct{ name, module, command string }{
	{"opa", "github.com/open-policy-agent/opa", "github.com/open-policy-agent/opa"},
	{"cerbos", "github.com/cerbos/cerbos", "github.com/cerbos/cerbos/cmd/cerbos"},
}

// build builds the product each time, and a peer where its version is not there yet.
func (b *bench) build() error {
	b.versions = map[string]string{}
	if err := b.golang(".", "build", "-o", b.binary("countersign"), "./cmd/countersign"); err != nil {
		return err
	}
	if b.grants || b.profile {
		return nil
	}
	for _, p := range peers {
		if !slices.Contains(b.only, p.name) {
			continue
		}
		folder := filepath.Join("bench", "peers", p.name)
		list := exec.CommandContext(b.ctx, "go", "list", "-m", "-f", "{{.Version}}", p.module)
		list.Dir, list.Stderr = folder, os.Stderr
		version, err := list.Output()
		if err != nil {
			return fmt.Errorf("cannot find out the version of %s: %w", p.name, err)
		}
		b.versions[p.name] = strings.TrimSpace(string(version))
		if _, err := os.Stat(b.binary(p.name)); err == nil {
			continue
		}
		b.say("building %s %s, which takes minutes the first time", p.name, b.versions[p.name])
		if err := b.golang(folder, "build", "-o", b.binary(p.name), p.command); err != nil {
			return err
		}
	}
	return nil
}

// binary is where a program is kept.
func (b *bench) binary(name string) string {
	if v := b.versions[name]; v != "" {
		name += "-" + v
	}
	return filepath.Join(b.folder, name)
}

func (b *bench) golang(folder string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_CFLAGS=-O2 -g -DHAVE_FDATASYNC=1") // as the README has it for Linux
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot build %s: %w", args[len(args)-1], err)
	}
	return nil
}
