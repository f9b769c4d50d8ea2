package world

// The systems that the demo's agents reach.

type system struct {
	name, kind, sensitivity, team, says string
	operations                          []operation
	secret                              string
}

type operation struct {
	name, title, access string
	effects             []string
}

var systems = []system{
	{"HR desk", "saas", "internal", "Human Resources", "Tickets of employees to Human Resources", []operation{
		{"tickets.search", "Search tickets", "list", nil},
		{"tickets.read", "Read tickets", "read", nil},
		{"tickets.reply", "Reply to tickets", "write", nil},
		{"tickets.close", "Close tickets", "write", nil},
	}, "HR desk integration key"},
	{"People records", "data_store", "restricted", "Human Resources", "Contracts, salaries and absences", []operation{
		{"people.read", "Read personnel records", "read", []string{"sensitive-records"}},
		{"absences.write", "Book absences", "write", nil},
	}, ""},
	{"Staff handbook", "saas", "internal", "Human Resources", "Policies and how-tos", []operation{
		{"pages.read", "Read pages", "read", nil},
		{"pages.list", "List pages", "list", nil},
	}, ""},
	{"CRM", "saas", "confidential", "Customer Care", "Customers and their contacts", []operation{
		{"contacts.read", "Read contacts", "read", nil},
		{"contacts.update", "Change contacts", "write", nil},
		{"contacts.delete", "Delete contacts", "write", []string{"irreversible"}},
	}, "CRM service account"},
	{"Helpdesk", "saas", "internal", "Customer Care", "Customers' questions", []operation{
		{"cases.read", "Read cases", "read", nil},
		{"cases.answer", "Answer cases", "write", nil},
		{"cases.assign", "Assign cases", "write", nil},
	}, ""},
	{"Payments gateway", "internal_api", "restricted", "Payments", "Outgoing payments", []operation{
		{"payments.read", "Read payments", "read", nil},
		{"payments.propose", "Propose payments", "write", nil},
		{"payments.release", "Release payments", "write", []string{"outbound-payment", "irreversible"}},
	}, "Gateway signing key"},
	{"Ledger of accounts", "data_store", "confidential", "Payments", "Bookings", []operation{
		{"bookings.read", "Read bookings", "read", nil},
		{"bookings.post", "Post bookings", "write", nil},
	}, ""},
	{"Production cluster", "infrastructure", "confidential", "Platform", "Where the services run", []operation{
		{"pods.list", "List workloads", "list", nil},
		{"pods.restart", "Restart workloads", "write", []string{"modifies-infrastructure"}},
		{"deployments.scale", "Scale services", "write", []string{"modifies-infrastructure"}},
		{"roles.bind", "Grant cluster roles", "permissions", nil},
	}, "Cluster break-glass token"},
	{"Build pipeline", "cloud", "internal", "Platform", "Builds and releases", []operation{
		{"builds.read", "Read build logs", "read", nil},
		{"builds.rerun", "Run a build again", "write", nil},
		{"releases.publish", "Publish a release", "write", []string{"irreversible"}},
	}, ""},
	{"Documentation server", "mcp_server", "public", "Platform", "Public documentation, over MCP", []operation{
		{"search_docs", "Search the documentation", "read", nil},
		{"run_snippet", "Run a code snippet", "unknown", nil},
	}, ""},
	{"Web site", "saas", "public", "Customer Care", "The public site", []operation{
		{"articles.read", "Read articles", "read", nil},
		{"articles.publish", "Publish articles", "write", nil},
	}, ""},
}
