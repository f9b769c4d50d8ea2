package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// Who is a person as a list names them: by name and team, never by id.
type Who struct {
	ID   string // "" for nobody
	Name string
	Team string // "" for none
}

// Answered is who answered for a capability at a moment: a look-up in the
// mandates, which say these people, this version, this digest, from–until.
type Answered struct {
	CapabilityID string
	At           models.Instant
	State        string          // MatrixLive, MatrixHeld, MatrixExpired or MatrixNone
	Mandate      *models.Mandate // nil: nobody answered, since nothing signed was in force
	VersionNo    int
	Owner        Who
	Provisioner  Who
	ControlOwner Who
	Approvers    []AnsweredSeat
	Holds        []PlacedHold // in force then, on the capability, its agent, one of its people, a system of its, or everything
}

// AnsweredSeat is one approver of a mandate.
type AnsweredSeat struct {
	Who             // with the team that they signed for
	For      *Who   // whom they were a delegate of, nil when they signed for themselves
	Method   string // session, fresh_sign_in, passkey
	SignedAt models.Instant
}

// PlacedHold is a hold with the name of who placed it.
type PlacedHold struct {
	models.Hold
	By Who // ID models.SystemActor for the clock
}

// MandateAt is who answered for a capability at a moment, past or now. In force
// means from ≤ at < end and at < until: where only the time until which it was
// signed had passed, State is MatrixExpired and the people are those who were
// last named. Not found: what the viewer may not see.
func (s *Store) MandateAt(ctx context.Context, viewer models.Party, capabilityID string, at models.Instant) (Answered, error) {
	out := Answered{CapabilityID: capabilityID, At: at, State: MatrixNone}
	tx := s.read.WithContext(ctx)
	sees, err := maySee(tx, viewer, capabilityID)
	if err != nil {
		return out, err
	}
	if !sees {
		return out, missing("capability")
	}
	open, err := all[models.Mandate](tx.Limit(1), "from_at DESC", "capability_id = ? AND from_at <= ? AND (ended_at IS NULL OR ended_at > ?)", capabilityID, at, at)
	if err != nil || len(open) == 0 {
		return out, err
	}
	out.Mandate = &open[0]
	return out, answered(tx, &out)
}

func answered(tx *gorm.DB, out *Answered) error {
	m := out.Mandate
	seats, err := seatsOf(tx, []string{m.ID})
	if err != nil {
		return err
	}
	var facts struct {
		No      int
		AgentID string
	}
	err = tx.Raw("SELECT v.no, c.agent_id FROM versions v JOIN capabilities c ON c.id = v.capability_id WHERE v.id = ?", m.VersionID).Scan(&facts).Error
	if err != nil {
		return fmt.Errorf("cannot load the version: %w", err)
	}
	out.VersionNo = facts.No
	line := holdTargets{capability: m.CapabilityID, agent: facts.AgentID, version: m.VersionID, owner: m.OwnerID, people: []string{m.OwnerID, m.ProvisionerID, m.ControlOwnerID}}
	for _, x := range seats {
		line.people = append(line.people, x.SignerID, x.PrincipalID)
	}
	holds, err := holdsThen(tx, []holdTargets{line}, &out.At)
	if err != nil {
		return err
	}
	ids := set{}
	ids.add(line.people...)
	for _, h := range holds[m.CapabilityID] {
		ids.add(h.PlacedBy)
	}
	names, err := whoThen(tx, ids.list(), &out.At)
	if err != nil {
		return err
	}
	out.Owner, out.Provisioner, out.ControlOwner = names[m.OwnerID], names[m.ProvisionerID], names[m.ControlOwnerID]
	for _, x := range seats {
		seat := AnsweredSeat{Who: Who{ID: x.SignerID, Name: names[x.SignerID].Name, Team: x.Team}, Method: x.Method, SignedAt: x.SignedAt}
		if x.PrincipalID != x.SignerID {
			principal := names[x.PrincipalID]
			seat.For = &principal
		}
		out.Approvers = append(out.Approvers, seat)
	}
	for _, h := range holds[m.CapabilityID] {
		by := names[h.PlacedBy]
		if h.PlacedBy == models.SystemActor {
			by = Who{ID: models.SystemActor, Name: "the clock"}
		}
		out.Holds = append(out.Holds, PlacedHold{Hold: h, By: by})
	}
	out.State = mandateState(len(out.Holds) > 0, m.UntilAt, out.At)
	return nil
}

// mandateState is the state in a word of what has an open mandate: what people
// did (held) is said before what time did (expired).
func mandateState(held bool, until, at models.Instant) string {
	switch {
	case held:
		return MatrixHeld
	case until <= at:
		return MatrixExpired
	}
	return MatrixLive
}

// seat is one seat of a mandate with its sign-off and the name of its team.
type seat struct {
	MandateID   string
	SignerID    string
	PrincipalID string
	Team        string
	Method      string
	SignedAt    models.Instant
}

func seatsOf(tx *gorm.DB, mandates []string) ([]seat, error) {
	var out []seat
	err := tx.Raw(`SELECT s.mandate_id, s.signer_id, s.principal_id, t.name AS team, o.method, o.signed_at
		FROM seats s JOIN sign_offs o ON o.id = s.sign_off_id JOIN teams t ON t.id = s.team_id
		WHERE s.mandate_id IN ? ORDER BY s.mandate_id, s.seat`, append(mandates, "")).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the approvers: %w", err)
	}
	return out, nil
}

// onTeam is the condition under which the membership tm stands, now (at nil) or then.
func onTeam(at *models.Instant) (string, []any) {
	if at == nil {
		return "tm.left_at IS NULL", nil
	}
	return "tm.joined_at <= ? AND (tm.left_at IS NULL OR tm.left_at > ?)", []any{*at, *at}
}

// whoThen names people with their first team, as it is now or was then.
func whoThen(tx *gorm.DB, ids []string, at *models.Instant) (map[string]Who, error) {
	out := map[string]Who{}
	on, args := onTeam(at)
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		var rows []Who
		// The teams of all of them in one run: a subquery for each person looks through the teams each time.
		err := tx.Raw(`SELECT p.id, p.name, COALESCE(MIN(t.name), '') AS team FROM people p
			LEFT JOIN team_members tm ON tm.person_id = p.id AND `+on+` LEFT JOIN teams t ON t.id = tm.team_id
			WHERE p.id IN ? GROUP BY p.id, p.name`, append(slices.Clone(args), some)...).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("cannot load the names: %w", err)
		}
		for _, w := range rows {
			out[w.ID] = w
		}
	}
	return out, nil
}
