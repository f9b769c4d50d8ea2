package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// naming is a file about one agent that names others.
func naming(file, name string, seen ...models.ImportedSeen) models.ImportRow {
	in := read(file, name, file, nil)
	in.Seen = seen
	return in
}

func agentSeen(name string) models.ImportedSeen {
	return models.ImportedSeen{Kind: models.ImportAgent, Name: name, How: "hands work to it", Pointer: "/agents/" + name}
}

func systemSeen(name string) models.ImportedSeen {
	return models.ImportedSeen{Kind: models.ImportSystem, Name: name, How: "may use it", Pointer: "/servers/" + name}
}

func (h *house) mustTakeIn(by string, in models.ImportRow, into string) models.Receipt {
	h.t.Helper()
	r, err := h.takeIn(by, in, into)
	require.NoError(h.t, err)
	return r
}

func (h *house) found(name string) models.Found {
	h.t.Helper()
	f, err := find[models.Found](h.read, "name_key = ?", models.NameKey(name))
	require.NoError(h.t, err)
	require.NotNil(h.t, f, "%s was not found", name)
	return *f
}

// foundNames are what waits of a kind.
func (h *house) foundNames(kind string) []string {
	h.t.Helper()
	page, err := h.FoundList(h.t.Context(), h.party("udo"), FoundAsk{Kind: kind, State: models.FoundOpen})
	require.NoError(h.t, err)
	out := []string{}
	for _, l := range page.Lines {
		out = append(out, l.Name)
	}
	return out
}

func (h *house) owedClaims() int64 {
	h.t.Helper()
	var n int64
	require.NoError(h.t, h.read.Raw("SELECT COUNT(*) FROM duties WHERE kind = 'claim' AND closed_at IS NULL").Scan(&n).Error)
	return n
}

func (h *house) onFound(by, name string, rule func(models.FoundFacts) (models.Change, error)) (models.Receipt, error) {
	h.t.Helper()
	return h.DecideFound(context.Background(), h.act(by), h.found(name).ID, rule)
}

func dismiss(reason string) func(models.FoundFacts) (models.Change, error) {
	return func(f models.FoundFacts) (models.Change, error) { return f.Dismiss(reason) }
}

func TestAnImportFindsWhatNobodyOwns(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.agent("olga") // "Agent 1"
		in := naming("crew.yaml", "Planner", agentSeen("agent_1"), agentSeen("Archivist"), agentSeen("code-reviewer"), agentSeen("Code Reviewer"), agentSeen("PLANNER"),
			systemSeen("hr-desk"), systemSeen("Wiki"))
		h.mustTakeIn("anna", in, "")
		require.Equal(t, []string{"Archivist", "code-reviewer"}, h.foundNames(models.ImportAgent), "what is registered, the agent itself and a second spelling are not found")
		require.Equal(t, []string{"Wiki"}, h.foundNames(models.ImportSystem), "what is in the catalogue is not found")
		f := h.found("archivist")
		require.Equal(t, []any{"hands work to it", "crew.yaml", "/agents/Archivist", h.people["anna"], int64(1)}, []any{f.How, f.File, f.Pointer, f.SeenBy, f.Times})
		require.EqualValues(t, 2, h.owedClaims(), "one for each agent, none for a system")

		for name, want := range map[string][]string{"anna": {"register", "claim"}, "olga": {"claim"}, "pete": {}, "adam": {}, "udo": {}, "xena": {}} {
			require.ElementsMatch(t, want, h.inbox(name), "%s: one line for all of them, for business owners alone", name)
		}
		box, err := h.Inbox(t.Context(), h.party("olga"), InboxAsk{})
		require.NoError(t, err)
		require.Equal(t, 2, box.Duties[0].FoundCount)
		require.Equal(t, "Archivist", box.Duties[0].FoundName)
		require.Equal(t, f.FirstSeenAt+14*models.Day, box.Duties[0].DueAt)

		before := h.entries()
		_, err = h.takeIn("anna", in, "")
		require.Equal(t, "import.same", models.RuleOf(err))
		require.Equal(t, before, h.entries(), "twice changes nothing")
		require.EqualValues(t, 1, h.found("Archivist").Times)

		h.mustTakeIn("olga", naming("other.yaml", "Sorter", agentSeen("ARCHIVIST")), "")
		again := h.found("archivist")
		require.Equal(t, []any{int64(2), "other.yaml", f.FirstSeenAt, f.OpenedAt, "Archivist"}, []any{again.Times, again.File, again.FirstSeenAt, again.OpenedAt, again.Name})
		require.Greater(t, again.LastSeenAt, f.LastSeenAt)
		require.EqualValues(t, 2, h.owedClaims(), "seen again is owed once")
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

func TestClaimingMakesADraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		seen := agentSeen("Archivist")
		seen.URL = "https://archivist.example/a2a/"
		h.mustTakeIn("anna", naming("crew.yaml", "Planner", seen), "")
		for _, name := range []string{"pete", "carl", "xena"} {
			_, err := h.onFound(name, "Archivist", models.FoundFacts.Claim)
			require.Equal(t, models.NotFound, models.CodeOf(err), "%s has no business with it", name)
		}
		for _, name := range []string{"adam", "udo"} {
			_, err := h.onFound(name, "Archivist", models.FoundFacts.Claim)
			require.Equal(t, models.Forbidden, models.CodeOf(err), name)
		}
		r, err := h.onFound("olga", "Archivist", models.FoundFacts.Claim)
		require.NoError(t, err)
		a, m := h.manifestOf(r.Subject)
		require.Equal(t, []any{"Archivist", models.AgentDraft, h.people["olga"]}, []any{a.Name, a.State, a.OwnerID})
		require.Equal(t, []string{"https://archivist.example/a2a/"}, m.Interfaces)
		require.Equal(t, "unknown", m.ToolAccess, "nothing said is never none")
		rec, err := h.Agent(t.Context(), h.viewer("olga"), r.Subject)
		require.NoError(t, err)
		require.Equal(t, "crew.yaml", rec.Import.File)
		require.Equal(t, "/agents/Archivist", rec.Import.Origins()[0].Pointer)
		require.Equal(t, models.FieldUnverified, rec.Import.Origins()[1].Status)
		f := h.found("Archivist")
		require.Equal(t, []any{models.FoundClaimed, r.Subject, h.people["olga"]}, []any{f.State, *f.AgentID, *f.DecidedBy})
		require.Zero(t, h.owedClaims(), "the duty closes in the same change")
		require.Equal(t, []string{"register"}, h.inbox("olga"))

		before := h.entries()
		_, err = h.onFound("anna", "Archivist", models.FoundFacts.Claim)
		require.Equal(t, "found.claimed", models.RuleOf(err))
		require.Contains(t, err.Error(), "olga (Finance)")
		_, err = h.onFound("anna", "Archivist", dismiss("Not ours"))
		require.Equal(t, "found.claimed", models.RuleOf(err))
		require.Equal(t, before, h.entries())

		// Seen again it stays claimed, as long as somebody has it.
		h.mustTakeIn("anna", naming("again.yaml", "Helper", agentSeen("archivist")), "")
		require.Equal(t, models.FoundClaimed, h.found("Archivist").State)
		require.EqualValues(t, 2, h.found("Archivist").Times)
		_, err = h.DecideAgent(t.Context(), h.act("olga"), r.Subject, Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.Retire("Not needed") })
		require.NoError(t, err)
		h.mustTakeIn("anna", naming("still.yaml", "Helper two", agentSeen("archivist")), "")
		require.Equal(t, models.FoundOpen, h.found("Archivist").State, "its agent is retired, and it is still there")
		require.EqualValues(t, 1, h.owedClaims())
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// Of two who claim at once one has it, and the other is told who.
func TestTwoClaimAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for i := range 6 {
			name := fmt.Sprintf("Wanted %d", i)
			h.mustTakeIn("anna", naming(fmt.Sprintf("crew-%d.yaml", i), fmt.Sprintf("Planner %d", i), agentSeen(name)), "")
			claim := func(who string) func() (models.Receipt, error) {
				act, id := h.act(who), h.found(name).ID
				return func() (models.Receipt, error) {
					return h.DecideFound(context.Background(), act, id, models.FoundFacts.Claim)
				}
			}
			out := atOnce(t, claim("anna"), claim("olga"))
			won, lost := 0, 1
			if out[0].err != nil {
				won, lost = 1, 0
			}
			require.NoError(t, out[won].err)
			require.Equal(t, "found.claimed", models.RuleOf(out[lost].err))
			require.Contains(t, out[lost].err.Error(), []string{"anna", "olga"}[won])
			a, _ := h.manifestOf(out[won].receipt.Subject)
			require.Equal(t, h.people[[]string{"anna", "olga"}[won]], a.OwnerID)
		}
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

func TestWhatIsNotOursIsDismissed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.mustTakeIn("anna", naming("crew.yaml", "Planner", agentSeen("Archivist"), systemSeen("Wiki")), "")
		_, err := h.onFound("udo", "Archivist", dismiss("Not ours"))
		require.Equal(t, models.Forbidden, models.CodeOf(err))
		_, err = h.onFound("pete", "Archivist", dismiss("Not ours"))
		require.Equal(t, models.NotFound, models.CodeOf(err))
		_, err = h.onFound("adam", "Archivist", dismiss(" \n "))
		require.Equal(t, "reason", models.FieldsOf(err)[0].Field)
		_, err = h.onFound("anna", "Archivist", models.FoundFacts.Reopen)
		require.Equal(t, "found.open", models.RuleOf(err))

		_, err = h.onFound("adam", "Archivist", dismiss("An example from the vendor’s documentation"))
		require.NoError(t, err)
		_, err = h.onFound("anna", "Wiki", dismiss("A page, not a system"))
		require.NoError(t, err)
		require.Zero(t, h.owedClaims())
		require.Equal(t, []string{"register"}, h.inbox("anna"))
		_, err = h.onFound("anna", "Archivist", models.FoundFacts.Claim)
		require.Equal(t, "found.dismissed", models.RuleOf(err))
		_, err = h.onFound("anna", "Archivist", dismiss("Again"))
		require.Equal(t, "found.dismissed", models.RuleOf(err))

		// In another file, named in another way: still nobody's.
		other := agentSeen("archivist")
		other.How = "may use it"
		h.mustTakeIn("anna", naming("other.yaml", "Sorter", other), "")
		f := h.found("Archivist")
		require.Equal(t, []any{models.FoundDismissed, int64(2), "crew.yaml"}, []any{f.State, f.Times, f.File})
		// At another address it is another agent of that name.
		other.URL = "https://archivist.example"
		h.mustTakeIn("anna", naming("third.yaml", "Third", other), "")
		f = h.found("Archivist")
		require.Equal(t, []any{models.FoundOpen, int64(3), "third.yaml", ""}, []any{f.State, f.Times, f.File, f.Reason})
		require.EqualValues(t, 1, h.owedClaims())

		_, err = h.onFound("anna", "Archivist", dismiss("Of another company"))
		require.NoError(t, err)
		_, err = h.onFound("olga", "Archivist", models.FoundFacts.Reopen)
		require.NoError(t, err)
		require.EqualValues(t, 1, h.owedClaims())
		acts, _, err := h.History(t.Context(), h.party("olga"), models.TouchFound, f.ID, 0)
		require.NoError(t, err)
		var said []string
		for _, e := range acts {
			said = append(said, strings.TrimSpace(e.Act+" "+e.Text("reason")))
		}
		require.Equal(t, []string{"found.reopened", "found.dismissed Of another company", "agent.imported", "agent.imported",
			"found.dismissed An example from the vendor’s documentation", "agent.imported"}, said)
		_, _, err = h.History(t.Context(), h.party("pete"), models.TouchFound, f.ID, 0)
		require.Equal(t, models.NotFound, models.CodeOf(err))
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// Whoever registers an agent of that name or address, or imports it, has claimed it.
func TestRegisteringSettlesWhatWasFound(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		at := agentSeen("voice")
		at.URL = "https://voice.example/a2a"
		h.mustTakeIn("anna", naming("crew.yaml", "Planner", agentSeen("Archivist"), agentSeen("Übersetzer"), agentSeen("fact_checker"), at, systemSeen("wiki-pages")), "")
		require.EqualValues(t, 4, h.owedClaims())

		m := models.Manifest{Name: "archivist", Purpose: "Keeps files"}
		made, err := h.DecideAgent(ctx, h.act("olga"), "", Lookup{Names: m.Names()}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) })
		require.NoError(t, err)
		require.Equal(t, made.Subject, *h.found("Archivist").AgentID)
		require.Equal(t, h.people["olga"], *h.found("Archivist").DecidedBy)

		imported := h.mustTakeIn("olga", naming("u.md", "übersetzer"), "")
		require.Equal(t, imported.Subject, *h.found("Übersetzer").AgentID)

		// Drafted under another name, and found by its address.
		card := read("card.json", "Concierge", "card", func(a *models.ImportedAgent) {
			a.Interfaces = []models.ImportedInterface{{URL: "HTTPS://voice.example/a2a/"}}
		})
		concierge := h.mustTakeIn("olga", card, "")
		require.Equal(t, concierge.Subject, *h.found("voice").AgentID)

		// Renamed as a draft; registering it looks again.
		id := h.agent("olga")
		_, err = h.DecideAgent(ctx, h.act("olga"), id, Lookup{}, func(f models.AgentFacts) (models.Change, error) {
			m := f.Agent.Manifest()
			m.Name = "Fact checker"
			return f.SaveStep(models.StepAbout, m, f.Agent.Rev)
		})
		require.NoError(t, err)
		require.Equal(t, models.FoundOpen, h.found("fact checker").State)
		_, err = h.DecideAgent(ctx, h.act("olga"), id, Lookup{}, models.AgentFacts.Register)
		require.NoError(t, err)
		require.Equal(t, id, *h.found("fact checker").AgentID)
		require.Zero(t, h.owedClaims())

		// What is known by its address is not found under another name.
		at.Name = "speech"
		h.mustTakeIn("anna", naming("late.yaml", "Late", at), "")
		require.Empty(t, h.foundNames(models.ImportAgent))

		sys := h.catalogue(CatalogueLookup{SystemName: "Wiki pages"}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveSystem(models.System{Name: "Wiki pages", Kind: "saas", Sensitivity: "internal", CustodianTeamID: h.teams["Platform"]}, 0)
		}).Subject
		require.Equal(t, sys, *h.found("wiki-pages").SystemID)
		_, err = h.onFound("anna", "wiki-pages", models.FoundFacts.Claim)
		require.Equal(t, "found.kind", models.RuleOf(err))
		require.NoError(t, h.Verify(ctx, nil))
	})
}

// A file that names more than one act can record is recorded in parts, and names
// that were not looked up are never recorded blindly.
func TestMuchIsFoundInParts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var seen []models.ImportedSeen
		for i := range models.MostSeen + 20 {
			seen = append(seen, agentSeen(fmt.Sprintf("Helper %03d", i)))
		}
		h.mustTakeIn("anna", naming("one.yaml", "One", seen...), "")
		require.EqualValues(t, models.MostSeen, h.owedClaims())
		var notices int64
		require.NoError(t, h.read.Raw("SELECT COUNT(*) FROM outbox WHERE kind = 'duty.claim'").Scan(&notices).Error)
		require.EqualValues(t, 1, notices, "one notice for all of them")
		r := h.mustTakeIn("anna", naming("one.yaml", "One", seen...), "")
		require.Equal(t, "agent.seen_with", r.Act)
		require.EqualValues(t, models.MostSeen+20, h.owedClaims(), "the same again records the rest")
		_, err := h.takeIn("anna", naming("one.yaml", "One", seen...), "")
		require.Equal(t, "import.same", models.RuleOf(err))

		first, err := h.FoundList(t.Context(), h.party("olga"), FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen})
		require.NoError(t, err)
		require.Len(t, first.Lines, NamePage)
		require.Equal(t, models.MostSeen+20, first.Total)
		require.Equal(t, "Helper 000", first.Lines[0].Name)
		names, cursor := map[string]bool{}, NameCursor{}
		for {
			page, err := h.FoundList(t.Context(), h.party("olga"), FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen, NameCursor: cursor})
			require.NoError(t, err)
			for _, l := range page.Lines {
				require.NotNil(t, l.DueAt)
				names[l.Name] = true
			}
			if page.Next == nil {
				back, err := h.FoundList(t.Context(), h.party("olga"), FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen, NameCursor: *page.Previous})
				require.NoError(t, err)
				require.Len(t, back.Lines, NamePage)
				break
			}
			cursor = *page.Next
		}
		require.Len(t, names, models.MostSeen+20)
		one, err := h.FoundList(t.Context(), h.party("olga"), FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen, File: "one.yaml", Search: "HELPER 11"})
		require.NoError(t, err)
		require.Len(t, one.Lines, 10)
		_, err = h.FoundList(t.Context(), h.party("pete"), FoundAsk{Kind: models.ImportAgent})
		require.Equal(t, models.NotFound, models.CodeOf(err))

		before := h.entries()
		_, err = h.DecideAgent(t.Context(), h.act("anna"), "", Lookup{}, func(f models.AgentFacts) (models.Change, error) {
			return f.Import(naming("three.yaml", "Three", agentSeen("Somebody")))
		})
		require.ErrorContains(t, err, "looked up")
		require.Equal(t, before, h.entries())
	})
}

// What is dropped, changed or put past the record is found by verify.
func TestVerifyReadsWhatWasFound(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		in := naming("crew.yaml", "Planner", agentSeen("Archivist"))
		in.Agent.Interfaces = []models.ImportedInterface{{URL: "https://planner.example"}}
		h.mustTakeIn("anna", in, "")
		id := h.found("Archivist").ID
		require.NoError(t, h.Verify(t.Context(), nil))
		for statement, says := range map[string]string{
			"UPDATE found SET state = 'dismissed', reason = 'hush', decided_by = seen_by, decided_at = opened_at": "changed past the record",
			"UPDATE found SET times = 0 + times, last_seen_at = last_seen_at + 1":                                 "changed past the record",
			"DELETE FROM found": "is gone",
			"UPDATE duties SET closed_at = opened_at WHERE kind = 'claim'":          "changed past the record",
			"DELETE FROM ledger_refs WHERE kind = 'found'":                          "belongs into",
			"DELETE FROM agent_addresses":                                           "is not known by the addresses",
			"UPDATE agent_addresses SET url_key = 'https://archivist.example'":      "is not known by the addresses",
			"INSERT INTO agent_addresses (agent_id, url_key) VALUES ('agt_x', 'x')": "drafts have",
			"INSERT INTO ledger_refs (kind, id, seq) VALUES ('found', 'fnd_x', 1)":  "belongs into",
		} {
			got := h.tampered(t, statement)
			require.Contains(t, got.Says, says, statement)
			if strings.Contains(statement, " found") && !strings.Contains(statement, "refs") {
				require.Equal(t, "found", got.Table)
				require.Equal(t, id, got.ID)
			}
		}
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}
