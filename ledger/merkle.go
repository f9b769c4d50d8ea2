package ledger

import (
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the Merkle tree of RFC 6962, section 2.1 (SHA-256), over leaves that come one
// after the other. It keeps one hash for each level. The zero Tree has no leaves.
type Tree struct {
	full []subtree // whole ones, each larger than the next
	n    int64
}

type subtree struct {
	hash   tlog.Hash
	leaves int64
}

// Add appends a leaf.
func (t *Tree) Add(leaf []byte) {
	t.n++
	s := subtree{tlog.RecordHash(leaf), 1}
	for len(t.full) > 0 && t.full[len(t.full)-1].leaves == s.leaves {
		last := t.full[len(t.full)-1]
		t.full = t.full[:len(t.full)-1]
		s = subtree{tlog.NodeHash(last.hash, s.hash), 2 * s.leaves}
	}
	t.full = append(t.full, s)
}

// Size is how many leaves there are.
func (t *Tree) Size() int64 { return t.n }

// Root is the tree's head in hex; "" for a tree without leaves.
func (t *Tree) Root() string {
	if t.n == 0 {
		return ""
	}
	root := t.full[len(t.full)-1].hash
	for i := len(t.full) - 2; i >= 0; i-- {
		root = tlog.NodeHash(t.full[i].hash, root)
	}
	return hex.EncodeToString(root[:])
}
