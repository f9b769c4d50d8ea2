//go:build linux

package main

import (
	"fmt"
	"strings"

	"countersign/cmd/countersign/world"
)

const (
	issuer        = "https://issuer.bench.example"
	gatewayKey    = "csgw_measured_not_a_secret"
	questionBytes = 486
	systemsInAll  = 10
	perSystem     = 50 // operations
	queues        = 20
)

// size is how much is in force: agents with one task each, of so many grants.
type size struct{ agents, grants int }

// usual is what every server is measured with.
var usual = size{1000, 10}

func (s size) String() string { return fmt.Sprintf("%dx%d", s.agents, s.grants) }

func systemName(i int) string    { return fmt.Sprintf("records-%02d", i/perSystem%systemsInAll) }
func operationName(i int) string { return fmt.Sprintf("%s.read-%02d", systemName(i), i%perSystem) }
func subject(agent int) string {
	return fmt.Sprintf("spiffe://bench.example/agent/agent-%04d", agent)
}
func queue(agent int) string { return fmt.Sprintf("queue-%02d/", agent%queues) }

// operation is the number of an agent's k-th operation.
func (s size) operation(agent, k int) int { return (agent*s.grants + k) % (systemsInAll * perSystem) }

// house is what is to be in force.
func (s size) house() world.House {
	h := world.House{Issuer: issuer, Key: gatewayKey}
	for i := 0; i < systemsInAll*perSystem; i += perSystem {
		system := world.HouseSystem{Name: systemName(i)}
		for k := range perSystem {
			system.Operations = append(system.Operations, operationName(i+k))
		}
		h.Systems = append(h.Systems, system)
	}
	for a := range s.agents {
		agent := world.HouseAgent{Name: fmt.Sprintf("Agent %04d", a), Subject: subject(a)}
		for k := range s.grants {
			agent.Grants = append(agent.Grants, world.HouseGrant{Operation: operationName(s.operation(a, k)), Resources: queue(a) + "*"})
		}
		h.Agents = append(h.Agents, agent)
	}
	return h
}

// question is one request with its right answer.
type question struct {
	body  string
	allow bool
}

// questions are 4,000 requests over all agents. Of eight, five are allowed; one asks for an
// operation that was not granted, one for another queue's record, one for an agent that
// nobody knows. Where everything is granted there are two of those in place of the first.
func (s size) questions() []question {
	out := make([]question, 4000)
	for n := range out {
		agent := n * 7919 % s.agents
		who, op, at := subject(agent), s.operation(agent, n/8%s.grants), queue(agent)
		switch n % 8 {
		case 5:
			if s.grants < systemsInAll*perSystem {
				op = s.operation(agent, s.grants+n/8%20)
				break
			}
			fallthrough
		case 6:
			at = queue(agent + 1)
		case 7:
			who = subject(agent + 5000)
		}
		out[n] = question{body(n, who, op, at), n%8 < 5}
	}
	return out
}

// body is an evaluation as a gateway sends it, always of the same length.
func body(n int, who string, op int, at string) string {
	const form = `{"subject":{"type":"workload","id":"%s","properties":{"instance":"i-%04x"}},"action":{"name":"%s"},` +
		`"resource":{"type":"%s","id":"%srecord-%05d","properties":{"kind":"record"}},` +
		`"context":{"task":"run-%06d","instance":"i-%04x","trace_id":"%032x","environment":"production","sensitivity":"internal","volume":1,"purpose":"%s"}}`
	fill := func(purpose string) string {
		return fmt.Sprintf(form, who, n, operationName(op), systemName(op), at, n, n/20, n, uint64(n)*0x9E3779B97F4A7C15, purpose)
	}
	return fill(strings.Repeat("x", questionBytes-len(fill(""))))
}
