package journeys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// A stop officer stops everything by the keyboard, seeing first what that does; an owner
// sees it wherever they are, and why; an approver lifts it from what waits for them.
func TestEverythingIsStoppedInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	capability := "/capabilities/" + org.One(t, "SELECT min(m.capability_id) FROM matrix_rows m JOIN accounts c ON c.person_id = m.owner_id AND c.subject = 'anna' WHERE m.mandate_id <> '' AND m.holds = 0")

	dana := browser.Open(t, org.App).SignIn("dana").Go("/stops").Sees("main", "Nothing is stopped broadly").Sound("stops-none")
	dana.PressOn("main a[href='/stops/new']").Sees("h1", "What do you want to stop?").Sound("stop-what")
	dana.PressOn("main a[href='/stops/new?kind=all']").Sees("main", "This takes effect at once").Sound("stop-ask")
	before := org.Ledger(t)
	dana.Press("Stop everything now").Sees("#error-summary", "why it is stopped").Sound("stop-refused")
	require.Equal(t, before, org.Ledger(t))
	dana.Fill("Why are you stopping it?", "An agent pays out on its own").TabTo("Stop everything now").Enter()
	dana.Sees("h1", "Everything is stopped").Sees("main", "You placed this stop").Sees(".cs-paged", "Everything is stopped").Sound("stop-placed")

	anna := browser.Open(t, org.App).SignIn("anna").Sees(".cs-paged", "Dana Levi stopped it")
	anna.Go(capability).Sees("main", "Stopped, with everything else").Sees("main", "An agent pays out on its own").Sound("stop-on-a-task")
	anna.PressOn(".cs-paged a").Sees("h1", "Everything is stopped").Sees("main", "Only an approver who did not place it")

	xu := browser.Open(t, org.App).SignIn("xu").Sees("main", "Decide whether the stop of everything is lifted").Sound("stop-waits")
	stop := org.One(t, "SELECT '/stops/' || id FROM holds WHERE target_kind = 'all'")
	xu.PressOn(".cs-duty h3 a[href='"+stop+"']").Sees("h2", "Lift it").Sound("stop-lift")
	xu.Fill("Why may it go on?", "The agent is revoked").Press("Sign off and lift the stop")
	xu.Sees("h1", "Everything was stopped").Sees("main", "The agent is revoked").SeesNot("body", "no agent may act").Sound("stop-lifted")
	require.Equal(t, "1", org.One(t, "SELECT count(*) || '' FROM holds WHERE target_kind = 'all' AND lifted_at IS NOT NULL"))
	anna.Go(capability).SeesNot("main", "with everything else")
	dana.Go("/stops").Sees("main table", "The agent is revoked").Sound("stops-past")
}
