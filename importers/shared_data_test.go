package importers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Every real card ends imported, warned or refused, with a field or line named, each time the same.
func TestRealCards(t *testing.T) {
	const folder = "../../shared/data/a2a"
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Skip("The folder of real agent cards is not here; the fixtures in testdata cover the same shapes.")
	}
	require.NotEmpty(t, entries)
	outcomes := map[models.ImportOutcome]int{}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			require.NoError(t, err)
			results := Read(entry.Name(), data)
			require.Equal(t, results, Read(entry.Name(), data))
			requireSound(t, results)
			for _, i := range results {
				outcomes[i.Outcome]++
				t.Logf("%s %s %q", i.Outcome, i.Format, i.Name)
				for _, w := range i.Warnings {
					t.Logf("    %s (line %d): %s", w.Where, w.Line, w.Message)
				}
			}
		})
	}
	t.Logf("%d files: %v", len(entries), outcomes)
}
