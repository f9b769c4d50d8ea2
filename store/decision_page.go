package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// DecisionRead is one decision with what was in force at its moment.
type DecisionRead struct {
	LoggedDecision
	VersionNo int // 0 where nothing was in force
	Until     models.Instant
	Chain     []ChainRead
	Forbids   []models.Forbid // those that spoke
	Holds     []models.Hold   // that stood at the moment on what it hangs on, the oldest first
	Part      *models.DecisionPart
	Seq       int64 // of the ledger's entry that seals the part; 0 for none
	SeesAgent bool
}

// ChainRead is an agent of the chain with who answers for it. Whoever may see a decision
// learns who answered for each agent in it; the task of another agent is named only to
// those who may see that.
type ChainRead struct {
	models.ChainLink
	Agent, Title string
	Behind       Behind
}

// Decision is one decision that the viewer may see; NotFound is every other.
func (s *Store) Decision(ctx context.Context, by models.Party, id int64) (read DecisionRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		d, err := s.seenDecision(ctx, tx, by, id)
		if err != nil {
			return err
		}
		lines, err := decisionLines(tx, []models.Decision{*d})
		if err != nil {
			return err
		}
		read.LoggedDecision = lines[0]
		return read.load(tx, by)
	})
	return read, err
}

func (s *Store) seenDecision(ctx context.Context, tx *gorm.DB, by models.Party, id int64) (*models.Decision, error) {
	sees, err := eyeOf(tx, by)
	if err != nil {
		return nil, err
	}
	query := s.logged.WithContext(ctx)
	if sees.where.sql != "" {
		query = query.Where(sees.where.sql, sees.where.args...)
	}
	d, err := find[models.Decision](query, "id = ?", id)
	if err == nil && d != nil && sees.keep != nil {
		var kept []models.Decision
		if kept, err = sees.keep([]models.Decision{*d}); len(kept) == 0 {
			d = nil
		}
	}
	if err == nil && d == nil {
		err = missing("decision")
	}
	return d, err
}

func (r *DecisionRead) load(tx *gorm.DB, by models.Party) (err error) {
	if r.VersionID != "" {
		var found struct {
			No    int
			Until models.Instant
		}
		err := tx.Raw(`SELECT v.no, COALESCE((SELECT m.until_at FROM mandates m WHERE m.id = ?), (SELECT e.until_at FROM emergencies e WHERE e.id = ?), 0) AS until FROM versions v WHERE v.id = ?`,
			r.MandateID, r.MandateID, r.VersionID).Scan(&found).Error
		if err != nil {
			return fmt.Errorf("cannot load what was in force: %w", err)
		}
		r.VersionNo, r.Until = found.No, found.Until
	}
	if r.AgentID != "" {
		if r.SeesAgent, err = maySeeAgent(tx, by, r.AgentID); err != nil {
			return err
		}
	}
	if r.Policies != "" {
		if r.Forbids, err = all[models.Forbid](tx, "id", "id IN ?", strings.Split(r.Policies, ",")); err != nil {
			return err
		}
	}
	if err := r.chain(tx, by); err != nil {
		return err
	}
	if r.CapabilityID != "" {
		if r.Holds, err = heldThen(tx, r.Decision, r.Behind); err != nil {
			return err
		}
	}
	return r.sealed(tx)
}

func (r *DecisionRead) chain(tx *gorm.DB, by models.Party) error {
	if r.Decision.Chain == "" {
		return nil
	}
	var links []models.ChainLink
	if err := json.Unmarshal([]byte(r.Decision.Chain), &links); err != nil {
		return fmt.Errorf("cannot read the chain of decision %d: %w", r.ID, err)
	}
	agents, capabilities, mandates := set{}, set{}, set{}
	for _, l := range links {
		agents.add(l.AgentID)
		capabilities.add(l.CapabilityID)
		mandates.add(l.MandateID)
	}
	names, err := agentNames(tx, agents.list())
	if err != nil {
		return err
	}
	behind, err := peopleBehind(tx, mandates.list())
	if err != nil {
		return err
	}
	cond, args := seen(by, "m.capability_id")
	var rows []struct{ CapabilityID, Title string }
	if err := tx.Raw("SELECT m.capability_id, m.title FROM matrix_rows m WHERE m.capability_id IN ? AND "+cond, append([]any{capabilities.list()}, args...)...).Scan(&rows).Error; err != nil {
		return fmt.Errorf("cannot load titles: %w", err)
	}
	titles := map[string]string{}
	for _, x := range rows {
		titles[x.CapabilityID] = x.Title
	}
	for _, l := range links {
		r.Chain = append(r.Chain, ChainRead{ChainLink: l, Agent: names[l.AgentID], Title: titles[l.CapabilityID], Behind: behind[l.MandateID]})
	}
	return nil
}

// heldThen are the holds that stood at the moment of a decision on what it hangs on. Teams
// are those of today: who was on which is not looked up.
func heldThen(tx *gorm.DB, d models.Decision, b Behind) ([]models.Hold, error) {
	people := []string{b.Owner.ID, b.Provisioner.ID, b.ControlOwner.ID}
	for _, p := range b.Signers {
		people = append(people, p.ID)
	}
	return all[models.Hold](tx.Limit(20), "placed_at, id", `placed_at <= ? AND (lifted_at IS NULL OR lifted_at > ?) AND (target_kind = 'all'
		OR target_kind = 'capability' AND target_id = ? OR target_kind = 'agent' AND target_id = ? OR target_kind = 'person' AND target_id IN ?
		OR target_kind = 'system' AND target_id IN (SELECT u.system_id FROM system_uses u WHERE u.capability_id = ?)
		OR target_kind = 'issuer' AND target_id IN (SELECT b.issuer FROM bindings b WHERE b.agent_id = ?)
		OR target_kind = 'team' AND target_id IN (SELECT t.team_id FROM team_members t WHERE t.person_id = ? AND t.left_at IS NULL))`,
		d.At, d.At, d.CapabilityID, d.AgentID, people, d.CapabilityID, d.AgentID, b.Owner.ID)
}

// sealed finds the part that the row is in, and the entry of the record that commits to
// its root.
func (r *DecisionRead) sealed(tx *gorm.DB) (err error) {
	var parts []models.DecisionPart
	if err := tx.Where("replica = ? AND from_id <= ?", r.Replica(), r.ID).Order("from_id DESC").Limit(1).Find(&parts).Error; err != nil {
		return fmt.Errorf("cannot look for the sealed part: %w", err)
	}
	if len(parts) == 0 || parts[0].ToID < r.ID {
		return nil
	}
	r.Part = &parts[0]
	err = tx.Raw("SELECT l.seq FROM ledger l WHERE l.at = ? AND l.act = 'decisions.sealed' AND l.entry LIKE ? LIMIT 1", r.Part.SealedAt, "%"+r.Part.ID+"%").Scan(&r.Seq).Error
	if err != nil {
		return fmt.Errorf("cannot find the entry of the record: %w", err)
	}
	return nil
}
