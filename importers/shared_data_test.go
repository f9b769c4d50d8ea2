package importers

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Every real file ends imported, warned or refused, with a field or line named, each time the
// same, alone and together with the files beside it.
func TestRealFiles(t *testing.T) {
	outcomes := map[models.ImportOutcome]int{}
	for _, folder := range []string{"a2a", "agents", "mcp", "slack_manifest"} {
		root := filepath.Join("../../shared/data", folder)
		if _, err := os.Stat(root); err != nil {
			t.Skip("The folder of real files is not here; the fixtures in testdata cover the same shapes.")
		}
		for dir, files := range foldersOf(t, root) {
			together := ReadAll(files)
			require.Equal(t, together, ReadAll(files))
			requireSound(t, together)
			for _, f := range files {
				t.Run(f.Name, func(t *testing.T) {
					alone := Read(f.Name, f.Data)
					require.Equal(t, alone, Read(f.Name, f.Data))
					requireSound(t, alone)
					require.True(t, slices.ContainsFunc(together, func(i models.Imported) bool { return i.File == f.Name }), "nothing was said of it in %s", dir)
				})
			}
			for _, i := range together {
				outcomes[i.Outcome]++
				t.Logf("%s %s %q %s", i.Outcome, i.Format, i.Name, i.File)
				for _, w := range i.Warnings {
					t.Logf("    %s (line %d): %s", w.Where, w.Line, w.Message)
				}
			}
		}
	}
	t.Logf("%v", outcomes)
}

// What is known of the real files comes out: three headers that are no YAML, the tools of a whole
// registry, and no agent whose open list of tools is taken for none.
func TestRealFilesSayWhatIsKnownOfThem(t *testing.T) {
	if _, err := os.Stat("../../shared/data"); err != nil {
		t.Skip("The folder of real files is not here; the fixtures in testdata cover the same shapes.")
	}
	forgiven, tools, agents := 0, 0, 0
	for _, folder := range []string{"agents", "mcp/toolhive_spec"} {
		for _, files := range foldersOf(t, filepath.Join("../../shared/data", folder)) {
			for _, i := range ReadAll(files) {
				if i.System != nil && i.Format == "toolhive" {
					tools += len(i.System.Operations)
				}
				if i.Agent == nil {
					continue
				}
				agents++
				require.NotEqual(t, models.AccessNone, i.Agent.Tools.Access, i.File)
				if len(i.Warnings) > 0 && strings.Contains(i.Warnings[0].Message, "not valid YAML") {
					forgiven++
					require.NotEmpty(t, i.Agent.Description)
					require.NotEmpty(t, i.Agent.PromptDigest)
				}
			}
		}
	}
	require.Equal(t, 3, forgiven)
	require.Equal(t, 802, tools)
	require.Greater(t, agents, 100)
}

// foldersOf is the files under root, by folder.
func foldersOf(t *testing.T, root string) map[string][]File {
	t.Helper()
	folders := map[string][]File{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], File{Name: path, Data: data})
		return err
	}))
	require.NotEmpty(t, folders)
	return folders
}
