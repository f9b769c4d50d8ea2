package handlers_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/importers"
	"countersign/models"
	"countersign/store"
)

// card is an agent card that leaves something open.
const card = `{
  "name": "Post sorter", "description": "Sorts mail.", "version": "1.2.0", "provider": {"organization": "Nordlys", "url": "https://nordlys.eu"},
  "supportedInterfaces": [{"url": "${ADDRESS}", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}],
  "capabilities": {}, "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
  "skills": [{"id": "sort", "name": "Sort letters", "description": "Sorts <b>letters</b>.", "tags": ["mail"]}]
}`

// upload sends files as a browser does: names and contents in turn.
func upload(t *testing.T, org *journeys.Org, c *app.Client, status int, files ...string) *app.Page {
	t.Helper()
	page := send(t, org, c, store.NewActID(), files...)
	require.Equal(t, status, page.Status, page.Body)
	if to := page.Header.Get("Location"); to != "" {
		return c.Get(to, http.StatusOK)
	}
	return page
}

func send(t *testing.T, org *journeys.Org, c *app.Client, act string, files ...string) *app.Page {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range map[string]string{"csrf": c.Token(), "act_id": act, "card": "", "source": ""} {
		require.NoError(t, form.WriteField(key, value))
	}
	for i := 0; i < len(files); i += 2 {
		part, err := form.CreateFormFile("file", files[i])
		require.NoError(t, err)
		_, err = part.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, org.URL+"/agents/import", &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.Do(req)
}

// named is a card of another agent that leaves nothing open.
func named(name string) string {
	return strings.NewReplacer("Post sorter", name, "${ADDRESS}", "https://mail.nordlys.eu/a2a").Replace(card)
}

const doors = `{"$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json", "name": "io.example/doors", "description": "Doors.", "version": "1.0.0",
	"remotes": [{"type": "streamable-http", "url": "https://doors.example/mcp"}]}`

// rowOf is the box that chooses a thing.
func rowOf(t *testing.T, page *app.Page, name string) *goquery.Selection {
	t.Helper()
	box := page.Find(`#found input[name=row][aria-label="Save ` + name + `"]`)
	require.Equal(t, 1, box.Length(), "%s has a box: %s", name, page.Text("#found"))
	return box
}

func TestImportIsSeenBeforeItIsSaved(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		anna := org.Client(t).Login("anna")
		ledger := org.Ledger(t)
		page := upload(t, org, anna, http.StatusSeeOther, "agent-card.json", card)
		page.Want("h1", "What “agent-card.json” says").Want("tr", "Sort letters").Want("tr:has(.cs-tag:contains('placeholder'))", "${ADDRESS}").
			Want("td", "/skills/0/description, line 5").Want("td", "Sorts <b>letters</b>.").Want("#found", "A new draft").Want("main", "1 placeholder")
		require.Zero(t, page.Find("td b").Length())
		require.Equal(t, ledger, org.Ledger(t), "nothing is saved yet")

		// What was noticed has to be looked at; nothing else that comes along counts.
		anna.Submit(page, "#choose", nil, http.StatusUnprocessableEntity).Want("#error-summary a[href='#looked-1']", "Say that you have looked")
		anna.Submit(page, "#choose", app.Values{"looked": "1", "outcome": "imported", "owner_id": "x", "into-2": "agt_1", "row": "1\x002\x0099"}, http.StatusUnprocessableEntity)
		tasks := anna.Submit(page, "#choose", app.Values{"looked": "1", "owner_id": "x", "into-2": "agt_1", "into-1": "agt_of_somebody", "row": "1\x002\x0099"}, http.StatusOK)
		tasks.Want("h1", "Register Post sorter").Want("li:has(a[href$='/register/made-of'])", "The file left 1 thing open here")
		at := strings.TrimSuffix(tasks.URL.Path, "/register")
		anna.Get(at+"/register/made-of", http.StatusOK).Want(".cs-callout", "Address 1, address")
		anna.Get(at+"/import", http.StatusOK).Want("td", "/supportedInterfaces/0/url").Want("dd", "agent-card.json")
		record := anna.Get(at, http.StatusOK)
		record.Want("main", "Sort letters").Want("blockquote", "Sorts <b>letters</b>.")
		require.Equal(t, at+"/capabilities/new?skill=0", record.Find("a:contains('Write this task')").AttrOr("href", ""))

		// The form again gives what it gave: nothing is made twice.
		ledger = org.Ledger(t)
		anna.Submit(page, "#choose", app.Values{"looked": "1"}, http.StatusOK)
		require.Equal(t, ledger, org.Ledger(t))

		// The same file again has nothing new; a newer one says what differs.
		upload(t, org, anna, http.StatusSeeOther, "agent-card.json", card).Want("#found", "nothing to do").WantNot("#choose button", "Save")
		newer := strings.Replace(card, "1.2.0", "1.3.0", 1)
		page = upload(t, org, anna, http.StatusSeeOther, "agent-card.json", newer)
		page.Want("#found", "Updates the draft").Want(".cs-diff", "1.3.0")
		anna.Submit(page, "#choose", app.Values{"looked": "1"}, http.StatusOK).Want("h1", "Register Post sorter")
		anna.Get(at, http.StatusOK).Want(".cs-summary", "1.3.0")

		// From elsewhere under the same name: she says whether it is the same.
		page = anna.SubmitForm("/agents/import", "/agents/import", app.Values{"card": strings.Replace(card, "1.2.0", "1.4.0", 1), "source": "https://nordlys.eu/card"}, http.StatusOK)
		page.Want("#found", "You have an agent of this name")
		anna.Submit(page, "#choose", app.Values{"looked": "1"}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#into-1']", "Choose where")
		anna.Submit(page, "#choose", app.Values{"looked": "1", "into-1": strings.TrimPrefix(at, "/agents/")}, http.StatusOK)
		require.Equal(t, "1", org.One(t, "SELECT COUNT(*) || '' FROM agents WHERE name = 'Post sorter'"))

		// Or the agent is named first.
		page = anna.SubmitForm("/agents/import?into="+strings.TrimPrefix(at, "/agents/"), "/agents/import", app.Values{"card": named("Renamed sorter"), "source": "elsewhere"}, http.StatusOK)
		anna.Submit(page, "#choose", nil, http.StatusOK)
		anna.Get(at, http.StatusOK).Want("h1", "Renamed sorter")

		// Nobody imports into what is somebody else's, or sees what somebody else uploaded.
		ben := org.Client(t).Login("ben")
		ben.Get(page.URL.Path, http.StatusNotFound)
		ben.Get("/agents/import?into="+strings.TrimPrefix(at, "/agents/"), http.StatusNotFound)
		page = upload(t, org, ben, http.StatusSeeOther, "agent-card.json", newer)
		ben.Submit(page, "#choose", app.Values{"looked": "1", "into-1": strings.TrimPrefix(at, "/agents/")}, http.StatusOK)
		require.Equal(t, "1", org.One(t, "SELECT COUNT(*) || '' FROM agents a JOIN people p ON p.id = a.owner_id WHERE a.name = 'Post sorter' AND p.name = 'Ben Osei'"), "a draft of his own, since the other is not his")
	})
}

// Several files at once: rows are chosen one by one, one that fails undoes none,
// and each person takes in what their role may.
func TestImportOfSeveralFiles(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		anna, adam := org.Client(t).Login("anna"), org.Client(t).Login("adam")
		files := []string{"a.json", named("Alpha sorter"), "b.json", named("Beta sorter"), "w.json", card, "broken.json", `{"name": `, "server.json", doors}
		page := upload(t, org, anna, http.StatusSeeOther, files...)
		page.Want("h1", "What was found in 5 files").Want("#found", "Not read").Want(".cs-callout", "An administrator has to take in systems: ask")
		require.Equal(t, 3, page.Find("#found input[name=row]").Length(), "only what she may take in has a box")
		for name, chosen := range map[string]bool{"Alpha sorter": true, "Beta sorter": true, "Post sorter": false} {
			_, is := rowOf(t, page, name).Attr("checked")
			require.Equal(t, chosen, is, name)
		}
		// A row that she may not take in is not taken in by naming it.
		result := anna.Submit(page, "#choose", app.Values{"row": "1\x004\x005", "looked": "4\x005"}, http.StatusOK)
		result.Want("h1", "Saved").Want("#results tr:contains('Alpha sorter')", "Saved as new").Want("#results tr:contains('Beta sorter')", "Left out").Want("#results tr:contains('doors')", "Left out")
		require.Equal(t, "0", org.One(t, "SELECT COUNT(*) || '' FROM systems WHERE name LIKE '%doors%'"))
		anna.Get(result.Find("#results tr:contains('Alpha sorter') a").AttrOr("href", ""), http.StatusOK).Want("h1", "Alpha sorter")

		// What waits is still there; a filter has an address.
		page = anna.Get(page.URL.Path+"?outcome=refused", http.StatusOK)
		page.Want("#found", "broken.json").WantNot("#found", "Beta sorter")

		// What changed since the page was drawn is asked again.
		list := upload(t, org, anna, http.StatusSeeOther, "a.json", strings.Replace(named("Alpha sorter"), "1.2.0", "2.0.0", 1), "c.json", named("Gamma sorter"))
		at := agent(org, t, "Alpha sorter")
		anna.SubmitForm(at+"/retire", at+"/retire", app.Values{"reason": "Over."}, http.StatusOK)
		anna.Submit(list, "#choose", nil, http.StatusUnprocessableEntity).Want("#error-summary", "Choose where “Alpha sorter” should go")

		// One row fails for a reason of its own, and the next is saved all the same.
		id := strings.TrimPrefix(list.URL.Path, "/imports/")
		require.NoError(t, org.Store.QueueImportRows(t.Context(), id))
		result = anna.Post(list.URL.Path+"/continue", nil, http.StatusOK)
		result.Want("h1", "Some were not saved").Want("#results tr:contains('Alpha sorter')", "is retired").Want("#results tr:contains('Gamma sorter')", "Saved as new")

		// The administrator takes the system in, and no agent.
		page = upload(t, org, adam, http.StatusSeeOther, files...)
		require.Equal(t, 1, page.Find("#found input[name=row]").Length())
		no := page.Find("#found input[name=row]").AttrOr("value", "")
		anna.Get("/agents", http.StatusOK)
		page = adam.Submit(page, "#choose", app.Values{"row": "1\x00" + no, "looked": no}, http.StatusUnprocessableEntity)
		page.Want("#error-summary", "Choose the team").Want("#error-summary", "how sensitive")
		result = adam.Submit(page, "#choose", app.Values{"row": "1\x00" + no, "looked": no, "team": org.One(t, "SELECT id FROM teams WHERE name = 'Payments'"), "sensitivity": "internal"}, http.StatusOK)
		result.Want("#results tr:contains('doors')", "Saved as new")
		adam.Get(result.Find("#results tr:contains('doors') a").AttrOr("href", ""), http.StatusOK).Want("h1", "doors")
		require.Equal(t, "0", org.One(t, "SELECT COUNT(*) || '' FROM agents a JOIN people p ON p.id = a.owner_id WHERE p.name = 'Adam Nowak'"))
	})
}

// A long list goes by pages, keeps what was chosen on each, and is saved in steps.
func TestImportOfALongList(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := org.Client(t).Login("anna")
	var cards []string
	for i := range 260 {
		cards = append(cards, named(fmt.Sprintf("Clerk %03d", i)))
	}
	rows := models.ImportRows(nil)
	for i, c := range cards {
		rows = append(rows, reading(t, fmt.Sprintf("clerk-%03d.json", i), c))
	}
	list := store.ImportList{ID: "iml_long", PersonID: org.One(t, "SELECT id FROM people WHERE name = 'Anna Keller'"), Label: "260 files"}
	var kept []store.ImportListRow
	for _, row := range rows {
		kept = append(kept, store.ImportListRow{Outcome: row.Outcome, Plan: store.PlanNew, Chosen: row.Outcome == models.ImportClean, Row: row})
	}
	require.NoError(t, org.Store.KeepImport(t.Context(), list, kept))
	page := anna.Get("/imports/iml_long", http.StatusOK)
	require.Equal(t, 25, page.Find("#found input[name=row]").Length())
	page = anna.Submit(page, "#choose", app.Values{"row": "1\x002", "go": "next"}, http.StatusOK) // 23 are left out
	page.Want("#found", "Clerk 025").Want("#choose button", "with 212 on other pages")
	result := anna.Submit(page, "#choose", app.Values{"go": "save"}, http.StatusOK)
	for steps := 0; result.Find("#continue").Length() > 0; steps++ {
		require.Less(t, steps, 200)
		result.Want("h1", "Taking in what you chose").Want("progress", "of 237")
		again := anna.Submit(result, "#continue", nil, http.StatusOK)
		result = again
	}
	result.Want("h1", "Saved")
	require.Equal(t, "237", org.One(t, "SELECT COUNT(*) || '' FROM agents WHERE name LIKE 'Clerk %'"))
	result.Want("main", "23 left out")
	anna.Get("/imports/iml_long/result?state=waiting", http.StatusOK).Want("#results", "Clerk 002").WantNot("#results", "Clerk 100")
}

func TestImportRefused(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := org.Client(t).Login("anna")
	before := org.Ledger(t)
	page := anna.SubmitForm("/agents/import", "/agents/import", app.Values{"card": `{"name": "x",`}, http.StatusUnprocessableEntity)
	page.Want("#card-error", "line 1, column 14")
	require.Contains(t, page.Find("#card").Text(), `{"name": "x",`, "what was pasted stays")
	anna.SubmitForm("/agents/import", "/agents/import", nil, http.StatusUnprocessableEntity).Want("#file-error", "or paste the text of one")
	anna.SubmitForm("/agents/import", "/agents/import", app.Values{"card": card, "source": strings.Repeat("x", 401)}, http.StatusUnprocessableEntity).Want("#source-error", "at most 400")
	upload(t, org, anna, http.StatusUnprocessableEntity, "x.json", "\xff\xfe{").Want("#file-error", "UTF-16")
	upload(t, org, anna, http.StatusUnprocessableEntity, "big.json", strings.Repeat(" ", 9<<20)).Want("#file-error", "larger than 8 MiB")
	upload(t, org, anna, http.StatusUnprocessableEntity, "one.json", strings.Repeat(" ", 7<<20), "two.json", strings.Repeat(" ", 7<<20)).Want("#file-error", "larger than 12 MiB together")
	upload(t, org, anna, http.StatusRequestEntityTooLarge, "one.json", strings.Repeat(" ", 8<<20), "two.json", strings.Repeat(" ", 8<<20+1))
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf("%d.json", i), card)
	}
	upload(t, org, anna, http.StatusUnprocessableEntity, many...).Want("#file-error", "You chose 51 files")
	upload(t, org, anna, http.StatusUnprocessableEntity, "<script>alert(1)</script>.json", `{"name": `)
	require.Zero(t, anna.Last.Find("main script").Length())
	hostile := upload(t, org, anna, http.StatusSeeOther, "../../<img src=x onerror=alert(1)>\u202e.json", named("Hostile"), strings.Repeat("n", 900)+".json", named("Long"))
	require.Zero(t, hostile.Find("main img").Length())
	require.NotContains(t, hostile.Text("#found"), "..")
	anna.Post("/agents/import", app.Values{"act_id": "-", "card": card}, http.StatusUnprocessableEntity)
	anna.Post("/imports/iml_nothing", app.Values{"row": "1"}, http.StatusNotFound)
	require.Equal(t, before, org.Ledger(t))

	// The same form twice is one list; one that was removed is gone.
	act := store.NewActID()
	first, second := send(t, org, anna, act, "a.json", named("Once")), send(t, org, anna, act, "a.json", named("Once"))
	require.Equal(t, first.Header.Get("Location"), second.Header.Get("Location"))
	page = anna.Get(first.Header.Get("Location"), http.StatusOK)
	anna.Submit(page, "#forget", nil, http.StatusOK).Want("[role=status]", "is removed")
	anna.Submit(page, "#choose", nil, http.StatusNotFound).Want("main", "kept for a day")
	require.Equal(t, before, org.Ledger(t))
}

func reading(t *testing.T, name, content string) models.ImportRow {
	t.Helper()
	things := importers.Read(name, []byte(content))
	require.Len(t, things, 1)
	return models.ImportRows(things)[0]
}
