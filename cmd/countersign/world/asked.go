package world

import (
	"context"
	"fmt"
	"time"

	"countersign/models"
	"countersign/store"
)

// House is an organisation of which gateways ask very much: for measuring decisions. It
// says what is to be in force; BuildHouse has it made by the product's own acts.
type House struct {
	Systems []HouseSystem
	Agents  []HouseAgent
	Issuer  string // of the subjects that the gateway names
	Key     string // the gateway's
}

// HouseSystem is a system with operations that read. The operations' names are unique in
// the house.
type HouseSystem struct {
	Name       string
	Operations []string
}

// HouseAgent is an agent with one task in force.
type HouseAgent struct {
	Name, Subject string
	Grants        []HouseGrant
}

// HouseGrant is an operation, limited to the resources of a pattern.
type HouseGrant struct{ Operation, Resources string }

// houseSpan is how long ago the making of a house begins: more than its acts take.
const houseSpan = models.Day

// BuildHouse makes the organisation in an empty store that was opened with clock.Now.
// progress is told how many agents there are.
func BuildHouse(ctx context.Context, st *store.Store, clock *Clock, issuer string, h House, progress func(made int)) error {
	clock.now = models.At(time.Now()) - houseSpan
	defer func() { clock.now = 0 }()
	c := &cast{ctx: context.WithoutCancel(ctx), store: st, clock: clock, issuer: issuer, step: models.Second / 1000, large: true, forgotten: map[string]bool{}, people: map[string]string{}, teams: map[string]string{}, ops: map[string]string{}, secret: map[string]string{}}
	if c.keys, c.err = ring(issuer); c.err != nil {
		return c.err
	}
	organisation(c)
	for _, s := range h.Systems {
		var does []operation
		for _, o := range s.Operations {
			does = append(does, operation{o, "Read " + o, "read", nil})
		}
		c.together(func() {
			c.system(system{s.Name, "saas", "internal", "Platform", "Records that agents read", does, ""}, "")
		})
	}
	for from := 0; from < len(h.Agents) && c.err == nil; from += fourAnswerFor {
		four := c.four(from / fourAnswerFor)
		if c.err = ctx.Err(); c.err == nil {
			c.together(func() {
				for _, a := range h.Agents[from:min(from+fourAnswerFor, len(h.Agents))] {
					c.employ(a, h.Issuer, four)
				}
			})
			progress(min(from+fourAnswerFor, len(h.Agents)))
		}
	}
	if c.err != nil {
		return fmt.Errorf("cannot make what gateways ask about: %w", c.err)
	}
	hash, hint := models.GatewayKeyOf(h.Key)
	_, err := st.DecideGateway(ctx, c.act("adam"), store.GatewayLookup{}, func(f models.GatewayFacts) (models.Change, error) {
		return f.MakeGateway(models.GatewayForm{Name: "Measured", Issuer: h.Issuer, Days: models.MaxGatewayDays, Hash: hash, Hint: hint})
	})
	return err
}

// fourAnswerFor is for how many agents the same four people answer: fewer than the rules
// let one person, and some hundred acts, which share a transaction.
const fourAnswerFor = 40

var teamsOf = map[models.Role]string{models.BusinessOwner: "Customer Care", models.Provisioner: "Platform", models.ControlOwner: "Security Operations", models.Approver: "Risk"}

// four are people of the four roles, by what the cast calls them.
func (c *cast) four(i int) map[models.Role]string {
	out := map[models.Role]string{}
	for _, role := range []models.Role{models.BusinessOwner, models.Provisioner, models.ControlOwner, models.Approver} {
		key := fmt.Sprintf("%s-%d", role, i)
		id := c.admin("adam", store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
			return f.AddPerson(fmt.Sprintf("%s %d", role, i), key+"@meridian.example", "Europe/Zurich")
		}).Subject
		c.people[key], out[role] = id, key
		c.admin("adam", store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, role) })
		team := c.teams[teamsOf[role]]
		c.admin("adam", store.AdminLookup{People: []string{id}, Team: team}, func(f models.AdminFacts) (models.Change, error) { return f.SetMember(team, id, true) })
	}
	c.admin(out[models.Approver], store.AdminLookup{Passkeys: true}, c.keys.Add)
	return out
}

// employ makes an agent whose one task is signed off by one approver: it only reads.
func (c *cast) employ(a HouseAgent, issuer string, four map[models.Role]string) {
	m := manifest(a.Name, "Reads records of its queue", "model-1", "production")
	m.Bindings = []models.Identity{{Issuer: issuer, Subject: a.Subject, Audience: "countersign"}}
	owner := four[models.BusinessOwner]
	agent := c.agent(owner, "", noLookup, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) }).Subject
	c.agent(owner, agent, noLookup, models.AgentFacts.Register)
	p := plan{title: "Read records", task: "Reads the records of its queue.", acceptable: "A summary of what was read.", forbidden: "Reading another queue.",
		sensitivity: "internal", autonomy: "suggests", volume: mostVolume, lifetime: 60}
	for _, g := range a.Grants {
		p.grants = append(p.grants, grant{g.Operation, []string{g.Resources}})
	}
	s := c.write(agent, owner, four[models.Provisioner], four[models.ControlOwner], p).propose(p)
	c.on(four[models.Approver], s.capability, noLookup, func(f models.CapabilityFacts) (models.Change, error) {
		return c.keys.SignOff(f, shown(f), models.Signing{})
	})
}

// mostVolume is the highest daily volume that a task may have.
const mostVolume = 100_000_000
