package store

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"github.com/go-json-experiment/json"
	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// Told kinds of decision_changes.
const (
	toldAgent    = "agent"
	toldHolds    = "holds"
	toldGateways = "gateways"
	toldForbids  = "forbids"
	toldPeople   = "people"
)

// toldChange is one change of what decisions look at.
type toldChange struct{ Kind, ID string }

// nextSnapshot reads what decisions look at: all of it where was is nil, else what was
// told since. It reads one state of the database, so that what it says fits together.
func (s *Store) nextSnapshot(ctx context.Context, was *policy.Snapshot) (next *policy.Snapshot, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var at struct{ Epoch, Fence int64 }
		if err := tx.Raw("SELECT e.epoch, f.fence FROM decision_epoch e, decision_fence f WHERE e.id = 1 AND f.id = 1").Scan(&at).Error; err != nil {
			return fmt.Errorf("cannot read the epoch: %w", err)
		}
		if was != nil && was.Epoch == at.Epoch && was.Fence == at.Fence {
			next = was
			return nil
		}
		parts, err := decisionParts(tx, was)
		if err != nil {
			return err
		}
		next = was.With(at.Epoch, at.Fence, parts)
		return nil
	})
	return next, err
}

func decisionParts(tx *gorm.DB, was *policy.Snapshot) (p policy.Parts, err error) {
	changed := []toldChange{{toldAgent, ""}, {toldHolds, ""}, {toldGateways, ""}, {toldForbids, ""}, {toldPeople, ""}}
	if was != nil {
		changed = nil
		if err := tx.Raw("SELECT kind, id FROM decision_changes WHERE epoch > ?", was.Epoch).Scan(&changed).Error; err != nil {
			return p, fmt.Errorf("cannot read what changed: %w", err)
		}
	}
	agents := set{}
	for _, c := range changed {
		switch c.Kind {
		case toldAgent:
			agents.add(c.ID)
		case toldHolds:
			p.Holds, err = decisionHolds(tx)
		case toldGateways:
			p.Gateways, err = decisionGateways(tx)
		case toldForbids:
			p.Forbids, err = decisionForbids(tx)
		case toldPeople:
			p.People, err = decisionPeople(tx)
		}
		if err != nil {
			return p, err
		}
	}
	if was == nil {
		p.Agents, err = agentsInForce(tx, nil)
		return p, err
	}
	if len(agents) > 0 {
		p.Agents, err = agentsInForce(tx, agents.list())
	}
	return p, err
}

func decisionHolds(tx *gorm.DB) (map[policy.Target]models.Hold, error) {
	open, err := all[models.Hold](tx, "placed_at DESC, id DESC", "lifted_at IS NULL") // the oldest last, so that it stays
	if err != nil {
		return nil, err
	}
	out := make(map[policy.Target]models.Hold, len(open))
	for _, h := range open {
		out[policy.Target{Kind: h.TargetKind, ID: h.TargetID}] = h
		if h.TargetKind == models.OnAll {
			out[policy.Target{Kind: models.OnAll}] = h
		}
	}
	return out, nil
}

func decisionGateways(tx *gorm.DB) (map[string]models.Gateway, error) {
	open, err := all[models.Gateway](tx, "id", "revoked_at IS NULL")
	if err != nil {
		return nil, err
	}
	out := make(map[string]models.Gateway, len(open))
	for _, g := range open {
		out[g.KeyHash] = g
	}
	return out, nil
}

func decisionForbids(tx *gorm.DB) (*policy.Forbids, error) {
	active, err := all[models.Forbid](tx, "id", "state = ?", models.ForbidActive)
	if err != nil {
		return nil, err
	}
	out := policy.NewForbids(active)
	return &out, nil
}

func decisionPeople(tx *gorm.DB) (map[string]policy.Person, error) {
	var rows []struct{ ID, Name, TeamID string }
	err := tx.Raw(`SELECT p.id, p.name, COALESCE(m.team_id, '') AS team_id FROM people p LEFT JOIN team_members m ON m.person_id = p.id AND m.left_at IS NULL
		ORDER BY p.id, m.team_id`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the people: %w", err)
	}
	out := make(map[string]policy.Person, len(rows))
	for _, r := range rows {
		p := out[r.ID]
		p.Name = r.Name
		if r.TeamID != "" {
			p.Teams = append(p.Teams, r.TeamID)
		}
		out[r.ID] = p
	}
	return out, nil
}

// force is a row of what is in force.
type force struct {
	MandateID, CapabilityID, AgentID, AgentName, VersionID, Digest, OwnerID, ProvisionerID, ControlOwnerID string

	UntilAt    models.Instant
	Emergency  bool
	Text       string             // the version's document
	Manifest   string             // the agent revision's document
	capability *policy.Capability // what is made of them
	signers    []string
}

const forceColumns = `c.id AS capability_id, c.agent_id, a.name AS agent_name, v.id AS version_id, v.digest, x.owner_id, x.provisioner_id, x.control_owner_id, x.until_at,
	v.document AS text, COALESCE(r.document, '') AS manifest FROM `

const forceJoins = ` x JOIN capabilities c ON c.id = x.capability_id JOIN agents a ON a.id = c.agent_id JOIN versions v ON v.id = x.version_id
	LEFT JOIN agent_revisions r ON r.id = v.agent_revision_id WHERE x.ended_at IS NULL AND a.state <> 'retired'`

// agentsInForce are the agents with what they have in force; of those named, which have
// nothing any more come back as nil. Without names it is all of them.
func agentsInForce(tx *gorm.DB, ids []string) (map[string]*policy.Agent, error) {
	out := map[string]*policy.Agent{}
	if ids == nil {
		return out, loadForce(tx, out, "")
	}
	for _, id := range ids {
		out[id] = nil
	}
	return out, inChunks(ids, func(some []string) error { return loadForce(tx, out, " AND c.agent_id IN ?", some) })
}

func loadForce(tx *gorm.DB, out map[string]*policy.Agent, only string, args ...any) error {
	signers, err := signersInForce(tx, only, args...)
	if err != nil {
		return err
	}
	// What runs in an emergency first: it is newer than what is signed in full.
	for _, from := range []string{"SELECT x.id AS mandate_id, TRUE AS emergency, " + forceColumns + "emergencies", "SELECT x.id AS mandate_id, FALSE AS emergency, " + forceColumns + "mandates"} {
		err := eachForce(tx.Raw(from+forceJoins+only+" ORDER BY c.id, x.id", args...), func(f *force) {
			a := out[f.AgentID]
			if a == nil {
				a = &policy.Agent{ID: f.AgentID, Name: f.AgentName}
				out[f.AgentID] = a
			}
			a.Capabilities = append(a.Capabilities, f.capability)
		}, signers)
		if err != nil {
			return err
		}
	}
	var bound []models.Binding
	if err := tx.Raw("SELECT c.agent_id, c.issuer, c.subject FROM bindings c WHERE c.ended_at IS NULL"+only+" ORDER BY c.agent_id, c.issuer, c.subject", args...).Scan(&bound).Error; err != nil {
		return fmt.Errorf("cannot load the bindings: %w", err)
	}
	for _, b := range bound {
		if a := out[b.AgentID]; a != nil {
			a.Subjects = append(a.Subjects, models.Subject{Issuer: b.Issuer, Subject: b.Subject})
		}
	}
	return nil
}

// signersInForce are, by mandate or emergency, those who signed and those for whom they did.
func signersInForce(tx *gorm.DB, only string, args ...any) (map[string][]string, error) {
	var rows []struct{ ID, PersonID string }
	err := tx.Raw(`SELECT s.mandate_id AS id, s.person_id FROM seat_people s JOIN mandates m ON m.id = s.mandate_id JOIN capabilities c ON c.id = m.capability_id
		WHERE m.ended_at IS NULL`+only+` UNION ALL
		SELECT e.id, e.approver_id FROM emergencies e JOIN capabilities c ON c.id = e.capability_id WHERE e.ended_at IS NULL`+only+` ORDER BY 1, 2`, append(args, args...)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load who signed: %w", err)
	}
	out := map[string][]string{}
	for _, r := range rows {
		out[r.ID] = append(out[r.ID], r.PersonID)
	}
	return out, nil
}

// eachForce reads the rows in order; their documents are parsed side by side, since that
// is what takes the time where there are very many.
func eachForce(query *gorm.DB, take func(*force), signers map[string][]string) error {
	rows, err := query.Rows()
	if err != nil {
		return fmt.Errorf("cannot load what is in force: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what there is to tell
	batch := make([]force, 0, 512)
	flush := func() {
		prepare(batch)
		for i := range batch {
			if batch[i].capability != nil {
				take(&batch[i])
			}
		}
		batch = batch[:0]
	}
	for rows.Next() {
		var f force
		if err := query.ScanRows(rows, &f); err != nil {
			return fmt.Errorf("cannot load what is in force: %w", err)
		}
		f.signers = signers[f.MandateID]
		if batch = append(batch, f); len(batch) == cap(batch) {
			flush()
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("cannot load what is in force: %w", err)
	}
	flush()
	return nil
}

// prepare parses documents on all processors. What cannot be read is left out, and so
// does not run; the log says which.
func prepare(batch []force) {
	var wait sync.WaitGroup
	next := make(chan *force)
	for range min(runtime.GOMAXPROCS(0), len(batch)) {
		wait.Go(func() {
			for f := range next {
				var err error
				if f.capability, err = f.parse(); err != nil {
					slog.Error("a capability in force cannot be read, and is denied", "capability", f.CapabilityID, "error", err)
				}
			}
		})
	}
	for i := range batch {
		next <- &batch[i]
	}
	close(next)
	wait.Wait()
}

// parse takes most of the time until a process is ready with very much in force. This
// parser takes less than half of the standard one's, and keeps names that come often once.
func (f *force) parse() (*policy.Capability, error) {
	c := models.InForce{CapabilityID: f.CapabilityID, AgentID: f.AgentID, AgentName: f.AgentName, MandateID: f.MandateID, VersionID: f.VersionID, Digest: f.Digest,
		OwnerID: f.OwnerID, ProvisionerID: f.ProvisionerID, ControlOwnerID: f.ControlOwnerID, Signers: f.signers, UntilAt: f.UntilAt, Emergency: f.Emergency}
	if err := json.Unmarshal([]byte(f.Text), &c.Document); err != nil {
		return nil, err
	}
	if f.Manifest != "" {
		var manifest models.Manifest
		if err := json.Unmarshal([]byte(f.Manifest), &manifest); err != nil {
			return nil, err
		}
		c.Environments = manifest.Environments
	}
	return policy.NewCapability(c)
}
