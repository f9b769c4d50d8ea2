package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"countersign/ledger"
	"countersign/models"
)

// keptTables are the tables whose rows the ledger commits to, and derivedTables those
// that follow from them.
var (
	keptTables = []string{"people", "accounts", "account_links", "teams", "team_members", "grants", "group_mappings", "delegations", "agents", "agent_revisions", "bindings",
		"systems", "operations", "secret_refs", "imports", "tier_rules", "capabilities", "versions", "standings", "contributions", "version_parts", "nominations",
		"roles", "sign_offs", "recalls", "mandates", "seats", "seat_people", "holds", "restarts", "duties", "emergency_switches", "emergencies",
		"duty_steps", "reviews", "review_answers", "drills", "endpoints", "calendars", "gateways", "forbids"}
	derivedTables = []string{"outbox", "ledger", "ledger_bodies", "ledger_refs", "matrix_rows", "audience", "system_uses"}
)

// fingerprint is how many rows there are of everything, at which revisions, and
// where the ledger stands.
func (h *house) fingerprint(t require.TestingT) string {
	var sql []string
	for _, table := range keptTables {
		sql = append(sql, fmt.Sprintf("SELECT '%s' AS name, count(*) AS n, coalesce(sum(rev), 0) AS revs FROM %s", table, table))
	}
	for _, table := range derivedTables {
		sql = append(sql, fmt.Sprintf("SELECT '%s' AS name, count(*) AS n, 0 AS revs FROM %s", table, table))
	}
	sql = append(sql, "SELECT hash AS name, seq AS n, at AS revs FROM ledger_head")
	var out []struct {
		Name    string
		N, Revs int64
	}
	require.NoError(t, h.read.Raw(strings.Join(sql, " UNION ALL ")).Scan(&out).Error)
	return fmt.Sprint(out)
}

// whole is everything that must always hold, the ledger from its first entry on,
// and what verify says, which looks at each row and asks the rules again.
func whole(t require.TestingT, h *house) {
	m := &machine{house: h, chain: ledger.NewChain(), now: readScene(t, h)}
	m.check(t)
	require.NoError(t, h.Verify(context.Background(), func(VerifyProgress) {}))
}

// check is what must always hold.
func (m *machine) check(t require.TestingT) {
	s := m.now
	for _, v := range s.versions {
		checkVersion(t, s, v)
	}
	for _, mandate := range s.mandates {
		checkMandate(t, s, s.versions[mandate.VersionID], mandate)
	}
	checkDuties(t, s)
	m.checkLedger(t)
	checkMatrix(t, m.house, s)
	checkNever(t, m.house)
}

func checkVersion(t require.TestingT, s *scene, v *sceneVersion) {
	name := fmt.Sprintf("version %d of %s (%s)", v.No, v.CapabilityID, v.State)
	if v.Digest != "" {
		require.Equal(t, models.Digest(v.Document), v.Digest, name)
	}
	require.Equal(t, v.State == "live", s.mandates[v.CapabilityID].VersionID == v.ID, "%s: live, and in force by an open mandate", name)
	for _, x := range v.signs {
		require.Equal(t, "checker", v.side[x.signer], name)
		require.False(t, v.wrote[x.signer], "%s: a signer wrote in it", name)
		for _, r := range threeRoles {
			require.False(t, v.accepted[string(r)+"/"+x.signer], "%s: a signer holds a role", name)
		}
	}
	for who := range v.wrote {
		require.Equal(t, "maker", v.side[who], name)
	}
	for part, p := range v.parts {
		require.True(t, p.UpdatedBy == nil || v.wrote[*p.UpdatedBy], "%s: who wrote the %s is its maker", name, part)
	}
	if v.State == "approved" {
		require.GreaterOrEqual(t, len(v.valid()), v.Need, name)
	}
	if v.State == "in_review" || v.State == "approved" || v.State == "live" {
		for _, r := range threeRoles {
			require.NotEmpty(t, v.holder[r], "%s: nobody accepted the role %s", name, r)
		}
	}
	if r, open := s.restarts[v.CapabilityID]; open && r.VersionID == v.ID {
		require.EqualValues(t, "live", v.State, "%s: its restart is open", name)
		require.Equal(t, v.Round, r.Round, name)
		require.False(t, s.ready(v, 0), "%s: its restart is signed, nothing is missing, and it did not end", name)
	}
}

func checkMandate(t require.TestingT, s *scene, v *sceneVersion, m models.Mandate) {
	name := fmt.Sprintf("the mandate of version %d of %s", v.No, m.CapabilityID)
	require.Equal(t, [4]any{v.Digest, v.Tier, v.Need, v.Apart}, [4]any{m.Digest, m.Tier, m.Need, m.Apart}, name)
	three := map[models.Role]string{"business_owner": m.OwnerID, "provisioner": m.ProvisionerID, "control_owner": m.ControlOwnerID}
	for r, p := range three {
		require.True(t, v.accepted[string(r)+"/"+p], "%s: %s accepted on this digest", name, r)
	}
	// People, not accounts: whoever was merged into another is that one.
	require.NotEqual(t, s.human(m.OwnerID), s.human(m.ProvisionerID), name)
	require.NotEqual(t, s.human(m.ProvisionerID), s.human(m.ControlOwnerID), name)
	if m.Tier == "high" || m.Tier == "critical" {
		require.NotEqual(t, s.human(m.OwnerID), s.human(m.ControlOwnerID), name)
		require.GreaterOrEqual(t, m.Need, 2, name)
	}
	seats := s.seated[m.ID]
	want := m.Need
	if v.Custodians != "" { // of whom one may be one more
		require.GreaterOrEqual(t, len(seats), m.Need, name)
		want = len(seats)
	}
	require.Len(t, seats, want, name)
	humans, teams := map[string]bool{}, map[string]bool{}
	for _, signer := range seats {
		human := s.human(signer)
		humans[human] = true
		for r, p := range three {
			require.NotEqual(t, s.human(p), human, "%s: its %s is one human with a signer", name, r)
		}
		for writer := range v.wrote {
			require.NotEqual(t, s.human(writer), human, "%s: one human wrote and signed", name)
		}
		i := slices.IndexFunc(v.signs, func(x sceneSign) bool { return x.signer == signer && x.round == m.Round })
		require.GreaterOrEqual(t, i, 0, "%s: %s signed in its round", name, signer)
		teams[v.signs[i].team] = true
	}
	require.Len(t, humans, want, "%s: one human, one seat", name)
	if m.Apart == 1 {
		require.Len(t, teams, want, "%s: teams apart", name)
	}
	// Nobody answers for anything silently, and least of all somebody who left.
	for _, p := range append([]string{m.OwnerID, m.ProvisionerID, m.ControlOwnerID}, seats...) {
		require.True(t, s.active(p) || slices.ContainsFunc(s.holds, func(h models.Hold) bool { return h.TargetKind == "person" && h.TargetID == p }),
			"%s: %s left, and no hold stands", name, s.people[p].Name)
	}
}

// checkDuties: what is owed is about something open, and is owed once; what
// waits for sign-offs asks for them.
func checkDuties(t require.TestingT, s *scene) {
	once, signing := map[string]bool{}, map[string]bool{}
	for _, d := range s.duties {
		name := fmt.Sprintf("the duty %s of %s about %s (%s)", d.Kind, d.Holder, d.Subject, d.Detail)
		key := d.Kind + d.Holder + d.Subject + d.Detail
		require.False(t, once[key], "%s is owed twice", name)
		once[key] = true
		if v := s.versions[d.Subject]; v != nil {
			name += fmt.Sprintf(", version %d, %s", v.No, v.State)
		}
		require.True(t, s.stillOpen(d), "%s is about nothing that is open", name)
		signing[d.Subject] = signing[d.Subject] || d.Kind == "sign"
	}
	for _, r := range s.reviews {
		checkReview(t, s, r)
	}
	for _, v := range s.versions {
		require.True(t, v.State != "in_review" || signing[v.ID], "version %d of %s waits for sign-offs, and nobody is asked", v.No, v.CapabilityID)
	}
}

func (s *scene) stillOpen(d models.Duty) bool {
	v, r := s.versions[d.Subject], models.Role(d.Detail)
	restart, restarting := s.restarts[d.CapabilityID]
	switch d.Kind {
	case "fill", "edit", "submit":
		return v.State == "draft"
	case "accept":
		return v.State == "proposed" && v.offered[r] == d.Holder
	case "nominate":
		return (v.State == "draft" || v.State == "proposed" || v.State == "live") && v.offered[r] == ""
	case "succeed":
		switch {
		case d.Detail == models.AgentOwner:
			return !s.active(s.owners[d.Subject])
		case d.Detail == models.ToWithdraw:
			return (v.State == "in_review" || v.State == "approved") && slices.ContainsFunc(threeRoles, func(r models.Role) bool { return !s.active(v.holder[r]) })
		}
		return v.State == "live" && !s.active(v.holder[r]) && v.offered[r] == ""
	case "take_over":
		if d.Detail == models.AgentOwner {
			return !s.active(s.owners[d.Subject]) && s.active(d.Holder)
		}
		return v.State == "live" && v.offered[r] == d.Holder
	case "sign":
		return v.State == "in_review" || v.State == "live" && restarting && restart.VersionID == v.ID
	case "lift":
		if d.Detail == models.ToLiftBroad {
			return slices.ContainsFunc(s.holds, func(h models.Hold) bool { return h.ID == d.Subject })
		}
		return v.State == "live" && (s.stopped(d.CapabilityID) || s.signerLeft(s.mandates[d.CapabilityID]))
	case "go_live":
		return v.State == "approved"
	case "renew":
		return v.State == "live"
	case "confirm":
		_, link := s.links[d.Subject]
		return link || s.rules["proposed"].ID == d.Subject || s.switched[d.Subject] == models.SwitchProposed || s.forbids[d.Subject] == d.Detail
	case "review":
		x := s.reviews[d.Detail]
		owes := slices.ContainsFunc(threeRoles, func(r models.Role) bool { return v.holder[r] == d.Holder && !x.said[r] })
		return x.VersionID == v.ID && x.State == "open" && v.State == "live" && owes
	case "close_review":
		x := s.reviews[d.Detail]
		return x.VersionID == v.ID && x.State == "open" && len(x.said) == 3
	case "narrow":
		return s.reviews[d.Detail].Outcome == "narrow" && v.State == "live"
	case "drill":
		return v.State == "live"
	case "review_emergency":
		return s.emergencies[d.Detail].VersionID == d.Subject && s.emergencies[d.Detail].ReviewedAt == nil
	}
	return false // register: every agent here is registered
}

// checkReview: an open review is of what is in force, and whoever is to answer and is
// still here is asked, or who is to close it; a renewed mandate follows from a kept one.
func checkReview(t require.TestingT, s *scene, r *sceneReview) {
	v, name := s.versions[r.VersionID], fmt.Sprintf("the review %s (%s, %s)", r.ID, r.Kind, r.State)
	asked := func(kind, holder string) bool {
		return slices.ContainsFunc(s.duties, func(d models.Duty) bool { return d.Kind == kind && d.Detail == r.ID && d.Holder == holder })
	}
	if r.State != "open" {
		require.False(t, r.ClosedBy != nil && v.maker(*r.ClosedBy), "%s: a maker closed it", name)
		require.False(t, slices.ContainsFunc(s.duties, func(d models.Duty) bool { return d.Detail == r.ID && d.Kind != "narrow" }), "%s is over, and something is owed", name)
		require.True(t, r.Outcome != "revoke" || v.State == "revoked", name)
		return
	}
	require.EqualValues(t, "live", v.State, "%s is of what is not in force", name)
	for _, role := range threeRoles {
		who := v.holder[role]
		require.True(t, r.said[role] || !s.active(who) || asked("review", who), "%s: nobody asked the %s", name, role)
	}
	require.Equal(t, len(r.said) == 3, asked("close_review", "pool:approver"), name)
}

// checkLedger reads on from where it stopped: the chain holds, and the head is
// its last entry.
func (m *machine) checkLedger(t require.TestingT) {
	var entries []entry
	require.NoError(t, m.house.read.Where("seq > ?", m.chain.Seq()).Order("seq").Find(&entries).Error)
	for _, e := range entries {
		_, err := m.chain.Next(e.Entry)
		require.NoError(t, err)
		require.Equal(t, ledger.Hash(e.Entry), e.Hash)
	}
	var h head
	require.NoError(t, m.house.read.Take(&h).Error)
	require.Equal(t, head{ID: 1, Seq: m.chain.Seq(), At: models.Instant(m.chain.At()), Hash: m.chain.Hash()}, h)
}

// checkMatrix derives every line anew.
func checkMatrix(t require.TestingT, h *house, s *scene) {
	stored, audience := map[string]models.MatrixRow{}, map[string][]string{}
	for _, r := range rows[models.MatrixRow](t, h, "capability_id", "1 = 1") {
		stored[r.CapabilityID] = r
	}
	for _, a := range rows[models.Audience](t, h, "person_id", "1 = 1") {
		audience[a.CapabilityID] = append(audience[a.CapabilityID], a.PersonID)
	}
	for id := range s.caps {
		f, err := capabilityFacts(h.read, models.Env{Now: s.now}, id, Lookup{})
		require.NoError(t, err)
		row, seen := f.MatrixRow()
		require.Equal(t, row, stored[id])
		var through []string
		for _, a := range seen {
			through = append(through, a.PersonID)
		}
		require.ElementsMatch(t, through, audience[id])
	}
	for _, later := range []models.Instant{0, 60 * models.Day, 200 * models.Day, 400 * models.Day} {
		checkTally(t, h, later)
		checkSnapshot(t, h)
	}
}

// checkTally compares what is counted by way of the tally with one pass over all lines.
func checkTally(t require.TestingT, h *house, later models.Instant) {
	kinds, err := broadHolds(h.read, nil)
	require.NoError(t, err)
	cond, args := held(kinds, nil)
	q := matrixQuery{now: h.now() + later, from: sqlOf("matrix_rows m"), held: piece{cond, args}, kinds: kinds, everything: true}
	require.NoError(t, tallyFollows(h.read))
	if !q.tallied() { // everything is held: there is nothing to take out of the tally
		return
	}
	tallied, err := q.tally(h.read)
	require.NoError(t, err)
	counted, err := q.group(h.read, q.held, sqlOf("1 = 1"))
	require.NoError(t, err)
	require.ElementsMatch(t, counted, tallied)
}

// never are rows that must not exist, whatever is done.
var never = map[string]string{
	"one person on both sides":      `SELECT 1 FROM standings a JOIN standings b ON b.version_id = a.version_id AND b.person_id = a.person_id AND b.side <> a.side`,
	"a signer among the makers":     `SELECT 1 FROM sign_offs s JOIN contributions c ON c.version_id = s.version_id AND c.person_id IN (s.signer_id, s.principal_id)`,
	"a signer who holds a role":     `SELECT 1 FROM sign_offs s JOIN roles r ON r.version_id = s.version_id AND r.person_id IN (s.signer_id, s.principal_id)`,
	"a seat of another round":       `SELECT 1 FROM seats s JOIN mandates m ON m.id = s.mandate_id WHERE s.round <> m.round OR s.digest <> m.digest`,
	"too few seats":                 `SELECT 1 FROM mandates m WHERE (SELECT count(DISTINCT p.person_id) FROM seat_people p WHERE p.mandate_id = m.id) < m.need`,
	"two open mandates":             `SELECT capability_id FROM mandates WHERE ended_at IS NULL GROUP BY capability_id HAVING count(*) > 1`,
	"two open versions":             `SELECT capability_id FROM versions WHERE state IN ('draft', 'proposed', 'in_review', 'approved') GROUP BY capability_id HAVING count(*) > 1`,
	"a stop lifted by its placer":   `SELECT 1 FROM holds WHERE target_kind IN ('system', 'issuer', 'team', 'all') AND lifted_by = placed_by`,
	"two stops on one target":       `SELECT 1 FROM holds WHERE target_kind IN ('system', 'issuer', 'team', 'all') AND lifted_at IS NULL GROUP BY target_kind, target_id HAVING count(*) > 1`,
	"a broad stop nobody is asked":  `SELECT 1 FROM holds h WHERE h.target_kind IN ('system', 'issuer', 'team', 'all') AND h.lifted_at IS NULL AND NOT EXISTS (SELECT 1 FROM duties d WHERE d.subject = h.id AND d.closed_at IS NULL)`,
	"an auditor with another role":  `SELECT 1 FROM grants a JOIN grants b ON b.person_id = a.person_id AND b.role <> 'auditor' AND b.ended_at IS NULL WHERE a.role = 'auditor' AND a.ended_at IS NULL`,
	"a grant to oneself":            `SELECT 1 FROM grants WHERE granted_by = person_id`,
	"roles of somebody who left":    `SELECT 1 FROM grants g JOIN people p ON p.id = g.person_id WHERE p.status <> 'active' AND g.ended_at IS NULL`,
	"looser rules by one person":    `SELECT 1 FROM tier_rules WHERE loosens = 1 AND state IN ('active', 'superseded') AND (confirmed_by IS NULL OR confirmed_by = proposed_by)`,
	"a notice without its act":      `SELECT 1 FROM outbox WHERE created_at NOT IN (SELECT at FROM ledger)`,
	"an entry without its details":  `SELECT 1 FROM ledger l LEFT JOIN ledger_bodies b ON b.seq = l.seq WHERE b.seq IS NULL`,
	"an answer without its time":    `SELECT 1 FROM nominations WHERE state <> 'open' AND answered_at IS NULL`,
	"a capability without a line":   `SELECT 1 FROM capabilities c LEFT JOIN matrix_rows m ON m.capability_id = c.id WHERE m.capability_id IS NULL`,
	"a restart of what has ended":   `SELECT 1 FROM restarts r JOIN versions v ON v.id = r.version_id WHERE r.state = 'open' AND v.state <> 'live'`,
	"one digest for two versions":   `SELECT digest FROM versions WHERE digest <> '' GROUP BY digest HAVING count(*) > 1`,
	"an act id that stands for two": `SELECT act_id FROM ledger GROUP BY act_id HAVING count(*) > 1`,
}

func checkNever(t require.TestingT, h *house) {
	var sql []string
	for what, query := range never {
		sql = append(sql, fmt.Sprintf("SELECT '%s' AS what WHERE EXISTS (%s)", what, query))
	}
	var found []string
	require.NoError(t, h.read.Raw(strings.Join(sql, " UNION ALL ")).Scan(&found).Error)
	require.Empty(t, found)
}
