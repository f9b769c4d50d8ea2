package store

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// drilled is a critical capability with a kill drill behind it, and of the five who
// answer for it one who answered late, one in time, one not at all, and one who has
// just been asked.
func (h *house) drilled() (kill, late, done, missed, open models.Drill) {
	h.t.Helper()
	capability, _ := h.live("pay")
	planned, err := h.planKill("carl", capability, models.Hour)
	require.NoError(h.t, err)
	h.ticks(h.drill(planned.Subject).PlannedAt)
	seen := map[string]bool{}
	asked := func() models.Drill {
		for {
			for _, d := range rows[models.Drill](h.t, h, "planned_at, id", "kind = 'answer' AND state = 'open'") {
				if !seen[d.ID] && *d.DueAt > *h.clock+models.Minute { // with time left to answer
					seen[d.ID] = true
					return d
				}
			}
			var next []models.Instant
			require.NoError(h.t, plain(h.Store).Raw("SELECT at FROM clock WHERE kind IN ('drill', 'drill_due') ORDER BY at LIMIT 1").Scan(&next).Error)
			require.NotEmpty(h.t, next)
			h.ticks(max(next[0], *h.clock+1))
		}
	}
	answer := func(id string) {
		for name, person := range h.people {
			if person == h.drill(id).PersonID {
				require.NoError(h.t, h.answer(name, id))
			}
		}
	}
	late = asked()
	h.ticks(*late.DueAt)
	answer(late.ID)
	done = asked()
	h.pass(30 * models.Second)
	answer(done.ID)
	missed = asked()
	h.ticks(*missed.DueAt)
	open = asked()
	return h.drill(planned.Subject), h.drill(late.ID), h.drill(done.ID), h.drill(missed.ID), h.drill(open.ID)
}

// A drill that was forged with an entry of its own, so that the record fits, is found
// by what it says: of whom it asked, of its times, and of its hold.
func TestVerifyReadsDrills(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		kill, late, done, missed, open := h.drilled()
		require.Equal(t, []string{models.DrillDone, models.DrillLate, models.DrillDone, models.DrillMissed, models.DrillOpen}, []string{kill.State, late.State, done.State, missed.State, open.State})
		require.NoError(t, h.Verify(t.Context(), nil))
		var now models.Instant
		require.NoError(t, h.read.Raw("SELECT at FROM ledger_head").Scan(&now).Error)
		anna := h.people["anna"]
		if missed.PersonID == anna || kill.PersonID == anna || late.PersonID == anna {
			anna = h.people["udo"]
		}
		type forged struct {
			act, actor string
			row        models.Row
		}
		drill := func(d models.Drill, change func(*models.Drill)) forged {
			d.Rev++
			change(&d)
			return forged{"forged", models.SystemActor, &d}
		}
		hold := func(of models.Drill, change func(*models.Hold)) forged {
			x := rows[models.Hold](t, h, "id", "id = ?", *of.HoldID)[0]
			x.Rev++
			change(&x)
			return forged{"forged", models.SystemActor, &x}
		}
		as := func(f forged, act, actor string) forged { return forged{act, actor, f.row} }
		lateNow := func(d *models.Drill) {
			d.State, d.EndedAt, d.Mine, d.WouldStop = models.DrillLate, now.Ref(), models.Yes, models.No
		}
		unanswered := func(d *models.Drill) { d.State, d.Mine, d.WouldStop = models.DrillCalledOff, "", "" }
		for name, x := range map[string]struct {
			says string
			do   []forged
		}{
			"asked at another time":            {"was not asked by the clock when it says", []forged{drill(open, func(d *models.Drill) { d.PlannedAt++; d.BegunAt = d.PlannedAt.Ref() })}},
			"answered by nobody":               {"not by whom it was asked", []forged{drill(missed, lateNow)}},
			"answered by somebody else":        {"not by whom it was asked", []forged{as(drill(missed, lateNow), "drill.answered", anna)}},
			"an answer taken back":             {"was answered, and does not say so", []forged{drill(done, unanswered)}},
			"late, and called in time":         {"its times say otherwise", []forged{drill(late, func(d *models.Drill) { d.State = models.DrillDone })}},
			"in time, and called late":         {"its times say otherwise", []forged{drill(done, func(d *models.Drill) { d.State = models.DrillLate })}},
			"missed by nobody's word":          {"the clock did not record that", []forged{drill(open, func(d *models.Drill) { d.State = models.DrillMissed })}},
			"missed by a person's word":        {"the clock did not record that", []forged{as(drill(open, func(d *models.Drill) { d.State = models.DrillMissed }), "drill.missed", anna)}},
			"missed before it was due":         {"before it was due", []forged{as(drill(open, func(d *models.Drill) { d.State = models.DrillMissed }), "drill.missed", models.SystemActor)}},
			"missed at critical without hold":  {"holds nothing", []forged{drill(missed, func(d *models.Drill) { d.HoldID = nil })}},
			"a hold below critical":            {"holds what is not critical", []forged{drill(missed, func(d *models.Drill) { d.Tier = models.High })}},
			"a hold of another kind":           {"of another kind", []forged{hold(missed, func(x *models.Hold) { x.Kind = models.HoldStop })}},
			"a hold of somebody's":             {"of another kind", []forged{hold(missed, func(x *models.Hold) { x.PlacedBy = anna })}},
			"a hold from before":               {"not from its moment", []forged{hold(missed, func(x *models.Hold) { x.PlacedAt-- })}},
			"a hold lifted while it is missed": {"was not lifted when it ended", []forged{hold(missed, func(x *models.Hold) { by := missed.PersonID; x.LiftedBy, x.LiftedAt = &by, now.Ref() })}},
			"a hold lifted by somebody else":   {"was not lifted when it ended", []forged{hold(late, func(x *models.Hold) { by := models.SystemActor; x.LiftedBy = &by })}},
			"a hold lifted later":              {"was not lifted when it ended", []forged{hold(late, func(x *models.Hold) { x.LiftedAt = (*x.LiftedAt + 1).Ref() })}},
			"a hold without a drill":           {"is of no drill", []forged{hold(missed, func(x *models.Hold) { x.ID, x.Rev = "hld_forged", 1 })}},
			"an answer that is owed still": {"or somebody still does", []forged{func() forged {
				d := rows[models.Duty](t, h, "id", "kind = 'drill' AND detail = ?", done.ID)[0]
				d.Rev, d.ClosedAt = d.Rev+1, nil
				return forged{"forged", models.SystemActor, &d}
			}()}},
			"planned by somebody else": {"was not planned by whom it names", []forged{drill(kill, func(d *models.Drill) { d.PersonID = anna })}},
			"begun at another time": {"was not begun by the clock", []forged{drill(kill, func(d *models.Drill) { d.BegunAt = (*d.BegunAt + 1).Ref() }),
				hold(kill, func(x *models.Hold) { x.PlacedAt++ })}},
			"done, and called failed": {"the record says otherwise", []forged{drill(kill, func(d *models.Drill) { d.State, d.StoppedAt = models.DrillFailed, nil })}},
			"stopped after its hold":  {"when its hold was not there", []forged{drill(kill, func(d *models.Drill) { d.StoppedAt = (*d.EndedAt + 1).Ref() })}},
			"stopped much later": {"without saying why", []forged{as(drill(kill, func(d *models.Drill) { d.StoppedAt, d.EndedAt = now.Ref(), now.Ref() }), "kill_drill.done", models.SystemActor),
				hold(kill, func(x *models.Hold) { x.LiftedAt = now.Ref() })}},
			"failed without a stop": {"no stop took the place", []forged{as(drill(kill, func(d *models.Drill) { d.State, d.StoppedAt, d.EndedAt = models.DrillFailed, nil, now.Ref() }), "kill_drill.failed", models.SystemActor),
				hold(kill, func(x *models.Hold) { x.LiftedAt = now.Ref() })}},
		} {
			t.Run(name, func(t *testing.T) {
				rollback := errors.New("rolled back")
				err := h.write.Transaction(func(tx *gorm.DB) error {
					h.unprotected(t, tx)
					if h.engine == SQLite {
						require.NoError(t, tx.Exec("PRAGMA defer_foreign_keys = ON").Error)
					}
					for _, f := range x.do {
						h.forgeAct(t, tx, f.act, f.actor, f.row)
					}
					v := &verification{tx: tx, engine: h.engine, now: *h.clock, report: func(VerifyProgress) {}, last: map[string]map[string]word{}}
					err := v.all()
					require.Error(t, err)
					require.Contains(t, err.Error(), x.says)
					return rollback
				})
				require.ErrorIs(t, err, rollback)
			})
		}
	})
}
