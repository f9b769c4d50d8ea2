package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/ledger"
	"countersign/models"
)

// Proof is the receipt of one act with what it takes to check it.
type Proof struct {
	models.HistoryEntry              // its details are there for whom Mine says, and for others without how it came about
	Said                ledger.Entry // what the entry's bytes say
	Mine                bool         // the viewer acted, or is an auditor: they get the details, and what came before the decision
	Salt, Body          string       // of the details; "" where they are erased, or not the viewer's
	Rows                []models.Row // those that the entry left, that the viewer may see, and that nothing has moved since
	Version             *models.Version
	Before              *Earlier // what was in force before the version, as of the act; nil for nothing
	Registered          *models.AgentRevision
	Restarted           bool // the version was in force already: it was decided on again
	SignOff             *models.SignOff
	Review              *models.Review // that the act closed
	Signature           *models.Signature
	Passkey             *models.Passkey   // that signed, as it is now
	Names               map[string]string // of the people that the entry and its sign-off name
	Teams               map[string]string
}

// Receipt is one entry of the ledger, for whom Proof has it.
func (s *Store) Receipt(ctx context.Context, viewer models.Party, seq int64) (models.HistoryEntry, error) {
	p, err := s.Proof(ctx, viewer, seq)
	return p.HistoryEntry, err
}

// Proof is one entry of the ledger with what it takes to check it, for whoever
// acted and for whoever may see what the act was about. Anything else is NotFound. The contents that an act was
// about are there only while the viewer may see them; how a decision came about
// is for whoever made it, and for auditors.
func (s *Store) Proof(ctx context.Context, viewer models.Party, seq int64) (p Proof, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		p, err = proof(tx, viewer, seq)
		return err
	})
	return p, err
}

func proof(tx *gorm.DB, viewer models.Party, seq int64) (p Proof, err error) {
	var rows []historyRow
	err = tx.Raw(`SELECT l.seq, l.at, l.act, l.actor AS actor_id, l.subject, l.outcome, l.hash, b.body,
		(SELECT MIN(o.id) FROM ledger_refs o WHERE o.seq = l.seq AND o.kind = 'capability') AS capability_id
		FROM ledger l JOIN ledger_bodies b ON b.seq = l.seq WHERE l.seq = ?`, seq).Scan(&rows).Error
	if err != nil {
		return p, fmt.Errorf("cannot load a receipt: %w", err)
	}
	if len(rows) == 0 {
		return p, missing("receipt")
	}
	if sees, err := maySeeEntry(tx, viewer, rows[0]); err != nil {
		return p, err
	} else if !sees {
		return p, missing("receipt")
	}
	entries, err := historyEntries(tx, rows)
	if err != nil {
		return p, err
	}
	p.HistoryEntry = entries[0]
	p.Mine = p.ActorID == viewer.Person.ID || viewer.Has(models.Auditor)
	if err := p.entry(tx); err != nil {
		return p, err
	}
	contents := viewer.Has(models.Auditor)
	if p.CapabilityID != "" && !contents {
		if contents, err = maySee(tx, viewer, p.CapabilityID); err != nil {
			return p, err
		}
	}
	if err := p.left(tx, contents); err != nil {
		return p, err
	}
	if contents {
		if err := p.decidedOn(tx); err != nil {
			return p, err
		}
	}
	return p, p.name(tx)
}

// entry reads the entry's own bytes, and its details for whom they are.
func (p *Proof) entry(tx *gorm.DB) error {
	var kept struct{ Entry, Salt, Body string }
	if err := tx.Raw("SELECT l.entry, b.salt, b.body FROM ledger l JOIN ledger_bodies b ON b.seq = l.seq WHERE l.seq = ?", p.Seq).Scan(&kept).Error; err != nil {
		return fmt.Errorf("cannot load an entry: %w", err)
	}
	if err := json.Unmarshal([]byte(kept.Entry), &p.Said); err != nil {
		return fmt.Errorf("cannot read entry %d: %w", p.Seq, err)
	}
	if p.Mine && kept.Body != "" {
		p.Salt, p.Body = kept.Salt, kept.Body
	}
	if !p.Mine {
		p.Details = models.WithoutEvidence(p.Details)
	}
	return nil
}

// provable are the tables whose rows a receipt gives out: to whoever acted those
// that are of the act itself, and the others to whoever sees the contents.
var provable = map[string]struct {
	byKey    func(tx *gorm.DB, key string) (models.Row, error)
	contents bool
}{
	"sign_offs": {byKey: keyed[models.SignOff]}, "signatures": {byKey: keyed[models.Signature]}, "standings": {byKey: keyed[models.Standing]},
	"recalls": {byKey: keyed[models.Recall]}, "roles": {byKey: keyed[models.Acceptance]}, "reviews": {byKey: keyed[models.Review]},
	"emergencies": {keyed[models.Emergency], true}, "holds": {keyed[models.Hold], true}, "restarts": {keyed[models.Restart], true}, "versions": {keyed[models.Version], true},
	"nominations": {keyed[models.Nomination], true}, "mandates": {keyed[models.Mandate], true}, "seats": {keyed[models.Seat], true}, "seat_people": {keyed[models.SeatPerson], true},
}

// keyed is the row with the key, nil where there is none.
func keyed[T models.Row](tx *gorm.DB, key string) (models.Row, error) {
	var row T
	s := &gorm.Statement{DB: tx}
	if err := s.Parse(&row); err != nil {
		return nil, fmt.Errorf("cannot read the columns of %s: %w", row.TableName(), err)
	}
	columns, values := s.Schema.PrimaryFieldDBNames, strings.Split(key, "/")
	if len(columns) != len(values) {
		return nil, fmt.Errorf("%q is no key of %s", key, row.TableName())
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	found, err := find[T](tx, strings.Join(columns, " = ? AND ")+" = ?", args...)
	if err != nil || found == nil {
		return nil, err
	}
	return *found, nil
}

// left reads the rows that the entry left, where they are still so.
func (p *Proof) left(tx *gorm.DB, contents bool) error {
	for _, said := range p.Said.Rows {
		of, ok := provable[said.Table]
		if !ok || of.contents && !contents {
			continue
		}
		// The clock opens many reviews in one act, and who sees one need not see the others.
		if said.Table == (models.Review{}).TableName() && (p.Said.Act != "review.closed" || said.ID != p.Subject) {
			continue
		}
		row, err := of.byKey(tx, said.ID)
		if err != nil {
			return err
		}
		if row == nil || row.Revision() != said.Rev {
			continue
		}
		p.Rows = append(p.Rows, row)
		switch x := row.(type) {
		case models.SignOff:
			p.SignOff = &x
		case models.Review:
			p.Review = &x
		case models.Signature:
			p.Signature = &x
			if p.Passkey, err = find[models.Passkey](tx, "id = ?", x.PasskeyID); err != nil {
				return err
			}
		}
	}
	return nil
}

// about is the version that the act was on: of an emergency, the one that it lets
// run; of a review, the one that was looked at.
func (p *Proof) about() string {
	if p.Review != nil {
		return p.Review.VersionID
	}
	for _, row := range p.Rows {
		if e, ok := row.(models.Emergency); ok {
			return e.VersionID
		}
	}
	if p.Signature != nil {
		return p.Signature.VersionID
	}
	return p.Subject
}

// decidedOn reads the version that the act was about, and what it was compared
// with at that moment.
func (p *Proof) decidedOn(tx *gorm.DB) (err error) {
	if p.Version, err = find[models.Version](tx, "id = ?", p.about()); err != nil || p.Version == nil {
		return err
	}
	v := *p.Version
	if v.Digest == "" {
		p.Version = nil // a draft: nothing of it was decided on
		return nil
	}
	var n int64
	if err := tx.Model(&models.Mandate{}).Where("version_id = ? AND from_at < ?", v.ID, p.At).Limit(1).Count(&n).Error; err != nil {
		return fmt.Errorf("cannot look for mandates: %w", err)
	}
	p.Restarted = n > 0
	if p.Registered, err = revision(tx, v.AgentRevisionID); err != nil {
		return err
	}
	p.Before, err = oneEarlier(tx, `SELECT v.* FROM versions v WHERE v.capability_id = ? AND v.no < ?
		AND EXISTS (SELECT 1 FROM mandates m WHERE m.version_id = v.id AND m.from_at < ?) ORDER BY v.no DESC LIMIT 1`, v.CapabilityID, v.No, p.At)
	return err
}

// name adds the names of the people and the team.
func (p *Proof) name(tx *gorm.DB) error {
	people, teams := set{}, set{}
	people.add(p.Said.Actor, p.Said.Principal)
	if p.SignOff != nil {
		people.add(p.SignOff.SignerID, p.SignOff.PrincipalID)
		teams.add(p.SignOff.TeamID)
	}
	if p.Review != nil && p.Review.TeamID != nil {
		teams.add(*p.Review.TeamID)
	}
	delete(people, models.SystemActor)
	p.Names, p.Teams = map[string]string{}, map[string]string{}
	known, err := parties(tx, people.list())
	if err != nil {
		return err
	}
	for id, x := range known {
		p.Names[id] = x.Person.Name
	}
	of, err := byID[models.Team](tx, teams.list())
	for id, x := range of {
		p.Teams[id] = x.Name
	}
	return err
}

// maySeeEntry: of an act on a capability, whoever sees the capability; of any
// other, whoever may read the history of something that it touched.
func maySeeEntry(tx *gorm.DB, viewer models.Party, row historyRow) (bool, error) {
	if row.ActorID == viewer.Person.ID || viewer.Has(models.Auditor) {
		return true, nil
	}
	if row.CapabilityID != nil {
		return maySee(tx, viewer, *row.CapabilityID)
	}
	// What was found is seen by the role alone, and one act may touch many of it.
	var refs []models.Touched
	if err := tx.Raw(`SELECT DISTINCT kind, CASE WHEN kind = 'found' THEN '' ELSE id END AS id FROM ledger_refs
		WHERE seq = ? AND kind IN ('agent', 'found', 'person', 'settings', 'system') ORDER BY 1, 2 LIMIT 20`, row.Seq).Scan(&refs).Error; err != nil {
		return false, fmt.Errorf("cannot look for what an entry is about: %w", err)
	}
	for _, ref := range refs {
		err := mayReadHistory(tx, viewer, ref.Kind, ref.ID)
		if err == nil {
			return true, nil
		}
		if models.CodeOf(err) != models.NotFound {
			return false, err
		}
	}
	return false, nil
}
