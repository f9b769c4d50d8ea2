package models

// RenamePerson changes how a person is called and written to: an administrator
// does, of others. rev is the person's revision as shown. What is signed names
// people by id, so no digest moves; the record keeps the former name.
func (f AdminFacts) RenamePerson(person, name, email string, rev int64) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	p, ok := f.People[person]
	if !ok {
		return Change{}, notFound("person")
	}
	if person == f.By.Person.ID {
		return Change{}, forbidden("admin.self", "You cannot change your own name; another administrator can.")
	}
	x := p.Person
	if x.Status != PersonActive {
		return Change{}, conflict("person.left", "%s is deactivated; nothing of theirs changes any more.", x.Name)
	}
	if x.Rev != rev {
		return Change{}, staleForm()
	}
	name, email = oneLine(name), oneLine(email)
	var ps problems
	ps.needText("name", name, MaxName, "the person's name")
	ps.text("email", email, MaxName)
	if err := ps.err(); err != nil {
		return Change{}, err
	}
	if x.Name == name && x.Email == email {
		return Change{}, conflict("person.same", "The name and the e-mail are already these.")
	}
	c := f.settings("person.renamed", x.ID)
	c.touch(TouchPerson, x.ID)
	c.note("was", x.Name)
	c.note("name", name)
	x.Name, x.Email = name, email
	c.update(&x)
	return *c, nil
}

// RenameTeam changes how a team is called: an administrator does. rev is its
// revision as shown.
func (f AdminFacts) RenameTeam(team, name string, rev int64) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	name = oneLine(name)
	var x *Team
	var p problems
	p.needText("name", name, MaxName, "the team's name")
	for _, t := range f.Teams {
		switch {
		case t.ID == team:
			x = &t
		case t.Name == name:
			p.add("name", "There is already a team of this name.")
		}
	}
	if x == nil {
		return Change{}, notFound("team")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if x.Rev != rev {
		return Change{}, staleForm()
	}
	if x.Name == name {
		return Change{}, conflict("team.same", "The team is already called %s.", name)
	}
	c := f.settings("team.renamed", x.ID)
	c.note("was", x.Name)
	c.note("name", name)
	x.Name = name
	c.update(x)
	return *c, nil
}
