package store

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/ledger/passkey"
	"countersign/ledger/passkey/soft"
	"countersign/models"
	"countersign/policy"
)

// house is a small organisation made through the product's own acts, for tests.
type house struct {
	*Store
	t      testing.TB
	clock  *models.Instant
	people map[string]string // by first name: anna olga (owners), pete (provisioner), carl (control owner), xena yuri zoe (approvers of three teams), adam eve (administrators), udo (auditor)
	teams  map[string]string
	ops    map[string]string // read write pay
	keys   *soft.Ring        // the approvers' passkeys
	url    string            // of the database, for a replica
	n      int

	snapshotSeen *policy.Snapshot // that checkSnapshot looked at last
}

// eachHouse runs a test on both engines, each with a house of its own.
func eachHouse(t *testing.T, run func(t *testing.T, h *house)) {
	apptest.EachDatabase(t, func(t *testing.T, url string) { run(t, newHouse(t, url)) })
}

func newHouse(t testing.TB, url string) *house {
	now := models.At(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	h := &house{t: t, clock: &now, people: map[string]string{}, teams: map[string]string{}, ops: map[string]string{}}
	party, err := passkey.New("https://countersign.example")
	require.NoError(t, err)
	h.keys = soft.NewRing(party)
	if strings.HasPrefix(url, "postgres") {
		url += "&synchronous_commit=off" // nobody misses what a test loses with the machine
	}
	h.url = url
	s, err := Open(context.Background(), url, WithClock(h.tick))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(context.Background()))
	h.Store = s
	if s.engine == SQLite {
		require.NoError(t, plain(s).Exec("PRAGMA synchronous = OFF").Error)
	}
	require.NoError(t, s.Bootstrap(context.Background(), []models.Login{{Issuer: "https://idp.example", Subject: "adam", Name: "Adam"}}))
	in, err := s.SignIn(context.Background(), models.Login{Issuer: "https://idp.example", Subject: "adam", Name: "Adam"})
	require.NoError(t, err)
	h.people["adam"] = in.Person.Person.ID
	for _, team := range []string{"Human Resources", "Platform", "Security", "Finance", "Risk"} {
		h.teams[team] = h.admin("adam", AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam(team) }).Subject
	}
	h.person("eve", "Platform", models.Administrator)
	h.person("anna", "Human Resources", models.BusinessOwner)
	h.person("olga", "Finance", models.BusinessOwner)
	h.person("pete", "Platform", models.Provisioner)
	h.person("paul", "Platform", models.Provisioner)
	h.person("carl", "Security", models.ControlOwner)
	h.person("cleo", "Security", models.ControlOwner)
	h.person("xena", "Risk", models.Approver)
	h.person("yuri", "Finance", models.Approver)
	h.person("zoe", "Risk", models.Approver)
	h.person("udo", "Risk", models.Auditor)
	for _, name := range []string{"xena", "yuri", "zoe"} {
		h.admin(name, AdminLookup{Passkeys: true}, h.keys.Add)
	}
	sys := h.catalogue(CatalogueLookup{}, func(f models.CatalogueFacts) (models.Change, error) {
		return f.SaveSystem(models.System{Name: "HR desk", Kind: "saas", Sensitivity: "internal", CustodianTeamID: h.teams["Platform"]}, 0)
	}).Subject
	for name, op := range map[string]models.Operation{
		"read":  {Name: "tickets.read", Title: "Read tickets", Access: "read"},
		"write": {Name: "tickets.write", Title: "Answer tickets", Access: "write"},
		"pay":   {Name: "payroll.pay", Title: "Pay out", Access: "write"},
		"infra": {Name: "infra.change", Title: "Change servers", Access: "write"},
	} {
		effects := map[string][]string{"pay": {"outbound-payment"}, "infra": {"modifies-infrastructure"}}[name]
		h.ops[name] = h.catalogue(CatalogueLookup{System: sys, OperationName: op.Name}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveOperation(op, effects, 0)
		}).Subject
	}
	return h
}

// tick is the house's clock: like any, it is later each time that it is looked at.
func (h *house) tick() models.Instant {
	return models.Instant(atomic.AddInt64((*int64)(h.clock), 1))
}

func (h *house) act(name string) models.Act {
	return models.Act{ID: NewActID(), Person: h.people[name], AuthAt: models.Instant(atomic.LoadInt64((*int64)(h.clock)))}
}

func (h *house) admin(by string, look AdminLookup, rule func(models.AdminFacts) (models.Change, error)) models.Receipt {
	h.t.Helper()
	r, err := h.DecideAdmin(context.Background(), h.act(by), look, rule)
	require.NoError(h.t, err)
	return r
}

func (h *house) catalogue(look CatalogueLookup, rule func(models.CatalogueFacts) (models.Change, error)) models.Receipt {
	h.t.Helper()
	r, err := h.DecideCatalogue(context.Background(), h.act("adam"), look, rule)
	require.NoError(h.t, err)
	return r
}

// person adds a person with an account, a team and a role. Linking takes two.
func (h *house) person(name, team string, r models.Role) {
	h.t.Helper()
	ctx := context.Background()
	id := h.admin("adam", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.AddPerson(name, name+"@example.org", "") }).Subject
	h.people[name] = id
	h.admin("adam", AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, r) })
	h.admin("adam", AdminLookup{People: []string{id}, Team: h.teams[team]}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetMember(h.teams[team], id, true)
	})
	if name == "eve" {
		return
	}
	in, err := h.SignIn(ctx, models.Login{Issuer: "https://idp.example", Subject: name, Name: name})
	require.NoError(h.t, err)
	link := h.admin("adam", AdminLookup{People: []string{id}, Accounts: []string{in.AccountID}}, func(f models.AdminFacts) (models.Change, error) {
		return f.ProposeLink(in.AccountID, id, "New colleague")
	}).Subject
	h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
}

// agent is a registered agent of an owner.
func (h *house) agent(owner string) string {
	h.t.Helper()
	h.n++
	m := models.Manifest{Name: fmt.Sprintf("Agent %d", h.n), Purpose: "Answers questions", Model: "model-1", CodeVersion: "v1", ToolAccess: "none",
		Environments: []string{"production"}, Bindings: []models.Identity{{Issuer: "https://issuer.example", Subject: fmt.Sprintf("agent-%d", h.n), Audience: "countersign"}}}
	ctx := context.Background()
	r, err := h.DecideAgent(ctx, h.act(owner), "", Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) })
	require.NoError(h.t, err)
	for i, step := range models.ManifestSteps {
		_, err := h.DecideAgent(ctx, h.act(owner), r.Subject, Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.SaveStep(step.Value, m, int64(i+1)) })
		require.NoError(h.t, err)
	}
	_, err = h.DecideAgent(ctx, h.act(owner), r.Subject, Lookup{}, models.AgentFacts.Register)
	require.NoError(h.t, err)
	return r.Subject
}

func task() models.Task {
	return models.Task{Title: "Answer leave questions", Task: "Answers", Acceptable: "Right answers", Forbidden: "Wrong ones", Sensitivity: "internal", Autonomy: "asks", VolumeLimit: 50, EndOn: "2027-10-31"}
}

func oversight() models.Oversight {
	return models.Oversight{Signals: "Denials", AlertRoute: "#oncall", Escalation: []string{"Head of security"}, StopHow: "The stop button", StopBy: "Any of the four", StopWithinMinutes: 5}
}

// draft is a complete draft: anna owns, pete provisions, carl controls. It
// returns the capability and its version.
func (h *house) draft(ops ...string) (capability, version string) {
	h.t.Helper()
	ctx := context.Background()
	agent := h.agent("anna")
	r, err := h.DecideAgent(ctx, h.act("anna"), agent, Lookup{People: []string{h.people["pete"], h.people["carl"]}}, func(f models.AgentFacts) (models.Change, error) {
		return f.NewCapability(task(), map[models.Role]string{models.Provisioner: h.people["pete"], models.ControlOwner: h.people["carl"]})
	})
	require.NoError(h.t, err)
	scope := models.Scope{LifetimeMinutes: 5}
	var ids []string
	for _, op := range ops {
		scope.Grants = append(scope.Grants, models.ScopeGrant{OperationID: h.ops[op]})
		ids = append(ids, h.ops[op])
	}
	h.must("pete", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		version = f.Open.Version.ID
		return f.SavePart(models.ScopePart, scope, 0)
	}, ids...)
	h.must("carl", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, oversight(), 0)
	})
	return r.Subject, version
}

// try runs a rule on a capability as a person.
func (h *house) try(by, capability string, rule func(models.CapabilityFacts) (models.Change, error), ops ...string) (models.Receipt, error) {
	return h.DecideCapability(context.Background(), h.act(by), capability, Lookup{Operations: ops}, rule)
}

func (h *house) must(by, capability string, rule func(models.CapabilityFacts) (models.Change, error), ops ...string) models.Receipt {
	h.t.Helper()
	r, err := h.try(by, capability, rule, ops...)
	require.NoError(h.t, err)
	return r
}

// reviewed is a version in review: submitted and accepted by the three.
func (h *house) reviewed(ops ...string) (capability, version string) {
	h.t.Helper()
	capability, version = h.draft(ops...)
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(capability, version)
	return capability, version
}

func (h *house) accept(capability, version string) {
	h.t.Helper()
	for name, r := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "carl": models.ControlOwner} {
		h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, r, f.Open.Version.Digest)
		})
	}
}

// shown is what a signer's page shows just now.
func (h *house) shown(version string) models.Shown {
	h.t.Helper()
	v, err := find[models.Version](h.read, "id = ?", version)
	require.NoError(h.t, err)
	return models.Shown{VersionID: version, Digest: v.Digest, Round: v.Round}
}

func (h *house) sign(by, capability, version string) (models.Receipt, error) {
	shown := h.shown(version)
	return h.try(by, capability, func(f models.CapabilityFacts) (models.Change, error) {
		return h.keys.SignOff(f, shown, models.Signing{})
	})
}

// live is a version in force.
func (h *house) live(ops ...string) (capability, version string) {
	h.t.Helper()
	capability, version = h.reviewed(ops...)
	for _, name := range []string{"xena", "yuri"} {
		r, err := h.sign(name, capability, version)
		require.NoError(h.t, err)
		if r.Outcome == string(models.Live) {
			return capability, version
		}
	}
	h.t.Fatal("the version did not go live")
	return "", ""
}

func (h *house) row(capability string) models.MatrixRow {
	h.t.Helper()
	r, err := find[models.MatrixRow](h.read, "capability_id = ?", capability)
	require.NoError(h.t, err)
	require.NotNil(h.t, r)
	return *r
}

func (h *house) pass(d models.Instant) { *h.clock += d }
