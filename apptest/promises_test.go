package apptest

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPromisesNameTheirTests reads docs/promises.md: every test that it names is
// in the file that it names, and every promise has its line.
func TestPromisesNameTheirTests(t *testing.T) {
	page, err := os.ReadFile("../docs/promises.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`([a-z_/]+_test\\.go)(?:: (Test[A-Za-z0-9]+))?`").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(named), 30)
	for _, n := range named {
		source, err := os.ReadFile("../" + n[1])
		require.NoError(t, err)
		if n[2] != "" {
			require.Contains(t, string(source), "func "+n[2]+"(t *testing.T)", n[1])
		}
	}
	for _, promise := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		require.Regexp(t, `(?m)^\| `+promise+` \| \*\*`, string(page))
	}
}
