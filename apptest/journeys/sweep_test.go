package journeys_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
	"countersign/models"
	"countersign/policy"
	"countersign/static"
	"countersign/store"
	"countersign/web"
)

// lightest is the most that a page may weigh over the wire when nothing of it
// is in the browser yet.
const lightest = 100 << 10

// notByLink are pages that no link leads to, and why.
var notByLink = map[string]string{
	"/sign-in": "it leads on to the provider", "/sign-in/again": "it leads on to the provider", "/sign-in/callback": "the provider leads there",
	"/signed-out": "after signing out", "/drills/:id": "the clock asks, and a notice leads there",
	"/agents/:id/owner": "a duty leads there, where an owner has left", "/decisions/newer": "the list asks it by itself",
}

// unasked are pages that an address alone asks nothing of: they say what lacks, or lead back.
var unasked = map[string]int{"/desk/several/check": http.StatusUnprocessableEntity, "/decisions/newer": http.StatusSeeOther}

// afterAnAct are pages that an act leads to, by whom they are looked at.
func afterAnAct(t *testing.T, org *journeys.Org) map[string][]string {
	of := func(agent, what string) string {
		return org.One(t, "SELECT "+what+" FROM agents a JOIN capabilities c ON c.agent_id = a.id JOIN versions v ON v.capability_id = c.id WHERE a.name = '"+agent+"'")
	}
	agent := "/agents/" + of("Reference writer", "a.id")
	imported := "/imports/" + journeys.Upload(t, org.App, org.One(t, "SELECT id FROM people WHERE name = 'Anna Keller'"))
	return map[string][]string{
		"anna": {agent + "/register/check", agent + "/register/done", "/versions/" + of("Reference writer", "v.id") + "/submitted", imported, imported + "/result"},
		"xu":   {"/agents/" + org.One(t, "SELECT id FROM agents WHERE name = 'Customer helper'") + "/manifest"},
		"pete": {"/capabilities/" + of("Refund helper", "c.id"), "/duties/" + org.One(t, "SELECT min(id) FROM duties WHERE subject = '"+of("Refund helper", "v.id")+"'")},
		"adam": {"/admin/links/" + org.One(t, "SELECT min(id) FROM account_links")},
	}
}

// emergency has one run, and another one possible.
func emergency(t *testing.T, org *journeys.Org) {
	adam, eve, zoe := org.Client(t).Login("adam"), org.Client(t).Login("eve"), org.Client(t).Login("zoe")
	adam.SubmitForm("/admin/emergency", "/admin/emergency", app.Values{"reason": "The year ends"}, http.StatusOK)
	eve.Submit(eve.Get("/admin/emergency", http.StatusOK), "#confirm", nil, http.StatusOK)
	signed := org.One(t, "SELECT s.id FROM sign_offs s JOIN versions v ON v.id = s.version_id JOIN matrix_rows m ON m.version_id = v.id WHERE m.agent_name = 'Salary explainer'")
	zoe.SubmitForm("/sign-offs/"+signed+"/recall", "/sign-offs/"+signed+"/recall", app.Values{"reason": "Once more"}, http.StatusOK)
	key := zoe.AddPasskey("Blue key")
	page := zoe.Get("/versions/"+org.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Treasury agent'")+"/emergency", http.StatusOK)
	zoe.Sign(page, "#emergency-form", app.Values{"reason": "Two hospitals wait for their money", "minutes": "90"}, key, http.StatusOK)
}

// stop has a broad stop stand that stops nothing, and another one lifted.
func stop(t *testing.T, org *journeys.Org) {
	dana, zoe := org.Client(t).Login("dana"), org.Client(t).Login("zoe")
	for _, team := range []string{"Internal Audit", "Management"} {
		page := dana.Get("/stops/new?kind=team&id="+org.One(t, "SELECT id FROM teams WHERE name = '"+team+"'"), http.StatusOK)
		at := dana.Submit(page, "#stop", app.Values{"cause": "To be seen"}, http.StatusOK).URL.Path
		if team == "Management" {
			zoe.Submit(zoe.Get(at, http.StatusOK), "#lift-form", app.Values{"cause": "It was seen"}, http.StatusOK)
		}
	}
}

// gates has a gateway with a key, a forbid in force and one that waits.
func gates(t *testing.T, org *journeys.Org) {
	adam, eve := org.Client(t).Login("adam"), org.Client(t).Login("eve")
	adam.Submit(adam.Get("/admin/gateways/new", http.StatusOK), "#gateway", app.Values{"name": "Payments API"}, http.StatusOK)
	for _, name := range []string{"No permissions in production", "No payments at night"} {
		page := adam.Get("/admin/forbids/new", http.StatusOK)
		at := adam.Submit(page, "#forbid", app.Values{"name": name, "why": "To be seen", "text": page.Find("pre").First().Text()}, http.StatusOK).URL.Path
		if name == "No permissions in production" {
			eve.Submit(eve.Get(at, http.StatusOK), "#confirm", nil, http.StatusOK)
		}
	}
}

// decided has gateways ask: of an agent that is known, and of one that is not.
func decided(t *testing.T, org *journeys.Org) {
	hash, hint := models.GatewayKeyOf("csgw_sweepers-gateway")
	act := models.Act{ID: store.NewActID(), Person: org.One(t, "SELECT id FROM people WHERE email = 'adam@meridian.example'"), AuthAt: models.At(time.Now())}
	_, err := org.Store.DecideGateway(t.Context(), act, store.GatewayLookup{}, func(f models.GatewayFacts) (models.Change, error) {
		return f.MakeGateway(models.GatewayForm{Name: "Front door", Days: 30, Hash: hash, Hint: hint})
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := org.Store.Decisions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for { // whoever decides already looks for new keys several times a second
		if _, open := d.Gateway(hash); open {
			break
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the new key was never seen")
		case <-time.After(10 * time.Millisecond):
		}
	}
	agents := append(org.All(t, "SELECT DISTINCT agent_id FROM matrix_rows WHERE mandate_id <> '' ORDER BY 1"), "agt_nobody")
	for _, agent := range agents {
		_, err := d.Evaluate(t.Context(), hash, "sweep", policy.Request{Subject: policy.Entity{Type: "agent", ID: agent}, Action: "contacts.read", Resource: policy.Entity{Type: "CRM", ID: strings.Repeat("contact-7/", 30)},
			Context: policy.Context{Volume: 1, Task: "run-1"}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Every page that a person of any role can come to is there and is sound: what
// it links to is there too, nothing on it is inline, and in the browser axe-core
// finds nothing, the policy is not violated and nothing scrolls sideways.
func TestEveryPage(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	var mu sync.Mutex
	acts := afterAnAct(t, org)
	emergency(t, org)
	stop(t, org)
	gates(t, org)
	decided(t, org)
	reached, look := map[string]bool{}, map[string][]seen{}
	t.Run("crawl", func(t *testing.T) {
		for _, who := range roles {
			t.Run(who, func(t *testing.T) {
				t.Parallel()
				pages := crawl(t, org, who, 4, acts[who]...)
				mine := map[string]bool{}
				for _, p := range pages {
					inspect(t, p)
					mu.Lock()
					reached[p.pattern] = true
					if p.Status == http.StatusOK && p.Document != nil && !mine[p.pattern] {
						look[who] = append(look[who], p)
					}
					mu.Unlock()
					mine[p.pattern] = true
				}
				t.Logf("%s came to %d pages of %d kinds", who, len(pages), len(mine))
			})
		}
	})
	for _, r := range web.Routes() {
		if r.Method == http.MethodGet && !r.Guard.Machine() && !reached[r.Path] && notByLink[r.Path] == "" {
			t.Errorf("nobody comes to GET %s by a link", r.Path)
		}
	}
	t.Run("look", func(t *testing.T) {
		browser.Needed(t)
		for i, part := range shares(look) {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				began, tabs := time.Now(), map[string]*browser.Tab{}
				for _, p := range part {
					if tabs[p.who] == nil {
						tabs[p.who] = browser.Open(t, org.App).SignIn(p.who)
					}
					lookAt(t, tabs[p.who], p)
				}
				t.Logf("looked at %d pages in %s", len(part), time.Since(began).Round(time.Second))
			})
		}
	})
}

// glance is a page to look at, in every way or only in the light.
type glance struct {
	seen
	whole bool
}

// shares are the pages to look at, for two tabs at a time: each kind in every
// way by one person, and records in the light by one more, who has another role.
func shares(look map[string][]seen) [2][]glance {
	var out [2][]glance
	times := map[string]int{}
	for _, who := range roles {
		for _, p := range look[who] {
			record := strings.Count(p.pattern, "/") <= 2 // home, lists and records differ by who reads them
			if times[p.pattern]++; times[p.pattern] == 1 || times[p.pattern] == 2 && record {
				i := 0
				if len(out[1]) < len(out[0]) {
					i = 1
				}
				out[i] = append(out[i], glance{p, times[p.pattern] == 1})
			}
		}
	}
	return out
}

func lookAt(t *testing.T, tab *browser.Tab, p glance) {
	t.Helper()
	tab.Fresh().Go(p.path)
	if weight := tab.Weight(); weight > lightest {
		t.Errorf("%s weighs %d bytes on first load", p.path, weight)
	}
	if p.whole {
		tab.Sound(picture(p.pattern))
	} else {
		tab.Axe(picture(p.pattern)+" as "+p.who, browser.AllRules).Fits(browser.Wide).Clean()
	}
}

func picture(pattern string) string {
	name := strings.Trim(strings.NewReplacer("/", "-", ":", "", "*", "", ".", "-").Replace(pattern), "-")
	if name == "" {
		return "home"
	}
	return name
}

var inline = regexp.MustCompile(`(?i)<[a-z][^>]*\s(style|on[a-z]+|hx-on[a-z:-]*)=|<style|javascript:`)

// inspect looks at a page without a browser.
func inspect(t *testing.T, p seen) {
	t.Helper()
	complain := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s as %s (from %s): %s", p.path, p.who, p.from, fmt.Sprintf(format, args...))
	}
	allowed := p.Status == http.StatusOK || p.from == "the address bar" && p.Status == unasked[p.pattern] || p.from == "the address bar" && (p.Status == http.StatusForbidden || p.Status == http.StatusNotFound)
	if !allowed {
		complain("answered %d: %s", p.Status, p.Text("main"))
		return
	}
	if p.Document == nil || p.Status != http.StatusOK {
		return
	}
	if p.pattern == "" {
		complain("no route of the table answers it")
	}
	if found := inline.FindString(p.Body); found != "" {
		complain("something is inline: %s", found)
	}
	if n := p.Find("h1").Length(); n != 1 {
		complain("it has %d first headings", n)
	}
	p.Find("script").Each(func(_ int, s *goquery.Selection) {
		if src := s.AttrOr("src", ""); !strings.HasPrefix(src, static.Prefix) || strings.TrimSpace(s.Text()) != "" {
			complain("a script that is not ours: %q", src)
		}
	})
	ids := map[string]bool{}
	p.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); ids[id] {
			complain("the id %q is there twice", id)
		} else {
			ids[id] = true
		}
	})
	p.Find("form").Each(func(_ int, f *goquery.Selection) { formOf(f, p, complain) })
	for attr, method := range map[string]string{"hx-get": http.MethodGet, "hx-post": http.MethodPost} {
		p.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			if to, err := p.URL.Parse(s.AttrOr(attr, "")); err != nil || pattern(method, to.Path) == "" {
				complain("%s leads to %q, which nothing answers", attr, s.AttrOr(attr, ""))
			}
		})
	}
	p.Find("a[href^='#']").Each(func(_ int, a *goquery.Selection) {
		if to := strings.TrimPrefix(a.AttrOr("href", ""), "#"); to != "" && !ids[to] {
			complain("a link to #%s, which is not on the page", to)
		}
	})
}

// formOf: a form leads somewhere, and one that changes something has its token
// and its nonce.
func formOf(f *goquery.Selection, p seen, complain func(string, ...any)) {
	method := strings.ToUpper(f.AttrOr("method", "get"))
	to, err := p.URL.Parse(f.AttrOr("action", ""))
	if method == "DIALOG" {
		return // it closes the dialog that it is in, and sends nothing
	}
	if err != nil || pattern(method, to.Path) == "" {
		complain("a form leads to %s %q, which nothing answers", method, f.AttrOr("action", ""))
		return
	}
	if method != http.MethodPost {
		return
	}
	if f.Find("input[name=csrf]").Length() != 1 {
		complain("the form to %s has no token", to.Path)
	}
	if to.Path != "/sign-out" && f.Find("input[name=act_id]").Length() != 1 {
		complain("the form to %s has no nonce", to.Path)
	}
}
