package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// on sets the house's clock.
func (h *house) on(month time.Month, day, hour, minute int) {
	*h.clock = models.At(time.Date(2026, month, day, hour, minute, 0, 0, time.UTC))
}

// tocks runs the clock once, and gives the steps that are taken by then.
func (h *house) tocks() []models.DutyStep {
	h.t.Helper()
	_, err := h.Tick(context.Background())
	require.NoError(h.t, err)
	return rows[models.DutyStep](h.t, h, "taken_at, planned_at, kind, step", "1 = 1")
}

// signDuty is the open duty to sign a version.
func (h *house) signDuty(version string) models.Duty {
	h.t.Helper()
	found := rows[models.Duty](h.t, h, "id", "kind = 'sign' AND subject = ? AND closed_at IS NULL", version)
	require.Len(h.t, found, 1)
	return found[0]
}

// toldOf are the notices about a duty, in the order in which they were written: kind,
// recipient and what they say of the moment.
func (h *house) toldOf(duty string) (out []string) {
	h.t.Helper()
	for _, n := range rows[models.OutboxRow](h.t, h, "created_at, kind DESC, detail, recipient", "subject = ? AND kind IN ('reminder', 'escalation')", duty) {
		out = append(out, n.Kind+" "+h.name(n.Recipient)+" "+n.Detail)
	}
	return out
}

func (h *house) name(id string) string {
	for name, person := range h.people {
		if person == id {
			return name
		}
	}
	return id
}

// namesIn are those of a canonical JSON array of ids.
func (h *house) namesIn(recipients string) (out []string) {
	h.t.Helper()
	var ids []string
	require.NoError(h.t, json.Unmarshal([]byte(recipients), &ids))
	for _, id := range ids {
		out = append(out, h.name(id))
	}
	return out
}

// headed gives a team a head, and a person a manager, through the product's own acts.
func (h *house) headed(team, head string) {
	h.t.Helper()
	h.admin("adam", AdminLookup{People: []string{h.people[head]}, Team: h.teams[team]}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetHead(h.teams[team], h.people[head], f.Teams[h.teams[team]].Rev)
	})
}

func (h *house) managed(person, manager string) {
	h.t.Helper()
	h.admin("adam", AdminLookup{People: []string{h.people[person], h.people[manager]}}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetManager(h.people[person], h.people[manager], f.People[h.people[person]].Person.Rev)
	})
}

// of are the steps of one duty among those taken, in words.
func (h *house) of(duty string, steps []models.DutyStep) (out []string) {
	h.t.Helper()
	for _, s := range steps {
		if s.DutyID == duty {
			out = append(out, fmt.Sprint(s.Kind, " ", s.Step, " ", s.PlannedAt.Time().Format("Mon 2 15:04"), " ", h.namesIn(s.Recipients), " ", s.Why))
		}
	}
	return out
}

// What approvers owe is said to them at the beginning of a working day, never early, and
// afterwards goes up the path; each step is recorded once, whom it tells or why nobody.
func TestDutyIsRemindedAndEscalated(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.headed("Human Resources", "eve")
		_, version := h.reviewed("write")
		d := h.signDuty(version) // since Monday 2 November at nine, for a week
		due := d.DueAt.Time().Format("15:04")
		require.Empty(t, h.tocks(), "nothing is past")
		h.on(11, 6, 8, 59)
		require.Empty(t, h.tocks(), "a reminder is never early")
		h.on(11, 6, 9, 0)
		require.Equal(t, []string{"reminder 2 Fri 6 09:00 [pool:approver] "}, h.of(d.ID, h.tocks()), "two days before is a Saturday")
		h.on(11, 8, 12, 0)
		require.Len(t, h.tocks(), 1)
		h.on(11, 9, 9, 0)
		require.Len(t, h.tocks(), 2, "the day itself")
		*h.clock = d.DueAt + models.Day - models.Second
		require.Len(t, h.tocks(), 2)
		*h.clock = d.DueAt + 5*models.Day
		require.Equal(t, []string{
			"reminder 2 Fri 6 09:00 [pool:approver] ",
			"reminder 0 Mon 9 09:00 [pool:approver] ",
			"escalation 1 Tue 10 " + due + " [] it is owed by everybody with the role, for whom nobody stands in",
			"escalation 2 Wed 11 " + due + " [] it is owed by everybody with the role, who have no one manager",
			"escalation 3 Thu 12 " + due + " [anna pete carl] accountable",
			"escalation 4 Sat 14 " + due + " [eve] head",
		}, h.of(d.ID, h.tocks()))
		require.Equal(t, []string{
			`reminder pool:approver {"days":"2"}`, `reminder pool:approver {"days":"0"}`,
			`escalation anna {"of":"4","step":"3","why":"accountable"}`, `escalation carl {"of":"4","step":"3","why":"accountable"}`,
			`escalation pete {"of":"4","step":"3","why":"accountable"}`, `escalation eve {"of":"4","step":"4","why":"head"}`,
		}, sortedTold(h.toldOf(d.ID)))
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = 'duty' AND id = ?", d.ID), "no step is left")
		whole(t, h)
	})
}

// sortedTold puts notices of one moment in the order of names: ids are not.
func sortedTold(told []string) []string {
	key := func(s string) string {
		if strings.HasPrefix(s, "reminder") {
			return ""
		}
		_, step, _ := strings.Cut(s, `"step"`)
		return step + s
	}
	slices.SortStableFunc(told, func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return told
}

// A person's own duty: who stands in, the manager, the others, the head; whoever owes it
// is not told of their own silence, and neither is who has left.
func TestEscalationFindsItsPeople(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.managed("pete", "paul")
		h.headed("Human Resources", "pete")
		capability, version := h.draft("write")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		duties := rows[models.Duty](t, h, "id", "kind = 'accept' AND subject = ? AND person_id = ?", version, h.people["pete"])
		require.Len(t, duties, 1)
		h.admin("adam", AdminLookup{People: []string{h.people["paul"]}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(h.people["paul"], "Gone") })
		*h.clock = duties[0].DueAt + 10*models.Day
		steps := h.tocks()
		var who []string
		for _, s := range steps {
			if s.DutyID == duties[0].ID && s.Kind == models.StepEscalation {
				who = append(who, fmt.Sprint(h.namesIn(s.Recipients), " ", s.Why))
			}
		}
		require.Equal(t, []string{"[] nobody stands in for them just now", "[] their manager has left",
			"[] nobody else answers for it yet", "[] the owning team has no head who could be told"}, who)
		whole(t, h)
	})
}

// After a long stop every step is recorded, and of the reminders one is sent.
func TestClockStoodStill(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("write")
		d := h.signDuty(version)
		*h.clock = d.DueAt + models.Hour
		require.Equal(t, []string{"reminder 2 Fri 6 09:00 [] " + models.Overtaken, "reminder 0 Mon 9 09:00 [pool:approver] "}, h.of(d.ID, h.tocks()))
		require.Equal(t, []string{`reminder pool:approver {"days":"0"}`}, h.toldOf(d.ID))
		before := h.fingerprint(t)
		h.tocks()
		h.tocks()
		require.Equal(t, before, h.fingerprint(t), "again does nothing")
		whole(t, h)
	})
}

// A clock that is set back an hour says nothing twice and nothing early.
func TestClockIsSetBack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("write")
		d := h.signDuty(version)
		h.on(11, 6, 9, 0)
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		h.on(11, 6, 8, 0)
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		h.on(11, 6, 9, 30)
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		require.Len(t, h.toldOf(d.ID), 1)
		// Somebody acts while the clock is behind: the record's time goes on, and the
		// reminder of the day itself waits for the clock.
		h.on(11, 9, 8, 59)
		h.tocks()
		require.Len(t, h.toldOf(d.ID), 1)
		whole(t, h)
	})
}

// What is done meanwhile reminds nobody, and its moment is gone.
func TestDoneMeanwhile(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("write")
		d := h.signDuty(version)
		h.on(11, 6, 10, 0)
		due, err := h.due(t.Context())
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(due, func(m models.Moment) bool { return m.ID == d.ID }))
		_, err = h.sign("xena", capability, version)
		require.NoError(t, err)
		// This replica read what was due before the sign-off.
		require.NoError(t, remindDuties(h.Store, t.Context(), slices.DeleteFunc(due, func(m models.Moment) bool { return m.Kind != models.ClockDuty })))
		require.Empty(t, h.of(d.ID, h.tocks()))
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = 'duty' AND id = ?", d.ID))
		whole(t, h)
	})
}

// Somebody moves: what was said is not said again, and what is to come follows them.
func TestZoneChangedMeanwhile(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("write")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		d := rows[models.Duty](t, h, "id", "kind = 'accept' AND subject = ? AND person_id = ?", version, h.people["pete"])[0]
		h.on(11, 6, 9, 0)
		require.Equal(t, []string{"reminder 2 Fri 6 09:00 [pete] "}, h.of(d.ID, h.tocks()))
		h.admin("pete", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone("America/New_York") })
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		h.on(11, 6, 14, 0)
		require.Len(t, h.of(d.ID, h.tocks()), 1, "nine in New York, and said already")
		// Due on Monday at nine in London is before nine in New York: Friday there was the last morning.
		h.on(11, 9, 9, 0)
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		require.Len(t, h.toldOf(d.ID), 1)
		whole(t, h)
	})
}

// Killed after the steps were recorded and before the moment was wound is not possible:
// both are one transaction, and what fails in it leaves nothing.
func TestRecordAndWindAreOne(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("write")
		d := h.signDuty(version)
		h.on(11, 6, 9, 0)
		due, err := h.due(t.Context())
		require.NoError(t, err)
		before := h.fingerprint(t)
		failing := errors.New("the machine ends here")
		callback := h.write.Callback().Create().After("gorm:create")
		require.NoError(t, callback.Register("test:end", func(tx *gorm.DB) {
			if tx.Statement.Table == "ledger" {
				_ = tx.AddError(failing)
			}
		}))
		require.ErrorIs(t, remindDuties(h.Store, t.Context(), due), failing)
		require.NoError(t, h.write.Callback().Create().Remove("test:end"))
		require.Equal(t, before, h.fingerprint(t))
		require.Len(t, rows[models.Moment](t, h, "id", "kind = 'duty' AND id = ? AND at <= ?", d.ID, *h.clock), 1, "it is still due")
		require.Len(t, h.of(d.ID, h.tocks()), 1)
		whole(t, h)
	})
}

// Two replicas that see the same moments record each step once.
func TestTwoReplicasTick(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		other := h.replica(t)
		var duties []models.Duty
		for range 6 {
			_, version := h.reviewed("write")
			duties = append(duties, h.signDuty(version))
		}
		for _, at := range []models.Instant{duties[0].DueAt - 3*models.Day, duties[5].DueAt, duties[5].DueAt + 6*models.Day} {
			*h.clock = at
			var run sync.WaitGroup
			for _, s := range []*Store{h.Store, other, h.Store, other} {
				run.Go(func() {
					_, err := s.Tick(t.Context())
					require.NoError(t, err)
				})
			}
			run.Wait()
		}
		h.tocks()
		for _, d := range duties {
			steps := h.of(d.ID, h.tocks())
			require.Len(t, steps, 6, "%v", steps)
			require.Len(t, h.toldOf(d.ID), 5, "two reminders, and three who answer for it")
		}
		whole(t, h)
	})
}

// replica is another store on the house's database, with the same clock.
func (h *house) replica(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), h.url, WithClock(h.tick))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A hundred duties after a month without a clock fit into entries of the record.
func TestManyStepsAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.crowd(120)
		require.NoError(t, plain(h.Store).Exec("INSERT INTO clock (kind, id, at) SELECT 'duty', id, 0 FROM duties WHERE closed_at IS NULL AND id NOT IN (SELECT id FROM clock)").Error)
		h.pass(60 * models.Day)
		h.tocks()
		var open, steps, longest int64
		require.NoError(t, h.read.Raw("SELECT count(*) FROM duties WHERE closed_at IS NULL AND id NOT IN (SELECT duty_id FROM duty_steps WHERE kind = 'escalation' AND step = 4)").Scan(&open).Error)
		require.Zero(t, open)
		require.NoError(t, h.read.Raw("SELECT count(*) FROM duty_steps").Scan(&steps).Error)
		require.Greater(t, steps, int64(600))
		require.NoError(t, h.read.Raw("SELECT max(length(entry)) FROM ledger WHERE act = 'duties.reminded'").Scan(&longest).Error)
		require.Less(t, longest, int64(60_000))
	})
}
