package importers

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// The registry's seed: each of its entries ends for itself, and none spoils the others.
func TestEverySeedOfTheRegistryEndsForItself(t *testing.T) {
	results := Read("seed.json", seed(t))
	require.Len(t, results, 471)
	refused, described, named := 0, 0, map[string]bool{}
	for _, i := range results {
		require.Equal(t, "mcp-server", i.Format)
		require.Equal(t, models.ImportSystem, i.Kind)
		if i.Refused() {
			refused++
			require.Contains(t, i.Warnings[0].Where, "/name")
			continue
		}
		require.False(t, named[i.Name], i.Name)
		named[i.Name] = true
		require.Equal(t, models.AccessUnknown, i.System.Access, "a manifest lists no tools")
		if i.System.Description != "" {
			described++
		} else {
			require.Equal(t, models.ImportWarned, i.Outcome)
		}
	}
	require.Equal(t, 7, refused)
	require.Equal(t, 471-79, described)
}

func seed(t testing.TB) []byte {
	data, err := os.ReadFile("../../shared/data/mcp/registry/modelcontextprotocol__registry__seed_2025_05_16.json")
	if err != nil {
		t.Skip("The registry's seed is not here; testdata has manifests of the same shapes.")
	}
	return data
}

func BenchmarkSeed(b *testing.B) {
	data := seed(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Read("seed.json", data)
	}
}
