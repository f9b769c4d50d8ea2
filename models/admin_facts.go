package models

// AdminFacts are the facts for an administrator's acts, as far as the act asks for them.
type AdminFacts struct {
	Env
	People   map[string]Party
	Accounts map[string]Account
	Teams    map[string]Team
	Members  []TeamMember // of the people and teams asked for, left ones too
	Grants   []Grant      // open, of the people asked for
	Mappings []GroupMapping
	Link     *AccountLink
	Waiting  []AccountLink // proposals about the accounts or people asked for that are not decided yet
	Merge    *MergeFacts
	Rules    TierRulesRow  // active
	Other    *TierRulesRow // proposed, where there is one
	LastNo   int           // of the tier rules
	Duties   []Duty        // open, of the subject asked for
	Answers  bool          // the person asked for holds something that is in force

	Switch         *EmergencySwitch // the emergency path, while it is on
	SwitchProposed *EmergencySwitch // that waits for a second administrator

	// Open ones that are not over, of the people asked for and, where an act is about
	// one of the actor's, of the actor; from either side.
	Delegations []Delegation

	Owed []Duty // open, of the person who would leave; at most MostEnded

	Above []string // the managers above the manager asked for, nearest first

	Passkeys  []Passkey  // the actor's, in use, where the act asks for them
	Challenge *Challenge // that is answered, nil for none
}

// MergeFacts are what two people stand in together.
type MergeFacts struct {
	Versions []VersionFile // not ended, where either stands
	Mandates []Mandate     // open, of those versions
	Seats    []Seat        // of those mandates
	Restarts []Restart     // open, of those versions
	Duties   []Duty        // open, about those versions

	Emergencies []Emergency // open, of those versions

	Reviews []ReviewFile // open, of the capabilities of those versions
	Holds   []Hold       // open ones for want of a review, of those capabilities
}

func (f AdminFacts) settings(act, subject string) *Change {
	c := f.change(act, subject)
	c.touch(TouchSettings, "installation")
	return c
}

func (f AdminFacts) admin() error {
	if f.bySystem() {
		return nil
	}
	return f.must(Administrator)
}

// MostEnded is how many of a leaver's duties end in the very act; the clock ends the
// rest, since an entry of the record is bounded.
const MostEnded = 100

// AddPerson makes a person, who can do nothing before an account is linked and a
// role granted: an administrator does.
func (f AdminFacts) AddPerson(name, email, timeZone string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	name, email = oneLine(name), oneLine(email)
	if timeZone == "" {
		timeZone = "UTC"
	}
	var p problems
	p.needText("name", name, MaxName, "the person's name")
	p.text("email", email, MaxName)
	p.choice("time_zone", timeZone, TimeZones, "a time zone")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.settings("person.added", "")
	x := &Person{ID: c.id("per"), Name: name, Email: email, TimeZone: timeZone, Status: PersonActive}
	c.subject = x.ID
	c.touch(TouchPerson, x.ID)
	c.note("name", name)
	c.insert(x)
	return *c, nil
}

// Leave deactivates a person: their grants, delegations and duties end, their sessions
// with the next request, and one hold stops what they answer for until a successor
// accepts. Their manager stays, who is asked for successors; where they are somebody's
// manager or a team's head, that is a hole from now on.
func (f AdminFacts) Leave(person, reason string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	p, ok := f.People[person]
	if !ok {
		return Change{}, notFound("person")
	}
	if person == f.By.Person.ID {
		return Change{}, forbidden("admin.self", "You cannot deactivate yourself; another administrator can.")
	}
	if p.Person.Status != PersonActive {
		return Change{}, conflict("person.left", "%s is already deactivated.", p.Person.Name)
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.settings("person.left", person)
	c.note("reason", reason)
	f.leave(c, p.Person, PersonLeft, reason)
	return *c, nil
}

func (f AdminFacts) leave(c *Change, x Person, status, reason string) {
	x.Status = status
	c.touch(TouchPerson, x.ID)
	c.update(&x)
	for i := range f.Grants {
		if g := f.Grants[i]; g.PersonID == x.ID && g.EndedAt == nil {
			g.EndedAt = f.Now.Ref()
			c.update(&g)
		}
	}
	for i := range f.Members {
		if m := f.Members[i]; m.PersonID == x.ID && m.LeftAt == nil {
			m.LeftAt = f.Now.Ref()
			c.update(&m)
		}
	}
	f.endDelegationsOf(c, x.ID)
	for i := range f.Owed {
		if d := f.Owed[i]; !staysOwed(d.Kind) { // the clock asks who comes next
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
	if f.Answers {
		c.insert(&Hold{ID: c.id("hld"), TargetKind: OnPerson, TargetID: x.ID, Kind: HoldLeaver, Cause: reason, PlacedBy: f.Act.Person, PlacedAt: f.Now})
		c.notify("person.left", "person:"+x.ID, x.ID)
	}
}

// AddTeam makes a team: an administrator does.
func (f AdminFacts) AddTeam(name string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	name = oneLine(name)
	var p problems
	p.needText("name", name, MaxName, "the team's name")
	for _, t := range f.Teams {
		if t.Name == name {
			p.add("name", "There is already a team of this name.")
		}
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.settings("team.added", "")
	t := &Team{ID: c.id("tea"), Name: name}
	c.subject = t.ID
	c.note("name", name)
	c.insert(t)
	return *c, nil
}

// SetMember puts a person in a team or takes them out: an administrator does, of
// others, since teams count as apart when approvers sign.
func (f AdminFacts) SetMember(team, person string, member bool) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	t, ok := f.Teams[team]
	p, ok2 := f.People[person]
	if !ok || !ok2 || p.Person.Status != PersonActive {
		return Change{}, problems{{"person", "Choose an active person and a team."}}.err()
	}
	if person == f.By.Person.ID {
		return Change{}, forbidden("admin.self", "You cannot change your own teams; another administrator can.")
	}
	if p.On(team) == member {
		return Change{}, conflict("team.same", "Nothing to change: %s is %s in %s.", p.Person.Name, map[bool]string{true: "already", false: "not"}[member], t.Name)
	}
	act := "team.left"
	if member {
		act = "team.joined"
	}
	c := f.settings(act, person)
	c.touch(TouchPerson, person)
	c.note("team", t.Name)
	for i := range f.Members {
		if m := f.Members[i]; m.TeamID == team && m.PersonID == person {
			if member {
				m.JoinedAt, m.LeftAt = f.Now, nil
			} else {
				m.LeftAt = f.Now.Ref()
			}
			c.update(&m)
			return *c, nil
		}
	}
	c.insert(&TeamMember{TeamID: team, PersonID: person, JoinedAt: f.Now})
	return *c, nil
}

// Grant gives a person a role: an administrator does, never to themselves.
func (f AdminFacts) Grant(person string, r Role) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	p, ok := f.People[person]
	if !ok {
		return Change{}, notFound("person")
	}
	c := f.settings("grant.given", person)
	if err := f.grant(c, p, r, "admin", f.Act.Person); err != nil {
		return Change{}, err
	}
	return *c, nil
}

func (f AdminFacts) grant(c *Change, p Party, r Role, source, by string) error {
	id := p.Person.ID
	switch {
	case by == id:
		return forbidden("grant.self", "Nobody grants a role to themselves; another administrator can.")
	case p.Person.Status != PersonActive:
		return conflict("person.left", "%s is deactivated.", p.Person.Name)
	case !hasRole(Roles, r):
		return problems{{"role", "Choose a role from the list."}}.err()
	}
	for _, g := range f.Grants {
		if g.PersonID != id || g.EndedAt != nil {
			continue
		}
		if g.Role == r && g.Source == source {
			return conflict("grant.same", "%s already has the role %s.", p.Person.Name, r.Words())
		}
		if g.Role != r && (g.Role == Auditor || r == Auditor) {
			return forbidden("grant.auditor", "An auditor holds no other role: %s is %s.", p.Person.Name, g.Role.Words())
		}
	}
	c.touch(TouchPerson, id)
	c.note("role", string(r))
	c.insert(&Grant{ID: c.id("grt"), PersonID: id, Role: r, Source: source, GrantedBy: by, GrantedAt: f.Now})
	return nil
}

func hasRole(list []Role, r Role) bool {
	for _, x := range list {
		if x == r {
			return true
		}
	}
	return false
}

// EndGrant takes a role away: an administrator does. What the person already
// accepted stays theirs until a successor accepts it. Nobody takes the role
// administrator from themselves, so that one always remains.
func (f AdminFacts) EndGrant(grant string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	for i := range f.Grants {
		g := f.Grants[i]
		if g.ID != grant {
			continue
		}
		if g.PersonID == f.By.Person.ID && g.Role == Administrator {
			return Change{}, forbidden("admin.self", "You cannot take the role administrator from yourself; another administrator can.")
		}
		if g.Source == "group" {
			return Change{}, conflict("grant.group", "This role comes from a group of the identity provider and would come back at the next sign-in. End the mapping, or take the person out of the group.")
		}
		c := f.settings("grant.ended", g.PersonID)
		c.touch(TouchPerson, g.PersonID)
		c.note("role", string(g.Role))
		g.EndedAt = f.Now.Ref()
		c.update(&g)
		return *c, nil
	}
	return Change{}, notFound("grant")
}

// MapGroup turns a group of the identity provider into a role at sign-in: an
// administrator does. It never gives the role to the one who made it.
func (f AdminFacts) MapGroup(issuer, group string, r Role) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	issuer, group = oneLine(issuer), oneLine(group)
	var p problems
	p.needText("issuer", issuer, MaxLine, "the issuer's address")
	p.needText("group_name", group, MaxName, "the group's name, as the identity provider sends it")
	if !hasRole(Roles, r) {
		p.add("role", "Choose a role from the list.")
	}
	for _, m := range f.Mappings {
		if m.Issuer == issuer && m.GroupName == group && m.Role == r && m.EndedAt == nil {
			p.add("group_name", "This group already gives this role.")
		}
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.settings("group.mapped", "")
	m := &GroupMapping{ID: c.id("map"), Issuer: issuer, GroupName: group, Role: r, CreatedBy: f.Act.Person, CreatedAt: f.Now}
	c.subject = m.ID
	c.note("group", group)
	c.note("role", string(r))
	c.insert(m)
	return *c, nil
}

// UnmapGroup ends a mapping; the roles that came from it end at each person's
// next sign-in: an administrator does.
func (f AdminFacts) UnmapGroup(id string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	for i := range f.Mappings {
		if m := f.Mappings[i]; m.ID == id && m.EndedAt == nil {
			c := f.settings("group.unmapped", m.ID)
			c.note("group", m.GroupName)
			c.note("role", string(m.Role))
			m.EndedAt = f.Now.Ref()
			c.update(&m)
			return *c, nil
		}
	}
	return Change{}, notFound("mapping")
}
