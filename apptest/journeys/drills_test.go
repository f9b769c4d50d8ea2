package journeys_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// clockTo has the clock run as of a moment, given by a query in microseconds.
func clockTo(t *testing.T, org *journeys.Org, query string) {
	t.Helper()
	at, err := strconv.ParseInt(org.One(t, query), 10, 64)
	require.NoError(t, err)
	org.Clock.Move(time.UnixMicro(at + 1).Sub(org.Clock.Now()))
	tick(t, org)
}

func tick(t *testing.T, org *journeys.Org) {
	t.Helper()
	_, err := org.Store.Tick(context.Background())
	require.NoError(t, err)
}

// Somebody is asked, unannounced: the row in what waits for them leads to the question,
// which they answer by the keyboard alone; then they see what the answer shows, and so
// do those who read the report.
func TestADrillInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t), app.At(time.Now()))
	tick(t, org)
	person := org.One(t, "SELECT person_id FROM accounts WHERE subject = 'carlos'")
	if org.One(t, "SELECT COUNT(*) || '' FROM drills WHERE person_id = '"+person+"' AND state = 'open'") == "0" { // who is at work is asked at once
		clockTo(t, org, "SELECT at || '' FROM clock WHERE kind = 'drill' AND id = '"+person+"'")
	}
	drill := "/drills/" + org.One(t, "SELECT id FROM drills WHERE person_id = '"+person+"' AND state = 'open'")
	require.Equal(t, "1", org.One(t, "SELECT count(*) || '' FROM outbox WHERE kind = 'drill.asked' AND subject = '"+drill[len("/drills/"):]+"'"))

	carlos := browser.Open(t, org.App).SignIn("carlos")
	carlos.PressOn(".cs-duty h3 a[href='"+drill+"']").Sees("h1", "Is this yours, and would you stop it?").Sees("main", "nothing has happened")
	carlos.SeesNot("main", "boundary").Sound("drill-asked")
	before := org.Ledger(t)
	carlos.TabTo("Answer").Enter().Sees("#error-summary", "Choose whether you would stop it").Sound("drill-refused")
	require.Equal(t, before, org.Ledger(t))

	carlos.TabTo("within what was signed").Type(" ").TabTo("I would stop it").Type(kb.ArrowDown)
	carlos.TabTo("What would you do?").Type("I ask who started it").TabTo("Answer").Enter()
	carlos.Sees("h1", "What your answer shows").Sees("main", "the boundary").Sees("main", "I ask who started it").Sound("drill-answered")
	require.Equal(t, "done yes no", org.One(t, "SELECT state || ' ' || mine || ' ' || would_stop FROM drills WHERE id = '"+drill[len("/drills/"):]+"'"))
	require.Zero(t, carlos.Go("/").Count("a[href='"+drill+"']"))
	carlos.Go("/me/drills").Sees("main table", "Answered").Sound("my-drills")
	browser.Open(t, org.App).SignIn("udo").Go("/reports/drills").Sees("main table", "Carlos").Sound("drill-report")
}

// A control owner plans a kill drill and calls it off; the next one runs, and says how
// long it took until the answer was no.
func TestAKillDrillInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t), app.At(time.Now()))
	tick(t, org)
	capability := org.One(t, "SELECT min(m.capability_id) FROM matrix_rows m JOIN accounts c ON c.person_id = m.control_owner_id AND c.subject = 'carlos' WHERE m.mandate_id <> '' AND m.holds = 0")
	page := "/capabilities/" + capability + "/kill-drill"
	carlos := browser.Open(t, org.App).SignIn("carlos").Go(page).Sees("main", "really held for a moment").Sound("kill-drill")
	carlos.Press("Plan the kill drill").Sees("#error-summary", "why").Sound("kill-drill-refused")
	carlos.Fill("Why, and why then?", "It was never tried").Press("Plan the kill drill").Sees("main", "A kill drill is planned").Sound("kill-drill-planned")
	carlos.Press("Call it off").Sees("main table", "Called off")
	carlos.Fill("Why, and why then?", "Another day suits better").Press("Plan the kill drill").Sees("main", "Another day suits better")

	clockTo(t, org, "SELECT planned_at || '' FROM drills WHERE state = 'planned' AND capability_id = '"+capability+"'")
	browser.Open(t, org.App).SignIn("carlos").Go(page).Sees("main table", "It stopped, and was let go on").Sees("main table", " ms").Sees("main", "Stopping was last exercised").Sound("kill-drill-over")
	require.Equal(t, "done", org.One(t, "SELECT state FROM drills WHERE kind = 'kill' AND capability_id = '"+capability+"' AND stopped_at IS NOT NULL"))
	require.Equal(t, "0", org.One(t, "SELECT count(*) || '' FROM holds WHERE kind = 'kill_drill' AND lifted_at IS NULL"))
}
