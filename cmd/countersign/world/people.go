// Package world makes the demo's organisation by acting through the product's
// own write path: every person, agent and signature in it has a true ledger.
package world

import "countersign/models"

// Person is one of the cast: who, in which team, with which roles.
type Person struct {
	Subject string // at the demo's identity provider, and the key in this package
	Name    string
	Email   string
	Team    string
	Says    string // what the sign-in page says about them
	Roles   []models.Role
	Left    bool // leaves during the story, and cannot sign in
}

// People are the cast, in the order of the sign-in page.
func People() []Person {
	person := func(subject, name, team, says string, roles ...models.Role) Person {
		return Person{Subject: subject, Name: name, Email: subject + "@meridian.example", Team: team, Says: says, Roles: roles}
	}
	cast := []Person{
		person("anna", "Anna Keller", "Human Resources", "Business owner: registers agents and writes their tasks", models.BusinessOwner),
		person("ben", "Ben Osei", "Payments", "Business owner", models.BusinessOwner),
		person("chiara", "Chiara Rossi", "Customer Care", "Business owner", models.BusinessOwner),
		person("pete", "Pete Novak", "Platform", "Provisioner: proposes the scope", models.Provisioner),
		person("priya", "Priya Shah", "Platform", "Provisioner", models.Provisioner),
		person("carlos", "Carlos Mendes", "Security Operations", "Control owner: writes the oversight plan, can stop an agent", models.ControlOwner),
		person("dana", "Dana Levi", "Security Operations", "Control owner, and stop officer: can stop a system, a team or everything", models.ControlOwner, models.StopOfficer),
		person("xu", "Xu Wei", "Risk", "Approver: signs off, asks for changes, or refuses", models.Approver),
		person("yara", "Yara Haddad", "Compliance", "Approver", models.Approver),
		person("zoe", "Zoë Lindqvist", "Risk", "Approver, in the same team as Xu Wei", models.Approver),
		person("udo", "Udo Brandt", "Internal Audit", "Auditor: reads everything, exports the matrix", models.Auditor),
		person("adam", "Adam Fischer", "Identity", "Administrator: people, teams, systems, rules", models.Administrator),
		person("eve", "Eve Laurent", "Identity", "Administrator: the second one, for what takes two", models.Administrator),
	}
	head := person("greta", "Greta Holm", "Management", "Holds no role: heads teams, and is told when their people are silent")
	frank := person("frank", "Frank Moreau", "Security Operations", "", models.ControlOwner)
	frank.Left = true
	return append(cast, head, frank)
}

var teams = []string{"Human Resources", "Payments", "Customer Care", "Platform", "Security Operations", "Risk", "Compliance", "Internal Audit", "Identity", "Management"}
