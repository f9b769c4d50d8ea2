package world

import "countersign/models"

// agents tells the months before: most of what is in force, and how the rest ended.
func agents(c *cast) {
	c.until(int(span / models.Day))
	everyday(c)
	over(c)
}

// everyday: low and moderate tiers, whose reviews are far apart.
func everyday(c *cast) {
	hr := c.register("anna", "Leave assistant", "Answers employees' questions about leave and books absences.", "claude-sonnet-5")
	c.write(hr, "anna", "pete", "carlos", leaveQuestions).propose(leaveQuestions).sign("xu")
	c.write(c.register("anna", "Handbook search", "Finds the right page of the staff handbook.", "small-embedder-2"), "anna", "pete", "dana", readHandbook).propose(readHandbook).sign("zoe")
	c.write(c.register("chiara", "Site editor", "Drafts and publishes articles on the public site.", "gpt-6-mini"), "chiara", "pete", "carlos", publishArticles).propose(publishArticles).sign("yara")
	c.write(c.register("ben", "Bookkeeper", "Reads the bookings and explains differences.", "claude-sonnet-5"), "ben", "pete", "dana", explainBookings).propose(explainBookings).sign("zoe")
	c.write(c.register("ben", "Build doctor", "Reads failed builds and runs them again.", "claude-haiku-5", "development", "test"), "ben", "pete", "dana", rerunBuilds).propose(rerunBuilds).sign("yara")
	for _, name := range []string{"Onboarding guide", "Policy finder", "Payslip explainer"} {
		agent := c.register("anna", name, "Answers one kind of question from the handbook.", "claude-haiku-5")
		c.keepFor(name, agent, c.write(agent, "anna", "priya", "dana", readHandbook).propose(readHandbook).sign("xu"))
	}
	for _, name := range []string{"Case sorter", "Complaint spotter", "Night answers"} {
		c.write(c.register("chiara", name, "Works on customers' cases.", "claude-haiku-5"), "chiara", "pete", "carlos", answerCases).propose(answerCases).sign("zoe")
	}
	for _, name := range []string{"Dunning helper", "Reconciliation agent"} {
		c.write(c.register("ben", name, "Reads bookings and reports what does not match.", "claude-sonnet-5"), "ben", "priya", "dana", explainBookings).propose(explainBookings).sign("yara")
	}
	// Nobody reviewed this one in time: it has lapsed.
	shift := c.write(c.register("anna", "Shift planner", "Books absences into the shift plan.", "claude-sonnet-5"), "anna", "priya", "carlos", bookAbsences).propose(bookAbsences).sign("yara", "xu")
	c.forgotten[shift.capability] = true
}

// grave: high and critical tiers, which are reviewed every 90 and every 30 days.
func grave(c *cast) {
	c.until(60)
	c.pace = 0.4
	help := c.register("chiara", "Customer helper", "Answers customers' questions and keeps their contact data right.", "claude-sonnet-5", "staging", "production")
	c.keepFor("Customer helper", help,
		c.write(help, "chiara", "priya", "dana", answerCases).propose(answerCases).sign("xu"),
		c.write(help, "chiara", "priya", "dana", updateContacts).propose(updateContacts).sign("yara", "zoe"))
	pay := c.register("ben", "Invoice agent", "Matches invoices, proposes payments and, once signed, releases them.", "claude-opus-5")
	c.write(pay, "ben", "priya", "carlos", matchInvoices).propose(matchInvoices).sign("xu", "yara")
	desk := c.register("anna", "Absence desk", "Books absences that team leads have approved.", "claude-sonnet-5")
	c.keepFor("Absence desk", desk, c.write(desk, "anna", "priya", "carlos", bookAbsences).propose(bookAbsences).sign("yara", "xu"))
	medic := c.register("anna", "Cluster medic", "Restarts workloads that hang and scales services under load.", "claude-opus-5")
	c.write(medic, "anna", "pete", "dana", restartWorkloads).propose(restartWorkloads).sign("xu", "zoe")
	c.until(22)
	c.write(pay, "ben", "priya", "carlos", releasePayments).propose(releasePayments).sign("xu", "yara")
}

// over: one of each way in which a version or an agent ends.
func over(c *cast) {
	superseded := c.write(c.register("anna", "Absence reporter", "Reports absences to team leads.", "claude-haiku-5"), "anna", "priya", "carlos", leaveQuestions).propose(leaveQuestions).sign("xu")
	superseded.do("anna", models.CapabilityFacts.NewDraft).scope(closeTickets).submit().accept("anna", "priya", "carlos").sign("yara")

	revoked := c.write(c.register("chiara", "Contact cleaner", "Deletes contacts that nobody needs any more.", "gpt-6-mini"), "chiara", "priya", "dana", deleteContacts).propose(deleteContacts).sign("xu", "yara")
	c.days(9)
	revoked.do("dana", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Revoke("It deleted contacts that were still under a legal hold.")
	})

	refused := c.write(c.register("ben", "Rights broker", "Grants cluster roles on request.", "claude-opus-5"), "ben", "pete", "carlos", grantRoles).propose(grantRoles)
	refused.do("yara", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Refuse(shown(f), models.Signing{Comment: "Granting roles stays with people. Nothing here says who would notice a wrong grant within five minutes."})
	})

	withdrawn := c.write(c.register("chiara", "Survey caller", "Calls customers for surveys.", "gpt-6-mini"), "chiara", "pete", "carlos", answerCases).propose(answerCases)
	withdrawn.do("chiara", func(f models.CapabilityFacts) (models.Change, error) {
		return f.Withdraw(f.Open.Version.ID, "The project was stopped before it began.")
	})

	late := answerCases
	late.title, late.startIn = "Answer cases during the summer", 50
	c.write(c.register("chiara", "Summer stand-in", "Stands in for colleagues during the summer.", "claude-haiku-5"), "chiara", "pete", "dana", late).propose(late).sign("zoe")
	c.days(33)

	short := answerCases
	short.title, short.endIn = "Answer cases of the winter campaign", 20
	c.write(c.register("chiara", "Campaign helper", "Answers questions about the winter campaign.", "claude-haiku-5"), "chiara", "pete", "dana", short).propose(short).sign("xu")
	c.days(25)

	retired := c.register("ben", "Fax reader", "Read faxes until there were none.", "ocr-1")
	c.agent("ben", retired, noLookup, func(f models.AgentFacts) (models.Change, error) { return f.Retire("There are no faxes any more.") })
}

func shown(f models.CapabilityFacts) models.Shown {
	return models.Shown{VersionID: f.Open.Version.ID, Digest: f.Open.Version.Digest, Round: f.Open.Version.Round}
}
