package models

// Stranger is an agent that a gateway asked about and that nobody has registered, as the
// gateway named it.
type Stranger struct {
	Name    string // the subject's id
	Gateway string // the gateway's name
}

// Strangers are the names to look up.
func Strangers(all []Stranger) (names []Named) {
	for _, s := range all {
		names = append(names, Named{Kind: ImportAgent, Name: s.Name})
	}
	return names
}

// Asked records agents that gateways asked about and nobody has registered: each becomes a
// duty to claim it (DESIGN, section 8). One that was found before is left as it is, since it
// waits already, or somebody said that it is none of ours; one whose agent was retired
// waits again. A Change only where there is something.
func (f AgentFacts) Asked(strangers []Stranger) (Change, bool, error) {
	var in Imported
	for _, s := range strangers {
		in.Seen = append(in.Seen, ImportedSeen{Kind: ImportAgent, Name: s.Name, How: "asked about by the gateway “" + cut(oneLine(s.Gateway), MaxName) + "”, which was told no"})
	}
	all, err := f.sightingsOf(in, Agent{})
	if err != nil {
		return Change{}, false, err
	}
	var fresh []sighting
	for _, s := range all {
		if s.row == nil || s.row.State == FoundClaimed && !f.Sightings.stands(*s.row) && !s.known {
			fresh = append(fresh, s)
		}
	}
	if len(fresh) == 0 {
		return Change{}, false, nil
	}
	c := f.change("found.asked", "")
	f.record(c, fresh, "", nil)
	return *c, true, nil
}
