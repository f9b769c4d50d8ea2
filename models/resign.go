package models

// What was signed at high or critical before passkeys is signed again: the clock
// asks for it once, and it stays in force meanwhile.

// ByPasskeys is the detail of a duty to have it signed again with passkeys.
const ByPasskeys = "passkey"

// AskForPasskeys asks whoever answers for what is in force to have it signed again
// with passkeys. The clock does; again changes nothing.
func (f CapabilityFacts) AskForPasskeys() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("passkey.clock", "Only the clock asks for what was signed before to be signed again.")
	}
	if !f.SignedWithoutPasskey() {
		return Change{}, conflict("passkey.signed", "What is in force here was signed as it has to be.")
	}
	steward := f.steward()
	if steward == "" || f.Restart != nil || f.owed(DutyLift, ByPasskeys) {
		return Change{}, conflict("passkey.asked", "Everybody who has to was asked already.")
	}
	c := f.capabilityChange("passkeys.asked_for", f.Force.Version.ID)
	c.note("version", f.Force.Version.No)
	f.owe(c, DutyLift, f.Force.Version.ID, steward, ByPasskeys)
	return *c, nil
}

// SignedWithoutPasskey says that what is in force takes passkeys and was signed
// without one, before there were any.
func (f CapabilityFacts) SignedWithoutPasskey() bool {
	if f.Mandate == nil || f.Force == nil || !f.Force.NeedsPasskey() {
		return false
	}
	for _, seat := range f.Seats {
		for _, s := range f.Force.SignOffs {
			if s.ID == seat.SignOffID && s.Method != MethodPasskey {
				return true
			}
		}
	}
	return false
}
