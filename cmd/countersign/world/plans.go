package world

// What the demo's capabilities say.

var leaveQuestions = plan{
	title: "Answer questions about leave", task: "Reads employees' tickets about leave and replies with the rule that applies and a link to the handbook.",
	acceptable:  "Right answers with the page they come from; a ticket handed to a person when the rule is not clear.",
	forbidden:   "Granting or refusing leave; saying anything about another employee.",
	sensitivity: "internal", autonomy: "reports", volume: 200, lifetime: 30, secrets: []string{"HR desk integration key"},
	grants: []grant{{"tickets.read", []string{"leave/*"}}, {"tickets.reply", []string{"leave/*"}}, {"pages.read", nil}}, conditions: "Only tickets of the queue Leave.",
}

var closeTickets = plan{
	title: "Close solved tickets", task: "Closes tickets that the employee has confirmed as solved.", acceptable: "Solved tickets closed within a day.",
	forbidden: "Closing a ticket that nobody confirmed.", sensitivity: "internal", autonomy: "reports", volume: 100, lifetime: 30,
	grants: []grant{{"tickets.read", nil}, {"tickets.close", []string{"leave/*", "payroll/*"}}},
}

var bookAbsences = plan{
	title: "Book absences", task: "Books absences that a team lead has approved.", acceptable: "Every approved absence booked once.",
	forbidden: "Booking what nobody approved; reading a record without a request.", sensitivity: "restricted", autonomy: "asks", volume: 60, lifetime: 15,
	grants: []grant{{"people.read", []string{"absences/*"}}, {"absences.write", []string{"absences/*"}}},
}

var readHandbook = plan{
	title: "Find pages of the handbook", task: "Finds the page that answers a question.", acceptable: "A page, or the honest answer that there is none.",
	forbidden: "Making a rule up.", sensitivity: "internal", autonomy: "suggests", volume: 1000, lifetime: 60,
	grants: []grant{{"pages.list", nil}, {"pages.read", nil}},
}

var answerCases = plan{
	title: "Answer customers' cases", task: "Reads cases of customers and answers those that the knowledge base covers.", acceptable: "Right, polite answers; a handover to a person when unsure.",
	forbidden: "Promising money, discounts or dates; sharing another customer's data.", sensitivity: "internal", autonomy: "reports", volume: 500, lifetime: 20,
	grants: []grant{{"cases.read", nil}, {"cases.answer", []string{"queue/general/*"}}},
}

var updateContacts = plan{
	title: "Keep contact data right", task: "Changes addresses and phone numbers when a customer asks for it in a verified session.", acceptable: "The contact changed as asked, with a note of the request.",
	forbidden: "Changing bank details; deleting contacts.", sensitivity: "confidential", autonomy: "asks", volume: 80, lifetime: 15, secrets: []string{"CRM service account"},
	grants: []grant{{"contacts.read", nil}, {"contacts.update", []string{"contacts/*/address", "contacts/*/phone"}}},
}

var deleteContacts = plan{
	title: "Delete old contacts", task: "Deletes contacts without activity for ten years.", acceptable: "Old contacts gone, with a list of what was deleted.",
	forbidden: "Deleting anything under a legal hold.", sensitivity: "confidential", autonomy: "asks", volume: 50, lifetime: 10,
	grants: []grant{{"contacts.read", nil}, {"contacts.delete", nil}},
}

var publishArticles = plan{
	title: "Publish articles", task: "Publishes articles that an editor has approved.", acceptable: "Approved articles on the site within the hour.",
	forbidden: "Publishing what nobody approved.", sensitivity: "public", autonomy: "asks", volume: 20, lifetime: 30,
	grants: []grant{{"articles.read", nil}, {"articles.publish", []string{"news/*"}}},
}

var matchInvoices = plan{
	title: "Match invoices", task: "Reads payments and bookings, matches invoices and proposes payments to a person.", acceptable: "Matched invoices with the reason for each match.",
	forbidden: "Releasing a payment.", sensitivity: "restricted", autonomy: "reports", volume: 400, lifetime: 15,
	grants: []grant{{"payments.read", nil}, {"payments.propose", nil}, {"bookings.read", nil}},
}

var releasePayments = plan{
	title: "Release payments", task: "Releases payments that two people have approved, up to 2,000 francs each.", acceptable: "Approved payments out on their day.",
	forbidden: "Changing an amount or an account; releasing what fewer than two people approved.", sensitivity: "restricted", autonomy: "asks", volume: 40, lifetime: 5,
	secrets: []string{"Gateway signing key"}, grants: []grant{{"payments.read", nil}, {"payments.release", []string{"domestic/*"}}}, conditions: "Amounts up to 2,000 francs, accounts within the country.",
}

var watchPayments = plan{
	title: "Look for unusual payments", task: "Reads payments and reports those that look unusual.", acceptable: "A short list with reasons.",
	forbidden: "Holding or changing a payment.", sensitivity: "restricted", autonomy: "suggests", volume: 5000, lifetime: 15, grants: []grant{{"payments.read", nil}},
}

var explainBookings = plan{
	title: "Explain differences", task: "Reads bookings and explains differences between accounts.", acceptable: "An explanation with the bookings that it rests on.",
	forbidden: "Posting or changing bookings.", sensitivity: "confidential", autonomy: "suggests", volume: 300, lifetime: 30, grants: []grant{{"bookings.read", nil}},
}

var restartWorkloads = plan{
	title: "Restart what hangs", task: "Restarts workloads that fail their health check and scales services within their limits.", acceptable: "A healthy service, and a note of what was done.",
	forbidden: "Touching databases; scaling to zero.", sensitivity: "confidential", autonomy: "reports", volume: 30, lifetime: 10, secrets: []string{"Cluster break-glass token"},
	grants: []grant{{"pods.list", nil}, {"pods.restart", []string{"ns/web/*", "ns/api/*"}}, {"deployments.scale", []string{"ns/web/*"}}},
}

var rerunBuilds = plan{
	title: "Run failed builds again", task: "Reads the log of a failed build and runs it again once.", acceptable: "A green build, or a note of why not.",
	forbidden: "Changing code or settings.", sensitivity: "internal", autonomy: "alone", volume: 60, lifetime: 20, grants: []grant{{"builds.read", nil}, {"builds.rerun", nil}},
}

var publishReleases = plan{
	title: "Publish releases", task: "Publishes a release when every test has passed.", acceptable: "A release with its notes.",
	forbidden: "Publishing with a failed test.", sensitivity: "internal", autonomy: "asks", volume: 5, lifetime: 10, grants: []grant{{"builds.read", nil}, {"releases.publish", nil}},
}

var grantRoles = plan{
	title: "Grant cluster roles", task: "Grants cluster roles that a ticket asks for.", acceptable: "The role that the ticket names, for a week.",
	forbidden: "Granting administrator roles.", sensitivity: "confidential", autonomy: "asks", volume: 20, lifetime: 5, grants: []grant{{"roles.bind", nil}},
}

var readRecords = plan{
	title: "Read personnel records for a letter", task: "Reads the record of the person whom a letter is about and drafts it.", acceptable: "A draft that a person checks.",
	forbidden: "Reading anybody else's record; sending anything.", sensitivity: "restricted", autonomy: "suggests", volume: 20, lifetime: 10, grants: []grant{{"people.read", []string{"employees/*"}}},
}
