package models

// SwitchKeys says whether single keys on the keyboard do something on a person's
// pages (WCAG 2.2, 2.1.4): they do it themselves. It changes nothing else.
func (f AdminFacts) SwitchKeys(on bool) (Change, error) {
	x, off, words := f.By.Person, 0, "on"
	if !on {
		off, words = 1, "off"
	}
	if x.KeysOff == off {
		return Change{}, conflict("keys.same", "Keys on the keyboard are already switched %s.", words)
	}
	c := f.change("person.keys_switched", x.ID)
	c.touch(TouchPerson, x.ID)
	c.note("keys", words)
	x.KeysOff = off
	c.update(&x)
	return *c, nil
}
