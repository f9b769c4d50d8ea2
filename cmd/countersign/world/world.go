package world

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"countersign/importers"
	"countersign/ledger/passkey"
	"countersign/ledger/passkey/soft"
	"countersign/models"
	"countersign/store"
)

//go:embed card.json
var card []byte

// span is how long ago the story begins.
const span = 185 * models.Day

// Build tells the whole story to an empty store that was opened with clock.Now,
// and ends at the present. progress is told what is being done.
func Build(ctx context.Context, st *store.Store, clock *Clock, issuer string, progress func(string)) error {
	return BuildLarge(ctx, st, clock, issuer, 0, progress)
}

// BuildLarge is Build in an organisation that has so many agents more, each with
// three capabilities, and a person for every five of them.
func BuildLarge(ctx context.Context, st *store.Store, clock *Clock, issuer string, many int, progress func(string)) error {
	// The acts are short and not to be cut in two: between them is looked whether to end.
	c := &cast{ctx: context.WithoutCancel(ctx), store: st, clock: clock, issuer: issuer, pace: 1, step: 37 * models.Second, large: many > 0, forgotten: map[string]bool{}, people: map[string]string{}, teams: map[string]string{}, ops: map[string]string{}, secret: map[string]string{}}
	if c.keys, c.err = ring(issuer); c.err != nil {
		return c.err
	}
	crowd := newCrowd(c, many, ctx.Err, progress)
	clock.now = models.At(time.Now()) - span
	if many > 0 {
		clock.now = models.At(time.Now()) - crowdSpan
	}
	defer func() { clock.now = 0 }()
	for _, chapter := range []struct {
		says string
		tell func(*cast)
		many bool // only of a large organisation
	}{
		{"people and teams", organisation, false},
		{"systems", catalogue, false},
		{"many more people and systems", func(*cast) { crowd.organisation() }, true},
		{"agents of last year", func(*cast) { crowd.during(0) }, true},
		{"agents and what they may do", agents, false},
		{"agents of these months", func(*cast) { crowd.during(1) }, true},
		{"agents that may do more", grave, false},
		{"agents of this month", func(*cast) { crowd.during(2) }, true},
		{"what happened lately", held, false},
		{"what gateways asked", asked, false},
		{"agents of these weeks", func(*cast) { crowd.during(3) }, true},
		{"what is under way", underWay, false},
		{"what gateways asked today", askedToday, false},
	} {
		if chapter.many && many == 0 {
			continue
		}
		progress(chapter.says)
		chapter.tell(c)
		if c.err != nil {
			return fmt.Errorf("cannot tell the demo's story (%s): %w", chapter.says, c.err)
		}
	}
	if now := models.At(time.Now()); clock.now > now {
		return fmt.Errorf("the demo's story ends %s in the future", time.Duration(clock.now-now)*time.Microsecond)
	}
	return nil
}

// ring is for the keys of those who sign in the story. Nobody holds them: whoever
// takes such a person's part adds a passkey of their own.
func ring(issuer string) (*soft.Ring, error) {
	party, err := passkey.New(issuer)
	if err != nil { // no browser signs at this address, but the story is told all the same
		party, err = passkey.New("http://localhost")
	}
	return soft.NewRing(party), err
}

// Told says whether the story was told to its end in a store: its last agent is there.
func Told(ctx context.Context, st *store.Store) (bool, error) {
	page, err := st.Agents(ctx, store.Operator(), store.AgentsAsk{Search: lastAgent})
	return len(page.Lines) > 0, err
}

// organisation: two administrators by configuration, everybody else by them.
func organisation(c *cast) {
	var first []models.Login
	for _, p := range People() {
		if slices.Contains(p.Roles, models.Administrator) {
			first = append(first, models.Login{Issuer: c.issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, AuthAt: c.clock.now})
		}
	}
	if c.err = c.store.Bootstrap(c.ctx, first); c.err != nil {
		return
	}
	for _, in := range first {
		got, err := c.store.SignIn(c.ctx, in)
		if err != nil || got.Person == nil {
			c.err = fmt.Errorf("the first administrators were not made: %w", err)
			return
		}
		c.people[in.Subject] = got.Person.Person.ID
	}
	for _, name := range teams {
		c.teams[name] = c.admin("adam", store.AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam(name) }).Subject
	}
	for _, p := range People() {
		if c.people[p.Subject] == "" {
			c.hire(p)
		}
		c.join(p)
	}
	heads(c)
}

// heads: who is told when somebody is silent.
func heads(c *cast) {
	head := c.people["greta"]
	for _, p := range People() {
		id := c.people[p.Subject]
		if id == head || slices.Contains(p.Roles, models.Administrator) || p.Left {
			continue
		}
		c.admin("adam", store.AdminLookup{People: []string{id}, Manager: head}, func(f models.AdminFacts) (models.Change, error) {
			return f.SetManager(id, head, f.People[id].Person.Rev)
		})
	}
	for _, name := range []string{"Human Resources", "Payments", "Customer Care"} {
		team := c.teams[name]
		c.admin("adam", store.AdminLookup{People: []string{head}, Team: team}, func(f models.AdminFacts) (models.Change, error) {
			return f.SetHead(team, head, f.Teams[team].Rev)
		})
	}
}

// hire adds a person and links their account, which takes two administrators.
func (c *cast) hire(p Person) {
	id := c.admin("adam", store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
		return f.AddPerson(p.Name, p.Email, "Europe/Zurich")
	}).Subject
	c.people[p.Subject] = id
	for _, r := range p.Roles {
		c.admin("adam", store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, r) })
	}
	if c.err == nil {
		c.err = link(c, p)
	}
	if slices.Contains(p.Roles, models.Approver) {
		c.admin(p.Subject, store.AdminLookup{Passkeys: true}, c.keys.Add)
	}
}

// link makes the sign-in of the demo's provider this person's.
func link(c *cast, p Person) error {
	in, err := c.store.SignIn(c.ctx, models.Login{Issuer: c.issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, AuthAt: c.clock.Now()})
	if err != nil || in.Person != nil {
		return err
	}
	id := c.people[p.Subject]
	proposal := c.admin("adam", store.AdminLookup{People: []string{id}, Accounts: []string{in.AccountID}}, func(f models.AdminFacts) (models.Change, error) {
		return f.ProposeLink(in.AccountID, id, "New colleague, identity checked by Human Resources")
	}).Subject
	c.admin("eve", store.AdminLookup{Link: proposal}, models.AdminFacts.ConfirmLink)
	return c.err
}

func (c *cast) join(p Person) {
	by := "adam"
	if p.Subject == "adam" {
		by = "eve"
	}
	id, team := c.people[p.Subject], c.teams[p.Team]
	c.admin(by, store.AdminLookup{People: []string{id}, Team: team}, func(f models.AdminFacts) (models.Change, error) { return f.SetMember(team, id, true) })
}

func catalogue(c *cast) {
	for _, s := range systems {
		c.system(s, "")
	}
	published(c)
}

// system adds a system with its operations and its secret, each under its name
// and the suffix.
func (c *cast) system(s system, suffix string) {
	do := func(look store.CatalogueLookup, rule func(models.CatalogueFacts) (models.Change, error)) string {
		if c.err != nil {
			return ""
		}
		return c.keep(c.store.DecideCatalogue(c.ctx, c.act("adam"), look, rule)).Subject
	}
	id := do(store.CatalogueLookup{SystemName: s.name}, func(f models.CatalogueFacts) (models.Change, error) {
		return f.SaveSystem(models.System{Name: s.name, Kind: s.kind, Description: s.says, Sensitivity: s.sensitivity, CustodianTeamID: c.teams[s.team]}, 0)
	})
	for _, o := range s.operations {
		c.ops[o.name+suffix] = do(store.CatalogueLookup{System: id, OperationName: o.name}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveOperation(models.Operation{Name: o.name, Title: o.title, Access: o.access}, o.effects, 0)
		})
	}
	if s.secret != "" {
		c.secret[s.secret+suffix] = do(store.CatalogueLookup{System: id}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.AddSecret(models.SecretRef{Name: s.secret, Reference: "vault: kv/agents/" + s.name})
		})
	}
}

// register makes a registered agent.
func (c *cast) register(owner, name, purpose, model string, environments ...string) string {
	if len(environments) == 0 {
		environments = []string{"production"}
	}
	m := manifest(name, purpose, model, environments...)
	id := c.agent(owner, "", store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) }).Subject
	for _, step := range models.ManifestSteps {
		c.agent(owner, id, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.SaveStep(step.Value, m, f.Agent.Rev) })
	}
	c.agent(owner, id, store.Lookup{}, models.AgentFacts.Register)
	return id
}

func manifest(name, purpose, model string, environments ...string) models.Manifest {
	slug := slugOf(name)
	return models.Manifest{Name: name, Purpose: purpose, Provider: "Meridian", Model: model, CodeVersion: "v1.4.0", Source: "git: agents/" + slug,
		PromptDigest: models.Digest("system prompt of " + name), ToolAccess: "listed", Tools: []models.ManifestTool{{Name: "call_operation", Digest: models.Digest("call_operation")}},
		Environments: environments,
		Bindings:     []models.Identity{{Issuer: "https://issuer.meridian.example", Subject: "spiffe://meridian.example/agent/" + slug, Audience: "countersign"}}}
}

func slugOf(name string) string {
	out := []rune{}
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z':
			out = append(out, r+32)
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out = append(out, r)
		default:
			out = append(out, '-')
		}
	}
	return string(out)
}

// importCard makes the draft that a business owner would from an agent card.
func (c *cast) importCard(owner string) {
	got := importers.Read("travel-desk.agent-card.json", card)
	c.agent(owner, "", store.Lookup{}, func(f models.AgentFacts) (models.Change, error) {
		return f.Import(models.ImportRows(got)[0])
	})
}
