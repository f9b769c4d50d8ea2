package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// asksCustodian sets whether the system of every operation here asks for a
// sign-off of its custodian's team, Platform.
func (h *house) asksCustodian(asks int) {
	h.t.Helper()
	sys := rows[models.System](h.t, h, "id", "name = 'HR desk'")[0]
	sys.AsksCustodian = asks
	h.catalogue(CatalogueLookup{System: sys.ID, SystemName: sys.Name}, func(f models.CatalogueFacts) (models.Change, error) { return f.SaveSystem(sys, sys.Rev) })
}

// seatsOf are the names of those who sit in the open mandate, in order.
func (h *house) seatsOf(t *testing.T, capability string) []string {
	t.Helper()
	names := map[string]string{}
	for name, id := range h.people {
		names[id] = name
	}
	var out []string
	for _, s := range rows[models.Seat](t, h, "seat", "mandate_id IN (SELECT id FROM mandates WHERE capability_id = ? AND ended_at IS NULL)", capability) {
		out = append(out, names[s.SignerID])
	}
	return out
}

func TestACustodianIsAsked(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.approver("petra", "Platform")
		signs := func(name, capability, version string) models.Receipt {
			r, err := h.sign(name, capability, version)
			require.NoError(t, err)
			return r
		}
		t.Run("not where no system asks", func(t *testing.T) {
			capability, version := h.reviewed("read")
			require.Equal(t, "live", signs("xena", capability, version).Outcome)
			v := rows[models.Version](t, h, "id", "id = ?", version)[0]
			require.NotContains(t, v.Document, "custodians", "nothing is in a document that is not asked")
			require.Equal(t, models.MethodSession, rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].Method)
		})
		h.asksCustodian(1)
		t.Run("first, and it is enough", func(t *testing.T) {
			capability, version := h.reviewed("read")
			require.Equal(t, "live", signs("petra", capability, version).Outcome)
			require.Equal(t, []string{"petra"}, h.seatsOf(t, capability))
			v := rows[models.Version](t, h, "id", "id = ?", version)[0]
			require.Equal(t, []string{h.teams["Platform"]}, v.CustodianTeams())
			require.Equal(t, v.CustodianTeams(), v.Doc().Custodians, "the digest covers it")
			require.Equal(t, models.MethodPasskey, rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].Method, "always with a passkey")
		})
		t.Run("last, as one more", func(t *testing.T) {
			capability, version := h.reviewed("read")
			require.Empty(t, signs("xena", capability, version).Outcome)
			f, err := h.ReadCapability(t.Context(), h.party("yuri"), capability, Lookup{})
			require.NoError(t, err)
			n := f.Needed(*f.Open)
			require.Equal(t, 1, n.Seats)
			require.Equal(t, []string{h.teams["Platform"]}, n.Custodians)
			require.Len(t, n.Can, 1)
			h.refuses(t, models.Forbidden, "separation.custodian", "Only somebody of the custodian’s team is still needed, and yuri is not of it.", func() error {
				_, err := h.sign("yuri", capability, version)
				return err
			})
			require.Equal(t, "live", signs("petra", capability, version).Outcome)
			require.Equal(t, []string{"xena", "petra"}, h.seatsOf(t, capability))
		})
		t.Run("at critical, beside two of different teams", func(t *testing.T) {
			capability, version := h.reviewed("pay")
			signs("xena", capability, version)
			require.Empty(t, signs("yuri", capability, version).Outcome)
			require.Equal(t, "live", signs("petra", capability, version).Outcome)
			require.Equal(t, []string{"xena", "yuri", "petra"}, h.seatsOf(t, capability))

			capability, version = h.reviewed("pay")
			signs("petra", capability, version)
			require.Equal(t, "live", signs("yuri", capability, version).Outcome)
			require.Equal(t, []string{"petra", "yuri"}, h.seatsOf(t, capability))
		})
		t.Run("again in each round", func(t *testing.T) {
			capability, version := h.reviewed("read")
			signs("petra", capability, version)
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Stop(models.OnCapability, "Wrong answers")
			})
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Mended") })
			require.Empty(t, signs("xena", capability, version).Outcome)
			require.Equal(t, "live", signs("petra", capability, version).Outcome)
			require.Equal(t, []string{"xena", "petra"}, h.seatsOf(t, capability))
		})
		t.Run("through who stands in", func(t *testing.T) {
			capability, version := h.reviewed("read")
			d := h.names("petra", "yuri", 5)
			r, err := h.signFor("yuri", "petra", capability, version)
			require.NoError(t, err)
			require.Equal(t, "live", r.Outcome)
			require.NoError(t, h.ends("petra", d))
		})
		t.Run("with a passkey", func(t *testing.T) {
			h.person("quin", "Platform", models.Approver) // without one
			capability, version := h.reviewed("read")
			h.refuses(t, models.Forbidden, "passkey.none", "A sign-off here takes a passkey", func() error {
				_, err := h.sign("quin", capability, version)
				return err
			})
			h.revoke("quin", models.Approver)
		})
		t.Run("as it was submitted", func(t *testing.T) {
			capability, version := h.reviewed("read")
			h.asksCustodian(0)
			require.Empty(t, signs("xena", capability, version).Outcome, "a change moves nothing under a signature")
			require.Equal(t, "live", signs("petra", capability, version).Outcome)
			capability, version = h.reviewed("read")
			require.Equal(t, "live", signs("xena", capability, version).Outcome)
			h.asksCustodian(1)
		})
		t.Run("and nothing is submitted that nobody of them could sign", func(t *testing.T) {
			capability, version := h.draft("read")
			h.revoke("petra", models.Approver)
			e := h.refuses(t, models.Invalid, "input", "There is a problem", func() error {
				_, err := h.try("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
				return err
			})
			require.Equal(t, []models.FieldError{{Field: "approver", Message: "HR desk asks for a sign-off of its custodian’s team, and too few approvers of it had no part in this."}}, e.Fields)
		})
		whole(t, h)
	})
}

// What an approved version waits for does not come back where one more had signed
// than was needed.
func TestOneMoreThanNeededIsTakenBack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.approver("petra", "Platform")
		h.asksCustodian(1)
		capability, version := h.reviewed("pay")
		h.leaves("carl") // so that it does not go live
		for _, name := range []string{"xena", "yuri", "petra"} {
			_, err := h.sign(name, capability, version)
			require.NoError(t, err)
		}
		state := func() models.State { return rows[models.Version](t, h, "id", "id = ?", version)[0].State }
		require.Equal(t, models.Approved, state())
		recalls := func(name string) {
			id := rows[models.SignOff](t, h, "id", "version_id = ? AND signer_id = ?", version, h.people[name])[0].ID
			h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Recall(id, "Not sure any more") })
		}
		recalls("xena")
		require.Equal(t, models.Approved, state(), "two of different teams are left, one of them of the custodian's")
		recalls("petra")
		require.Equal(t, models.InReview, state())
		whole(t, h)
	})
}

// What verify finds of custodians who were passed over.
func TestVerifyLooksAtCustodians(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.approver("petra", "Platform")
		h.asksCustodian(1)
		capability, version := h.reviewed("read")
		_, err := h.sign("petra", capability, version)
		require.NoError(t, err)
		v := &verification{tx: h.read, engine: h.engine}
		for says, change := range map[string]func(f *models.MandateFacts){
			"are not those of its version's document": func(f *models.MandateFacts) { f.Version.Custodians = "" },
			"has no seat in it":                       func(f *models.MandateFacts) { f.Seats[0].TeamID = h.teams["Risk"] },
			"was not given with a passkey": func(f *models.MandateFacts) {
				for id, s := range f.SignOffs {
					s.Method = models.MethodSession
					f.SignOffs[id] = s
				}
			},
		} {
			facts, err := v.mandateFacts(rows[models.Mandate](t, h, "id", "ended_at IS NULL"))
			require.NoError(t, err)
			facts[0].Human = func(id string) string { return id }
			require.Empty(t, facts[0].Misfit())
			change(&facts[0])
			require.Contains(t, facts[0].Misfit(), says)
		}
	})
}
