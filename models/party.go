package models

import "slices"

// Party is a person with what they hold just now: active grants and team memberships.
type Party struct {
	Person Person
	Roles  []Role
	Teams  []Team
}

// Has says whether the person is active and holds the role now.
func (p Party) Has(r Role) bool {
	return p.Person.Status == PersonActive && slices.Contains(p.Roles, r)
}

// On says whether the person is a member of the team now.
func (p Party) On(teamID string) bool {
	return slices.ContainsFunc(p.Teams, func(t Team) bool { return t.ID == teamID })
}

// Team is the name of the person's first team, or "no team".
func (p Party) Team() string {
	if len(p.Teams) == 0 {
		return "no team"
	}
	return p.Teams[0].Name
}

// Env is what every rule is given: the act, who does it (fresh from the
// database) and the time, taken after the ledger's head was locked.
type Env struct {
	Act Act
	By  Party // the zero Party for SystemActor
	Now Instant
}

// bySystem says that the clock or the bootstrap acts.
func (e Env) bySystem() bool { return e.Act.Person == SystemActor }

// FreshFor is how long after signing in a sign-in counts as fresh.
const FreshFor = 5 * Minute

// Fresh says whether the person signed in just now.
func (e Env) Fresh() bool { return e.Now-e.Act.AuthAt <= FreshFor }

func (e Env) must(r Role) error {
	if !e.By.Has(r) {
		return forbidden("role."+string(r), "Only a person with the role %s can do this.", r.Words())
	}
	return nil
}
