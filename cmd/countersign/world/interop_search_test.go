package world

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/models"
	"countersign/store"
)

// The records office of the working group's scenario for searches: who owns a record does
// anything with it; a manager reads every record and changes those of the department; who
// else is of a record's department reads it.
var clerks = []struct{ name, role, department string }{
	{"alice", "manager", "Sales"}, {"bob", "employee", "Legal"}, {"carol", "contractor", "Legal"}, {"dan", "manager", "Finance"}, {"erin", "employee", "Finance"}, {"felix", "contractor", "Accounting"},
}

// filed are the departments of the records from 101 on; their owners come round in the order
// of the clerks.
var (
	filed        = strings.Fields("Legal Legal Legal Accounting Legal Accounting Sales Legal Accounting Sales Accounting Legal Sales Accounting Finance Legal Legal Accounting Legal Accounting")
	everyRecord  = func() (ids []string) { return recordsWhere(func(string, string) bool { return true }) }()
	recordAction = []string{"view", "edit", "delete"}
)

func recordsWhere(is func(owner, department string) bool) (ids []string) {
	for i, department := range filed {
		if is(clerks[i%len(clerks)].name, department) {
			ids = append(ids, fmt.Sprint(101+i))
		}
	}
	return ids
}

// mayDo are the records that somebody may do something with.
func mayDo(action, name, role, department string) []string {
	return recordsWhere(func(owner, of string) bool {
		switch {
		case owner == name:
			return true
		case action == "view":
			return role == "manager" || of == department
		case action == "edit":
			return role == "manager" && of == department
		}
		return false
	})
}

func TestTheScenarioForSearches(t *testing.T) {
	const key = "csgw_searches"
	a := app.Start(t, apptest.SQLiteURL(t), app.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), app.Seed(func(ctx context.Context, st *store.Store, issuer string) error {
		return theOffice(ctx, st, issuer, key)
	}))
	send := func(key, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(text)
	}
	const search = "/access/v1/search/action"
	d, err := a.Store.Decisions(t.Context())
	require.NoError(t, err)

	for _, x := range clerks {
		for _, id := range everyRecord {
			var want []string
			for _, action := range recordAction {
				if slices.Contains(mayDo(action, x.name, x.role, x.department), id) {
					want = append(want, `{"name":"`+action+`"}`)
				}
			}
			status, text := send(key, search, fmt.Sprintf(`{"subject":{"type":"user","id":%q},"resource":{"type":"record","id":%q}}`, x.name, id))
			require.Equal(t, http.StatusOK, status, text)
			require.JSONEq(t, `{"results":[`+strings.Join(want, ",")+`]}`, text, "%s, %s", x.name, id)
		}
	}
	require.Zero(t, d.Logged(), "a search is no decision")

	t.Run("what is found is what would be answered", func(t *testing.T) {
		for _, x := range clerks {
			for _, action := range recordAction {
				_, text := send(key, "/access/v1/evaluation", fmt.Sprintf(`{"subject":{"type":"user","id":%q},"action":{"name":%q},"resource":{"type":"record","id":"107"}}`, x.name, action))
				require.Equal(t, slices.Contains(mayDo(action, x.name, x.role, x.department), "107"), strings.Contains(text, `"decision":true`), text)
			}
		}
	})
	alice := `{"subject":{"type":"user","id":"alice"},"resource":{"type":"record","id":"101"}`
	for name, c := range map[string]struct {
		key, body string
		status    int
		want      string
	}{
		"an unknown subject":         {key, `{"subject":{"type":"user","id":"mallory"},"resource":{"type":"record","id":"101"}}`, 200, `{"results":[]}`},
		"an unknown type":            {key, `{"subject":{"type":"user","id":"alice"},"resource":{"type":"ledger","id":"101"}}`, 200, `{"results":[]}`},
		"an unknown record":          {key, `{"subject":{"type":"user","id":"bob"},"resource":{"type":"record","id":"999"}}`, 200, `{"results":[]}`},
		"an action, which is left":   {key, alice + `,"action":{"name":"view"}}`, 200, `{"results":[{"name":"view"},{"name":"edit"},{"name":"delete"}]}`},
		"more than its data allow":   {key, alice + `,"context":{"sensitivity":"restricted"}}`, 200, `{"results":[]}`},
		"a task that is another's":   {key, alice + `,"context":{"capability":"cap_x"}}`, 200, `{"results":[]}`},
		"the first page":             {key, alice + `,"page":{"limit":2}}`, 200, `{"page":{"next_token":"2","count":2},"results":[{"name":"view"},{"name":"edit"}]}`},
		"the last page":              {key, alice + `,"page":{"limit":2,"token":"2"}}`, 200, `{"page":{"next_token":"","count":1},"results":[{"name":"delete"}]}`},
		"a page beyond":              {key, alice + `,"page":{"token":"999999999"}}`, 200, `{"page":{"next_token":"","count":0},"results":[]}`},
		"a page of all":              {key, alice + `,"page":{}}`, 200, `{"page":{"next_token":"","count":3},"results":[{"name":"view"},{"name":"edit"},{"name":"delete"}]}`},
		"no subject":                 {key, `{"resource":{"type":"record","id":"101"}}`, 400, ""},
		"a subject without an id":    {key, `{"subject":{"type":"user"},"resource":{"type":"record","id":"101"}}`, 400, ""},
		"a resource without an id":   {key, `{"subject":{"type":"user","id":"alice"},"resource":{"type":"record"}}`, 400, ""},
		"a subject without a type":   {key, `{"subject":{"id":"alice"},"resource":{"type":"record","id":"101"}}`, 400, ""},
		"a resource of another type": {key, `{"subject":{"type":"user","id":"alice"},"resource":"record"}`, 400, ""},
		"a page that is none":        {key, alice + `,"page":7}`, 400, ""},
		"a token that is none":       {key, alice + `,"page":{"token":"-1"}}`, 400, ""},
		"a page of nothing":          {key, alice + `,"page":{"limit":0}}`, 400, ""},
		"a name twice":               {key, alice + `,"page":{"limit":1,"limit":2}}`, 400, ""},
		"nothing":                    {key, "", 400, ""},
		"too much":                   {key, alice + `}` + strings.Repeat(" ", 64<<10), 413, ""},
		"another's key":              {"csgw_other", alice + `}`, 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := send(c.key, search, c.body)
			require.Equal(t, c.status, status, text)
			if c.want != "" {
				require.JSONEq(t, c.want, text)
			} else {
				require.NotContains(t, text, "results")
			}
		})
	}

	t.Run("a stop", func(t *testing.T) {
		act := models.Act{ID: store.NewActID(), Person: one(t, a, "anna"), AuthAt: models.At(a.Clock.Now())}
		var capability string
		_, text := send(key, "/access/v1/evaluation", `{"subject":{"type":"user","id":"alice"},"action":{"name":"view"},"resource":{"type":"record","id":"101"}}`)
		var answer struct{ Context struct{ Capability string } }
		require.NoError(t, json.Unmarshal([]byte(text), &answer))
		capability = answer.Context.Capability
		_, err := a.Store.DecideCapability(t.Context(), act, capability, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answers wrongly")
		})
		require.NoError(t, err)
		_, text = send(key, search, alice+`}`) // at once: it looks at what is in force now
		require.JSONEq(t, `{"results":[]}`, text)
	})
}

// one is the id of somebody by their subject.
func one(t *testing.T, a *app.App, subject string) string {
	t.Helper()
	in, err := a.Store.SignIn(t.Context(), models.Login{Issuer: a.Issuer, Subject: subject, Name: subject})
	require.NoError(t, err)
	return in.Person.Person.ID
}

// theOffice is the scenario in this product's terms. What a record is of is not in a
// request, so the scopes name the records.
func theOffice(ctx context.Context, st *store.Store, issuer, key string) error {
	c, err := interop(ctx, st, issuer)
	if err != nil {
		return err
	}
	c.system(system{"record", "saas", "internal", "Platform", "The records office", []operation{{"view", "View", "read", nil}, {"edit", "Edit", "write", nil}, {"delete", "Delete", "write", nil}}, ""}, "")
	for _, x := range clerks {
		agent := c.bound(x.name, "Works in the records office", x.name)
		p := leaveQuestions
		p.title, p.secrets, p.volume, p.grants = "Keep records", nil, 1000, nil
		for _, action := range recordAction {
			p.grants = append(p.grants, grant{action, mayDo(action, x.name, x.role, x.department)})
		}
		c.write(agent, "anna", "pete", "carlos", p).propose(p).sign("xu")
	}
	return c.door(key)
}
