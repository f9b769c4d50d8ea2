package store

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// names lets one approver stand in for another from now on, for some days.
func (h *house) names(principal, delegate string, days models.Instant) (delegation string) {
	h.t.Helper()
	r, err := h.tryNames(principal, delegate, *h.clock, *h.clock+days*models.Day)
	require.NoError(h.t, err)
	return r.Subject
}

func (h *house) tryNames(principal, delegate string, from, until models.Instant) (models.Receipt, error) {
	to := h.people[delegate]
	return h.DecideAdmin(context.Background(), h.act(principal), AdminLookup{People: []string{to}, Delegations: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.Delegate(to, from, until, "On leave")
	})
}

func (h *house) ends(by, delegation string) error {
	return h.tryAdmin(by, AdminLookup{Delegations: true}, func(f models.AdminFacts) (models.Change, error) { return f.EndDelegation(delegation) })
}

// signFor is a sign-off by one in the name of another.
func (h *house) signFor(by, principal, capability, version string) (models.Receipt, error) {
	return h.signAs(by, h.people[principal], capability, version)
}

func (h *house) signAs(by, principal, capability, version string) (models.Receipt, error) {
	shown := h.shown(version)
	return h.try(by, capability, func(f models.CapabilityFacts) (models.Change, error) {
		return h.keys.SignOff(f, shown, models.Signing{For: principal})
	})
}

// approver adds an approver with a passkey.
func (h *house) approver(name, team string) {
	h.t.Helper()
	h.person(name, team, models.Approver)
	h.admin(name, AdminLookup{Passkeys: true}, h.keys.Add)
}

// refusesSign holds the refusal of a sign-off in somebody's name.
func (h *house) refusesSign(t *testing.T, by, principal, capability, version, rule, says string) {
	t.Helper()
	h.refuses(t, models.Forbidden, rule, says, func() error {
		_, err := h.signFor(by, principal, capability, version)
		return err
	})
}

func TestADelegateSignsOnBehalf(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("pay")
		d := h.names("xena", "yuri", 5)
		r, err := h.signFor("yuri", "xena", capability, version)
		require.NoError(t, err)

		s := rows[models.SignOff](t, h, "id", "version_id = ?", version)[0]
		require.Equal(t, [3]string{h.people["yuri"], h.people["xena"], h.teams["Risk"]}, [3]string{s.SignerID, s.PrincipalID, s.TeamID})
		require.Equal(t, d, *s.DelegationID)
		require.True(t, s.OnBehalf())
		for _, who := range []string{"xena", "yuri"} {
			require.Len(t, rows[models.Standing](t, h, "person_id", "version_id = ? AND person_id = ? AND side = 'checker'", version, h.people[who]), 1, who)
		}
		signature := rows[models.Signature](t, h, "id", "id = ?", *s.SignatureID)[0]
		require.Equal(t, [2]string{h.people["yuri"], h.people["xena"]}, [2]string{signature.PersonID, signature.PrincipalID}, "the passkey's word says for whom")

		var e entry
		require.NoError(t, h.read.Where("seq = ?", r.Seq).Take(&e).Error)
		require.Contains(t, e.Entry, `"actor":"`+h.people["yuri"]+`"`)
		require.Contains(t, e.Entry, `"principal":"`+h.people["xena"]+`"`, "the entry itself commits to both")
		mine, _, err := h.History(t.Context(), h.party("xena"), models.TouchPerson, h.people["xena"], 0)
		require.NoError(t, err)
		require.Equal(t, "xena", mine[0].People["on_behalf"].Name, "whom it was done for sees it in their history")

		h.approver("wanda", "Security")
		_, err = h.sign("wanda", capability, version)
		require.NoError(t, err)
		m := rows[models.Mandate](t, h, "id", "version_id = ?", version)[0]
		require.Len(t, rows[models.SeatPerson](t, h, "person_id", "mandate_id = ? AND seat = 1", m.ID), 2, "both fill one seat")
		whole(t, h)

		// Whose seat it is, may stop it; and it stops when they leave.
		h.leaves("xena")
		f, err := h.ReadCapability(t.Context(), h.party("anna"), capability, Lookup{})
		require.NoError(t, err)
		require.NotEmpty(t, f.Holds, "whom the delegate signed for has left")
		require.NoError(t, f.MayAskRestart(), "a new round seats somebody who is there")
		whole(t, h)
	})
}

// The two other decisions say in whose name they are, too.
func TestADelegateDecidesOnBehalf(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.names("xena", "yuri", 5)
		for _, decide := range []func(f models.CapabilityFacts, s models.Shown, how models.Signing) (models.Change, error){
			models.CapabilityFacts.AskForChanges, models.CapabilityFacts.Refuse,
		} {
			capability, version := h.reviewed("read")
			shown := h.shown(version)
			rule := func(principal string) onCap {
				return func(f models.CapabilityFacts) (models.Change, error) {
					return decide(f, shown, models.Signing{For: h.people[principal], Comment: "Not like this"})
				}
			}
			h.refusesOn(t, "yuri", capability, models.Forbidden, "delegation.none", "You do not stand in for this person now.", rule("zoe"))
			r := h.must("yuri", capability, rule("xena"))
			require.Len(t, rows[models.Standing](t, h, "person_id", "version_id = ? AND side = 'checker'", version), 2)
			var e entry
			require.NoError(t, h.read.Where("seq = ?", r.Seq).Take(&e).Error)
			require.Equal(t, h.people["xena"], e.Principal)
		}
		whole(t, h)
	})
}

// TestADelegatePassesAsBoth tries to sign one's own work, or twice, through others.
func TestADelegatePassesAsBoth(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		none := "You do not stand in for this person now."
		t.Run("for a maker", func(t *testing.T) {
			h.grant("anna", models.Approver)
			h.admin("anna", AdminLookup{Passkeys: true}, h.keys.Add)
			capability, version := h.reviewed("pay")
			d := h.names("anna", "yuri", 5)
			h.refusesSign(t, "yuri", "anna", capability, version, "separation.approver", "anna wrote part of this version (task), and a maker never checks their own work.")
			h.refusesOn(t, "yuri", capability, models.Forbidden, "separation.approver", "anna wrote part of this version", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Refuse(h.shown(version), models.Signing{For: h.people["anna"], Comment: "No"})
			})
			_, err := h.sign("yuri", capability, version)
			require.NoError(t, err, "in their own name only their own exclusions count")
			require.NoError(t, h.ends("anna", d))
		})
		t.Run("by a maker", func(t *testing.T) {
			capability, version := h.reviewed("pay")
			d := h.names("xena", "anna", 5)
			h.refusesSign(t, "anna", "xena", capability, version, "separation.approver", "anna wrote part of this version (task), and a maker never checks their own work.")
			require.NoError(t, h.ends("xena", d))
		})
		t.Run("for another and for oneself", func(t *testing.T) {
			d := h.names("xena", "yuri", 5)
			for _, order := range [][2]string{{"xena", "yuri"}, {"yuri", "xena"}} {
				capability, version := h.reviewed("pay")
				_, err := h.signFor("yuri", order[0], capability, version)
				require.NoError(t, err)
				h.refusesSign(t, "yuri", order[1], capability, version, "separation.seat", "yuri has already signed this off in this round; one person fills one seat.")
				if order[0] == "xena" {
					h.refuses(t, models.Forbidden, "separation.seat", "xena has already signed this off in this round", func() error {
						_, err := h.sign("xena", capability, version)
						return err
					})
				}
			}
			require.NoError(t, h.ends("yuri", d))
		})
		t.Run("two for one", func(t *testing.T) {
			capability, version := h.reviewed("infra") // high: two, of any team
			d := h.names("xena", "yuri", 5)
			_, err := h.signFor("yuri", "xena", capability, version)
			require.NoError(t, err)
			require.NoError(t, h.ends("xena", d))
			d = h.names("xena", "zoe", 5)
			h.refusesSign(t, "zoe", "xena", capability, version, "separation.seat", "xena has already signed this off in this round; one person fills one seat.")
			require.NoError(t, h.ends("xena", d))
		})
		t.Run("one for two", func(t *testing.T) {
			capability, version := h.reviewed("infra")
			one, two := h.names("xena", "yuri", 5), h.names("zoe", "yuri", 5)
			_, err := h.signFor("yuri", "xena", capability, version)
			require.NoError(t, err)
			h.refusesSign(t, "yuri", "zoe", capability, version, "separation.seat", "yuri has already signed this off in this round; one person fills one seat.")
			require.NoError(t, h.ends("xena", one))
			require.NoError(t, h.ends("yuri", two))
		})
		t.Run("through a chain", func(t *testing.T) {
			capability, version := h.reviewed("read")
			one := h.names("xena", "yuri", 5)
			two := h.names("yuri", "zoe", 5)
			h.refusesSign(t, "zoe", "xena", capability, version, "delegation.none", none)
			_, err := h.signFor("zoe", "yuri", capability, version)
			require.NoError(t, err)
			require.NoError(t, h.ends("xena", one))
			require.NoError(t, h.ends("yuri", two))
		})
		t.Run("in other letters", func(t *testing.T) {
			capability, version := h.reviewed("read")
			d := h.names("xena", "yuri", 5)
			for _, id := range []string{strings.ToUpper(h.people["xena"]), h.people["xena"] + " ", strings.ToUpper(h.people["yuri"]), "xena"} {
				h.refuses(t, models.Forbidden, "delegation.none", none, func() error {
					_, err := h.signAs("yuri", id, capability, version)
					return err
				})
			}
			require.NoError(t, h.ends("xena", d))
		})
		t.Run("not at that time", func(t *testing.T) {
			capability, version := h.reviewed("read")
			h.refusesSign(t, "yuri", "xena", capability, version, "delegation.none", none)
			r, err := h.tryNames("xena", "yuri", *h.clock+models.Day, *h.clock+3*models.Day)
			require.NoError(t, err)
			h.refusesSign(t, "yuri", "xena", capability, version, "delegation.none", none) // not begun
			h.pass(4 * models.Day)
			h.refusesSign(t, "yuri", "xena", capability, version, "delegation.none", none) // over
			h.refuses(t, models.Conflict, "delegation.over", "It is over already.", func() error {
				return h.tryAdmin("xena", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
					f.Delegations = rows[models.Delegation](t, h, "id", "id = ?", r.Subject)
					return f.EndDelegation(r.Subject)
				})
			})
			d := h.names("xena", "yuri", 5)
			require.NoError(t, h.ends("yuri", d))
			h.refusesSign(t, "yuri", "xena", capability, version, "delegation.none", none) // declined
		})
		t.Run("without the role", func(t *testing.T) {
			capability, version := h.reviewed("read")
			d := h.names("xena", "zoe", 5)
			h.revoke("xena", models.Approver)
			h.refusesSign(t, "zoe", "xena", capability, version, "delegation.none", none)
			h.grant("xena", models.Approver)
			_, err := h.signFor("zoe", "xena", capability, version)
			require.NoError(t, err)
			require.NoError(t, h.ends("xena", d))

			capability, version = h.reviewed("read")
			h.names("xena", "yuri", 5)
			h.grant("yuri", models.BusinessOwner) // who still sees something here
			h.revoke("yuri", models.Approver)
			_, err = h.signFor("yuri", "xena", capability, version)
			require.Contains(t, []models.Code{models.Forbidden, models.NotFound}, models.CodeOf(err), "%v", err)
		})
		whole(t, h)
	})
}

// TestNamingADelegate tries what nobody may name somebody for.
func TestNamingADelegate(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		now := *h.clock
		for name, c := range map[string]struct {
			by, to      string
			from, until models.Instant
			code        models.Code
			rule, says  string
		}{
			"oneself":              {"xena", "xena", now, now + models.Day, models.Invalid, "input", "Choose somebody else"},
			"no approver":          {"xena", "pete", now, now + models.Day, models.Invalid, "input", "pete does not hold the role approver."},
			"by no approver":       {"anna", "xena", now, now + models.Day, models.Forbidden, "role.approver", "Only a person with the role approver can do this."},
			"from the day before":  {"xena", "yuri", now - 26*models.Hour, now + models.Day, models.Invalid, "input", "This day is over."},
			"until before it":      {"xena", "yuri", now + 2*models.Day, now + models.Day, models.Invalid, "input", "The last day is before the first."},
			"for longer than that": {"xena", "yuri", now + models.Day, now + 92*models.Day, models.Invalid, "input", "Somebody stands in for at most 90 days."},
		} {
			t.Run(name, func(t *testing.T) {
				h.refuses(t, c.code, c.rule, c.says, func() error {
					_, err := h.tryNames(c.by, c.to, c.from, c.until)
					return err
				})
			})
		}
		in := func(days models.Instant) models.Instant { return *h.clock + days*models.Day }
		r, err := h.tryNames("xena", "yuri", in(2), in(5))
		require.NoError(t, err)
		for name, c := range map[string]struct {
			by, to      string
			from, until models.Instant
			rule, says  string
		}{
			"a second one then":         {"xena", "zoe", in(4), in(6), "delegation.overlap", "Somebody stands in for you in part of that time already."},
			"each other":                {"yuri", "xena", in(4), in(6), "delegation.cycle", "nobody would be there."},
			"somebody who is not there": {"zoe", "xena", in(1), in(3), "delegation.away", "xena is away in part of that time too"},
		} {
			t.Run(name, func(t *testing.T) {
				h.refuses(t, models.Conflict, c.rule, c.says, func() error {
					_, err := h.tryNames(c.by, c.to, c.from, c.until)
					return err
				})
			})
		}
		_, err = h.tryNames("yuri", "xena", in(6), in(8))
		require.NoError(t, err, "one after the other is no circle")

		for who, code := range map[string]models.Code{"zoe": models.NotFound, "adam": models.NotFound} {
			h.refuses(t, code, "not_found", "There is no such delegation", func() error { return h.ends(who, r.Subject) })
		}
		require.NoError(t, h.ends("xena", r.Subject))
		h.refuses(t, models.NotFound, "not_found", "There is no such delegation", func() error { return h.ends("xena", r.Subject) })

		h.names("zoe", "yuri", 5)
		h.leaves("yuri")
		require.Empty(t, rows[models.Delegation](t, h, "id", "ended_at IS NULL"), "who leaves stands in for nobody, and nobody for them")
		whole(t, h)
	})
}

// What verify finds of delegations that got past the rules and the database.
func TestVerifyLooksAtDelegations(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("read")
		h.names("xena", "yuri", 5)
		_, err := h.signFor("yuri", "xena", capability, version)
		require.NoError(t, err)
		facts := func() models.MandateFacts {
			v := &verification{tx: h.read, engine: h.engine}
			fs, err := v.mandateFacts(rows[models.Mandate](t, h, "id", "ended_at IS NULL"))
			require.NoError(t, err)
			require.Len(t, fs, 1)
			fs[0].Human = func(id string) string { return id }
			return fs[0]
		}
		require.Empty(t, facts().Misfit())
		for says, change := range map[string]func(d *models.Delegation, f *models.MandateFacts){
			"outside of the time agreed": func(d *models.Delegation, _ *models.MandateFacts) { d.UntilAt = d.FromAt + 1 },
			"without their word":         func(d *models.Delegation, _ *models.MandateFacts) { d.PrincipalID = h.people["zoe"] },
			"was no approver then": func(_ *models.Delegation, f *models.MandateFacts) {
				for i := range f.Grants {
					if f.Grants[i].PersonID == h.people["yuri"] {
						f.Grants[i].EndedAt = f.Grants[i].GrantedAt.Ref()
					}
				}
			},
		} {
			f := facts()
			for id, d := range f.Delegations {
				change(&d, &f)
				f.Delegations[id] = d
			}
			require.Contains(t, f.Misfit(), says)
		}
		f := facts()
		for id, d := range f.Delegations {
			d.EndedAt = d.FromAt.Ref()
			f.Delegations[id] = d
		}
		require.Contains(t, f.Misfit(), "outside of the time agreed")
	})
}

// One human fills one seat, also where both names are tried at once.
func TestBothNamesAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.names("xena", "yuri", 5)
		for range 3 {
			capability, version := h.reviewed("infra")
			shown := h.shown(version)
			signs := func(by, principal, team string) func() (models.Receipt, error) {
				return h.doing(by, capability, func(f models.CapabilityFacts) (models.Change, error) {
					return h.keys.SignOff(f, shown, models.Signing{For: h.people[principal], TeamID: h.teams[team]})
				})
			}
			out := atOnce(t, signs("xena", "xena", "Risk"), signs("yuri", "xena", "Risk"), signs("yuri", "yuri", "Finance"))
			people := map[string]bool{}
			for _, s := range rows[models.SignOff](t, h, "id", "version_id = ?", version) {
				for _, p := range []string{s.SignerID, s.PrincipalID} {
					require.False(t, people[p] && s.OnBehalf(), "one human twice")
					people[p] = true
				}
			}
			require.Equal(t, len(rows[models.SignOff](t, h, "id", "version_id = ?", version)), won(out), "as many as were told so")
			whole(t, h)
		}
	})
}
