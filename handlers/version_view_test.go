package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/models"
	"countersign/policy"
	"countersign/store"
)

func idOf(version string) string { return strings.TrimPrefix(version, "/versions/") }

// Every view has an address, the decision stands below each of them, and what was
// opened is kept for who could decide, and for nobody else.
func TestVersionByViews(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter")
	xu := h.as("xu")
	first := xu.Get(version, http.StatusOK)
	first.Want("#changes-title", "What changed").Want("main", "All of it is new: nothing was in force before.").Want(".cs-diff-added", "an alert goes to").WantNot(".cs-diff", "allows more")
	require.Zero(t, first.Find(".cs-tabs a[href$='view=mine']").Length(), "Xu decided on none before")
	for view, want := range map[string][2]string{
		"whole": {"main h2", "Oversight plan"}, "agent": {"main h2", "The agent that it is for"}, "policy": {"pre", "permit"}, "comments": {"#thread-agent-title", "Comments on the agent"},
		"mine": {"#changes-title", "What changed"}, "junk<b>": {"#changes-title", "What changed"},
	} {
		page := xu.Get(version+"?view="+url.QueryEscape(view), http.StatusOK)
		page.Want(want[0], want[1])
		require.Equal(t, 1, page.Find("#decide input[value=refuse]").Length(), view)
		require.Equal(t, 1, page.Find(".cs-tabs a[aria-current]").Length(), view)
		require.Equal(t, 1, page.Find("h1").Length(), view)
		level := 1
		page.Find("main h1, main h2, main h3, main h4").Each(func(_ int, x *goquery.Selection) {
			is := int(goquery.NodeName(x)[1] - '0')
			require.LessOrEqual(t, is, level+1, "%s: %s", view, x.Text())
			level = is
		})
		seen := map[string]bool{}
		page.Find("[id]").Each(func(_ int, x *goquery.Selection) {
			require.False(t, seen[x.AttrOr("id", "")], "%s: two of #%s", view, x.AttrOr("id", ""))
			seen[x.AttrOr("id", "")] = true
		})
	}
	kept := h.One(t, "SELECT parts FROM looks WHERE version_id = '"+idOf(version)+"'")
	for _, part := range []string{"changes", "whole", "agent", "policy", "comments"} {
		require.Contains(t, strings.Split(kept, ","), part)
	}
	require.NotContains(t, kept, "mine", "what was shown is what changed")
	h.as("chiara").Get(version+"?view=whole", http.StatusOK).Want("main", "Promising money")
	h.as("udo").Get(version+"?view=policy", http.StatusOK)
	require.Equal(t, "1", h.One(t, "SELECT count(*) || '' FROM looks WHERE version_id = '"+idOf(version)+"'"), "makers and auditors decide nothing")
}

// What is still needed is one sentence; a sign-off of the version before is told
// as what it was.
func TestSentBackAndAgain(t *testing.T) {
	h := newHouse(t)
	version, capability := h.version("Salary explainer"), h.capability("Salary explainer") // high; Zoë has signed
	yara := h.as("yara")
	page := yara.Get(version, http.StatusOK)
	page.Want("#lacks", "One more approver").Want("#lacks", "not Zoë").Want("#lacks", "has already signed in this round")
	yara.Submit(page, "form[action$='/decide']", app.Values{"decision": "changes", "reason": "Name the records"}, http.StatusOK)

	anna := h.as("anna")
	second := "/versions/" + h.One(t, "SELECT id FROM versions WHERE capability_id = '"+strings.TrimPrefix(capability, "/capabilities/")+"' ORDER BY no DESC LIMIT 1")
	anna.SubmitForm(second+"/submit", second+"/submit", nil, http.StatusOK)
	anna.Get(second, http.StatusOK).Want("#lacks", "You have to accept the role business owner").Want("#lacks", "; then two approvers")
	for who, role := range map[string]string{"anna": "business_owner", "pete": "provisioner", "dana": "control_owner"} {
		h.as(who).SubmitForm(second+"/roles/"+role, second+"/roles/"+role+"/accept", nil, http.StatusOK)
	}
	page = yara.Get(second, http.StatusOK)
	page.Want("#past-sign-offs", "signed version 1 off on").Want("#past-sign-offs", "given to another digest, not counted here").Want("#lacks", "Two approvers")
	page.Want(".cs-tabs", "Since you decided")
	yara.Get(second+"?view=mine", http.StatusOK).Want("#changes-title", "What changed since you asked for changes in version 1").Want("main", "Nothing differs from version 1 but its number.")
	h.as("zoe").Get(second+"?view=mine", http.StatusOK).Want("#changes-title", "What changed since you signed version 1")
	require.Equal(t, "0", h.One(t, "SELECT count(*) || '' FROM sign_offs WHERE version_id = '"+idOf(second)+"'"))
}

func TestCommentsOnThePage(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter")
	xu, chiara := h.as("xu"), h.as("chiara")
	whole := xu.Get(version+"?view=whole", http.StatusOK)
	form := "#thread-scope .cs-thread-new form"
	require.Equal(t, 1, whole.Find("#thread-task .cs-thread-new form").Length(), "each part has its own")

	xu.Submit(whole, form, app.Values{"text": "  "}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#comment-on-scope']", "Enter what you want to say")
	long := xu.Submit(whole, form, app.Values{"text": strings.Repeat("ö", 4001)}, http.StatusUnprocessableEntity)
	long.Want("#comment-on-scope", "ööö").Want("#thread-scope .cs-error", "at most 4000 characters")
	require.Equal(t, 1, long.Find("#thread-scope details[open]").Length())
	require.Equal(t, 1, long.Find("#decide input[value=refuse]").Length(), "the decision is still there")
	xu.Post(version+"/comments", app.Values{"part": "cedar", "text": "x"}, http.StatusUnprocessableEntity)
	xu.Post(version+"/comments", app.Values{"part": "scope", "text": "x", "answers": "cmt_none"}, http.StatusNotFound)
	count := func() int { return len(h.All(t, "SELECT seq || '' FROM ledger WHERE act = 'comment.added'")) }
	before := count()

	added := xu.Submit(whole, form, app.Values{"text": "Why <script>alert(1)</script> every queue?"}, http.StatusOK)
	require.Equal(t, version, added.URL.Path)
	require.Equal(t, "view=whole", added.URL.RawQuery)
	added.Want("#thread-scope .cs-comments", "Why <script>alert(1)</script> every queue?").Want("#thread-scope .cs-you", "you")
	require.NotContains(t, added.Body, "<script>alert(1)")
	xu.Submit(whole, form, app.Values{"text": "Why every queue?"}, http.StatusOK).Want(".cs-flash", "sent before")
	require.Equal(t, "1", h.One(t, "SELECT count(*) || '' FROM comments WHERE version_id = '"+idOf(version)+"'"))
	require.Equal(t, before+1, count())

	// Its maker answers; where scripts run the thread alone comes back.
	page := chiara.Get(version+"?view=comments", http.StatusOK)
	to := page.Find("#thread-scope .cs-comments a[href*='answer=']").AttrOr("href", "")
	page = chiara.Get(to, http.StatusOK)
	answer := page.Find("#thread-scope .cs-comments form")
	require.Equal(t, 1, answer.Length())
	values := url.Values{}
	answer.Find("input").Each(func(_ int, in *goquery.Selection) { values.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	values.Set("text", "Because all of them wait.")
	req := chiara.Request(http.MethodPost, version+"/comments", values)
	req.Header.Set("HX-Request", "true")
	part := chiara.Do(req)
	require.Equal(t, http.StatusOK, part.Status)
	require.NotContains(t, part.Body, "<html")
	part.Want("#thread-scope .cs-comments .cs-comments [data-focus]", "Because all of them wait.")
	xu.Get(version, http.StatusOK).Want("main", "2 on the scope").Want(".cs-tabs a[href$='view=comments']", "2")
	xu.Get(version+"?view=whole", http.StatusOK).Want("#thread-scope .cs-comments .cs-comments", "Because all of them wait.")
	chiara.Get(h.capability("Chat greeter")+"/history", http.StatusOK).Want(".cs-history", "answered a comment on the scope of version 1")

	// Who only reads does not speak.
	udo := h.as("udo")
	require.Zero(t, udo.Get(version+"?view=comments", http.StatusOK).Find("main form").Length())
	udo.Post(version+"/comments", app.Values{"part": "scope", "text": "x"}, http.StatusForbidden)
	for _, who := range []string{"anna", "adam"} {
		h.as(who).Post(version+"/comments", app.Values{"part": "scope", "text": "x"}, http.StatusNotFound)
	}
	require.Equal(t, "0", h.One(t, "SELECT count(*) || '' FROM standings s JOIN people p ON p.id = s.person_id WHERE s.version_id = '"+idOf(version)+"' AND p.email LIKE 'xu@%'"), "a comment is no decision")
	xu.Submit(xu.Get(version, http.StatusOK), "form[action$='/decide']", app.Values{"decision": "sign"}, http.StatusOK).Want("h1", "You signed off version 1")
	xu.Post(version+"/comments", app.Values{"part": "scope", "text": "x"}, http.StatusConflict)
}

// wide makes a system with so many operations and gives the next version of the
// Handbook search those from..from+n of it.
func (h *house) wide(ctx context.Context, system string, n int) []string {
	h.t.Helper()
	var ops []string
	act := func() models.Act {
		return models.Act{ID: store.NewActID(), Person: h.One(h.t, "SELECT id FROM people WHERE email LIKE 'adam@%'"), AuthAt: models.At(time.Now())}
	}
	team := h.One(h.t, "SELECT id FROM teams LIMIT 1")
	r, err := h.Store.DecideCatalogue(ctx, act(), store.CatalogueLookup{SystemName: system}, func(f models.CatalogueFacts) (models.Change, error) {
		return f.SaveSystem(models.System{Name: system, Kind: "saas", Sensitivity: "internal", CustodianTeamID: team}, 0)
	})
	require.NoError(h.t, err)
	for i := range n {
		name := fmt.Sprintf("thing.%d", i)
		o, err := h.Store.DecideCatalogue(ctx, act(), store.CatalogueLookup{System: r.Subject, OperationName: name}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveOperation(models.Operation{Name: name, Title: fmt.Sprintf("Do thing %d", i), Access: []string{"read", "write"}[i%2]}, nil, 0)
		})
		require.NoError(h.t, err)
		ops = append(ops, o.Subject)
	}
	return ops
}

// wideVersions puts a version of 500 grants in force and one of 500 others before
// the approvers, 250 of which are the same.
func (h *house) wideVersions(ctx context.Context) (second string) {
	h.t.Helper()
	ops := h.wide(ctx, "A wide system", 750)
	capability := strings.TrimPrefix(h.capability("Handbook search"), "/capabilities/")
	person := func(column string) string {
		return h.One(h.t, "SELECT "+column+" FROM matrix_rows WHERE capability_id = '"+capability+"'")
	}
	owner, provisioner, control := person("owner_id"), person("provisioner_id"), person("control_owner_id")
	do := func(who string, look store.Lookup, rule func(models.CapabilityFacts) (models.Change, error)) {
		h.t.Helper()
		_, err := h.Store.DecideCapability(ctx, models.Act{ID: store.NewActID(), Person: who, AuthAt: models.At(time.Now())}, capability, look, rule)
		require.NoError(h.t, err)
	}
	propose := func(grants []string) {
		do(owner, store.Lookup{}, models.CapabilityFacts.NewDraft)
		scope := models.Scope{LifetimeMinutes: 15}
		for _, op := range grants {
			scope.Grants = append(scope.Grants, models.ScopeGrant{OperationID: op})
		}
		do(provisioner, store.Lookup{Operations: grants}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.SavePart(models.ScopePart, scope, f.Open.Parts[models.ScopePart].Rev)
		})
		do(owner, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Submit(f.Open.Version.ID, policy.Compile)
		})
		for role, who := range map[models.Role]string{models.BusinessOwner: owner, models.Provisioner: provisioner, models.ControlOwner: control} {
			do(who, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(f.Open.Version.ID, role, f.Open.Version.Digest)
			})
		}
	}
	propose(ops[:500])
	xu := h.One(h.t, "SELECT id FROM people WHERE email LIKE 'xu@%'")
	do(xu, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		v := f.Open.Version
		return f.SignOff(models.Shown{VersionID: v.ID, Digest: v.Digest, Round: v.Round}, models.Signing{})
	})
	propose(ops[250:])
	return "/versions/" + h.One(h.t, "SELECT open_version_id FROM matrix_rows WHERE capability_id = '"+capability+"'")
}

// A page of two versions with 500 grants each is bounded, and all of it is one
// address further.
func TestVersionOfManyGrantsIsBounded(t *testing.T) {
	h := newHouse(t)
	second := h.wideVersions(t.Context())
	xu := h.as("xu")
	page := xu.Get(second, http.StatusOK)
	require.Equal(t, 100, page.Find("#changes-title ~ .cs-diff > li").Length())
	more := page.Find("#changes-title ~ p a[href*='all=1']")
	require.Contains(t, more.Text(), "more changes")
	all := xu.Get(more.AttrOr("href", ""), http.StatusOK)
	require.Greater(t, all.Find("#changes-title ~ .cs-diff > li").Length(), 500)
	require.Less(t, len(page.Body), 100_000)
	xu.Get(second+"?view=whole", http.StatusOK).Want("main", "Show 400 more operations")
	xu.Get(second+"?view=policy", http.StatusOK).Want("main", "more reasons")
}

// The pages of a version of 500 grants that follows one of 500 others, through the
// server: docs/performance.md has the figures.
func BenchmarkVersionPage500(b *testing.B) {
	h := &house{journeys.Organisation(b, apptest.SQLiteURL(b)), b}
	second := h.wideVersions(b.Context())
	xu := h.as("xu")
	for name, view := range map[string]string{"changes": "", "all": "?all=1", "whole": "?view=whole", "policy": "?view=policy"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page := xu.Do(xu.Request(http.MethodGet, second+view, nil))
				if page.Status != http.StatusOK {
					b.Fatal(page.Status)
				}
			}
		})
	}
}
