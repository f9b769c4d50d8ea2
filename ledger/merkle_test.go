package ledger

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// The same tree as the checksum database's own code makes, at every size up to 70.
func TestTreeIsTheOneOfRFC6962(t *testing.T) {
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	var tree Tree
	require.Empty(t, tree.Root())
	for n := range int64(70) {
		leaf := []byte{byte(n), 'x'}
		stored, err := tlog.StoredHashes(n, leaf, reader)
		require.NoError(t, err)
		hashes = append(hashes, stored...)
		tree.Add(leaf)
		want, err := tlog.TreeHash(n+1, reader)
		require.NoError(t, err)
		require.Equal(t, hex.EncodeToString(want[:]), tree.Root(), "%d leaves", n+1)
		require.Equal(t, n+1, tree.Size())
	}
}
