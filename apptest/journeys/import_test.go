package journeys_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// cardOf is a card that leaves nothing open.
func cardOf(name string) string { return strings.Replace(card, "Reply helper", name, 1) }

// A business owner chooses files, reads row by row what is in them, leaves one
// out, and finds what was saved; in a browser, each page sound.
func TestImportInABrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	dir := t.TempDir()
	file := filepath.Join(dir, "crew.md")
	require.NoError(t, os.WriteFile(file, []byte("---\nname: night-porter\ndescription: Lets people in at night.\nmodel: opus\ntools: Read, Bash\n---\nBe kind. Use ${DOOR_CODE}.\n"), 0o600))
	tab := browser.Open(t, org.App).SignIn("anna")
	tab.Go("/agents").Press("Import from files")
	tab.Sees("main", "or drop them here")
	tab.Upload("Files", file)
	tab.Sees("[data-drop-text]", "1 file: crew.md")
	tab.Press("Read it").Sees("h1", "What “crew.md” says").Sees("main", "A new draft").Sees("main", "Nothing is saved yet")
	tab.Sound("import-one")

	// Several at once.
	upload := journeys.Upload(t, org.App, org.One(t, "SELECT id FROM people WHERE name = 'Anna Keller'"))
	tab.Go("/imports/"+upload).Sees("#found", "Night porter").Sees("#found", "Not read").Sound("import-several")
	tab.Go("/imports/"+upload+"/rows/2").Sees("main", "placeholder").Sound("import-row")
	tick := func(id string) string { return `document.getElementById("` + id + `").click()` }
	tab.Go("/imports/"+upload).Does(tick("row-1")).Does(tick("row-2")).Press("Save the chosen ones").Sees("#error-summary", "Say that you have looked")
	tab.Axe("import-refused", browser.AllRules)
	tab.Does(tick("looked-1")).Does(tick("looked-2")).Press("Save the chosen ones").Sees("h1", "Saved").Sees("#results", "Saved as new").Sound("import-result")
	require.Equal(t, "2", org.One(t, "SELECT COUNT(*) || '' FROM agents WHERE name IN ('Night porter', 'Day porter')"))
}

// The same without a script: pages of rows, the choice kept, and what became of it.
func TestImportWithoutScripts(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := org.Client(t).Login("anna")
	page := anna.Submit(anna.Get("/agents/import", 200), "#import", app.Values{"card": cardOf("Letter opener"), "source": "letters.json"}, 200)
	anna.Submit(page, "#choose", app.Values{"looked": "1"}, 200).Want("h1", "Register Letter opener")
	page = anna.Submit(anna.Get("/agents/import", 200), "#import", app.Values{"card": cardOf("Letter opener"), "source": "letters.json"}, 200)
	page.Want("#found", "nothing to do")

	list := journeys.Upload(t, org.App, org.One(t, "SELECT id FROM people WHERE name = 'Anna Keller'"))
	page = anna.Get("/imports/"+list, 200)
	result := anna.Submit(page, "#choose", app.Values{"row": "1\x002", "looked": "1\x002"}, 200)
	result.Want("h1", "Saved").Want("#results", "Left out")
	anna.Submit(page, "#choose", app.Values{"row": "1\x002", "looked": "1\x002"}, 200).Want("main", "2 saved as new")
}
