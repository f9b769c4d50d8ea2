package world

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/models"
	"countersign/store"
)

// The todo application of the AuthZEN working group's interoperability scenario: five
// people, of whom one administers, two edit their own and two look. Here they are agents
// that a gateway names by the subjects of its issuer: in two revisions of the vectors by
// their address, in two by an opaque id.
var citizens = []struct{ name, address, id, role string }{
	{"Rick", "rick@the-citadel.com", "CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "admin"},
	{"Morty", "morty@the-citadel.com", "CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "editor"},
	{"Summer", "summer@the-smiths.com", "CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "editor"},
	{"Beth", "beth@the-smiths.com", "CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "viewer"},
	{"Jerry", "jerry@the-smiths.com", "CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "viewer"},
}

const citadel = "https://citadel.example"

// routes are what the scenario's API gateway asks about.
var routes = []struct {
	method, path string
	roles        string // who may
}{
	{"GET", "/users/{userId}", "admin editor viewer"},
	{"GET", "/todos", "admin editor viewer"},
	{"POST", "/todos", "admin editor"},
	{"PUT", "/todos/{todoId}", "admin editor"},
	{"DELETE", "/todos/{todoId}", "admin editor"},
}

func TestTheInteroperabilityScenario(t *testing.T) {
	const key = "csgw_interoperability"
	a := app.Start(t, apptest.SQLiteURL(t), app.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), app.Seed(func(ctx context.Context, st *store.Store, issuer string) error {
		return theCitadel(ctx, st, issuer, key)
	}))
	ask := func(path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode, "%s", text)
		return string(text)
	}
	decision := func(body string) bool {
		var out struct{ Decision bool }
		require.NoError(t, json.Unmarshal([]byte(ask("/access/v1/evaluation", body)), &out))
		return out.Decision
	}
	for _, c := range citizens {
		for _, id := range []string{c.address, c.id} {
			writes, all := c.role != "viewer", c.role == "admin"
			for _, x := range []struct {
				action, resource string
				want             bool
			}{
				{"can_read_user", `{"type":"user","id":"beth@the-smiths.com"}`, true},
				{"can_read_user", `{"type":"user","id":"` + c.address + `","userID":"x"}`, true},
				{"can_read_todos", `{"type":"todo","id":"todo-1"}`, true},
				{"can_create_todo", `{"type":"todo","id":"todo-1"}`, writes},
				{"can_update_todo", `{"type":"todo","id":"7240d0db-8ff0-41ec-98b2-34a096273b92","properties":{"ownerID":"rick@the-citadel.com"}}`, all},
				{"can_update_todo", `{"type":"todo","id":"7240d0db-8ff0-41ec-98b2-34a096273b91","properties":{"ownerID":"` + c.address + `"}}`, writes},
				{"can_delete_todo", `{"type":"todo","id":"7240d0db-8ff0-41ec-98b2-34a096273b92","properties":{"ownerID":"rick@the-citadel.com"}}`, all},
				{"can_delete_todo", `{"type":"todo","id":"7240d0db-8ff0-41ec-98b2-34a096273b91","properties":{"ownerID":"` + c.address + `"}}`, writes},
				{"can_update_todo", `{"type":"todo","id":"todo-1"}`, all}, // nobody says whose it is
			} {
				body := fmt.Sprintf(`{"subject":{"type":"user","id":%q,"identity":"y"},"action":{"name":%q},"resource":%s}`, id, x.action, x.resource)
				require.Equal(t, x.want, decision(body), "%s: %s", c.name, body)
			}
		}
		for _, x := range routes {
			body := fmt.Sprintf(`{"subject":{"type":"identity","id":%q},"action":{"name":%q},"resource":{"type":"route","id":%q}}`, c.id, x.method, x.path)
			require.Equal(t, strings.Contains(x.roles, c.role), decision(body), "%s: %s", c.name, body)
		}
		// Two changes at once: of what Rick has, and of what Jerry has.
		text := ask("/access/v1/evaluations", fmt.Sprintf(`{"subject":{"type":"user","id":%q},"action":{"name":"can_update_todo"},"evaluations":[
			{"resource":{"type":"todo","id":"1","properties":{"ownerID":"rick@the-citadel.com"}}},{"resource":{"type":"todo","id":"2","properties":{"ownerID":%q}}}]}`, c.id, c.address))
		var out struct {
			Evaluations []struct{ Decision bool }
		}
		require.NoError(t, json.Unmarshal([]byte(text), &out))
		require.Equal(t, []bool{c.role == "admin", c.role != "viewer"}, []bool{out.Evaluations[0].Decision, out.Evaluations[1].Decision}, c.name)
	}
}

// theCitadel is the scenario in this product's terms: systems, agents, and tasks that were
// signed off.
func theCitadel(ctx context.Context, st *store.Store, issuer, key string) error {
	c, err := interop(ctx, st, issuer)
	if err != nil {
		return err
	}
	read := []operation{{"can_read_user", "Read", "read", nil}}
	todo := []operation{{"can_read_todos", "Read", "read", nil}, {"can_create_todo", "Create", "write", nil}, {"can_update_todo", "Change", "write", nil}, {"can_delete_todo", "Delete", "write", nil}}
	http := []operation{{"GET", "Get", "read", nil}, {"POST", "Post", "write", nil}, {"PUT", "Put", "write", nil}, {"DELETE", "Delete", "write", nil}}
	c.system(system{"user", "saas", "internal", "Platform", "People of the todo application", read, ""}, "")
	c.system(system{"todo", "saas", "internal", "Platform", "The todo application", todo, ""}, "")
	c.system(system{"route", "saas", "internal", "Platform", "Its API gateway", http, ""}, "")
	for _, x := range citizens {
		agent := c.bound(x.name, "Works in the todo application", x.address, x.id)
		may := func(title, when string, grants ...grant) {
			p := leaveQuestions
			p.title, p.grants, p.when, p.secrets, p.volume = title, grants, when, nil, 1000
			c.write(agent, "anna", "pete", "carlos", p).propose(p).sign("xu")
		}
		reads := []grant{{"can_read_user", nil}, {"can_read_todos", nil}}
		var calls []grant
		for _, r := range routes {
			if strings.Contains(r.roles, x.role) {
				calls = append(calls, grant{r.method, nil})
			}
		}
		may("Looks", "", reads...)
		may("Calls routes", "", once(calls)...)
		switch x.role {
		case "admin":
			may("Keeps all", "", grant{"can_create_todo", nil}, grant{"can_update_todo", nil}, grant{"can_delete_todo", nil})
		case "editor":
			may("Creates", "", grant{"can_create_todo", nil})
			may("Keeps its own", `resource.properties has ownerID && resource.properties.ownerID == "`+x.address+`"`, grant{"can_update_todo", nil}, grant{"can_delete_todo", nil})
		}
	}
	return c.door(key)
}

// interop is an empty organisation for a scenario of the working group.
func interop(ctx context.Context, st *store.Store, issuer string) (*cast, error) {
	clock := &Clock{now: models.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))} // what the store's says is later
	c := &cast{ctx: ctx, store: st, clock: clock, issuer: issuer, pace: 0, forgotten: map[string]bool{}, people: map[string]string{}, teams: map[string]string{}, ops: map[string]string{}, secret: map[string]string{}}
	if c.keys, c.err = ring(issuer); c.err != nil {
		return nil, c.err
	}
	organisation(c)
	return c, c.err
}

// bound registers an agent that is known by subjects of the scenario's issuer.
func (c *cast) bound(name, purpose string, subjects ...string) (agent string) {
	m := manifest(name, purpose, "model-1", "production")
	m.Bindings = nil
	for _, s := range subjects {
		m.Bindings = append(m.Bindings, models.Identity{Issuer: citadel, Subject: s, Audience: "countersign"})
	}
	agent = c.agent("anna", "", store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) }).Subject
	for _, step := range models.ManifestSteps {
		c.agent("anna", agent, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.SaveStep(step.Value, m, f.Agent.Rev) })
	}
	c.agent("anna", agent, store.Lookup{}, models.AgentFacts.Register)
	return agent
}

// door makes the key of the scenario's gateway.
func (c *cast) door(key string) error {
	if c.err != nil {
		return c.err
	}
	hash, hint := models.GatewayKeyOf(key)
	_, err := c.store.DecideGateway(c.ctx, c.act("adam"), store.GatewayLookup{}, func(f models.GatewayFacts) (models.Change, error) {
		return f.MakeGateway(models.GatewayForm{Name: "The citadel", Issuer: citadel, Days: 30, Hash: hash, Hint: hint})
	})
	return err
}

// once leaves each operation in once.
func once(grants []grant) (out []grant) {
	seen := map[string]bool{}
	for _, g := range grants {
		if !seen[g.op] {
			seen[g.op] = true
			out = append(out, g)
		}
	}
	return out
}
