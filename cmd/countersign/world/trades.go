package world

import (
	"slices"
	"strconv"

	"countersign/models"
)

// What the agents of a large organisation do, and how their capabilities stand.

// trade is a kind of agent: its names and the plans that its tasks follow.
type trade struct {
	nouns   []string
	purpose string
	plans   []plan
}

var (
	deskTrade     = trade{[]string{"Leave assistant", "Ticket closer", "Benefits helper", "Parental leave helper"}, "Answers employees' questions from the handbook.", []plan{leaveQuestions, closeTickets, readHandbook}}
	careTrade     = trade{[]string{"Case sorter", "Chat greeter", "Complaint spotter", "Callback planner for", "Site editor", "Night answers"}, "Works on customers' cases.", []plan{answerCases, publishArticles, readHandbook}}
	buildTrade    = trade{[]string{"Build doctor", "Flaky test finder", "Release clerk"}, "Reads builds and runs them again.", []plan{rerunBuilds, readHandbook, explainBookings}}
	financeTrade  = trade{[]string{"Invoice matcher", "Dunning helper", "Reconciliation agent", "Fraud watcher"}, "Reads payments and bookings.", []plan{matchInvoices, watchPayments, explainBookings}}
	recordTrade   = trade{[]string{"Absence desk", "Letter writer", "Contact keeper", "Cluster medic"}, "Keeps records right.", []plan{bookAbsences, updateContacts, readRecords, restartWorkloads}}
	treasuryTrade = trade{[]string{"Payment releaser", "Treasury agent", "Cluster gatekeeper"}, "Moves what is hard to undo.", []plan{releasePayments, grantRoles, matchInvoices}}

	guideTrade = trade{[]string{"Handbook guide", "Policy finder", "Documentation search", "Log reader", "Onboarding guide"}, "Finds the page that answers a question.", []plan{readHandbook, findDocumentation, readBuilds}}

	everydayTrades = []trade{guideTrade, guideTrade, guideTrade, guideTrade, guideTrade, guideTrade, deskTrade}
	graveTrades    = []trade{deskTrade, careTrade, financeTrade, recordTrade, recordTrade, buildTrade}
	allTrades      = []trade{deskTrade, careTrade, financeTrade, recordTrade, treasuryTrade, buildTrade}
)

var findDocumentation = plan{
	title: "Find documentation", task: "Finds the page of the public documentation that answers a question.", acceptable: "A page, or the honest answer that there is none.",
	forbidden: "Answering without a page.", sensitivity: "public", autonomy: "suggests", volume: 2000, lifetime: 60, grants: []grant{{"search_docs", nil}},
}

var readBuilds = plan{
	title: "Explain failed builds", task: "Reads the log of a failed build and says what failed.", acceptable: "The first failing step, with the line.",
	forbidden: "Changing code or settings.", sensitivity: "internal", autonomy: "suggests", volume: 500, lifetime: 60, grants: []grant{{"builds.read", nil}},
}

// at is the plan as a site follows it, on the systems of a branch.
func (p plan) at(branch int, site string) plan {
	suffix := "@" + strconv.Itoa(branch)
	grants, secrets := p.grants, p.secrets
	p.grants, p.secrets = nil, nil
	for _, g := range grants {
		p.grants = append(p.grants, grant{g.op + suffix, g.resources})
	}
	for _, s := range secrets {
		p.secrets = append(p.secrets, s+suffix)
	}
	p.title += " in " + site
	return p
}

// ending is how far a capability comes.
type ending func(c *crowd, s *story, p plan)

// times is an ending so often.
func times(n int, e ending) []ending { return slices.Repeat([]ending{e}, n) }

// How a hundred capabilities stand: of those that were begun long ago most are in
// force, of those of these weeks some are on their way.
var (
	oldEnds   = slices.Concat(times(84, live), times(3, stopped), times(1, agentStopped), times(4, ended), times(2, refused), times(2, drawnBack), times(4, drafted))
	freshEnds = slices.Concat(times(64, live), times(3, stopped), times(1, agentStopped), times(6, reviewed), times(3, begun), times(5, offered), times(4, declined),
		times(4, filled), times(4, drafted), times(2, sentBack), times(2, refused), times(2, drawnBack))
)

func live(c *crowd, s *story, p plan) { c.signAll(s.propose(p)) }

func stopped(c *crowd, s *story, p plan) {
	live(c, s, p)
	s.do(s.control, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "It did what nobody expected; stopped until somebody has looked.")
	})
}

func agentStopped(c *crowd, s *story, p plan) {
	live(c, s, p)
	s.do(s.owner, func(f models.CapabilityFacts) (models.Change, error) {
		if slices.ContainsFunc(f.Holds, func(h models.Hold) bool { return h.TargetKind == models.OnAgent }) {
			return f.Stop(models.OnCapability, "The supplier reported a second fault.")
		}
		return f.Stop(models.OnAgent, "The supplier reported a fault in this release.")
	})
}

func ended(c *crowd, s *story, p plan) {
	live(c, s, p)
	s.do(s.owner, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Revoke("The task is done by a product now.")
	})
}

func refused(c *crowd, s *story, p plan) {
	s.propose(p).do(c.signers(1)[0], func(f models.CapabilityFacts) (models.Change, error) {
		return f.Refuse(shown(f), models.Signing{Comment: "Nothing here says who would notice a wrong answer."})
	})
}

func sentBack(c *crowd, s *story, p plan) {
	s.propose(p).do(c.signers(1)[0], func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskForChanges(shown(f), models.Signing{Comment: "Name the folders: as it stands it may reach any of them."})
	})
}

func drawnBack(_ *crowd, s *story, p plan) {
	s.propose(p).do(s.owner, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Withdraw(f.Open.Version.ID, "The project was stopped before it began.")
	})
}

func reviewed(_ *crowd, s *story, p plan) { s.propose(p) }

// begun has the first of its signatures; where one is enough, it is in force.
func begun(c *crowd, s *story, p plan) { s.propose(p).sign(c.signers(1)...) }

func offered(_ *crowd, s *story, p plan) {
	s.scope(p).oversee().submit().accept(s.owner, s.provision)
}

func declined(_ *crowd, s *story, p plan) {
	s.scope(p).oversee().submit().accept(s.owner).do(s.provision, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Decline(f.Open.Version.ID, models.Provisioner, "I leave this team next month.")
	})
}

func filled(_ *crowd, s *story, p plan) { s.scope(p).oversee() }

func drafted(*crowd, *story, plan) {}

// signAll has approvers sign until the version is in force.
func (c *crowd) signAll(s *story) {
	for _, who := range c.signers(2) {
		r := c.on(who, s.capability, noLookup, func(f models.CapabilityFacts) (models.Change, error) {
			return c.keys.SignOff(f, shown(f), models.Signing{})
		})
		if r.Outcome == string(models.Live) {
			return
		}
	}
}

var departments = []string{"Human Resources", "Payments", "Customer Care", "Platform", "Security", "Finance", "Legal", "Sales", "Research", "Procurement", "Logistics", "Marketing"}

var sites = []string{"Zurich", "Lyon", "Porto", "Gdansk", "Turin", "Ghent", "Leeds", "Cork", "Bergen", "Malmo", "Tampere", "Tartu", "Riga", "Vilnius", "Brno", "Graz", "Maribor", "Split", "Cluj", "Varna", "Patras", "Izmir", "Haifa", "Tunis", "Rabat", "Dakar", "Accra", "Lagos", "Nairobi", "Kigali", "Durban", "Lusaka", "Mumbai", "Pune", "Chennai", "Dhaka", "Hanoi", "Penang", "Cebu", "Busan", "Osaka", "Sapporo", "Perth", "Hobart", "Nelson", "Suva", "Quito", "Lima", "Cordoba", "Rosario", "Recife", "Cali", "Panama", "Merida", "Austin", "Boise", "Halifax", "Calgary", "Reykjavik", "Valletta"}

var firstNames = []string{"Aino", "Alva", "Amara", "Bela", "Björn", "Cora", "Dario", "Edit", "Elif", "Emil", "Farah", "Finn", "Gita", "Hana", "Hugo", "Ida", "Imre", "Ines", "Ivo", "Jana", "Joao", "Kaya", "Kenji", "Lea", "Lior", "Luca", "Maja", "Malik", "Mei", "Milan", "Nadia", "Nils", "Noor", "Olga", "Oskar", "Paula", "Petra", "Ravi", "Rosa", "Sami", "Selma", "Signe", "Tariq", "Tess", "Uma", "Vera", "Viktor", "Wanda", "Yusuf", "Zita"}

var lastNames = []string{"Aalto", "Abadi", "Achterberg", "Almeida", "Anand", "Baptiste", "Berger", "Bianchi", "Borg", "Brandt", "Castro", "Chen", "Cohen", "Dahl", "Diallo", "Dubois", "Eklund", "Farkas", "Ferrari", "Fischer", "Garcia", "Greco", "Haas", "Hansen", "Hoxha", "Ito", "Jansen", "Kamara", "Kaya", "Keller", "Kim", "Kowalski", "Kovac", "Lehmann", "Lopez", "Maier", "Marin", "Mensah", "Meyer", "Molnar", "Moreau", "Nagy", "Ng", "Novak", "Okafor", "Olsen", "Ozturk", "Park", "Pereira", "Petrov", "Popa", "Rossi", "Saito", "Santos", "Schmid", "Silva", "Singh", "Tanaka", "Tran", "Virtanen", "Weber", "Wong", "Yilmaz", "Zhou"}

var modelsInUse = []string{"claude-sonnet-5", "claude-haiku-5", "claude-opus-5", "gpt-6-mini", "small-embedder-2"}
