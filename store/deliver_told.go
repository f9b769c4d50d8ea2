package store

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// Told is a notice with the names that its words need, as of now.
type Told struct {
	Notice     models.OutboxRow
	Actor      string // the name of who did it; "" for Countersign itself
	Duty       *models.Duty
	Agent      *models.Agent
	Capability string // its id, "" for none
	Task       string // its title; "" where it has none yet
	Version    *models.Version
	Person     string         // whom it is about: who has left, who stands in, who is asked
	From       models.Instant // of a delegation; of a kill drill, when it begins
	Until      models.Instant // of a delegation or an emergency
	Review     *models.Review
	Drill      *models.Drill
	Endpoint   *models.Endpoint // without what is secret of it
	Emergency  *models.Emergency
	Stakes     models.Stakes // what hangs on the duty
	Stop       *models.Hold  // a broad stop
	Name       string        // of a system, a hook or what is stopped broadly
	For        string        // in whose place somebody is told who stands in for them; "" for nobody's
	Said       string        // the reason or the cause that was given; "" for none
}

// Settled says whether what the notice asks for was done meanwhile.
func (t Told) Settled() bool { return t.Duty != nil && t.Duty.ClosedAt != nil }

// tell looks up what a notice is about: its subject says by its prefix what it is.
func tell(tx *gorm.DB, n models.OutboxRow) (t Told, err error) {
	t.Notice = n
	if n.Actor != "" && n.Actor != models.SystemActor {
		if t.Actor, err = nameOf(tx, n.Actor); err != nil {
			return t, err
		}
	}
	subject := n.Subject
	if t.Duty, err = find[models.Duty](tx, "id = ?", subject); err != nil {
		return t, err
	}
	if d := t.Duty; d != nil {
		t.Capability, subject = d.CapabilityID, d.Subject
		if err := t.agent(tx, d.AgentID); err != nil {
			return t, err
		}
		if d.PersonID != nil { // an escalation says who owes it
			if t.Person, err = nameOf(tx, *d.PersonID); err != nil {
				return t, err
			}
		}
		if err := t.about(tx, d.Detail); err != nil { // of a review, a drill, an emergency: which
			return t, err
		}
	}
	if err := t.about(tx, subject); err != nil {
		return t, err
	}
	return t, t.names(tx)
}

// about looks an id up.
func (t *Told) about(tx *gorm.DB, id string) (err error) {
	kind, _, _ := strings.Cut(id, "_")
	switch kind {
	case "ver":
		if t.Version == nil {
			t.Version, err = find[models.Version](tx, "id = ?", id)
		}
		if v := t.Version; v != nil {
			t.Capability = v.CapabilityID
			if strings.HasPrefix(t.Notice.Kind, "version.") {
				t.Said = v.Reason
			}
		}
	case "cap":
		t.Capability = id
	case "agt":
		err = t.agent(tx, id)
	case "emg":
		if t.Emergency, err = find[models.Emergency](tx, "id = ?", id); t.Emergency != nil {
			t.Until, t.Said = t.Emergency.UntilAt, t.emergencySaid()
			err = t.about(tx, t.Emergency.VersionID)
		}
	case "rvw":
		if t.Review, err = find[models.Review](tx, "id = ?", id); t.Review != nil {
			t.Stakes.HoldAt, t.Said = t.Review.HoldAt, t.Notice.Says("detail")
			err = t.about(tx, t.Review.VersionID)
		}
	case "drl":
		if t.Drill, err = find[models.Drill](tx, "id = ?", id); t.Drill != nil {
			t.Capability, t.From, t.Said = t.Drill.CapabilityID, t.Drill.PlannedAt, t.killSaid()
			t.Person, err = nameOf(tx, t.Drill.PersonID)
		}
	case "cmt":
		c, e := find[models.Comment](tx, "id = ?", id)
		if err = e; c != nil {
			t.Said = c.Text
			err = t.about(tx, c.VersionID)
		}
	case "dlg":
		d, e := find[models.Delegation](tx, "id = ?", id)
		if err = e; d != nil {
			t.From, t.Until = d.FromAt, d.UntilAt
			t.Person, err = nameOf(tx, d.PrincipalID)
		}
	case "sys":
		x, e := find[models.System](tx, "id = ?", id)
		if err = e; x != nil {
			t.Name = x.Name
		}
	case "hld":
		if t.Stop, err = find[models.Hold](tx, "id = ?", id); t.Stop != nil {
			if t.Said = t.Stop.Cause; t.Notice.Kind == "broad_stop.lifted" {
				t.Said = t.Stop.LiftCause
			}
			t.Name, err = stoppedName(tx, *t.Stop)
		}
	case "per":
		t.Person, err = nameOf(tx, id)
	case "hok":
		if t.Endpoint, err = find[models.Endpoint](tx, "id = ?", id); t.Endpoint != nil {
			t.Endpoint.URL, t.Endpoint.Secret = "", ""
			t.Name = t.Endpoint.Name
		}
	}
	return err
}

// emergencySaid is what was said of an emergency when what is told happened.
func (t *Told) emergencySaid() string {
	switch t.Notice.Kind {
	case "emergency.opened":
		return t.Emergency.Emergency
	case "emergency.reviewed":
		return t.Emergency.Finding
	}
	return t.Emergency.EndCause
}

// killSaid is why a kill drill was planned, and afterwards what is noted of it. What an
// answerability drill asks about is on its page alone.
func (t *Told) killSaid() string {
	switch {
	case t.Drill.Kind != models.DrillKill:
		return ""
	case t.Notice.Kind == "kill_drill.planned":
		return t.Drill.Scenario
	}
	return t.Drill.Note
}

func (t *Told) agent(tx *gorm.DB, id string) (err error) {
	if id != "" && t.Agent == nil {
		t.Agent, err = find[models.Agent](tx, "id = ?", id)
	}
	return err
}

func (t *Told) names(tx *gorm.DB) error {
	if t.Capability == "" {
		return nil
	}
	row, err := find[models.MatrixRow](tx, "capability_id = ?", t.Capability)
	if err != nil || row == nil {
		return err
	}
	t.Task = row.Title
	if t.Notice.Kind == "stop.placed" {
		err := tx.Raw("SELECT cause FROM holds WHERE target_id IN ? AND placed_at = ? LIMIT 1", []string{t.Capability, row.AgentID}, t.Notice.CreatedAt).Scan(&t.Said).Error
		if err != nil {
			return fmt.Errorf("cannot look for why it was stopped: %w", err)
		}
	}
	if err := t.stakes(tx, *row); err != nil {
		return err
	}
	return t.agent(tx, row.AgentID)
}

// stakes are what a duty's consequence depends on, as the page of the duty shows it.
func (t *Told) stakes(tx *gorm.DB, row models.MatrixRow) error {
	if t.Duty == nil {
		return nil
	}
	if row.UntilAt != nil {
		t.Stakes.Until = *row.UntilAt
	}
	if t.Duty.Kind == models.DutyDrill && t.Drill != nil && t.Drill.Tier == models.Critical {
		t.Stakes.HoldAt = t.Duty.DueAt
	}
	if t.Version == nil || t.Duty.Kind != models.DutySign {
		return nil
	}
	t.Stakes.Restart = t.Version.State == models.Live
	err := tx.Raw("SELECT COALESCE(MAX(no), 0) FROM versions WHERE capability_id = ? AND state = 'live' AND no < ?", t.Capability, t.Version.No).Scan(&t.Stakes.Before).Error
	if err != nil {
		return fmt.Errorf("cannot look for the version in force: %w", err)
	}
	return nil
}

func nameOf(tx *gorm.DB, person string) (name string, err error) {
	if err := tx.Raw("SELECT name FROM people WHERE id = ?", person).Scan(&name).Error; err != nil {
		return "", fmt.Errorf("cannot look up a name: %w", err)
	}
	return name, nil
}
