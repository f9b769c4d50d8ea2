package views

import "countersign/models"

// SomebodyForm asks for one person, or nobody: a manager, a team's head.
type SomebodyForm struct {
	Crumbs       []Crumb
	Title, Lead  string
	Action, Back string
	Pick         NomineePick
	Keys         FormKeys
	Errors       Errors
}

// PersonCrumbs lead to a page below a person's in the administration.
func PersonCrumbs(p models.Person, here string) []Crumb {
	return []Crumb{{"Administration", "/admin"}, {"People", "/admin/people"}, {p.Name, "/admin/people/" + p.ID}, {here, ""}}
}

// TeamCrumbs lead to a page below a team's.
func TeamCrumbs(t models.Team, here string) []Crumb {
	return []Crumb{{"Administration", "/admin"}, {"Teams", "/admin/teams"}, {t.Name, "/admin/teams/" + t.ID}, {here, ""}}
}
