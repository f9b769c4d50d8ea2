package store

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"countersign/ledger"
	"countersign/models"
)

// notified are who has a delivery of notices of a kind, by name, in an order.
func (h *house) notified(kind string) []string {
	h.t.Helper()
	var ids []string
	require.NoError(h.t, h.read.Raw("SELECT d.recipient FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE o.kind = ? AND d.recipient <> 'nobody' ORDER BY o.created_at, d.recipient", kind).Scan(&ids).Error)
	for i, id := range ids {
		ids[i] = h.nameOf(id)
	}
	slices.Sort(ids)
	return ids
}

func (h *house) nameOf(id string) string {
	for name, p := range h.people {
		if p == id {
			return name
		}
	}
	return id
}

func (h *house) relay() []string {
	h.t.Helper()
	ids, err := h.Relay(h.t.Context(), true)
	require.NoError(h.t, err)
	return ids
}

func (h *house) deliveries(where string, args ...any) []models.Delivery {
	h.t.Helper()
	return rows[models.Delivery](h.t, h, "created_at, id", where, args...)
}

func TestRelayTellsWhoMayAct(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.relay()
		capability, version := h.reviewed("write")
		h.relay()
		require.Equal(t, []string{"xena", "yuri", "zoe"}, h.notified("duty.sign"), "approvers, and nobody who makes it")
		require.Empty(t, h.notified("duty.accept"), "it was accepted before anybody was told")
		require.NotEmpty(t, h.deliveries("kind = 'duty.accept' AND state = 'none' AND why = 'settled'"), "and the register says so")

		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		h.relay()
		require.Equal(t, []string{"anna", "carl", "pete"}, h.notified("version.live"), "not who did it")

		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})
		h.relay()
		require.Equal(t, []string{"anna", "pete", "xena"}, h.notified("stop.placed"))
		require.Empty(t, h.relayedMore(), "what was relayed is not relayed again")
	})
}

func (h *house) relayedMore() []models.Delivery {
	before := len(h.deliveries("1 = 1"))
	h.relay()
	return h.deliveries("1 = 1")[before:]
}

// Nobody is told of their own act, whoever does whatever, in any order. A test that
// somebody asks for is what they asked for.
func TestNobodyIsToldOfTheirOwnAct(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.furnish()
		ways := rapid.Custom(func(r *rapid.T) int {
			m := &machine{house: h, chain: ledger.NewChain(), done: map[string]int{}}
			m.now = readScene(r, h)
			r.Repeat(map[string]func(*rapid.T){
				"do what is owed": m.dutiful, "act as one of the four": m.asOneOfTheFour, "do anything": m.anybody, "administer": m.administer,
			})
			return m.acts
		})
		for seed := range 3 {
			ways.Example(seed)
			h.relay()
		}
		require.Empty(t, rows[models.OutboxRow](t, h, "id", "sent_at IS NULL"), "everything was given out")
		var told, own []string
		require.NoError(t, h.read.Raw("SELECT DISTINCT o.kind FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE d.person_id IS NOT NULL").Scan(&told).Error)
		require.Greater(t, len(told), 5, "the scene tells people of much: %v", told)
		require.NoError(t, h.read.Raw("SELECT o.kind FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE d.person_id = o.actor AND o.kind <> ?", models.NoticeTest).Scan(&own).Error)
		require.Empty(t, own)
	})
}

// Whoever stands in for somebody is told of what that person is told of and both may open:
// once, whatever else leads to them, and of nothing that they did themselves. What is
// personal stays with whom it is for.
func TestRelayTellsWhoStandsIn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("write") // xena signed it
		h.answered(review)                              // approvers are asked to close it, so they see it
		h.relay()
		begun := len(h.deliveries("1 = 1"))
		h.names("xena", "yuri", 5)
		h.relay()
		require.Equal(t, []string{"yuri"}, h.notified("delegation.given"), "of it itself only whom it concerns")

		stops := func(by, cause string) {
			h.must(by, capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, cause) })
		}
		stops("carl", "It answered nonsense")
		h.relay()
		require.Equal(t, []string{"anna", "pete", "xena", "yuri"}, h.notified("stop.placed"))
		require.Empty(t, h.relayedMore())
		sent := func(name, kind string) *Sending {
			d := h.deliveries("kind = ? AND recipient = ?", kind, h.people[name])
			require.Len(t, d, 1, "%s is told once", name)
			x, err := h.Sending(t.Context(), d[0].ID)
			require.NoError(t, err)
			require.NotNil(t, x)
			return x
		}
		require.Equal(t, "xena", sent("yuri", "stop.placed").Told.For, "and why just they are")
		require.Empty(t, sent("xena", "stop.placed").Told.For)

		// Of two ways that lead to yuri one is taken; who acts is told of nothing, neither
		// for themselves nor for whom they stand in for.
		h.approver("wanda", "Security")
		h.names("zoe", "yuri", 5)
		_, err := h.tryClose("yuri", review, models.ReviewRevoke, "It is not worth it")
		require.NoError(t, err)
		h.relay()
		require.Equal(t, []string{"anna", "carl", "pete", "xena"}, h.notified("review.closed"), "yuri did it")
		require.Equal(t, "it was revoked.", sent("anna", "review.closed").Told.Said)
		for _, d := range h.deliveries("1 = 1")[begun:] {
			if d.PersonID != nil && d.Kind != "delegation.given" && d.Kind != "stop.placed" {
				require.NotEqual(t, h.people["yuri"], *d.PersonID, d.Kind)
			}
		}

		// Of what they may not open, and after the time is over, they are not told.
		other, _ := h.live("write")
		h.relay()
		was := len(h.deliveries("kind = 'stop.placed' AND recipient = ?", h.people["yuri"]))
		h.must("carl", other, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})
		h.relay()
		require.Len(t, h.deliveries("kind = 'stop.placed' AND recipient = ?", h.people["yuri"]), was, "it is not theirs to see")
		require.Len(t, h.deliveries("kind = 'stop.placed' AND recipient = ?", h.people["xena"]), was+1)
	})
}

// A delegate who is one of those told anyway is told as themselves, and after the last day
// nobody stands in any more.
func TestRelayTellsADelegateOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("infra") // xena and yuri signed it
		h.answered(review)
		d := h.names("xena", "yuri", 5)
		h.names("yuri", "zoe", 5)
		h.relay()
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})
		h.relay()
		require.Equal(t, []string{"anna", "pete", "xena", "yuri", "zoe"}, h.notified("stop.placed"))
		x, err := h.Sending(t.Context(), h.deliveries("kind = 'stop.placed' AND recipient = ?", h.people["yuri"])[0].ID)
		require.NoError(t, err)
		require.Empty(t, x.Told.For, "in their own name")
		require.NoError(t, h.ends("xena", d))
		h.relay()
		h.pass(6 * models.Day)
		_, err = h.tryClose("xena", review, models.ReviewRevoke, "It is not worth it")
		require.NoError(t, err)
		h.relay()
		require.Equal(t, []string{"anna", "carl", "pete", "yuri"}, h.notified("review.closed"), "zoe no longer stands in for yuri")
		require.Equal(t, []string{"yuri"}, h.notified("delegation.ended"), "what is personal was not zoe's either, who stood in then")
	})
}
