//go:build peers

// Package opa keeps the peer in a module of its own, with the versions of everything that
// its authors build it with.
package opa

import _ "github.com/open-policy-agent/opa"
