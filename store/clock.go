package store

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// clockChunk is how many moments one step of a tick takes: a stop waits for no more.
const clockChunk = 100

// clockAgain is when a moment that could not be dealt with is tried again.
const clockAgain = 5 * models.Minute

// clockwork is what a tick does about each kind of moment. It is given moments that
// are past and looks again at everything under the lock: another replica may have
// been faster. When it returns, a moment that was dealt with is gone or lies later.
var clockwork = map[string]func(s *Store, ctx context.Context, due []models.Moment) error{
	models.ClockDuty:     remindDuties,
	models.ClockDigest:   sendDigests,
	models.ClockApproved: goLiveOrLapse,
	models.ClockRenew:    oweRenewals,
	models.ClockLeaver:   seeToLeavers,
	models.ClockPasskey:  askForPasskeys,
	models.ClockReview:   openReviews,
	models.ClockHold:     holdUnreviewed,
	models.ClockChange:   reviewChanges,
	models.ClockDrill:    drillPeople,
	models.ClockDrillDue: missDrills,
	models.ClockKill:     killDrills,
}

// clockAct is the act of the clock about one moment: the same on every replica and after
// every restart, so that it is recorded once.
func clockAct(kind, id string, at models.Instant) models.Act {
	sum := models.Digest(fmt.Sprint(kind, "\x00", id, "\x00", int64(at)))
	return models.Act{ID: sum[:32], Person: models.SystemActor}
}

// Tick does what is due by now, in the order of time, and returns how many moments
// it dealt with. What it costs follows what is due. It can be broken off anywhere
// and run by several replicas at once: each moment's act is recorded once.
func (s *Store) Tick(ctx context.Context) (int, error) {
	done := 0
	for {
		due, err := s.due(ctx)
		if err != nil || len(due) == 0 {
			return done, err
		}
		for kind, moments := range byKind(due) {
			err := fmt.Errorf("nothing is known of moments of kind %s", kind)
			if work, known := clockwork[kind]; known {
				err = work(s, ctx, moments)
			}
			if ctx.Err() != nil {
				return done, ctx.Err()
			}
			if err != nil {
				slog.Error("the clock could not do what was due; it tries again", "kind", kind, "moments", len(moments), "error", err)
			}
			left, err := s.putOff(ctx, moments)
			if err != nil {
				return done, err
			}
			done += len(moments) - left
		}
	}
}

// due are the next moments that are past, soonest first.
func (s *Store) due(ctx context.Context) ([]models.Moment, error) {
	var out []models.Moment
	err := s.read.WithContext(ctx).Raw("SELECT kind, id, at FROM clock WHERE at <= ? ORDER BY at, kind, id LIMIT ?", s.now(), clockChunk).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read what is due: %w", err)
	}
	return out, nil
}

// NextMoment is when the clock next has something to do; false for never.
func (s *Store) NextMoment(ctx context.Context) (models.Instant, bool, error) {
	var at []models.Instant
	if err := s.read.WithContext(ctx).Raw("SELECT at FROM clock ORDER BY at LIMIT 1").Scan(&at).Error; err != nil {
		return 0, false, fmt.Errorf("cannot read what is due: %w", err)
	}
	if len(at) == 0 {
		return 0, false, nil
	}
	return at[0], true, nil
}

func byKind(due []models.Moment) map[string][]models.Moment {
	out := map[string][]models.Moment{}
	for _, m := range due {
		out[m.Kind] = append(out[m.Kind], m)
	}
	return out
}

// putOff moves what still stands where it stood, of moments of one kind, so that one moment that cannot be
// dealt with does not stand in the way of all others. It returns how many.
func (s *Store) putOff(ctx context.Context, moments []models.Moment) (int, error) {
	at, ids := map[string]models.Instant{}, make([]string, len(moments))
	for i, m := range moments {
		at[m.ID], ids[i] = m.At, m.ID
	}
	stands, err := all[models.Moment](s.read.WithContext(ctx), "id", "kind = ? AND id IN ?", moments[0].Kind, ids)
	if err != nil {
		return 0, err
	}
	stands = slices.DeleteFunc(stands, func(m models.Moment) bool { return m.At != at[m.ID] })
	if len(stands) == 0 {
		return 0, nil
	}
	left := int64(0)
	err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, m := range stands {
			res := tx.Exec("UPDATE clock SET at = ? WHERE kind = ? AND id = ? AND at = ?", s.now()+clockAgain, m.Kind, m.ID, m.At)
			if res.Error != nil {
				return fmt.Errorf("cannot put a moment off: %w", res.Error)
			}
			left += res.RowsAffected
		}
		return nil
	})
	return int(left), err
}

// wind sets when the clock next looks at something; at < 0 is never again.
func wind(tx *gorm.DB, m models.Moment) error { return windAll(tx, []models.Moment{m}) }

// windAll winds moments in few statements, whatever their number. Of one that is named
// twice the last counts.
func windAll(tx *gorm.DB, moments []models.Moment) error {
	last := map[string]models.Moment{}
	for _, m := range moments {
		last[m.Kind+"/"+m.ID] = m
	}
	var set [][]any
	over := map[string][]string{}
	for _, k := range slices.Sorted(maps.Keys(last)) { // in order, so that two that wind wait for each other
		if m := last[k]; m.At < 0 {
			over[m.Kind] = append(over[m.Kind], m.ID)
		} else {
			set = append(set, []any{m.Kind, m.ID, m.At})
		}
	}
	for kind, ids := range over {
		for some := range slices.Chunk(ids, chunk) {
			if err := tx.Exec("DELETE FROM clock WHERE kind = ? AND id IN ?", kind, some).Error; err != nil {
				return fmt.Errorf("cannot wind the clock: %w", err)
			}
		}
	}
	for some := range slices.Chunk(set, chunk) {
		if err := insertValues(tx, "clock (kind, id, at)", some, "ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at"); err != nil {
			return fmt.Errorf("cannot wind the clock: %w", err)
		}
	}
	return nil
}

// projectClock follows a change of whatever has moments.
func projectClock(tx *gorm.DB, c models.Change) error {
	var moments []models.Moment
	for _, w := range c.Writes() {
		for _, m := range models.Moments(w.Row) {
			if m.At >= 0 || w.Expect > 0 { // what is new and over has none
				moments = append(moments, m)
			}
		}
	}
	if err := windAll(tx, moments); err != nil {
		return err
	}
	for _, w := range c.Writes() {
		if err := lookAgain(tx, w); err != nil {
			return err
		}
		switch row := w.Row.(type) {
		case *models.Mandate:
			if err := drillsFollow(tx, row); err != nil {
				return err
			}
			if w.Expect == 0 {
				if err := answersNow(tx, row.OwnerID, row.ProvisionerID, row.ControlOwnerID); err != nil {
					return err
				}
			}
		case *models.SeatPerson:
			if err := answersNow(tx, row.PersonID); err != nil {
				return err
			}
		case *models.Person:
			if row.Status != models.PersonActive { // a drill of theirs ends
				if err := answersNow(tx, row.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// lookAgain has the clock look again at the open duties whose steps come at other times
// now: with their holder's days, hours and zone, and with the path that they take.
func lookAgain(tx *gorm.DB, w models.Write) error {
	where, id := "", ""
	const owned = "capability_id IN (SELECT k.capability_id FROM matrix_rows k WHERE k.owner_id "
	switch row := w.Row.(type) {
	case *models.Person:
		if w.Expect > 0 {
			where, id = "person_id = ?", row.ID
		}
	case *models.VersionPart:
		if row.Part == models.OversightPart && w.Expect > 0 {
			where, id = "capability_id = (SELECT v.capability_id FROM versions v WHERE v.id = ?)", row.VersionID
		}
	case *models.Version:
		if w.Expect > 0 {
			where, id = "capability_id = ?", row.CapabilityID
		}
	case *models.Mandate:
		where, id = "capability_id = ?", row.CapabilityID
	case *models.TeamMember:
		where, id = owned+"= ?)", row.PersonID
	case *models.Team:
		if w.Expect > 0 {
			where, id = owned+"IN (SELECT m.person_id FROM team_members m WHERE m.team_id = ? AND m.left_at IS NULL))", row.ID
		}
	}
	if where == "" {
		return nil
	}
	err := tx.Exec("INSERT INTO clock (kind, id, at) SELECT 'duty', id, 0 FROM duties WHERE closed_at IS NULL AND "+where+" ON CONFLICT (kind, id) DO UPDATE SET at = 0", id).Error
	if err != nil {
		return fmt.Errorf("cannot wind the clock: %w", err)
	}
	return nil
}

// answersNow has the clock look when these people are drilled next, where it does not yet.
func answersNow(tx *gorm.DB, people ...string) error {
	for _, id := range people {
		if err := tx.Exec("INSERT INTO clock (kind, id, at) VALUES (?, ?, 0) ON CONFLICT (kind, id) DO NOTHING", models.ClockDrill, id).Error; err != nil {
			return fmt.Errorf("cannot wind the clock: %w", err)
		}
	}
	return nil
}
