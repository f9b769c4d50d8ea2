package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

func idsOf(lines []LoggedDecision) (out []int64) {
	for _, l := range lines {
		out = append(out, l.ID)
	}
	return out
}

// Two replicas that log at the same time are one list, whole and in order, whatever page
// one turns.
func TestDecisionsOfTwoReplicas(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key, d := h.openKey(nil), h.decisions()
		_, err := d.Evaluate(t.Context(), key, "", h.wants(capability))
		require.NoError(t, err)
		base := logged(t, h)[0]
		h.pastTheLog(t, "INSERT INTO decision_replicas (started_at) VALUES (?)", *h.clock)
		h.pastTheLog(t, "INSERT INTO decision_replicas (started_at) VALUES (?)", *h.clock)
		want := []int64{base.ID}
		for i := range 160 {
			row := base
			row.At = base.At + models.Instant(1+i/2)*models.Second // two replicas, often at the very same time
			row.ID = (base.Replica()+1+int64(i%2))<<models.ReplicaBits | int64(1+i/2)
			row.Allow, row.Rule = i%5 != 0, map[bool]string{true: "allow", false: "scope.resource"}[i%5 != 0]
			h.putDecision(t, row)
			want = append(want, row.ID)
		}
		udo := h.party("udo")
		read := func(f DecisionFilter) (ids []int64, pages int) {
			c := DecisionCursor{}
			for {
				page, err := h.DecisionList(t.Context(), udo, f, c)
				require.NoError(t, err)
				ids, pages = append(ids, idsOf(page.Lines)...), pages+1
				for i := 1; i < len(page.Lines); i++ {
					require.GreaterOrEqual(t, page.Lines[i-1].At, page.Lines[i].At)
				}
				if page.Older.At == 0 {
					return ids, pages
				}
				c = ParseDecisionCursor(page.Older.String())
				require.Equal(t, page.Older, c)
				require.Less(t, pages, 10)
			}
		}
		got, pages := read(DecisionFilter{})
		require.ElementsMatch(t, want, got, "each once")
		require.Equal(t, 4, pages)
		got, _ = read(DecisionFilter{Answer: "no"})
		require.Len(t, got, 32)
		got, _ = read(DecisionFilter{Rule: "scope"})
		require.Len(t, got, 32)
		got, _ = read(DecisionFilter{Rule: "sco"})
		require.Empty(t, got, "a rule's name is not cut anywhere")
		from, to := base.At+10*models.Second, base.At+20*models.Second
		got, _ = read(DecisionFilter{From: &from, To: &to})
		require.Len(t, got, 20, "from the one time up to before the other")
		got, _ = read(DecisionFilter{Agent: base.AgentID, Capability: capability, Gateway: base.GatewayID, Answer: "yes"})
		require.Len(t, got, 129)
		for _, none := range []DecisionFilter{{Agent: "agt_x"}, {Capability: "cap_x"}, {Gateway: "gtw_x"}} {
			got, _ = read(none)
			require.Empty(t, got)
		}

		t.Run("what came since", func(t *testing.T) {
			page, err := h.DecisionList(t.Context(), udo, DecisionFilter{}, DecisionCursor{})
			require.NoError(t, err)
			c := ParseDecisionCursor(page.Newest.String())
			since, err := h.DecisionsSince(t.Context(), udo, DecisionFilter{}, c)
			require.NoError(t, err)
			require.Empty(t, since.Lines)
			_, err = d.Evaluate(t.Context(), key, "", h.wants(capability)) // older by its time than what others logged, and new all the same
			require.NoError(t, err)
			since, err = h.DecisionsSince(t.Context(), udo, DecisionFilter{}, c)
			require.NoError(t, err)
			require.Equal(t, []int64{base.ID + 1}, idsOf(since.Lines))
			since, err = h.DecisionsSince(t.Context(), udo, DecisionFilter{}, since.Newest)
			require.NoError(t, err)
			require.Empty(t, since.Lines)
		})

		t.Run("no more than the budget", func(t *testing.T) {
			x, err := scanFrom(t.Context(), h.logged, DecisionCursor{}, nil, nil, 40)
			require.NoError(t, err)
			rows, left, err := x.read(sqlOf("rule = 'nothing'"), 10, nil, nil)
			require.NoError(t, err)
			require.Empty(t, rows)
			require.NotZero(t, left, "it says how far it looked")
		})
	})
}

// Whoever may see a capability sees its decisions; what no capability was found for is for
// few.
func TestWhoSeesDecisions(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		h.teams["Legal"] = h.admin("adam", AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam("Legal") }).Subject
		h.person("otto", "Legal", models.BusinessOwner)
		capability, version := h.live("read")
		key, d := h.openKey(nil), h.decisions()
		req := h.wants(capability)
		yes, err := d.Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.True(t, yes.Allow)
		unknown := req
		unknown.Subject.ID = "agt_nobody"
		nobody, err := d.Evaluate(t.Context(), key, "", unknown)
		require.NoError(t, err)
		lost := req
		lost.Context.Capability = "cap_nothing"
		task, err := d.Evaluate(t.Context(), key, "", lost)
		require.NoError(t, err)
		require.Equal(t, "task.unknown", task.Rule)
		for name, want := range map[string][]int64{
			"udo": {task.ID, nobody.ID, yes.ID}, "adam": {nobody.ID}, "anna": {task.ID, yes.ID}, "pete": {yes.ID}, "carl": {yes.ID}, "otto": nil,
		} {
			page, err := h.DecisionList(t.Context(), h.party(name), DecisionFilter{}, DecisionCursor{})
			require.NoError(t, err)
			require.ElementsMatch(t, want, idsOf(page.Lines), name)
			since, err := h.DecisionsSince(t.Context(), h.party(name), DecisionFilter{}, DecisionCursor{At: 1})
			require.NoError(t, err)
			require.ElementsMatch(t, want, idsOf(since.Lines), name)
			for _, id := range []int64{yes.ID, nobody.ID, task.ID, 7, -1} {
				_, err := h.Decision(t.Context(), h.party(name), id)
				sees := false
				for _, w := range want {
					sees = sees || w == id
				}
				if sees {
					require.NoError(t, err, "%s %d", name, id)
				} else {
					require.Equal(t, models.NotFound, models.CodeOf(err), "%s %d", name, id)
				}
			}
			_, err = h.AgentUse(t.Context(), h.party(name), req.Subject.ID)
			_, asked := d.WhatIf(t.Context(), h.party(name), req)
			if name == "otto" || name == "adam" {
				require.Equal(t, models.NotFound, models.CodeOf(err), name)
				require.Equal(t, models.NotFound, models.CodeOf(asked), name)
			} else {
				require.NoError(t, err, name)
				require.NoError(t, asked, name)
			}
		}

		t.Run("one who sees many", func(t *testing.T) { // the rows are then looked at one by one
			by := h.party("pete")
			sees, err := sightOf(h.read, by)
			require.NoError(t, err)
			x := sight{many: sees.theirs("a.person_id"), own: sees.own, by: sees.by}
			x.many.sql = "SELECT a.capability_id FROM audience a WHERE " + x.many.sql
			where, check := decisionsFor(x, by, nil)
			require.True(t, check)
			require.NotEmpty(t, where.sql)
		})

		t.Run("one decision", func(t *testing.T) {
			h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Stop(models.OnCapability, "It answers wrongly")
			})
			no, err := d.Evaluate(t.Context(), key, "", req)
			require.NoError(t, err)
			read, err := h.Decision(t.Context(), h.party("anna"), no.ID)
			require.NoError(t, err)
			require.Equal(t, version, read.VersionID)
			require.Equal(t, 1, read.VersionNo)
			require.Equal(t, []string{"anna", "pete", "carl"}, []string{read.Behind.Owner.Name, read.Behind.Provisioner.Name, read.Behind.ControlOwner.Name})
			require.NotEmpty(t, read.Behind.Signers)
			require.Len(t, read.Holds, 1)
			require.Nil(t, read.Part)
			before, err := h.Decision(t.Context(), h.party("anna"), yes.ID)
			require.NoError(t, err)
			require.Empty(t, before.Holds, "it was placed later")
			h.pass(models.Minute)
			_, err = h.SealDecisions(t.Context())
			require.NoError(t, err)
			read, err = h.Decision(t.Context(), h.party("anna"), no.ID)
			require.NoError(t, err)
			require.NotNil(t, read.Part)
			require.Equal(t, fmt.Sprint(rows[models.DecisionPart](t, h, "id", "1 = 1")[0].ID), read.Part.ID)
			var seq int64
			require.NoError(t, h.read.Raw("SELECT MAX(seq) FROM ledger WHERE act = 'decisions.sealed'").Scan(&seq).Error)
			require.Equal(t, seq, read.Seq)
		})
	})
}

// What if leaves nothing behind, and what was granted and not used is said.
func TestWhatIfAndUse(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, version := h.live("read")
		key, d := h.openKey(nil), h.decisions()
		req := h.wants(capability)
		req.Context.Volume = 30 // of 50
		for range 3 {
			got, err := d.WhatIf(t.Context(), h.party("anna"), req)
			require.NoError(t, err)
			require.True(t, got.Allow, "no volume is used")
			require.Contains(t, got.Cedar, "permit")
			require.Equal(t, version, got.Capability.VersionID)
		}
		require.Empty(t, logged(t, h))
		use, err := h.AgentUse(t.Context(), h.party("anna"), req.Subject.ID)
		require.NoError(t, err)
		require.Len(t, use.Grants, 1)
		require.Zero(t, use.Grants[0].Last)
		yes, err := d.Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.True(t, yes.Allow)
		no, err := d.Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.Equal(t, "boundary.volume", no.Rule)
		got, err := d.WhatIf(t.Context(), h.party("anna"), req)
		require.NoError(t, err)
		require.Equal(t, "boundary.volume", got.Rule)
		h.fold()
		use, err = h.AgentUse(t.Context(), h.party("anna"), req.Subject.ID)
		require.NoError(t, err)
		require.Equal(t, yes.At, use.Grants[0].Last)
		require.EqualValues(t, 1, use.Grants[0].Allowed)
		require.EqualValues(t, 1, use.Grants[0].Refused)
		require.Equal(t, no.At, use.Known)
		other := policy.Request{Subject: policy.Entity{Type: "agent", ID: "agt_x"}, Action: "a", Resource: policy.Entity{Type: "s", ID: "r"}}
		_, err = d.WhatIf(t.Context(), h.party("anna"), other)
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}

func TestDecisionCursor(t *testing.T) {
	c := DecisionCursor{At: 1_764_000_000_000_000, Pos: map[int64]int64{3: 3<<models.ReplicaBits | 41, 12: 12 << models.ReplicaBits}}
	require.Equal(t, c, ParseDecisionCursor(c.String()))
	for _, hostile := range []string{"", "-1", "zz_", "a_b", "a_1.2.3", "a_-1.1", "a_1.-1", "a_zzzzzzzzzzzz.1", "a_1.zzzzzzzzzzz", "a' OR 1=1"} {
		require.Zero(t, ParseDecisionCursor(hostile).At, hostile)
	}
}
