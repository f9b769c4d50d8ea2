package store

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// drillMoment is when the clock asks somebody next; false for never.
func (h *house) drillMoment(name string) (models.Instant, bool) {
	var at []models.Instant
	require.NoError(h.t, plain(h.Store).Raw("SELECT at FROM clock WHERE kind = ? AND id = ?", models.ClockDrill, h.people[name]).Scan(&at).Error)
	if len(at) == 0 {
		return 0, false
	}
	return at[0], true
}

// ticks runs the clock, as of a moment where one is given.
func (h *house) ticks(at ...models.Instant) {
	h.t.Helper()
	if len(at) > 0 {
		*h.clock = at[0] - 1 // the first look is at the moment itself
	}
	_, err := h.Tick(context.Background())
	require.NoError(h.t, err)
}

// asks has the clock ask a person when their moment comes, and nobody else for a
// while, and returns the drill.
func (h *house) asks(name string) models.Drill {
	h.t.Helper()
	h.ticks()
	at, ok := h.drillMoment(name)
	require.True(h.t, ok, "%s is never asked", name)
	require.NoError(h.t, plain(h.Store).Exec("UPDATE clock SET at = ? WHERE kind = ? AND id <> ?", at+20*models.Day, models.ClockDrill, h.people[name]).Error)
	h.ticks(at)
	open := h.drills(name, models.DrillOpen)
	require.Len(h.t, open, 1)
	return open[0]
}

func (h *house) drills(name, state string) []models.Drill {
	return rows[models.Drill](h.t, h, "planned_at, id", "kind = 'answer' AND person_id = ? AND state = ?", h.people[name], state)
}

func (h *house) drill(id string) models.Drill {
	h.t.Helper()
	d, err := find[models.Drill](plain(h.Store), "id = ?", id)
	require.NoError(h.t, err)
	require.NotNil(h.t, d)
	return *d
}

func (h *house) answer(by, id string) error {
	_, err := h.DecideDrill(context.Background(), h.act(by), id, func(f models.DrillFacts) (models.Change, error) { return f.Answer("yes", "no", "It is mine") })
	return err
}

func (h *house) openDuties(kind, detail string) []models.Duty {
	return rows[models.Duty](h.t, h, "id", "kind = ? AND detail = ? AND closed_at IS NULL", kind, detail)
}

// Week after week the five of a critical capability are each asked by the clock: at
// work, between half an interval and one after the time before, one at a time.
func TestDrillsComeRound(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.admin("carl", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone("Pacific/Auckland") })
		h.admin("pete", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetHours(0b1100011, 13*60, 19*60) }) // Monday, Tuesday, and at the weekend
		h.live("read")
		capability, _ := h.live("pay")
		begun := *h.clock
		for *h.clock < begun+25*models.Day { // up to its review
			var next []models.Instant
			require.NoError(t, plain(h.Store).Raw("SELECT at FROM clock WHERE kind IN ('drill', 'drill_due') ORDER BY at LIMIT 1").Scan(&next).Error)
			require.NotEmpty(t, next)
			h.ticks(max(next[0], *h.clock+1))
			for _, d := range rows[models.Drill](t, h, "id", "state IN ('open', 'missed')") {
				require.Equal(t, capability, d.CapabilityID, "the highest tier counts")
				require.Equal(t, models.Critical, d.Tier)
				h.pass(10 * models.Minute)
				for name, id := range h.people {
					if id == d.PersonID {
						require.NoError(t, h.answer(name, d.ID))
					}
				}
			}
		}
		for _, name := range []string{"anna", "pete", "carl", "xena", "yuri"} {
			before, hours := begun, h.party(name).Person.Hours()
			all := h.drills(name, models.DrillDone)
			require.GreaterOrEqual(t, len(all), 3, name)
			for i, d := range all {
				gap := d.PlannedAt - before
				require.GreaterOrEqual(t, gap, 7*models.Day/2-models.Hour, "%s, drill %d", name, i)
				require.LessOrEqual(t, gap, 7*models.Day+models.Hour, "%s, drill %d", name, i)
				require.Equal(t, d.PlannedAt, hours.Next(d.PlannedAt), "%s is at work", name)
				require.Equal(t, *d.DueAt-1, hours.Next(*d.DueAt-1), "%s still is when it is due", name)
				require.Equal(t, models.Hour, *d.DueAt-d.PlannedAt)
				require.Empty(t, h.openDuties(models.DutyDrill, d.ID))
				s := d.ScenarioOf()
				require.NotEmpty(t, s.Operation)
				require.Equal(t, s.OperationID == h.ops["pay"], s.Inside)
				require.Less(t, s.At, d.PlannedAt)
				before = d.PlannedAt
			}
		}
		for _, name := range []string{"adam", "udo", "olga", "cleo", "zoe"} { // who answer for nothing
			require.Empty(t, h.drills(name, models.DrillDone), name)
			_, chosen := h.drillMoment(name)
			require.False(t, chosen, name)
		}
		require.NoError(t, h.Verify(t.Context(), func(VerifyProgress) {}))
	})
}

// A drill that nobody answers is a hold at critical, at the very moment at which it
// was due, and the late answer lifts it: that one, and no other.
func TestAMissedDrillHoldsUntilItIsAnswered(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("pay")
		d := h.asks("carl")
		duty := h.openDuties(models.DutyDrill, d.ID)
		require.Len(t, duty, 1)
		require.Equal(t, [3]any{version, h.people["carl"], *d.DueAt}, [3]any{duty[0].Subject, duty[0].Holder, duty[0].DueAt})
		require.Equal(t, models.NotFound, models.CodeOf(h.answer("udo", d.ID)), "it is carl who is asked")
		require.Equal(t, models.NotFound, models.CodeOf(h.answer("anna", d.ID)))

		*h.clock = *d.DueAt - 20
		h.ticks()
		require.Equal(t, models.DrillOpen, h.drill(d.ID).State)
		require.True(t, h.mayAct(capability))
		h.ticks(*d.DueAt)
		missed := h.drill(d.ID)
		require.Equal(t, models.DrillMissed, missed.State)
		require.False(t, h.mayAct(capability))
		hold := rows[models.Hold](t, h, "id", "id = ?", *missed.HoldID)[0]
		require.Equal(t, [4]any{models.HoldMissedDrill, models.OnCapability, capability, models.SystemActor}, [4]any{hold.Kind, hold.TargetKind, hold.TargetID, hold.PlacedBy})
		require.InDelta(t, int64(*d.DueAt), int64(hold.PlacedAt), 20, "at the moment")
		require.Len(t, h.openDuties(models.DutyDrill, d.ID), 1, "it is owed still, and escalates")
		require.Equal(t, 1, h.row(capability).Holds)

		h.must("anna", capability, stop(models.OnCapability))
		h.pass(3 * models.Day)
		require.NoError(t, h.answer("carl", d.ID))
		late := h.drill(d.ID)
		require.Equal(t, models.DrillLate, late.State)
		require.Empty(t, h.openDuties(models.DutyDrill, d.ID))
		left := rows[models.Hold](t, h, "id", "lifted_at IS NULL")
		require.Len(t, left, 1)
		require.Equal(t, models.HoldStop, left[0].Kind, "the stop stands")
		require.Equal(t, models.Conflict, models.CodeOf(h.answer("carl", d.ID)), "once")
		h.ticks()
		at, chosen := h.drillMoment("carl")
		require.True(t, chosen)
		require.Greater(t, at, *h.clock)
		require.NoError(t, h.Verify(t.Context(), func(VerifyProgress) {}))
	})
}

func TestWhatIsMissedBelowCriticalHoldsNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("infra")
		d := h.asks("pete")
		require.Equal(t, 2*models.Hour, *d.DueAt-d.PlannedAt)
		h.ticks(*d.DueAt)
		require.Equal(t, models.DrillMissed, h.drill(d.ID).State)
		require.True(t, h.mayAct(capability))
		require.NoError(t, h.answer("pete", d.ID))
		require.Equal(t, models.DrillLate, h.drill(d.ID).State)
	})
}

// A drill ends with whoever was asked: when they leave, and when they answer for it
// no more. What their silence held is not held by it any longer.
func TestADrillEndsWithWhoeverWasAsked(t *testing.T) {
	cases{
		"a leaver": func(t *testing.T, h *house) {
			capability, _ := h.live("pay")
			d := h.asks("carl")
			h.ticks(*d.DueAt)
			h.leaves("carl")
			h.ticks()
			over := h.drill(d.ID)
			require.Equal(t, models.DrillCalledOff, over.State)
			require.Empty(t, h.openDuties(models.DutyDrill, d.ID))
			open := rows[models.Hold](t, h, "id", "lifted_at IS NULL")
			require.Len(t, open, 1)
			require.Equal(t, models.HoldLeaver, open[0].Kind)
			require.False(t, h.mayAct(capability))
			_, chosen := h.drillMoment("carl")
			require.False(t, chosen)
		},
		"a leaver who was not asked yet": func(t *testing.T, h *house) {
			h.live("pay")
			h.ticks()
			at, _ := h.drillMoment("xena")
			h.leaves("xena")
			h.ticks(at)
			require.Empty(t, h.drills("xena", models.DrillOpen))
			_, chosen := h.drillMoment("xena")
			require.False(t, chosen)
		},
		"what was revoked": func(t *testing.T, h *house) {
			capability, _ := h.live("pay")
			d := h.asks("carl")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Not needed any more") })
			h.ticks()
			require.Equal(t, models.DrillCalledOff, h.drill(d.ID).State)
			require.Equal(t, models.Conflict, models.CodeOf(h.answer("carl", d.ID)))
			_, chosen := h.drillMoment("carl")
			require.False(t, chosen, "who answers for nothing is asked nothing")
		},
		"a restart, by which they answer for it still": func(t *testing.T, h *house) {
			capability, version := h.live("pay")
			d := h.asks("carl")
			h.must("anna", capability, stop(models.OnCapability))
			h.must("anna", capability, askRestart)
			h.signs(t, "xena", capability, version)
			h.signs(t, "yuri", capability, version)
			h.ticks()
			require.Equal(t, models.DrillOpen, h.drill(d.ID).State)
			require.NoError(t, h.answer("carl", d.ID))
		},
		"a higher tier": func(t *testing.T, h *house) {
			h.live("write") // moderate: every 91 days
			h.ticks()
			at, _ := h.drillMoment("pete")
			require.Greater(t, at, *h.clock+40*models.Day)
			h.live("pay")
			h.ticks()
			at, _ = h.drillMoment("pete")
			require.LessOrEqual(t, at, *h.clock+7*models.Day)
		},
		"an absence": func(t *testing.T, h *house) {
			h.live("pay")
			h.ticks()
			at, _ := h.drillMoment("xena")
			until := at + 5*models.Day
			d := &models.Delegation{ID: "del_away", DelegateID: h.people["zoe"], PrincipalID: h.people["xena"], FromAt: *h.clock, UntilAt: until, Reason: "Away", CreatedAt: *h.clock}
			d.Rev = 1
			require.NoError(t, plain(h.Store).Create(d).Error)
			h.ticks(at)
			require.Empty(t, h.drills("xena", models.DrillOpen))
			at, _ = h.drillMoment("xena")
			require.GreaterOrEqual(t, at, until)
			require.NoError(t, plain(h.Store).Exec("UPDATE delegations SET ended_at = from_at + 1, rev = rev + 1 WHERE id = 'del_away'").Error)
		},
	}.onBothLoose(t)
}

// onBothLoose is onBoth for cases of which some write rows of their own.
func (all cases) onBothLoose(t *testing.T) {
	for name, run := range all {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { eachHouse(t, run) })
	}
}

// Two replicas come to the same moments: each thing happens once.
func TestTwoReplicasDrillOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("pay")
		h.ticks()
		both := func() {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					_, err := h.Tick(context.Background())
					require.NoError(t, err)
				})
			}
			wg.Wait()
		}
		at, _ := h.drillMoment("carl")
		*h.clock = at
		both()
		d := h.drills("carl", models.DrillOpen)
		require.Len(t, d, 1)
		require.Len(t, h.openDuties(models.DutyDrill, d[0].ID), 1)
		*h.clock = *d[0].DueAt
		both()
		require.Len(t, rows[models.Hold](t, h, "id", "kind = 'missed_drill' AND target_id = ? AND cause LIKE 'carl%'", capability), 1)
		require.Len(t, rows[entry](t, h, "seq", "act = 'drill.missed' AND subject = ?", d[0].ID), 1)
	})
}

func (h *house) planKill(by, capability string, in models.Instant) (models.Receipt, error) {
	return h.DecideKillDrill(context.Background(), h.act(by), capability, func(f models.DrillFacts) (models.Change, error) {
		return f.PlanKill(f.Now+in, "Nobody has stopped it yet")
	})
}

// A kill drill holds what it was planned for, sees that it may not act, and lifts its
// own hold again.
func TestAKillDrillStopsAndLifts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("pay")
		_, err := h.planKill("udo", capability, models.Hour)
		require.Equal(t, models.Forbidden, models.CodeOf(err))
		_, err = h.planKill("carl", capability, models.Minute)
		require.Equal(t, models.Invalid, models.CodeOf(err))
		planned, err := h.planKill("carl", capability, models.Hour)
		require.NoError(t, err)
		_, err = h.planKill("anna", capability, models.Hour)
		require.Equal(t, "kill_drill.once", models.RuleOf(err))
		h.ticks()
		require.Equal(t, models.DrillPlanned, h.drill(planned.Subject).State, "not before its time")
		require.True(t, h.mayAct(capability))

		h.ticks(h.drill(planned.Subject).PlannedAt)
		d := h.drill(planned.Subject)
		require.Equal(t, models.DrillDone, d.State)
		took, seen := d.StoppedIn()
		require.True(t, seen)
		require.Less(t, took, models.Second)
		holds := rows[models.Hold](t, h, "id", "kind = 'kill_drill'")
		require.Len(t, holds, 1)
		require.Equal(t, d.BegunAt, holds[0].PlacedAt.Ref())
		require.Equal(t, models.SystemActor, *holds[0].LiftedBy)
		require.Contains(t, holds[0].Cause, "carl")
		require.True(t, h.mayAct(capability))
		var left int
		require.NoError(t, plain(h.Store).Raw("SELECT COUNT(*) FROM clock WHERE kind = 'kill_drill'").Scan(&left).Error)
		require.Zero(t, left)
		require.NoError(t, h.Verify(t.Context(), func(VerifyProgress) {}))
	})
}

func TestKillDrillsThatDoNotRunToTheirEnd(t *testing.T) {
	begin := func(t *testing.T, h *house, id string) {
		_, err := h.DecideDrill(t.Context(), clockAct(models.ClockKill, id, h.drill(id).PlannedAt), id, models.DrillFacts.BeginKill)
		require.NoError(t, err)
	}
	plan := func(t *testing.T, h *house) (capability, drill string) {
		capability, _ = h.live("pay")
		r, err := h.planKill("carl", capability, models.Hour)
		require.NoError(t, err)
		*h.clock = h.drill(r.Subject).PlannedAt
		return capability, r.Subject
	}
	cases{
		"the process dies between holding and lifting": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			begin(t, h, id)
			require.False(t, h.mayAct(capability), "held, and nobody there to lift it")
			h.pass(models.Minute)
			h.ticks()
			d := h.drill(id)
			require.Equal(t, models.DrillDone, d.State)
			require.Contains(t, d.Note, "interrupted")
			require.True(t, h.mayAct(capability))
		},
		"a clock that was set back after it looked": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			begin(t, h, id)
			ahead := *h.clock + models.Hour
			_, err := h.DecideDrill(t.Context(), clockAct("kill_drill_end", id, 0), id, func(f models.DrillFacts) (models.Change, error) { return f.EndKill(&ahead) })
			require.NoError(t, err)
			d := h.drill(id)
			require.Equal(t, d.EndedAt, d.StoppedAt, "not after its end")
			require.True(t, h.mayAct(capability))
		},
		"two ticks at once": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					_, err := h.Tick(context.Background())
					require.NoError(t, err)
				})
			}
			wg.Wait()
			require.Equal(t, models.DrillDone, h.drill(id).State)
			require.Len(t, rows[models.Hold](t, h, "id", "kind = 'kill_drill'"), 1)
			require.Len(t, rows[entry](t, h, "seq", "act = 'kill_drill.done'"), 1)
			require.True(t, h.mayAct(capability))
		},
		"a stop placed meanwhile stays": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			begin(t, h, id)
			h.must("anna", capability, stop(models.OnCapability))
			h.ticks()
			require.Equal(t, models.DrillDone, h.drill(id).State)
			open := rows[models.Hold](t, h, "id", "lifted_at IS NULL")
			require.Len(t, open, 1)
			require.Equal(t, [2]string{models.HoldStop, h.people["anna"]}, [2]string{open[0].Kind, open[0].PlacedBy})
			require.False(t, h.mayAct(capability))
		},
		"what is revoked meanwhile": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			begin(t, h, id)
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Not needed any more") })
			h.ticks()
			require.Equal(t, models.DrillDone, h.drill(id).State)
			require.Empty(t, rows[models.Hold](t, h, "id", "lifted_at IS NULL"))
		},
		"a restart does not lift it": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			h.must("anna", capability, stop(models.OnCapability))
			h.must("anna", capability, askRestart)
			h.ticks()
			require.Equal(t, models.DrillCalledOff, h.drill(id).State, "it could not act anyway: there is nothing to measure")
			require.Empty(t, rows[models.Hold](t, h, "id", "kind = 'kill_drill'"))
			require.False(t, h.mayAct(capability))
		},
		"called off by another of the four": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			_, err := h.DecideDrill(t.Context(), h.act("udo"), id, models.DrillFacts.CallOffKill)
			require.Equal(t, models.Forbidden, models.CodeOf(err))
			_, err = h.DecideDrill(t.Context(), h.act("yuri"), id, models.DrillFacts.CallOffKill)
			require.NoError(t, err)
			h.ticks()
			require.Equal(t, models.DrillCalledOff, h.drill(id).State)
			require.True(t, h.mayAct(capability))
			_, err = h.DecideDrill(t.Context(), h.act("yuri"), id, models.DrillFacts.CallOffKill)
			require.Equal(t, models.Conflict, models.CodeOf(err))
		},
		"nothing ran by the clock when its time came": func(t *testing.T, h *house) {
			capability, id := plan(t, h)
			h.pass(2 * models.Hour)
			h.ticks()
			require.Equal(t, models.DrillCalledOff, h.drill(id).State)
			require.True(t, h.mayAct(capability))
		},
		"whoever planned it has left": func(t *testing.T, h *house) {
			_, id := plan(t, h)
			h.leaves("carl")
			h.ticks()
			require.Equal(t, models.DrillCalledOff, h.drill(id).State)
		},
		"nobody but the clock holds and lifts": func(t *testing.T, h *house) {
			_, id := plan(t, h)
			_, err := h.DecideDrill(t.Context(), h.act("carl"), id, models.DrillFacts.BeginKill)
			require.Equal(t, models.Forbidden, models.CodeOf(err))
			begin(t, h, id)
			_, err = h.DecideDrill(t.Context(), h.act("carl"), id, func(f models.DrillFacts) (models.Change, error) { return f.EndKill(f.Now.Ref()) })
			require.Equal(t, models.Forbidden, models.CodeOf(err))
			_, err = h.DecideDrill(t.Context(), h.act("carl"), id, models.DrillFacts.CallOffKill)
			require.Equal(t, models.Conflict, models.CodeOf(err), "it has begun")
		},
	}.onBoth(t)
}

// lagging is a store of its own on what the database holds now, as a replica would have
// it that hears of nothing after: on SQLite a copy of the file, on PostgreSQL one of the
// tables in another schema.
func (h *house) lagging() *Store {
	t := h.t
	t.Helper()
	url := filepath.Join(t.TempDir(), "old.db")
	if h.engine == SQLite {
		require.NoError(t, plain(h.Store).Exec("VACUUM INTO ?", url).Error)
	} else {
		var schema string
		require.NoError(t, plain(h.Store).Raw("SELECT current_schema()").Scan(&schema).Error)
		old := schema + "_old"
		require.NoError(t, plain(h.Store).Exec("CREATE SCHEMA "+old).Error)
		t.Cleanup(func() { require.NoError(t, plain(h.Store).Exec("DROP SCHEMA "+old+" CASCADE").Error) })
		var tables []string
		require.NoError(t, plain(h.Store).Raw("SELECT table_name FROM information_schema.tables WHERE table_schema = ?", schema).Scan(&tables).Error)
		for _, name := range tables {
			require.NoError(t, plain(h.Store).Exec("CREATE TABLE "+old+"."+name+" AS TABLE "+name).Error)
		}
		url = strings.Replace(h.url, "search_path="+schema, "search_path="+old, 1)
	}
	lags, err := Open(t.Context(), url, WithClock(h.tick))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lags.Close()) })
	return lags
}

// Where a read goes on saying yes, such as one of a replica that lags, the drill has
// failed, and a stop stands in place of its hold.
func TestAKillDrillThatDoesNotStop(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("pay")
		r, err := h.planKill("carl", capability, models.Hour)
		require.NoError(t, err)
		lags, fresh := h.lagging(), h.read
		*h.clock = h.drill(r.Subject).PlannedAt
		h.killBound = 50 * time.Millisecond
		h.read = lags.read
		err = h.killDrill(t.Context(), models.Moment{Kind: models.ClockKill, ID: r.Subject, At: h.drill(r.Subject).PlannedAt})
		h.read = fresh
		require.NoError(t, err)
		require.Equal(t, models.DrillFailed, h.drill(r.Subject).State)
		open := rows[models.Hold](t, h, "id", "lifted_at IS NULL")
		require.Len(t, open, 1)
		require.Equal(t, models.HoldStop, open[0].Kind)
		require.False(t, h.mayAct(capability))
		h.must("anna", capability, askRestart) // lifted as any other
		require.NoError(t, h.Verify(t.Context(), func(VerifyProgress) {}))
	})
}

// A review says when stopping was last exercised up to its own end: a real stop counts
// as a kill drill does, and what came afterwards does not.
func TestAReviewKnowsRealStops(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("pay")
		stopped := func() *KillPast {
			t.Helper()
			p, err := h.ReviewPage(t.Context(), h.viewer("anna"), review)
			require.NoError(t, err)
			return p.Evidence.Stopped
		}
		require.Nil(t, stopped())
		planned, err := h.planKill("carl", capability, models.Hour)
		require.NoError(t, err)
		h.ticks(h.drill(planned.Subject).PlannedAt)
		require.Equal(t, planned.Subject, stopped().Drill.ID)
		h.answered(review)
		h.pass(models.Minute)
		at := *h.clock
		h.must("anna", capability, stop(models.OnCapability))
		require.NotNil(t, stopped().Stop)
		require.GreaterOrEqual(t, stopped().At, at)

		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Not needed any more") })
		ended := h.reviewRow(review).ClosedAt
		require.NotNil(t, ended)
		require.LessOrEqual(t, stopped().At, *ended)
	})
}

func TestTheDatabaseHoldsDrills(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("pay")
		other, _ := h.live("pay")
		d := h.asks("carl")
		r, err := h.planKill("carl", d.CapabilityID, 2*models.Day)
		require.NoError(t, err)
		h.must("anna", capability, stop(models.OnCapability))
		h.must("anna", other, stop(models.OnCapability))
		h.ticks(*d.DueAt)
		d = h.drill(d.ID)
		require.Equal(t, models.DrillMissed, d.State)
		elsewhere := other
		if d.CapabilityID == other {
			elsewhere = capability
		}
		theirStop := rows[models.Hold](t, h, "id", "kind = 'stop' AND target_id = ?", elsewhere)[0].ID
		db := plain(h.Store)
		refused := func(why because, sql string, args ...any) {
			t.Helper()
			err := db.Transaction(func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
			requireRefused(t, h.Store, err, why)
		}
		own := trigger("holds_when_drilled", "a drill lifts its own hold when it has ended")
		lift := "UPDATE holds SET rev = rev + 1, lifted_at = placed_at + 5, lifted_by = ? WHERE id = ?"
		refused(own, lift, h.people["carl"], *d.HoldID)
		refused(own, lift, "system", *d.HoldID)
		refused(own, lift, "system", theirStop)
		refused(trigger("drills_with_hold", "a drill has a hold of its own"), "UPDATE drills SET rev = rev + 1, state = 'open', begun_at = planned_at, hold_id = ? WHERE id = ?", theirStop, r.Subject)
		refused(trigger("drills_with_hold", "a drill has a hold of its own"), "UPDATE drills SET rev = rev + 1, hold_id = NULL WHERE id = ?", d.ID)
		refused(check("drills_answered"), "UPDATE drills SET rev = rev + 1, state = 'late', ended_at = due_at WHERE id = ?", d.ID)
		refused(check("drills_kill_ended"), "UPDATE drills SET rev = rev + 1, state = 'done', begun_at = planned_at, ended_at = planned_at WHERE id = ?", r.Subject)
		refused(trigger("drills_then_end", "a drill is held and ends"), "UPDATE drills SET rev = rev + 1, due_at = due_at + 5 WHERE id = ?", d.ID)
		refused(trigger("drills_no_delete", "rows of drills are never deleted"), "DELETE FROM drills WHERE id = ?", d.ID)
		again := d
		again.ID, again.State, again.HoldID, again.Rev = "drl_again", models.DrillOpen, nil, 1
		refuse := func(why because, change func(*models.Drill)) {
			t.Helper()
			x := again
			change(&x)
			requireRefused(t, h.Store, db.Create(&x).Error, why)
		}
		refuse(unique("drills_one_open_of_person", "drills.person_id"), func(*models.Drill) {})
		who := trigger("drills_who", "a drill begins with somebody who answers")
		refuse(who, func(x *models.Drill) { x.PersonID = h.people["udo"] })
		refuse(who, func(x *models.Drill) { x.PersonID, x.Tier = h.people["anna"], models.Low })
		refuse(who, func(x *models.Drill) { x.PersonID, x.CapabilityID = h.people["anna"], elsewhere })
		refuse(who, func(x *models.Drill) { x.PersonID, x.State = h.people["anna"], models.DrillMissed })
	})
}
