package models

// InForce is what the runtime knows of one capability that is in force: by a mandate,
// or for two hours by an emergency.
type InForce struct {
	CapabilityID   string
	AgentID        string
	AgentName      string
	MandateID      string // or the emergency's id
	VersionID      string
	Digest         string
	OwnerID        string
	ProvisionerID  string
	ControlOwnerID string
	Signers        []string // who signed, and for whom where that is somebody else
	UntilAt        Instant
	Emergency      bool
	Environments   []string // of the manifest that was signed
	Document       Document
}

// Four are the people who answer for it, the signers last.
func (c InForce) Four() []string {
	return append([]string{c.OwnerID, c.ProvisionerID, c.ControlOwnerID}, c.Signers...)
}

// Subject is how a token of an issuer names an agent: by an open identity binding.
type Subject struct {
	Issuer, Subject string
}
