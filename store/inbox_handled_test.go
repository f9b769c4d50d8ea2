package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// handled is what others have handled of what waited for somebody, newest first, as
// "act by".
func (h *house) handled(name string) []string {
	h.t.Helper()
	all, err := h.HandledByOthers(h.t.Context(), h.party(name))
	require.NoError(h.t, err)
	out := []string{}
	for _, x := range all {
		text := x.Entry.Act + " by " + x.Entry.Actor.Name
		if x.Open {
			text += ", open"
		}
		out = append(out, text)
	}
	return out
}

// What another decided leaves the list of whoever could have decided it, and says so
// to them: not to its makers, nor to who decided, nor to who came later.
func TestHandledByOthers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.grant("anna", models.Approver) // who makes everything here
		capability, version := h.reviewed("pay")
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, []string{"version.signed_off by xena, open"}, h.handled("zoe"), "her team has spoken, another is still asked")
		require.Contains(t, h.inbox("yuri"), "sign")
		for _, name := range []string{"xena", "yuri", "anna", "udo", "pete"} {
			require.Empty(t, h.handled(name), name)
		}
		_, err = h.sign("yuri", capability, version)
		require.NoError(t, err)
		require.Equal(t, []string{"version.signed_off by xena"}, h.handled("zoe"))
		for _, name := range []string{"xena", "yuri", "anna"} {
			require.Empty(t, h.handled(name), "%s: their own work, either way", name)
		}

		h.pass(models.Minute)
		capability, version = h.reviewed("write")
		h.must("yuri", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(h.shown(version), models.Signing{Comment: "Not like this"})
		})
		h.approver("wanda", "Security")
		require.Equal(t, []string{"version.sent_back by yuri", "version.signed_off by xena"}, h.handled("zoe"), "newest first")
		require.Equal(t, []string{"version.sent_back by yuri"}, h.handled("xena"))
		require.Empty(t, h.handled("yuri"), "what they did themselves")
		require.Empty(t, h.handled("anna"), "never their own work")
		require.Empty(t, h.handled("wanda"), "it was before their time")

		h.pass(HandledFor)
		require.Empty(t, h.handled("zoe"), "a week later nobody needs it")
	})
}

// Each kind and tier is counted once, and asked for gives as many.
func TestInboxIsFiltered(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.admin("adam", AdminLookup{People: []string{h.people["xena"]}}, func(f models.AdminFacts) (models.Change, error) {
			return f.Grant(h.people["xena"], models.BusinessOwner)
		})
		for _, op := range []string{"read", "pay", "write", "infra", "pay"} {
			h.reviewed(op)
		}
		h.agent("xena")
		_, err := h.DecideAgent(t.Context(), h.act("xena"), "", Lookup{}, func(f models.AgentFacts) (models.Change, error) {
			return f.NewAgent(models.Manifest{Name: "Begun", Purpose: "Nothing yet"})
		})
		require.NoError(t, err)
		xena := h.party("xena")
		all, err := h.Inbox(t.Context(), xena, InboxAsk{})
		require.NoError(t, err)
		require.Len(t, all.Duties, 6)
		n := 0
		for _, c := range all.Counts {
			n += c.N
			in, err := h.Inbox(t.Context(), xena, InboxAsk{Kind: c.Kind, Tier: &c.TierRank})
			require.NoError(t, err)
			require.Len(t, in.Duties, c.N)
			require.Equal(t, all.Counts, in.Counts, "the counts are of all that waits")
			for _, d := range in.Duties {
				require.Equal(t, c, InboxCount{d.Kind, d.TierRank, c.N})
			}
		}
		require.Equal(t, 6, n)
		in, err := h.Inbox(t.Context(), xena, InboxAsk{Kind: models.DutySign})
		require.NoError(t, err)
		require.Len(t, in.Duties, 5)
		rest, err := h.Inbox(t.Context(), xena, InboxAsk{Kind: models.DutySign, After: &InboxCursor{in.Duties[2].TierRank, in.Duties[2].DueAt, in.Duties[2].ID}})
		require.NoError(t, err)
		require.Len(t, rest.Duties, 2, "a page of what is asked for goes on with it")
		in, err = h.Inbox(t.Context(), xena, InboxAsk{Kind: "nonsense"})
		require.NoError(t, err)
		require.Empty(t, in.Duties)
	})
}

// Who had a hand in most of what was handled themselves is still told the ten newest that others
// did, however many of their own lie between.
func TestHandledByOthersAmongManyOfOnesOwn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var waiting [][2]string
		for range 36 {
			capability, version := h.reviewed("pay")
			waiting = append(waiting, [2]string{capability, version})
		}
		var others []string
		for i, x := range waiting {
			h.pass(models.Minute)
			who := "yuri"
			switch i % 3 {
			case 0:
				others = append([]string{x[1]}, others...)
			case 1:
				who = "zoe"
			case 2: // theirs as well
				_, err := h.sign("zoe", x[0], x[1])
				require.NoError(t, err)
			}
			h.must(who, x[0], func(f models.CapabilityFacts) (models.Change, error) {
				return f.AskForChanges(h.shown(x[1]), models.Signing{Comment: "Not like this"})
			})
		}
		all, err := h.HandledByOthers(t.Context(), h.party("zoe"))
		require.NoError(t, err)
		var told []string
		for _, x := range all {
			told = append(told, x.VersionID)
		}
		require.Len(t, others, 12)
		require.Equal(t, others[:handledMost], told)
	})
}
