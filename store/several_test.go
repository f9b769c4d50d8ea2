package store

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// renewed makes version 2 of a capability in force, with nothing changed unless
// change says so, and has it in review. Anna owns it.
func (h *house) renewed(capability string, change func(*models.Task)) string {
	h.t.Helper()
	version := h.must("anna", capability, models.CapabilityFacts.NewDraft).Subject
	if change != nil {
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			body := f.Open.Contents().Task
			change(&body)
			return f.SavePart(models.TaskPart, body, f.Open.Parts[models.TaskPart].Rev)
		})
	}
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(capability, version)
	return version
}

// unchanged is a version in review in which nothing changed since the one in force.
func (h *house) unchanged(ops ...string) string {
	h.t.Helper()
	capability, _ := h.live(ops...)
	return h.renewed(capability, nil)
}

// restarting is a version in force that was stopped and waits for a new round.
func (h *house) restarting(ops ...string) string {
	h.t.Helper()
	capability, version := h.live(ops...)
	h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "Strange answers")
	})
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("It was a wrong setting.") })
	return version
}

func (h *house) shownAll(versions ...string) []models.Shown {
	h.t.Helper()
	var out []models.Shown
	for _, v := range versions {
		out = append(out, h.shown(v))
	}
	return out
}

func (h *house) together(by string, act models.Act, shown ...models.Shown) ([]models.Receipt, error) {
	act.Person = h.people[by]
	return h.SignTogether(context.Background(), act, shown, models.Signing{Comment: "Nothing in them changed; I looked at each."})
}

// Versions of low risk in which nothing changed are signed off together, each
// with an entry of its own that says with how many.
func TestSeveralAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		same, again := h.unchanged("read"), h.restarting("read")
		h.reviewed("read")   // never approved
		h.unchanged("write") // of a higher tier
		list, err := h.Several(t.Context(), h.viewer("zoe"))
		require.NoError(t, err)
		var ids []string
		for _, x := range list {
			ids = append(ids, x.File.Version.ID)
		}
		require.ElementsMatch(t, []string{same, again}, ids)
		n, err := h.SeveralCount(t.Context(), h.viewer("zoe"))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		for _, name := range []string{"anna", "udo", "adam"} {
			n, err := h.SeveralCount(t.Context(), h.viewer(name))
			require.NoError(t, err)
			require.Zero(t, n, name)
		}
		act := h.act("zoe")
		shown := h.shownAll(same, again)
		receipts, err := h.together("zoe", act, shown...)
		require.NoError(t, err)
		require.Len(t, receipts, 2)
		for i, r := range receipts {
			require.Equal(t, "version.signed_off", r.Act)
			require.Equal(t, string(models.Live), r.Outcome)
			e, err := h.Receipt(t.Context(), h.viewer("zoe"), r.Seq)
			require.NoError(t, err)
			require.Equal(t, 2, e.Number("together"))
			require.Equal(t, shown[i].Digest, e.Text("digest"))
			require.NotEmpty(t, e.Text("reason"))
		}
		twice, err := h.together("zoe", act, shown[1], shown[0])
		require.NoError(t, err)
		require.True(t, twice[0].Again && twice[1].Again)
		require.Equal(t, []int64{receipts[1].Seq, receipts[0].Seq}, []int64{twice[0].Seq, twice[1].Seq})
		require.Len(t, rows[models.SignOff](t, h, "id", "signer_id = ?", h.people["zoe"]), 2)
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// What may not be among them, and what changed meanwhile, makes nothing of the
// whole: nobody signs more than they were shown, or less.
func TestSeveralAtOnceIsAllOrNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good := h.shownAll(h.unchanged("read"), h.unchanged("read"))
		count := h.entries
		refused := func(rule, by string, shown ...models.Shown) {
			t.Helper()
			before := count()
			_, err := h.together(by, h.act(by), shown...)
			require.Equal(t, rule, models.RuleOf(err), "%v", err)
			require.Equal(t, before, count(), "nothing is recorded")
			require.Empty(t, rows[models.SignOff](t, h, "id", "version_id = ?", good[0].VersionID))
		}
		among := func(smuggled string) []models.Shown { return append(slices.Clone(good), h.shown(smuggled)) }
		_, fresh := h.reviewed("read")
		refused("several.first", "xena", among(fresh)...)
		refused("several.tier", "xena", among(h.unchanged("write"))...)
		refused("several.tier", "xena", among(h.unchanged("pay"))...)
		refused("several.tier", "xena", among(h.restarting("pay"))...)
		capability, _ := h.live("read")
		changed := h.renewed(capability, func(t *models.Task) { t.VolumeLimit = 51 })
		refused("several.changed", "xena", among(changed)...)
		remade, _ := h.live("read")
		h.remade("anna", rows[models.Capability](t, h, "id", "id = ?", remade)[0].AgentID, newModel)
		refused("several.changed", "xena", among(h.renewed(remade, nil))...)

		stale := slices.Clone(good)
		stale[1].Digest = good[0].Digest
		refused("version.changed", "xena", stale...)
		stale[1] = good[1]
		stale[1].Round = 2
		refused("version.changed", "xena", stale...)
		refused("input", "xena")
		refused("input", "xena", good[0], good[0])
		eleven := make([]models.Shown, 11)
		for i := range eleven {
			eleven[i] = models.Shown{VersionID: "ver_" + string(rune('a'+i))}
		}
		refused("input", "xena", eleven...)
		refused("not_found", "xena", good[0], models.Shown{VersionID: "ver_nothing"})
		refused("separation.approver", "anna", good...)
		refused("not_found", "olga", good...)
		_, err := h.SignTogether(t.Context(), h.act("xena"), good, models.Signing{Comment: " \n "})
		require.Equal(t, "reason", models.FieldsOf(err)[0].Field)

		// A maker of one of them who is an approver as well.
		h.admin("adam", AdminLookup{People: []string{h.people["pete"]}}, func(f models.AdminFacts) (models.Change, error) {
			return f.Grant(h.people["pete"], models.Approver)
		})
		refused("separation.approver", "pete", good...)

		// One of them is decided by somebody else meanwhile: the answer says which.
		shown := among(h.unchanged("read"))
		v := rows[models.Version](t, h, "id", "id = ?", shown[2].VersionID)[0]
		_, err = h.sign("yuri", v.CapabilityID, v.ID)
		require.NoError(t, err)
		before := count()
		_, err = h.together("xena", h.act("xena"), shown...)
		var which *RefusedTogether
		require.ErrorAs(t, err, &which)
		require.Equal(t, v.ID, which.VersionID)
		require.Equal(t, before, count())
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// BenchmarkSeveralCount is what the home page asks beside its list, with 5,000
// open sign-offs in the pool of which none was ever approved before.
func BenchmarkSeveralCount(b *testing.B) {
	h := newHouse(b, apptest.SQLiteURL(b))
	h.crowd(5_000)
	viewer := h.viewer("zoe")
	for b.Loop() {
		_, err := h.SeveralCount(b.Context(), viewer)
		require.NoError(b, err)
	}
}
