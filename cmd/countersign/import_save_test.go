package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/store"
)

// office is a database with an administrator, adam, and a business owner, anna.
func office(t *testing.T, url string) *store.Store {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(ctx))
	adam := models.Login{Issuer: "https://idp.example", Subject: "adam", Name: "Adam", Email: "adam@example.org"}
	require.NoError(t, st.Bootstrap(ctx, []models.Login{adam}))
	in, err := st.SignIn(ctx, adam)
	require.NoError(t, err)
	admin := func(look store.AdminLookup, rule func(models.AdminFacts) (models.Change, error)) string {
		r, err := st.DecideAdmin(ctx, models.Act{ID: store.NewActID(), Person: in.Person.Person.ID, AuthAt: 1}, look, rule)
		require.NoError(t, err)
		return r.Subject
	}
	admin(store.AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam("Platform") })
	for _, who := range []string{"anna", "pete"} {
		id := admin(store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.AddPerson(who, who+"@example.org", "") })
		role := map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner}[who]
		admin(store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, role) })
	}
	return st
}

// saverFor saves as somebody of the office.
func saverFor(t *testing.T, st *store.Store, cmd importCommand) *importSaver {
	t.Helper()
	s, err := cmd.saver(t.Context(), st)
	require.NoError(t, err)
	return s
}

// importInto runs the import as the command does, and is its lines.
func importInto(t *testing.T, saver *importSaver, paths ...string) (lines []map[string]any, refused bool) {
	t.Helper()
	var out bytes.Buffer
	l := &importLines{out: &out, saver: saver}
	require.NoError(t, l.importAll(t.Context(), paths))
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line), text)
		lines = append(lines, line)
	}
	return lines, l.refused
}

func put(t *testing.T, content string, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func clerk(name, prompt string) string {
	return "---\nname: " + name + "\ndescription: Files orders.\nmodel: opus\ntools: Read\n---\n" + prompt + "\n"
}

func TestImportSaves(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		st := office(t, url)
		anna := saverFor(t, st, importCommand{As: "ANNA@example.org"})
		dir := filepath.Join(t.TempDir(), "desk")
		put(t, clerk("clerk", "File it."), dir, ".claude", "agents", "clerk.md")
		put(t, clerk("hidden", "No."), dir, "node_modules", "hidden.md")
		put(t, clerk("hidden", "No."), dir, ".git", "hidden.md")
		put(t, "package main", dir, "main.go")
		outside := put(t, clerk("outside", "No."), t.TempDir(), "outside.md")
		require.NoError(t, os.Symlink(outside, filepath.Join(dir, "outside.md")))
		require.NoError(t, os.Symlink(filepath.Dir(outside), filepath.Join(dir, "elsewhere")))

		lines, refused := importInto(t, anna, dir)
		require.False(t, refused)
		require.Len(t, lines, 1, "links, .git, node_modules and sources are left alone")
		require.Equal(t, "desk/.claude/agents/clerk.md", lines[0]["file"])
		require.Equal(t, savedCreated, lines[0]["saved"])
		id := lines[0]["id"].(string)

		lines, _ = importInto(t, anna, dir)
		require.Equal(t, []any{savedSame, id}, []any{lines[0]["saved"], lines[0]["id"]})
		put(t, clerk("clerk", "File it well."), dir, ".claude", "agents", "clerk.md")
		lines, _ = importInto(t, anna, dir)
		require.Equal(t, []any{savedUpdated, id}, []any{lines[0]["saved"], lines[0]["id"]})
		rec, err := st.Agent(t.Context(), anna.by, id)
		require.NoError(t, err)
		require.Equal(t, models.AgentDraft, rec.Agent.State, "nothing is registered by it")
		require.Equal(t, "opus", rec.Agent.Manifest().Model)

		// What cannot be read, or is not theirs to take in, is refused; the rest is saved.
		put(t, "{", dir, "broken.json")
		put(t, strings.Repeat(" ", 8<<20+1), dir, "large.json")
		put(t, `{"$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json", "name": "io.example/doors", "description": "Doors.", "version": "1.0.0", "remotes": [{"type": "streamable-http", "url": "https://doors.example/mcp"}]}`, dir, "server.json")
		put(t, clerk("porter", "Open."), dir, "porter.md")
		lines, refused = importInto(t, anna, dir)
		require.True(t, refused)
		got := map[string]any{}
		for _, l := range lines {
			got[filepath.Base(l["file"].(string))] = l["saved"]
		}
		require.Equal(t, map[string]any{"broken.json": savedRefused, "large.json": savedRefused, "server.json": savedRefused, "porter.md": savedCreated, "clerk.md": savedSame}, got)

		adam := saverFor(t, st, importCommand{As: "adam@example.org"})
		server := filepath.Join(dir, "server.json")
		lines, _ = importInto(t, adam, server)
		require.Contains(t, lines[0]["reason"], "--team")
		adam = saverFor(t, st, importCommand{As: "adam@example.org", Team: "platform", Sensitivity: "internal"})
		lines, refused = importInto(t, adam, server)
		require.False(t, refused, lines)
		require.Equal(t, savedCreated, lines[0]["saved"])
		lines, _ = importInto(t, adam, server)
		require.Equal(t, savedSame, lines[0]["saved"])
		require.NoError(t, st.Verify(t.Context(), func(store.VerifyProgress) {}))
	})
}

func TestImportOnWhoseBehalf(t *testing.T) {
	st := office(t, apptest.SQLiteURL(t))
	for email, says := range map[string]string{"nobody@example.org": "Nobody active here", "pete@example.org": "neither a business owner", "": "Nobody active"} {
		_, err := importCommand{As: email}.saver(t.Context(), st)
		require.ErrorContains(t, err, says)
	}
	_, err := importCommand{As: "adam@example.org", Team: "Nowhere"}.saver(t.Context(), st)
	require.ErrorContains(t, err, "no team called")
	_, err = importCommand{As: "adam@example.org", Sensitivity: "much"}.saver(t.Context(), st)
	require.ErrorContains(t, err, "no sensitivity")
	require.ErrorContains(t, importCommand{Files: []string{"x"}}.Run(context.Background()), "--as EMAIL")
	require.ErrorContains(t, importCommand{DryRun: true, Watch: true, Files: []string{"x"}}.Run(context.Background()), "leave out")
}
