package store

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

type onCap = func(models.CapabilityFacts) (models.Change, error)

// refuses holds an error against what a person is to read, and that nothing was
// changed by what was refused.
func (h *house) refuses(t *testing.T, code models.Code, rule, says string, try func() error) *models.Error {
	t.Helper()
	before := h.fingerprint(t)
	err := try()
	var e *models.Error
	require.True(t, errors.As(err, &e), "a refusal, and not %v", err)
	require.Equal(t, code, e.Code, "%v", e)
	require.Equal(t, rule, e.Rule, "%v", e)
	require.Contains(t, e.Error(), says)
	require.Equal(t, before, h.fingerprint(t), "a refusal changes nothing")
	return e
}

// refusesOn is refuses for an act on a capability.
func (h *house) refusesOn(t *testing.T, by, capability string, code models.Code, rule, says string, try onCap) {
	t.Helper()
	h.refuses(t, code, rule, says, func() error {
		_, err := h.try(by, capability, try)
		return err
	})
}

func (h *house) tryAdmin(by string, look AdminLookup, rule func(models.AdminFacts) (models.Change, error)) error {
	_, err := h.DecideAdmin(context.Background(), h.act(by), look, rule)
	return err
}

func (h *house) grant(person string, r models.Role) {
	h.t.Helper()
	id := h.people[person]
	h.admin("adam", AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, r) })
}

// revoke takes the person's role away.
func (h *house) revoke(person string, r models.Role) {
	h.t.Helper()
	for _, g := range rows[models.Grant](h.t, h, "id", "person_id = ? AND role = ? AND ended_at IS NULL", h.people[person], r) {
		h.admin("adam", AdminLookup{Grant: g.ID}, func(f models.AdminFacts) (models.Change, error) { return f.EndGrant(g.ID) })
	}
}

func (h *house) leaves(person string) {
	h.t.Helper()
	id := h.people[person]
	h.admin("adam", AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(id, "Moved on") })
}

// areOne makes two people one: who was called from is from now on into.
func (h *house) areOne(from, into string) {
	h.t.Helper()
	a, b := h.people[from], h.people[into]
	link := h.admin("adam", AdminLookup{People: []string{a, b}}, func(f models.AdminFacts) (models.Change, error) {
		return f.ProposeMerge(a, b, "One person, two accounts")
	}).Subject
	h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
}

func (h *house) nominate(by, capability, version string, r models.Role, whom string) error {
	id := h.people[whom]
	_, err := h.DecideCapability(context.Background(), h.act(by), capability, Lookup{People: []string{id}}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Nominate(version, r, id)
	})
	return err
}

func (h *house) version(id string) models.Version {
	h.t.Helper()
	return rows[models.Version](h.t, h, "id", "id = ?", id)[0]
}

func (h *house) holds(capability string) []models.Hold {
	h.t.Helper()
	f, err := capabilityFacts(h.read, models.Env{Now: *h.clock}, capability, Lookup{})
	require.NoError(h.t, err)
	return f.Holds
}

func (h *house) signs(t *testing.T, by, capability, version string) models.Receipt {
	t.Helper()
	r, err := h.sign(by, capability, version)
	require.NoError(t, err)
	return r
}

func stop(target string) onCap {
	return func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(target, "It went astray") }
}

func askRestart(f models.CapabilityFacts) (models.Change, error) {
	return f.AskRestart("It was mended")
}

// cases each have a house of their own, and leave what must always hold.
type cases map[string]func(t *testing.T, h *house)

// onFile runs what the rules alone decide: on one engine, since they know none.
func (all cases) onFile(t *testing.T) {
	for name, try := range all {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, apptest.SQLiteURL(t))
			try(t, h)
			whole(t, h)
		})
	}
}

// onBoth runs what queries have a part in, on both engines.
func (all cases) onBoth(t *testing.T) {
	for name, try := range all {
		t.Run(name, func(t *testing.T) {
			eachHouse(t, func(t *testing.T, h *house) {
				try(t, h)
				whole(t, h)
			})
		})
	}
}

func TestSeparationIsKept(t *testing.T) {
	cases{
		"an author of one sentence never signs": func(t *testing.T, h *house) {
			// Paul is an approver too; he once wrote the scope, then pete was named.
			h.grant("paul", models.Approver)
			capability, version := h.draft("write")
			require.NoError(t, h.nominate("anna", capability, version, models.Provisioner, "paul"))
			h.must("paul", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.SavePart(models.ScopePart, models.Scope{LifetimeMinutes: 5, Conditions: "One sentence.", Grants: []models.ScopeGrant{{OperationID: h.ops["write"]}}}, 1)
			}, h.ops["write"])
			require.NoError(t, h.nominate("anna", capability, version, models.Provisioner, "pete"))
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			h.accept(capability, version)
			h.refuses(t, models.Forbidden, "separation.approver", "paul wrote part of this version (scope), and a maker never checks their own work.", func() error {
				_, err := h.sign("paul", capability, version)
				return err
			})
			h.refusesOn(t, "paul", capability, models.Forbidden, "separation.approver", "never checks", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Refuse(h.shown(version), models.Signing{Comment: "Not mine to refuse"})
			})
		},
		"an owner whom a group made approver never signs": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			issuer := "https://idp.example"
			h.admin("adam", AdminLookup{Mappings: true}, func(f models.AdminFacts) (models.Change, error) { return f.MapGroup(issuer, "risk", models.Approver) })
			in, err := h.SignIn(t.Context(), models.Login{Issuer: issuer, Subject: "anna", Name: "anna", Groups: []string{"risk"}})
			require.NoError(t, err)
			require.True(t, in.Person.Has(models.Approver))
			h.refuses(t, models.Forbidden, "separation.approver", "anna wrote part of this version (task)", func() error {
				_, err := h.sign("anna", capability, version)
				return err
			})
		},
		"who signed is not nominated for a role afterwards": func(t *testing.T, h *house) {
			h.grant("yuri", models.ControlOwner)
			capability, version := h.live("infra") // xena and yuri signed
			h.refuses(t, models.Invalid, "separation.sides", "yuri signed this version as approver, and so cannot hold a maker's role in it.", func() error {
				return h.nominate("anna", capability, version, models.ControlOwner, "yuri")
			})
		},
		"who signs a restart while a role is offered to them does not take it up": func(t *testing.T, h *house) {
			h.grant("yuri", models.ControlOwner)
			capability, version := h.reviewed("write")
			h.signs(t, "xena", capability, version)
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "yuri"))
			h.must("carl", capability, stop(models.OnCapability))
			h.must("carl", capability, askRestart)
			h.signs(t, "yuri", capability, version)
			h.refusesOn(t, "yuri", capability, models.Forbidden, "separation.sides", "yuri signed this version as approver", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
		},
		"one person fills one seat": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			h.refuses(t, models.Forbidden, "separation.seat", "xena has already signed this off in this round; one person fills one seat.", func() error {
				_, err := h.sign("xena", capability, version)
				return err
			})
		},
		"at critical two of one team are one voice": func(t *testing.T, h *house) {
			capability, version := h.reviewed("pay")
			h.signs(t, "xena", capability, version)
			h.refuses(t, models.Forbidden, "separation.team", "The approvers must be of different teams, and Risk has already spoken.", func() error {
				_, err := h.sign("zoe", capability, version)
				return err
			})
			require.Equal(t, "live", h.signs(t, "yuri", capability, version).Outcome)
		},
		"owner and control owner are two at high": func(t *testing.T, h *house) {
			h.grant("anna", models.ControlOwner)
			capability, version := h.draft("infra")
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "anna"), "a draft's tier may still change")
			h.refusesOn(t, "anna", capability, models.Invalid, "input", "anna is already named as", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Submit(version, policy.Compile)
			})
			e := h.refuses(t, models.Invalid, "input", "at tier high the", func() error {
				_, err := h.try("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
				return err
			})
			require.Equal(t, "business_owner", e.Fields[0].Field)
		},
		"owner and control owner may be one at moderate": func(t *testing.T, h *house) {
			h.grant("anna", models.ControlOwner)
			capability, version := h.draft("write")
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "anna"))
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			for who, r := range map[string]models.Role{"pete": models.Provisioner, "anna": models.BusinessOwner} {
				h.must(who, capability, func(f models.CapabilityFacts) (models.Change, error) {
					return f.Accept(version, r, h.version(version).Digest)
				})
			}
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
			require.Equal(t, "live", h.signs(t, "xena", capability, version).Outcome)
		},
		"owner and provisioner are two at every tier": func(t *testing.T, h *house) {
			h.grant("anna", models.Provisioner)
			capability, version := h.draft("read")
			h.refuses(t, models.Invalid, "separation.owner", "anna is already named as business owner; the provisioner must be another person.", func() error {
				return h.nominate("anna", capability, version, models.Provisioner, "anna")
			})
		},
		"carried parts do not exclude their old authors": func(t *testing.T, h *house) {
			// Carl wrote the plan of what is live. Cleo succeeds him; of the next
			// version, whose plan is unchanged, carl is no maker and may sign.
			capability, version := h.live("write")
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "cleo"))
			h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
			next := h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.NewDraft() }).Subject
			require.Empty(t, rows[models.Contribution](t, h, "part", "version_id = ?", next))
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(next, policy.Compile) })
			for who, r := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "cleo": models.ControlOwner} {
				h.must(who, capability, func(f models.CapabilityFacts) (models.Change, error) {
					return f.Accept(next, r, h.version(next).Digest)
				})
			}
			h.grant("carl", models.Approver)
			require.Equal(t, "live", h.signs(t, "carl", capability, next).Outcome)
			require.EqualValues(t, "superseded", h.version(version).State)
		},
		"what was sent back keeps its authors": func(t *testing.T, h *house) {
			h.grant("carl", models.Approver)
			capability, version := h.reviewed("write")
			h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.AskForChanges(h.shown(version), models.Signing{Comment: "Say more"})
			})
			next := h.row(capability).VersionID
			require.NotEqual(t, version, next)
			require.Len(t, rows[models.Contribution](t, h, "part", "version_id = ? AND person_id = ?", next, h.people["carl"]), 1)
			require.NoError(t, h.nominate("anna", capability, next, models.ControlOwner, "cleo"))
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(next, policy.Compile) })
			for who, r := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "cleo": models.ControlOwner} {
				h.must(who, capability, func(f models.CapabilityFacts) (models.Change, error) {
					return f.Accept(next, r, h.version(next).Digest)
				})
			}
			h.refuses(t, models.Forbidden, "separation.approver", "carl wrote part of this version (oversight)", func() error {
				_, err := h.sign("carl", capability, next)
				return err
			})
		},
	}.onFile(t)
}

func TestOnePersonWithTwoAccounts(t *testing.T) {
	cases{
		"on both sides of what is in force": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			signer := rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].SignerID
			for name, id := range h.people {
				if id == signer {
					h.areOne(name, "pete")
				}
			}
			require.EqualValues(t, "revoked", h.version(version).State)
			require.Empty(t, h.row(capability).MandateID)
		},
		"on both sides of what is in force, stopped and to be restarted": func(t *testing.T, h *house) {
			capability, version := h.live("infra")
			h.must("carl", capability, stop(models.OnCapability))
			h.must("carl", capability, askRestart)
			h.areOne("yuri", "pete")
			require.EqualValues(t, "revoked", h.version(version).State)
			require.Empty(t, rows[models.Restart](t, h, "id", "state = 'open'"), "no restart is left behind")
		},
		"on both sides of what is in review": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			h.areOne("pete", "xena")
			require.EqualValues(t, "withdrawn", h.version(version).State)
		},
		"in two seats": func(t *testing.T, h *house) {
			capability, version := h.live("infra")
			h.areOne("xena", "yuri")
			require.EqualValues(t, "revoked", h.version(version).State)
			require.Empty(t, h.row(capability).MandateID)
		},
		"in two seats, one after the other": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			h.areOne("xena", "yuri")
			require.Equal(t, "", h.signs(t, "yuri", capability, version).Outcome, "the same human once more is no second voice")
			require.EqualValues(t, "in_review", h.version(version).State)
			require.Equal(t, "live", h.signs(t, "zoe", capability, version).Outcome)
		},
		"a maker under one name does not sign under the other": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.areOne("pete", "yuri")
			h.refuses(t, models.Forbidden, "separation.approver", "yuri is a maker of this version", func() error {
				_, err := h.sign("yuri", capability, version)
				return err
			})
		},
		"it takes two administrators, and neither is the one": func(t *testing.T, h *house) {
			a, b := h.people["xena"], h.people["pete"]
			look := AdminLookup{People: []string{a, b}}
			link := h.admin("adam", look, func(f models.AdminFacts) (models.Change, error) { return f.ProposeMerge(a, b, "One") }).Subject
			h.refuses(t, models.Forbidden, "link.second", "You proposed this; another administrator has to confirm it.", func() error {
				return h.tryAdmin("adam", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
			})
			eve := h.people["eve"]
			h.refuses(t, models.Forbidden, "admin.self", "This concerns yourself", func() error {
				return h.tryAdmin("eve", AdminLookup{People: []string{eve, b}}, func(f models.AdminFacts) (models.Change, error) { return f.ProposeMerge(eve, b, "Me") })
			})
		},
	}.onBoth(t)
}

func TestAdministratorsHaveNoPowerOverThemselves(t *testing.T) {
	cases{
		"no role": func(t *testing.T, h *house) {
			id := h.people["adam"]
			h.refuses(t, models.Forbidden, "grant.self", "Nobody grants a role to themselves; another administrator can.", func() error {
				return h.tryAdmin("adam", AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(id, models.Approver) })
			})
		},
		"no team": func(t *testing.T, h *house) {
			id := h.people["adam"]
			h.refuses(t, models.Forbidden, "admin.self", "You cannot change your own teams; another administrator can.", func() error {
				return h.tryAdmin("adam", AdminLookup{People: []string{id}, Team: h.teams["Risk"]}, func(f models.AdminFacts) (models.Change, error) {
					return f.SetMember(h.teams["Risk"], id, true)
				})
			})
		},
		"no group of their own making": func(t *testing.T, h *house) {
			issuer := "https://idp.example"
			h.admin("adam", AdminLookup{Mappings: true}, func(f models.AdminFacts) (models.Change, error) { return f.MapGroup(issuer, "risk", models.Approver) })
			for name, gets := range map[string]bool{"adam": false, "zoe": true, "anna": true} {
				in, err := h.SignIn(t.Context(), models.Login{Issuer: issuer, Subject: name, Name: name, Groups: []string{"risk"}})
				require.NoError(t, err)
				require.Equal(t, gets, in.Person.Has(models.Approver), name)
			}
			require.Empty(t, rows[models.Grant](t, h, "id", "person_id = ? AND role = 'approver'", h.people["adam"]))
		},
		"nor do they let themselves go": func(t *testing.T, h *house) {
			id := h.people["adam"]
			h.refuses(t, models.Forbidden, "admin.self", "You cannot deactivate yourself", func() error {
				return h.tryAdmin("adam", AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(id, "Tired") })
			})
		},
		"nor see what others answer for": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			for _, try := range []onCap{stop(models.OnCapability), func(f models.CapabilityFacts) (models.Change, error) {
				return h.keys.SignOff(f, h.shown(version), models.Signing{})
			}} {
				h.refusesOn(t, "adam", capability, models.NotFound, "not_found", "There is no such capability, or it is not for you to see.", try)
			}
		},
		"nor loosen the rules alone": func(t *testing.T, h *house) {
			id := h.admin("adam", AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) {
				r := f.Rules.Rules()
				a := r.Asks[models.Moderate]
				a.DrillDays = 0
				r.Asks[models.Moderate] = a
				return f.ProposeRules(r, "Fewer drills")
			}).Subject
			h.refuses(t, models.Forbidden, "rules.second", "You proposed these rules; another administrator has to confirm them.", func() error {
				return h.tryAdmin("adam", AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(id) })
			})
			h.admin("eve", AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(id) })
		},
		"an auditor holds no other role": func(t *testing.T, h *house) {
			udo, zoe := h.people["udo"], h.people["zoe"]
			h.refuses(t, models.Forbidden, "grant.auditor", "An auditor holds no other role: udo is auditor.", func() error {
				return h.tryAdmin("adam", AdminLookup{People: []string{udo}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(udo, models.Approver) })
			})
			h.refuses(t, models.Forbidden, "grant.auditor", "An auditor holds no other role: zoe is approver.", func() error {
				return h.tryAdmin("adam", AdminLookup{People: []string{zoe}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(zoe, models.Auditor) })
			})
		},
		"an auditor who reads everything does nothing": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.refusesOn(t, "udo", capability, models.Forbidden, "role.approver", "Only an approver can sign off.", func(f models.CapabilityFacts) (models.Change, error) {
				return h.keys.SignOff(f, h.shown(version), models.Signing{})
			})
		},
	}.onFile(t)
}

func TestADecisionCountsForWhatWasShown(t *testing.T) {
	cases{
		"another digest or round": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			for _, change := range []func(*models.Shown){
				func(s *models.Shown) { s.Digest = models.Digest("else") }, func(s *models.Shown) { s.Round++ }, func(s *models.Shown) { s.VersionID = "ver_else" },
			} {
				s := h.shown(version)
				change(&s)
				for _, try := range []onCap{
					func(f models.CapabilityFacts) (models.Change, error) { return h.keys.SignOff(f, s, models.Signing{}) },
					func(f models.CapabilityFacts) (models.Change, error) {
						return f.Refuse(s, models.Signing{Comment: "No"})
					},
					func(f models.CapabilityFacts) (models.Change, error) {
						return f.AskForChanges(s, models.Signing{Comment: "More"})
					},
				} {
					h.refusesOn(t, "xena", capability, models.Conflict, "version.changed", "This changed since you opened it. Nothing was recorded", try)
				}
			}
			h.refusesOn(t, "pete", capability, models.Forbidden, "accept.nominee", "This role is not offered to you.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.Provisioner, h.version(version).Digest) // a second time
			})
		},
		"an acceptance of another digest": func(t *testing.T, h *house) {
			capability, version := h.draft("write")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			h.refusesOn(t, "pete", capability, models.Conflict, "version.changed", "This changed since you opened it", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.Provisioner, models.Digest("else"))
			})
		},
		"a sign-off of the round before the stop": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			before := h.shown(version)
			h.must("carl", capability, stop(models.OnCapability))
			h.must("carl", capability, askRestart)
			h.refusesOn(t, "yuri", capability, models.Conflict, "version.changed", "This changed since you opened it", func(f models.CapabilityFacts) (models.Change, error) {
				return h.keys.SignOff(f, before, models.Signing{})
			})
		},
		"a part that somebody saved meanwhile": func(t *testing.T, h *house) {
			capability, _ := h.draft("write")
			h.refusesOn(t, "carl", capability, models.Conflict, "part.changed", "Somebody saved this part since you opened it. What you typed is still below", func(f models.CapabilityFacts) (models.Change, error) {
				return f.SavePart(models.OversightPart, oversight(), 0)
			})
		},
		"what was submitted does not change": func(t *testing.T, h *house) {
			capability, _ := h.reviewed("write")
			h.refusesOn(t, "carl", capability, models.Conflict, "version.frozen", "This version was submitted and cannot change.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.SavePart(models.OversightPart, oversight(), 1)
			})
		},
		"at high a session is not enough, whatever its sign-in": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			shown := h.shown(version)
			h.refusesOn(t, "xena", capability, models.Invalid, "passkey.missing", "A sign-off here takes your passkey.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.SignOff(shown, models.Signing{})
			})
			h.signs(t, "xena", capability, version)
			require.Equal(t, models.MethodPasskey, rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].Method)
		},
		"decisions ask for a reason": func(t *testing.T, h *house) {
			capability, version := h.draft("write")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			h.refusesOn(t, "pete", capability, models.Invalid, "input", "Enter a reason; the people concerned will read it.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Decline(version, models.Provisioner, " \n ")
			})
			h.refusesOn(t, "anna", capability, models.Invalid, "input", "Enter a reason", func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "") })
		},
		"nothing is declined in a version that has ended": func(t *testing.T, h *house) {
			capability, version := h.draft("write")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Not needed") })
			h.refusesOn(t, "pete", capability, models.Conflict, "version.state", "This version is withdrawn; there is nothing to decline.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Decline(version, models.Provisioner, "Too late")
			})
		},
	}.onFile(t)
}

func TestTheSameFormTwice(t *testing.T) {
	cases{
		"gives the first one's receipt": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			act := h.act("carl")
			first, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, stop(models.OnCapability))
			require.NoError(t, err)
			require.False(t, first.Again)
			before := h.fingerprint(t)
			h.pass(models.Hour)
			again, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, stop(models.OnCapability))
			require.NoError(t, err)
			require.True(t, again.Again)
			again.Again = false
			require.Equal(t, first, again)
			require.Equal(t, before, h.fingerprint(t))
		},
		"is nobody else's": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			act := h.act("carl")
			_, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, stop(models.OnCapability))
			require.NoError(t, err)
			act.Person = h.people["pete"]
			h.refuses(t, models.Conflict, "act.id", "This form was already used.", func() error {
				_, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, stop(models.OnCapability))
				return err
			})
			act.ID = "short"
			h.refuses(t, models.Invalid, "act.id", "This form has lost its number.", func() error {
				_, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, stop(models.OnCapability))
				return err
			})
		},
	}.onBoth(t)
}

func TestWhoMayActAtAll(t *testing.T) {
	cases{
		"nobody who left": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.leaves("xena")
			h.refuses(t, models.Forbidden, "person.active", "You are no longer active here.", func() error {
				_, err := h.sign("xena", capability, version)
				return err
			})
		},
		"nobody whose role was taken away": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.revoke("xena", models.Approver)
			h.refuses(t, models.NotFound, "not_found", "not for you to see", func() error {
				_, err := h.sign("xena", capability, version)
				return err
			})
		},
		"an unknown id and another's are alike": func(t *testing.T, h *house) {
			capability, version := h.draft("write")
			read := func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Mine now") }
			h.refusesOn(t, "yuri", capability, models.NotFound, "not_found", "There is no such capability, or it is not for you to see.", read)
			h.refusesOn(t, "yuri", "cap_nobody", models.NotFound, "not_found", "There is no such capability, or it is not for you to see.", read)
			for _, id := range []string{version, "ver_nobody", "' OR 1=1 --"} {
				h.refuses(t, models.NotFound, "not_found", "or it is not for you to see.", func() error {
					_, err := h.DecideVersion(t.Context(), h.act("yuri"), id, Lookup{}, read)
					return err
				})
			}
			h.refusesOn(t, "anna", capability, models.NotFound, "not_found", "There is no such sign-off", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Recall("sig_nobody", "Mine")
			})
		},
		"nobody takes another's sign-off back": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			id := rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].ID
			h.refusesOn(t, "yuri", capability, models.Forbidden, "recall.signer", "Only the person who signed can take the sign-off back.", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Recall(id, "I would not have")
			})
		},
		"too few who could sign": func(t *testing.T, h *house) {
			// At critical: xena and zoe are of one team, and yuri writes the scope.
			capability, version := h.draft("pay")
			h.grant("yuri", models.Provisioner)
			require.NoError(t, h.nominate("anna", capability, version, models.Provisioner, "yuri"))
			e := h.refuses(t, models.Invalid, "input", "Too few people could sign this: tier critical needs 2 of different teams who had no part in it.", func() error {
				_, err := h.try("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
				return err
			})
			require.Equal(t, "approver", e.Fields[0].Field)
		},
		"only the four stop": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			for _, by := range []string{"olga", "paul", "udo"} {
				_, err := h.try(by, capability, stop(models.OnCapability))
				require.Contains(t, []models.Code{models.Forbidden, models.NotFound}, models.CodeOf(err), by)
			}
			h.refusesOn(t, "udo", capability, models.Forbidden, "stop.four", "Only the four who answer for this capability can stop it.", stop(models.OnCapability))
		},
		"where the owner left, another maker withdraws": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			withdraw := func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Nobody owns it") }
			h.refusesOn(t, "pete", capability, models.Forbidden, "withdraw.owner", "Only the business owner can withdraw this version.", withdraw)
			h.leaves("anna")
			h.must("pete", capability, withdraw)
		},
	}.onFile(t)
}

func TestStoppingIsEasyStartingIsNot(t *testing.T) {
	cases{
		"a stop placed during a restart stands after it": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			still := *h.clock // and the clock may stand still: the order is the record's
			h.now = func() models.Instant { return still }
			h.must("carl", capability, stop(models.OnCapability))
			h.must("carl", capability, askRestart)
			h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, "Again") })
			h.signs(t, "yuri", capability, version)
			require.Len(t, h.holds(capability), 1)
			require.Equal(t, "Again", h.holds(capability)[0].Cause)
			require.Len(t, rows[models.Duty](t, h, "id", "kind = 'lift' AND closed_at IS NULL AND capability_id = ?", capability), 1)
			h.must("carl", capability, askRestart)
			h.signs(t, "xena", capability, version)
			require.Empty(t, h.holds(capability))
		},
		"an agent's stop is lifted with the restart of the last of its capabilities": func(t *testing.T, h *house) {
			first, one, second, two := h.twoLive(t)
			asked := func(version string) []models.Duty {
				return rows[models.Duty](t, h, "id", "kind = 'lift' AND closed_at IS NULL AND person_id = ? AND subject = ?", h.people["anna"], version)
			}
			h.must("carl", first, stop(models.OnAgent))
			require.Len(t, asked(one), 1)
			require.Len(t, asked(two), 1, "who answers for the other task is asked as well")
			h.must("carl", first, askRestart)
			h.signs(t, "yuri", first, one)
			require.Len(t, h.holds(first), 1, "the other was not restarted yet")
			require.Empty(t, asked(one))
			require.Len(t, asked(two), 1)
			h.must("carl", second, askRestart)
			require.Empty(t, asked(two))
			h.signs(t, "yuri", second, two)
			require.Empty(t, h.holds(first))
			require.Empty(t, h.holds(second))
		},
		"a restart asked for before an agent's stop does not lift it": func(t *testing.T, h *house) {
			first, one, second, two := h.twoLive(t)
			h.must("carl", second, stop(models.OnCapability))
			h.must("carl", second, askRestart)
			h.must("carl", first, stop(models.OnAgent))
			h.signs(t, "yuri", second, two) // restarts second, whose cause knew nothing of the agent's stop
			h.must("carl", first, askRestart)
			h.signs(t, "yuri", first, one)
			require.Len(t, h.holds(first), 1, "nobody said why second may start after the agent was stopped")
			require.Len(t, h.holds(second), 1)
		},
		"a stop stands on the version that follows": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			next := h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.NewDraft() }).Subject
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(next, policy.Compile) })
			h.accept(capability, next)
			h.must("carl", capability, stop(models.OnCapability))
			h.signs(t, "yuri", capability, next)
			require.Len(t, h.holds(capability), 1)
			require.Len(t, rows[models.Duty](t, h, "id", "kind = 'lift' AND closed_at IS NULL AND subject = ?", next), 1, "and somebody is asked about it")
		},
		"a leaver at high needs a successor and a new round": func(t *testing.T, h *house) {
			capability, version := h.live("infra")
			h.leaves("carl")
			require.Len(t, h.holds(capability), 1)
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "cleo"))
			r := h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
			require.Equal(t, "restart", r.Outcome)
			require.Len(t, h.holds(capability), 1, "the acceptance alone lifts nothing")
			h.signs(t, "xena", capability, version)
			require.Equal(t, "live", h.signs(t, "zoe", capability, version).Outcome)
			require.Empty(t, h.holds(capability))
			require.Equal(t, h.people["cleo"], h.row(capability).ControlOwnerID)
		},
		"at moderate the successor's word is enough": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			h.leaves("carl")
			require.NoError(t, h.nominate("pete", capability, version, models.ControlOwner, "cleo"), "any of the four may offer it when its holder left")
			r := h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
			require.Equal(t, "succeeded", r.Outcome)
			require.Empty(t, h.holds(capability))
		},
		"a restart that waits only for a successor ends with their word": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			h.must("carl", capability, stop(models.OnCapability))
			h.must("anna", capability, askRestart)
			h.leaves("carl")
			require.Equal(t, "", h.signs(t, "yuri", capability, version).Outcome)
			require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "cleo"))
			r := h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, h.version(version).Digest)
			})
			require.Equal(t, "live", r.Outcome)
			require.Empty(t, h.holds(capability))
		},
		"an approver who left before it went live holds it": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			h.leaves("xena")
			require.Equal(t, "live", h.signs(t, "yuri", capability, version).Outcome)
			require.Len(t, h.holds(capability), 1)
			h.must("anna", capability, askRestart)
			h.signs(t, "yuri", capability, version)
			h.signs(t, "zoe", capability, version)
			require.Empty(t, h.holds(capability), "a new round seats others")
		},
	}.onBoth(t)
}

// twoLive are two capabilities of one agent, both in force.
func (h *house) twoLive(t *testing.T) (first, one, second, two string) {
	first, one = h.live("write")
	agent := rows[models.Capability](t, h, "id", "id = ?", first)[0].AgentID
	second, two = h.another(agent, "write")
	h.must("anna", second, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(two, policy.Compile) })
	h.accept(second, two)
	require.Equal(t, "live", h.signs(t, "xena", second, two).Outcome)
	return first, one, second, two
}

// TestADuplicateIsARefusalAndNoFault: a constraint that refuses reads as one also
// where gorm put its own words in the place of the driver's.
func TestADuplicateIsARefusalAndNoFault(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		sys := rows[models.Operation](t, h, "id", "id = ?", h.ops["read"])[0].SystemID
		h.refuses(t, models.Conflict, "database", "The database refused this", func() error {
			_, err := h.DecideCatalogue(t.Context(), h.act("adam"), CatalogueLookup{System: sys, OperationName: "tickets.read"}, func(f models.CatalogueFacts) (models.Change, error) {
				f.SameName = "" // a rule that forgot to look
				return f.SaveOperation(models.Operation{Name: "tickets.read", Title: "Read tickets", Access: "read"}, nil, 0)
			})
			return err
		})
	})
}
