package world

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
)

// The crowd makes the demo's organisation as large as a real house: thousands of
// agents around the dozen people of the story, made by the same acts.

// crowdSpan is how long ago the story of a large organisation begins: the oldest
// of what is reviewed once a year is late by now.
const crowdSpan = 372 * models.Day

// crowd is what of a large organisation is made, and by whom. The dice are
// seeded with the size, so one size makes one organisation.
type crowd struct {
	*cast
	agents int // to be made in all
	made   int
	dice   *rand.Rand
	names  map[string]int // how often a name was given
	halt   func() error   // why to end before the end, or nil
	tell   func(string)
	began  time.Time
	told   time.Time
	acted  int // acts when the agents began

	owners, provisioners, controllers []string
	approvers                         []approver
	branches                          int // copies of the catalogue
}

type approver struct{ who, team string }

// stretch is a while of the story in which a share of the crowd's agents is made,
// from so many days ago to so many. The older, the lower the tiers: what is
// reviewed every month was signed lately, or it is late.
type stretch struct {
	from, to int
	share    int // of 100
	trades   []trade
	ends     []ending
}

var stretches = []stretch{
	{from: 370, to: 187, share: 40, trades: everydayTrades, ends: oldEnds},
	{from: 64, to: 40, share: 30, trades: graveTrades, ends: oldEnds},
	{from: 21, to: 15, share: 18, trades: allTrades, ends: freshEnds},
	{from: 13, to: 6, share: 12, trades: allTrades, ends: freshEnds},
}

func newCrowd(c *cast, agents int, halt func() error, tell func(string)) *crowd {
	return &crowd{cast: c, agents: agents, halt: halt, tell: tell, dice: rand.New(rand.NewPCG(uint64(agents), 1)), names: map[string]int{}} //nolint:gosec // dice of a story, no secret
}

// organisation hires a person for every five agents, with at least what the four
// roles need, and one copy of the catalogue for every 550.
func (c *crowd) organisation() {
	c.mayHold(250)
	people := max(c.agents/5, 40)
	teams := max(people/20, 8)
	var names []string
	for i := range teams {
		names = append(names, fmt.Sprintf("%s %s", departments[i%len(departments)], sites[i/len(departments)%len(sites)]))
	}
	c.inBatches(teams, 100, func(i int) {
		name := c.numbered(names[i])
		names[i] = name
		c.teams[name] = c.admin("adam", store.AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam(name) }).Subject
	})
	c.inBatches(people, 100, func(i int) { c.hireOne(i, names[i%teams]) })
	c.branches = max(c.agents/550, 1)
	c.inBatches(c.branches, 2, func(i int) { c.branch(i) })
}

// mayHold loosens how much one person answers for: in a house of this size three hundred
// provisioners answer for thirty thousand capabilities.
func (c *crowd) mayHold(most int) {
	propose := func(f models.AdminFacts) (models.Change, error) {
		rules := f.Rules.Rules()
		rules.MostPerPerson = most
		return f.ProposeRules(rules, "As many as our people answer for")
	}
	id := c.admin("adam", store.AdminLookup{Rules: true}, propose).Subject
	c.admin("eve", store.AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(id) })
}

// hireOne gives the i-th person a role by what the crowd has too little of.
func (c *crowd) hireOne(i int, team string) {
	first, last := firstNames[c.dice.IntN(len(firstNames))], lastNames[c.dice.IntN(len(lastNames))]
	key := fmt.Sprintf("crowd-%d", i)
	id := c.admin("adam", store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
		return f.AddPerson(first+" "+last, fmt.Sprintf("%s.%d@meridian.example", slugOf(last), i), "Europe/Zurich")
	}).Subject
	c.people[key] = id
	var role models.Role
	switch i % 20 {
	case 0, 3, 6, 9, 12, 15, 18:
		role, c.owners = models.BusinessOwner, append(c.owners, key)
	case 1, 7, 13:
		role, c.provisioners = models.Provisioner, append(c.provisioners, key)
	case 2, 8, 14:
		role, c.controllers = models.ControlOwner, append(c.controllers, key)
	case 5:
		role, c.approvers = models.Approver, append(c.approvers, approver{key, team})
	}
	if role != "" {
		c.admin("adam", store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, role) })
	}
	if role == models.Approver {
		c.admin(key, store.AdminLookup{Passkeys: true}, c.keys.Add)
	}
	t := c.teams[team]
	c.admin("adam", store.AdminLookup{People: []string{id}, Team: t}, func(f models.AdminFacts) (models.Change, error) { return f.SetMember(t, id, true) })
}

// branch is a site's copy of every system of the story.
func (c *crowd) branch(i int) {
	site := sites[i%len(sites)]
	for _, s := range systems {
		s.name = c.numbered(s.name + ", " + site)
		c.system(s, "@"+strconv.Itoa(i))
	}
}

// during makes the share of the agents that falls into a stretch.
func (c *crowd) during(i int) {
	if c.agents == 0 || c.err != nil {
		return
	}
	s := stretches[i]
	n := c.agents * s.share / 100
	if i == len(stretches)-1 {
		n = c.agents - c.made
	}
	if c.began.IsZero() {
		c.began, c.told, c.acted = time.Now(), time.Now(), c.acts
	}
	c.until(s.from)
	pace, step := c.pace, c.step
	left := models.At(time.Now()) - models.Instant(s.to)*models.Day - c.clock.now
	c.pace, c.step = 0, min(max(left/models.Instant(max(n, 1)*actsOfAgent), models.Second/1000), models.Day/4)
	// Some hundred acts a transaction.
	c.inBatches(n, 16, func(int) { c.one(s); c.progress() })
	c.pace, c.step = pace, step
}

// actsOfAgent is about how many acts an agent with its three capabilities takes.
const actsOfAgent = 30

// one makes an agent with three capabilities.
func (c *crowd) one(s stretch) {
	c.made++
	t := s.trades[c.dice.IntN(len(s.trades))]
	owner := c.owners[c.dice.IntN(len(c.owners))]
	site := sites[c.dice.IntN(len(sites))]
	name := c.numbered(t.nouns[c.dice.IntN(len(t.nouns))] + ", " + site)
	finished := c.made%40 != 0 // of every forty one is still to be registered
	agent := c.found(owner, name, t.purpose, modelsInUse[c.dice.IntN(len(modelsInUse))], finished)
	for i := range 3 {
		p := t.plans[(i+c.made)%len(t.plans)].at(c.dice.IntN(c.branches), site)
		end := s.ends[c.dice.IntN(len(s.ends))]
		if !finished {
			end = drafted
		}
		p.endIn = 400 + c.dice.IntN(500)
		end(c, c.write(agent, owner, c.provisioners[c.dice.IntN(len(c.provisioners))], c.controllers[c.dice.IntN(len(c.controllers))], p), p)
	}
}

// found is register with the whole manifest at once.
func (c *crowd) found(owner, name, purpose, model string, finished bool) string {
	m := manifest(name, purpose, model, "production")
	id := c.agent(owner, "", store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) }).Subject
	if finished {
		c.agent(owner, id, store.Lookup{}, models.AgentFacts.Register)
	}
	return id
}

// signers are as many approvers of different teams as the plan needs.
func (c *crowd) signers(n int) []string {
	first := c.dice.IntN(len(c.approvers))
	out := []string{c.approvers[first].who}
	for i := 1; len(out) < n && i < len(c.approvers); i++ {
		if next := c.approvers[(first+i)%len(c.approvers)]; next.team != c.approvers[first].team {
			out = append(out, next.who)
		}
	}
	return out
}

// inBatches does n things, some in each transaction.
func (c *crowd) inBatches(n, some int, do func(i int)) {
	for from := 0; from < n && c.err == nil; from += some {
		if c.err = c.halt(); c.err != nil {
			return
		}
		c.together(func() {
			for i := from; i < min(from+some, n) && c.err == nil; i++ {
				do(i)
			}
		})
	}
}

// numbered tells things of one name apart.
func (c *crowd) numbered(name string) string {
	c.names[name]++
	if n := c.names[name]; n > 1 {
		return name + " " + strconv.Itoa(n)
	}
	return name
}

// progress says every few seconds how far it is and how long it will take.
func (c *crowd) progress() {
	if now := time.Now(); now.Sub(c.told) >= 5*time.Second || c.made == c.agents {
		c.told = now
		spent := now.Sub(c.began)
		left := time.Duration(float64(spent) / float64(c.made) * float64(c.agents-c.made)).Round(time.Second)
		c.tell(fmt.Sprintf("%d of %d agents, %.0f acts a second, about %s left", c.made, c.agents, float64(c.acts-c.acted)/spent.Seconds(), left))
	}
}
