package store

import (
	"errors"
	"strings"
	"testing"

	"countersign/apptest"
	"countersign/models"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// The database refuses, by itself and on both engines, what would make a person check
// their own work (SCHEMA, "Separation without trusting the code"). Every case here is run
// twice through the product's own connection: as it should be, which has to be accepted,
// and with one thing changed, which has to be refused for that reason.

// because is why the database refuses: on PostgreSQL the constraint's name, on SQLite
// what its message has to contain.
type because struct{ constraint, sqlite string }

func check(name string) because   { return because{name, "CHECK constraint failed: " + name} }
func foreign(name string) because { return because{name, "FOREIGN KEY constraint failed"} }
func unique(name, columns string) because {
	return because{name, "UNIQUE constraint failed: " + columns}
}
func trigger(name, message string) because { return because{name, message} }

// inline is a CHECK beside its column, which SQLite names by what it says.
func inline(name, says string) because { return because{name, "CHECK constraint failed: " + says} }

// primary is the primary key; on SQLite the guard against INSERT OR REPLACE speaks first.
func primary(table string) because {
	return because{table + "_pkey", "rows of " + table + " are never replaced"}
}

type violation struct {
	name string
	run  func(w *world, broken bool) error
	why  because
	only Engine // "" for both
}

func TestSeparation(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		installTierRules(t, s)
		t.Run("one approver is enough at low", func(t *testing.T) {
			require.NoError(t, newWorld(t, s).signed(models.Low).goLive(nil))
		})
		t.Run("two approvers of different teams at critical", func(t *testing.T) {
			require.NoError(t, newWorld(t, s).signed(models.Critical).goLive(nil))
		})
		for _, v := range violations() {
			if v.only != "" && v.only != s.engine {
				continue
			}
			t.Run(v.name, func(t *testing.T) {
				require.NoError(t, v.run(newWorld(t, s), false), "without the change it is legal")
				requireRefused(t, s, v.run(newWorld(t, s), true), v.why)
			})
		}
	})
}

func requireRefused(t *testing.T, s *Store, err error, why because) {
	t.Helper()
	require.Error(t, err, "the database accepted it")
	if s.engine == SQLite {
		require.ErrorContains(t, err, why.sqlite)
		return
	}
	var pg *pgconn.PgError
	require.True(t, errors.As(err, &pg), "not refused by a constraint: %v", err)
	require.Equal(t, why.constraint, pg.ConstraintName, "refused for another reason: %s", pg.Message)
}

func violations() []violation {
	var all []violation
	for _, part := range [][]violation{
		seatViolations(), signerViolations(), roleViolations(), mandateViolations(), versionViolations(), partViolations(),
		ledgerViolations(), peopleViolations(), settingsViolations(), stopViolations(), timeViolations(),
	} {
		all = append(all, part...)
	}
	return all
}

// N different approvers: seats, the people in them and their teams.
func seatViolations() []violation {
	return []violation{
		{name: "too few seats", why: foreign("mandates_approved"), run: func(w *world, broken bool) error {
			return w.signed(models.High).goLive(func(l *live) {
				if broken {
					l.seats, l.people = l.seats[:1], l.people[:1]
				}
			})
		}},
		{name: "seat 2 without seat 1", why: foreign("seats_lean"), run: func(w *world, broken bool) error {
			return w.signed(models.High).goLive(func(l *live) {
				if broken {
					l.seats, l.people = l.seats[1:], l.people[1:]
				}
			})
		}},
		{name: "seat 2 that leans on nothing", why: check("seats_chain"), run: func(w *world, broken bool) error {
			return w.signed(models.High).goLive(func(l *live) {
				if broken {
					l.seats[1].Prev = nil
				}
			})
		}},
		{name: "one person in two seats", why: primary("seat_people"), run: func(w *world, broken bool) error {
			second := "bob"
			if broken {
				second = "ann"
			}
			w.inReview(models.High).sign("ann", "red").sign(second, w.team(second))
			return w.goLive(nil)
		}},
		{name: "a seat without the person who signed", why: foreign("seats_signer"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).signFor("dora", "bob")
			return w.goLive(func(l *live) {
				if broken {
					l.people = l.people[1:]
				}
			})
		}},
		{name: "a seat without the person signed for", why: foreign("seats_principal"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).signFor("dora", "bob")
			return w.goLive(func(l *live) {
				if broken {
					l.people = l.people[:1]
				}
			})
		}},
		{name: "a signer for whom a delegate fills another seat", why: primary("seat_people"), run: func(w *world, broken bool) error {
			principal := "bob"
			if broken {
				principal = "ann"
			}
			w.inReview(models.High).sign("ann", "red").signFor("dora", principal)
			return w.goLive(nil)
		}},
		{name: "a person in a seat that is not there", why: foreign("seat_people_seated"), run: func(w *world, broken bool) error {
			return w.signed(models.Low).goLive(func(l *live) {
				if broken {
					l.people = append(l.people, &models.SeatPerson{MandateID: l.mandate.ID, PersonID: w.p("bob"), Seat: 2})
				}
			})
		}},
		{name: "one team twice at critical", why: unique("seats_apart", "seats.mandate_id, seats.apart_key"), run: func(w *world, broken bool) error {
			second := "bob"
			if broken {
				second = "cy" // on ann's team
			}
			w.inReview(models.Critical).sign("ann", "red").sign(second, w.team(second))
			return w.goLive(nil)
		}},
		{name: "one team twice under a forged key", why: check("seats_apart_key"), run: func(w *world, broken bool) error {
			second := "bob"
			if broken {
				second = "cy"
			}
			w.inReview(models.Critical).sign("ann", "red").sign(second, w.team(second))
			return w.goLive(func(l *live) {
				if broken {
					l.seats[1].ApartKey = l.seats[1].SignOffID
				}
			})
		}},
		{name: "a seat for another team than was signed for", why: foreign("seats_of_sign_off"), run: func(w *world, broken bool) error {
			second := "bob"
			if broken {
				second = "cy"
			}
			w.inReview(models.Critical).sign("ann", "red").sign(second, w.team(second))
			return w.goLive(func(l *live) {
				if broken {
					l.seats[1].TeamID, l.seats[1].ApartKey = w.id("blue"), w.id("blue")
				}
			})
		}},
		{name: "seats that do not keep teams apart at critical", why: foreign("seats_of_mandate"), run: func(w *world, broken bool) error {
			return w.signed(models.Critical).goLive(func(l *live) {
				if broken {
					l.seats[1].Apart, l.seats[1].ApartKey = 0, l.seats[1].SignOffID
				}
			})
		}},
		{name: "a recalled sign-off in a seat", why: trigger("seats_not_recalled", "a recalled sign-off does not count"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			if broken {
				w.must(&models.Recall{SignOffID: w.signOffs[0].ID, PersonID: w.p("ann"), Reason: "changed my mind", RecalledAt: 6})
			}
			return w.goLive(nil)
		}},
		{name: "no seat of the custodian's team that is asked", why: trigger("mandates_custodians_spoke", "each custodian's team that is asked has signed"), run: func(w *world, broken bool) error {
			team, who := "red", "ann"
			if broken {
				team, who = "blue", "bob"
			}
			return w.asksCustodian("red").signWithKey(who, team).goLive(nil)
		}},
		{name: "a custodian's sign-off that was taken back", why: trigger("mandates_custodians_spoke", "each custodian's team that is asked has signed"), run: func(w *world, broken bool) error {
			w.asksCustodian("red").signWithKey("bob", "blue").signWithKey("ann", "red")
			if broken {
				w.must(&models.Recall{SignOffID: w.signOffs[1].ID, PersonID: w.p("ann"), Reason: "changed my mind", RecalledAt: 6})
			}
			return w.goLive(func(l *live) { l.seats, l.people = l.seats[:1], l.people[:1] })
		}},
		{name: "fewer custodians after the submission", why: trigger("versions_custodians_frozen", "a submitted version never changes"), run: func(w *world, broken bool) error {
			w.asksCustodian("red")
			if !broken {
				return nil
			}
			return w.sql("UPDATE versions SET custodians = '', rev = rev + 1 WHERE id = ?", w.version)
		}},
		{name: "a sign-off of another version in a seat", why: foreign("seats_of_sign_off"), run: func(w *world, broken bool) error {
			other := newWorld(w.t, w.s).signed(models.Low)
			return w.signed(models.Low).goLive(func(l *live) {
				if broken {
					l.seats[0].SignOffID, l.seats[0].ApartKey = other.signOffs[0].ID, other.signOffs[0].ID
				}
			})
		}},
		{name: "a seat in a round of its own", why: foreign("seats_of_mandate"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			require.NoError(w.t, w.goLive(nil))
			old := w.signOffs[0]
			w.nextRound()
			w.sign("ann", "red")
			return w.goLive(func(l *live) {
				if broken {
					l.seats[0].SignOffID, l.seats[0].ApartKey, l.seats[0].Round = old.ID, old.ID, 1
				}
			})
		}},
		{name: "a sign-off of an earlier round in a seat", why: foreign("seats_of_sign_off"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			require.NoError(w.t, w.goLive(nil))
			old := w.signOffs[0]
			w.nextRound()
			w.sign("ann", "red")
			return w.goLive(func(l *live) {
				if broken {
					l.seats[0].SignOffID, l.seats[0].ApartKey = old.ID, old.ID
				}
			})
		}},
		{name: "a seat taken by somebody who did not sign", why: foreign("seats_of_sign_off"), run: func(w *world, broken bool) error {
			return w.signed(models.Low).goLive(func(l *live) {
				if broken {
					l.seats[0].SignerID, l.people[0].PersonID = w.p("bob"), w.p("bob")
				}
			})
		}},
		{name: "changing a seat", why: trigger("seats_no_update", "rows of seats are never changed"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if !broken {
				return nil
			}
			return w.sql("UPDATE seats SET signer_id = ?, rev = rev + 1 WHERE version_id = ?", w.p("bob"), w.version)
		}},
	}
}

// Makers and checkers: who may sign, and for whom.
func signerViolations() []violation {
	signs := func(change func(w *world, x *models.SignOff)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			w.inReview(models.Low).stand("ann", models.Checker)
			x := w.signOff("ann", "ann", nil, "red")
			if broken {
				change(w, x)
			}
			return w.try(x)
		}
	}
	// dora signs for bob, with his word.
	delegated := func(change func(w *world, x *models.SignOff)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			w.inReview(models.Low).stand("dora", models.Checker).stand("bob", models.Checker)
			x := w.signOff("dora", "bob", w.delegation("dora", "bob"), "blue")
			if broken {
				change(w, x)
			}
			return w.try(x)
		}
	}
	const inTimeAgreed, onlyEnds = "who signs for another does so within the time agreed", "a delegation only ever ends, and once"
	return []violation{
		{name: "a maker signs", why: foreign("sign_offs_signer_checks"), run: signs(func(w *world, x *models.SignOff) {
			w.must(&models.TeamMember{TeamID: w.id("red"), PersonID: w.p("provisioner"), JoinedAt: 1})
			x.SignerID, x.PrincipalID = w.p("provisioner"), w.p("provisioner")
		})},
		{name: "somebody without a standing signs", why: foreign("sign_offs_signer_checks"), run: signs(func(w *world, x *models.SignOff) {
			x.SignerID, x.PrincipalID, x.TeamID = w.p("bob"), w.p("bob"), w.id("blue")
		})},
		{name: "a maker's side on a sign-off", why: inline("sign_offs_side_check", "side = 'checker'"), run: signs(func(w *world, x *models.SignOff) { x.Side = models.Maker })},
		{name: "a delegate of a maker signs", why: foreign("sign_offs_principal_checks"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).stand("dora", models.Checker).stand("bob", models.Checker)
			w.must(&models.TeamMember{TeamID: w.id("blue"), PersonID: w.p("provisioner"), JoinedAt: 1})
			principal := "bob"
			if broken {
				principal = "provisioner"
			}
			return w.try(w.signOff("dora", principal, w.delegation("dora", principal), "blue"))
		}},
		{name: "a maker signs as a delegate", why: foreign("sign_offs_signer_checks"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).stand("dora", models.Checker).stand("bob", models.Checker)
			signer := "dora"
			if broken {
				signer = "owner"
			}
			return w.try(w.signOff(signer, "bob", w.delegation(signer, "bob"), "blue"))
		}},
		{name: "a delegate without a delegation", why: check("sign_offs_delegated"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).stand("dora", models.Checker).stand("bob", models.Checker)
			x := w.signOff("dora", "bob", w.delegation("dora", "bob"), "blue")
			if broken {
				x.DelegationID = nil
			}
			return w.try(x)
		}},
		{name: "in one's own name with a delegation", why: check("sign_offs_delegated"), run: signs(func(w *world, x *models.SignOff) {
			x.DelegationID = w.delegation("ann", "bob")
		})},
		{name: "a delegation of another principal", why: foreign("sign_offs_delegation"), run: func(w *world, broken bool) error {
			w.inReview(models.Low).stand("dora", models.Checker).stand("bob", models.Checker)
			principal := "bob"
			if broken {
				principal = "cy"
			}
			return w.try(w.signOff("dora", "bob", w.delegation("dora", principal), "blue"))
		}},
		{name: "a delegation to oneself", why: check("delegations_to_another"), run: func(w *world, broken bool) error {
			d := &models.Delegation{ID: w.id("self"), DelegateID: w.p("ann"), PrincipalID: w.p("bob"), FromAt: 1, UntilAt: 9}
			if broken {
				d.PrincipalID = w.p("ann")
			}
			return w.try(d)
		}},
		{name: "a sign-off for another before the time agreed", why: trigger("sign_offs_in_delegation", inTimeAgreed), run: delegated(func(_ *world, x *models.SignOff) {
			x.SignedAt = 0
		})},
		{name: "a sign-off for another after the time agreed", why: trigger("sign_offs_in_delegation", inTimeAgreed), run: delegated(func(_ *world, x *models.SignOff) {
			x.SignedAt = 9
		})},
		{name: "a sign-off for another who took their word back", why: trigger("sign_offs_in_delegation", inTimeAgreed), run: delegated(func(w *world, x *models.SignOff) {
			require.NoError(w.t, w.sql("UPDATE delegations SET ended_at = 8, rev = rev + 1 WHERE id = ?", *x.DelegationID))
		})},
		{name: "a sign-off for another, for one's own team", why: trigger("sign_offs_for_own_team", "a sign-off is for a team that its approver is on"), run: delegated(func(w *world, x *models.SignOff) {
			w.must(&models.TeamMember{TeamID: w.id("red"), PersonID: w.p("dora"), JoinedAt: 1})
			x.TeamID = w.id("red")
		})},
		{name: "a delegation whose people are given in other letters", why: foreign("sign_offs_delegation"), run: delegated(func(w *world, x *models.SignOff) {
			upper := strings.ToUpper(w.p("bob"))
			w.must(&models.Person{ID: upper, Name: "BOB", TimeZone: "UTC", Status: models.PersonActive},
				&models.TeamMember{TeamID: w.id("blue"), PersonID: upper, JoinedAt: 1},
				&models.Standing{VersionID: w.version, PersonID: upper, Side: models.Checker})
			x.PrincipalID = upper
		})},
		{name: "a delegation that was over before it began", why: trigger("delegations_begin", "a delegation begins open"), run: func(w *world, broken bool) error {
			d := &models.Delegation{ID: w.id("over"), DelegateID: w.p("ann"), PrincipalID: w.p("bob"), FromAt: 1, UntilAt: 9}
			if broken {
				ended := models.Instant(2)
				d.EndedAt = &ended
			}
			return w.try(d)
		}},
		{name: "a longer delegation", why: trigger("delegations_only_end", onlyEnds), run: func(w *world, broken bool) error {
			set := "ended_at = 3"
			if broken {
				set = "until_at = 99"
			}
			return w.sql("UPDATE delegations SET "+set+", rev = rev + 1 WHERE id = ?", *w.delegation("dora", "bob"))
		}},
		{name: "a delegation to somebody else", why: trigger("delegations_only_end", onlyEnds), run: func(w *world, broken bool) error {
			id := *w.delegation("dora", "bob")
			if !broken {
				return nil
			}
			return w.sql("UPDATE delegations SET delegate_id = ?, rev = rev + 1 WHERE id = ?", w.p("ann"), id)
		}},
		{name: "a delegation that counts again", why: trigger("delegations_only_end", onlyEnds), run: func(w *world, broken bool) error {
			id := *w.delegation("dora", "bob")
			require.NoError(w.t, w.sql("UPDATE delegations SET ended_at = 3, rev = rev + 1 WHERE id = ?", id))
			if !broken {
				return nil
			}
			return w.sql("UPDATE delegations SET ended_at = NULL, rev = rev + 1 WHERE id = ?", id)
		}},
		{name: "a sign-off without a passkey where a custodian is asked", why: trigger("sign_offs_for_custodians", "where a system asks for its custodians, a sign-off is a passkey's signature"), run: func(w *world, broken bool) error {
			w.asksCustodian("red").stand("ann", models.Checker)
			x := w.signOff("ann", "ann", nil, "red")
			if !broken {
				w.byPasskey(x)
			}
			return w.try(x)
		}},
		{name: "a sign-off on another digest", why: foreign("sign_offs_of_digest"), run: signs(func(_ *world, x *models.SignOff) {
			x.Digest = strings.Repeat("b", 64)
		})},
		{name: "a sign-off on a draft", why: check("sign_offs_submitted"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			w.stand("ann", models.Checker)
			if !broken {
				w.submit()
			}
			return w.try(w.signOff("ann", "ann", nil, "red"))
		}},
		{name: "a sign-off for a later round", why: trigger("sign_offs_in_round", "a sign-off counts in the round that the version is in"), run: signs(func(_ *world, x *models.SignOff) {
			x.Round = 2
		})},
		{name: "a sign-off for a team that one is not on", why: trigger("sign_offs_for_own_team", "a sign-off is for a team that its approver is on"), run: signs(func(w *world, x *models.SignOff) {
			x.TeamID = w.id("blue")
		})},
		{name: "a sign-off for a team that one has left", why: trigger("sign_offs_for_own_team", "a sign-off is for a team that its approver is on"), run: signs(func(w *world, _ *models.SignOff) {
			require.NoError(w.t, w.sql("UPDATE team_members SET left_at = 3, rev = rev + 1 WHERE team_id = ? AND person_id = ?", w.id("red"), w.p("ann")))
		})},
		{name: "changing a sign-off", why: trigger("sign_offs_no_update", "rows of sign_offs are never changed"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			if !broken {
				return nil
			}
			return w.sql("UPDATE sign_offs SET method = 'passkey', rev = rev + 1 WHERE version_id = ?", w.version)
		}},
		{name: "changing a recall", why: trigger("recalls_no_update", "rows of recalls are never changed"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			w.must(&models.Recall{SignOffID: w.signOffs[0].ID, PersonID: w.p("ann"), Reason: "changed my mind", RecalledAt: 6})
			if !broken {
				return nil
			}
			return w.sql("UPDATE recalls SET reason = 'no', rev = rev + 1 WHERE sign_off_id = ?", w.signOffs[0].ID)
		}},
		{name: "a checker becomes a maker", why: primary("standings"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			who := "bob"
			if broken {
				who = "ann"
			}
			return w.try(&models.Standing{VersionID: w.version, PersonID: w.p(who), Side: models.Maker})
		}},
		{name: "changing sides", why: trigger("standings_no_update", "rows of standings are never changed"), run: func(w *world, broken bool) error {
			w.signed(models.Low)
			if !broken {
				return nil
			}
			return w.sql("UPDATE standings SET side = 'maker', rev = rev + 1 WHERE version_id = ? AND person_id = ?", w.version, w.p("ann"))
		}},
		{name: "a checker takes up a role", why: foreign("roles_maker"), run: func(w *world, broken bool) error {
			w.signed(models.Low).stand("bob", models.Maker)
			who := "bob"
			if broken {
				who = "ann"
			}
			return w.try(w.role(models.BusinessOwner, who))
		}},
		{name: "a checker contributes", why: foreign("contributions_maker"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			side := models.Maker
			if broken {
				side = models.Checker // of an earlier round of questions, say
			}
			w.stand("ann", side)
			return w.try(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("ann"), Side: models.Maker, At: 4})
		}},
	}
}

// The three roles: taken up by different people, on this digest.
func roleViolations() []violation {
	var all []violation
	for role, fk := range map[models.Role]string{
		models.BusinessOwner: "mandates_owner_accepted",
		models.Provisioner:   "mandates_provisioner_accepted",
		models.ControlOwner:  "mandates_control_owner_accepted",
	} {
		all = append(all, violation{name: "nobody accepted to be " + role.Words(), why: foreign(fk), run: func(w *world, broken bool) error {
			w.drafted(models.Low).submit()
			for r, who := range makers {
				if !broken || r != role {
					w.must(w.role(r, who))
				}
			}
			w.review()
			w.sign("ann", "red")
			return w.goLive(nil)
		}})
	}
	twoRoles := func(second models.Role, who string, change func(m *models.Mandate, id string)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			w.signed(models.High)
			w.must(w.role(second, who))
			return w.goLive(func(l *live) {
				if broken {
					change(l.mandate, w.p(who))
				}
			})
		}
	}
	return append(all, []violation{
		{name: "owner and provisioner are one person", why: check("mandates_owner_provisioner"),
			run: twoRoles(models.BusinessOwner, "provisioner", func(m *models.Mandate, id string) { m.OwnerID = id })},
		{name: "provisioner and control owner are one person", why: check("mandates_provisioner_control_owner"),
			run: twoRoles(models.ControlOwner, "provisioner", func(m *models.Mandate, id string) { m.ControlOwnerID = id })},
		{name: "owner and control owner are one person at high", why: check("mandates_owner_control_owner"), run: func(w *world, broken bool) error {
			tier := models.Moderate
			if broken {
				tier = models.High
			}
			w.signed(tier)
			w.must(w.role(models.ControlOwner, "owner"))
			return w.goLive(func(l *live) { l.mandate.ControlOwnerID = w.p("owner") })
		}},
		{name: "a role accepted on another digest", why: foreign("roles_of_digest"), run: func(w *world, broken bool) error {
			w.drafted(models.Low).submit()
			x := w.role(models.Provisioner, "provisioner")
			if broken {
				x.Digest = strings.Repeat("b", 64)
			}
			return w.try(x)
		}},
		{name: "a role accepted on a draft", why: check("roles_submitted"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			if !broken {
				w.submit()
			}
			return w.try(w.role(models.Provisioner, "provisioner"))
		}},
		{name: "an approver as a maker's role", why: inline("roles_role_check", "role IN ("), run: func(w *world, broken bool) error {
			w.drafted(models.Low).submit()
			x := w.role(models.Provisioner, "provisioner")
			if broken {
				x.Role = models.Approver
			}
			return w.try(x)
		}},
		{name: "an owner's acceptance as the provisioner's", why: inline("mandates_provisioner_role_check", "provisioner_role = 'provisioner'"), run: func(w *world, broken bool) error {
			return w.signed(models.Low).goLive(func(l *live) {
				if broken {
					l.mandate.ProvisionerRole = models.BusinessOwner
				}
			})
		}},
		{name: "changing an acceptance", why: trigger("roles_no_update", "rows of roles are never changed"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			if !broken {
				return nil
			}
			return w.sql("UPDATE roles SET accepted_at = 1, rev = rev + 1 WHERE version_id = ?", w.version)
		}},
		{name: "two open nominations for a role", why: unique("nominations_one_open", "nominations.version_id, nominations.role"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			state := models.NominationDeclined
			if broken {
				state = models.NominationOpen
			}
			w.must(w.nomination("one", models.Provisioner, "provisioner", models.NominationOpen))
			return w.try(w.nomination("two", models.Provisioner, "bob", state))
		}},
		{name: "two accepted nominations for a role", why: unique("nominations_one_accepted", "nominations.version_id, nominations.role"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			state := models.NominationReplaced
			if broken {
				state = models.NominationAccepted
			}
			w.must(w.nomination("one", models.Provisioner, "provisioner", models.NominationAccepted))
			return w.try(w.nomination("two", models.Provisioner, "bob", state))
		}},
	}...)
}

// Mandates: one in force, on the version as it was signed, ended once.
func mandateViolations() []violation {
	begins := func(tier models.Tier, change func(w *world, l *live)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			return w.signed(tier).goLive(func(l *live) {
				if broken {
					change(w, l)
				}
			})
		}
	}
	const ends = "a mandate only ever ends, and once"
	const begin = "a mandate begins open, in the round of a version that has not ended"
	all := []violation{
		{name: "a mandate that needs fewer approvers", why: foreign("mandates_of_version"), run: begins(models.High, func(_ *world, l *live) {
			l.mandate.Need, l.seats, l.people = 1, l.seats[:1], l.people[:1]
		})},
		{name: "a mandate that does not keep teams apart", why: foreign("mandates_of_version"), run: begins(models.Critical, func(_ *world, l *live) {
			l.mandate.Apart = 0
			for _, x := range l.seats {
				x.Apart, x.ApartKey = 0, x.SignOffID
			}
		})},
		{name: "a mandate of a lower tier", why: foreign("mandates_of_version"), run: begins(models.High, func(_ *world, l *live) { l.mandate.Tier = models.Low })},
		{name: "a mandate on another digest", why: foreign("mandates_of_version"), run: begins(models.Low, func(_ *world, l *live) {
			l.mandate.Digest, l.seats[0].Digest = strings.Repeat("b", 64), strings.Repeat("b", 64)
		})},
		{name: "a mandate of another capability", why: foreign("mandates_of_version"), run: begins(models.Low, func(w *world, l *live) {
			w.must(&models.Capability{ID: w.id("other"), AgentID: w.id("agent"), CreatedBy: w.p("owner"), CreatedAt: 2})
			l.mandate.CapabilityID = w.id("other")
		})},
		{name: "a mandate in another round", why: trigger("mandates_begin", begin), run: begins(models.Low, func(_ *world, l *live) {
			l.mandate.Round, l.seats[0].Round = 2, 2
		})},
		{name: "a mandate of a withdrawn version", why: trigger("mandates_begin", begin), run: begins(models.Low, func(w *world, _ *live) {
			require.NoError(w.t, w.state("withdrawn"))
		})},
		{name: "a mandate that begins ended", why: trigger("mandates_begin", begin), run: begins(models.Low, func(_ *world, l *live) {
			l.mandate.EndedAt, l.mandate.EndReason = models.Instant(8).Ref(), "revoked"
		})},
		{name: "a second open mandate", why: unique("mandates_one_open", "mandates.capability_id"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if !broken {
				require.NoError(w.t, w.end())
			}
			return w.goLive(func(l *live) { l.rename(w.id("successor")) })
		}},
		{name: "ending a mandate twice", why: trigger("mandates_only_end", ends), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if broken {
				require.NoError(w.t, w.end())
			}
			return w.end()
		}},
		{name: "un-ending a mandate", why: trigger("mandates_only_end", ends), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if !broken {
				return w.end()
			}
			require.NoError(w.t, w.end())
			return w.sql("UPDATE mandates SET ended_at = NULL, end_reason = '', rev = rev + 1 WHERE version_id = ?", w.version)
		}},
		{name: "a mandate that ends before it begins", why: check("mandates_times"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			at := 9
			if broken {
				at = 6
			}
			return w.sql("UPDATE mandates SET ended_at = ?, end_reason = 'revoked', rev = rev + 1 WHERE version_id = ?", at, w.version)
		}},
		{name: "ending without a reason", why: check("mandates_ended"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if !broken {
				return w.end()
			}
			return w.sql("UPDATE mandates SET ended_at = 9, rev = rev + 1 WHERE version_id = ?", w.version)
		}},
	}
	for column, value := range map[string]any{"until_at": 99, "review_due_at": 99, "from_at": 1, "round": 2, "owner_id": "bob"} {
		all = append(all, violation{name: "changing a mandate's " + column, why: trigger("mandates_only_end", ends), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.signed(models.Low).goLive(nil))
			if !broken {
				return w.end()
			}
			if column == "owner_id" {
				value = w.p("bob")
			}
			return w.sql("UPDATE mandates SET "+column+" = ?, ended_at = 9, end_reason = 'revoked', rev = rev + 1 WHERE version_id = ?", value, w.version)
		}})
	}
	return all
}
