package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/client"
	"countersign/models"
	"countersign/store"
)

// caller is a gateway with a key.
type caller struct {
	*house
	key string
	id  string
}

// gateway takes a key into use, as an administrator.
func (h *house) gateway(key string, change func(*models.GatewayForm)) *caller {
	h.t.Helper()
	hash, hint := models.GatewayKeyOf(key)
	form := models.GatewayForm{Name: key, Days: 30, Hash: hash, Hint: hint}
	if change != nil {
		change(&form)
	}
	act := models.Act{ID: store.NewActID(), Person: h.One(h.t, "SELECT person_id FROM grants WHERE role = 'administrator' AND ended_at IS NULL ORDER BY person_id LIMIT 1"), AuthAt: models.At(time.Now())}
	receipt, err := h.Store.DecideGateway(h.t.Context(), act, store.GatewayLookup{Team: form.Team}, func(f models.GatewayFacts) (models.Change, error) { return f.MakeGateway(form) })
	require.NoError(h.t, err)
	d, err := h.Store.Decisions(h.t.Context())
	require.NoError(h.t, err)
	require.Eventually(h.t, func() bool { _, open := d.Gateway(hash); return open }, 10*time.Second, 10*time.Millisecond, "a new key counts within a moment")
	return &caller{h, key, receipt.Subject}
}

// send posts a body, and returns the answer with its status and headers.
func (c *caller) send(path, body string, change func(*http.Request)) (int, http.Header, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.URL+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key)
	if change != nil {
		change(req)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res.StatusCode, res.Header, string(text)
}

type answered struct {
	Decision bool
	Context  struct {
		ID, Rule, Remedy, Capability string
		Who                          []string
		ReasonUser                   map[string]string `json:"reason_user"`
		Error                        *struct{ Status int }
	}
}

// ask evaluates a body that is well formed.
func (c *caller) ask(body string) (a answered) {
	c.t.Helper()
	status, _, text := c.send("/access/v1/evaluation", body, nil)
	require.Equal(c.t, http.StatusOK, status, text)
	require.NoError(c.t, json.Unmarshal([]byte(text), &a))
	return a
}

// granted is an operation that is in force in the story, at a tier where nothing more is asked.
func (h *house) granted() (agent, capability, operation, system string) {
	h.t.Helper()
	capability = h.All(h.t, "SELECT m.capability_id FROM matrix_rows m WHERE m.mandate_id <> '' AND m.holds = 0 AND m.tier_rank < 2 AND m.until_at > (SELECT at FROM ledger_head) ORDER BY m.agent_name, m.capability_id")[0]
	agent = h.One(h.t, "SELECT agent_id FROM capabilities WHERE id = '"+capability+"'")
	var doc models.Document
	require.NoError(h.t, json.Unmarshal([]byte(h.One(h.t, "SELECT v.document FROM versions v JOIN mandates m ON m.version_id = v.id WHERE m.ended_at IS NULL AND m.capability_id = '"+capability+"'")), &doc))
	return agent, capability, doc.Facts[0].Operation, doc.Facts[0].SystemID
}

func evaluation(agent, operation, system, context string) string {
	body, _ := json.Marshal(map[string]any{"subject": map[string]any{"type": "agent", "id": agent}, "action": map[string]any{"name": operation},
		"resource": map[string]any{"type": system, "id": "x"}, "context": json.RawMessage(context)})
	return string(body)
}

// TestAccess is the decision point over HTTP, in the story's organisation.
func TestAccess(t *testing.T) {
	h := newHouse(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *house)
	}{{"keys", accessKeys}, {"refuses", accessRefuses}, {"batch", accessBatch}, {"evaluation", accessEvaluation}} {
		t.Run(part.name, func(t *testing.T) { part.run(t, &house{h.Org, t}) })
	}
}

func accessEvaluation(t *testing.T, h *house) {
	gw := h.gateway("csgw_front_12345678", nil)
	agent, capability, operation, system := h.granted()
	body := evaluation(agent, operation, system, `{"capability":"`+capability+`","sensitivity":"public"}`)

	yes := gw.ask(body)
	require.True(t, yes.Decision, yes)
	require.Equal(t, capability, yes.Context.Capability)
	no := gw.ask(evaluation(agent, "nothing.such", system, `{"capability":"`+capability+`"}`))
	require.False(t, no.Decision)
	require.Equal(t, "scope.operation", no.Context.Rule)
	require.NotEmpty(t, no.Context.Remedy)
	require.NotEmpty(t, no.Context.Who)
	require.NotEmpty(t, no.Context.ReasonUser["en"])

	_, header, text := gw.send("/access/v1/evaluation", body, func(r *http.Request) { r.Header.Set("X-Request-ID", "mine-1") })
	require.Equal(t, "mine-1", header.Get("X-Request-ID"))
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	require.Contains(t, text, `"decision":true`)

	t.Run("metadata", func(t *testing.T) {
		page := h.Client(t).Get("/.well-known/authzen-configuration", http.StatusOK)
		var m map[string]string
		require.NoError(t, json.Unmarshal([]byte(page.Body), &m))
		require.Equal(t, map[string]string{"policy_decision_point": h.URL, "access_evaluation_endpoint": h.URL + "/access/v1/evaluation", "access_evaluations_endpoint": h.URL + "/access/v1/evaluations",
			"search_action_endpoint": h.URL + "/access/v1/search/action"}, m)
	})

	t.Run("the client", func(t *testing.T) {
		c := client.New(h.URL, gw.key)
		req := client.Request{Subject: client.Agent(agent), Action: client.Action{Name: operation}, Resource: client.Entity{Type: system, ID: "x"}, Context: map[string]any{"capability": capability, "sensitivity": "public"}}
		got, err := c.Evaluate(t.Context(), req)
		require.NoError(t, err)
		require.True(t, got.Allow, got)
		require.NotEmpty(t, got.ID)
		other := req
		other.Action.Name = "nothing.such"
		all, err := c.EvaluateAll(t.Context(), req, other)
		require.NoError(t, err)
		require.True(t, all[0].Allow)
		require.False(t, all[1].Allow)
		require.NotEmpty(t, all[1].Reason)
		_, err = client.New(h.URL, "csgw_unknown").Evaluate(t.Context(), req)
		require.ErrorContains(t, err, "401")
	})

	t.Run("a stop by the page", func(t *testing.T) {
		require.True(t, gw.ask(body).Decision)
		owner := h.One(t, "SELECT owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")
		subject := h.One(t, "SELECT subject FROM accounts WHERE person_id = '"+owner+"'")
		c := h.as(subject)
		page := c.Get("/capabilities/"+capability+"/stop", http.StatusOK)
		c.Submit(page, "form[action$='/stop']", app.Values{"target": "capability", "cause": "It answers wrongly"}, http.StatusOK)
		got := gw.ask(body)
		require.False(t, got.Decision)
		require.Equal(t, "hold.stop", got.Context.Rule)
	})
}

// Whatever is not a request with an open key is refused as the standard says, and leaves
// nothing in the log.
func accessRefuses(t *testing.T, h *house) {
	gw := h.gateway("csgw_refused_12345678", nil)
	agent, _, operation, system := h.granted()
	good := evaluation(agent, operation, system, `{}`)
	gw.ask(good)
	rows := func() int64 {
		d, err := h.Store.Decisions(t.Context())
		require.NoError(t, err)
		return d.Logged()
	}
	before := rows()
	for name, c := range map[string]struct {
		body   string
		change func(*http.Request)
		status int
	}{
		"no key":         {good, func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		"another scheme": {good, func(r *http.Request) { r.Header.Set("Authorization", "Basic "+gw.key) }, 401},
		"another key":    {good, func(r *http.Request) { r.Header.Set("Authorization", "Bearer csgw_other") }, 401},
		"its hash": {good, func(r *http.Request) {
			hash, _ := models.GatewayKeyOf(gw.key)
			r.Header.Set("Authorization", "Bearer "+hash)
		}, 401},
		"another type":        {good, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 400},
		"no type":             {good, func(r *http.Request) { r.Header.Del("Content-Type") }, 400},
		"empty":               {"", nil, 400},
		"not JSON":            {"{", nil, 400},
		"two":                 {good + good, nil, 400},
		"an array":            {"[" + good + "]", nil, 400},
		"a name twice":        {strings.Replace(good, `"action"`, `"subject":{"type":"agent","id":"agt_x"},"action"`, 1), nil, 400},
		"not UTF-8":           {strings.Replace(good, agent, agent+"\xff", 1), nil, 400},
		"deep":                {strings.Replace(good, `"context":{}`, `"context":{"x":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+`}`, 1), nil, 400},
		"huge":                {strings.Replace(good, `"context":{}`, `"context":{"x":"`+strings.Repeat("y", 100_000)+`"}`, 1), nil, 413},
		"no subject":          {`{"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"no id":               {`{"subject":{"type":"agent"},"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"a number for an id":  {`{"subject":{"type":"agent","id":7},"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"null for a name":     {`{"subject":{"type":"agent","id":"a"},"action":{"name":null},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"a line in an id":     {`{"subject":{"type":"agent","id":"a\nb"},"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"a NUL":               {`{"subject":{"type":"agent","id":"a\u0000"},"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"a long id":           {`{"subject":{"type":"agent","id":"` + strings.Repeat("a", 2000) + `"},"action":{"name":"a"},"resource":{"type":"t","id":"i"}}`, nil, 400},
		"volume zero":         {evaluation(agent, operation, system, `{"volume":0}`), nil, 400},
		"volume below zero":   {evaluation(agent, operation, system, `{"volume":-5}`), nil, 400},
		"volume huge":         {evaluation(agent, operation, system, `{"volume":1e300}`), nil, 400},
		"a task of a number":  {evaluation(agent, operation, system, `{"capability":7}`), nil, 400},
		"a chain of text":     {evaluation(agent, operation, system, `{"act":"agt_1"}`), nil, 400},
		"a chain without end": {evaluation(agent, operation, system, `{"act":`+strings.Repeat(`{"sub":"a","act":`, 20)+`{"sub":"a"}`+strings.Repeat("}", 20)+`}`), nil, 400},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, text := gw.send("/access/v1/evaluation", c.body, c.change)
			require.Equal(t, c.status, status, text)
			if status == 401 {
				require.Contains(t, header.Get("WWW-Authenticate"), "Bearer")
			}
			require.NotContains(t, text, `"decision":true`)
		})
	}
	require.Equal(t, before, rows(), "what is no request is not decided")
	h.as("adam").Get("/access/v1/evaluation", http.StatusMethodNotAllowed)
}

// A key of a team learns nothing of another's agents, and one that was revoked or ran
// out learns nothing at all.
func accessKeys(t *testing.T, h *house) {
	agent, capability, operation, system := h.granted()
	owner := h.One(t, "SELECT owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")
	other := h.All(t, "SELECT id FROM teams WHERE id NOT IN (SELECT team_id FROM team_members WHERE left_at IS NULL AND person_id = '"+owner+"')")[0]
	body := evaluation(agent, operation, system, `{"capability":"`+capability+`","sensitivity":"public"}`)
	require.Equal(t, "gateway.scope", h.gateway("csgw_other_team_12345678", func(f *models.GatewayForm) { f.Team = other }).ask(body).Context.Rule)
	own := h.All(t, "SELECT team_id FROM team_members WHERE left_at IS NULL AND person_id = '"+owner+"'")[0]
	gw := h.gateway("csgw_own_team_12345678", func(f *models.GatewayForm) { f.Team = own })
	require.True(t, gw.ask(body).Decision)

	act := models.Act{ID: store.NewActID(), Person: h.One(t, "SELECT person_id FROM grants WHERE role = 'administrator' AND ended_at IS NULL ORDER BY person_id LIMIT 1"), AuthAt: models.At(time.Now())}
	_, err := h.Store.DecideGateway(t.Context(), act, store.GatewayLookup{Gateway: gw.id}, func(f models.GatewayFacts) (models.Change, error) { return f.RevokeGateway("It leaked") })
	require.NoError(t, err)
	status, _, _ := gw.send("/access/v1/evaluation", body, nil)
	require.Equal(t, http.StatusUnauthorized, status)
}

func accessBatch(t *testing.T, h *house) {
	gw := h.gateway("csgw_batch_12345678", nil)
	agent, capability, operation, system := h.granted()
	batch := func(options, items string) (int, []answered) {
		status, _, text := gw.send("/access/v1/evaluations", `{"subject":{"type":"agent","id":"`+agent+`"},"resource":{"type":"`+system+`","id":"x"},"context":{"capability":"`+capability+`","sensitivity":"public"},
			"options":{`+options+`},"evaluations":[`+items+`]}`, nil)
		var out struct{ Evaluations []answered }
		if status == http.StatusOK {
			require.NoError(t, json.Unmarshal([]byte(text), &out))
		}
		return status, out.Evaluations
	}
	decisions := func(all []answered) (out []bool) {
		for _, a := range all {
			out = append(out, a.Decision)
		}
		return out
	}
	yes, no, bad := `{"action":{"name":"`+operation+`"}}`, `{"action":{"name":"nothing"}}`, `{"action":{}}`
	_, all := batch("", strings.Join([]string{yes, no, bad, yes}, ","))
	require.Equal(t, []bool{true, false, false, true}, decisions(all))
	require.Equal(t, 400, all[2].Context.Error.Status)
	_, all = batch(`"evaluations_semantic":"deny_on_first_deny"`, strings.Join([]string{yes, no, yes}, ","))
	require.Equal(t, []bool{true, false}, decisions(all))
	_, all = batch(`"evaluations_semantic":"permit_on_first_permit"`, strings.Join([]string{no, yes, yes}, ","))
	require.Equal(t, []bool{false, true}, decisions(all))
	status, _ := batch(`"evaluations_semantic":"whatever"`, yes)
	require.Equal(t, 400, status)
	status, _ = batch("", strings.TrimSuffix(strings.Repeat(no+",", 300), ","))
	require.Equal(t, 400, status)
	status, _, text := gw.send("/access/v1/evaluations", evaluation(agent, operation, system, `{"capability":"`+capability+`","sensitivity":"public"}`), nil)
	require.Equal(t, 200, status)
	require.Contains(t, text, `"decision":true`, "without evaluations it is one request")
}
