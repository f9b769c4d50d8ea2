package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/ledger/passkey"
	"countersign/models"
)

// switchOn switches the emergency path on: adam proposes, eve confirms.
func (h *house) switchOn() string {
	h.t.Helper()
	id := h.admin("adam", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.ProposeSwitch("Nights have one approver on call")
	}).Subject
	h.admin("eve", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) })
	return id
}

// stated is an emergency as an approver states it.
func stated() models.Signing {
	return models.Signing{Comment: "Servers are down; customers wait until they are changed.", Minutes: 90}
}

// breakGlass is an approver's act with their passkey.
func (h *house) breakGlass(version string, how models.Signing) onCap {
	shown := h.shown(version)
	return func(f models.CapabilityFacts) (models.Change, error) { return h.keys.BreakGlass(f, shown, how) }
}

// emergency is a version in review that runs under break glass, opened by xena.
func (h *house) emergency(ops ...string) (capability, version, id string) {
	h.t.Helper()
	h.switchOn()
	capability, version = h.reviewed(ops...)
	return capability, version, h.must("xena", capability, h.breakGlass(version, stated())).Subject
}

func (h *house) emergencyRow(id string) models.Emergency {
	h.t.Helper()
	return rows[models.Emergency](h.t, h, "id", "id = ?", id)[0]
}

func (h *house) review(by, id, verdict, finding string) (models.Receipt, error) {
	return h.DecideEmergency(context.Background(), h.act(by), id, func(f models.CapabilityFacts) (models.Change, error) {
		return f.ReviewEmergency(id, verdict, finding)
	})
}

func (h *house) mayAct(capability string) bool {
	h.t.Helper()
	f, err := capabilityFacts(h.read, models.Env{Now: *h.clock}, capability, Lookup{})
	require.NoError(h.t, err)
	may, _ := f.MayAct()
	return may
}

// waitsFor are the names of the approvers in whose inbox the review of it is.
func (h *house) waitsFor(id string) (names []string) {
	h.t.Helper()
	for _, name := range []string{"anna", "pete", "carl", "adam", "xena", "yuri", "zoe"} {
		in, err := h.Inbox(context.Background(), h.party(name), InboxAsk{})
		require.NoError(h.t, err)
		if slices.ContainsFunc(in.Duties, func(d InboxDuty) bool { return d.Kind == models.DutyReviewEmergency && d.Detail == id }) {
			names = append(names, name)
		}
	}
	return names
}

func TestBreakGlass(t *testing.T) {
	cases{
		"runs for the minutes stated, and no longer": func(t *testing.T, h *house) {
			capability, version, id := h.emergency("infra")
			e := h.emergencyRow(id)
			require.Equal(t, e.FromAt+90*models.Minute, e.UntilAt)
			require.Equal(t, e.FromAt+2*models.Day, e.ReviewDueAt)
			require.Equal(t, models.MethodPasskey, e.Method)
			signed := rows[models.Signature](t, h, "id", "id = ?", *e.SignatureID)[0]
			require.Equal(t, models.DecisionBreakGlass, signed.Decision)
			require.Contains(t, signed.Document, `"minutes":90`)
			require.Contains(t, signed.Document, "customers wait")
			require.True(t, h.mayAct(capability))
			require.Equal(t, models.InReview, h.version(version).State, "it stays in review")
			h.pass(90 * models.Minute)
			require.False(t, h.mayAct(capability), "its time is over")
			require.Nil(t, h.emergencyRow(id).EndedAt, "by itself, without anybody writing it")
		},
		"pages everybody who was skipped, at once": func(t *testing.T, h *house) {
			_, _, id := h.emergency("infra")
			want := []string{h.people["anna"], h.people["pete"], h.people["carl"], h.people["adam"], h.people["eve"], "pool:approver", "team:" + h.teams["Platform"]}
			require.ElementsMatch(t, want, h.emergencyRow(id).Recipients())
			var paged []string
			require.NoError(t, h.read.Raw("SELECT recipient FROM outbox WHERE kind = 'emergency.opened' AND subject = ?", id).Scan(&paged).Error)
			require.ElementsMatch(t, want, paged)
		},
		"owes a review within two days, to approvers who had no part in it": func(t *testing.T, h *house) {
			_, _, id := h.emergency("infra")
			d := rows[models.Duty](t, h, "id", "kind = ? AND detail = ?", models.DutyReviewEmergency, id)[0]
			require.Equal(t, h.emergencyRow(id).ReviewDueAt, d.DueAt)
			require.Equal(t, []string{"yuri", "zoe"}, h.waitsFor(id))
			h.pass(2 * models.Hour)
			_, err := h.review("yuri", id, models.Justified, "The servers were down; two were changed.")
			require.NoError(t, err)
			e := h.emergencyRow(id)
			require.Equal(t, models.EmergencyOver, e.EndReason)
			require.Equal(t, e.UntilAt, *e.EndedAt)
			require.Equal(t, models.SystemActor, *e.EndedBy)
			require.Equal(t, models.Justified, e.Verdict)
			require.Empty(t, h.waitsFor(id))
		},
		"who has signed the version may review it": func(t *testing.T, h *house) {
			capability, version, id := h.emergency("infra")
			h.signs(t, "yuri", capability, version)
			require.Equal(t, []string{"yuri", "zoe"}, h.waitsFor(id))
		},
		"ends when the version goes live, and the review is owed all the same": func(t *testing.T, h *house) {
			capability, version, id := h.emergency("infra")
			h.signs(t, "yuri", capability, version)
			require.True(t, h.mayAct(capability))
			h.signs(t, "xena", capability, version)
			require.Equal(t, models.Live, h.version(version).State)
			require.Equal(t, models.EmergencyLive, h.emergencyRow(id).EndReason)
			require.True(t, h.mayAct(capability))
			require.Equal(t, []string{"yuri", "zoe"}, h.waitsFor(id))
			_, err := h.review("zoe", id, models.NotJustified, "It could have waited an hour.")
			require.NoError(t, err)
			require.Equal(t, models.Live, h.version(version).State, "what is in force was signed by itself")
		},
		"ends when the version is withdrawn, refused or sent back": func(t *testing.T, h *house) {
			h.switchOn()
			for by, end := range map[string]func(version string, shown models.Shown) onCap{
				"anna": func(version string, _ models.Shown) onCap {
					return func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Not needed") }
				},
				"yuri": func(_ string, shown models.Shown) onCap {
					return func(f models.CapabilityFacts) (models.Change, error) {
						return f.Refuse(shown, models.Signing{Comment: "No"})
					}
				},
				"zoe": func(_ string, shown models.Shown) onCap {
					return func(f models.CapabilityFacts) (models.Change, error) {
						return f.AskForChanges(shown, models.Signing{Comment: "Name the servers"})
					}
				},
			} {
				capability, version := h.reviewed("infra")
				id := h.must("xena", capability, h.breakGlass(version, stated())).Subject
				h.must(by, capability, end(version, h.shown(version)))
				require.Equal(t, models.EmergencyVersion, h.emergencyRow(id).EndReason, by)
				require.False(t, h.mayAct(capability), by)
				require.Contains(t, h.waitsFor(id), "yuri", by)
			}
		},
		"beside a version in force: it ends alone": func(t *testing.T, h *house) {
			h.switchOn()
			capability, _ := h.live("infra")
			version := h.next(capability, "infra", "write")
			id := h.must("zoe", capability, h.breakGlass(version, stated())).Subject
			h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Stop(models.OnCapability, "It went astray")
			})
			require.Equal(t, models.EmergencyStopped, h.emergencyRow(id).EndReason, "a stop ends both")
			require.False(t, h.mayAct(capability))
			require.Len(t, h.holds(capability), 1)
		},
		"who only opened it stops only it": func(t *testing.T, h *house) {
			h.switchOn()
			capability, _ := h.live("infra") // by xena and yuri
			version := h.next(capability, "infra", "write")
			id := h.must("zoe", capability, h.breakGlass(version, stated())).Subject
			h.must("zoe", capability, stop(models.OnCapability))
			require.Equal(t, models.EmergencyStopped, h.emergencyRow(id).EndReason)
			require.True(t, h.mayAct(capability), "the version in force is not theirs to stop")
		},
		"any of the three makers or its approver stops it": func(t *testing.T, h *house) {
			h.switchOn()
			for _, by := range []string{"anna", "pete", "carl", "xena"} {
				capability, version := h.reviewed("infra")
				id := h.must("xena", capability, h.breakGlass(version, stated())).Subject
				h.must(by, capability, stop(models.OnCapability))
				require.False(t, h.mayAct(capability), by)
				require.Equal(t, "It went astray", h.emergencyRow(id).EndCause)
				require.Empty(t, h.holds(capability), "nothing has to be lifted before the version is signed")
				h.refusesOn(t, by, capability, models.Conflict, "stop.live", "Nothing is in force", stop(models.OnCapability))
			}
		},
		"a stop of the agent through another of its tasks stops it": func(t *testing.T, h *house) {
			capability, _, _ := h.emergency("infra")
			h.must("anna", capability, stop(models.OnAgent))
			require.False(t, h.mayAct(capability))
			require.Len(t, h.holds(capability), 1)
		},
		"a leaver stops it": func(t *testing.T, h *house) {
			capability, _, _ := h.emergency("infra")
			require.True(t, h.mayAct(capability))
			h.leaves("xena")
			require.False(t, h.mayAct(capability), "who opened it answers for it")
		},
		"two people who turn out to be one end it": func(t *testing.T, h *house) {
			capability, version, id := h.emergency("infra")
			h.areOne("xena", "pete")
			require.Equal(t, models.EmergencyMerged, h.emergencyRow(id).EndReason)
			require.Equal(t, models.Withdrawn, h.version(version).State)
			require.False(t, h.mayAct(capability))
			require.Equal(t, []string{"yuri", "zoe"}, h.waitsFor(id), "it is reviewed all the same")
		},
		"binds the agent's identity, so that it is known by it": func(t *testing.T, h *house) {
			capability, _, _ := h.emergency("infra")
			f, err := capabilityFacts(h.read, models.Env{Now: *h.clock}, capability, Lookup{})
			require.NoError(t, err)
			require.Len(t, f.Bindings, 1)
		},
	}.onBoth(t)
}

func TestBreakGlassIsRefused(t *testing.T) {
	cases{
		"while the path is off": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			off := func() {
				h.refusesOn(t, "xena", capability, models.Forbidden, "emergency.off", "Two administrators", h.breakGlass(version, stated()))
			}
			off()
			id := h.admin("adam", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) { return f.ProposeSwitch("Nights") }).Subject
			off()
			h.admin("eve", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) })
			h.admin("eve", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) { return f.SwitchEmergencyOff(id) })
			off()
		},
		"to makers, to those who are no approvers, and in somebody else's name": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			for _, by := range []string{"anna", "pete", "carl"} {
				h.refusesOn(t, by, capability, models.Forbidden, "separation.approver", "never checks their own work", h.breakGlass(version, stated()))
			}
			how := stated()
			how.For = h.people["yuri"]
			h.refusesOn(t, "xena", capability, models.Forbidden, "emergency.own_name", "own name", h.breakGlass(version, how))
			h.admin("adam", AdminLookup{People: []string{h.people["pete"]}}, func(f models.AdminFacts) (models.Change, error) { return f.Grant(h.people["pete"], models.Approver) })
			h.refusesOn(t, "pete", capability, models.Forbidden, "separation.approver", "never checks their own work", h.breakGlass(version, stated()))
		},
		"without a statement, or for none or too many minutes": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			for _, how := range []models.Signing{{Minutes: 10}, {Comment: " ", Minutes: 10}, {Comment: "Down"}, {Comment: "Down", Minutes: -1}, {Comment: "Down", Minutes: 121}} {
				h.refusesOn(t, "xena", capability, models.Invalid, "input", "There is a problem", h.breakGlass(version, how))
			}
		},
		"a second time, whoever asks": func(t *testing.T, h *house) {
			capability, version, _ := h.emergency("infra")
			for _, by := range []string{"xena", "zoe"} {
				h.refusesOn(t, by, capability, models.Conflict, "emergency.once", "has had its emergency", h.breakGlass(version, stated()))
			}
			h.must("anna", capability, stop(models.OnCapability))
			h.pass(3 * models.Hour)
			h.refusesOn(t, "zoe", capability, models.Conflict, "emergency.once", "has had its emergency", h.breakGlass(version, stated()))
		},
		"without a passkey at high": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			shown := h.shown(version)
			h.refusesOn(t, "xena", capability, models.Invalid, "passkey.missing", "takes your passkey", func(f models.CapabilityFacts) (models.Change, error) { return f.BreakGlass(shown, stated()) })
		},
		"with a passkey's word on something else": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			party, err := passkey.New("https://countersign.example")
			require.NoError(t, err)
			key, shown := h.ownKey(t, party, "xena"), h.shown(version)
			for _, asked := range []struct {
				decision string
				how      models.Signing
			}{{models.DecisionSignOff, models.Signing{Comment: stated().Comment}}, {models.DecisionBreakGlass, models.Signing{Comment: stated().Comment, Minutes: 5}},
				{models.DecisionBreakGlass, models.Signing{Comment: "Something else", Minutes: stated().Minutes}}} {
				h.refusesOn(t, "xena", capability, models.Conflict, "passkey.other", "signed something else", func(f models.CapabilityFacts) (models.Change, error) {
					approval, err := f.ApprovalOf(asked.decision, shown, asked.how)
					require.NoError(t, err)
					question, options, err := party.Sign(f.By.Person, f.Passkeys, approval, f.Now)
					require.NoError(t, err)
					how := stated()
					how.Answer, err = key.Sign(options)
					require.NoError(t, err)
					f.Challenge, how.Verify = &question, party.Signed
					return f.BreakGlass(shown, how)
				})
			}
		},
		"on what changed since it was shown": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			shown := h.shown(version)
			shown.Digest = strings.Repeat("0", 64)
			h.refusesOn(t, "xena", capability, models.Conflict, "version.changed", "This changed", func(f models.CapabilityFacts) (models.Change, error) { return f.BreakGlass(shown, stated()) })
		},
		"where the own sign-off is the last one": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			h.refusesOn(t, "yuri", capability, models.Conflict, "emergency.needless", "Sign it off", h.breakGlass(version, stated()))
			h.must("xena", capability, h.breakGlass(version, stated())) // who has signed, and waits for the other
		},
		"where one approver is enough": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.reviewed("read")
			h.refusesOn(t, "xena", capability, models.Conflict, "emergency.needless", "Sign it off", h.breakGlass(version, stated()))
		},
		"while something holds it": func(t *testing.T, h *house) {
			h.switchOn()
			capability, _ := h.live("infra")
			version := h.next(capability, "infra", "write")
			h.must("carl", capability, stop(models.OnCapability))
			h.refusesOn(t, "zoe", capability, models.Conflict, "emergency.held", "A stop wins", h.breakGlass(version, stated()))
		},
		"in a version that is not in review": func(t *testing.T, h *house) {
			h.switchOn()
			capability, version := h.live("infra")
			h.refusesOn(t, "zoe", capability, models.Conflict, "version.changed", "This changed", h.breakGlass(version, stated()))
		},
	}.onFile(t)
}

func TestReviewOfAnEmergency(t *testing.T) {
	cases{
		"is not for its approver, nor for a maker": func(t *testing.T, h *house) {
			_, _, id := h.emergency("infra")
			h.pass(2 * models.Hour)
			h.refuses(t, models.Forbidden, "emergency.review", "somebody else", func() error {
				_, err := h.review("xena", id, models.Justified, "Fine")
				return err
			})
			h.refuses(t, models.Forbidden, "separation.approver", "never checks their own work", func() error {
				_, err := h.review("pete", id, models.Justified, "Fine")
				return err
			})
			for _, by := range []string{"adam", "olga"} {
				h.refuses(t, models.NotFound, "not_found", "no such", func() error {
					_, err := h.review(by, id, models.Justified, "Fine")
					return err
				})
			}
			h.refuses(t, models.Forbidden, "role.approver", "Only an approver", func() error {
				_, err := h.review("udo", id, models.Justified, "Fine")
				return err
			})
		},
		"needs a verdict and a finding, and happens once": func(t *testing.T, h *house) {
			_, _, id := h.emergency("infra")
			h.pass(2 * models.Hour)
			for _, typed := range [][2]string{{"", "Fine"}, {"maybe", "Fine"}, {models.Justified, " "}} {
				h.refuses(t, models.Invalid, "input", "There is a problem", func() error {
					_, err := h.review("yuri", id, typed[0], typed[1])
					return err
				})
			}
			_, err := h.review("yuri", id, models.Justified, "Fine")
			require.NoError(t, err)
			h.refuses(t, models.Conflict, "emergency.reviewed", "already reviewed", func() error {
				_, err := h.review("zoe", id, models.NotJustified, "Not fine")
				return err
			})
		},
		"finds it not justified while it runs, and ends it": func(t *testing.T, h *house) {
			capability, _, id := h.emergency("infra")
			h.refuses(t, models.Invalid, "input", "still runs", func() error {
				_, err := h.review("yuri", id, models.Justified, "Fine")
				return err
			})
			_, err := h.review("yuri", id, models.NotJustified, "Nobody is waiting for it.")
			require.NoError(t, err)
			require.Equal(t, models.EmergencyNotJustified, h.emergencyRow(id).EndReason)
			require.False(t, h.mayAct(capability))
		},
		"is of what it was, long after": func(t *testing.T, h *house) {
			capability, version, id := h.emergency("infra")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Not needed") })
			h.must("anna", capability, models.CapabilityFacts.NewDraft)
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Withdraw(f.Open.Version.ID, "Nor this")
			})
			h.pass(10 * models.Day)
			_, err := h.review("zoe", id, models.NotJustified, "It was withdrawn within the hour.")
			require.NoError(t, err)
		},
	}.onBoth(t)
}

func TestTheEmergencyPathTakesTwo(t *testing.T) {
	propose := func(f models.AdminFacts) (models.Change, error) { return f.ProposeSwitch("Nights") }
	look := AdminLookup{Emergency: true}
	cases{
		"to switch on, and one to switch off": func(t *testing.T, h *house) {
			id := h.admin("adam", look, propose).Subject
			confirm := func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) }
			waits := func(name string) bool {
				in, err := h.Inbox(context.Background(), h.party(name), InboxAsk{})
				require.NoError(t, err)
				return slices.ContainsFunc(in.Duties, func(d InboxDuty) bool { return d.Subject == id })
			}
			require.False(t, waits("adam"), "nobody confirms their own")
			require.True(t, waits("eve"))
			h.refuses(t, models.Forbidden, "emergency.second", "another administrator", func() error { return h.tryAdmin("adam", look, confirm) })
			h.refuses(t, models.Conflict, "emergency.open", "already proposed", func() error { return h.tryAdmin("eve", look, propose) })
			h.admin("eve", look, confirm)
			require.False(t, waits("eve"))
			h.refuses(t, models.Conflict, "emergency.decided", "no longer waiting", func() error { return h.tryAdmin("eve", look, confirm) })
			h.refuses(t, models.Conflict, "emergency.on", "on already", func() error { return h.tryAdmin("eve", look, propose) })
			off := func(f models.AdminFacts) (models.Change, error) { return f.SwitchEmergencyOff(id) }
			h.admin("adam", look, off)
			h.refuses(t, models.Conflict, "emergency.is_off", "off already", func() error { return h.tryAdmin("eve", look, off) })
		},
		"and is withdrawn by any of them": func(t *testing.T, h *house) {
			id := h.admin("adam", look, propose).Subject
			h.admin("eve", look, func(f models.AdminFacts) (models.Change, error) { return f.WithdrawSwitch(id) })
			h.refuses(t, models.Conflict, "emergency.decided", "no longer waiting", func() error {
				return h.tryAdmin("eve", look, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) })
			})
		},
		"who are administrators": func(t *testing.T, h *house) {
			id := h.admin("adam", look, propose).Subject
			for _, by := range []string{"xena", "anna", "udo"} {
				for _, rule := range []func(models.AdminFacts) (models.Change, error){propose,
					func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) },
					func(f models.AdminFacts) (models.Change, error) { return f.WithdrawSwitch(id) },
					func(f models.AdminFacts) (models.Change, error) { return f.SwitchEmergencyOff(id) }} {
					h.refuses(t, models.Forbidden, "role.administrator", "administrator", func() error { return h.tryAdmin(by, look, rule) })
				}
			}
		},
		"with a reason": func(t *testing.T, h *house) {
			h.refuses(t, models.Invalid, "input", "There is a problem", func() error {
				return h.tryAdmin("adam", look, func(f models.AdminFacts) (models.Change, error) { return f.ProposeSwitch(" ") })
			})
		},
		"and goes off when the two turn out to be one": func(t *testing.T, h *house) {
			h.person("bea", "Platform", models.Administrator)
			h.person("bob", "Platform", models.Administrator)
			id := h.admin("bea", look, propose).Subject
			h.admin("bob", look, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(id) })
			h.areOne("bea", "bob")
			require.Equal(t, models.SwitchOff, rows[models.EmergencySwitch](t, h, "id", "id = ?", id)[0].State)
		},
	}.onBoth(t)
}

// Two approvers, or one with two windows, at once: one emergency.
func TestTwoEmergenciesAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.switchOn()
		capability, version := h.reviewed("infra")
		try := map[string]onCap{"xena": h.breakGlass(version, stated()), "zoe": h.breakGlass(version, stated())}
		var all sync.WaitGroup
		var mu sync.Mutex
		said := map[string]int{}
		for range 4 {
			for by, rule := range try {
				all.Go(func() {
					_, err := h.try(by, capability, rule)
					mu.Lock()
					defer mu.Unlock()
					said[fmt.Sprint(refusedBy(err))]++
				})
			}
		}
		all.Wait()
		require.Equal(t, map[string]int{"": 1, "emergency.once": 7}, said)
		require.Len(t, rows[models.Emergency](t, h, "id", "1 = 1"), 1)
		whole(t, h)
	})
}

// A stop and an emergency at once: whichever came first, nothing runs afterwards.
func TestAStopWinsOverAnEmergency(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		h.switchOn()
		capability, _ := h.live("infra")
		version := h.next(capability, "infra", "write")
		glass := h.breakGlass(version, stated())
		var all sync.WaitGroup
		all.Go(func() { _, _ = h.try("zoe", capability, glass) })
		all.Go(func() { _, _ = h.try("carl", capability, stop(models.OnCapability)) })
		all.Wait()
		require.False(t, h.mayAct(capability))
		whole(t, h)
	})
}

// attack is a row that the tables have to refuse, for one thing that is wrong in it.
type attack struct {
	name  string
	wrong func(h *house, e *models.Emergency)
	why   because
}

// What the rules refuse the tables refuse by themselves: each row here is the one
// that BreakGlass would write, with one thing changed.
func TestTheDatabaseHoldsEmergencies(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.switchOn()
		capability, version := h.reviewed("infra")
		other, elsewhere := h.reviewed("infra")
		h.must("xena", other, h.breakGlass(elsewhere, stated()))
		h.signs(t, "zoe", other, elsewhere)
		h.must("anna", other, stop(models.OnCapability)) // ended, so that only "once" is in the way of another
		theirs := rows[models.Signature](t, h, "id", "version_id = ?", elsewhere)
		db := plain(h.Store)
		row := h.glassRow(t, capability, version)
		try := func(e models.Emergency) error {
			tx := db.Begin()
			defer tx.Rollback()
			if err := tx.Create(&e).Error; err != nil {
				return err
			}
			return nil
		}
		require.NoError(t, try(row), "as it should be it is legal")
		for _, a := range []attack{
			{"three hours", func(_ *house, e *models.Emergency) { e.UntilAt = e.FromAt + 3*models.Hour }, check("emergencies_two_hours")},
			{"a review in three days", func(_ *house, e *models.Emergency) { e.ReviewDueAt = e.FromAt + 3*models.Day }, check("emergencies_review_in_two_days")},
			{"without a passkey at high", func(_ *house, e *models.Emergency) { e.Method, e.SignatureID = models.MethodFresh, nil }, check("emergencies_signed")},
			{"a passkey's word on another version", func(_ *house, e *models.Emergency) {
				e.SignatureID = &theirs[slices.IndexFunc(theirs, func(s models.Signature) bool { return s.Decision == models.DecisionBreakGlass })].ID
			}, trigger("emergencies_by_passkey", "an emergency is a passkey's signature on just that")},
			{"a passkey's word on a sign-off", func(h *house, e *models.Emergency) {
				s := h.forgedSignature(t, *e, models.DecisionSignOff)
				e.SignatureID = &s
			}, trigger("emergencies_by_passkey", "an emergency is a passkey's signature on just that")},
			{"a team that is not theirs", func(h *house, e *models.Emergency) {
				e.TeamID = h.teams["Platform"]
				s := h.forgedSignature(t, *e, models.DecisionBreakGlass)
				e.SignatureID = &s
			}, trigger("emergencies_for_own_team", "for a team that its approver is on")},
			{"a path that was never on", func(_ *house, e *models.Emergency) { e.SwitchID = "ems_none" }, trigger("emergencies_switched_on", "while the path is off")},
			{"another round", func(h *house, e *models.Emergency) {
				e.Round = 2
				s := h.forgedSignature(t, *e, models.DecisionBreakGlass)
				e.SignatureID = &s
			}, trigger("emergencies_begin", "begins open, in the round")},
			{"already ended", func(_ *house, e *models.Emergency) {
				by := "system"
				e.EndedAt, e.EndedBy, e.EndReason = e.FromAt.Ref(), &by, models.EmergencyOver
			}, trigger("emergencies_begin", "begins open")},
			{"another digest", func(_ *house, e *models.Emergency) {
				e.Digest, e.Method, e.SignatureID, e.Tier = strings.Repeat("0", 64), models.MethodSession, nil, models.Low
			}, foreign("emergencies_of_version")},
			{"a lower tier", func(_ *house, e *models.Emergency) {
				e.Method, e.SignatureID, e.Tier = models.MethodSession, nil, models.Low
			}, foreign("emergencies_of_version")},
			{"an owner who accepted nothing", func(h *house, e *models.Emergency) { e.OwnerID = h.people["olga"] }, foreign("emergencies_owner_accepted")},
			{"one person in two roles", func(_ *house, e *models.Emergency) { e.OwnerID = e.ProvisionerID }, check("emergencies_owner_provisioner")},
			{"for a second time", func(_ *house, e *models.Emergency) {
				*e = rows[models.Emergency](t, h, "id", "version_id = ?", elsewhere)[0]
				e.ID, e.SignatureID, e.EndedAt, e.EndedBy = "emg_again", nil, nil, nil
				e.EndReason, e.EndCause, e.Rev = "", "", 1
				s := h.forgedSignature(t, *e, models.DecisionBreakGlass)
				e.SignatureID = &s
			}, unique("emergencies_one_of_version", "emergencies.version_id")},
		} {
			e := row
			a.wrong(h, &e)
			err := try(e)
			t.Run(a.name, func(t *testing.T) { requireRefused(t, h.Store, err, a.why) })
		}

		t.Run("a maker who opens it", func(t *testing.T) {
			e := row
			e.ApproverID, e.TeamID = h.people["pete"], h.teams["Platform"]
			h.admin("pete", AdminLookup{Passkeys: true}, h.keys.Add)
			s := h.forgedSignature(t, e, models.DecisionBreakGlass)
			e.SignatureID = &s
			requireRefused(t, h.Store, try(e), foreign("emergencies_approver_checks"))
		})
		require.NoError(t, db.Create(&row).Error)
		change := func(why because, set string, args ...any) {
			t.Helper()
			requireRefused(t, h.Store, db.Exec("UPDATE emergencies SET rev = rev + 1, "+set+" WHERE id = ?", append(args, row.ID)...).Error, why)
		}
		only := trigger("emergencies_only_end", "only ever ends and is reviewed, each once")
		change(only, "until_at = until_at + 60000000")
		change(only, "emergency = 'Nothing of note'")
		change(only, "approver_id = ?", h.people["yuri"])
		review := "reviewer_id = ?, review_side = 'checker', reviewed_at = from_at + 5, verdict = 'justified', finding = 'Fine'"
		ended := "ended_at = from_at + 5, ended_by = 'system', end_reason = 'over', "
		change(check("emergencies_reviewed_over"), review, h.people["yuri"])
		change(check("emergencies_second_person"), ended+review, row.ApproverID)
		change(foreign("emergencies_reviewer_checks"), ended+review, h.people["pete"])
		change(check("emergencies_times"), "ended_at = until_at + 1, ended_by = 'system', end_reason = 'over'")
		require.NoError(t, db.Exec("UPDATE emergencies SET rev = rev + 1, ended_at = from_at + 5, ended_by = 'system', end_reason = 'over' WHERE id = ?", row.ID).Error)
		change(only, "ended_at = NULL, ended_by = NULL, end_reason = ''")
		require.Error(t, db.Exec("DELETE FROM emergencies WHERE id = ?", row.ID).Error)

		t.Run("what is held", func(t *testing.T) {
			third, last := h.reviewed("infra")
			e := h.glassRow(t, third, last)
			for _, target := range [][2]string{{models.OnCapability, third}, {models.OnPerson, h.people["carl"]}, {models.OnAll, ""}} {
				hold := models.Hold{ID: "hld_" + target[0], TargetKind: target[0], TargetID: target[1], Kind: models.HoldStop, PlacedBy: "system", PlacedAt: 1, Record: models.Record{Rev: 1}}
				tx := db.Begin()
				require.NoError(t, tx.Create(&hold).Error)
				err := tx.Create(&e).Error
				tx.Rollback()
				requireRefused(t, h.Store, err, trigger("emergencies_not_held", "no emergency for what is held"))
			}
		})
		t.Run("a path that is off", func(t *testing.T) {
			third, last := h.reviewed("infra")
			e := h.glassRow(t, third, last)
			h.admin("eve", AdminLookup{Emergency: true}, func(f models.AdminFacts) (models.Change, error) { return f.SwitchEmergencyOff(e.SwitchID) })
			requireRefused(t, h.Store, try(e), trigger("emergencies_switched_on", "while the path is off"))
			back := func(set string) error {
				return db.Exec("UPDATE emergency_switches SET rev = rev + 1, " + set + " WHERE id = '" + e.SwitchID + "'").Error
			}
			forward := trigger("emergency_switches_then_forward", "each once")
			requireRefused(t, h.Store, back("state = 'on', ended_by = NULL, ended_at = NULL"), forward)
			alone := models.EmergencySwitch{ID: "ems_alone", State: models.SwitchOn, Reason: "Mine", ProposedBy: h.people["adam"], ProposedAt: 1, ConfirmedAt: models.Instant(2).Ref(), Record: models.Record{Rev: 1}}
			by := h.people["eve"]
			alone.ConfirmedBy = &by
			requireRefused(t, h.Store, db.Create(&alone).Error, trigger("emergency_switches_then_begin", "proposed before it is on"))
			alone.State, alone.ConfirmedBy, alone.ConfirmedAt = models.SwitchProposed, nil, nil
			require.NoError(t, db.Create(&alone).Error)
			requireRefused(t, h.Store, db.Exec("UPDATE emergency_switches SET rev = rev + 1, state = 'on', confirmed_by = proposed_by, confirmed_at = 3 WHERE id = 'ems_alone'").Error, check("emergency_switches_second_person"))
			requireRefused(t, h.Store, db.Exec("UPDATE emergency_switches SET rev = rev + 1, state = 'on' WHERE id = 'ems_alone'").Error, check("emergency_switches_confirmed"))
		})
	})
}

// glassRow is the row that BreakGlass would write for xena, with what it hangs on.
func (h *house) glassRow(t *testing.T, capability, version string) models.Emergency {
	t.Helper()
	v := h.version(version)
	e := models.Emergency{ID: "emg_" + version, CapabilityID: capability, VersionID: version, Digest: v.Digest, Tier: v.Tier, Need: v.Need, Apart: v.Apart, Round: 1,
		ApproverID: h.people["xena"], TeamID: h.teams["Risk"], Side: models.Checker, Method: models.MethodPasskey,
		OwnerID: h.people["anna"], ProvisionerID: h.people["pete"], ControlOwnerID: h.people["carl"],
		OwnerRole: models.BusinessOwner, ProvisionerRole: models.Provisioner, ControlRole: models.ControlOwner,
		SwitchID: rows[models.EmergencySwitch](t, h, "id", "state = 'on'")[0].ID, Emergency: "Down", Paged: "[]", FromAt: *h.clock, UntilAt: *h.clock + models.Hour, ReviewDueAt: *h.clock + models.Day,
		Record: models.Record{Rev: 1}}
	require.NoError(t, plain(h.Store).Create(&models.Standing{VersionID: version, PersonID: e.ApproverID, Side: models.Checker, Record: models.Record{Rev: 1}}).Error)
	s := h.forgedSignature(t, e, models.DecisionBreakGlass)
	e.SignatureID = &s
	return e
}

// forgedSignature is a row that no key made: the tables cannot know that, verify can.
func (h *house) forgedSignature(t *testing.T, e models.Emergency, decision string) string {
	t.Helper()
	h.n++
	key := rows[models.Passkey](t, h, "id", "person_id = ?", e.ApproverID)[0]
	nonce := fmt.Sprintf("%043d", h.n)
	s := models.Signature{ID: "sgn_forged" + nonce[38:], PersonID: e.ApproverID, PasskeyID: key.ID, Decision: decision, VersionID: e.VersionID, Digest: e.Digest, Round: e.Round,
		PrincipalID: e.ApproverID, TeamID: e.TeamID, Construction: models.Construction, Document: "{}", Nonce: nonce, RPID: key.RPID, Origin: "https://countersign.example",
		CredentialID: key.CredentialID, PublicKey: key.PublicKey, ClientData: "x", AuthenticatorData: "x", Signature: "x", SignedAt: 1, Record: models.Record{Rev: 1}}
	require.NoError(t, plain(h.Store).Create(&s).Error)
	return s.ID
}

// emergency is a version in review at low that ann lets run under break glass.
func (w *world) emergency() {
	w.inReview(models.Low).stand("ann", models.Checker)
	on := w.id("switch")
	w.must(&models.EmergencySwitch{ID: on, State: models.SwitchProposed, Reason: "nights", ProposedBy: w.p("bob"), ProposedAt: 1})
	require.NoError(w.t, w.sql("UPDATE emergency_switches SET state = 'on', confirmed_by = ?, confirmed_at = 2, rev = rev + 1 WHERE id = ?", w.p("cy"), on))
	v, err := find[models.Version](plain(w.s), "id = ?", w.version)
	require.NoError(w.t, err)
	w.must(&models.Emergency{ID: w.id("emergency"), CapabilityID: v.CapabilityID, VersionID: v.ID, Digest: v.Digest, Tier: v.Tier, Need: v.Need, Apart: v.Apart, Round: v.Round,
		ApproverID: w.p("ann"), TeamID: w.id("red"), Side: models.Checker, Method: models.MethodSession,
		OwnerID: w.p("owner"), ProvisionerID: w.p("provisioner"), ControlOwnerID: w.p("control"),
		OwnerRole: models.BusinessOwner, ProvisionerRole: models.Provisioner, ControlRole: models.ControlOwner,
		SwitchID: on, Emergency: "down", Paged: "[]", FromAt: 6, UntilAt: 9, ReviewDueAt: 9})
}
