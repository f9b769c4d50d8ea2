package world

import (
	"time"

	"countersign/models"
	"countersign/store"
)

var noLookup = store.Lookup{}

// until moves the story to so many days before the present.
func (c *cast) until(days int) {
	c.pass(models.At(time.Now()) - models.Instant(days)*models.Day)
}

// held tells what was stopped in the last two weeks.
func held(c *cast) {
	c.until(14)
	c.pace = 0.15
	stopped := c.write(c.register("chiara", "Refund helper", "Answers questions about refunds.", "claude-sonnet-5"), "chiara", "pete", "carlos", answerCases).propose(answerCases).sign("xu")
	stopped.do("carlos", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "It promised a customer a refund that nobody had approved.")
	})

	restarting := c.write(c.register("ben", "Statement sender", "Answers questions about account statements.", "claude-sonnet-5"), "ben", "priya", "dana", explainBookings).propose(explainBookings).sign("yara")
	restarting.do("ben", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "Two customers were sent each other's statement.")
	})
	restarting.do("dana", func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskRestart("The cache that mixed two customers up was removed; 400 test statements were checked by hand.")
	})

	c.write(c.register("anna", "Contract summariser", "Summarises contracts for people managers.", "claude-opus-5"), "anna", "pete", "frank", readRecords).propose(readRecords).sign("xu", "yara")
	c.days(1)
	id := c.people["frank"]
	c.admin("adam", store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) {
		return f.Leave(id, "Left the company")
	})
	if c.err == nil {
		c.err = c.store.SeeToSuccessors(c.ctx)
	}
}

// lastAgent is the one with which the story ends.
const lastAgent = "Callback planner"

// underWay tells the last days: what is under way or waiting now.
func underWay(c *cast) {
	c.until(5)
	c.importCard("anna")
	found(c)
	c.agent("chiara", "", noLookup, func(f models.AgentFacts) (models.Change, error) {
		return f.NewAgent(models.Manifest{Name: "Voice concierge", Purpose: "Answers the phone when nobody else can."})
	})

	c.write(c.register("anna", "Interview planner", "Finds times for interviews.", "claude-haiku-5"), "anna", "pete", "carlos", plan{title: "Plan interviews"})

	half := c.write(c.register("ben", "Fraud watcher", "Looks for unusual payments.", "claude-opus-5"), "ben", "priya", "carlos", watchPayments)
	half.scope(watchPayments)

	c.write(c.register("chiara", "Voucher agent", "Answers questions about vouchers.", "claude-sonnet-5"), "chiara", "pete", "dana", answerCases).
		scope(answerCases).oversee().submit().accept("chiara", "pete")

	hole := c.write(c.register("anna", "Reference writer", "Drafts letters of reference.", "claude-opus-5"), "anna", "priya", "dana", readRecords).scope(readRecords).oversee().submit().accept("anna", "priya")
	hole.do("dana", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Decline(f.Open.Version.ID, models.ControlOwner, "I already watch eleven agents and could not stop this one in time.")
	})

	c.write(c.register("chiara", "Chat greeter", "Greets customers in the chat.", "claude-haiku-5"), "chiara", "priya", "dana", answerCases).propose(answerCases)
	c.write(c.register("anna", "Salary explainer", "Explains payslips to the people they belong to.", "claude-opus-5"), "anna", "pete", "dana", readRecords).propose(readRecords).sign("zoe")
	c.write(c.register("ben", "Treasury agent", "Moves money between the company's own accounts.", "claude-opus-5"), "ben", "priya", "carlos", releasePayments).propose(releasePayments).sign("xu")

	soon := closeTickets
	soon.title, soon.startIn = "Close solved tickets from next month on", 25
	c.write(c.register("anna", "Ticket closer", "Closes tickets that are solved.", "claude-haiku-5"), "anna", "priya", "carlos", soon).propose(soon).sign("yara")

	back := c.write(c.register("ben", "Release agent", "Publishes releases after the tests.", "claude-opus-5"), "ben", "pete", "dana", publishReleases).propose(publishReleases)
	back.do("xu", func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskForChanges(shown(f), models.Signing{Comment: "Name the repositories: as it stands it may publish any of them."})
	})

	newManifest(c)
	askedAndAnswered(c)

	successor := c.write(c.register("chiara", lastAgent, "Plans callbacks.", "claude-haiku-5"), "chiara", "pete", "carlos", answerCases).propose(answerCases).sign("zoe")
	successor.do("carlos", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Nominate(f.Force.Version.ID, models.ControlOwner, c.people["dana"])
	}, "dana")
	c.pass(models.At(time.Now()) - 2*models.Hour)
}

// newManifest tells of an agent that moves to another model: one of its two tasks
// is carried over and waits for an approver, the other waits for its owner. And of
// two tasks of low risk that wait to be signed again as they were.
func newManifest(c *cast) {
	help := c.kept["Customer helper"]
	c.remake("chiara", help.agent, func(m *models.Manifest) { m.Model, m.CodeVersion = "claude-sonnet-6", m.CodeVersion+"-next" })
	for _, s := range help.stories[:1] {
		s.do("chiara", func(f models.CapabilityFacts) (models.Change, error) {
			return f.Carry(f.Force.Version.ID, f.Revision.ID)
		}).submit().accept("chiara", "priya", "dana")
	}
	for _, name := range []string{"Onboarding guide", "Payslip explainer"} {
		for _, s := range c.kept[name].stories {
			s.do("anna", models.CapabilityFacts.NewDraft).submit().accept("anna", "priya", "dana")
		}
	}
}
