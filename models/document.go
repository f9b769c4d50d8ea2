package models

import "slices"

// Document is what a version's digest covers (DESIGN, "What a version's digest
// covers"): everything that is signed, and no people.
type Document struct {
	Format        string    `json:"format"` // "countersign/version/1"
	CapabilityID  string    `json:"capability_id"`
	No            int       `json:"no"`
	Task          Task      `json:"task"`
	Scope         Scope     `json:"scope"`
	Oversight     Oversight `json:"oversight"`
	AgentID       string    `json:"agent_id"`
	AgentRevision string    `json:"agent_revision"` // its digest
	Facts         []Fact    `json:"facts"`
	Secrets       []Secret  `json:"secrets"`
	Tier          Tier      `json:"tier"`
	Reasons       []Reason  `json:"reasons"`
	TierRules     string    `json:"tier_rules"` // their id
	Ask           Ask       `json:"ask"`
	Need          int       `json:"need"`
	Apart         bool      `json:"apart"`
	Cedar         string    `json:"cedar"`                // the compiled policy's text
	Custodians    []string  `json:"custodians,omitempty"` // ids of the teams that look after systems in the scope and are asked to sign, sorted
}

// Secret is a secret reference as of the submission.
type Secret struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
	SystemID  string `json:"system_id"`
}

// Compile turns a document into the text of the Cedar policy that enforces it;
// package policy has it.
type Compile func(Document) (string, error)

// Doc is the parsed document of a submitted version.
func (v Version) Doc() Document { return parseBody[Document](v.Document) }

// Preview is the document as a submission would make it just now, for the page
// that shows the tier while typing.
func (f CapabilityFacts) Preview(v VersionFile) Document {
	body, rules := v.Contents(), f.Rules.Rules()
	facts := f.Facts(body.Scope)
	var m Manifest
	revision := ""
	if f.Revision != nil {
		m, revision = f.Revision.Manifest(), f.Revision.Digest
	} else {
		m = f.Agent.Manifest()
	}
	tier, reasons := rules.Assess(body.Task, facts, m.Environments, m.ToolAccess)
	ask := rules.Asks[tier]
	ids := slices.Concat(body.Scope.Secrets, body.Oversight.RotateSecrets)
	slices.Sort(ids)
	secrets := []Secret{}
	for _, id := range slices.Compact(ids) {
		if s, ok := f.Secrets[id]; ok {
			secrets = append(secrets, Secret{s.ID, s.Name, s.Reference, s.SystemID})
		}
	}
	return Document{Format: "countersign/version/1", CapabilityID: v.Version.CapabilityID, No: v.Version.No,
		Task: body.Task, Scope: body.Scope, Oversight: body.Oversight,
		AgentID: f.Agent.ID, AgentRevision: revision, Facts: facts, Secrets: secrets,
		Tier: tier, Reasons: reasons, TierRules: f.Rules.ID, Ask: ask, Need: ask.Approvers, Apart: ask.Apart, Custodians: f.custodians(facts)}
}

// custodians are the teams of the systems in the scope that ask for their
// custodian's sign-off.
func (f CapabilityFacts) custodians(facts []Fact) []string {
	var out []string
	for _, x := range facts {
		if s := f.Systems[x.SystemID]; s.AsksCustodian == 1 {
			out = append(out, s.CustodianTeamID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
