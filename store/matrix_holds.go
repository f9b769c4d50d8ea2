package store

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// May act = open mandate ∧ no open hold on any of its targets ∧ now < until. A
// capability's targets are itself, its agent, the people who answer for it (the
// three and those in the seats), the systems in its signed document, the issuers of
// the identities by which its agent is recognised, the teams of its owner, and
// everything. A line keeps only the holds on the capability itself; the broad
// ones are looked up, since one of them reaches thousands of lines.

// openHold is the condition under which the hold h is in force, now (at nil) or then.
func openHold(at *models.Instant) (string, []any) {
	if at == nil {
		return "h.lifted_at IS NULL", nil
	}
	return "(h.placed_at <= ? AND (h.lifted_at IS NULL OR h.lifted_at > ?))", []any{*at, *at}
}

// broadHolds are the kinds of target, beside single capabilities, that any hold
// in force has: what the conditions below need not ask for.
func broadHolds(tx *gorm.DB, at *models.Instant) ([]string, error) {
	in, args := openHold(at)
	var kinds []string
	err := tx.Raw("SELECT DISTINCT h.target_kind FROM holds h WHERE h.target_kind IN ('agent', 'person', 'system', 'issuer', 'team', 'all') AND "+in, args...).Scan(&kinds).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for holds: %w", err)
	}
	return kinds, nil
}

// held is the condition under which the line m is held.
func held(kinds []string, at *models.Instant) (string, []any) {
	in, args := openHold(at)
	var or []string
	var with []any
	add := func(condition string, n int) {
		or = append(or, condition)
		for range n {
			with = append(with, args...)
		}
	}
	on := func(kind string) string {
		return "(SELECT h.target_id FROM holds h WHERE h.target_kind = '" + kind + "' AND " + in + ")"
	}
	if at == nil {
		add("m.holds > 0", 0)
	} else {
		add("m.capability_id IN "+on(models.OnCapability), 1)
	}
	for _, kind := range kinds {
		switch kind {
		case models.OnAgent:
			add("m.agent_id IN "+on(kind), 1)
		case models.OnPerson:
			add("m.owner_id IN "+on(kind), 1)
			add("m.provisioner_id IN "+on(kind), 1)
			add("m.control_owner_id IN "+on(kind), 1)
			add("m.mandate_id IN (SELECT sp.mandate_id FROM seat_people sp WHERE sp.person_id IN "+on(kind)+")", 1)
		case models.OnSystem:
			if at == nil {
				add("m.capability_id IN (SELECT u.capability_id FROM system_uses u WHERE u.system_id IN "+on(kind)+")", 0)
				break
			}
			add("m.version_id IN (SELECT v.id FROM holds h JOIN versions v ON "+namesSystem+" WHERE h.target_kind = 'system' AND "+in+")", 1)
		case models.OnIssuer:
			bound, _ := isBound(at)
			add("m.agent_id IN (SELECT b.agent_id FROM bindings b WHERE "+bound+" AND b.issuer IN "+on(kind)+")", copies(at))
		case models.OnTeam:
			member, _ := onTeam(at)
			add("m.owner_id IN (SELECT tm.person_id FROM team_members tm WHERE "+member+" AND tm.team_id IN "+on(kind)+")", copies(at))
		case models.OnAll:
			add("EXISTS "+on(kind), 1)
		}
	}
	return "(" + strings.Join(or, " OR ") + ")", with
}

// copies is how often the moment's arguments are needed where beside the holds something
// else is looked at as of then.
func copies(at *models.Instant) int {
	if at == nil {
		return 0
	}
	return 2
}

// isBound is the condition that the binding b is open now, or was then.
func isBound(at *models.Instant) (string, []any) {
	if at == nil {
		return "b.ended_at IS NULL", nil
	}
	return "b.bound_at <= ? AND (b.ended_at IS NULL OR b.ended_at > ?)", []any{*at, *at}
}

// namesSystem joins a hold on a system to the versions whose signed document
// names it: system_uses is only about now. Documents are canonical JSON, so the
// text is there exactly so; a system is seldom held, so this is seldom asked.
const namesSystem = `v.document LIKE '%"system_id":"' || h.target_id || '"%'`

// holdTargets are what a hold on which would hold one capability.
type holdTargets struct {
	capability, agent, version, owner string
	people                            []string
}

// holdsThen are the holds in force on each of the capabilities, oldest first.
func holdsThen(tx *gorm.DB, lines []holdTargets, at *models.Instant) (map[string][]models.Hold, error) {
	kinds, err := broadHolds(tx, at)
	if err != nil {
		return nil, err
	}
	capabilities, agents, people, versions := set{}, set{}, set{}, set{}
	for _, l := range lines {
		capabilities.add(l.capability)
		agents.add(l.agent)
		people.add(l.people...)
		versions.add(l.version)
	}
	targets := []struct {
		kind string
		ids  []string
	}{{models.OnCapability, capabilities.list()}, {models.OnAgent, agents.list()}, {models.OnPerson, people.list()}, {models.OnAll, []string{""}}}
	in, args := openHold(at)
	var holds []models.Hold
	for _, t := range targets {
		if t.kind != models.OnCapability && !slices.Contains(kinds, t.kind) {
			continue
		}
		for ids := t.ids; len(ids) > 0; {
			some := ids[:min(chunk, len(ids))]
			ids = ids[len(some):]
			query, with := "h.target_kind = ? AND h.target_id IN ? AND "+in, append([]any{t.kind, some}, args...)
			if t.kind == models.OnAll {
				query, with = "h.target_kind = ? AND "+in, append([]any{t.kind}, args...)
			}
			var found []models.Hold
			if err := tx.Table("holds h").Select("h.*").Where(query, with...).Find(&found).Error; err != nil {
				return nil, fmt.Errorf("cannot load the holds: %w", err)
			}
			holds = append(holds, found...)
		}
	}
	out := map[string][]models.Hold{}
	for _, l := range lines {
		for _, h := range holds {
			if l.hit(h) {
				out[l.capability] = append(out[l.capability], h)
			}
		}
	}
	for _, kind := range []string{models.OnIssuer, models.OnTeam} {
		if slices.Contains(kinds, kind) {
			if err := holdsThrough(tx, kind, lines, at, out); err != nil {
				return nil, err
			}
		}
	}
	if slices.Contains(kinds, models.OnSystem) {
		if err := systemHolds(tx, lines, versions.list(), at, out); err != nil {
			return nil, err
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b models.Hold) int {
			if a.PlacedAt != b.PlacedAt {
				return int(min(1, max(-1, a.PlacedAt-b.PlacedAt)))
			}
			return strings.Compare(a.ID, b.ID)
		})
	}
	return out, nil
}

func (l holdTargets) hit(h models.Hold) bool {
	switch h.TargetKind {
	case models.OnCapability:
		return h.TargetID == l.capability
	case models.OnAgent:
		return h.TargetID == l.agent
	case models.OnPerson:
		return slices.Contains(l.people, h.TargetID)
	}
	return h.TargetKind == models.OnAll
}

// holdsThrough adds the holds on the issuers of the lines' agents, or on the teams of
// their owners. Both are few wherever there is any.
func holdsThrough(tx *gorm.DB, kind string, lines []holdTargets, at *models.Instant, out map[string][]models.Hold) error {
	in, args := openHold(at)
	on := func(l holdTargets) string { return l.agent }
	is, with := isBound(at)
	query := "SELECT DISTINCT h.*, b.agent_id AS through FROM holds h JOIN bindings b ON b.issuer = h.target_id WHERE h.target_kind = 'issuer' AND b.agent_id IN ? AND "
	if kind == models.OnTeam {
		on = func(l holdTargets) string { return l.owner }
		is, with = onTeam(at)
		query = "SELECT DISTINCT h.*, tm.person_id AS through FROM holds h JOIN team_members tm ON tm.team_id = h.target_id WHERE h.target_kind = 'team' AND tm.person_id IN ? AND "
	}
	ids := set{}
	for _, l := range lines {
		ids.add(on(l))
	}
	return inChunks(ids.list(), func(some []string) error {
		var found []struct {
			models.Hold
			Through string
		}
		if err := tx.Raw(query+is+" AND "+in, slices.Concat([]any{some}, with, args)...).Scan(&found).Error; err != nil {
			return fmt.Errorf("cannot load the holds on issuers and teams: %w", err)
		}
		for _, f := range found {
			for _, l := range lines {
				if on(l) == f.Through {
					out[l.capability] = append(out[l.capability], f.Hold)
				}
			}
		}
		return nil
	})
}

func systemHolds(tx *gorm.DB, lines []holdTargets, versions []string, at *models.Instant, out map[string][]models.Hold) error {
	in, args := openHold(at)
	for len(versions) > 0 {
		some := versions[:min(chunk, len(versions))]
		versions = versions[len(some):]
		var found []struct {
			models.Hold
			VersionID string
		}
		err := tx.Raw("SELECT h.*, v.id AS version_id FROM holds h JOIN versions v ON "+namesSystem+" WHERE h.target_kind = 'system' AND v.id IN ? AND "+in,
			append([]any{some}, args...)...).Scan(&found).Error
		if err != nil {
			return fmt.Errorf("cannot load the holds on systems: %w", err)
		}
		for _, f := range found {
			for _, l := range lines {
				if l.version == f.VersionID {
					out[l.capability] = append(out[l.capability], f.Hold)
				}
			}
		}
	}
	return nil
}
