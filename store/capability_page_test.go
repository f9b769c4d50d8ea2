package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// next drafts, submits and accepts another version of a capability in force.
func (h *house) next(capability string, ops ...string) (version string) {
	h.t.Helper()
	version = h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.NewDraft() }).Subject
	scope := models.Scope{LifetimeMinutes: 5}
	var ids []string
	for _, op := range ops {
		scope.Grants = append(scope.Grants, models.ScopeGrant{OperationID: h.ops[op]})
		ids = append(ids, h.ops[op])
	}
	h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.ScopePart, scope, f.Open.Parts[models.ScopePart].Rev)
	}, ids...)
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, compiled) })
	h.accept(capability, version)
	return version
}

func TestVersionPageComparesWithWhatWasInForce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, first := h.live("read") // xena signed
		p, err := h.VersionPage(t.Context(), h.party("anna"), first)
		require.NoError(t, err)
		require.Nil(t, p.Before)
		require.Equal(t, first, p.Asked.Version.ID)
		require.NotNil(t, p.Registered)
		require.Len(t, p.Teams, 1)

		second := h.next(capability, "read", "write")
		shown := h.shown(second)
		h.must("yuri", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Only read, please"})
		})
		third := h.row(capability).OpenVersionID
		_, err = h.VersionPage(t.Context(), h.party("yuri"), third)
		require.Equal(t, models.NotFound, models.CodeOf(err), "a draft is not in the approvers' pool")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(third, compiled) })
		h.accept(capability, third)
		again, err := h.VersionPage(t.Context(), h.party("yuri"), third)
		require.NoError(t, err)
		require.Equal(t, first, again.Before.Version.ID, "what was in force")
		require.Equal(t, second, again.Mine.Version.ID, "what yuri decided on")
		require.NotNil(t, again.Mine.Revision)

		seen, err := h.VersionPage(t.Context(), h.party("xena"), third)
		require.NoError(t, err)
		require.Equal(t, seen.Before.Version.ID, seen.Mine.Version.ID, "what was in force, and what she signed")

		lines, more, err := h.VersionLines(t.Context(), h.party("udo"), capability, 0)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, lines, 3)
		require.Equal(t, []models.State{models.InReview, models.ChangesRequested, models.Live}, []models.State{lines[0].State, lines[1].State, lines[2].State})
		require.Equal(t, "yuri", lines[1].Ender.Name)
		require.Equal(t, "anna", lines[1].Submitter.Name)
		require.True(t, lines[2].HadMandate)
		rest, _, err := h.VersionLines(t.Context(), h.party("udo"), capability, 2)
		require.NoError(t, err)
		require.Len(t, rest, 1)

		mandates, err := h.Mandates(t.Context(), h.party("udo"), capability)
		require.NoError(t, err)
		require.Len(t, mandates, 1)
		require.Equal(t, "carl", mandates[0].ControlOwner.Name)
		require.Equal(t, []Who{{ID: h.people["xena"], Name: "xena", Team: "Risk"}}, mandates[0].Approvers)
	})
}

// Whoever may not see a capability gets the same answer for each of its pages.
func TestPagesOfACapabilityKeepToThoseWhoMaySee(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		capability, version := h.live("read")
		digest := h.shown(version).Digest
		for _, name := range []string{"olga", "yuri", "adam"} { // the others are of a team of one of the four
			p := h.party(name)
			_, err := h.CapabilityPage(ctx, p, capability)
			require.Equal(t, models.NotFound, models.CodeOf(err), name)
			_, err = h.VersionPage(ctx, p, version)
			require.Equal(t, models.NotFound, models.CodeOf(err), name)
			_, _, err = h.VersionLines(ctx, p, capability, 0)
			require.Equal(t, models.NotFound, models.CodeOf(err), name)
			_, err = h.Mandates(ctx, p, capability)
			require.Equal(t, models.NotFound, models.CodeOf(err), name)
			v, err := h.VersionOfDigest(ctx, p, capability, digest)
			require.NoError(t, err)
			require.Nil(t, v)
		}
		_, _, err := h.KnownVersion(ctx, h.party("olga"), version, digest)
		require.Equal(t, models.NotFound, models.CodeOf(err), "no approver")
		_, _, err = h.KnownVersion(ctx, h.party("yuri"), version, "")
		require.Equal(t, models.NotFound, models.CodeOf(err), "an approver who does not know the digest")
		line, title, err := h.KnownVersion(ctx, h.party("yuri"), version, digest)
		require.NoError(t, err)
		require.Equal(t, "Answer leave questions", title)
		require.Empty(t, line.Document)
	})
}
