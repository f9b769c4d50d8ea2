package policy

import (
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cedar-policy/cedar-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"countersign/models"
)

var noon = models.At(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) // a Monday

func inForce(t require.TestingT, change func(*models.InForce)) *Capability {
	c := models.InForce{CapabilityID: "cap_1", AgentID: "agt_1", AgentName: "Onboarding", MandateID: "man_1", VersionID: "ver_1", Digest: "d1", OwnerID: "anna", ProvisionerID: "pete", ControlOwnerID: "carl",
		Signers: []string{"udo"}, UntilAt: noon + models.Day, Document: models.Document{AgentID: "agt_1", CapabilityID: "cap_1", AgentRevision: "m1", Tier: models.Low,
			Task:  models.Task{Title: "Onboards", Sensitivity: "internal", VolumeLimit: 10},
			Facts: []models.Fact{{OperationID: "opr_1", Operation: "tickets.write", SystemID: "sys_1", System: "Tickets", Access: "write", Sensitivity: "internal", Resources: []string{"hr-*"}}}}}
	if change != nil {
		change(&c)
	}
	out, err := NewCapability(c)
	require.NoError(t, err)
	return out
}

func world1(caps ...*Capability) *Snapshot {
	agents := map[string]*Agent{}
	for _, c := range caps {
		if agents[c.AgentID] == nil {
			agents[c.AgentID] = &Agent{ID: c.AgentID, Name: c.AgentName, Subjects: []models.Subject{{Issuer: "https://idp.example", Subject: "bot"}}}
		}
		agents[c.AgentID].Capabilities = append(agents[c.AgentID].Capabilities, c)
	}
	return (*Snapshot)(nil).With(1, 1, Parts{Agents: agents, People: map[string]Person{"anna": {"Anna", []string{"hr"}}, "pete": {Name: "Pete"}, "carl": {Name: "Carl"}}})
}

func ask(change func(*Request)) Request {
	r := Request{Subject: Entity{Type: "agent", ID: "agt_1"}, Action: "tickets.write", Resource: Entity{Type: "Tickets", ID: "hr-7"}, Context: Context{Volume: 1}}
	if change != nil {
		change(&r)
	}
	return r
}

func unused(string) int64 { return 0 }

func TestEveryRuleSaysNo(t *testing.T) {
	type c = *models.InForce
	type r = *Request
	hold := func(kind, id string) Parts {
		return Parts{Holds: map[Target]models.Hold{{kind, id}: {Kind: models.HoldStop, TargetKind: kind, TargetID: id}}}
	}
	team := "finance"
	forbids := func(text string) Parts {
		f := NewForbids([]models.Forbid{{ID: "fbd_1", Text: text}})
		return Parts{Forbids: &f}
	}
	for _, x := range []struct {
		rule    string
		of      func(c)
		request func(r)
		parts   Parts
		gw      models.Gateway
		used    int64
	}{
		{rule: "allow"},
		{rule: "allow", request: func(r r) { r.Subject = Entity{Type: "user", ID: "bot"} }, gw: models.Gateway{Issuer: "https://idp.example"}},
		{rule: "agent.unknown", request: func(r r) { r.Subject = Entity{Type: "user", ID: "bot"} }},
		{rule: "agent.unknown", request: func(r r) { r.Subject.ID = "agt_2" }},
		{rule: "task.unknown", request: func(r r) { r.Context.Capability = "cap_2" }},
		{rule: "gateway.scope", gw: models.Gateway{TeamID: &team}},
		{rule: "scope.operation", request: func(r r) { r.Action = "tickets.delete" }},
		{rule: "scope.operation", request: func(r r) { r.Resource.Type = "Other" }},
		{rule: "scope.resource", request: func(r r) { r.Resource.ID = "it-7" }},
		{rule: "hold.stop", parts: hold(models.OnCapability, "cap_1")},
		{rule: "hold.stop", parts: hold(models.OnAgent, "agt_1")},
		{rule: "hold.stop", parts: hold(models.OnPerson, "udo")},
		{rule: "hold.stop", parts: hold(models.OnTeam, "hr")},
		{rule: "hold.stop", parts: hold(models.OnSystem, "sys_1")},
		{rule: "hold.stop", parts: hold(models.OnIssuer, "https://idp.example")},
		{rule: "hold.stop", parts: hold(models.OnAll, "")},
		{rule: "allow", parts: hold(models.OnTeam, "finance")},
		{rule: "mandate.until", of: func(c c) { c.UntilAt = noon }},
		{rule: "chain.agent", request: func(r r) { r.Context.Chain = []Hop{{Agent: "agt_9"}} }},
		{rule: "chain.task", request: func(r r) { r.Context.Chain = []Hop{{Agent: "agt_1", Capability: "cap_9"}} }},
		{rule: "manifest.unsigned", request: func(r r) { r.Context.Manifest = "m2" }},
		{rule: "allow", request: func(r r) { r.Context.Manifest = "m1" }},
		{rule: "manifest.unstated", of: func(c c) { c.Document.Tier = models.High }},
		{rule: "boundary.sensitivity", request: func(r r) { r.Context.Sensitivity = "confidential" }},
		{rule: "boundary.sensitivity", request: func(r r) { r.Context.Sensitivity = "Public" }},
		{rule: "boundary.sensitivity", of: func(c c) { c.Document.Facts[0].Sensitivity = "" }},
		{rule: "allow", of: func(c c) { c.Document.Facts[0].Sensitivity = "restricted" }, request: func(r r) { r.Context.Sensitivity = "public" }},
		{rule: "boundary.window", of: func(c c) { c.Document.Task.Windows = "Mon-Fri 13:00-14:00 UTC" }},
		{rule: "allow", of: func(c c) { c.Document.Task.Windows = "Mon-Fri 12:00-14:00 UTC" }},
		{rule: "boundary.environment", request: func(r r) { r.Context.Environment = "production" }},
		{rule: "boundary.volume", used: 10},
		{rule: "boundary.volume", request: func(r r) { r.Context.Volume = 3 }, used: 8},
		{rule: "allow", request: func(r r) { r.Context.Volume = 2 }, used: 8},
		{rule: "approval.required", of: func(c c) {
			c.Document.Tier, c.Document.Facts[0].Effects = models.Critical, []string{"outbound-payment"}
		}, request: func(r r) { r.Context.Manifest = "m1" }},
		{rule: "condition.false", of: func(c c) { c.Document.Scope.When = `context.properties has ok` }},
		{rule: "condition.error", of: func(c c) { c.Document.Scope.When = `context.properties.ok == 1` }},
		{rule: "allow", of: func(c c) { c.Document.Scope.When = `context.properties.ok == 1` }, request: func(r r) { r.Context.Said = `{"ok":1}` }},
		{rule: "forbid", parts: forbids(`forbid (principal, action, resource) when { action.access == "write" };`)},
		{rule: "allow", parts: forbids(`forbid (principal, action, resource) when { action.access == "permissions" };`)},
		{rule: "forbid.error", parts: forbids(`forbid (principal, action, resource) when { context.nothing };`)},
		{rule: "forbid.error", parts: forbids(`nonsense`)},
	} {
		s := world1(inForce(t, x.of)).With(2, 2, x.parts)
		got := s.Answer(ask(x.request), x.gw, noon, func(string) int64 { return x.used })
		require.Equal(t, x.rule, got.Rule, "%+v", got)
		require.Equal(t, x.rule == "allow", got.Allow)
		require.NotEmpty(t, got.Says)
		require.Equal(t, got.Allow, got.Remedy == "", "a no says what would make it a yes")
	}
}

func TestATaskIsNamedWhereTwoCoverTheAction(t *testing.T) {
	two := inForce(t, func(c *models.InForce) { c.CapabilityID = "cap_2" })
	s := world1(inForce(t, nil), two)
	require.Equal(t, "task.ambiguous", s.Answer(ask(nil), models.Gateway{}, noon, unused).Rule)
	named := s.Answer(ask(func(r *Request) { r.Context.Capability = "cap_2" }), models.Gateway{}, noon, unused)
	require.True(t, named.Allow)
	require.Equal(t, "cap_2", named.Capability.CapabilityID)
}

func TestEachHopOfAChainNeedsItsOwn(t *testing.T) {
	other := inForce(t, func(c *models.InForce) { c.AgentID, c.CapabilityID, c.OwnerID = "agt_2", "cap_2", "olga" })
	s := world1(inForce(t, nil), other)
	req := ask(func(r *Request) { r.Context.Chain = []Hop{{Agent: "agt_2"}} })
	got := s.Answer(req, models.Gateway{}, noon, unused)
	require.True(t, got.Allow)
	require.Equal(t, "olga", got.Chain[0].OwnerID)
	held := s.With(2, 2, Parts{Holds: map[Target]models.Hold{{models.OnPerson, "olga"}: {Kind: models.HoldLeaver}}})
	require.Equal(t, "chain.hold.leaver", held.Answer(req, models.Gateway{}, noon, unused).Rule)
}

// The text that people sign is what is enforced: an engine that reads the compiled
// Cedar gives the same answer as the index.
func TestTheIndexAnswersAsTheSignedText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		c := inForce(t, func(c *models.InForce) {
			d := &c.Document
			d.Facts = nil
			for i := range rapid.IntRange(1, 4).Draw(t, "facts") {
				f := models.Fact{OperationID: "opr_" + string(rune('a'+i)), Operation: pick("operation", "read", "write", "wri"), SystemID: pick("system", "sys_1", "sys_2"), Sensitivity: "internal"}
				f.Resources = rapid.SliceOfN(rapid.SampledFrom([]string{"*", "hr-*", "*-7", "hr-7", "h*r*7", `a\*`, "ü*", ""}), 0, 3).Draw(t, "resources")
				d.Facts = append(d.Facts, f)
			}
			d.Task = models.Task{Sensitivity: pick("boundary", "public", "internal", "confidential"), VolumeLimit: rapid.IntRange(0, 5).Draw(t, "limit"), Windows: pick("windows", "", "Mon 10:00-14:00 UTC", "Tue 10:00-14:00 UTC; Mon 12:00-12:01 UTC")}
			d.Scope.When = pick("when", "", `context.properties.x == "y"`, `resource.name like "*7" && context.volume < 3`)
		})
		req := ask(func(r *Request) {
			r.Action, r.Resource = pick("asked", "read", "write", "other"), Entity{Type: pick("of", "sys_1", "sys_2"), ID: pick("resource", "hr-7", "hr-", "x-7", "", `a\*`, `a\b`, "übung", "hr-\n7")}
			r.Context = Context{Volume: rapid.Int64Range(1, 4).Draw(t, "volume"), Sensitivity: pick("says", "public", "internal", "confidential", "restricted"), Said: Properties(`{"x":"` + pick("x", "y", "z") + `"}`)}
		})
		used, at := rapid.Int64Range(0, 5).Draw(t, "used"), noon+models.Instant(rapid.Int64Range(0, int64(2*models.Day)).Draw(t, "at"))
		c.UntilAt = noon + 9*models.Day
		text, err := Compile(compiled(c))
		require.NoError(t, err)
		ps, err := cedar.NewPolicySetFromBytes("version.cedar", []byte(text))
		require.NoError(t, err)
		said, err := saidBy(req)
		require.NoError(t, err)
		entities, asked := world(req, said, c, nil, &grant{system: req.Resource.Type}, sensitivity(req.Context.Sensitivity), used, at)
		decision, diag := cedar.Authorize(ps, entities, asked)
		require.Empty(t, diag.Errors)
		got := world1(c).Answer(req, models.Gateway{}, at, func(string) int64 { return used })
		require.Equal(t, bool(decision), got.Allow, "%s: %s\n%s", got.Rule, got.Says, text)
	})
}

// compiled is the document that a capability was made of, as far as Compile looks at it.
func compiled(c *Capability) models.Document {
	d := models.Document{AgentID: c.AgentID, CapabilityID: c.CapabilityID, Task: models.Task{Sensitivity: sensitivityWord(c.sensitivity), VolumeLimit: int(c.limit)}, Scope: models.Scope{When: c.when}}
	for i, w := range c.windows {
		if i > 0 {
			d.Task.Windows += "; "
		}
		d.Task.Windows += w.String()
	}
	for _, g := range c.grants {
		d.Facts = append(d.Facts, models.Fact{OperationID: g.operationID, Operation: g.operation, SystemID: g.system, Resources: slices.Clone(g.resources)})
	}
	return d
}

func TestConditionsStayConditions(t *testing.T) {
	for _, good := range []string{"", `context.volume < 3`, "true // as said", `context.x == "}; permit"`} {
		require.NoError(t, CheckCondition(good), good)
	}
	for _, bad := range []string{"}", "true }; permit (principal, action, resource) when { true", "1 +", "permit (principal, action, resource);", `"`} {
		require.Error(t, CheckCondition(bad), bad)
	}
}

func validText(s string) bool { return utf8.ValidString(s) }

func FuzzMatches(f *testing.F) {
	f.Add("hr-*", "hr-7")
	f.Add("*a*b*", "xaybz")
	f.Fuzz(func(t *testing.T, p, name string) {
		if len(p) > 50 || len(name) > 50 || !validText(p) || !validText(name) {
			return
		}
		ps, err := cedar.NewPolicySetFromBytes("x", []byte("permit (principal, action, resource) when { context.name like "+pattern(p)+" };"))
		require.NoError(t, err)
		ok, _ := cedar.Authorize(ps, nil, cedar.Request{Context: cedar.NewRecord(cedar.RecordMap{"name": cedar.String(name)})})
		require.Equal(t, bool(ok), matches(p, name))
	})
}
