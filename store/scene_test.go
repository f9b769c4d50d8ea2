package store

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// scene is what the tables say at one moment, read with queries of the test's own.
// The design's table of states is asked of it in expect_test.go: neither calls a
// rule of the product.
type scene struct {
	now      models.Instant
	people   map[string]models.Person
	keys     map[string]bool // who has a passkey
	grants   []models.Grant  // open
	teams    map[string][]string
	caps     map[string]models.Capability
	owners   map[string]string // agent → its owner
	versions map[string]*sceneVersion
	mandates map[string]models.Mandate // open, by capability
	seated   map[string][]string       // mandate → signers
	holds    []models.Hold             // open
	restarts map[string]models.Restart // open, by capability
	duties   []models.Duty             // open
	asks     map[models.Tier]sceneAsk  // of the tier rules in force
	rules    map[string]models.TierRulesRow
	links    map[string]models.AccountLink // proposed
	keepers  map[string]string             // system → the team that looks after it
	tiers    map[string]models.Tier        // operation → the tier that it makes

	reviews     map[string]*sceneReview
	emergencies map[string]models.Emergency
	switched    map[string]string // how far each switching on of the emergency path is
	forbids     map[string]string // what waits for a confirmation of each, as its duty's detail says it
}

type sceneAsk struct {
	Approvers int  `json:"approvers"`
	Apart     bool `json:"apart"`
}

type sceneVersion struct {
	models.Version
	parts    map[models.Part]models.VersionPart
	wrote    map[string]bool
	side     map[string]string
	holder   map[models.Role]string // accepted
	offered  map[models.Role]string // open
	accepted map[string]bool        // role/person, on this digest
	signs    []sceneSign
}

type sceneReview struct {
	models.Review
	said map[models.Role]bool
}

type sceneSign struct {
	id, signer, team string
	round            int
	recalled         bool
}

func rows[T any](t require.TestingT, h *house, order, where string, args ...any) []T {
	out, err := all[T](h.read, order, where, args...)
	require.NoError(t, err)
	return out
}

func readScene(t require.TestingT, h *house) *scene {
	s := &scene{now: *h.clock, people: map[string]models.Person{}, teams: map[string][]string{}, caps: map[string]models.Capability{}, owners: map[string]string{},
		versions: map[string]*sceneVersion{}, mandates: map[string]models.Mandate{}, seated: map[string][]string{}, restarts: map[string]models.Restart{},
		rules: map[string]models.TierRulesRow{}, links: map[string]models.AccountLink{},
		tiers: map[string]models.Tier{h.ops["read"]: "low", h.ops["write"]: "moderate", h.ops["infra"]: "high", h.ops["pay"]: "critical"}}
	for _, p := range rows[models.Person](t, h, "id", "1 = 1") {
		s.people[p.ID] = p
	}
	s.grants = rows[models.Grant](t, h, "granted_at, role", "ended_at IS NULL")
	s.keys = map[string]bool{}
	for _, k := range rows[models.Passkey](t, h, "id", "removed_at IS NULL") {
		s.keys[k.PersonID] = true
	}
	for _, m := range rows[models.TeamMember](t, h, "joined_at", "left_at IS NULL") {
		s.teams[m.PersonID] = append(s.teams[m.PersonID], m.TeamID)
	}
	for _, c := range rows[models.Capability](t, h, "id", "1 = 1") {
		s.caps[c.ID] = c
	}
	s.keepers = map[string]string{}
	for _, x := range rows[models.System](t, h, "id", "1 = 1") {
		s.keepers[x.ID] = x.CustodianTeamID
	}
	for _, a := range rows[models.Agent](t, h, "id", "1 = 1") {
		s.owners[a.ID] = a.OwnerID
	}
	s.readVersions(t, h)
	for _, m := range rows[models.Mandate](t, h, "id", "ended_at IS NULL") {
		s.mandates[m.CapabilityID] = m
	}
	for _, x := range rows[models.Seat](t, h, "seat", "mandate_id IN (SELECT id FROM mandates WHERE ended_at IS NULL)") {
		s.seated[x.MandateID] = append(s.seated[x.MandateID], x.SignerID)
	}
	s.holds = rows[models.Hold](t, h, "id", "lifted_at IS NULL")
	for _, r := range rows[models.Restart](t, h, "id", "state = 'open'") {
		s.restarts[r.CapabilityID] = r
	}
	s.duties = rows[models.Duty](t, h, "opened_at, kind, detail, subject", "closed_at IS NULL")
	for _, r := range rows[models.TierRulesRow](t, h, "no", "state IN ('active', 'proposed')") {
		s.rules[r.State] = r
	}
	var body struct {
		Asks map[models.Tier]sceneAsk `json:"asks"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.rules["active"].Body), &body))
	s.asks = body.Asks
	s.emergencies, s.switched = map[string]models.Emergency{}, map[string]string{}
	for _, e := range rows[models.Emergency](t, h, "id", "1 = 1") {
		s.emergencies[e.ID] = e
	}
	s.reviews = map[string]*sceneReview{}
	for _, r := range rows[models.Review](t, h, "opened_at, id", "1 = 1") {
		s.reviews[r.ID] = &sceneReview{Review: r, said: map[models.Role]bool{}}
	}
	for _, a := range rows[models.ReviewAnswer](t, h, "review_id", "1 = 1") {
		s.reviews[a.ReviewID].said[a.Role] = true
	}
	for _, x := range rows[models.EmergencySwitch](t, h, "id", "1 = 1") {
		s.switched[x.ID] = x.State
	}
	s.forbids = map[string]string{}
	for _, x := range rows[models.Forbid](t, h, "id", "state = 'proposed' OR state = 'active' AND end_proposed_by IS NOT NULL") {
		s.forbids[x.ID] = map[string]string{models.ForbidProposed: models.ConfirmForbid, models.ForbidActive: models.ConfirmForbidEnd}[x.State]
	}
	for _, l := range rows[models.AccountLink](t, h, "id", "state = 'proposed'") {
		s.links[l.ID] = l
	}
	return s
}

func (s *scene) readVersions(t require.TestingT, h *house) {
	for _, v := range rows[models.Version](t, h, "no", "1 = 1") {
		s.versions[v.ID] = &sceneVersion{Version: v, parts: map[models.Part]models.VersionPart{}, wrote: map[string]bool{}, side: map[string]string{},
			holder: map[models.Role]string{}, offered: map[models.Role]string{}, accepted: map[string]bool{}}
	}
	for _, p := range rows[models.VersionPart](t, h, "version_id", "1 = 1") {
		s.versions[p.VersionID].parts[p.Part] = p
	}
	for _, c := range rows[models.Contribution](t, h, "version_id", "1 = 1") {
		s.versions[c.VersionID].wrote[c.PersonID] = true
	}
	for _, x := range rows[models.Standing](t, h, "version_id", "1 = 1") {
		s.versions[x.VersionID].side[x.PersonID] = x.Side
	}
	for _, n := range rows[models.Nomination](t, h, "nominated_at, id", "state IN ('open', 'accepted')") {
		if v := s.versions[n.VersionID]; n.State == "open" {
			v.offered[n.Role] = n.PersonID
		} else {
			v.holder[n.Role] = n.PersonID
		}
	}
	for _, a := range rows[models.Acceptance](t, h, "version_id", "1 = 1") {
		if v := s.versions[a.VersionID]; v.Digest == a.Digest {
			v.accepted[string(a.Role)+"/"+a.PersonID] = true
		}
	}
	recalled := map[string]bool{}
	for _, r := range rows[models.Recall](t, h, "sign_off_id", "1 = 1") {
		recalled[r.SignOffID] = true
	}
	for _, x := range rows[models.SignOff](t, h, "signed_at, id", "1 = 1") {
		v := s.versions[x.VersionID]
		v.signs = append(v.signs, sceneSign{x.ID, x.SignerID, x.TeamID, x.Round, recalled[x.ID] || x.Digest != v.Digest})
	}
}

// everybody is in the order of their names: ids are random, and what is drawn from
// must be in one order for a seed to draw the same again.
func (s *scene) everybody() []string {
	ids := slices.Collect(maps.Keys(s.people))
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(s.people[a].Name, s.people[b].Name) })
	return ids
}

// proposals that two are one, oldest first.
func (s *scene) proposals() []string {
	ids := slices.Collect(maps.Keys(s.links))
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(s.links[a].ProposedAt, s.links[b].ProposedAt) })
	return ids
}

// oldestFirst are all versions.
func (s *scene) oldestFirst() []*sceneVersion {
	all := slices.Collect(maps.Values(s.versions))
	slices.SortFunc(all, func(a, b *sceneVersion) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	return all
}

func (s *scene) active(person string) bool { return s.people[person].Status == "active" }

func (s *scene) has(person string, r models.Role) bool {
	return s.active(person) && slices.ContainsFunc(s.grants, func(g models.Grant) bool { return g.PersonID == person && g.Role == r })
}

func (s *scene) of(capability string) []*sceneVersion {
	var out []*sceneVersion
	for _, v := range s.versions {
		if v.CapabilityID == capability {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *sceneVersion) int { return cmp.Compare(a.No, b.No) })
	return out
}

// open, force and last are the versions that an act may be about.
func (s *scene) open(capability string) *sceneVersion {
	for _, v := range s.of(capability) {
		switch v.State {
		case "draft", "proposed", "in_review", "approved":
			return v
		}
	}
	return nil
}

func (s *scene) force(capability string) *sceneVersion {
	if m, ok := s.mandates[capability]; ok {
		return s.versions[m.VersionID]
	}
	return nil
}

func (s *scene) last(capability string) *sceneVersion {
	all := s.of(capability)
	return all[len(all)-1]
}

func (s *scene) current(v *sceneVersion) bool {
	c := v.CapabilityID
	return v == s.open(c) || v == s.force(c) || v == s.last(c)
}

// named is who holds a role, else to whom it is offered.
func (v *sceneVersion) named(r models.Role) string { return cmp.Or(v.holder[r], v.offered[r]) }

// valid are the sign-offs that count: of this round and digest, not taken back.
func (v *sceneVersion) valid() []sceneSign {
	var out []sceneSign
	for _, x := range v.signs {
		if x.round == v.Round && !x.recalled {
			out = append(out, x)
		}
	}
	return out
}

// maker says whether the person wrote in the version or holds or is offered a
// maker's role in it.
func (v *sceneVersion) maker(person string) bool {
	return v.wrote[person] || v.side[person] == "maker" || slices.ContainsFunc(threeRoles, func(r models.Role) bool { return v.named(r) == person })
}

var threeRoles = []models.Role{"business_owner", "provisioner", "control_owner"}

// span is from its first day's beginning to its last day's end, in UTC.
func (v *sceneVersion) span() (from, until models.Instant) {
	var t struct {
		Start string `json:"start_on"`
		End   string `json:"end_on"`
	}
	if json.Unmarshal([]byte(v.parts["task"].Body), &t) != nil {
		return 0, 0
	}
	if d, err := time.Parse(time.DateOnly, t.Start); err == nil {
		from = models.At(d)
	}
	if d, err := time.Parse(time.DateOnly, t.End); err == nil {
		until = models.At(d.AddDate(0, 0, 1))
	}
	return from, until
}

// human is the person as which somebody is known now.
func (s *scene) human(person string) string {
	for s.people[person].MergedInto != nil {
		person = *s.people[person].MergedInto
	}
	return person
}

// sees: the four of a capability, its nominees and their teams, approvers while
// it is in their pool, auditors everything.
func (s *scene) sees(person, capability string) bool {
	if person == models.SystemActor || s.has(person, "auditor") {
		return true
	}
	through := map[string]bool{s.owners[s.caps[capability].AgentID]: true}
	for _, v := range []*sceneVersion{s.open(capability), s.force(capability), s.last(capability)} {
		if v == nil {
			continue
		}
		for p := range v.side {
			through[p] = true
		}
		for _, r := range threeRoles {
			through[v.holder[r]], through[v.offered[r]] = true, true
		}
	}
	if through[person] {
		return true
	}
	for _, team := range s.teams[person] {
		for p := range through {
			if slices.Contains(s.teams[p], team) {
				return true
			}
		}
	}
	return s.has(person, "approver") && slices.ContainsFunc(s.duties, func(d models.Duty) bool {
		return d.CapabilityID == capability && d.Pool != nil && *d.Pool == "approver"
	})
}
