package store

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/ledger"
	"countersign/ledger/passkey"
	"countersign/ledger/receipt"
	"countersign/models"
)

// holds says what does not fit in the file that a receipt would be.
func holds(t *testing.T, p Proof) {
	t.Helper()
	f := receipt.File{Format: receipt.Format, Entry: p.Said, Hash: p.Hash, Salt: p.Salt, Details: json.RawMessage(p.Body), Rows: []receipt.Row{}, Passkey: p.Passkey}
	for _, row := range p.Rows {
		text, err := models.Canonical(row)
		require.NoError(t, err)
		f.Rows = append(f.Rows, receipt.Row{Table: row.TableName(), Row: json.RawMessage(text)})
	}
	if p.Version != nil {
		f.Version = &receipt.Version{ID: p.Version.ID, Digest: p.Version.Digest, Document: json.RawMessage(p.Version.Document)}
	}
	for _, l := range f.Check() {
		require.NotEqual(t, receipt.Misfits, l.Verdict, "entry %d, %s: %s", p.Seq, p.Act, l.Says)
	}
}

// The receipt of an emergency is on the version that it lets run, also after the
// emergency is over and its row has moved on.
func TestProofOfAnEmergency(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version, id := h.emergency("pay")
		opened, err := find[entry](h.read, "act = 'emergency.opened'")
		require.NoError(t, err)
		proven := func() {
			t.Helper()
			p, err := h.Proof(t.Context(), h.party("xena"), opened.Seq)
			require.NoError(t, err)
			require.Equal(t, id, p.Subject)
			require.Equal(t, version, p.Version.ID)
			require.Equal(t, models.DecisionBreakGlass, p.Signature.Decision)
			holds(t, p)
		}
		proven()
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, "No need") })
		require.NotNil(t, h.emergencyRow(id).EndedAt)
		proven()
	})
}

// The receipt of every act has what it takes to check it, and of that what its
// reader may see.
func TestProof(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		capability, version := h.reviewed("pay")
		h.looked("xena", version, models.LookWhole)
		signed, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		_, err = h.sign("yuri", capability, version)
		require.NoError(t, err)
		h.everything()
		var last head
		require.NoError(t, h.read.Take(&last).Error)
		for seq := int64(1); seq <= last.Seq; seq++ {
			p, err := h.Proof(ctx, h.party("udo"), seq)
			require.NoError(t, err)
			bytes, err := p.Said.Bytes()
			require.NoError(t, err)
			require.Equal(t, p.Hash, ledger.Hash(bytes))
			require.Equal(t, p.Said.Body, ledger.Commit(p.Salt, p.Body))
			holds(t, p)
			for _, row := range p.Rows {
				says, err := commitment(row)
				require.NoError(t, err)
				require.True(t, slices.Contains(p.Said.Rows, says), "%s of %s", says.ID, says.Table)
			}
			if p.Signature != nil {
				require.NoError(t, passkey.Check(*p.Signature))
				require.NoError(t, passkey.CheckEnrolment(*p.Passkey))
				require.Equal(t, p.Signature.ID, *p.SignOff.SignatureID)
			}
		}

		mine, err := h.Proof(ctx, h.party("xena"), signed.Seq)
		require.NoError(t, err)
		require.NotEmpty(t, mine.Body)
		require.NotNil(t, mine.Version)
		require.Equal(t, "Risk", mine.Teams[mine.SignOff.TeamID])
		theirs, err := h.Proof(ctx, h.party("anna"), signed.Seq)
		require.NoError(t, err)
		require.Empty(t, theirs.Body)
		require.NotContains(t, theirs.Details, "opened_at")
		require.Contains(t, theirs.Details, "digest")
		require.NotNil(t, theirs.Signature)
		_, err = h.Proof(ctx, h.party("adam"), signed.Seq)
		require.Equal(t, models.NotFound, models.CodeOf(err))

		// Who acted and may no longer see the contents keeps the act, and not these.
		capability, version = h.draft("infra")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, compiled) })
		paul := h.people["paul"]
		h.admin("adam", AdminLookup{People: []string{paul}, Team: h.teams["Platform"]}, func(f models.AdminFacts) (models.Change, error) {
			return f.SetMember(h.teams["Platform"], paul, false)
		})
		decline := func(name string) models.Receipt {
			return h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Decline(version, models.Provisioner, "I am away")
			})
		}
		decline("pete")
		_, err = h.DecideCapability(ctx, h.act("anna"), capability, Lookup{People: []string{paul}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.Provisioner, paul)
		})
		require.NoError(t, err)
		r := decline("paul")
		_, err = h.ReadVersion(ctx, h.party("paul"), version, Lookup{})
		require.Equal(t, models.NotFound, models.CodeOf(err), "it is no longer his to see")
		p, err := h.Proof(ctx, h.party("paul"), r.Seq)
		require.NoError(t, err)
		require.NotEmpty(t, p.Body)
		require.Nil(t, p.Version)
		for _, row := range p.Rows {
			require.NotContains(t, []string{"versions", "nominations", "mandates"}, row.TableName())
		}
	})
}
