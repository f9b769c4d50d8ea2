package store

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// officer makes a stop officer, of no team that looks after anything.
func (h *house) officer() {
	h.t.Helper()
	h.person("otto", "Finance", models.StopOfficer)
}

func (h *house) stops(by, kind, id, cause string) (models.Receipt, error) {
	return h.DecideStop(context.Background(), h.act(by), kind, id, func(f models.StopFacts) (models.Change, error) { return f.Place(cause) })
}

func (h *house) lifts(by, hold, cause string) (models.Receipt, error) {
	return h.DecideLift(context.Background(), h.act(by), hold, func(f models.StopFacts) (models.Change, error) { return f.Lift(cause) })
}

// acts says what the page of a capability says.
func (h *house) acts(capability string) bool {
	h.t.Helper()
	c, err := h.CapabilityPage(context.Background(), auditor(), capability)
	require.NoError(h.t, err)
	may, _ := c.MayAct()
	return may
}

// A stop of everything, of a team, an issuer or a system holds what stands on it and
// nothing else, at once; when it is lifted, what nothing else holds runs on, as signed.
func TestABroadStopHoldsWhatStandsOnIt(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		h.person("hugo", "Finance", models.BusinessOwner)
		capability, _ := h.live("write")
		mandates := rows[models.Mandate](t, h, "id", "1 = 1")
		agent := rows[models.Capability](t, h, "id", "id = ?", capability)[0].AgentID
		issuer := rows[models.Binding](t, h, "id", "agent_id = ?", agent)[0].Issuer
		system := h.system()
		targets := map[string]string{models.OnAll: "", models.OnTeam: h.teams["Human Resources"], models.OnIssuer: issuer, models.OnSystem: system}
		for kind, id := range targets {
			require.True(t, h.acts(capability), kind)
			before := *h.clock
			r, err := h.stops("otto", kind, id, " Too   much at once ")
			require.NoError(t, err, kind)
			require.Equal(t, "broad_stop.placed", r.Act)
			require.False(t, h.acts(capability), kind)

			stop, err := h.Stop(context.Background(), auditor(), r.Subject)
			require.NoError(t, err)
			require.Equal(t, 1, stop.Reaches, kind)
			f, reaches, err := h.StopAsk(context.Background(), h.party("otto"), kind, id)
			require.NoError(t, err)
			require.Equal(t, 1, reaches)
			require.Equal(t, r.Subject, f.Hold.ID)

			for _, at := range []*models.Instant{nil, h.clock} {
				found := h.matrix(auditor(), MatrixFilter{Held: true, At: at})
				require.Len(t, found.Lines, 1, "%s at %v", kind, at)
				require.Equal(t, MatrixHeld, found.Lines[0].Words, kind)
				require.Equal(t, [2]string{kind, r.Subject}, [2]string{found.Lines[0].Holds[0].TargetKind, found.Lines[0].Holds[0].ID})
			}
			require.Empty(t, h.matrix(auditor(), MatrixFilter{Held: true, At: &before}).Lines, kind)
			checkTally(t, h, 0)
			require.NoError(t, inboxFollows(h.read))
			list, err := h.Agents(context.Background(), auditor(), AgentsAsk{})
			require.NoError(t, err)
			require.Equal(t, [2]int{0, 1}, [2]int{list.Lines[0].Live, list.Lines[0].Held}, kind)
			then, err := h.MandateAt(context.Background(), auditor(), capability, *h.clock)
			require.NoError(t, err)
			require.Equal(t, MatrixHeld, then.State, kind)
			record, err := h.Agent(context.Background(), auditor(), agent)
			require.NoError(t, err)
			require.Equal(t, 1, len(record.Holds)+len(record.Partly), kind)

			h.refuses(t, models.Conflict, "stop.stands", "stopped already", func() error { _, err := h.stops("otto", kind, id, "Once more"); return err })
			h.mustLift("xena", r.Subject)
			require.True(t, h.acts(capability), kind)
			require.Empty(t, h.matrix(auditor(), MatrixFilter{Held: true}).Lines, kind)
		}
		require.Equal(t, mandates, rows[models.Mandate](t, h, "id", "1 = 1"), "the mandates are as they were")

		// What is beside the target runs on.
		for kind, id := range map[string]string{models.OnTeam: h.teams["Risk"], models.OnSystem: h.anotherSystem()} {
			r, err := h.stops("otto", kind, id, "Something else")
			require.NoError(t, err)
			require.True(t, h.acts(capability), "%s: the teams of signers and provisioners do not count", kind)
			h.mustLift("xena", r.Subject)
		}
		// Whoever is in the team by now counts.
		r, err := h.stops("otto", models.OnTeam, h.teams["Security"], "A team")
		require.NoError(t, err)
		join := func(member bool) {
			h.admin("adam", AdminLookup{People: []string{h.people["anna"]}, Team: h.teams["Security"]}, func(f models.AdminFacts) (models.Change, error) {
				return f.SetMember(h.teams["Security"], h.people["anna"], member)
			})
		}
		join(true)
		require.False(t, h.acts(capability))
		checkTally(t, h, 0)
		join(false)
		require.True(t, h.acts(capability))
		h.mustLift("xena", r.Subject)

		// Two side by side: lifting one leaves the other, and the capability's own.
		all, err := h.stops("otto", models.OnAll, "", "Everything")
		require.NoError(t, err)
		second, err := h.stops("pete", models.OnSystem, system, "His team looks after it")
		require.NoError(t, err)
		h.mustLift("xena", all.Subject)
		require.False(t, h.acts(capability))
		h.mustLift("zoe", second.Subject)
		require.True(t, h.acts(capability))
		require.NoError(t, h.Verify(context.Background(), nil))
	})
}

func (h *house) mustLift(by, hold string) {
	h.t.Helper()
	_, err := h.lifts(by, hold, "It was found and mended")
	require.NoError(h.t, err)
}

func (h *house) anotherSystem() string {
	return h.catalogue(CatalogueLookup{}, func(f models.CatalogueFacts) (models.Change, error) {
		return f.SaveSystem(models.System{Name: "Payroll", Kind: "saas", Sensitivity: "internal", CustodianTeamID: h.teams["Finance"]}, 0)
	}).Subject
}

// Who may not is refused, in words, by the rule; and what is refused changes nothing.
func TestBroadStopsAreRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		system, other := h.system(), ""
		place := func(by, kind, id, cause string, code models.Code, rule, says string) {
			t.Helper()
			h.refuses(t, code, rule, says, func() error { _, err := h.stops(by, kind, id, cause); return err })
		}
		other = h.anotherSystem()
		for _, by := range []string{"adam", "udo", "xena", "anna", "carl"} {
			for kind, id := range map[string]string{models.OnAll: "", models.OnTeam: h.teams["Risk"], models.OnIssuer: "https://idp.example", models.OnSystem: system} {
				place(by, kind, id, "Because", models.Forbidden, "stop.broad", "nly ")
			}
		}
		place("pete", models.OnSystem, other, "Not his team's", models.Forbidden, "stop.broad", "the team that looks after the system")
		place("pete", models.OnSystem, "sys_nothing", "Because", models.Forbidden, "stop.broad", "the system")
		place("otto", models.OnSystem, "sys_nothing", "Because", models.NotFound, "not_found", "no such system")
		place("otto", models.OnTeam, "tea_nothing", "Because", models.NotFound, "not_found", "no such team")
		place("otto", models.OnIssuer, "https://nobody.example", "Because", models.NotFound, "not_found", "no such issuer")
		place("otto", models.OnCapability, "cap", "Because", models.Invalid, "input", "Choose what to stop")
		place("otto", models.OnAll, "", " \n ", models.Invalid, "input", "why it is stopped")

		act := h.act("otto")
		do := func() (models.Receipt, error) {
			return h.DecideStop(context.Background(), act, models.OnAll, "ignored", func(f models.StopFacts) (models.Change, error) { return f.Place("Everything") })
		}
		first, err := do()
		require.NoError(t, err)
		again, err := do()
		require.NoError(t, err)
		require.True(t, again.Again)
		require.Equal(t, first.Subject, again.Subject, "a double click places one")
		require.Len(t, rows[models.Hold](t, h, "id", "1 = 1"), 1)

		lift := func(by, hold, cause string, code models.Code, rule, says string) {
			t.Helper()
			h.refuses(t, code, rule, says, func() error { _, err := h.lifts(by, hold, cause); return err })
		}
		for _, by := range []string{"adam", "udo", "anna", "carl"} {
			lift(by, first.Subject, "It is over", models.Forbidden, "role.approver", "Only an approver")
		}
		lift("xena", first.Subject, " ", models.Invalid, "input", "why it may go on")
		lift("xena", "hld_nothing", "It is over", models.NotFound, "not_found", "no such stop")
		h.grant("otto", models.Approver)
		lift("otto", first.Subject, "It is over", models.Forbidden, "stop.own", "You placed this stop")
		h.names("otto", "yuri", 3)
		lift("yuri", first.Subject, "It is over", models.Forbidden, "stop.own", "You stand in for otto")
		require.Equal(t, []bool{true, false, false, true}, h.askedToLift("xena", "yuri", "otto", "zoe"))
		h.mustLift("xena", first.Subject)
		require.Equal(t, []bool{false, false}, h.askedToLift("xena", "zoe"))
		lift("zoe", first.Subject, "It is over", models.Conflict, "stop.lifted", "lifted meanwhile")

		// The stop of one capability is not lifted here.
		capability, _ := h.live("read")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, "Wrong") })
		own := rows[models.Hold](t, h, "id", "target_kind = 'capability'")[0]
		lift("xena", own.ID, "It is over", models.NotFound, "not_found", "no such stop")
		// A grant that ended counts no more.
		h.revoke("otto", models.StopOfficer)
		place("otto", models.OnAll, "", "Because", models.Forbidden, "stop.broad", "Only a stop officer")
		require.NoError(t, inboxFollows(h.read))
		require.NoError(t, h.Verify(context.Background(), nil))
	})
}

// askedToLift says of each whether a broad stop waits for them.
func (h *house) askedToLift(names ...string) (out []bool) {
	h.t.Helper()
	for _, name := range names {
		in, err := h.Inbox(context.Background(), h.party(name), InboxAsk{Kind: models.DutyLift})
		require.NoError(h.t, err)
		n, err := h.Waiting(context.Background(), h.party(name))
		require.NoError(h.t, err)
		require.GreaterOrEqual(h.t, n, len(in.Duties))
		if len(in.Duties) > 0 {
			require.Equal(h.t, "everything", in.Duties[0].Stopped)
			require.Equal(h.t, 3, in.Duties[0].TierRank, "at the top")
		}
		out = append(out, len(in.Duties) > 0)
	}
	return out
}

// Who was found to be the one who placed it does not lift it either.
func TestWhoPlacedAStopUnderAnotherNameDoesNotLiftIt(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		r, err := h.stops("otto", models.OnAll, "", "Everything")
		require.NoError(t, err)
		require.Equal(t, []bool{true, true}, h.askedToLift("xena", "yuri"))
		link := h.admin("adam", AdminLookup{MergeFrom: h.people["otto"], MergeInto: h.people["yuri"]}, func(f models.AdminFacts) (models.Change, error) {
			return f.ProposeMerge(h.people["otto"], h.people["yuri"], "One person")
		}).Subject
		h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
		h.refuses(t, models.Forbidden, "stop.own", "You placed this stop", func() error { _, err := h.lifts("yuri", r.Subject, "Mine"); return err })
		require.Equal(t, []bool{true, false}, h.askedToLift("xena", "yuri"))
		_, err = h.Relay(context.Background(), true)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"xena", "zoe"}, h.notified("duty.lift"))
		db := plain(h.Store)
		err = db.Exec("UPDATE holds SET rev = rev + 1, lifted_by = ?, lifted_at = placed_at + 1, lift_cause = 'x' WHERE id = ?", h.people["yuri"], r.Subject).Error
		requireRefused(t, h.Store, err, trigger("holds_broad_lifted", "an approver who did not place it"))
		h.mustLift("xena", r.Subject)
	})
}

// What gets past the rules, the tables refuse.
func TestTheDatabaseHoldsBroadStops(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		h.grant("otto", models.Approver)
		db, n := plain(h.Store), 0
		place := func(by, kind, target, why, cause string) error {
			n++
			return db.Exec("INSERT INTO holds (id, target_kind, target_id, kind, cause, placed_by, placed_at, lift_cause, rev) VALUES (?, ?, ?, ?, ?, ?, 7, '', 1)",
				fmt.Sprint("hld_", n), kind, target, why, cause, by).Error
		}
		system, placed := h.system(), trigger("holds_broad_placed", "placed by a stop officer, or on a system by its custodians")
		for _, name := range []string{"adam", "xena", "anna", "udo"} {
			for kind, id := range map[string]string{models.OnAll: "", models.OnTeam: h.teams["Risk"], models.OnIssuer: "x", models.OnSystem: system} {
				requireRefused(t, h.Store, place(h.people[name], kind, id, models.HoldStop, "c"), placed)
			}
		}
		requireRefused(t, h.Store, place(h.people["pete"], models.OnTeam, h.teams["Platform"], models.HoldStop, "c"), placed)
		requireRefused(t, h.Store, place(h.people["otto"], models.OnAll, "", models.HoldLeaver, "c"), placed)
		requireRefused(t, h.Store, place(h.people["otto"], models.OnAll, "", models.HoldStop, ""), placed)
		requireRefused(t, h.Store, place(h.people["otto"], models.OnAll, "some", models.HoldStop, "c"), placed)
		require.NoError(t, place(h.people["pete"], models.OnSystem, system, models.HoldStop, "c"))
		require.NoError(t, place(h.people["otto"], models.OnAll, "", models.HoldStop, "c"))
		requireRefused(t, h.Store, place(h.people["otto"], models.OnAll, "", models.HoldStop, "c"), because{"holds_one_broad", "UNIQUE constraint failed: holds.target_kind, holds.target_id"})

		lift := func(by, cause string) error {
			return db.Exec("UPDATE holds SET rev = rev + 1, lifted_by = ?, lifted_at = ?, lift_cause = ? WHERE target_kind = 'all'", by, *h.clock, cause).Error
		}
		lifted := trigger("holds_broad_lifted", "lifted by an approver who did not place it")
		requireRefused(t, h.Store, lift(h.people["otto"], "x"), lifted)
		requireRefused(t, h.Store, lift(h.people["adam"], "x"), lifted)
		requireRefused(t, h.Store, lift(h.people["xena"], ""), lifted)
		require.Error(t, lift(models.SystemActor, "x"))
		h.names("otto", "yuri", 3)
		requireRefused(t, h.Store, lift(h.people["yuri"], "x"), lifted)
		require.NoError(t, lift(h.people["xena"], "x"))
		require.Error(t, lift(h.people["xena"], "y"), "once")

		// The role is one that the tables know, and they are as whole as before.
		grant := func(role string) error {
			n++
			return db.Exec("INSERT INTO grants (id, person_id, role, source, granted_by, granted_at, rev) VALUES (?, ?, ?, 'admin', ?, 7, 1)", fmt.Sprint("grt_", n), h.people["carl"], role, h.people["adam"]).Error
		}
		require.NoError(t, grant("stop_officer"))
		require.Error(t, grant("stop_officers"))
		n++
		require.Error(t, db.Exec("INSERT INTO grants (id, person_id, role, source, granted_by, granted_at, rev) VALUES (?, ?, 'stop_officer', 'admin', ?, 7, 1)", fmt.Sprint("grt_", n), h.people["udo"], h.people["adam"]).Error, "an auditor holds no other role")
		if h.engine == SQLite {
			require.Equal(t, []string{"ok"}, column(t, h.Store, "PRAGMA integrity_check"))
			require.Equal(t, []string{"0"}, column(t, h.Store, "PRAGMA writable_schema"))
		}
	})
}

// Of two that stop the same at one moment one does, and of two that lift it one.
func TestBroadStopsAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		h.person("oona", "Finance", models.StopOfficer)
		for range 6 {
			var stop string
			for i, by := range [][2]string{{"otto", "oona"}, {"xena", "zoe"}} {
				var wg sync.WaitGroup
				got := make([]error, 2)
				for j, name := range by {
					act := h.act(name)
					wg.Go(func() {
						if i == 0 {
							_, got[j] = h.DecideStop(context.Background(), act, models.OnAll, "", func(f models.StopFacts) (models.Change, error) { return f.Place("Now") })
							return
						}
						_, got[j] = h.DecideLift(context.Background(), act, stop, func(f models.StopFacts) (models.Change, error) { return f.Lift("Over") })
					})
				}
				wg.Wait()
				if got[0] == nil {
					got[0] = got[1]
				} else {
					require.NoError(t, got[1])
				}
				require.Equal(t, models.Conflict, models.CodeOf(got[0]), "%v", got[0])
				require.NotContains(t, got[0].Error(), "database refused")
				if i == 0 {
					open := rows[models.Hold](t, h, "id", "lifted_at IS NULL")
					require.Len(t, open, 1)
					stop = open[0].ID
				}
			}
			require.Empty(t, rows[models.Hold](t, h, "id", "lifted_at IS NULL"))
		}
		require.NoError(t, h.Verify(context.Background(), nil))
	})
}

// One notice is told to the four of everything that is stopped and to the administrators,
// to as many as they are; the approvers are asked.
func TestABroadStopIsToldToWhomItConcerns(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		h.live("write") // anna, pete, carl and a signer
		ctx := context.Background()
		_, err := h.Relay(ctx, true)
		require.NoError(t, err)
		signer := h.nameOf(rows[models.SeatPerson](t, h, "person_id", "1 = 1")[0].PersonID)
		four := []string{"adam", "anna", "carl", "eve", "pete", signer}
		r, err := h.stops("otto", models.OnTeam, h.teams["Human Resources"], "Too much")
		require.NoError(t, err)
		require.Len(t, rows[models.OutboxRow](t, h, "id", "kind = 'broad_stop.placed'"), 1, "one notice")
		_, err = h.Relay(ctx, true)
		require.NoError(t, err)
		require.ElementsMatch(t, four, h.notified("broad_stop.placed"))
		require.ElementsMatch(t, []string{"xena", "yuri", "zoe"}, h.notified("duty.lift"))
		told := rows[models.OutboxRow](t, h, "id", "kind = 'broad_stop.placed'")[0]
		require.True(t, told.Urgent())
		words, err := tell(h.read, told)
		require.NoError(t, err)
		require.Equal(t, [4]string{"the team Human Resources", "Too much", "otto", r.Subject}, [4]string{words.Name, words.Said, words.Actor, words.Stop.ID})
		h.mustLift("xena", r.Subject)
		_, err = h.Relay(ctx, true)
		require.NoError(t, err)
		all := []string{}
		for _, name := range four {
			if name != "xena" { // who lifted it knows
				all = append(all, name)
			}
		}
		require.ElementsMatch(t, all, h.notified("broad_stop.lifted"))

		// A part at a time: nobody is left out, and nobody told twice.
		defer func(n int) { mostAtOnce = n }(mostAtOnce)
		mostAtOnce = 2
		_, err = h.stops("otto", models.OnAll, "", "Everything")
		require.NoError(t, err)
		_, err = h.Relay(ctx, true)
		require.NoError(t, err)
		require.ElementsMatch(t, append(four, four...), h.notified("broad_stop.placed"))
		require.Empty(t, rows[models.OutboxRow](t, h, "id", "sent_at IS NULL"))
	})
}

// A stop wins over break glass, by the rule and by the tables.
func TestABroadStopWinsOverAnEmergency(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.officer()
		h.switchOn()
		h.live("write")
		issuer := rows[models.Binding](t, h, "id", "1 = 1")[0].Issuer
		capability, version := h.reviewed("infra")
		row := h.glassRow(t, capability, version)
		for kind, id := range map[string]string{models.OnTeam: h.teams["Human Resources"], models.OnIssuer: issuer, models.OnSystem: h.system(), models.OnAll: ""} {
			r, err := h.stops("otto", kind, id, "Wrong")
			require.NoError(t, err)
			c, err := h.CapabilityPage(context.Background(), auditor(), capability)
			require.NoError(t, err)
			require.Len(t, c.EmergencyHolds, 1, kind)
			tx := plain(h.Store).Begin()
			if kind == models.OnIssuer { // as the same act does
				b := models.Binding{ID: "bnd_1", AgentID: c.Agent.ID, Issuer: issuer, Subject: "another", BoundAt: 1, Record: models.Record{Rev: 1}}
				require.NoError(t, tx.Create(&b).Error)
			}
			err = tx.Create(&row).Error
			tx.Rollback()
			requireRefused(t, h.Store, err, trigger("emergencies_not_held", "no emergency for what is held"))
			h.mustLift("xena", r.Subject)
		}
	})
}
