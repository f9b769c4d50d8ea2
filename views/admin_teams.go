package views

import (
	"countersign/models"
	"time"
)

// AdminTeamsPage is the list of teams, with the form that adds one.
type AdminTeamsPage struct {
	Teams          []AdminTeamRow
	Search         string
	Previous, Next string
	Name           string // as typed
	May            bool
	Keys           FormKeys
	Errors         Errors
}

// AdminTeamRow is one of them.
type AdminTeamRow struct {
	models.Team
	Members, Systems int
}

// AdminTeamPage is one team.
type AdminTeamPage struct {
	models.Team
	Head    models.Party // zero for none
	Members []models.Party
	Systems []models.System
	Typed   string // the name, as it is or as typed
	May     bool
	Keys    FormKeys
	Errors  Errors
}

// AdminGroupsPage is the group mappings, with the form that adds one.
type AdminGroupsPage struct {
	Mappings                []AdminMapping
	Issuer, GroupName, Role string // as typed
	Issuers                 []string
	May                     bool
	Keys                    FormKeys
	Errors                  Errors
	Now                     time.Time
}

// AdminMapping is one of them, with the form that ends it.
type AdminMapping struct {
	models.GroupMapping
	By   models.Party
	Keys FormKeys
}
