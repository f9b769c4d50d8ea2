//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// everybody is what can be measured, in the order of the table.
var everybody = []string{"ceiling", "syncing", "opa", "cerbos", "sqlite", "postgres"}

// server prepares one of everybody for the usual size.
func (b *bench) server(name string) (s *server, err error) {
	switch name {
	case "ceiling":
		s, err = b.new(name, "echo that answers a constant", "/access/v1/evaluation", func(address string) (*exec.Cmd, error) {
			return exec.CommandContext(b.ctx, b.self, "ceiling", address), nil
		})
	case "syncing":
		s, err = b.new(name, "the same, syncing 4 KiB before each answer", "/access/v1/evaluation", func(address string) (*exec.Cmd, error) {
			return exec.CommandContext(b.ctx, b.self, "ceiling", address, filepath.Join(b.run, "syncing")), nil
		})
	case "opa":
		s, err = b.new(name, "OPA "+b.versions[name]+", log to a file, never synced", "/v1/data/bench/allow", b.opa)
		if err == nil {
			s.member, s.wrap = "result", func(body string) string { return `{"input":` + body + `}` }
		}
	case "cerbos":
		s, err = b.new(name, "Cerbos "+b.versions[name]+", log to a file, never synced", "/access/v1/evaluation", b.cerbos)
	case "sqlite":
		var database string
		if database, err = b.sqlite(usual); err == nil {
			s, err = b.countersign(name, database)
		}
	case "postgres":
		var database string
		if database, err = b.inPostgres(usual); err == nil {
			s, err = b.countersign(name, database)
		}
	}
	return s, err
}

// new is a server on a free address; how makes its command.
func (b *bench) new(name, label, path string, how func(address string) (*exec.Cmd, error)) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &server{name: name, label: label, address: address, path: path, asks: usual.questions(), member: "decision"}
	s.cmd, err = how(address)
	return s, err
}

// countersign is the product as it is served. Its identity provider is nowhere: nobody
// signs in.
func (b *bench) countersign(name, database string) (*server, error) {
	label := "Countersign on SQLite, synced"
	if name == "postgres" {
		label = "Countersign on PostgreSQL, synced"
	}
	return b.new(name, label, "/access/v1/evaluation", func(address string) (*exec.Cmd, error) {
		return exec.CommandContext(b.ctx, b.binary("countersign"), "serve", "--listen", address, "--public-url", "http://"+address, "--database", database,
			"--oidc-issuer", "http://127.0.0.1:9", "--oidc-client-id", "none", "--oidc-client-secret", "none"), nil
	})
}

// opaPolicy looks the agent up in the data, and compares the resource with the grant's prefix.
const opaPolicy = `package bench

default allow := false

allow if {
	prefix := data.grants[input.subject.id][input.resource.type][input.action.name]
	startswith(input.resource.id, prefix)
}
`

// opa has the grants as data. Its log goes to the console, which is a file; its own words
// about each request are off, so that it writes each decision once.
func (b *bench) opa(address string) (*exec.Cmd, error) {
	grants := map[string]map[string]map[string]string{} // by agent, system and operation
	for a := range usual.agents {
		mine := map[string]map[string]string{}
		for k := range usual.grants {
			op := usual.operation(a, k)
			if mine[systemName(op)] == nil {
				mine[systemName(op)] = map[string]string{}
			}
			mine[systemName(op)][operationName(op)] = queue(a)
		}
		grants[subject(a)] = mine
	}
	data, err := json.Marshal(map[string]any{"grants": grants})
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(b.run, "opa")
	err = write(folder, map[string]string{"data.json": string(data), "bench.rego": opaPolicy, "config.yaml": "decision_logs:\n  console: true\n"})
	return exec.CommandContext(b.ctx, b.binary("opa"), "run", "--server", "--addr", address, "--log-level", "error", "--disable-telemetry",
		"--config-file", filepath.Join(folder, "config.yaml"), filepath.Join(folder, "data.json"), filepath.Join(folder, "bench.rego")), err
}

// cerbos has a policy for each agent, as it has for what one principal may do; a rule for
// each system, with an action for each grant.
func (b *bench) cerbos(address string) (*exec.Cmd, error) {
	folder := filepath.Join(b.run, "cerbos")
	policies := map[string]string{}
	for a := range usual.agents {
		var text strings.Builder
		fmt.Fprintf(&text, "apiVersion: api.cerbos.dev/v1\nprincipalPolicy:\n  principal: %q\n  version: default\n  rules:\n", subject(a))
		last := ""
		for k := range usual.grants {
			op := usual.operation(a, k)
			if systemName(op) != last {
				last = systemName(op)
				fmt.Fprintf(&text, "    - resource: %q\n      actions:\n", last)
			}
			fmt.Fprintf(&text, "        - action: %q\n          effect: EFFECT_ALLOW\n          condition:\n            match:\n              expr: request.resource.id.startsWith(%q)\n", operationName(op), queue(a))
		}
		policies[fmt.Sprintf("agent-%04d.yaml", a)] = text.String()
	}
	if err := write(filepath.Join(folder, "policies"), policies); err != nil {
		return nil, err
	}
	rpc, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`server:
  httpListenAddr: %q
  grpcListenAddr: %q
telemetry:
  disabled: true
storage:
  driver: disk
  disk:
    directory: %q
    watchForChanges: false
audit:
  enabled: true
  accessLogsEnabled: false
  decisionLogsEnabled: true
  backend: file
  file:
    path: %q
`, address, rpc, filepath.Join(folder, "policies"), filepath.Join(folder, "decisions.log"))
	err = write(folder, map[string]string{"config.yaml": config})
	return exec.CommandContext(b.ctx, b.binary("cerbos"), "server", "--config", filepath.Join(folder, "config.yaml"), "--log-level", "error"), err
}

// write puts files into a folder, which is made.
func write(folder string, files map[string]string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
