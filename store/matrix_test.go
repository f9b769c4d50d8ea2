package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func auditor() models.Party {
	return models.Party{Person: models.Person{ID: "auditor", Status: models.PersonActive}, Roles: []models.Role{models.Auditor}}
}

func (h *house) matrix(viewer models.Party, f MatrixFilter) MatrixPage {
	h.t.Helper()
	p, err := h.Matrix(h.t.Context(), viewer, f, MatrixCursor{})
	require.NoError(h.t, err)
	return p
}

func TestMatrixLine(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("infra")
		p := h.matrix(auditor(), MatrixFilter{})
		require.Len(t, p.Lines, 1)
		l := p.Lines[0]
		require.Equal(t, MatrixLive, l.Words)
		require.Equal(t, models.High, l.Tier())
		require.Equal(t, Who{h.people["anna"], "anna", "Human Resources"}, l.Owner)
		require.Equal(t, Who{h.people["carl"], "carl", "Security"}, l.ControlOwner)
		require.Equal(t, []Who{{h.people["xena"], "xena", "Risk"}, {h.people["yuri"], "yuri", "Finance"}}, l.ApprovedBy)
		require.Equal(t, h.shown(version).Digest, l.Digest)
		require.Equal(t, 1, p.Facets.Total)
		require.Equal(t, map[string]int{"live": 1}, p.Facets.States)
		h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnAgent, "Wrong server") })
		l = h.matrix(auditor(), MatrixFilter{Held: true}).Lines[0]
		require.Equal(t, MatrixHeld, l.Words)
		require.Equal(t, "Wrong server", l.Holds[0].Cause)
	})
}

func TestMatrixSorts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.live("infra")
		h.synthetic(230)
		for _, sort := range MatrixSorts {
			for _, desc := range []bool{false, true} {
				for _, at := range []*models.Instant{nil, h.clock} {
					f := MatrixFilter{Sort: sort, Desc: desc, At: at}
					var all, back []string
					cursor := MatrixCursor{}
					for range 20 {
						p, err := h.Matrix(t.Context(), auditor(), f, cursor)
						require.NoError(t, err)
						require.NotEmpty(t, p.Lines)
						all = append(all, lineIDs(p.Lines)...)
						if p.Next == "" {
							require.Equal(t, 231, p.Facets.Total)
							back = lineIDs(p.Lines)
							cursor = MatrixCursor{Before: p.Previous}
							break
						}
						cursor = MatrixCursor{After: p.Next}
					}
					require.Len(t, all, 231, "%s %v", sort, desc)
					require.Len(t, setOf(all), 231)
					for cursor.Before != "" {
						p, err := h.Matrix(t.Context(), auditor(), f, cursor)
						require.NoError(t, err)
						back = append(lineIDs(p.Lines), back...)
						cursor.Before = p.Previous
					}
					require.Equal(t, all, back, "the same way back: %s %v", sort, desc)
				}
			}
		}
	})
}

func lineIDs(lines []MatrixLine) (out []string) {
	for _, l := range lines {
		out = append(out, l.CapabilityID)
	}
	return out
}

func setOf(ids []string) set {
	out := set{}
	out.add(ids...)
	return out
}

// synthetic fills the matrix with lines of nobody's making: only for tests of
// reading, since verify would say so.
func (h *house) synthetic(n int) {
	h.t.Helper()
	now := *h.clock
	agent := h.agent("anna")
	people := []string{"", h.people["anna"], h.people["olga"], h.people["pete"], h.people["carl"]}
	states := []models.State{models.Live, models.Draft, models.Proposed, models.InReview, models.Revoked}
	var caps []models.Capability
	var rows []models.MatrixRow
	var audience []models.Audience
	for i := range n {
		id := fmt.Sprintf("cap_%05d", i)
		caps = append(caps, models.Capability{ID: id, AgentID: agent, CreatedBy: people[1], CreatedAt: now, Record: models.Record{Rev: 1}})
		r := models.MatrixRow{CapabilityID: id, AgentID: agent, AgentName: "Agent", Title: fmt.Sprintf("Task %d", i*7919%n), State: states[i%5], TierRank: i%5 - 1,
			Approvers: "[]", SortName: fmt.Sprintf("agent %d task %d", i%40, i*7919%n), OwnerID: people[i%3], CreatedAt: now}
		if r.State == models.Live {
			r.MandateID, r.VersionID = "man_"+id, "ver_"+id
			r.ApprovedAt, r.ReviewDueAt, r.UntilAt = (now - models.Day).Ref(), (now + models.Instant(i%90-5)*models.Day).Ref(), (now + models.Instant(i%90+5)*models.Day).Ref()
		} else {
			r.Holes = models.HoleMandate
		}
		rows = append(rows, r)
		audience = append(audience, models.Audience{CapabilityID: id, PersonID: people[1+i%4]})
	}
	require.NoError(h.t, h.write.CreateInBatches(&caps, 500).Error)
	require.NoError(h.t, h.write.CreateInBatches(&rows, 500).Error)
	require.NoError(h.t, h.write.CreateInBatches(&audience, 500).Error)
}
