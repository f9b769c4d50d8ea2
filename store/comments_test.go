package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// say comments as a person; answers may be "".
func (h *house) say(by, version, part, text, answers string) (models.Receipt, error) {
	return h.DecideComment(context.Background(), h.act(by), version, answers, func(f models.CommentFacts) (models.Change, error) { return f.Comment(part, text) })
}

func (h *house) rows(table string) (n int) {
	h.t.Helper()
	require.NoError(h.t, h.read.Raw("SELECT COUNT(*) FROM "+table).Scan(&n).Error)
	return n
}

// latest is the newest version of a capability.
func (h *house) latest(capability string) string {
	h.t.Helper()
	v, err := newest(h.read, capability)
	require.NoError(h.t, err)
	return v.ID
}

func TestWhoMayComment(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("read")
		_, err := h.say("anna", version, "scope", "Too early", "")
		require.Equal(t, models.Conflict, models.CodeOf(err), "a draft still changes")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		for _, who := range []string{"anna", "pete", "carl"} {
			_, err := h.say(who, version, "scope", "As its maker", "")
			require.NoError(t, err, who)
		}
		h.accept(capability, version)
		standings := h.rows("standings")
		asked, err := h.say("xena", version, "scope", "Why every ticket?", "")
		require.NoError(t, err)
		_, err = h.say("pete", version, "", "Because HR asked.", asked.Subject)
		require.NoError(t, err)
		require.Equal(t, standings, h.rows("standings"), "a comment gives nobody a side")

		for who, code := range map[string]models.Code{"udo": models.Forbidden, "adam": models.NotFound, "eve": models.Forbidden, "olga": models.NotFound} {
			_, err := h.say(who, version, "scope", "Me too", "")
			require.Equal(t, code, models.CodeOf(err), who)
		}
		// Who commented may still sign, and who signed may still comment.
		_, err = h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, models.Live, h.version(version).State)
		_, err = h.say("xena", version, "whole", "After the fact", "")
		require.Equal(t, models.Conflict, models.CodeOf(err), "in force, and no restart is asked for")
	})
}

func TestCommentsOnWhatIsOver(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("read")
		asked, err := h.say("xena", version, "task", "Which outcomes?", "")
		require.NoError(t, err)
		shown := h.shown(version)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Name the outcomes"})
		})
		_, err = h.say("pete", version, "", "Anna writes them", asked.Subject)
		require.NoError(t, err, "a maker of what was sent back")
		_, err = h.say("xena", version, "task", "Thank you", "")
		require.Error(t, err, "an approver has said theirs")

		// What was said of it is shown beside the version that follows.
		page, err := h.Comments(context.Background(), h.party("anna"), h.latest(capability), "")
		require.NoError(t, err)
		require.Empty(t, page.Lines)
		require.Len(t, page.Earlier, 2)
		require.Equal(t, 1, page.Before)

		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Withdraw(f.Open.Version.ID, "Not needed")
		})
		_, err = h.say("anna", page.Earlier[0].VersionID, "task", "Still here", "")
		require.NoError(t, err)
		for _, bad := range []struct{ part, text, answers string }{{"cedar", "x", ""}, {"", "x", ""}, {"scope", " \n ", ""}, {"scope", strings.Repeat("ö", 4001), ""}, {"scope", "a\u202eb", ""}, {"scope", "x", page.Earlier[1].ID}} {
			_, err := h.say("anna", version, bad.part, bad.text, bad.answers)
			require.Equal(t, models.Invalid, models.CodeOf(err), "%+v", bad)
		}
		_, err = h.say("anna", version, "scope", "x", "cmt_none")
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}

func TestCommentsAreHeardOfAndKept(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("read")
		first, err := h.say("xena", version, "scope", "Why?", "")
		require.NoError(t, err)
		second, err := h.say("yuri", version, "scope", "I wonder too", first.Subject)
		require.NoError(t, err)
		heard := func(id string) []string {
			var out []string
			require.NoError(t, h.read.Raw("SELECT recipient FROM outbox WHERE subject = ? ORDER BY recipient", id).Scan(&out).Error)
			return out
		}
		require.ElementsMatch(t, []string{h.people["anna"], h.people["pete"], h.people["carl"]}, heard(first.Subject), "never oneself")
		require.ElementsMatch(t, []string{h.people["anna"], h.people["pete"], h.people["carl"], h.people["xena"]}, heard(second.Subject))

		// The same form twice is one comment.
		act := h.act("anna")
		once := func() models.Receipt {
			r, err := h.DecideComment(context.Background(), act, version, "", func(f models.CommentFacts) (models.Change, error) { return f.Comment("whole", "Once") })
			require.NoError(t, err)
			return r
		}
		one := once()
		again := once()
		require.True(t, again.Again)
		require.Equal(t, one.Subject, again.Subject)
		require.Equal(t, 3, h.rows("comments"))

		for _, sql := range []string{"UPDATE comments SET text = 'other'", "DELETE FROM comments",
			"INSERT INTO comments (id, version_id, capability_id, part, person_id, text, answers, created_at, rev) SELECT 'cmt_x', version_id, capability_id, part, person_id, text, id, 1, 1 FROM comments WHERE answers IS NOT NULL",
			"INSERT INTO comments (id, version_id, capability_id, part, person_id, text, answers, created_at, rev) SELECT 'cmt_x', version_id, capability_id, 'task', person_id, text, id, 1, 1 FROM comments WHERE answers IS NULL"} {
			require.Error(t, plain(h.Store).Exec(sql).Error, sql)
		}
		require.NoError(t, h.Verify(context.Background(), nil))
	})
}

func TestCommentsComeByPages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("read")
		first, err := h.say("anna", version, "scope", "The first", "")
		require.NoError(t, err)
		for i := range 2*CommentsPage + 9 {
			_, err := h.say("anna", version, "task", fmt.Sprintf("Number %d", i), "")
			require.NoError(t, err)
		}
		_, err = h.say("pete", version, "", "At last", first.Subject)
		require.NoError(t, err)
		seen, before := map[string]bool{}, ""
		for range 5 {
			page, err := h.Comments(context.Background(), h.party("udo"), version, before)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Lines), CommentsPage)
			require.Equal(t, 2*CommentsPage+11, page.Total)
			if before == "" {
				require.Equal(t, "The first", page.Asked[first.Subject].Text, "what is answered is there, however old")
			}
			for _, l := range page.Lines {
				require.False(t, seen[l.ID])
				seen[l.ID] = true
				require.NotEmpty(t, l.Who.Name)
			}
			if before = page.Older; before == "" {
				break
			}
		}
		require.Len(t, seen, 2*CommentsPage+11)
		_, err = h.Comments(context.Background(), h.party("olga"), version, "")
		require.Equal(t, models.NotFound, models.CodeOf(err))
		_, err = h.Comments(context.Background(), h.party("udo"), version, "cmt_none")
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}
