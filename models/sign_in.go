package models

import (
	"slices"
)

// Login is what an identity provider vouched for at a sign-in (OpenID Connect
// Core 1.0): the id token's claims, checked.
type Login struct {
	Issuer, Subject string
	Name, Email     string
	Groups          []string
	AuthAt          Instant
}

// SignInResult is the account of a login and the person it belongs to, nil when nobody yet.
type SignInResult struct {
	AccountID string
	Person    *Party
}

// SignInFacts are what a sign-in looks at.
type SignInFacts struct {
	Env
	Account  *Account
	Person   *Party
	Grants   []Grant        // the person's open ones
	Mappings []GroupMapping // open ones of the issuer
}

// SignIn keeps what the provider says of an account and brings the roles that
// come from its groups up to date. An unknown account is kept and is nobody. The
// bool is false when nothing has to be written.
func (f SignInFacts) SignIn(in Login) (Change, bool, error) {
	groups := slices.Clone(in.Groups)
	slices.Sort(groups)
	groups = slices.Compact(groups)
	if groups == nil {
		groups = []string{}
	}
	if len(groups) > 500 {
		groups = groups[:500]
	}
	c := f.change("account.signed_in", "")
	name, email := cut(oneLine(in.Name), MaxName), cut(oneLine(in.Email), MaxName)
	if f.Account == nil {
		a := &Account{ID: c.id("acc"), Issuer: in.Issuer, Subject: in.Subject, Name: name, Email: email, Groups: canonical(groups)}
		c.act, c.subject = "account.seen", a.ID
		c.touch(TouchSettings, "installation")
		c.insert(a)
		return *c, true, nil
	}
	a := *f.Account
	c.subject = a.ID
	if a.Name != name || a.Email != email || a.Groups != canonical(groups) {
		a.Name, a.Email, a.Groups = name, email, canonical(groups)
		c.update(&a)
	}
	if f.Person != nil && f.Person.Person.Status == PersonActive {
		c.touch(TouchPerson, f.Person.Person.ID)
		f.roles(c, groups)
	}
	return *c, len(c.writes) > 0, nil
}

// roles ends what a group no longer gives and gives what it newly does. A role
// that the rules refuse (an auditor's second, one's own mapping) is left out.
func (f SignInFacts) roles(c *Change, groups []string) {
	wanted := map[Role]GroupMapping{}
	for _, m := range f.Mappings {
		if slices.Contains(groups, m.GroupName) && m.CreatedBy != f.Person.Person.ID {
			wanted[m.Role] = m
		}
	}
	admin := AdminFacts{Env: f.Env}
	for i := range f.Grants {
		g := f.Grants[i]
		if _, ok := wanted[g.Role]; g.Source == "group" && !ok {
			g.EndedAt = f.Now.Ref()
			c.update(&g)
			c.note("ended", string(g.Role))
			continue
		}
		admin.Grants = append(admin.Grants, g)
	}
	for _, r := range Roles {
		m, ok := wanted[r]
		if !ok || slices.ContainsFunc(admin.Grants, func(g Grant) bool { return g.Role == r && g.Source == "group" }) {
			continue
		}
		if err := admin.grant(c, *f.Person, r, "group", m.CreatedBy); err != nil {
			c.note("left_out", err.Error())
			continue
		}
		admin.Grants = append(admin.Grants, Grant{PersonID: f.Person.Person.ID, Role: r, Source: "group"})
	}
}

// Bootstrap makes the first administrator of an installation that has none: the
// account is linked by the operator's configuration, not by an administrator.
func (f SignInFacts) Bootstrap(in Login) (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("bootstrap.system", "Only the operator's configuration names the first administrators.")
	}
	if f.Account != nil && f.Account.PersonID != nil {
		return Change{}, conflict("bootstrap.linked", "This account already belongs to somebody.")
	}
	name := oneLine(in.Name)
	var p problems
	p.needText("name", name, MaxName, "a name")
	p.needText("issuer", in.Issuer, MaxLine, "an issuer")
	p.needText("subject", in.Subject, MaxLine, "a subject")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.change("person.bootstrapped", "")
	x := &Person{ID: c.id("per"), Name: name, Email: oneLine(in.Email), TimeZone: "UTC", Status: PersonActive}
	c.subject = x.ID
	c.touch(TouchPerson, x.ID)
	c.touch(TouchSettings, "installation")
	c.insert(x)
	if f.Account != nil {
		a := *f.Account
		a.PersonID = &x.ID
		c.update(&a)
	} else {
		c.insert(&Account{ID: c.id("acc"), Issuer: in.Issuer, Subject: in.Subject, Name: name, Email: x.Email, Groups: "[]", PersonID: &x.ID})
	}
	c.insert(&Grant{ID: c.id("grt"), PersonID: x.ID, Role: Administrator, Source: "bootstrap", GrantedBy: SystemActor, GrantedAt: f.Now})
	return *c, nil
}

// FirstRules puts the standard tier rules in force on a new installation.
func (f AdminFacts) FirstRules() (Change, error) {
	if !f.bySystem() || f.Rules.ID != "" {
		return Change{}, conflict("rules.first", "There are tier rules already.")
	}
	c := f.settings("rules.set", "")
	row := &TierRulesRow{ID: c.id("rul"), No: 1, Body: canonical(StandardRules()), State: RulesActive, Reason: "The rules that every installation starts with.",
		ProposedBy: SystemActor, ProposedAt: f.Now, DecidedAt: f.Now.Ref()}
	c.subject = row.ID
	c.insert(row)
	return *c, nil
}
