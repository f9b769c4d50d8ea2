package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// liveUnder is a version in force whose plan has these alerts.
func (h *house) liveUnder(a models.Alerts, ops ...string) (capability string) {
	h.t.Helper()
	capability, version := h.draft(ops...)
	plan := oversight()
	plan.Alerts = a
	h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, plan, 1)
	})
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(capability, version)
	_, err := h.sign("xena", capability, version)
	require.NoError(h.t, err)
	require.NotNil(h.t, h.row(capability).MandateID)
	return capability
}

// alerted folds, tells and relays, and returns what was told: kind, whom, and of what in short.
func (h *house) alerted() (told []string) {
	h.t.Helper()
	h.fold()
	return h.tells()
}

func (h *house) tells() (told []string) {
	h.t.Helper()
	before := len(h.alertNotices())
	_, err := h.TellAlerts(h.t.Context())
	require.NoError(h.t, err)
	h.relay()
	for _, n := range h.alertNotices()[before:] {
		told = append(told, n.Kind+" "+h.nameOf(n.Recipient)+": "+n.Says("alert"))
	}
	return told
}

func (h *house) alertNotices() []models.OutboxRow {
	h.t.Helper()
	return rows[models.OutboxRow](h.t, h, "created_at, id", "kind LIKE 'alert.%'")
}

// What a gateway is told comes to the control owner once, and to nobody else.
func TestTheControlOwnerIsAlerted(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read", "write")
		gate, req := h.gateway(key("Front door", 30)).KeyHash, h.wants(capability)
		req.Context.Capability = capability
		write, outside, other := req, req, req
		write.Action, outside.Action, other.Context.Manifest = "tickets.write", "tickets.close", "abcdef"

		require.True(t, h.gets(gate, req))
		require.Equal(t, []string{"alert.noted carl: first use of an operation"}, h.alerted())
		require.Equal(t, []string{"carl"}, h.notified(models.NoticeAlertLater), "nobody else is told")
		require.Empty(t, h.alerted(), "nothing came")
		require.True(t, h.gets(gate, req))
		require.Empty(t, h.alerted(), "a second use is none")

		require.True(t, h.gets(gate, write))
		require.False(t, h.gets(gate, outside))
		require.False(t, h.gets(gate, other))
		require.Equal(t, []string{"alert.raised carl: another manifest runs, 1 refusal, first use of an operation"}, h.alerted(), "one notice for a task")
		last := h.alertNotices()[1]
		require.Equal(t, "Used for the first time: tickets.write in HR desk.", last.Says(models.AlertFirstUse))
		require.Equal(t, "#oncall", last.Says("route"))
		require.Equal(t, capability, last.Subject)

		for range 8 {
			require.False(t, h.gets(gate, outside))
		}
		require.Empty(t, h.alerted(), "the same day")
		require.False(t, h.gets(gate, outside))
		require.Equal(t, []string{"alert.raised carl: 10 refusals"}, h.alerted(), "ten times as many")

		req.Context.Volume = 36
		require.True(t, h.gets(gate, req))
		require.Empty(t, h.alerted(), "39 of 50 actions")
		req.Context.Volume = 1
		require.True(t, h.gets(gate, req))
		require.Equal(t, []string{"alert.raised carl: 80 % of the day’s volume"}, h.alerted())
		require.True(t, h.gets(gate, req))
		require.Empty(t, h.alerted())

		h.pass(models.Day)
		require.False(t, h.gets(gate, outside))
		require.Equal(t, []string{"alert.raised carl: 1 refusal"}, h.alerted(), "another day")

		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, "Strange") })
		h.pass(models.Day)
		require.False(t, h.gets(gate, req))
		require.Equal(t, []string{"alert.noted carl: 1 refusal"}, h.alerted(), "that it is held was told; that it goes on asking may wait")

		history, _, err := h.History(t.Context(), h.party("carl"), models.TouchCapability, capability, 0)
		require.NoError(t, err)
		n := 0
		for _, e := range history {
			if e.Act == "alerts.raised" {
				n++
			}
		}
		require.Equal(t, 6, n, "the record says that it was told")
		whole(t, h)
	})
}

func TestAlertsAsThePlanSays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability := h.liveUnder(models.Alerts{Denials: 3, FirstUse: models.No, Volume: 100}, "read")
		gate, req := h.gateway(key("Front door", 30)).KeyHash, h.wants(capability)
		outside := req
		outside.Action = "tickets.close"
		req.Context.Volume = 49
		require.True(t, h.gets(gate, req))
		require.False(t, h.gets(gate, outside))
		require.False(t, h.gets(gate, outside))
		require.Empty(t, h.alerted())
		req.Context.Volume = 1
		require.True(t, h.gets(gate, req))
		require.False(t, h.gets(gate, outside))
		require.Equal(t, []string{"alert.raised carl: 3 refusals, 100 % of the day’s volume"}, h.alerted())
	})
}

// What was of no task of the agent goes to whoever watches one of them.
func TestAlertsOfNoTask(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read")
		gate, req := h.gateway(key("Front door", 30)).KeyHash, h.wants(capability)
		req.Context.Capability = "cap_none"
		require.False(t, h.gets(gate, req))
		require.False(t, h.gets(gate, req))
		require.Equal(t, []string{"alert.raised carl: 2 refusals"}, h.alerted())
		require.Equal(t, req.Subject.ID, h.alertNotices()[0].Subject)
		require.Equal(t, []string{"carl"}, h.notified(models.NoticeAlert))
		nobody := req
		nobody.Subject.ID = "agt_nobody"
		require.False(t, h.gets(gate, nobody))
		require.Empty(t, h.alerted(), "an agent that is not known has nobody who watches it")
	})
}

// Under break glass it is the control owner of what runs; where they have left, the others who
// answer for it.
func TestAlertsWhereNobodyWatches(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, _ := h.emergency("infra")
		gate, req := h.gateway(key("Front door", 30)).KeyHash, h.wants(capability)
		req.Action = "infra.change"
		require.False(t, h.gets(gate, req), "it says no manifest")
		require.Equal(t, []string{"alert.raised carl: 1 refusal"}, h.alerted())

		capability, _ = h.live("read")
		req = h.wants(capability)
		carl := h.people["carl"]
		h.admin("adam", AdminLookup{People: []string{carl}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(carl, "Retired") })
		req.Action = "tickets.close"
		require.False(t, h.gets(gate, req))
		require.Equal(t, []string{"alert.raised capability:" + capability + ": 1 refusal"}, h.alerted())
		require.Equal(t, []string{"anna", "carl", "pete", "xena"}, h.notified(models.NoticeAlert), "carl was told of the other, while he was here")
	})
}

// Whoever folds and tells, at once and with crashes in between, each alert is told once.
func TestAlertsAreToldOnceByAll(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability := h.liveUnder(models.Alerts{Denials: 6, FirstUse: models.Yes, Volume: 80}, "read")
		gate, req := h.gateway(key("Front door", 30)).KeyHash, h.wants(capability)
		outside := req
		outside.Action = "tickets.close"
		require.True(t, h.gets(gate, req))
		for range 3 {
			require.False(t, h.gets(gate, outside))
		}
		refusal := logged(t, h)[1]
		h.pastTheLog(t, "INSERT INTO decision_replicas (started_at) VALUES (?)", *h.clock)
		for i := range 3 { // another replica logged as many: only both together pass the threshold
			row := refusal
			row.ID, row.Rule = (refusal.Replica()+1)<<models.ReplicaBits|int64(1+i), "boundary.window"
			h.putDecision(t, row)
		}
		h.pass(models.Minute)
		_, err := h.SealDecisions(t.Context())
		require.NoError(t, err)

		repair := h.breakTable(t, "alerts")
		_, err = h.FoldDecisions(t.Context())
		require.Error(t, err)
		repair()
		require.Empty(t, rows[models.DecisionRefusal](t, h, "rule", "1 = 1"), "what was not alerted was not counted")

		others := h.replica(t)
		both := func(do func(s *Store) error) {
			var wait sync.WaitGroup
			failed := make([]error, 8)
			for i := range failed {
				wait.Go(func() { failed[i] = do([]*Store{h.Store, others}[i%2]) })
			}
			wait.Wait()
			require.NoError(t, errors.Join(failed...))
		}
		both(func(s *Store) error {
			_, err := s.FoldDecisions(t.Context())
			return err
		})
		made := rows[models.Alert](t, h, "kind", "1 = 1")
		require.Len(t, made, 2)
		require.Equal(t, models.AlertDenials, made[0].Kind)
		require.EqualValues(t, 6, made[0].Count)
		require.Nil(t, made[0].ToldAt)

		repair = h.breakTable(t, "outbox")
		_, err = h.TellAlerts(t.Context())
		require.Error(t, err)
		repair()
		require.Nil(t, rows[models.Alert](t, h, "kind", "1 = 1")[0].ToldAt, "what was not sent was not told")
		both(func(s *Store) error {
			_, err := s.TellAlerts(t.Context())
			return err
		})
		require.Len(t, h.alertNotices(), 1)
		require.Equal(t, "6 refusals, first use of an operation", h.alertNotices()[0].Says("alert"))
		require.Empty(t, h.tells())
		require.Empty(t, h.alerted())
		whole(t, h)
	})
}

// Many at once are told in several acts, each task in a notice of its own.
func TestManyAlerts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read")
		agent := h.wants(capability).Subject.ID
		require.NoError(t, h.write.Transaction(func(tx *gorm.DB) error {
			b := folded{}
			w := watch{tasks: map[string]*models.Watched{}}
			for i := range 450 { // tasks that nobody answers for are told to nobody
				id := fmt.Sprint("cap_x", i)
				b.First = append(b.First, models.DecisionUse{CapabilityID: id, OperationID: h.ops["read"], FirstAt: *h.clock})
				w.tasks[id] = &models.Watched{AgentID: agent, CapabilityID: id, Plan: models.StandardAlerts}
			}
			b.First = append(b.First, models.DecisionUse{CapabilityID: capability, OperationID: h.ops["read"], FirstAt: *h.clock})
			w.tasks[capability] = &models.Watched{AgentID: agent, CapabilityID: capability, Plan: models.StandardAlerts}
			return w.make(tx, *h.clock, b)
		}))
		n, err := h.TellAlerts(t.Context())
		require.NoError(t, err)
		require.Equal(t, 451, n)
		require.Len(t, h.alertNotices(), 1)
		var acts int64
		require.NoError(t, h.read.Raw("SELECT COUNT(*) FROM ledger WHERE act = 'alerts.raised'").Scan(&acts).Error)
		require.EqualValues(t, 3, acts)
	})
}
