//go:build peers

// Package cerbos keeps the peer in a module of its own, with the versions of everything
// that its authors build it with.
package cerbos

import _ "github.com/cerbos/cerbos/cmd/cerbos"
