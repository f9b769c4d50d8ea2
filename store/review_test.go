package store

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// reviewsTick lets the clock do what is due about reviews.
func (h *house) reviewsTick() {
	h.t.Helper()
	for {
		var due []models.Moment
		require.NoError(h.t, h.read.Raw("SELECT kind, id, at FROM clock WHERE at <= ? AND kind IN ('review', 'review_hold', 'changed') ORDER BY at, kind, id LIMIT 100", *h.clock).Scan(&due).Error)
		if len(due) == 0 {
			return
		}
		for kind, moments := range byKind(due) {
			require.NoError(h.t, clockwork[kind](h.Store, context.Background(), moments))
		}
	}
}

// reviews are a capability's, oldest first.
func (h *house) reviews(capability string) []models.Review {
	h.t.Helper()
	return rows[models.Review](h.t, h, "opened_at, id", "capability_id = ?", capability)
}

// underReview is a version in force whose periodic review has just been opened.
func (h *house) underReview(ops ...string) (capability, version, review string) {
	h.t.Helper()
	capability, version = h.live(ops...)
	m := h.mandateOf(h.t.(*testing.T), capability)
	h.pass(m.ReviewDueAt - models.Lead(m.ReviewDueAt-m.FromAt) - *h.clock)
	h.reviewsTick()
	all := h.reviews(capability)
	require.Len(h.t, all, 1)
	return capability, version, all[0].ID
}

func (h *house) reviewRow(id string) models.Review {
	h.t.Helper()
	return rows[models.Review](h.t, h, "id", "id = ?", id)[0]
}

// right is the answer of somebody who would change nothing.
func (h *house) right(r models.Role, review string) models.ReviewSaid {
	said := models.ReviewSaid{Role: r, Answer: models.AnswerRight, About: h.reviewRow(review).AboutDigest()}
	if r == models.ControlOwner {
		said.Never = true
	}
	return said
}

func (h *house) tryAnswer(by, review string, said models.ReviewSaid) error {
	_, err := h.DecideReview(context.Background(), h.act(by), review, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.AnswerReview(review, said)
	})
	return err
}

func (h *house) answers(by string, r models.Role, review string) {
	h.t.Helper()
	require.NoError(h.t, h.tryAnswer(by, review, h.right(r, review)), by)
}

// answered has the three say that it is right as it is.
func (h *house) answered(review string) {
	h.t.Helper()
	h.answers("anna", models.BusinessOwner, review)
	h.answers("pete", models.Provisioner, review)
	h.answers("carl", models.ControlOwner, review)
}

func (h *house) tryClose(by, review, outcome, finding string) (models.Receipt, error) {
	return h.tryCloseAs(h.act(by), review, outcome, finding)
}

func (h *house) tryCloseAs(act models.Act, review, outcome, finding string) (models.Receipt, error) {
	r := h.reviewRow(review)
	how := models.Closing{Shown: h.shown(r.VersionID), Outcome: outcome, How: models.Signing{Comment: finding}}
	return h.DecideReview(context.Background(), act, review, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return h.keys.CloseReview(f, review, how)
	})
}

func (h *house) closes(by, review, outcome string) models.Receipt {
	h.t.Helper()
	r, err := h.tryClose(by, review, outcome, "As I found it.")
	require.NoError(h.t, err)
	return r
}

func TestReview(t *testing.T) {
	cases{
		"is opened in time, and asks the three": func(t *testing.T, h *house) {
			capability, version := h.live("infra")
			m := h.mandateOf(t, capability)
			opens := m.ReviewDueAt - 30*models.Day
			h.pass(opens - 2*models.Second - *h.clock)
			h.reviewsTick()
			require.Empty(t, h.reviews(capability), "not yet")
			h.pass(2 * models.Second)
			h.reviewsTick()
			h.reviewsTick()
			all := h.reviews(capability)
			require.Len(t, all, 1)
			r := all[0]
			require.Equal(t, m.ReviewDueAt, r.DueAt)
			require.Equal(t, m.ReviewDueAt+7*models.Day, r.HoldAt, "at high a missed review holds after seven days")
			require.Equal(t, version, r.VersionID)
			require.Equal(t, m.ID, r.MandateID)
			for _, name := range []string{"anna", "pete", "carl"} {
				require.Equal(t, []string{"review " + r.ID}, h.inbox(name), name)
			}
			for _, name := range []string{"xena", "yuri", "zoe", "udo"} {
				require.Empty(t, h.inbox(name), name)
			}
			for _, d := range rows[models.Duty](t, h, "id", "kind = 'review'") {
				require.Equal(t, r.DueAt, d.DueAt)
				require.Equal(t, version, d.Subject)
			}
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"whoever holds two roles is asked once, and answers both": func(t *testing.T, h *house) {
			h.grant("anna", models.ControlOwner)
			capability, _ := h.live("read")
			h.handsOver(t, "carl", "anna", capability, models.ControlOwner)
			h.reviewsTick()
			small := h.reviews(capability)[0]
			h.answers("pete", models.Provisioner, small.ID)
			h.answers("anna", models.BusinessOwner, small.ID)
			require.Equal(t, []string{"review " + small.ID}, h.inbox("anna"), "one answer is still owed")
			h.answers("anna", models.ControlOwner, small.ID)
			require.Empty(t, h.inbox("anna"))
			h.closes("xena", small.ID, models.ReviewKeep)
		},
		"kept: a new mandate by the same sign-offs, counted from now on": func(t *testing.T, h *house) {
			capability, version, review := h.underReview("infra")
			was := h.mandateOf(t, capability)
			h.answered(review)
			for _, name := range []string{"xena", "yuri", "zoe"} {
				require.Equal(t, []string{"close_review " + review}, h.inbox(name), "whoever signed it may close its review")
			}
			require.Empty(t, h.inbox("anna"))
			h.pass(models.Day)
			h.closes("xena", review, models.ReviewKeep)
			is := h.mandateOf(t, capability)
			r := h.reviewRow(review)
			require.NotEqual(t, was.ID, is.ID)
			require.Equal(t, *r.ClosedAt, is.FromAt)
			require.Equal(t, is.FromAt+90*models.Day, is.ReviewDueAt)
			require.Equal(t, is.ReviewDueAt+7*models.Day, is.UntilAt)
			require.Equal(t, was.Round, is.Round)
			require.Equal(t, models.MethodPasskey, r.Method)
			ended := rows[models.Mandate](t, h, "id", "id = ?", was.ID)[0]
			require.Equal(t, "renewed", ended.EndReason)
			require.Equal(t, is.FromAt, *ended.EndedAt)
			require.Equal(t, models.Live, h.version(version).State)
			require.True(t, h.mayAct(capability))
			require.Empty(t, h.inbox("xena"))
			require.Equal(t, is.ReviewDueAt, *h.row(capability).ReviewDueAt)
			h.pass(is.ReviewDueAt - 30*models.Day - *h.clock)
			h.reviewsTick()
			require.Len(t, h.reviews(capability), 2, "and the next one comes")
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"at moderate it is kept without a passkey": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answered(review)
			h.closes("zoe", review, models.ReviewKeep)
			require.Equal(t, models.MethodSession, h.reviewRow(review).Method)
			require.True(t, h.mayAct(capability))
		},
		"narrowed: the provisioner is asked for less, and it goes on no longer": func(t *testing.T, h *house) {
			capability, version, review := h.underReview("infra", "read")
			was := h.mandateOf(t, capability)
			h.answers("anna", models.BusinessOwner, review)
			h.answers("carl", models.ControlOwner, review)
			said := h.right(models.Provisioner, review)
			said.Answer, said.Note, said.Unneeded = models.AnswerChange, "It never changes servers.", []string{h.ops["infra"]}
			require.NoError(t, h.tryAnswer("pete", review, said))
			h.closes("zoe", review, models.ReviewNarrow)
			require.Equal(t, was, h.mandateOf(t, capability))
			require.True(t, h.mayAct(capability))
			draft := h.latest(capability)
			require.NotEqual(t, version, draft)
			require.Equal(t, models.Draft, h.version(draft).State)
			require.Contains(t, h.inbox("pete"), "narrow "+review)
			for _, c := range rows[models.Contribution](t, h, "person_id", "version_id = ?", draft) {
				require.NotEqual(t, h.people["zoe"], c.PersonID, "an approver is no author of it")
			}
			d := rows[models.Duty](t, h, "id", "kind = 'narrow'")[0]
			require.LessOrEqual(t, d.DueAt, was.UntilAt)
			h.pass(was.UntilAt - *h.clock)
			h.reviewsTick()
			require.False(t, h.mayAct(capability), "nobody narrowed it")
			require.Len(t, h.reviews(capability), 1, "and it is not reviewed once more")
		},
		"revoked: at once, and without waiting for anybody": func(t *testing.T, h *house) {
			capability, version, review := h.underReview("infra")
			h.answers("anna", models.BusinessOwner, review)
			h.closes("xena", review, models.ReviewRevoke)
			require.Equal(t, models.Revoked, h.version(version).State)
			require.False(t, h.mayAct(capability))
			require.Equal(t, models.ReviewClosed, h.reviewRow(review).State)
			for _, name := range []string{"anna", "pete", "carl", "xena", "zoe"} {
				require.Empty(t, h.inbox(name), name)
			}
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"missed: held exactly then, and doing it lifts the hold": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("infra")
			r := h.reviewRow(review)
			h.pass(r.HoldAt - models.Second - *h.clock)
			h.reviewsTick()
			require.Empty(t, h.holds(capability))
			h.pass(r.HoldAt - *h.clock)
			h.reviewsTick()
			h.reviewsTick()
			held := h.holds(capability)
			require.Len(t, held, 1)
			require.Equal(t, models.HoldMissedReview, held[0].Kind)
			require.Equal(t, models.SystemActor, held[0].PlacedBy)
			require.InDelta(t, float64(r.HoldAt), float64(held[0].PlacedAt), float64(models.Second))
			require.False(t, h.mayAct(capability))
			h.pass(models.Day)
			h.answered(review)
			require.Len(t, h.holds(capability), 1)
			h.closes("xena", review, models.ReviewKeep)
			require.Empty(t, h.holds(capability))
			require.True(t, h.mayAct(capability))
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"missed at critical: held at once": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("pay")
			r := h.reviewRow(review)
			require.Equal(t, r.DueAt, r.HoldAt)
			require.Equal(t, r.DueAt-10*models.Day, h.mandateOf(t, capability).ReviewDueAt-10*models.Day)
			h.pass(r.DueAt - *h.clock)
			h.reviewsTick()
			require.Len(t, h.holds(capability), 1)
		},
		"a stop beside it stands": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("infra")
			h.pass(h.reviewRow(review).HoldAt - *h.clock)
			h.reviewsTick()
			h.must("carl", capability, stop(models.OnCapability))
			h.answered(review)
			h.closes("yuri", review, models.ReviewKeep)
			require.Len(t, h.holds(capability), 1)
			require.Equal(t, models.HoldStop, h.holds(capability)[0].Kind)
			require.False(t, h.mayAct(capability))
		},
		"while sign-offs are missing it is not kept, and may be revoked": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("infra")
			h.must("carl", capability, stop(models.OnCapability))
			h.pass(models.Minute)
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Mended") })
			h.answered(review)
			h.refuses(t, models.Conflict, "review.round", "sign-offs of it are missing", func() error {
				_, err := h.tryClose("zoe", review, models.ReviewKeep, "")
				return err
			})
			version := h.mandateOf(t, capability).VersionID
			h.signs(t, "xena", capability, version)
			h.signs(t, "yuri", capability, version)
			require.Empty(t, h.holds(capability))
			require.Equal(t, models.ReviewOpen, h.reviewRow(review).State, "a round of sign-offs is no review")
			require.Contains(t, h.inbox("zoe"), "close_review "+review)
			h.closes("zoe", review, models.ReviewKeep)
		},
		"whoever makes the version never closes its review": func(t *testing.T, h *house) {
			_, _, review := h.underReview("infra")
			h.answered(review)
			h.grant("pete", models.Approver)
			h.refuses(t, models.Forbidden, "separation.approver", "never checks their own work", func() error {
				_, err := h.tryClose("pete", review, models.ReviewRevoke, "Mine")
				return err
			})
			require.NotContains(t, h.inbox("pete"), "close_review "+review)
			h.refuses(t, models.Forbidden, "role.approver", "Only an approver", func() error {
				_, err := h.tryClose("udo", review, models.ReviewRevoke, "Enough")
				return err
			})
		},
		"three have to answer before it goes on": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			h.answers("pete", models.Provisioner, review)
			for _, outcome := range []string{models.ReviewKeep, models.ReviewNarrow} {
				h.refuses(t, models.Conflict, "review.answers", "control owner has not answered", func() error {
					_, err := h.tryClose("xena", review, outcome, "Fine")
					return err
				})
			}
		},
		"each answers for their own role, once": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			h.refuses(t, models.Forbidden, "review.role", "Only the provisioner", func() error { return h.tryAnswer("anna", review, h.right(models.Provisioner, review)) })
			h.answers("anna", models.BusinessOwner, review)
			h.refuses(t, models.Conflict, "review.answered", "anna has answered", func() error {
				return h.tryAnswer("anna", review, h.right(models.BusinessOwner, review))
			})
			h.refuses(t, models.NotFound, "not_found", "no such review", func() error { return h.tryAnswer("olga", review, h.right(models.BusinessOwner, review)) })
		},
		"what is typed wrong is said beside its field": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			about := h.reviewRow(review).AboutDigest()
			for field, said := range map[string]models.ReviewSaid{
				"answer":   {Role: models.BusinessOwner},
				"note":     {Role: models.BusinessOwner, Answer: models.AnswerChange},
				"unneeded": {Role: models.Provisioner, Answer: models.AnswerChange, Note: "Less", Unneeded: []string{"opr_else"}},
				"stopped":  {Role: models.ControlOwner, Answer: models.AnswerRight},
			} {
				said.About = about
				by := map[models.Role]string{models.BusinessOwner: "anna", models.Provisioner: "pete", models.ControlOwner: "carl"}[said.Role]
				err := h.tryAnswer(by, review, said)
				require.Equal(t, models.Invalid, models.CodeOf(err), field)
				require.Equal(t, field, models.FieldsOf(err)[0].Field)
			}
			for _, day := range []string{"2090-01-01", "soon", "0002-11-01"} {
				err := h.tryAnswer("carl", review, models.ReviewSaid{Role: models.ControlOwner, Answer: models.AnswerRight, Stopped: day, About: about})
				require.Equal(t, "stopped", models.FieldsOf(err)[0].Field, day)
			}
			require.Empty(t, rows[models.ReviewAnswer](t, h, "role", "review_id = ?", review))
			h.answered(review)
			for field, outcome := range map[string]string{"decision": "", "reason": models.ReviewNarrow} {
				_, err := h.tryClose("xena", review, outcome, "")
				require.Equal(t, field, models.FieldsOf(err)[0].Field)
			}
		},
		"at high it is kept with a passkey on just that": func(t *testing.T, h *house) {
			_, _, review := h.underReview("infra")
			h.answered(review)
			how := models.Closing{Shown: h.shown(h.reviewRow(review).VersionID), Outcome: models.ReviewKeep}
			h.refuses(t, models.Invalid, "passkey.missing", "takes your passkey", func() error {
				_, err := h.DecideReview(context.Background(), h.act("xena"), review, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) { return f.CloseReview(review, how) })
				return err
			})
			require.Equal(t, models.ReviewOpen, h.reviewRow(review).State)
		},
		"moot when a new version takes its place": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			h.pass(h.reviewRow(review).HoldAt - *h.clock)
			h.reviewsTick()
			require.Len(t, h.holds(capability), 1)
			version := h.next(capability, "read")
			h.signs(t, "xena", capability, version)
			require.Equal(t, models.Live, h.version(version).State)
			require.Equal(t, models.ReviewMoot, h.reviewRow(review).State)
			require.Empty(t, h.inbox("pete"))
			require.Empty(t, h.holds(capability), "what held the version before for want of a review")
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"two who close at once: one does": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answered(review)
			var done [2]error
			var both sync.WaitGroup
			for i, by := range []string{"xena", "yuri"} {
				both.Go(func() { _, done[i] = h.tryClose(by, review, models.ReviewKeep, "") })
			}
			both.Wait()
			won := 0
			for _, err := range done {
				if err == nil {
					won++
					continue
				}
				// Whoever did not sign it sees it only while it waits for them.
				require.Contains(t, []string{"review.over", "not_found"}, models.RuleOf(err))
			}
			require.Equal(t, 1, won)
			require.Len(t, rows[models.Mandate](t, h, "id", "capability_id = ?", capability), 2)
		},
		"the same form twice closes once": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answered(review)
			act := h.act("xena")
			first, err := h.tryCloseAs(act, review, models.ReviewKeep, "")
			require.NoError(t, err)
			again, err := h.tryCloseAs(act, review, models.ReviewKeep, "")
			require.NoError(t, err)
			require.True(t, again.Again)
			require.Equal(t, first.Seq, again.Seq)
			require.Len(t, rows[models.Mandate](t, h, "id", "capability_id = ?", capability), 2)
		},
		"only the clock opens and holds": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.refusesOn(t, "anna", capability, models.Forbidden, "review.clock", "Only the clock", func(f models.CapabilityFacts) (models.Change, error) { return f.MissReview(review) })
			h.refusesOn(t, "anna", capability, models.Forbidden, "review.clock", "Only the clock", func(f models.CapabilityFacts) (models.Change, error) {
				return f.SeeToChanges(models.Manifest{})
			})
			_, err := models.ReviewsFacts{Env: models.Env{Act: h.act("anna")}}.OpenReviews()
			require.Equal(t, "review.clock", models.RuleOf(err))
		},
	}.onBoth(t)
}

// handsOver has the holder of a role offer it, and the other accept it.
func (h *house) handsOver(t *testing.T, from, to, capability string, r models.Role) {
	t.Helper()
	version := h.mandateOf(t, capability).VersionID
	require.NoError(t, h.nominate(from, capability, version, r, to))
	h.must(to, capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Accept(version, r, f.Force.Version.Digest)
	})
}
