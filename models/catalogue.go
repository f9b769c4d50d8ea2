package models

import (
	"slices"
)

// CatalogueFacts are the facts for acts on systems, operations and secrets.
type CatalogueFacts struct {
	Env
	System    *System
	Operation *Operation // asked for by id
	Secret    *SecretRef
	SameName  string // the id of another row of the name that is to be taken, or ""
	Teams     map[string]Team

	Operations map[string]Operation // by name, all of the system: only for an import
	Secrets    map[string]SecretRef // by name, likewise

	Rules    TierRulesRow // active: only for a change of what is there
	Uses     []LiveUse    // in force and reaching the system, at most MaxTold: likewise
	UsesMore bool         // there are more

	Sightings Sightings // of the name that a system is to take
}

func (f CatalogueFacts) catalogueChange(act, subject string) *Change {
	c := f.change(act, subject)
	if f.System != nil {
		c.touch(TouchSystem, f.System.ID)
	}
	c.touch(TouchSettings, "installation")
	return c
}

// SaveSystem makes a system, or changes the one among the facts: an
// administrator does. rev is its revision as shown, 0 for a new one. What is
// signed keeps the facts of its submission.
func (f CatalogueFacts) SaveSystem(in System, rev int64) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	in.Name, in.Description = oneLine(in.Name), tidy(in.Description)
	var p problems
	p.needText("name", in.Name, MaxName, "the system's name")
	p.choice("kind", in.Kind, SystemKinds, "what kind of system it is")
	p.choice("sensitivity", in.Sensitivity, Sensitivities, "how sensitive its data is")
	if _, ok := f.Teams[in.CustodianTeamID]; !ok {
		p.add("custodian_team_id", "Choose the team that looks after it.")
	}
	p.text("description", in.Description, MaxText)
	if in.AsksCustodian != 0 && in.AsksCustodian != 1 {
		p.add("asks_custodian", "Say whether its custodian’s team has to sign.")
	}
	if f.SameName != "" {
		p.add("name", "There is already a system of this name.")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if f.System == nil {
		c := f.catalogueChange("system.added", "")
		in.ID, in.State, in.Record = c.id("sys"), "active", Record{}
		c.subject = in.ID
		c.touch(TouchSystem, in.ID)
		c.note("name", in.Name)
		c.insert(&in)
		f.Sightings.settleSystem(c, f.Env, in.Name, in.ID)
		return *c, nil
	}
	if err := f.inUse(); err != nil {
		return Change{}, err
	}
	if f.System.Rev != rev {
		return Change{}, staleForm()
	}
	x := *f.System
	x.Name, x.Description, x.Kind, x.Sensitivity, x.CustodianTeamID = in.Name, in.Description, in.Kind, in.Sensitivity, in.CustodianTeamID
	x.AsksCustodian = in.AsksCustodian
	c := f.catalogueChange("system.changed", x.ID)
	c.note("name", x.Name)
	c.note("sensitivity", x.Sensitivity)
	if x.AsksCustodian != f.System.AsksCustodian {
		c.note("asks_custodian", x.AsksCustodian)
	}
	c.update(&x)
	if x.Sensitivity != f.System.Sensitivity {
		f.tell(c, CatalogueEdit{Was: *f.System, Is: x})
	}
	return *c, nil
}

// inUse refuses changes of what is retired.
func (f CatalogueFacts) inUse() error {
	switch {
	case f.System != nil && f.System.State != "active":
		return conflict("catalogue.retired", "%s is retired; nothing in it changes any more.", f.System.Name)
	case f.Operation != nil && f.Operation.State != "active":
		return conflict("catalogue.retired", "%s is already retired.", f.Operation.Name)
	case f.Secret != nil && f.Secret.State != "active":
		return conflict("catalogue.retired", "%s is already retired.", f.Secret.Name)
	}
	return nil
}

func staleForm() error {
	return conflict("form.stale", "Somebody changed this since you opened it. What you typed is still below; look at what is there now before you save again.")
}

// SaveOperation makes an operation of the system, or changes the one among the
// facts: an administrator does.
func (f CatalogueFacts) SaveOperation(in Operation, effects []string, rev int64) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	if f.System == nil {
		return Change{}, notFound("system")
	}
	if err := f.inUse(); err != nil {
		return Change{}, err
	}
	in.Name, in.Title = oneLine(in.Name), oneLine(in.Title)
	var p problems
	p.needText("title", in.Title, MaxName, "what the operation does, in a few words")
	p.needText("name", in.Name, MaxName, "the operation's name, as the system calls it")
	p.choice("access", in.Access, Accesses, "how far it reaches")
	slices.Sort(effects)
	effects = slices.Compact(effects)
	for _, e := range effects {
		if !has(Effects, e) {
			p.add("effects", "Choose effects from the list.")
		}
	}
	if f.SameName != "" {
		p.add("name", "This system already has an operation of this name; it may be retired.")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if effects == nil {
		effects = []string{}
	}
	if f.Operation == nil {
		c := f.catalogueChange("operation.added", "")
		in.ID, in.SystemID, in.State, in.Effects, in.Record = c.id("opr"), f.System.ID, "active", canonical(effects), Record{}
		c.subject = in.ID
		c.note("name", in.Name)
		c.insert(&in)
		return *c, nil
	}
	if f.Operation.Rev != rev {
		return Change{}, staleForm()
	}
	x := *f.Operation
	x.Name, x.Title, x.Access, x.Effects = in.Name, in.Title, in.Access, canonical(effects)
	c := f.catalogueChange("operation.changed", x.ID)
	c.note("name", x.Name)
	c.note("access", x.Access)
	c.update(&x)
	if x.Access != f.Operation.Access || x.Effects != f.Operation.Effects {
		f.tell(c, CatalogueEdit{Was: *f.System, Is: *f.System, Operations: map[string][2]Operation{x.ID: {*f.Operation, x}}})
	}
	return *c, nil
}

// AddSecret keeps a reference to a standing secret that reaches the system,
// never the secret: an administrator does.
func (f CatalogueFacts) AddSecret(in SecretRef) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	if f.System == nil {
		return Change{}, notFound("system")
	}
	if err := f.inUse(); err != nil {
		return Change{}, err
	}
	in.Name, in.Reference = oneLine(in.Name), oneLine(in.Reference)
	var p problems
	p.needText("name", in.Name, MaxName, "a name for the secret")
	p.needText("reference", in.Reference, MaxLine, "where the secret is kept, such as its path in the vault; never the secret itself")
	if f.SameName != "" {
		p.add("name", "This system already has a secret of this name; it may be retired.")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.catalogueChange("secret.added", "")
	in.ID, in.SystemID, in.State, in.Record = c.id("sec"), f.System.ID, "active", Record{}
	c.subject = in.ID
	c.note("name", in.Name)
	c.insert(&in)
	return *c, nil
}

// Retire takes the system, operation or secret among the facts out of the
// catalogue: no new version can use it, what is signed is not moved.
func (f CatalogueFacts) Retire() (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	if err := f.inUse(); err != nil {
		return Change{}, err
	}
	switch {
	case f.Operation != nil:
		x := *f.Operation
		c := f.catalogueChange("operation.retired", x.ID)
		c.note("name", x.Name)
		x.State = "retired"
		c.update(&x)
		return *c, nil
	case f.Secret != nil:
		x := *f.Secret
		c := f.catalogueChange("secret.retired", x.ID)
		c.note("name", x.Name)
		x.State = "retired"
		c.update(&x)
		return *c, nil
	case f.System != nil:
		x := *f.System
		c := f.catalogueChange("system.retired", x.ID)
		c.note("name", x.Name)
		x.State = "retired"
		c.update(&x)
		return *c, nil
	}
	return Change{}, notFound("entry")
}
