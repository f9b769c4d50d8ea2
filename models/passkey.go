package models

// A person's own passkeys. Nobody adds, names or removes one for somebody else.

// MostPasskeys is how many keys one person may have in use.
const MostPasskeys = 10

// AddPasskey takes a key into use, with a fresh sign-in: who finds a session open
// cannot leave a key of theirs behind.
func (f AdminFacts) AddPasskey(name, answer string, verify VerifyEnrolment) (Change, error) {
	if err := f.MayAddPasskey(); err != nil {
		return Change{}, err
	}
	name = oneLine(name)
	var p problems
	p.needText("name", name, 100, "a name by which you know the key again")
	for _, k := range f.Passkeys {
		if k.Name == name {
			p.add("name", "You have a passkey of this name. Choose another one.")
		}
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	ch := f.Challenge
	if ch == nil || ch.Kind != ChallengeEnrol || ch.PersonID != f.By.Person.ID || ch.ExpiresAt <= f.Now {
		return Change{}, conflict("passkey.challenge", "Your authenticator answered a question that is over: each is asked once, and for %d minutes. Nothing was recorded; start again.", ChallengeFor/Minute)
	}
	k, err := verify(*ch, answer)
	if err != nil {
		return Change{}, err
	}
	c := f.change("passkey.added", f.By.Person.ID)
	c.touch(TouchPerson, f.By.Person.ID)
	k.ID, k.PersonID, k.Name, k.AddedAt = c.id("pky"), f.By.Person.ID, name, f.Now
	c.note("passkey", name)
	c.note("synced", k.Synced == 1)
	c.insert(&k)
	c.notify("passkey.added", f.By.Person.ID, k.ID)
	return *c, nil
}

// MayAddPasskey says why the actor cannot add a key now, or nil.
func (f AdminFacts) MayAddPasskey() error {
	if !f.Fresh() {
		return Refusal(Stale, "passkey.fresh", "Adding a passkey asks for a fresh sign-in: within the last %d minutes. Sign in again, and you come back to this page.", FreshFor/Minute)
	}
	if len(f.Passkeys) >= MostPasskeys {
		return conflict("passkey.many", "You have %d passkeys, and no more can be added. Remove one that you no longer use.", len(f.Passkeys))
	}
	return nil
}

// NamePasskey gives one of the actor's keys another name.
func (f AdminFacts) NamePasskey(id, name string) (Change, error) {
	k, err := f.passkey(id)
	if err != nil {
		return Change{}, err
	}
	name = oneLine(name)
	var p problems
	p.needText("name", name, 100, "a name by which you know the key again")
	for _, other := range f.Passkeys {
		if other.Name == name && other.ID != id {
			p.add("name", "You have another passkey of this name. Choose another one.")
		}
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if k.Name == name {
		return Change{}, conflict("passkey.same", "The passkey is called so already.")
	}
	c := f.change("passkey.renamed", f.By.Person.ID)
	c.touch(TouchPerson, f.By.Person.ID)
	c.note("was", k.Name)
	c.note("passkey", name)
	k.Name = name
	c.update(&k)
	return *c, nil
}

// RemovePasskey takes one of the actor's keys out of use for good. What it signed
// stays signed.
func (f AdminFacts) RemovePasskey(id string) (Change, error) {
	k, err := f.passkey(id)
	if err != nil {
		return Change{}, err
	}
	c := f.change("passkey.removed", f.By.Person.ID)
	c.touch(TouchPerson, f.By.Person.ID)
	c.note("passkey", k.Name)
	k.RemovedAt = f.Now.Ref()
	c.update(&k)
	c.notify("passkey.removed", f.By.Person.ID, k.ID)
	return *c, nil
}

func (f AdminFacts) passkey(id string) (Passkey, error) {
	for _, k := range f.Passkeys {
		if k.ID == id {
			return k, nil
		}
	}
	return Passkey{}, notFound("passkey")
}
