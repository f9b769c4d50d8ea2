package journeys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// The main job as five people do it in their browsers: from an agent card to a
// live capability in the matrix; stopped, and live again; and the auditor sees
// all of it. Every page on the way keeps its policy and fails in no script.
func TestFivePeople(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	sign := func(who string) *browser.Tab { return browser.Open(t, org.App).SignIn(who) }
	anna, priya, dana, xu, udo := sign("anna"), sign("priya"), sign("dana"), sign("xu"), sign("udo")
	const task = "Answer tickets from the handbook"

	// Anna, a business owner, imports the card and completes what it leaves open.
	anna.Go("/agents").Press("Import from files").Fill("Or the text of one", card).Press("Read it")
	anna.Sees("main", "Reply helper").Sees("main table", "Answers employees' questions").Sound("journey-import").Choose("I have looked at 3 things noticed about Reply helper").Press("Save as a draft")
	anna.Sees("h1", "Reply helper")
	agent := strings.TrimSuffix(anna.At(), "/register")
	anna.Press("What it is made of").Fill("Model", madeOf["model"]).Fill("Version of its code", "")
	anna.Press("Save and go on").Sees("#error-summary", "the version of its code").Sound("journey-error")
	require.Equal(t, "error-summary", anna.Focused(), "the summary has the focus")
	anna.Fill("Version of its code", madeOf["code_version"]).Choose("The tools are listed below").Fill("Its tools", "call_operation").Press("Save and go on")
	anna.Go(agent+"/register").Press("How it is recognised").Fill("Issuer", known["issuer"], "Identity 1").Fill("Subject", known["subject"], "Identity 1").Fill("Audience", known["audience"], "Identity 1").Press("Save and go on")
	anna.Go(agent + "/register").Press("Where it runs").Choose("Production").Press("Save and go on")
	anna.Go(agent + "/register").Press("What it is").Press("Save and go on")
	anna.Go(agent+"/register").Press("Check your answers").Sees("main", known["subject"]).Press("Register revision 1")
	anna.Sees("main", "What happens next")

	// She writes its first task, and names the two others.
	anna.Press("Write its first task").Fill("Name", task).Select("Provisioner", "Priya Shah").Select("Control owner", "Dana Levi").Press("Start the draft")
	anna.Sees("main", "What is still missing")
	draft := anna.At()
	anna.Press("Task boundary")
	anna.Fill("What does it do?", boundary["task"]).Fill("Which outcomes are acceptable?", boundary["acceptable"]).Fill("What must never happen?", boundary["forbidden"])
	anna.Choose("Confidential", "What is the most sensitive data that it handles?").Choose("Asks before each action")
	anna.Fill("How many actions a day, at most?", boundary["volume_limit"]).FillDate("Last day", lastDay)
	anna.Choose("Internal", "What is the most sensitive data that it handles?").Press("Save and continue").SeesNot("main", "There is a problem")

	// Priya, the provisioner, finds it waiting, and sees the tier follow what she picks.
	priya.Go("/").Press(task)
	if strings.HasSuffix(priya.At(), "/draft") {
		priya.Press("Scope")
	}
	priya.Sees(".cs-draft-tier", "Low tier")
	for _, operation := range []string{"Read pages in Staff handbook", "Read tickets in HR desk", "Reply to tickets in HR desk"} {
		name, _, _ := strings.Cut(operation, " in ")
		priya.Fill("System or operation", name).Sees("#found", name).Press("Add "+operation).Sees("main .cs-card h3", name)
	}
	priya.Sees(".cs-draft-tier", "Moderate tier").Sees(".cs-draft-tier .cs-reasons", "Reply to tickets in HR desk: write on internal data")
	priya.Fill("How long does a credential live?", "90").Sees(".cs-draft-tier", "30 minutes")
	priya.Fill("How long does a credential live?", "20").Fill("Conditions", "Only tickets that are open.").Press("Save and continue")
	priya.SeesNot("main", "Find operations")

	// Dana, the control owner, writes how it is watched and stopped: with the keyboard alone.
	dana.Go("/").TabTo(task).Enter()
	if strings.HasSuffix(dana.At(), "/draft") {
		dana.TabTo("Oversight plan").Enter()
	}
	for _, f := range [][2]string{{"Which signals are watched?", "signals"}, {"Where does an alert go?", "alert_route"}, {"Who is told next when nobody answers?", "escalation"},
		{"How is it stopped?", "stop_how"}, {"Who can stop it?", "stop_by"}, {"Within how many minutes is it stopped?", "stop_within_minutes"}} {
		dana.TabTo(f[0]).Type(strings.ReplaceAll(plan[f[1]], "\n", kb.Enter))
	}
	dana.TabTo("Save and continue").Enter().SeesNot("main", "There is a problem")

	// Anna submits it; the three accept, each on what they see.
	anna.Go(draft).Sees("main", "Nothing is missing").Press("Check and submit")
	anna.Sees("main", boundary["forbidden"]).Sees("main", plan["alert_route"]).Press("Submit version 1")
	anna.Sees("main", "What happens next")
	for _, who := range []*browser.Tab{anna, priya, dana} {
		who.Go("/").Press(task).Sees("main", "takes on").Sees("main", boundary["forbidden"])
		who.Press("Accept the role").Sees("h1", "You accepted")
	}

	// Xu, an approver who had no part in it, signs off: with the keyboard alone.
	xu.Go("/").TabTo(task).Enter()
	xu.Sees("main", boundary["forbidden"]).Sees("main", "Reply to tickets").Sees("main", plan["alert_route"]).Sound("journey-decide")
	version := xu.At()
	require.Zero(t, xu.Count("input[name=decision]:checked"), "nothing is preselected")
	xu.TabTo("Sign off").Type(" ").TabTo("Send my decision").Enter()
	xu.Sees("h1", "You signed off").Sees("main", "is in force").Sound("journey-receipt")

	// Udo, the auditor, finds it in the matrix with its four names.
	udo.Go("/matrix").Fill("Task, agent or person", task).Sees("tbody", task)
	for _, name := range []string{"Anna Keller", "Priya Shah", "Dana Levi", "Xu Wei"} {
		udo.Sees("tbody", name)
	}
	udo.Press(task).Sees("main", "Live")
	capability := udo.At()

	// Dana stops it from its page; a restart is asked for; Xu signs once more.
	dana.Go(capability).Unfold("Stop it").Sees(".cs-stop-form", "Why are you stopping it?")
	dana.Sound("journey-stop").Within(".cs-stop-form").Fill("Why are you stopping it?", "It told one employee about another's leave.").PressOn("button[type=submit]")
	dana.Sees("main", "held").Sees("main", "It told one employee about another's leave.")
	priya.Go(capability).Press("Restart it: say what was wrong").Fill("What was wrong, and why may it start again?", "The search mixed two employees up; it was mended.").Press("Ask for a restart")
	xu.Go("/").Within(".cs-duties").Press(task)
	xu.Sees("main", "A restart is asked for").Choose("Sign off").Press("Send my decision")
	xu.Sees("h1", "You signed off")
	udo.Go(version).Sees("main", "Live").SeesNot(".cs-record-marks", "held")

	// And Udo reads who did what, and takes the matrix along.
	udo.Go(capability + "/history")
	for _, what := range []string{"Anna Keller", "Priya Shah", "Dana Levi", "Xu Wei", "stopped", "signed off", "accepted"} {
		udo.Sees("main", what)
	}
	csv := org.Client(t).Login("udo").Get("/matrix.csv?q=handbook", http.StatusOK)
	assert.Contains(t, csv.Body, task)
}

// "This changed since you opened it": the approver reads, the owner withdraws,
// the approver sends: refused, with what became of it, and nothing recorded.
func TestChangedSinceOpened(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	yara, chiara := browser.Open(t, org.App).SignIn("yara"), browser.Open(t, org.App).SignIn("chiara")
	version := "/versions/" + org.One(t, "SELECT v.id FROM versions v JOIN capabilities c ON c.id = v.capability_id JOIN agents a ON a.id = c.agent_id WHERE a.name = 'Chat greeter'")
	yara.Go(version).Choose("Refuse").Fill("Your reason", "Nobody reads what it greets people with.")
	chiara.Go(version+"/withdraw").Fill("Why do you withdraw it?", "The chat is moved first.").Press("Withdraw version 1")
	before := org.Ledger(t)
	yara.Press("Send my decision").Sees("h1", "This changed since you opened it").Sees("main", "withdrawn").Sees("main", "The chat is moved first.")
	yara.Sees("main", "Nobody reads what it greets people with.").Sound("journey-changed")
	assert.Equal(t, http.StatusConflict, yara.Status())
	assert.Equal(t, before, org.Ledger(t))
}

// Two presses, and the same form sent twice, are one act with one receipt.
func TestSentTwice(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	review := func(agent string) string {
		return "/versions/" + org.One(t, "SELECT v.id FROM versions v JOIN capabilities c ON c.id = v.capability_id JOIN agents a ON a.id = c.agent_id WHERE v.state = 'in_review' AND a.name = '"+agent+"'")
	}
	signed := func(version string) string {
		return org.One(t, "SELECT count(*) || '' FROM sign_offs WHERE version_id = '"+strings.TrimPrefix(version, "/versions/")+"'")
	}

	t.Run("without scripts", func(t *testing.T) {
		version := review("Salary explainer")
		xu := org.Client(t).Login("xu")
		key := xu.AddPasskey("Blue key")
		page := xu.Get(version, http.StatusOK)
		values := xu.Answer(page, `form[action$="/decide"]`, app.Values{"decision": "sign"}, key)
		first := xu.Submit(page, `form[action$="/decide"]`, values, http.StatusOK)
		first.Want("h1", "You signed off")
		before := org.Ledger(t)
		again := xu.Submit(page, `form[action$="/decide"]`, values, http.StatusOK)
		again.Want("h1", "You signed off")
		assert.Equal(t, first.URL.Path, again.URL.Path, "the first one's receipt")
		assert.Equal(t, before, org.Ledger(t))
		assert.Equal(t, "2", signed(version), "one of Zoë's, one of Xu's")
	})
	t.Run("two presses", func(t *testing.T) {
		browser.Needed(t)
		version := review("Chat greeter")
		zoe := browser.Open(t, org.App).SignIn("zoe").Go(version).Choose("Sign off")
		zoe.PressTwice("Send my decision").Sees("h1", "You signed off")
		assert.Equal(t, "1", signed(version))
	})
}
