package models

import (
	"errors"
	"slices"
)

// MostSeen is how many of the things that one file names are recorded at once:
// what a ledger entry can name with their duties, with room to spare. What was not
// seen before comes first, and importing again records the rest.
const MostSeen = 180

// mostNamed is how many names one file is followed to at all.
const mostNamed = 1000

// Named is an agent or a system as a file, a form or the runtime names it.
type Named struct {
	Kind ImportKind
	Name string
	URL  string // "" when it is not known
}

// key is the name as it is compared, of the length that is kept.
func (n Named) key() string { return NameKey(cut(oneLine(n.Name), MaxName)) }

// Names are what an import of the thing has to look up: itself and whatever it names.
func (i Imported) Names() []Named {
	out := []Named{}
	if i.Agent != nil {
		self := Named{Kind: ImportAgent, Name: i.Agent.Name}
		for _, x := range i.Agent.Interfaces {
			out = append(out, Named{Kind: ImportAgent, Name: self.Name, URL: x.URL})
		}
		out = append(out, self)
	}
	for _, s := range i.Seen[:min(len(i.Seen), mostNamed)] {
		out = append(out, Named{Kind: s.Kind, Name: s.Name, URL: s.URL})
	}
	return out
}

// Names are the names and addresses of an agent's manifest.
func (m Manifest) Names() []Named {
	out := []Named{{Kind: ImportAgent, Name: m.Name}}
	for _, i := range m.Interfaces {
		out = append(out, Named{Kind: ImportAgent, Name: m.Name, URL: i})
	}
	return out
}

// Sightings are what is known of the things that an act names, read after the
// lock. Whatever is looked up in them has to be among Asked.
type Sightings struct {
	Asked   []Named
	Rows    []Found           // of one of the names or addresses, whatever their state
	Duties  []Duty            // open, to claim one of the rows
	Agents  map[string]Agent  // of one of the names or addresses, or as which a row was claimed
	Systems map[string]System // likewise, in the catalogue
}

// row is what was found before under the name.
func (s Sightings) row(kind, nameKey string) (Found, bool) {
	for _, r := range s.Rows {
		if r.Kind == kind && r.NameKey == nameKey {
			return r, true
		}
	}
	return Found{}, false
}

// known are the names and addresses under which something is registered, or in the
// catalogue: "agent/name", "system/name", and "at/address" of agents.
func (s Sightings) known() map[string]bool {
	out := map[string]bool{}
	for _, x := range s.Systems {
		if x.State == "active" {
			out[ImportSystem+"/"+NameKey(x.Name)] = true
		}
	}
	for _, a := range s.Agents {
		if a.State == AgentRetired {
			continue
		}
		out[ImportAgent+"/"+NameKey(a.Name)] = true
		for _, at := range a.Addresses() {
			out["at/"+at] = true
		}
	}
	return out
}

// stands says whether what a row was claimed as is still there.
func (s Sightings) stands(r Found) bool {
	if r.SystemID != nil {
		return s.Systems[*r.SystemID].State == "active"
	}
	if r.AgentID != nil {
		a, ok := s.Agents[*r.AgentID]
		return ok && a.State != AgentRetired
	}
	return false
}

// sighting is one thing that an import names: row is what was found before under
// its name, known says that it is registered, or in the catalogue.
type sighting struct {
	ImportedSeen
	nameKey, urlKey string
	row             *Found
	known           bool
}

// saw records what the import names and nobody owns, in the import's own Change:
// new rows with a duty to claim them, and of rows that are there when and where
// they were seen again. A dismissed one stays dismissed, unless it is now said to
// answer at another address: that is another agent under the same name, about
// which nobody has decided. (Another file, or another way of naming it, is no news
// about whose it is.) A claimed one opens again once its agent is retired.
// Nothing is recorded that is registered already, or is the imported agent itself.
func (f AgentFacts) saw(c *Change, in Imported, imp *Import, self Agent) error {
	all, err := f.sightingsOf(in, self)
	if err != nil {
		return err
	}
	f.record(c, all, in.File, imp)
	return nil
}

// sawRest records what an earlier import of the same file named and had no room
// for: a Change only where there is something.
func (f AgentFacts) sawRest(in Imported) (Change, bool, error) {
	all, err := f.sightingsOf(in, *f.Agent)
	all = slices.DeleteFunc(all, func(s sighting) bool { return s.row != nil })
	if err != nil || len(all) == 0 || f.Imported == nil {
		return Change{}, false, err
	}
	c := f.change("agent.seen_with", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	c.note("file", cut(in.File, 1000))
	f.record(c, all, in.File, f.Imported)
	return *c, true, nil
}

// sightingsOf is what the import names, each name once, without what is
// registered already and was never found, and without the agent itself.
func (f AgentFacts) sightingsOf(in Imported, self Agent) ([]sighting, error) {
	var all []sighting
	at := map[string]int{} // where a name is among all, or -1
	known, asked := f.Sightings.known(), map[string]bool{}
	for _, n := range f.Sightings.Asked {
		asked[n.Kind+"/"+n.key()] = true
	}
	selfKey, selfAt := NameKey(self.Name), self.Addresses()
	for _, seen := range in.Seen[:min(len(in.Seen), mostNamed)] {
		s := sighting{ImportedSeen: seen}
		s.Name, s.URL = cut(oneLine(s.Name), MaxName), cut(oneLine(s.URL), 2000)
		s.nameKey, s.urlKey = NameKey(s.Name), AddressKey(s.URL)
		if s.Kind != ImportAgent && s.Kind != ImportSystem || s.nameKey == "" || badText(s.Name+s.URL) != "" {
			continue
		}
		key := s.Kind + "/" + s.nameKey
		if i, twice := at[key]; twice {
			if i >= 0 && all[i].urlKey == "" {
				all[i].URL, all[i].urlKey = s.URL, s.urlKey
			}
			continue
		}
		at[key] = -1
		if s.Kind == ImportAgent && (s.nameKey == selfKey || s.urlKey != "" && slices.Contains(selfAt, s.urlKey)) {
			continue
		}
		if !asked[key] {
			return nil, errors.New("what the import names was not looked up: ask for Imported.Names")
		}
		s.known = known[key] || s.Kind == ImportAgent && s.urlKey != "" && known["at/"+s.urlKey]
		row, before := f.Sightings.row(s.Kind, s.nameKey)
		switch {
		case before && (row.AgentID == nil || *row.AgentID != self.ID):
			s.row = &row
		case before || s.known:
			continue
		}
		at[key] = len(all)
		all = append(all, s)
	}
	return all, nil
}

// record writes the rows, their duties and what the ledger says of them.
func (f AgentFacts) record(c *Change, all []sighting, file string, imp *Import) {
	slices.SortStableFunc(all, func(a, b sighting) int { return boolRank(a.row != nil) - boolRank(b.row != nil) })
	if more := len(all) - MostSeen; more > 0 {
		all = all[:MostSeen]
		c.note("found_left", more)
	}
	found, claim := 0, ""
	for _, s := range all {
		r, waits := f.sighted(c, s)
		r.Times, r.LastSeenAt = r.Times+1, f.Now
		if r.State == FoundOpen {
			r.How, r.File, r.Pointer, r.ImportID, r.SeenBy = cut(oneLine(s.How), MaxLine), cut(file, 1000), cut(s.Pointer, MaxLine), nil, f.Act.Person
			if imp != nil {
				r.ImportID = &imp.ID
			}
			if s.urlKey != "" {
				r.URL, r.URLKey = s.URL, s.urlKey
			}
		}
		c.touch(TouchFound, r.ID)
		if s.row == nil {
			c.insert(r)
		} else {
			c.update(r)
		}
		if waits {
			found++
		}
		if waits && r.Kind == ImportAgent {
			claim = c.oweClaim(r.ID, f.Now)
		}
	}
	if found > 0 {
		c.note("found", found)
	}
	if claim != "" {
		// One notice for all of them: the page lists what there is.
		c.notify("duty."+DutyClaim, "pool:"+PoolBusinessOwner, claim)
	}
}

// sighted is the row of what was seen, and whether it begins to wait by that.
func (f AgentFacts) sighted(c *Change, s sighting) (r *Found, waits bool) {
	if s.row == nil {
		return &Found{ID: c.id("fnd"), Kind: s.Kind, Name: s.Name, NameKey: s.nameKey, FirstSeenAt: f.Now, State: FoundOpen, OpenedAt: f.Now}, true
	}
	r = s.row
	moved := s.urlKey != "" && s.urlKey != r.URLKey
	if !s.known && (r.State == FoundDismissed && moved || r.State == FoundClaimed && !f.Sightings.stands(*r)) {
		r.open(f.Now)
		return r, true
	}
	return r, false
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// open makes a row wait again.
func (r *Found) open(now Instant) {
	r.State, r.OpenedAt, r.Reason, r.AgentID, r.SystemID, r.DecidedBy, r.DecidedAt = FoundOpen, now, "", nil, nil, nil, nil
}

// oweClaim opens the duty to claim a found agent, without a notice, and is its id.
func (c *Change) oweClaim(found string, now Instant) string {
	pool := PoolBusinessOwner
	d := &Duty{ID: c.id("dty"), Kind: DutyClaim, Subject: found, Pool: &pool, Holder: "pool:" + pool, OpenedAt: now, DueAt: now + dutyDue[DutyClaim]}
	c.insert(d)
	return d.ID
}

// settle closes what was found under the names, or at the addresses, of an agent
// that somebody now has as their own: in the Change that makes it or registers it.
func (s Sightings) settle(c *Change, e Env, names []Named, agent string) {
	n := 0
	for i := range s.Rows {
		r := s.Rows[i]
		if r.State == FoundClaimed && s.stands(r) || r.Kind != ImportAgent || !goesBy(r, names) {
			continue
		}
		r.claimed(e)
		r.AgentID = &agent
		c.touch(TouchFound, r.ID)
		c.update(&r)
		s.Rows[i] = r
		s.closeDuties(c, r.ID, e.Now)
		n++
	}
	if n > 0 {
		c.note("found_claimed", n)
	}
}

// settleSystem is settle for a system that is now in the catalogue.
func (s Sightings) settleSystem(c *Change, e Env, name, system string) {
	for i := range s.Rows {
		r := s.Rows[i]
		if r.State == FoundClaimed && s.stands(r) || r.Kind != ImportSystem || r.NameKey != NameKey(name) {
			continue
		}
		r.claimed(e)
		r.SystemID = &system
		c.touch(TouchFound, r.ID)
		c.update(&r)
		s.Rows[i] = r
	}
}

func goesBy(r Found, names []Named) bool {
	return slices.ContainsFunc(names, func(n Named) bool {
		at := AddressKey(n.URL)
		return n.key() == r.NameKey || at != "" && at == r.URLKey
	})
}

func (r *Found) claimed(e Env) {
	who := e.Act.Person
	r.State, r.DecidedBy, r.DecidedAt, r.Reason, r.AgentID, r.SystemID = FoundClaimed, &who, e.Now.Ref(), "", nil, nil
}

func (s Sightings) closeDuties(c *Change, found string, now Instant) {
	for i := range s.Duties {
		if d := s.Duties[i]; d.Kind == DutyClaim && d.Subject == found && d.ClosedAt == nil {
			d.ClosedAt = now.Ref()
			c.update(&d)
			s.Duties[i] = d
		}
	}
}
