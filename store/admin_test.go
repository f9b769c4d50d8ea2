package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// refusedBy is the id of the rule that refused, "" where nothing did.
func refusedBy(err error) string {
	var e *models.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Rule
}

func TestPeopleInTheOrderOfNames(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		for i := range NamePage + 10 {
			h.admin("adam", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
				return f.AddPerson(fmt.Sprintf("Crowd %03d", i), "", "")
			})
		}
		h.admin("adam", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
			return f.AddPerson("100% Özil_", "ozil@example.org", "Europe/Berlin")
		})
		adam := h.party("adam")
		first, turn, err := h.People(ctx, adam, PeopleFilter{Search: "crowd"})
		require.NoError(t, err)
		require.Len(t, first, NamePage)
		require.Nil(t, turn.Previous)
		require.NotNil(t, turn.Next)
		second, turn, err := h.People(ctx, adam, PeopleFilter{Search: "crowd", NameCursor: *turn.Next})
		require.NoError(t, err)
		require.Len(t, second, 10)
		require.Equal(t, "Crowd 050", second[0].Person.Name)
		require.Nil(t, turn.Next)
		back, turn, err := h.People(ctx, adam, PeopleFilter{Search: "crowd", NameCursor: *turn.Previous})
		require.NoError(t, err)
		require.Equal(t, first, back, "back is where one came from")
		require.Nil(t, turn.Previous)

		for _, search := range []string{"100%", "özil_", "Özil", "OZIL@EXAMPLE"} {
			found, _, err := h.People(ctx, adam, PeopleFilter{Search: search})
			require.NoError(t, err)
			require.Len(t, found, 1, search)
		}
		found, _, err := h.People(ctx, adam, PeopleFilter{Search: "_"})
		require.NoError(t, err)
		require.Len(t, found, 1, "an underscore is an underscore")

		_, _, err = h.People(ctx, h.party("xena"), PeopleFilter{})
		require.Equal(t, models.NotFound, models.CodeOf(err), "only administrators and auditors")
		_, _, err = h.People(ctx, h.party("udo"), PeopleFilter{})
		require.NoError(t, err)
	})
}

func TestOneAdministratorRemains(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		end := func(by, of string) error {
			p, err := h.AdminPerson(ctx, h.party("adam"), h.people[of])
			require.NoError(t, err)
			require.Len(t, p.Grants, 1)
			_, err = h.DecideAdmin(ctx, h.act(by), AdminLookup{People: []string{h.people[of]}}, func(f models.AdminFacts) (models.Change, error) { return f.EndGrant(p.Grants[0].ID) })
			return err
		}
		require.NoError(t, end("adam", "eve"))
		require.Equal(t, "admin.self", refusedBy(end("adam", "adam")))
	})
}

func TestAnAccountIsProposedOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		in, err := h.SignIn(ctx, models.Login{Issuer: "https://idp.example", Subject: "new", Name: "New"})
		require.NoError(t, err)
		anna := h.people["anna"]
		propose := func(by string) (models.Receipt, error) {
			return h.DecideAdmin(ctx, h.act(by), AdminLookup{People: []string{anna}, Accounts: []string{in.AccountID}},
				func(f models.AdminFacts) (models.Change, error) {
					return f.ProposeLink(in.AccountID, anna, "Her other one")
				})
		}
		r, err := propose("adam")
		require.NoError(t, err)
		_, err = propose("eve")
		require.Equal(t, "link.open", refusedBy(err))

		links, _, err := h.Link(ctx, h.party("eve"), r.Subject)
		require.NoError(t, err)
		require.Equal(t, "anna", links.People[anna].Person.Name)
		_, err = h.DecideAdmin(ctx, h.act("adam"), AdminLookup{Link: r.Subject}, models.AdminFacts.ConfirmLink)
		require.Equal(t, "link.second", refusedBy(err))
		h.admin("adam", AdminLookup{Link: r.Subject}, models.AdminFacts.WithdrawLink)
		_, err = propose("eve")
		require.NoError(t, err, "after it was withdrawn")
	})
}

// What the page says that a merge will end is what it ends.
func TestMergeDoesWhatItSaid(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		first, _ := h.live("write")
		from, into := h.people["pete"], h.people["anna"] // provisioner and owner of the same
		said, err := h.ReadAdmin(ctx, h.party("adam"), AdminLookup{MergeFrom: from, MergeInto: into})
		require.NoError(t, err)
		effects := said.MergeEffects(from, into)
		require.Equal(t, models.MergeEffects{Accounts: 1, Grants: 1, Mandates: 1, Held: true}, effects)

		propose := AdminLookup{People: []string{from, into}}
		link := h.admin("adam", propose, func(f models.AdminFacts) (models.Change, error) { return f.ProposeMerge(from, into, "One human") }).Subject
		_, again, err := h.Link(ctx, h.party("eve"), link)
		require.NoError(t, err)
		require.Equal(t, effects, again)
		h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
		require.Equal(t, models.Revoked, h.row(first).State)
		p, err := h.Person(ctx, h.party("udo"), from, "")
		require.NoError(t, err)
		require.Equal(t, models.PersonMerged, p.Person.Status)
		require.Equal(t, "anna", p.Into.Person.Name)
	})
}

func TestTierRulesPage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		rules := models.StandardRules()
		strict := rules.Asks[models.Low]
		strict.ReviewDays, strict.DrillDays = 30, 90
		rules.Asks[models.Low] = strict
		propose := func(by string, r models.TierRules) models.Receipt {
			return h.admin(by, AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ProposeRules(r, "Closer") })
		}
		require.Empty(t, propose("adam", rules).Outcome, "in force at once")
		p, err := h.TierRules(ctx, h.party("adam"))
		require.NoError(t, err)
		require.Equal(t, 2, p.Active.No)
		require.Nil(t, p.Proposed)
		tightened, loosened := p.Active.Rules().Compare(models.StandardRules())
		require.Equal(t, []string{"low: reviewed every 30 days (was 365)", "low: a drill every 90 days (was: no drill)"}, tightened)
		require.Empty(t, loosened)

		require.Equal(t, models.RulesProposed, propose("adam", models.StandardRules()).Outcome)
		p, err = h.TierRules(ctx, h.party("udo"))
		require.NoError(t, err)
		require.Equal(t, 3, p.Proposed.No)
		require.Len(t, p.Versions, 3)
		require.Empty(t, p.Versions[0].Body, "the list does not carry every version whole")
		_, loosened = p.Proposed.Rules().Compare(p.Active.Rules())
		require.Equal(t, []string{"low: reviewed every 365 days (was 30)", "low: no drill (was: a drill every 90 days)"}, loosened)
		_, _, err = h.TierRulesNo(ctx, h.party("udo"), 9)
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}

func TestTimeZone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		set := func(zone string) error {
			_, err := h.DecideAdmin(context.Background(), h.act("anna"), AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone(zone) })
			return err
		}
		require.NoError(t, set("Asia/Kolkata"))
		require.Equal(t, "Asia/Kolkata", h.party("anna").Person.TimeZone)
		require.Equal(t, models.Conflict, models.CodeOf(set("Asia/Kolkata")))
		require.Equal(t, models.Invalid, models.CodeOf(set("Local")))
		require.Equal(t, models.Invalid, models.CodeOf(set("../../etc/passwd")))
	})
}
