package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each file is spoken of, those of one folder together, and what is refused ends with an error.
func TestImportSaysSomethingOfEachFile(t *testing.T) {
	folder := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
		return path
	}
	tasks := write("crew/tasks.yaml", "file_order:\n  description: Files the order.\n  expected_output: A file.\n  agent: clerk\n")
	page := write("clerk.md", "---\nname: clerk\ndescription: Files.\ntools: Read\n---\nFile it.")
	agents := write("crew/agents.yaml", "clerk:\n  role: Clerk\n  goal: Files.\n  backstory: Keeps order.\n  tools: [archive]\n")
	broken := write("broken.json", "{")

	lines, err := runImport(t, tasks, page, agents)
	require.NoError(t, err)
	require.Equal(t, []string{tasks + " imported", agents + " imported", page + " imported"}, lines, "the crew is one")

	lines, err = runImport(t, broken, tasks)
	require.ErrorIs(t, err, errRefused)
	require.Equal(t, []string{broken + " refused", tasks + " warned"}, lines, "the crew's agents are missing")

	_, err = runImport(t, filepath.Join(folder, "nowhere"))
	require.ErrorContains(t, err, "nowhere")
}

// runImport is the file and outcome of each line that import --dry-run prints.
func runImport(t *testing.T, files ...string) ([]string, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer out.Close()
	stdout := os.Stdout
	os.Stdout = out
	failed := importCommand{DryRun: true, Files: files}.Run(context.Background())
	os.Stdout = stdout

	_, err = out.Seek(0, 0)
	require.NoError(t, err)
	var lines []string
	for scan := bufio.NewScanner(out); scan.Scan(); {
		var line struct{ File, Outcome string }
		require.NoError(t, json.Unmarshal(scan.Bytes(), &line))
		lines = append(lines, line.File+" "+line.Outcome)
	}
	return lines, failed
}
