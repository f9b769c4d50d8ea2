package journeys_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// The main job without a script and without a browser: from an agent card to a
// live capability in the matrix, stopped, and live again. Each person knows only
// what their own pages lead them to.
func TestWithoutScripts(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		anna, priya, dana := org.Client(t).Login("anna"), org.Client(t).Login("priya"), org.Client(t).Login("dana")
		xu, udo := org.Client(t).Login("xu"), org.Client(t).Login("udo")

		agent := registers(t, anna)
		draft := writesTheTask(t, anna, agent)
		proposesTheScope(t, priya)
		writesThePlan(t, dana)
		submits(t, anna, draft)
		for _, c := range []*app.Client{anna, priya, dana} {
			accepts(t, c)
		}
		version := signsOff(t, xu)
		capability := isLive(t, udo, version)
		stops(t, dana, capability)
		asksForRestart(t, priya, capability)
		signsOff(t, xu)
		isLive(t, udo, version)
		history(t, udo, capability)
		exports(t, udo)
	})
}

// registers: the business owner imports a card, completes what it does not say,
// and registers the agent.
func registers(t *testing.T, anna *app.Client) string {
	t.Helper()
	page := anna.Get("/agents/import", 200)
	page = anna.Submit(page, "#import", app.Values{"card": card, "source": "https://agents.meridian.example/.well-known/agent-card.json"}, 200)
	page.Want("main", "Reply helper").Want("main table", "Answers employees' questions")
	page = anna.Submit(page, "#choose", app.Values{"looked": "1"}, 200)
	agent := strings.TrimSuffix(page.URL.Path, "/register")
	require.Regexp(t, `^/agents/\w+$`, agent)
	anna.Get(agent+"/import", 200).Want("table", "https://agents.meridian.example/replies")

	page = follow(t, anna, page, "What it is made of")
	page = anna.Submit(page, `form[action$="/made-of"]`, app.Values{"model": ""}, 422)
	page.Want("#error-summary", "Enter the model that it runs on")
	anna.Submit(page, `form[action$="/made-of"]`, madeOf, 200)
	anna.Submit(follow(t, anna, anna.Get(agent+"/register", 200), "How it is recognised"), `form[action$="/identity"]`, known, 200)
	anna.Submit(follow(t, anna, anna.Get(agent+"/register", 200), "Where it runs"), `form[action$="/environment"]`, app.Values{"environments": "production"}, 200)
	anna.Submit(follow(t, anna, anna.Get(agent+"/register", 200), "What it is"), `form[action$="/about"]`, nil, 200)
	page = anna.Get(agent+"/register", 200)
	page = follow(t, anna, page, "Check your answers")
	page.Want("main", "claude-haiku-5").Want("main", "spiffe://meridian.example/agent/reply-helper")
	page = anna.Submit(page, `form[action="`+agent+`/register"]`, nil, 200)
	page.Want("h1, .cs-panel", "registered").Want("main", "What happens next")
	return agent
}

// writesTheTask: the business owner begins with a skill of the card, names the
// other two, and says where the task ends.
func writesTheTask(t *testing.T, anna *app.Client, agent string) string {
	t.Helper()
	page := follow(t, anna, anna.Get(agent, 200), "new capability", "write its first task", "start a capability", "/capabilities/new")
	page = anna.Submit(page, `form[action$="/capabilities/new"]`, app.Values{"title": boundary["title"],
		"provisioner": option(t, page, "provisioner", "Priya Shah"), "control_owner": option(t, page, "control_owner", "Dana Levi")}, 200)
	page.Want("[role=status]", "The draft is started").Want("main", "What is still missing")
	draft := strings.TrimSuffix(page.URL.Path, "/draft")
	page = follow(t, anna, page, "Task boundary")
	refused := anna.Submit(page, `form[action$="/task"]`, with(boundary, app.Values{"volume_limit": "many"}), 422)
	refused.Want("#error-summary", "a day").Want("textarea[name=forbidden]", "about one employee to another")
	page = anna.Submit(page, `form[action$="/task"]`, date(with(boundary, nil), "end_on", lastDay), 200)
	page.WantNot("main", "What must never happen?")
	return draft
}

// proposesTheScope: the provisioner finds it waiting, and picks operations.
func proposesTheScope(t *testing.T, priya *app.Client) {
	t.Helper()
	page := follow(t, priya, fromTheInbox(t, priya, "Answer tickets from the handbook"), "Scope")
	for _, find := range []string{"Read pages", "Read tickets", "Reply to tickets"} {
		page = priya.Submit(page, `form[action$="/scope"]`, app.Values{"q": find, "find": "operations"}, 200)
		button := page.Find("#found button[name=add]").FilterFunction(func(_ int, b *goquery.Selection) bool {
			return strings.HasPrefix(b.AttrOr("aria-label", ""), "Add "+find)
		})
		require.Equal(t, 1, button.Length(), "the search for %q finds it", find)
		before := page.Text(".cs-draft-tier")
		page = priya.Submit(page, `form[action$="/scope"]`, app.Values{"add": button.AttrOr("value", "")}, 200)
		page.Want("main .cs-card h3", find)
		if find == "Reply to tickets" {
			require.NotEqual(t, before, page.Text(".cs-draft-tier"))
			page.Want(".cs-draft-tier", "Moderate tier").Want(".cs-draft-tier", find)
		}
	}
	page = priya.Submit(page, `form[action$="/scope"]`, app.Values{"lifetime_minutes": "600", "then": "continue"}, 422)
	page.Want("#error-summary", "60")
	page = priya.Submit(page, `form[action$="/scope"]`, app.Values{"lifetime_minutes": "20", "conditions": "Only tickets that are open.", "then": "continue"}, 200)
	page.WantNot("main", "Find operations")
}

func writesThePlan(t *testing.T, dana *app.Client) {
	t.Helper()
	page := follow(t, dana, fromTheInbox(t, dana, "Answer tickets from the handbook"), "Oversight plan")
	dana.Submit(page, `form[action$="/oversight"]`, plan, 200)
}

func submits(t *testing.T, anna *app.Client, draft string) {
	t.Helper()
	page := follow(t, anna, anna.Get(draft+"/draft", 200).Want("main", "Nothing is missing"), "Check and submit")
	page.Want("main", boundary["forbidden"]).Want("main", "Reply to tickets").Want("main", plan["alert_route"])
	page = anna.Submit(page, `form[action$="/submit"]`, nil, 200)
	page.Want("main", "What happens next").Want("main", "Priya Shah").Want("main", "Dana Levi")
}

// accepts: a nominee sees what they take on.
func accepts(t *testing.T, c *app.Client) {
	t.Helper()
	page := fromTheInbox(t, c, "Answer tickets from the handbook")
	page.Want("main", boundary["forbidden"])
	c.Submit(page, `form[action$="/accept"]`, nil, 200)
}

// signsOff: an approver finds it in the queue and reads all of it on one page.
func signsOff(t *testing.T, xu *app.Client) string {
	t.Helper()
	page := fromTheInbox(t, xu, "Answer tickets from the handbook")
	xu.Get(page.URL.Path+"?view=whole", 200).Want("main", boundary["forbidden"]).Want("main", "Reply to tickets").Want("main", plan["alert_route"])
	assert.Zero(t, page.Find("input[name=decision][checked]").Length(), "nothing is preselected")
	version := page.URL.Path
	page = xu.Submit(page, `form[action$="/decide"]`, app.Values{"decision": "sign"}, 200)
	page.Want("main", "You signed off")
	return version
}

// isLive: the auditor finds it in the matrix with the four names.
func isLive(t *testing.T, udo *app.Client, version string) string {
	t.Helper()
	udo.Get(version, 200).Want("main", "live")
	page := udo.Get("/matrix?q=handbook", 200)
	row := page.Find("tbody tr").FilterFunction(func(_ int, r *goquery.Selection) bool {
		return strings.Contains(r.Text(), boundary["title"])
	})
	require.Equal(t, 1, row.Length())
	for _, name := range []string{"Anna Keller", "Priya Shah", "Dana Levi", "Xu Wei"} {
		assert.Contains(t, row.Text(), name)
	}
	return row.Find(`a[href^="/capabilities/"]`).First().AttrOr("href", "")
}

func stops(t *testing.T, dana *app.Client, capability string) {
	t.Helper()
	page := dana.Get(capability, 200)
	page = dana.Submit(page, "form.cs-stop-form", app.Values{"reason": "It told one employee about another's leave."}, 200)
	page.Want("main", "held").Want("main", "It told one employee about another's leave.")
}

func asksForRestart(t *testing.T, c *app.Client, capability string) {
	t.Helper()
	page := follow(t, c, c.Get(capability, 200), "restart")
	c.Submit(page, `main form[action$="/restart"]`, app.Values{"cause": "The search mixed two employees up; it was mended and 200 answers were read."}, 200)
}

// history: who did what, in order.
func history(t *testing.T, udo *app.Client, capability string) {
	t.Helper()
	page := udo.Get(capability+"/history", 200)
	for _, what := range []string{"Anna Keller", "Priya Shah", "Dana Levi", "Xu Wei", "stopped", "signed off", "accepted"} {
		page.Want("main", what)
	}
}

// exports: the same as is shown, as CSV.
func exports(t *testing.T, udo *app.Client) {
	t.Helper()
	page := udo.Get("/matrix.csv?q=handbook", http.StatusOK)
	assert.Contains(t, page.Header.Get("Content-Type"), "text/csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(page.Body, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	found := false
	for _, row := range rows {
		line := strings.Join(row, "|")
		found = found || strings.Contains(line, boundary["title"]) && strings.Contains(line, "Xu Wei") && strings.Contains(line, "Dana Levi")
	}
	assert.True(t, found, page.Body)
}

// fromTheInbox opens what waits for the person and names this.
func fromTheInbox(t *testing.T, c *app.Client, about string) *app.Page {
	t.Helper()
	home := c.Get("/", 200)
	link := home.Find("main a[href]").FilterFunction(func(_ int, a *goquery.Selection) bool { return strings.Contains(a.Text(), about) }).First()
	require.Equal(t, 1, link.Length(), "%q waits at home: %s", about, home.Text("main"))
	return c.Get(link.AttrOr("href", ""), 200)
}

// follow follows the page's link that says one of these, or leads there.
func follow(t *testing.T, c *app.Client, page *app.Page, says ...string) *app.Page {
	t.Helper()
	for _, want := range says {
		link := page.Find("main a[href]").FilterFunction(func(_ int, a *goquery.Selection) bool {
			text := strings.ToLower(strings.Join(strings.Fields(a.Text()), " "))
			return strings.HasPrefix(text, strings.ToLower(want)) || strings.HasPrefix(want, "/") && strings.HasSuffix(a.AttrOr("href", ""), want)
		}).First()
		if link.Length() == 1 {
			to, err := page.URL.Parse(link.AttrOr("href", ""))
			require.NoError(t, err)
			return c.Get(to.RequestURI(), 200)
		}
	}
	t.Fatalf("%s has no link that says %v:\n%s", page.URL, says, page.Body)
	return nil
}

// option is the value of a select's option for a person.
func option(t *testing.T, page *app.Page, name, says string) string {
	t.Helper()
	o := page.Find(`select[name="` + name + `"] option`).FilterFunction(func(_ int, o *goquery.Selection) bool { return strings.Contains(o.Text(), says) })
	require.Equal(t, 1, o.Length(), "%s is offered as %s", says, name)
	return o.AttrOr("value", "")
}
