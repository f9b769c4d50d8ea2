package store

import (
	"encoding/json"
	"slices"

	"countersign/models"
)

// deed is one attempt, by anybody, at anything.
type deed struct {
	what       string
	by         string // a person, or models.SystemActor
	capability string
	version    string
	role       models.Role
	part       models.Part
	person     string // nominee, leaver, grantee, or who stays when two are one
	other      string // who is merged away
	id         string // a sign-off, a grant, a team, a proposal
	target     string // capability or agent; of a broad stop system, team or all
	stale      bool   // what was shown is not what is there
	tired      bool   // signed in an hour ago
	blank      bool   // gives no reason
	half       bool   // leaves the part unfinished
	later      bool   // the task starts in ten days
	more       int    // approvers that the rules are to ask at low
}

// expected is what the design says of a deed: may it be done, in what states the
// versions are afterwards that change, and how many new drafts there are.
type expected struct {
	may    bool
	states map[string]models.State
	born   int
	loose  bool // several outcomes: each change of state is held against the table only
}

func no() expected { return expected{} }

func yes() expected { return expected{may: true, states: map[string]models.State{}} }

func becomes(v *sceneVersion, state models.State) expected {
	return expected{may: true, states: map[string]models.State{v.ID: state}}
}

func when(may bool, e expected) expected {
	if !may {
		return no()
	}
	return e
}

// arrows are the state table's arrows.
var arrows = map[models.State][]models.State{
	"draft": {"proposed", "withdrawn"}, "proposed": {"in_review", "withdrawn"},
	"in_review": {"approved", "live", "changes_requested", "rejected", "withdrawn"},
	"approved":  {"live", "in_review", "withdrawn", "expired"},
	"live":      {"superseded", "revoked"},
}

// expect is DESIGN, section 4, line by line.
func (s *scene) expect(d deed) expected {
	if d.by != models.SystemActor && !s.active(d.by) {
		return no()
	}
	if e, admin := s.expectAdmin(d); admin {
		return e
	}
	switch d.what {
	case "stop broadly":
		stands := slices.ContainsFunc(s.holds, func(h models.Hold) bool { return h.TargetKind == d.target && h.TargetID == d.id })
		custodian := d.target == "system" && slices.Contains(s.teams[d.by], s.keepers[d.id])
		return when((s.has(d.by, "stop_officer") || custodian) && !stands && !d.blank, yes())
	case "lift a broad stop":
		i := slices.IndexFunc(s.holds, func(h models.Hold) bool { return h.ID == d.id })
		return when(i >= 0 && s.has(d.by, "approver") && s.human(s.holds[i].PlacedBy) != d.by && !d.blank, yes())
	}
	v := s.versions[d.version]
	if !s.sees(d.by, d.capability) {
		return no()
	}
	switch d.what { // what is not about one version
	case "draft":
		e := yes()
		e.born = 1
		return when(s.mayDraft(d), e)
	case "recall":
		return s.expectRecall(d)
	case "stop", "ask restart", "revoke":
		return s.expectInForce(d)
	}
	if !s.current(v) {
		return no()
	}
	open, reason := v == s.open(d.capability), !d.blank
	restart, restarting := s.restarts[d.capability]
	restarting = restarting && restart.VersionID == v.ID
	checker := !v.maker(d.by) && s.has(d.by, "approver")
	switch d.what {
	case "edit":
		role := d.part.Role()
		return when(open && v.State == "draft" && v.named(role) == d.by && s.has(d.by, role) && !d.stale, yes())
	case "nominate":
		return when(s.mayNominate(d, v), yes())
	case "submit":
		return when(v.State == "draft" && s.makes(d.by, v) && s.complete(v), becomes(v, models.Proposed))
	case "accept":
		return s.expectAccept(d, v)
	case "decline":
		return when(v.offered[d.role] == d.by && (v.State == "draft" || v.State == "proposed" || v.State == "live") && reason, yes())
	case "withdraw":
		return when(open && s.mayWithdraw(d.by, v) && reason, becomes(v, models.Withdrawn))
	case "sign":
		return s.expectSign(d, v, restarting)
	case "send back":
		e := becomes(v, models.ChangesRequested)
		e.born = 1
		return when(v.State == "in_review" && !d.stale && checker && reason, e)
	case "refuse":
		if v.State == "live" {
			return when(restarting && !d.stale && checker && reason, yes())
		}
		return when(v.State == "in_review" && !d.stale && checker && reason, becomes(v, models.Rejected))
	case "go live":
		return when(v.State == "approved" && (d.by == models.SystemActor || s.makes(d.by, v)) && s.ready(v, 0), s.lives(v))
	case "lapse":
		return when(v.State == "approved" && d.by == models.SystemActor && s.now >= *v.ApprovedAt+30*models.Day, becomes(v, models.Expired))
	}
	panic("nobody knows how to " + d.what)
}

// expectInForce is what may be done about what is in force.
func (s *scene) expectInForce(d deed) expected {
	m, inForce := s.mandates[d.capability]
	if !inForce || d.blank {
		return no()
	}
	_, restarting := s.restarts[d.capability]
	three := d.by == m.OwnerID || d.by == m.ProvisionerID || d.by == m.ControlOwnerID
	for _, holder := range s.versions[m.VersionID].holder { // a successor whose mandate waits for a round
		three = three || holder == d.by
	}
	switch d.what {
	case "stop":
		signed := slices.ContainsFunc(s.versions[m.VersionID].signs, func(x sceneSign) bool { return x.signer == d.by })
		return when(three || signed, yes())
	case "ask restart":
		return when(three && !restarting && (s.stopped(d.capability) || s.signerLeft(m)), yes())
	case "revoke":
		return when(d.by == m.OwnerID || d.by == m.ControlOwnerID, becomes(s.versions[m.VersionID], models.Revoked))
	}
	return no()
}

// expectAdmin is what administrators do; the bool says that it was asked for.
func (s *scene) expectAdmin(d deed) (expected, bool) {
	admin := s.has(d.by, "administrator")
	proposed, waiting := s.rules["proposed"]
	switch d.what {
	case "grant":
		ok := admin && d.by != d.person && s.active(d.person)
		for _, g := range s.grants {
			if g.PersonID == d.person && (g.Role == d.role && g.Source == "admin" || g.Role != d.role && (g.Role == "auditor" || d.role == "auditor")) {
				ok = false
			}
		}
		return when(ok, yes()), true
	case "end grant":
		for _, g := range s.grants {
			if g.ID == d.id {
				return when(admin && (g.PersonID != d.by || g.Role != "administrator"), yes()), true
			}
		}
		return no(), true
	case "leave":
		return when(admin && d.by != d.person && s.active(d.person) && !d.blank, yes()), true
	case "join team", "leave team":
		on := slices.Contains(s.teams[d.person], d.id)
		return when(admin && d.by != d.person && s.active(d.person) && on == (d.what == "leave team"), yes()), true
	case "say they are one":
		ok := admin && s.active(d.person) && s.active(d.other) && d.person != d.other && d.by != d.person && d.by != d.other && !d.blank
		for _, l := range s.links {
			ok = ok && *l.FromID != d.other
		}
		return when(ok, yes()), true
	case "confirm they are one":
		l, ok := s.links[d.id]
		ok = ok && admin && l.ProposedBy != d.by && l.PersonID != d.by && *l.FromID != d.by && s.active(l.PersonID) && s.active(*l.FromID)
		return when(ok, expected{may: true, loose: true}), true
	case "withdraw that they are one":
		_, ok := s.links[d.id]
		return when(ok && admin, yes()), true
	case "propose rules":
		return when(admin && !waiting && s.asks["low"].Approvers != d.more && !d.blank, yes()), true
	case "confirm rules":
		return when(admin && waiting && proposed.ProposedBy != d.by, yes()), true
	case "withdraw rules":
		return when(admin && waiting, yes()), true
	}
	return expected{}, false
}

func (s *scene) expectAccept(d deed, v *sceneVersion) expected {
	if v.offered[d.role] != d.by || v.State != "proposed" && v.State != "live" || d.stale || !s.mayHold(d.role, d.by, v, v.Tier) {
		return no()
	}
	if v.State == "live" {
		return yes() // the successor's mandate: the invariants look at it
	}
	for _, r := range threeRoles {
		if r != d.role && v.holder[r] == "" {
			return yes()
		}
	}
	return becomes(v, models.InReview)
}

func (s *scene) expectSign(d deed, v *sceneVersion, restarting bool) expected {
	if v.State != "in_review" && !(v.State == "live" && restarting) || d.stale || v.maker(d.by) || !s.has(d.by, "approver") {
		return no()
	}
	if (v.Tier == "high" || v.Tier == "critical") && !s.keys[d.by] {
		return no()
	}
	free := slices.Clone(s.teams[d.by])
	for _, x := range v.valid() {
		if x.signer == d.by {
			return no()
		}
		if v.Apart == 1 {
			free = slices.DeleteFunc(free, func(team string) bool { return team == x.team })
		}
	}
	if d.id == "" && len(free) != 1 || d.id != "" && !slices.Contains(free, d.id) {
		return no()
	}
	switch {
	case len(v.valid())+1 < v.Need || v.State == "live":
		return yes()
	case !s.ready(v, 1):
		return becomes(v, models.Approved)
	}
	return s.lives(v)
}

func (s *scene) expectRecall(d deed) expected {
	for _, v := range []*sceneVersion{s.open(d.capability), s.force(d.capability)} {
		if v == nil || d.blank {
			continue
		}
		for _, x := range v.signs {
			if x.id == d.id && x.signer == d.by && !x.recalled {
				if v.State == "approved" {
					return becomes(v, models.InReview)
				}
				return yes()
			}
		}
	}
	return no()
}

// lives: the version is in force, and the one that was is superseded.
func (s *scene) lives(v *sceneVersion) expected {
	e := becomes(v, models.Live)
	if old := s.force(v.CapabilityID); old != nil && old != v {
		e.states[old.ID] = models.Superseded
	}
	return e
}

// ready says whether nothing is missing for the version to be in force, with so
// many more signers.
func (s *scene) ready(v *sceneVersion, more int) bool {
	for _, r := range threeRoles {
		if !s.active(v.holder[r]) {
			return false
		}
	}
	start, end := v.span()
	return len(v.valid())+more >= v.Need && start <= s.now && s.now < end
}

// mayHold: the role granted, on the makers' side, and the roles apart.
func (s *scene) mayHold(r models.Role, person string, v *sceneVersion, tier models.Tier) bool {
	if !s.has(person, r) || v.side[person] == "checker" {
		return false
	}
	for _, other := range threeRoles {
		if other == r || v.named(other) != person {
			continue
		}
		if r == "provisioner" || other == "provisioner" || tier == "high" || tier == "critical" {
			return false
		}
	}
	return true
}

// ownerOf is the version's owner, else the agent's.
func (s *scene) ownerOf(v *sceneVersion) string {
	if owner := v.named("business_owner"); owner != "" {
		return owner
	}
	return s.owners[s.caps[v.CapabilityID].AgentID]
}

func (s *scene) mayDraft(d deed) bool {
	from := s.force(d.capability)
	if from == nil {
		from = s.last(d.capability)
	}
	owner := d.by == from.named("business_owner") || d.by == s.owners[s.caps[d.capability].AgentID]
	return s.open(d.capability) == nil && s.has(d.by, "business_owner") && owner
}

func (s *scene) mayNominate(d deed, v *sceneVersion) bool {
	tier := v.Tier
	switch v.State {
	case "draft", "proposed":
		if d.by != s.ownerOf(v) || !s.has(d.by, "business_owner") || v.holder[d.role] != "" {
			return false
		}
		if v.State == "draft" {
			tier = "low" // it may still change: the submission looks again
		}
	case "live":
		holder := v.holder[d.role]
		if d.by != s.ownerOf(v) && d.by != holder && (s.active(holder) || !s.answers(d.by, d.capability)) {
			return false
		}
	default:
		return false
	}
	return d.person != v.holder[d.role] && d.person != v.offered[d.role] && s.mayHold(d.role, d.person, v, tier)
}

// answers: one of the four of what is in force or on its way.
func (s *scene) answers(person, capability string) bool {
	for _, v := range []*sceneVersion{s.force(capability), s.open(capability)} {
		if v == nil {
			continue
		}
		for _, r := range threeRoles {
			if v.named(r) == person {
				return true
			}
		}
		if slices.ContainsFunc(v.valid(), func(x sceneSign) bool { return x.signer == person }) {
			return true
		}
	}
	return false
}

func (s *scene) makes(person string, v *sceneVersion) bool {
	return slices.ContainsFunc(threeRoles, func(r models.Role) bool { return v.named(r) == person && s.has(person, r) })
}

func (s *scene) mayWithdraw(person string, v *sceneVersion) bool {
	owner := s.ownerOf(v)
	return person == owner && s.has(person, "business_owner") || !s.active(owner) && s.makes(person, v)
}

// complete: three whole parts, three nominees who may hold their roles at the
// tier, a last day that is not over, and enough people who could sign.
func (s *scene) complete(v *sceneVersion) bool {
	var scope struct {
		Grants []struct {
			Operation string `json:"operation_id"`
		} `json:"grants"`
	}
	var plan struct {
		StopHow string `json:"stop_how"`
	}
	if len(v.parts) != 3 || json.Unmarshal([]byte(v.parts["scope"].Body), &scope) != nil || json.Unmarshal([]byte(v.parts["oversight"].Body), &plan) != nil {
		return false
	}
	if _, end := v.span(); end <= s.now || len(scope.Grants) == 0 || plan.StopHow == "" {
		return false
	}
	tier := models.Tier("low")
	for _, g := range scope.Grants {
		if t := s.tiers[g.Operation]; t.Rank() > tier.Rank() {
			tier = t
		}
	}
	for _, r := range threeRoles {
		if v.named(r) == "" || !s.mayHold(r, v.named(r), v, tier) {
			return false
		}
	}
	return s.enough(v, s.asks[tier].Approvers, s.asks[tier].Apart, nil)
}

// enough tries every choice of people and teams.
func (s *scene) enough(v *sceneVersion, need int, apart bool, taken []string) bool {
	if need == 0 {
		return true
	}
	for id := range s.people {
		if !s.has(id, "approver") || v.maker(id) || slices.Contains(taken, id) {
			continue
		}
		for _, team := range s.teams[id] {
			if !(apart && slices.Contains(taken, team)) && s.enough(v, need-1, apart, append(slices.Clone(taken), id, team)) {
				return true
			}
		}
	}
	return false
}

// stopped: a stop, an incident or a recall stands on the capability or its agent.
func (s *scene) stopped(capability string) bool {
	return slices.ContainsFunc(s.holds, func(h models.Hold) bool {
		on := h.TargetKind == "capability" && h.TargetID == capability || h.TargetKind == "agent" && h.TargetID == s.caps[capability].AgentID
		return on && (h.Kind == "stop" || h.Kind == "incident" || h.Kind == "recall")
	})
}

func (s *scene) signerLeft(m models.Mandate) bool {
	return slices.ContainsFunc(s.seated[m.ID], func(p string) bool { return !s.active(p) })
}
