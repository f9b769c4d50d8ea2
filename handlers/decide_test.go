package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// house is the demo's organisation, looked at from a capability of one of its agents.
type house struct {
	*journeys.Org
	t testing.TB
}

func newHouse(t *testing.T, options ...app.Option) *house {
	return &house{journeys.Organisation(t, apptest.SQLiteURL(t), options...), t}
}

func (h *house) as(subject string) *app.Client { return h.Client(h.t).Login(subject) }

// capability is the path of the capability of an agent that has one.
func (h *house) capability(agent string) string {
	h.t.Helper()
	return "/capabilities/" + h.One(h.t, "SELECT capability_id FROM matrix_rows WHERE agent_name = '"+agent+"'")
}

// version is the path of the version that the matrix shows of it.
func (h *house) version(agent string) string {
	h.t.Helper()
	return "/versions/" + h.One(h.t, "SELECT version_id FROM matrix_rows WHERE agent_name = '"+agent+"'")
}

func (h *house) state(version string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT state FROM versions WHERE id = '"+strings.TrimPrefix(version, "/versions/")+"'")
}

// Every row of everybody's home leads to a page that opens, and the number
// beside the nav is the number of rows.
func TestHomeLeadsToWhatWaits(t *testing.T) {
	h := newHouse(t)
	for _, who := range []string{"anna", "ben", "chiara", "pete", "carlos", "dana", "xu", "yara", "zoe", "adam"} {
		c := h.as(who)
		home := c.Get("/", http.StatusOK)
		rows := home.Find(".cs-duty")
		count := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(home.Find(".cs-nav a[href='/'] .cs-count").First().Text()), "waiting"))
		if rows.Length() == 0 {
			require.Empty(t, count)
			home.Want("main h2", "Nothing waits for you")
		} else {
			require.Equal(t, count, regexp.MustCompile(`^\d+`).FindString(count))
			require.Len(t, rows.Nodes, len(home.Find(".cs-duty h3 a").Nodes))
		}
		rows.Each(func(_ int, row *goquery.Selection) {
			require.NotEmpty(t, row.Find(".cs-duty-main p").Last().Text())
			require.Contains(t, row.Text(), "Who else may:")
			require.Regexp(t, "If |Nobody did it in time: on ", row.Text(), "what happens if nobody does, or happened since nobody did")
			page := c.Get(row.Find("h3 a").AttrOr("href", ""), http.StatusOK)
			require.NotEmpty(t, page.Text("h1"))
		})
		home.Find("main table a").Each(func(_ int, a *goquery.Selection) {
			c.Get(a.AttrOr("href", ""), http.StatusOK)
		})
	}
	h.as("udo").Get("/", http.StatusOK).Want("main", "Nothing waits for you").Want("main a[href='/matrix']", "Open the matrix").WantNot("main", "What you answer for")
	h.as("xu").Get("/?after=nonsense&mine=x", http.StatusOK).Want("main", "Decide on version 1")
}

func TestDecide(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter") // moderate: one approver
	xu := h.as("xu")
	page := xu.Get(version, http.StatusOK)
	page.Want("h1", "Answer customers' cases").Want("legend", "May Chat greeter carry this out, as version 1 describes?").Want("main", "What is still needed").Want(".cs-reasons", "One approver.")
	require.Zero(t, page.Find("#decide input[checked]").Length(), "nothing is preselected")
	require.Zero(t, page.Find("form.cs-stop-form").Length())
	before := h.Ledger(t)

	form := `form[action="` + version + `/decide"]`
	redrawn := xu.Submit(page, form, app.Values{"reason": "A <b>long</b> thought"}, http.StatusUnprocessableEntity)
	redrawn.Want("#error-summary a[href='#decision']", "Choose one of the three").Want("#reason", "A <b>long</b> thought").Want("title", "Error: ")
	for choice, says := range map[string]string{"changes": "Enter a reason", "refuse": "Enter a reason"} {
		again := xu.Submit(redrawn, form, app.Values{"decision": choice, "reason": "  "}, http.StatusUnprocessableEntity)
		again.Want("#error-summary a[href='#reason']", says)
		require.Equal(t, 1, again.Find("input[name=decision][value="+choice+"][checked]").Length(), "what was chosen is kept")
	}
	xu.Submit(redrawn, form, app.Values{"decision": "sign", "reason": strings.Repeat("ö", 4001)}, http.StatusUnprocessableEntity).Want("#error-summary", "at most 4000 characters")
	require.Equal(t, before, h.Ledger(t), "nothing was recorded")

	receipt := xu.Submit(redrawn, form, app.Values{"decision": "sign", "reason": "Reads well"}, http.StatusOK)
	receipt.Want("h1", "You signed off version 1").Want("main", "is in force").Want("main", "In a session of their own").Want(".cs-receipt code", h.One(t, "SELECT digest FROM versions WHERE id = '"+strings.TrimPrefix(version, "/versions/")+"'"))
	require.Equal(t, "live", h.state(version))
	after := h.Ledger(t)
	xu.Submit(redrawn, form, app.Values{"decision": "sign", "reason": "Reads well"}, http.StatusOK).Want("main", "this is the first one's receipt")
	require.Equal(t, after, h.Ledger(t), "the same form twice records once")

	// Whoever may not see it does not see its receipt either; junk is no receipt.
	h.as("anna").Get(receipt.URL.Path, http.StatusNotFound)
	h.as("chiara").Get(receipt.URL.Path, http.StatusOK).Want("h1", "Xu Wei signed off version 1")
	for _, junk := range []string{"/receipts/999999", "/receipts/x", "/receipts/-1"} {
		xu.Get(junk, http.StatusNotFound)
	}
}

func TestMakersAndOthersDoNotDecide(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter")
	before := h.Ledger(t)
	chiara := h.as("chiara")
	page := chiara.Get(version, http.StatusOK)
	require.Zero(t, page.Find("form[action$='/decide']").Length())
	page.Want("main", "You cannot decide on this: you wrote the task boundary.")
	digest := h.One(t, "SELECT digest FROM versions WHERE id = '"+strings.TrimPrefix(version, "/versions/")+"'")
	for _, decision := range []string{"sign", "changes", "refuse"} {
		chiara.Post(version+"/decide", app.Values{"decision": decision, "digest": digest, "round": "1", "reason": "Me"}, http.StatusForbidden).Want("main", "a maker never checks their own work")
	}
	udo := h.as("udo")
	require.Zero(t, udo.Get(version, http.StatusOK).Find("main form").Length(), "an auditor reads")
	udo.Post(version+"/decide", app.Values{"decision": "sign", "digest": digest, "round": "1"}, http.StatusForbidden)
	for _, who := range []string{"anna", "adam"} {
		c := h.as(who)
		c.Get(version, http.StatusNotFound)
		c.Post(version+"/decide", app.Values{"decision": "sign", "digest": digest, "round": "1"}, http.StatusNotFound)
	}
	require.Equal(t, before, h.Ledger(t))
}

// Somebody withdraws it while the approver has it open: the approver no longer
// sees it, and is told what became of it, and what they had typed.
func TestDecisionOnWhatChangedMeanwhile(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter")
	xu, chiara := h.as("xu"), h.as("chiara")
	page := xu.Get(version, http.StatusOK)
	chiara.SubmitForm(version+"/withdraw", version+"/withdraw", app.Values{"reason": "The task is asked for elsewhere"}, http.StatusOK)
	before := h.Ledger(t)
	moved := xu.Submit(page, "form[action$='/decide']", app.Values{"decision": "sign", "reason": "All good"}, http.StatusConflict)
	moved.Want("h1", "This changed since you opened it").Want("main", "Withdrawn").Want("main", "Chiara Rossi").Want("blockquote", "The task is asked for elsewhere").Want("blockquote", "All good")
	moved.WantNot("main", "Promising money") // nothing of its contents
	require.Equal(t, before, h.Ledger(t))
	xu.Post(version+"/decide", app.Values{"decision": "sign", "digest": strings.Repeat("a", 64), "round": "1"}, http.StatusNotFound)
}

// A restart is refused while another approver has it open; who signed what is in
// force still sees it, and sees what happened.
func TestDecisionOnARestartThatIsOver(t *testing.T) {
	h := newHouse(t)
	version := h.version("Statement sender")
	yara, xu := h.as("yara"), h.as("xu")
	page := yara.Get(version, http.StatusOK)
	page.Want("main", "A restart is asked for").Want("main", "Nothing in it changed since it was signed").Want("main", "Two customers were sent each other's statement.")
	require.Equal(t, 1, page.Find("input[name=decision][value=changes][disabled]").Length())
	xu.Submit(xu.Get(version, http.StatusOK), "form[action$='/decide']", app.Values{"decision": "refuse", "reason": "400 is too few"}, http.StatusOK).Want("h1", "You refused the restart")
	moved := yara.Submit(page, "form[action$='/decide']", app.Values{"decision": "sign"}, http.StatusConflict)
	moved.Want("h1", "This changed since you opened it").Want(".cs-history", "refused the restart").Want(".cs-history blockquote", "400 is too few")
	require.Equal(t, "1", h.One(t, "SELECT count(*) FROM holds WHERE lifted_at IS NULL AND target_id = '"+strings.TrimPrefix(h.capability("Statement sender"), "/capabilities/")+"'"))
}

func TestRoleIsOfferedAndAnswered(t *testing.T) {
	h := newHouse(t)
	version := h.version("Voucher agent")
	role := version + "/roles/control_owner"
	dana := h.as("dana")
	page := dana.Get(role, http.StatusOK)
	page.Want("h1", "Will you be the control owner?").Want("main", "Promising money").Want("main", "You can stop it at once")
	page = dana.Submit(page, "form[action$='/decline']", nil, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#reason']", "Enter a reason")
	for _, who := range []string{"chiara", "carlos"} {
		c := h.as(who)
		require.Zero(t, c.Get(role, http.StatusOK).Find("form[action$='/accept']").Length())
		c.Post(role+"/accept", app.Values{"digest": page.Find("input[name=digest]").AttrOr("value", "")}, http.StatusForbidden)
	}
	dana.Get(version+"/roles/approver", http.StatusNotFound)
	dana.Post(role+"/accept", app.Values{"digest": strings.Repeat("0", 64)}, http.StatusConflict).Want("[role=alert]", "This changed since you opened it")
	dana.Submit(page, "form[action$='/accept']", nil, http.StatusOK).Want("h1", "You accepted to be control owner of version 1").Want("main", "Approvers decide on version 1")
	require.Equal(t, "in_review", h.state(version))

	over := h.version("Callback planner")
	page = dana.Get(over+"/roles/control_owner", http.StatusOK)
	page.Want("main", "Carlos Mendes (Security Operations) holds the role now")
	dana.Submit(page, "form[action$='/decline']", app.Values{"reason": "I am away until March"}, http.StatusOK).Want("h1", "You declined to be control owner")
}

func TestStopRestartRevoke(t *testing.T) {
	h := newHouse(t)
	capability := h.capability("Site editor")
	version := h.version("Site editor")
	who := strings.Split(h.One(t, "SELECT (SELECT substr(p.email, 1, instr(p.email, '@') - 1) FROM people p WHERE p.id = r.owner_id) || ' ' || (SELECT substr(p.email, 1, instr(p.email, '@') - 1) FROM people p WHERE p.id = r.control_owner_id) FROM matrix_rows r WHERE r.agent_name = 'Site editor'"), " ")
	owner, control := h.as(who[0]), h.as(who[1])
	page := control.Get(capability, http.StatusOK)
	page.Want("#may-act + p", "Yes")
	redrawn := control.Submit(page, "form.cs-stop-form", app.Values{"reason": " "}, http.StatusUnprocessableEntity)
	redrawn.Want(".cs-stop .cs-error", "Enter why it is stopped")
	require.Equal(t, 1, redrawn.Find("details.cs-stop[open]").Length())
	control.Post(capability+"/stop", app.Values{"target": "all", "cause": "x"}, http.StatusUnprocessableEntity).Want("#error-summary", "Choose what to stop")
	held := control.Submit(redrawn, "form.cs-stop-form", app.Values{"reason": "It published <script>"}, http.StatusOK)
	held.Want(".cs-flash", "It is stopped").Want("blockquote", "It published <script>").Want("#may-act + p", "No").Want(".cs-record", "Held").Want("main", "may not act")
	require.Equal(t, capability, held.URL.Path)
	owner.Get("/", http.StatusOK).Want(".cs-duty h3", "Say what was wrong with")
	owner.Get(version, http.StatusOK).Want(".cs-record", "Held")

	udo := h.as("udo")
	require.Zero(t, udo.Get(capability, http.StatusOK).Find("form.cs-stop-form").Length())
	udo.Post(capability+"/stop", app.Values{"cause": "x"}, http.StatusForbidden)
	udo.Get(capability+"/stop", http.StatusForbidden)
	udo.Get(capability+"/restart", http.StatusForbidden)
	udo.Get(capability+"/revoke", http.StatusForbidden)
	adam := h.as("adam")
	for _, page := range []string{"", "/versions", "/history", "/as-of", "/stop", "/restart", "/revoke", "/succession"} {
		adam.Get(capability+page, http.StatusNotFound)
	}

	owner.SubmitForm(capability+"/restart", capability+"/restart", nil, http.StatusUnprocessableEntity).Want("#error-summary a[href='#cause']", "Enter what was wrong")
	owner.SubmitForm(capability+"/restart", capability+"/restart", app.Values{"cause": "The filter was off"}, http.StatusOK).Want("h1", "You asked for a restart").Want("main", "Approvers decide on the restart of version 1")
	owner.Get(capability+"/restart", http.StatusConflict)
	owner.Get(capability, http.StatusOK).Want("main", "A restart waits for its sign-offs").Want("blockquote", "The filter was off")

	owner.SubmitForm(capability+"/revoke", capability+"/revoke", nil, http.StatusUnprocessableEntity).Want("#error-summary a[href='#reason']", "Enter a reason")
	owner.Get(capability+"/revoke", http.StatusOK).Want("main", "This cannot be undone")
	owner.SubmitForm(capability+"/revoke", capability+"/revoke", app.Values{"reason": "Not needed"}, http.StatusOK).Want("h1", "You revoked version 1").Want("main", "for good")
	owner.Get(capability, http.StatusOK).Want("main", "Nothing of it is in force").Want("button", "Start version 2")
	draft := owner.Submit(owner.Get(capability, http.StatusOK), `form[action="`+capability+`/versions"]`, nil, http.StatusOK)
	require.Regexp(t, `^/versions/\w+/draft$`, draft.URL.Path)
	compare := owner.Get(strings.TrimSuffix(draft.URL.Path, "/draft")+"/compare?with="+strings.TrimPrefix(version, "/versions/"), http.StatusOK)
	compare.Want("h1", "Version 2 compared with version 1")
	owner.Get(version+"/compare?with="+strings.TrimPrefix(h.version("Chat greeter"), "/versions/"), http.StatusNotFound)
	owner.Get(capability+"/versions", http.StatusOK).Want("tbody tr", "Version 2").Want("tbody tr", "Revoked").Want("tbody a", "Version 1")
}

func TestRecall(t *testing.T) {
	h := newHouse(t)
	sign := h.One(t, "SELECT s.id FROM sign_offs s JOIN matrix_rows r ON r.version_id = s.version_id WHERE r.agent_name = 'Site editor'")
	signer := h.One(t, "SELECT substr(p.email, 1, instr(p.email, '@') - 1) FROM people p JOIN sign_offs s ON s.signer_id = p.id WHERE s.id = '"+sign+"'")
	c := h.as(signer)
	page := c.Get(h.version("Site editor"), http.StatusOK)
	require.Equal(t, 1, page.Find("a[href='/sign-offs/"+sign+"/recall']").Length())
	page = c.Get("/sign-offs/"+sign+"/recall", http.StatusOK)
	page.Want("main", "This stops it at once")
	page = c.Submit(page, "form[action$='/recall']", nil, http.StatusUnprocessableEntity).Want("#error-summary", "Enter a reason")
	c.Submit(page, "form[action$='/recall']", app.Values{"reason": "I had not read the conditions"}, http.StatusOK).Want("h1", "You took your sign-off of version 1 back")
	c.Get(h.capability("Site editor"), http.StatusOK).Want("main", "an approver took their sign-off back")
	c.Get("/sign-offs/"+sign+"/recall", http.StatusOK)
	c.Post("/sign-offs/"+sign+"/recall", app.Values{"reason": "Again"}, http.StatusConflict)
	for _, who := range []string{"adam", "udo"} {
		other := h.as(who)
		other.Post("/sign-offs/"+sign+"/recall", app.Values{"reason": "x"}, map[string]int{"adam": http.StatusNotFound, "udo": http.StatusForbidden}[who])
	}
	c.Get("/sign-offs/sig_none/recall", http.StatusNotFound)
}

func TestWhoAnsweredWhen(t *testing.T) {
	h := newHouse(t)
	capability := h.capability("Site editor")
	udo := h.as("udo")
	page := udo.Get(capability+"/as-of", http.StatusOK)
	link := page.Find("tbody th a").First().AttrOr("href", "")
	require.NotEmpty(t, link)
	then := udo.Get(link, http.StatusOK)
	then.Want("#then-title ~ p", "It was allowed to act").Want(".cs-four", "Accepted")
	udo.Get(capability+"/as-of?at=1999-01-01T10:00", http.StatusOK).Want("main", "Nobody answered for it then")
	for _, bad := range []string{"yesterday", "2999-01-01T10:00", "<script>", "1969-01-01T10:00"} {
		page := udo.Get(capability+"/as-of?at="+bad, http.StatusUnprocessableEntity)
		page.Want("#error-summary a[href='#at']", "Enter a ")
		require.Equal(t, bad, page.Find("#at").AttrOr("value", ""), "what was typed is kept")
	}
}

// The next version shows what changed since the one in force, as sentences; and
// who decides on the old one after all is shown the difference.
func TestNextVersionSaysWhatChanged(t *testing.T) {
	h := newHouse(t)
	capability, first := h.capability("Handbook search"), h.version("Handbook search")
	subject := func(column string) string {
		return h.One(t, "SELECT substr(p.email, 1, instr(p.email, '@') - 1) FROM people p JOIN matrix_rows r ON r."+column+" = p.id WHERE r.agent_name = 'Handbook search'")
	}
	owner, provisioner, control := h.as(subject("owner_id")), h.as(subject("provisioner_id")), h.as(subject("control_owner_id"))
	draft := owner.Submit(owner.Get(capability+"/versions/new", http.StatusOK).Want("h1", "Start version 2?"), `form[action="`+capability+`/versions"]`, nil, http.StatusOK)
	second := strings.TrimSuffix(draft.URL.Path, "/draft")
	control.Get(second, http.StatusOK) // a draft leads its makers to its own pages
	require.Equal(t, second+"/draft", control.Last.URL.Path)
	h.as("udo").Get(second, http.StatusOK).Want("main", "A draft: it still changes").Want("h2", "What changed since version 1, which is in force")

	page := owner.SubmitForm(second+"/task", second+"/task", app.Values{"autonomy": "alone", "volume_limit": "77000", "then": "continue"}, http.StatusOK)
	require.NotNil(t, page)
	owner.SubmitForm(second+"/submit", second+"/submit", nil, http.StatusOK)
	for role, c := range map[string]*app.Client{"business_owner": owner, "provisioner": provisioner, "control_owner": control} {
		c.SubmitForm(second+"/roles/"+role, second+"/roles/"+role+"/accept", nil, http.StatusOK)
	}
	xu := h.as("xu")
	home := xu.Get("/", http.StatusOK)
	home.Want(".cs-duty", "how much it does by itself: acts alone")
	page = xu.Get(second, http.StatusOK)
	page.Want("#changes-title", "What changed since version 1, which is in force").Want(".cs-diff-changed", "how much it does by itself: acts alone").Want(".cs-diff-changed", "77000 times").Want(".cs-diff", "allows more")
	require.Equal(t, first+"?view=whole", page.Find("#changes-title ~ p a").AttrOr("href", ""))

	signer := h.One(t, "SELECT substr(p.email, 1, instr(p.email, '@') - 1) FROM people p JOIN sign_offs s ON s.signer_id = p.id WHERE s.version_id = '"+strings.TrimPrefix(first, "/versions/")+"'")
	c := h.as(signer)
	c.Get(first, http.StatusOK).Want("main", "It is in force since")
	moved := c.Post(first+"/decide", app.Values{"decision": "refuse", "reason": "Too much", "round": "1",
		"digest": h.One(t, "SELECT digest FROM versions WHERE id = '"+strings.TrimPrefix(first, "/versions/")+"'")}, http.StatusConflict)
	moved.Want("h1", "This changed since you opened it").Want("h2", "from version 1 to version 2 (in review)").Want(".cs-diff", "acts alone").Want("blockquote", "Too much")

	xu.Submit(page, "form[action$='/decide']", app.Values{"decision": "changes", "reason": "Ask before each action"}, http.StatusOK).Want("h1", "You asked for changes in version 2")
	owner.Get("/", http.StatusOK).Want(".cs-duty", "Change the task boundary of")
	owner.Get(capability, http.StatusOK).Want("main", "On its way")
}
