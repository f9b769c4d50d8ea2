package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

type onForbid = func(models.ForbidFacts) (models.Change, error)

func forbidForm(name string) models.ForbidForm {
	return models.ForbidForm{Name: name, Why: "It cannot be undone.", Text: "forbid (principal, action, resource)\nwhen { action.access == \"permissions\" };"}
}

func proposeForbid(form models.ForbidForm) onForbid {
	return func(f models.ForbidFacts) (models.Change, error) { return f.ProposeForbid(form, policy.ParseForbid) }
}

// confirmed confirms what is there now.
func confirmed(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbid(rev(f)) }

func endConfirmed(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbidEnd(rev(f)) }

func rev(f models.ForbidFacts) int64 {
	if f.Forbid == nil {
		return 0
	}
	return f.Forbid.Rev
}

func withdrawn(f models.ForbidFacts) (models.Change, error) { return f.WithdrawForbid("Too wide") }

func endProposed(f models.ForbidFacts) (models.Change, error) {
	return f.ProposeForbidEnd("Not needed")
}

func (h *house) tryForbid(by, id string, rule onForbid) error {
	_, err := h.DecideForbid(h.t.Context(), h.act(by), id, rule)
	return err
}

func (h *house) forbid(by, id string, rule onForbid) string {
	h.t.Helper()
	r, err := h.DecideForbid(h.t.Context(), h.act(by), id, rule)
	require.NoError(h.t, err)
	return r.Subject
}

func (h *house) forbidRow(t *testing.T, id string) models.Forbid {
	t.Helper()
	return rows[models.Forbid](t, h, "id", "id = ?", id)[0]
}

func (h *house) forbidWaits(t *testing.T, name, id string) bool {
	t.Helper()
	in, err := h.Inbox(t.Context(), h.party(name), InboxAsk{})
	require.NoError(t, err)
	return slices.ContainsFunc(in.Duties, func(d InboxDuty) bool { return d.Subject == id })
}

func TestForbids(t *testing.T) {
	cases{
		"two put one in force, and two end it": func(t *testing.T, h *house) {
			id := h.forbid("adam", "", proposeForbid(forbidForm("No permissions")))
			require.True(t, h.forbidWaits(t, "eve", id))
			require.False(t, h.forbidWaits(t, "adam", id), "nobody confirms their own")
			h.refuses(t, models.Forbidden, "forbid.second", "another administrator", func() error { return h.tryForbid("adam", id, confirmed) })
			h.refuses(t, models.Conflict, "forbid.not_in_force", "not in force", func() error { return h.tryForbid("adam", id, endProposed) })
			h.forbid("eve", id, confirmed)
			require.Equal(t, models.ForbidActive, h.forbidRow(t, id).State)
			require.False(t, h.forbidWaits(t, "eve", id))
			h.refuses(t, models.Conflict, "forbid.decided", "no longer waiting", func() error { return h.tryForbid("eve", id, confirmed) })
			h.refuses(t, models.Conflict, "forbid.decided", "no longer waiting", func() error { return h.tryForbid("adam", id, withdrawn) })
			h.refuses(t, models.Conflict, "forbid.decided", "no longer waiting", func() error { return h.tryForbid("adam", id, endConfirmed) })

			h.forbid("eve", id, endProposed)
			require.Equal(t, models.ForbidActive, h.forbidRow(t, id).State, "it stays in force meanwhile")
			require.True(t, h.forbidWaits(t, "adam", id))
			require.False(t, h.forbidWaits(t, "eve", id))
			h.refuses(t, models.Forbidden, "forbid.second", "another administrator", func() error { return h.tryForbid("eve", id, endConfirmed) })
			h.refuses(t, models.Conflict, "forbid.end_open", "already proposed", func() error { return h.tryForbid("adam", id, endProposed) })
			h.forbid("adam", id, models.ForbidFacts.KeepForbid)
			require.Equal(t, models.ForbidActive, h.forbidRow(t, id).State)
			require.False(t, h.forbidWaits(t, "adam", id))
			h.refuses(t, models.Conflict, "forbid.decided", "no longer waiting", func() error { return h.tryForbid("eve", id, models.ForbidFacts.KeepForbid) })

			h.forbid("adam", id, endProposed)
			h.forbid("eve", id, endConfirmed)
			x := h.forbidRow(t, id)
			require.Equal(t, models.ForbidWithdrawn, x.State)
			require.NotEqual(t, *x.EndProposedBy, *x.EndedBy)
			for _, rule := range []onForbid{confirmed, withdrawn, endProposed, endConfirmed, models.ForbidFacts.KeepForbid} {
				require.Equal(t, models.Conflict, models.CodeOf(h.tryForbid("eve", id, rule)), "what ended stays so")
			}
		},
		"a proposal is withdrawn by one": func(t *testing.T, h *house) {
			id := h.forbid("adam", "", proposeForbid(forbidForm("No permissions")))
			h.refuses(t, models.Invalid, "input", "Enter a reason", func() error {
				return h.tryForbid("adam", id, func(f models.ForbidFacts) (models.Change, error) { return f.WithdrawForbid(" ") })
			})
			h.forbid("adam", id, withdrawn)
			require.Nil(t, h.forbidRow(t, id).ConfirmedAt)
			require.False(t, h.forbidWaits(t, "eve", id))
			h.forbid("eve", "", proposeForbid(forbidForm("No permissions"))) // the name is free again
		},
		"what was shown is what is confirmed": func(t *testing.T, h *house) {
			id := h.forbid("adam", "", proposeForbid(forbidForm("No permissions")))
			h.refuses(t, models.Conflict, "forbid.changed", "since you opened it", func() error {
				return h.tryForbid("eve", id, func(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbid(7) })
			})
			h.forbid("eve", id, confirmed)
			h.forbid("eve", id, endProposed)
			shown := h.forbidRow(t, id).Rev
			h.forbid("eve", id, models.ForbidFacts.KeepForbid)
			h.forbid("eve", id, func(f models.ForbidFacts) (models.Change, error) { return f.ProposeForbidEnd("Another reason") })
			h.refuses(t, models.Conflict, "forbid.changed", "since you opened it", func() error {
				return h.tryForbid("adam", id, func(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbidEnd(shown) })
			})
		},
		"one human is not two": func(t *testing.T, h *house) {
			h.person("bea", "Platform", models.Administrator)
			h.person("bob", "Platform", models.Administrator)
			proposed := h.forbid("bea", "", proposeForbid(forbidForm("First")))
			ending := h.forbid("adam", "", proposeForbid(forbidForm("Second")))
			h.forbid("eve", ending, confirmed)
			h.forbid("bea", ending, endProposed)
			h.areOne("bea", "bob")
			h.refuses(t, models.Forbidden, "forbid.second", "another administrator", func() error { return h.tryForbid("bob", proposed, confirmed) })
			h.refuses(t, models.Forbidden, "forbid.second", "another administrator", func() error { return h.tryForbid("bob", ending, endConfirmed) })
			h.forbid("eve", proposed, confirmed)
		},
		"they are administrators": func(t *testing.T, h *house) {
			proposed := h.forbid("adam", "", proposeForbid(forbidForm("First")))
			for _, by := range []string{"anna", "xena", "udo"} {
				h.refuses(t, models.Forbidden, "role.administrator", "administrator", func() error { return h.tryForbid(by, "", proposeForbid(forbidForm("Mine"))) })
				for _, rule := range []onForbid{confirmed, withdrawn, endProposed, endConfirmed, models.ForbidFacts.KeepForbid} {
					h.refuses(t, models.Forbidden, "role.administrator", "administrator", func() error { return h.tryForbid(by, proposed, rule) })
				}
			}
			for _, rule := range []onForbid{confirmed, withdrawn, endProposed, endConfirmed, models.ForbidFacts.KeepForbid} {
				h.refuses(t, models.NotFound, "not_found", "no such forbid", func() error { return h.tryForbid("adam", "fbd_none", rule) })
			}
			_, err := h.Forbids(t.Context(), h.party("anna"))
			require.Equal(t, models.NotFound, models.CodeOf(err))
			_, _, err = h.ReadForbid(t.Context(), h.party("anna"), proposed)
			require.Equal(t, models.NotFound, models.CodeOf(err))
			l, err := h.Forbids(t.Context(), h.party("udo"))
			require.NoError(t, err)
			require.Equal(t, "Adam", l.People[l.Open[0].ProposedBy].Person.Name)
		},
		"what is wrong is said": func(t *testing.T, h *house) {
			h.forbid("adam", "", proposeForbid(forbidForm("First")))
			for says, change := range map[string]func(f *models.ForbidForm){
				"Enter a name":         func(f *models.ForbidForm) { f.Name = "" },
				"already a forbid":     func(f *models.ForbidForm) { f.Name = "First" },
				"Enter what it is":     func(f *models.ForbidForm) { f.Why = " \n" },
				"Enter a policy":       func(f *models.ForbidForm) { f.Text = "" },
				"Line 1: this permits": func(f *models.ForbidForm) { f.Text = "permit (principal, action, resource);" },
			} {
				form := forbidForm("Second")
				change(&form)
				h.refuses(t, models.Invalid, "input", says, func() error { return h.tryForbid("adam", "", proposeForbid(form)) })
			}
			form := forbidForm("Second")
			h.refuses(t, models.Invalid, "input", "(text: so it is)", func() error {
				return h.tryForbid("adam", "", func(f models.ForbidFacts) (models.Change, error) {
					return f.ProposeForbid(form, func(string) error { return errors.New("so it is") })
				})
			})
		},
	}.onBoth(t)
}

// What the rules refuse the table refuses by itself: one person is never two, and nothing
// that was decided is undone.
func TestTheDatabaseHoldsForbids(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		adam, eve, db := h.people["adam"], h.people["eve"], plain(h.Store)
		at := models.Instant(7).Ref()
		row := models.Forbid{ID: "fbd_1", Name: "x", Why: "x", Text: "x", State: models.ForbidProposed, ProposedBy: adam, ProposedAt: 5, Record: models.Record{Rev: 1}}
		for name, a := range map[string]struct {
			wrong func(f *models.Forbid)
			why   because
		}{
			"in force by nobody's word":     {func(f *models.Forbid) { f.State = models.ForbidActive }, check("forbids_confirmed")},
			"in force by one person's word": {func(f *models.Forbid) { f.State, f.ConfirmedBy, f.ConfirmedAt = models.ForbidActive, &adam, at }, check("forbids_second_person")},
			"confirmed, and still proposed": {func(f *models.Forbid) { f.ConfirmedBy, f.ConfirmedAt = &eve, at }, check("forbids_confirmed")},
			"confirmed at no time":          {func(f *models.Forbid) { f.State, f.ConfirmedBy = models.ForbidActive, &eve }, check("forbids_confirmed")},
			"withdrawn by nobody":           {func(f *models.Forbid) { f.State = models.ForbidWithdrawn }, check("forbids_ended")},
			"withdrawn without a reason":    {func(f *models.Forbid) { f.State, f.EndedBy, f.EndedAt = models.ForbidWithdrawn, &adam, at }, check("forbids_ended")},
			"ended by one person's word": {func(f *models.Forbid) {
				f.State, f.ConfirmedBy, f.ConfirmedAt, f.EndProposedBy, f.EndProposedAt, f.EndReason, f.EndedBy, f.EndedAt = models.ForbidWithdrawn, &eve, at, &adam, at, "x", &adam, at
			}, check("forbids_second_end")},
			"ended though nobody proposed it": {func(f *models.Forbid) {
				f.State, f.ConfirmedBy, f.ConfirmedAt, f.EndReason, f.EndedBy, f.EndedAt = models.ForbidWithdrawn, &eve, at, "x", &adam, at
			}, check("forbids_second_end")},
			"its end proposed before it was in force": {func(f *models.Forbid) { f.EndProposedBy, f.EndProposedAt, f.EndReason = &adam, at, "x" }, check("forbids_end_proposed")},
			"another state": {func(f *models.Forbid) { f.State = "on" }, inline("forbids_state_check", "state IN")},
		} {
			f := row
			a.wrong(&f)
			err := db.Create(&f).Error
			require.Error(t, err, name)
			requireRefused(t, h.Store, err, a.why)
		}

		tx := db.Begin()
		defer tx.Rollback()
		do := func(set string, args ...any) error {
			return tx.Exec("UPDATE forbids SET rev = rev + 1, "+set, args...).Error
		}
		attack := func(why because, set string, args ...any) {
			t.Helper()
			require.NoError(t, tx.SavePoint("before").Error)
			requireRefused(t, h.Store, do(set, args...), why)
			require.NoError(t, tx.RollbackTo("before").Error)
		}
		frozen := trigger("forbids_then_frozen", "what is forbidden never changes")
		forward := trigger("forbids_then_forward", "not undone, and not in one step")
		f := row
		require.NoError(t, tx.Create(&f).Error)
		for _, set := range []string{"text = 'y'", "name = 'y'", "why = 'y'", "proposed_at = 1"} {
			attack(frozen, set)
		}
		attack(frozen, "proposed_by = ?", eve)
		attack(check("forbids_second_person"), "state = 'active', confirmed_by = ?, confirmed_at = 7", adam)
		attack(forward, "state = 'withdrawn', confirmed_by = ?, confirmed_at = 7, end_proposed_by = ?, end_proposed_at = 7, end_reason = 'x', ended_by = ?, ended_at = 7", eve, adam, eve)
		require.NoError(t, do("state = 'active', confirmed_by = ?, confirmed_at = 7", eve))
		attack(forward, "state = 'proposed', confirmed_by = NULL, confirmed_at = NULL")
		attack(forward, "confirmed_at = 8")
		attack(frozen, "text = 'y'")
		attack(forward, "state = 'withdrawn', end_proposed_by = ?, end_proposed_at = 8, end_reason = 'x', ended_by = ?, ended_at = 8", adam, eve)
		require.NoError(t, do("end_proposed_by = ?, end_proposed_at = 8, end_reason = 'x'", eve))
		attack(check("forbids_second_end"), "state = 'withdrawn', ended_by = ?, ended_at = 9", eve)
		attack(forward, "state = 'withdrawn', end_proposed_by = ?, ended_by = ?, ended_at = 9", adam, eve)
		require.NoError(t, do("state = 'withdrawn', ended_by = ?, ended_at = 9", adam))
		attack(forward, "end_reason = 'y'")
		attack(forward, "state = 'active', ended_by = NULL, ended_at = NULL")
	})
}
