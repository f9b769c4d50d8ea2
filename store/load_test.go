package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// counted is what the kept counts have to be, from the mandates themselves.
func (h *house) counted(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, m := range rows[models.Mandate](t, h, "id", "ended_at IS NULL") {
		out[m.OwnerID+"/owner"]++
		out[m.ProvisionerID+"/provisioner"]++
		out[m.ControlOwnerID+"/control owner"]++
		any := set{}
		any.add(m.OwnerID, m.ProvisionerID, m.ControlOwnerID)
		for id := range any {
			out[id+"/total"]++
			out[id+"/"+string(m.Tier)]++
		}
		for _, s := range rows[models.SeatPerson](t, h, "person_id", "mandate_id = ?", m.ID) {
			out[s.PersonID+"/signed"]++
		}
	}
	return out
}

func (h *house) kept(t *testing.T) map[string]int {
	t.Helper()
	var all []Load
	require.NoError(t, h.read.Raw("SELECT * FROM loads").Scan(&all).Error)
	out := map[string]int{}
	for _, x := range all {
		for what, n := range map[string]int{"owner": x.Owner, "provisioner": x.Provisioner, "control owner": x.ControlOwner, "total": x.Total, "signed": x.Signed,
			"low": x.Low, "moderate": x.Moderate, "high": x.High, "critical": x.Critical} {
			if n != 0 {
				out[x.PersonID+"/"+what] = n
			}
		}
	}
	return out
}

func TestWhatPeopleAnswerForIsCounted(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first, version := h.live("write")
		h.live("infra")
		require.Equal(t, h.counted(t), h.kept(t))

		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), first, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		h.must("cleo", first, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		require.Equal(t, h.counted(t), h.kept(t), "after a succession")

		lines, next, most, err := h.Loads(t.Context(), h.party("udo"), LoadAsk{Sort: "total", Down: true})
		require.NoError(t, err)
		require.Empty(t, next)
		require.Equal(t, 50, most)
		by := map[string]Load{}
		for _, l := range lines {
			by[l.Name] = l
		}
		require.Equal(t, 2, by["anna"].Total)
		require.Equal(t, 2, by["anna"].Owner)
		require.Equal(t, 1, by["anna"].High)
		require.Equal(t, 1, by["cleo"].ControlOwner)
		require.Zero(t, by["xena"].Total, "who signs is counted apart")
		require.Positive(t, by["xena"].Signed)
		require.Equal(t, 2, lines[0].Total, "the most first")

		mine, _, err := h.MyLoad(t.Context(), h.party("anna"))
		require.NoError(t, err)
		require.Equal(t, by["anna"], mine)

		h.must("anna", first, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Done with it") })
		require.Equal(t, h.counted(t), h.kept(t), "after it was revoked")

		_, _, _, err = h.Loads(t.Context(), h.party("anna"), LoadAsk{})
		require.Equal(t, models.Forbidden, models.CodeOf(err))
		h.live("write")
		h.rules(func(r *models.TierRules) { r.MostPerPerson = 1 })
		over, _, _, err := h.Loads(t.Context(), h.party("adam"), LoadAsk{Over: true, Search: "ANN"})
		require.NoError(t, err)
		require.Len(t, over, 1)
		var out strings.Builder
		require.NoError(t, h.LoadCSV(t.Context(), h.party("udo"), LoadAsk{Over: true}, &out))
		for by := range LoadOrder { // each page goes on where the one before ended
			for _, down := range []bool{false, true} {
				var all, paged []Load
				require.NoError(t, h.snapshot(t.Context(), func(tx *gorm.DB) (err error) {
					all, err = loads(tx, LoadAsk{Sort: by, Down: down}, 0, 100)
					for ask := (LoadAsk{Sort: by, Down: down}); err == nil; ask.After = paged[len(paged)-1].PersonID {
						var two []Load
						if two, err = loads(tx, ask, 0, 2); len(two) == 0 {
							break
						}
						paged = append(paged, two...)
					}
					return err
				}))
				require.Greater(t, len(all), 4)
				require.Equal(t, all, paged, by)
			}
		}
		require.Contains(t, out.String(), "anna,"+h.people["anna"]+",active,2,1,yes,2,0,0,0,0,1,1,0")
	})
}

// Nobody takes on more than one person may, but in the place of somebody who left; who
// does is shown as over.
func TestNobodyTakesOnMoreThanTheyMay(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first, firstVersion := h.live("write")
		second, version := h.live("write")
		h.rules(func(r *models.TierRules) { r.MostPerPerson = 1 })
		cleo := h.people["cleo"]
		offer := func(capability, version string) {
			_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Nominate(version, models.ControlOwner, cleo)
			})
			require.NoError(t, err)
		}
		accept := func(version string) onCap {
			return func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
			}
		}
		offer(first, firstVersion)
		h.must("cleo", first, accept(firstVersion))
		offer(second, version)
		h.refusesOn(t, "cleo", second, models.Conflict, "accept.limit", "You answer for 1 capability already", accept(version))
		at, err := h.AtLimit(t.Context(), []string{cleo, h.people["udo"]}, 1)
		require.NoError(t, err)
		require.Equal(t, map[string]int{cleo: 1}, at, "whoever nominates is told before")

		h.leaves("carl")
		h.must("cleo", second, accept(version))
		over, _, _, err := h.Loads(t.Context(), h.party("udo"), LoadAsk{Over: true, Search: "cleo"})
		require.NoError(t, err)
		require.Len(t, over, 1)
		require.Equal(t, h.counted(t), h.kept(t))
	})
}
