package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// days are two days as the form of /me/absence has them, counted from today at
// the person's place.
func (h *house) days(email string, first, last int) app.Values {
	h.t.Helper()
	zone, err := time.LoadLocation(h.One(h.t, "SELECT time_zone FROM people WHERE email = '"+email+"@meridian.example'"))
	require.NoError(h.t, err)
	out := app.Values{}
	for field, n := range map[string]int{"from": first, "until": last} {
		at := time.Now().In(zone).AddDate(0, 0, n)
		out[field+"-day"], out[field+"-month"], out[field+"-year"] = strconv.Itoa(at.Day()), strconv.Itoa(int(at.Month())), strconv.Itoa(at.Year())
	}
	return out
}

func (h *house) person(email string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT id FROM people WHERE email = '"+email+"@meridian.example'")
}

func with(a app.Values, more ...string) app.Values {
	out := app.Values{}
	for k, v := range a {
		out[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

// An approver who is away is stood in for, and the decision says in whose name it
// is, with nothing chosen beforehand.
func TestAbsence(t *testing.T) {
	h := newHouse(t)
	yara, xu := h.as("yara"), h.as("xu")
	page := yara.Get("/me/absence", http.StatusOK)
	page.Want("main", "Nobody. While you are away").Want("main", "They pass as both of you").Want(".cs-tabs", "Absence")
	require.Zero(t, page.Find("select[name=delegate] option[value='"+h.person("yara")+"']").Length(), "nobody stands in for themselves")
	require.Zero(t, page.Find("select[name=delegate] option[selected]:not([value=''])").Length(), "nobody is chosen beforehand")

	const form = "form[action='/me/absence']"
	typed := with(h.days("yara", 0, 3), "delegate", h.person("xu"), "reason", "On leave")
	for says, values := range map[string]app.Values{
		"Choose an approver by name":           with(typed, "delegate", ""),
		"does not hold the role approver":      with(typed, "delegate", h.person("ben")),
		"Enter a date that there is":           with(typed, "from-day", "31", "from-month", "2"),
		"This day is over":                     with(typed, "from-day", "1", "from-month", "1", "from-year", "2020"),
		"for at most 90 days":                  with(h.days("yara", 0, 100), "delegate", h.person("xu"), "reason", "On leave"),
		"The last day is before the first":     with(h.days("yara", 3, 2), "delegate", h.person("xu"), "reason", "On leave"),
		"Enter why somebody stands in for you": with(typed, "reason", " "),
	} {
		before := h.Ledger(t)
		redrawn := yara.Submit(page, form, values, http.StatusUnprocessableEntity)
		redrawn.Want("#error-summary", says)
		require.Equal(t, values["until-day"], redrawn.Find("input[name=until-day]").AttrOr("value", ""), "what was typed is kept")
		require.Equal(t, before, h.Ledger(t))
	}
	yara.Submit(page, form, typed, http.StatusOK).Want(".cs-flash", "stands in for you").Want("table", "On leave").Want("table", "Now")
	yara.SubmitForm("/me/absence", "/me/absence", with(typed, "delegate", h.person("zoe")), http.StatusConflict).Want("#error-summary", "Somebody stands in for you in part of that time already")
	xu.Get("/me/absence", http.StatusOK).Want("table caption, table", "Yara")
	h.as("anna").Get("/me/absence", http.StatusOK).Want("main", "Only an approver can be stood in for")
	h.as("anna").Post("/me/absence", typed, http.StatusForbidden)

	version := h.version("Chat greeter")
	page = xu.Get(version, http.StatusOK)
	names := page.Find("#decide input[name=for]")
	require.Equal(t, 2, names.Length())
	require.Zero(t, page.Find("#decide input[name=for][checked]").Length(), "in no name beforehand")
	page.Want("#decide", "In whose name do you decide?").Want("#decide", "In my own name").Want("#decide", "On behalf of Yara")
	before := h.Ledger(t)
	redrawn := xu.Submit(page, "form[action$='/decide']", app.Values{"decision": "refuse", "reason": "Not like this"}, http.StatusUnprocessableEntity)
	redrawn.Want("#error-summary a[href='#for']", "Say in whose name you decide")
	xu.Submit(page, "form[action$='/decide']", app.Values{"decision": "refuse", "reason": "Not like this", "for": h.person("zoe")}, http.StatusForbidden).Want("main", "You do not stand in for this person now")
	require.Equal(t, before, h.Ledger(t))
	xu.Submit(redrawn, "form[action$='/decide']", app.Values{"decision": "sign", "for": h.person("yara")}, http.StatusOK)
	id := strings.TrimPrefix(version, "/versions/")
	require.Equal(t, h.person("xu")+" "+h.person("yara"), h.One(t, "SELECT signer_id || ' ' || principal_id FROM sign_offs WHERE version_id = '"+id+"'"))
	udo := h.as("udo")
	udo.Get(version, http.StatusOK).Want(".cs-history", "on behalf of Yara")
	udo.Get(h.capability("Chat greeter")+"/history", http.StatusOK).Want(".cs-history", "on behalf of Yara")
	yara.Get("/me/history", http.StatusOK).Want(".cs-history", "on behalf of Yara")

	end := "form[action$='/end']"
	xu.Submit(xu.Get("/me/absence", http.StatusOK), end, nil, http.StatusOK).Want(".cs-flash", "You no longer stand in for them").Want("main", "For nobody.")
	yara.Get("/me/absence", http.StatusOK).Want("main", "Nobody. While you are away")
}

// A system that asks for its custodians says so, to everybody who looks at it.
func TestSystemAsksForItsCustodians(t *testing.T) {
	h := newHouse(t)
	adam := h.as("adam")
	path := "/systems/" + h.One(t, "SELECT id FROM systems WHERE name = 'CRM'")
	adam.Get(path, http.StatusOK).Want("main", "none has to come from this team")
	page := adam.Get(path+"/change", http.StatusOK)
	require.Zero(t, page.Find("input[name=asks_custodian][checked]").Length())
	adam.Submit(page, "#system", app.Values{"asks_custodian": "yes"}, http.StatusOK).Want("main", "One has to come from this team, with a passkey")
	page = adam.Get(path+"/change", http.StatusOK)
	require.Equal(t, 1, page.Find("input[name=asks_custodian][checked]").Length())
	adam.Submit(page, "#system", app.Values{"description": "Where customers are"}, http.StatusOK).Want("main", "One has to come from this team, with a passkey")
	adam.Submit(adam.Get(path+"/change", http.StatusOK), "#system", app.Values{"asks_custodian": ""}, http.StatusOK).Want("main", "none has to come from this team")
}
