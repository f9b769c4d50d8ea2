package journeys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// A new manifest, row by row with scripts: the row takes the answer's place, the
// focus stays in it, and at high a passkey signs just that version.
func TestANewManifestInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	page := "/agents/" + org.One(t, "SELECT id FROM agents WHERE name = 'Customer helper'") + "/manifest"
	task := org.One(t, "SELECT capability_id FROM matrix_rows WHERE agent_name = 'Customer helper' AND open_version_id = ''")
	row := "#task-" + task

	chiara := browser.Open(t, org.App).SignIn("chiara")
	chiara.Go(page).Sees("main", "What differs from revision 1").Sound("manifest-owner")
	chiara.PressOn("#carry button").Sees("#error-summary", "Choose at least one task").Sound("manifest-none")
	chiara.Run(`document.querySelector("#carry-" + ` + browser.Quote(t, task) + `).click() || ""`)
	chiara.PressOn("#carry button").Sees(row, "You submitted version 2")
	chiara.PressOn("#accept-"+task+" button").Sees(row, "You accepted")
	require.Contains(t, chiara.Run(focused(t, row)), "You accepted")
	for _, who := range []string{"priya", "dana"} {
		c := org.Client(t).Login(who)
		c.Submit(c.Get(page, 200), "#accept-"+task, app.Values{}, 200)
	}

	xu := browser.Open(t, org.App).SignIn("xu")
	xu.Authenticator()
	xu.Go("/me/passkeys").Fill("Name of the passkey", "Xu's key").Press("Add a passkey").Sees("main table", "Xu's key")
	xu.Go(page).Sees(row, "your passkey").Sound("manifest-approver")
	xu.Within(row).Fill("A comment", "Only the model changed")
	xu.PressOn("#sign-"+task+" button").Sees(row, "You signed off version 2").Sees(row, "One more approver")
	require.Contains(t, xu.Run(focused(t, row)), "You signed off version 2")
	require.Equal(t, "passkey Only the model changed", org.One(t, "SELECT s.method || ' ' || s.comment FROM sign_offs s JOIN versions v ON v.id = s.version_id WHERE v.capability_id = '"+task+"' AND v.no = 2"))
}

// focused is the text of what has the focus, where that is in the row.
func focused(t *testing.T, row string) string {
	return "(() => { const row = document.querySelector(" + browser.Quote(t, row) + `); return row && row.contains(document.activeElement) ? document.activeElement.textContent : "outside"; })()`
}

// Several at once: chosen, listed once more, signed under one reason.
func TestSeveralAtOnceInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	yara := browser.Open(t, org.App).SignIn("yara")
	yara.Go("/desk/several").Sees("main", "None is chosen for you").Sound("several")
	yara.Choose("Find pages of the handbook, a task of Onboarding guide").Choose("Find pages of the handbook, a task of Payslip explainer")
	yara.Press("List what I chose").Sees("main", "Check each, then sign").Sound("several-check")
	yara.Press("Sign these 2 off").Sees("#error-summary", "Enter a reason")
	yara.Fill("Why do you sign these off together?", "Read both; nothing changed.").Press("Sign these 2 off").Sees("h1", "You signed 2 versions off").Sound("several-done")
}
