package store

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// inbox is what waits for somebody, as "kind title".
func (h *house) inbox(name string) []string {
	h.t.Helper()
	in, err := h.Inbox(h.t.Context(), h.party(name), InboxAsk{})
	require.NoError(h.t, err)
	n, err := h.Waiting(h.t.Context(), h.party(name))
	require.NoError(h.t, err)
	require.Len(h.t, in.Duties, n)
	out := []string{}
	for _, d := range in.Duties {
		text := d.Kind
		if d.Detail != "" {
			text += " " + d.Detail
		}
		if d.Restart {
			text += "!"
		}
		out = append(out, text)
	}
	return out
}

// What waits for whom, from the first draft to the mandate, a stop and a restart.
func TestWhoseTurnItIs(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("pay")
		require.Equal(t, []string{"submit"}, h.inbox("anna"))
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, compiled) })
		require.Equal(t, []string{"accept business_owner"}, h.inbox("anna"))
		require.Equal(t, []string{"accept provisioner"}, h.inbox("pete"))
		require.Equal(t, []string{"accept control_owner"}, h.inbox("carl"))
		require.Empty(t, h.inbox("xena"))
		h.accept(capability, version)
		require.Empty(t, h.inbox("anna"), "a maker is never asked to sign")
		for _, name := range []string{"xena", "yuri", "zoe"} {
			require.Equal(t, []string{"sign"}, h.inbox(name))
		}
		require.Empty(t, h.inbox("udo"))
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Empty(t, h.inbox("xena"), "one person, one seat")
		require.Empty(t, h.inbox("zoe"), "at critical the approvers are of different teams, and Risk has spoken")
		require.Equal(t, []string{"sign"}, h.inbox("yuri"))
		_, err = h.sign("yuri", capability, version)
		require.NoError(t, err)
		require.Empty(t, h.inbox("yuri"))

		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "Odd payments")
		})
		require.Equal(t, []string{"lift"}, h.inbox("anna"))
		h.pass(models.Hour)
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Mended") })
		require.Equal(t, []string{"sign restart!"}, h.inbox("xena"), "a new round asks everybody again")
	})
}

func compiled(models.Document) (string, error) { return "permit(principal, action, resource);", nil }

// The conditions in the database are the rule: whoever MaySign, and nobody else,
// finds the version among what waits for them.
func TestWaitingIsTheRule(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for name, r := range map[string]models.Role{"anna": models.Approver, "pete": models.Approver} {
			h.admin("adam", AdminLookup{People: []string{h.people[name]}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(h.people[name], r) })
		}
		h.person("nobody", "Risk", models.Approver) // who is then taken out of every team
		h.admin("adam", AdminLookup{People: []string{h.people["nobody"]}, Team: h.teams["Risk"]}, func(f models.AdminFacts) (models.Change, error) {
			return f.SetMember(h.teams["Risk"], h.people["nobody"], false)
		})
		h.admin("adam", AdminLookup{People: []string{h.people["zoe"]}, Team: h.teams["Finance"]}, func(f models.AdminFacts) (models.Change, error) {
			return f.SetMember(h.teams["Finance"], h.people["zoe"], true)
		})
		names := []string{"anna", "pete", "carl", "xena", "yuri", "zoe", "nobody"}
		check := func(when, version string) {
			t.Helper()
			h.waitsAsTheRuleSays(when, version, names)
		}
		capability, version := h.reviewed("pay")
		check("in review", version)
		first, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.NotZero(t, first.Seq)
		check("signed by Risk", version)
		sign, err := find[models.SignOff](h.read, "version_id = ?", version)
		require.NoError(t, err)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Recall(sign.ID, "On second thoughts") })
		check("taken back", version)

		h.approver("wanda", "Platform")
		names = append(names, "wanda")
		h.names("yuri", "wanda", 5)
		h.names("xena", "zoe", 5)
		check("two stand in", version)
		_, err = h.signFor("wanda", "yuri", capability, version)
		require.NoError(t, err)
		check("signed by one for the other", version)
		h.pass(6 * models.Day)
		check("their time is up", version)

		f, err := find[models.System](h.read, "name = ?", "HR desk")
		require.NoError(t, err)
		f.AsksCustodian = 1
		h.catalogue(CatalogueLookup{System: f.ID}, func(c models.CatalogueFacts) (models.Change, error) { return c.SaveSystem(*f, f.Rev) })
		capability, version = h.reviewed("write")
		check("custodians are asked", version)
		_, err = h.sign("xena", capability, version)
		require.NoError(t, err)
		check("custodians alone are still asked", version)
		require.Contains(t, h.inbox("wanda"), "sign")
		h.names("wanda", "yuri", 5)
		check("somebody stands in for a custodian", version)
		require.NoError(t, inboxFollows(h.read))
	})
}

// waitsAsTheRuleSays compares what waits for people with models.MaySign, in their own
// name and in that of each whom they stand in for.
func (h *house) waitsAsTheRuleSays(when, version string, names []string) {
	h.t.Helper()
	v, err := find[models.Version](h.read, "id = ?", version)
	require.NoError(h.t, err)
	f, err := versionFile(h.read, *v)
	require.NoError(h.t, err)
	for _, name := range names {
		p := h.party(name)
		may := models.MaySign(p, *f) == nil
		principals, err := principalsOf(h.read, p.Person.ID, h.now())
		require.NoError(h.t, err)
		for _, other := range principals {
			may = may || models.MaySignFor(p, other, *f) == nil
		}
		in, err := h.Inbox(h.t.Context(), p, InboxAsk{})
		require.NoError(h.t, err)
		found := slices.ContainsFunc(in.Duties, func(d InboxDuty) bool { return d.Kind == models.DutySign && d.Subject == version })
		require.Equal(h.t, may, found, "%s: %s", when, name)
	}
}

func TestInboxTurnsItsPages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var versions []string
		for _, op := range []string{"read", "pay", "write", "infra", "read", "pay"} {
			_, v := h.reviewed(op)
			versions = append(versions, v)
			h.pass(models.Minute)
		}
		in, err := h.Inbox(t.Context(), h.party("xena"), InboxAsk{})
		require.NoError(t, err)
		require.Nil(t, in.Next)
		var got []string
		for _, d := range in.Duties {
			got = append(got, d.Subject)
		}
		require.Equal(t, []string{versions[1], versions[5], versions[3], versions[2], versions[0], versions[4]}, got, "highest tier, then soonest due")
		for i, d := range in.Duties {
			c := InboxCursor{d.TierRank, d.DueAt, d.ID}
			require.Equal(t, &c, ParseInboxCursor(c.String()))
			rest, err := h.Inbox(t.Context(), h.party("xena"), InboxAsk{After: &c})
			require.NoError(t, err)
			require.Len(t, rest.Duties, len(got)-i-1)
			for j, d := range rest.Duties {
				require.Equal(t, got[i+1+j], d.Subject)
			}
		}
		for _, s := range []string{"", "1", "1.2", "x.2.dty", "1.x.dty", "1.2."} {
			require.Nil(t, ParseInboxCursor(s), s)
		}
	})
}

func TestConfirmIsForAnotherAdministrator(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		carl, cleo := h.people["carl"], h.people["cleo"]
		h.admin("adam", AdminLookup{People: []string{carl, cleo}}, func(f models.AdminFacts) (models.Change, error) {
			return f.ProposeMerge(carl, cleo, "Looks like one person")
		})
		require.Empty(t, h.inbox("adam"))
		require.Equal(t, []string{"confirm link"}, h.inbox("eve"))
	})
}

func TestWhatOneAnswersFor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("pay")
		h.reviewed("read")
		for name, role := range map[string]string{"anna": "business owner", "pete": "provisioner", "carl": "control owner", "xena": "approver", "yuri": "approver"} {
			mine, next, err := h.AnswersFor(t.Context(), h.party(name), nil)
			require.NoError(t, err)
			require.Nil(t, next)
			require.Len(t, mine, 1, name)
			require.Equal(t, capability, mine[0].CapabilityID)
			require.Equal(t, []string{role}, mine[0].Roles(h.people[name]))
			require.Equal(t, models.Critical, mine[0].Tier())
			require.False(t, mine[0].Held)
			rest, _, err := h.AnswersFor(t.Context(), h.party(name), &MineCursor{mine[0].ReviewDueAt, mine[0].CapabilityID})
			require.NoError(t, err)
			require.Empty(t, rest)
		}
		for _, name := range []string{"zoe", "udo", "adam", "olga"} {
			mine, _, err := h.AnswersFor(t.Context(), h.party(name), nil)
			require.NoError(t, err)
			require.Empty(t, mine, name)
		}
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnAgent, "Odd") })
		mine, _, err := h.AnswersFor(t.Context(), h.party("anna"), nil)
		require.NoError(t, err)
		require.True(t, mine[0].Held, "a stop of the whole agent holds each of its capabilities")
	})
}

// A page of a large pool is read in its own order by its index, and cut: what is not
// shown is not looked at.
func TestInboxIsReadByIndex(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		h.crowd(2_000)
		q := waiting(h.party("xena"), nil, InboxAsk{After: &InboxCursor{TierRank: 2, ID: "x"}}, InboxPage+1)
		explain := "EXPLAIN QUERY PLAN "
		if h.engine == Postgres {
			explain = "EXPLAIN "
		}
		plan := h.plan(explain+q.sql, q.args...)
		require.Contains(t, plan, "inbox_rows_in_order", "it is read in its order")
		require.NotContains(t, plan, "FOR ORDER BY", "SQLite sorts nothing")
		require.NotContains(t, plan, "Sort Key: i.risk", "nor does PostgreSQL")
	})
}

// Who else may sign is looked for among a few approvers first: whoever may is found behind
// those who may not, and where enough may, nobody looks further.
func TestWhoElseMaySignIsFoundAmongMany(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("pay")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, compiled) })
		h.accept(capability, version)
		others := func() (named []string, all int) {
			in, err := h.Inbox(t.Context(), h.party("xena"), InboxAsk{})
			require.NoError(t, err)
			require.Len(t, in.Duties, 1)
			for _, p := range in.Approvers {
				if p.Person.Name != h.party("xena").Person.Name && models.MaySign(p, *in.Duties[0].File) == nil {
					named = append(named, p.Person.ID)
				}
			}
			return named, len(in.Approvers)
		}
		var teamless []string
		for i := range approversSome {
			name := "teamless" + string(rune('a'+i))
			h.approver(name, "Risk")
			h.admin("adam", AdminLookup{People: []string{h.people[name]}, Team: h.teams["Risk"]}, func(f models.AdminFacts) (models.Change, error) {
				return f.SetMember(h.teams["Risk"], h.people[name], false)
			})
			teamless = append(teamless, name)
		}
		h.approver("last", "Finance")
		named, all := others()
		require.ElementsMatch(t, []string{h.people["yuri"], h.people["zoe"], h.people["last"]}, named)
		require.Greater(t, all, approversSome)

		for _, name := range teamless[:10] {
			h.admin("adam", AdminLookup{People: []string{h.people[name]}, Team: h.teams["Risk"]}, func(f models.AdminFacts) (models.Change, error) {
				return f.SetMember(h.teams["Risk"], h.people[name], true)
			})
		}
		named, all = others()
		require.GreaterOrEqual(t, len(named), othersNamed)
		require.Equal(t, approversSome, all)
	})
}

// A row says what changed where something was in force before, so it has both documents; one
// of which nothing was needs none.
func TestInboxHasTheDocumentsThatItCompares(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, first := h.reviewed("read")
		capability, _ := h.live("read")
		second := h.next(capability, "read", "write")
		in, err := h.Inbox(t.Context(), h.party("yuri"), InboxAsk{})
		require.NoError(t, err)
		rows := map[string]InboxDuty{}
		for _, d := range in.Duties {
			rows[d.Subject] = d
		}
		require.Len(t, rows, 2)
		require.NotEmpty(t, rows[second].Before.Document)
		require.NotEmpty(t, rows[second].File.Version.Document)
		require.Nil(t, rows[first].Before)
		require.NotEmpty(t, rows[first].File.Version.Digest)
	})
}
