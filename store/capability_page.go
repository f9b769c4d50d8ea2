package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// CapabilityRead is what the pages of a capability show: the facts that its acts
// decide on, with everybody whom a page names and the teams of the sign-offs.
// On the page of a version Asked is that version.
type CapabilityRead struct {
	models.CapabilityFacts
	Teams map[string]models.Team
	// Of the version asked for:
	Registered *models.AgentRevision // the agent's revision that it was submitted with; the newest for a draft
	Before     *Earlier              // the last version before it that was in force
	Mine       *Earlier              // the last one before it that the viewer decided on
	Past       []PastSignOff         // given to the last version before it that has any, newest first
}

// Earlier is a version that another is compared with.
type Earlier struct {
	Version  models.Version
	Revision *models.AgentRevision
}

// CapabilityPage is a capability as its record shows it. What the viewer may not
// see is NotFound.
func (s *Store) CapabilityPage(ctx context.Context, viewer models.Party, id string) (c CapabilityRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if c.CapabilityFacts, err = s.readCapability(tx, viewer, id, Lookup{}); err != nil {
			return err
		}
		return c.complete(tx)
	})
	return c, err
}

// VersionPage is a version with what it is compared with. What the viewer may
// not see is NotFound.
func (s *Store) VersionPage(ctx context.Context, viewer models.Party, id string) (c CapabilityRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if c.CapabilityFacts, err = s.readVersion(tx, viewer, id, Lookup{}); err != nil {
			return err
		}
		if err := c.complete(tx); err != nil {
			return err
		}
		return c.compared(tx, viewer)
	})
	return c, err
}

// complete adds the people and teams that a page names and no act looks at.
func (c *CapabilityRead) complete(tx *gorm.DB) error {
	people, teams := set{}, set{}
	people.add(c.Capability.CreatedBy)
	for _, h := range c.Holds {
		people.add(h.PlacedBy)
		if h.TargetKind == models.OnPerson {
			people.add(h.TargetID)
		}
		if h.TargetKind == models.OnTeam {
			teams.add(h.TargetID)
		}
	}
	if c.Restart != nil {
		people.add(c.Restart.AskedBy)
	}
	for _, d := range c.Duties {
		if d.PersonID != nil {
			people.add(*d.PersonID)
		}
	}
	for _, v := range []*models.VersionFile{c.Open, c.Force, c.Last, c.Asked} {
		if v == nil {
			continue
		}
		for _, r := range v.Recalls {
			people.add(r.PersonID)
		}
		for _, x := range v.SignOffs {
			teams.add(x.TeamID)
		}
		teams.add(v.Version.CustodianTeams()...)
	}
	for id := range c.People {
		delete(people, id)
	}
	more, err := parties(tx, people.list())
	if err != nil {
		return err
	}
	for id, p := range more {
		c.People[id] = p
	}
	c.Teams, err = byID[models.Team](tx, teams.list())
	return err
}

// compared adds the earlier versions and the agent's revisions.
func (c *CapabilityRead) compared(tx *gorm.DB, viewer models.Party) (err error) {
	v := c.Asked.Version
	if viewer.Has(models.Approver) {
		if c.Passkeys, err = passkeysOf(tx, viewer.Person.ID); err != nil {
			return err
		}
	}
	if c.Registered, err = revision(tx, v.AgentRevisionID); err != nil {
		return err
	}
	if v.State == models.Draft {
		c.Registered = c.Revision
	}
	const earlier = "SELECT v.* FROM versions v WHERE v.capability_id = ? AND v.no < ? AND EXISTS (%s) ORDER BY v.no DESC LIMIT 1"
	c.Before, err = oneEarlier(tx, fmt.Sprintf(earlier, "SELECT 1 FROM mandates m WHERE m.version_id = v.id"), v.CapabilityID, v.No)
	if err != nil {
		return err
	}
	c.Mine, err = oneEarlier(tx, fmt.Sprintf(earlier, "SELECT 1 FROM standings t WHERE t.version_id = v.id AND t.person_id = ? AND t.side = 'checker'"), v.CapabilityID, v.No, viewer.Person.ID)
	if err != nil {
		return err
	}
	return c.pastSignOffs(tx)
}

func oneEarlier(tx *gorm.DB, query string, args ...any) (*Earlier, error) {
	var rows []models.Version
	if err := tx.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot load an earlier version: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	r, err := revision(tx, rows[0].AgentRevisionID)
	return &Earlier{rows[0], r}, err
}

func revision(tx *gorm.DB, id *string) (*models.AgentRevision, error) {
	if id == nil {
		return nil, nil
	}
	return find[models.AgentRevision](tx, "id = ?", *id)
}

// VersionOfSignOff is the version that a sign-off was given for. Only an id that
// is then asked for with the viewer's own eyes: it says nothing by itself.
func (s *Store) VersionOfSignOff(ctx context.Context, id string) (string, error) {
	x, err := find[models.SignOff](s.read.WithContext(ctx), "id = ?", id)
	if err != nil {
		return "", err
	}
	if x == nil {
		return "", missing("sign-off")
	}
	return x.VersionID, nil
}

// VersionLine is one line of the list of versions, without its contents.
type VersionLine struct {
	models.Version
	HadMandate bool                 // it was once in force
	Submitter  models.HistoryPerson `gorm:"-"`
	Ender      models.HistoryPerson `gorm:"-"` // zero where the clock ended it, or nobody
}

// VersionsPage is how many versions a list shows at once.
const VersionsPage = 50

// VersionLines are the versions of a capability that the caller has seen, newest
// first, those before the number (0 for the newest), and whether there are more.
func (s *Store) VersionLines(ctx context.Context, viewer models.Party, capability string, before int) (lines []VersionLine, more bool, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if sees, err := maySee(tx, viewer, capability); err != nil {
			return err
		} else if !sees {
			return missing("capability")
		}
		query := `SELECT v.id, v.capability_id, v.no, v.state, v.digest, v.tier, v.need, v.round, v.created_by, v.created_at, v.submitted_by, v.submitted_at,
			v.approved_at, v.ended_by, v.ended_at, v.reason, EXISTS (SELECT 1 FROM mandates m WHERE m.version_id = v.id) AS had_mandate
			FROM versions v WHERE v.capability_id = ?`
		args := []any{capability}
		if before > 0 {
			query, args = query+" AND v.no < ?", append(args, before)
		}
		if err := tx.Raw(query+" ORDER BY v.no DESC LIMIT ?", append(args, VersionsPage+1)...).Scan(&lines).Error; err != nil {
			return fmt.Errorf("cannot load the versions: %w", err)
		}
		if len(lines) > VersionsPage {
			lines, more = lines[:VersionsPage], true
		}
		return nameVersionLines(tx, lines)
	})
	return lines, more, err
}

func nameVersionLines(tx *gorm.DB, lines []VersionLine) error {
	ids := set{}
	for _, l := range lines {
		for _, p := range []*string{l.SubmittedBy, l.EndedBy} {
			if p != nil {
				ids.add(*p)
			}
		}
	}
	names, err := parties(tx, ids.list())
	for i := range lines {
		if p := lines[i].SubmittedBy; p != nil {
			lines[i].Submitter = historyPerson(names, *p)
		}
		if p := lines[i].EndedBy; p != nil {
			lines[i].Ender = historyPerson(names, *p)
		}
	}
	return err
}

// MandateLine is one mandate in the list of who answered when.
type MandateLine struct {
	models.Mandate
	VersionNo    int
	Owner        Who   `gorm:"-"`
	Provisioner  Who   `gorm:"-"`
	ControlOwner Who   `gorm:"-"`
	Approvers    []Who `gorm:"-"` // with the team that they signed for
}

// Mandates are the latest 50 mandates of a capability, newest first: who answered
// when. What the viewer may not see is NotFound.
func (s *Store) Mandates(ctx context.Context, viewer models.Party, capability string) (lines []MandateLine, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if sees, err := maySee(tx, viewer, capability); err != nil {
			return err
		} else if !sees {
			return missing("capability")
		}
		if err := tx.Raw(`SELECT m.*, v.no AS version_no FROM mandates m JOIN versions v ON v.id = m.version_id
			WHERE m.capability_id = ? ORDER BY m.from_at DESC, m.id LIMIT 50`, capability).Scan(&lines).Error; err != nil {
			return fmt.Errorf("cannot load the mandates: %w", err)
		}
		return nameMandates(tx, lines)
	})
	return lines, err
}

func nameMandates(tx *gorm.DB, lines []MandateLine) error {
	var mandates []string
	ids := set{}
	for _, m := range lines {
		mandates = append(mandates, m.ID)
		ids.add(m.OwnerID, m.ProvisionerID, m.ControlOwnerID)
	}
	seats, err := seatsOf(tx, mandates)
	if err != nil {
		return err
	}
	for _, x := range seats {
		ids.add(x.SignerID)
	}
	names, err := whoThen(tx, ids.list(), nil)
	for i := range lines {
		m := &lines[i]
		m.Owner, m.Provisioner, m.ControlOwner = names[m.OwnerID], names[m.ProvisionerID], names[m.ControlOwnerID]
		for _, x := range seats {
			if x.MandateID == m.ID {
				m.Approvers = append(m.Approvers, Who{ID: x.SignerID, Name: names[x.SignerID].Name, Team: x.Team})
			}
		}
	}
	return err
}

// KnownVersion is the end of a version whose page an approver had open while it
// left their pool, and with it their sight: the digest, which only that page
// shows, is what they know it by. Nothing of its contents comes back. NotFound
// for anybody else.
func (s *Store) KnownVersion(ctx context.Context, viewer models.Party, id, digest string) (line VersionLine, title string, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		v, err := find[models.Version](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if v == nil || digest == "" || v.Digest != digest || !viewer.Has(models.Approver) {
			return missing("version")
		}
		title = v.Doc().Task.Title
		lines := []VersionLine{{Version: *v}}
		lines[0].Document = ""
		err = nameVersionLines(tx, lines)
		line = lines[0]
		return err
	})
	return line, title, err
}

// VersionOfDigest is the version of the capability that has the digest, nil
// where none has. The caller has seen the capability.
func (s *Store) VersionOfDigest(ctx context.Context, viewer models.Party, capability, digest string) (v *models.Version, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sees, err := maySee(tx, viewer, capability)
		if err != nil || !sees || digest == "" {
			return err
		}
		v, err = find[models.Version](tx, "capability_id = ? AND digest = ?", capability, digest)
		return err
	})
	return v, err
}
