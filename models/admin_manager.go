package models

import "slices"

// SetManager says who a person's manager is, who is told when the person is silent: an
// administrator does, never for themselves. manager "" is nobody. rev is the person's
// revision as shown. Refused: oneself, who is not active, and a circle.
func (f AdminFacts) SetManager(person, manager string, rev int64) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	p, ok := f.People[person]
	if !ok {
		return Change{}, notFound("person")
	}
	x := p.Person
	switch {
	case person == f.By.Person.ID:
		return Change{}, forbidden("admin.self", "You cannot set your own manager; another administrator can.")
	case x.Status != PersonActive:
		return Change{}, conflict("person.left", "%s is deactivated; nothing of theirs changes any more.", x.Name)
	case x.Rev != rev:
		return Change{}, staleForm()
	}
	was := ""
	if x.ManagerID != nil {
		was = *x.ManagerID
	}
	if was == manager {
		return Change{}, conflict("manager.same", "Nothing to change: this is their manager already.")
	}
	c := f.settings("person.manager_set", x.ID)
	c.touch(TouchPerson, x.ID)
	c.note("manager", manager)
	x.ManagerID = nil
	if manager != "" {
		if err := f.mayManage(x, manager); err != nil {
			return Change{}, err
		}
		c.touch(TouchPerson, manager)
		x.ManagerID = &manager
	}
	c.update(&x)
	return *c, nil
}

func (f AdminFacts) mayManage(x Person, manager string) error {
	var p problems
	m, ok := f.People[manager]
	switch {
	case !ok || m.Person.Status != PersonActive:
		p.add("manager", "Choose somebody who is active here.")
	case manager == x.ID:
		p.add("manager", "Nobody is their own manager. Choose somebody else.")
	case slices.Contains(f.Above, x.ID):
		p.add("manager", "%s is above %s already, so this would be a circle. Choose somebody else.", x.Name, m.Person.Name)
	}
	return p.err()
}

// SetHead says who heads a team, who is told when its people are silent: an
// administrator does, never of themselves. person "" is nobody. rev is the team's
// revision as shown.
func (f AdminFacts) SetHead(team, person string, rev int64) (Change, error) {
	x, err := f.teamToChange(team, rev)
	if err != nil {
		return Change{}, err
	}
	was := ""
	if x.HeadID != nil {
		was = *x.HeadID
	}
	if was == person {
		return Change{}, conflict("head.same", "Nothing to change: this is the team’s head already.")
	}
	if me := f.By.Person.ID; person == me && !f.bySystem() {
		return Change{}, forbidden("admin.self", "You cannot make yourself a team’s head; another administrator can.")
	}
	c := f.settings("team.head_set", x.ID)
	c.note("team", x.Name)
	c.note("head", person)
	x.HeadID = nil
	if person != "" {
		if p, ok := f.People[person]; !ok || p.Person.Status != PersonActive {
			return Change{}, problems{{"head", "Choose somebody who is active here."}}.err()
		}
		c.touch(TouchPerson, person)
		x.HeadID = &person
	}
	c.update(&x)
	return *c, nil
}

// teamToChange is the team for an administrator who saw it at the revision.
func (f AdminFacts) teamToChange(team string, rev int64) (Team, error) {
	if err := f.admin(); err != nil {
		return Team{}, err
	}
	x, ok := f.Teams[team]
	if !ok {
		return Team{}, notFound("team")
	}
	if x.Rev != rev {
		return Team{}, staleForm()
	}
	return x, nil
}

// SetPath says which way the silence of a team's people goes where an oversight plan
// names none: an administrator does. An empty path is the standard one again. rev is the
// team's revision as shown.
func (f AdminFacts) SetPath(team string, path Path, rev int64) (Change, error) {
	x, err := f.teamToChange(team, rev)
	if err != nil {
		return Change{}, err
	}
	var p problems
	path.check(&p, "path")
	path.checkPeople(&p, "path", f.People)
	if err := p.err(); err != nil {
		return Change{}, err
	}
	path = path.named(f.People)
	body := ""
	if len(path) > 0 {
		body = canonical(path)
	}
	if x.Path == body {
		return Change{}, conflict("path.same", "Nothing differs from the path that the team has.")
	}
	c := f.settings("team.path_set", x.ID)
	c.note("team", x.Name)
	c.note("path", path.Words())
	x.Path = body
	c.update(&x)
	return *c, nil
}
