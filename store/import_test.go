package store

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// read is what a file says of an agent, with a model, a prompt, tools and another agent.
func read(file, name, content string, change func(*models.ImportedAgent)) models.ImportRow {
	a := &models.ImportedAgent{Name: name, Description: "Sorts mail.", Model: "model-1", PromptDigest: models.Digest("prompt " + content),
		Tools:     models.ImportedAccess{Access: models.AccessListed, Listed: []string{"Write", "Read"}, Digests: map[string]string{"Read": models.Digest("reads")}},
		Delegates: []models.ImportedDelegate{{Name: "Archivist"}},
		Fields: []models.ImportedField{
			{Field: "name", Value: name, Pointer: "/name", Status: models.FieldRead},
			{Field: "skills[0].id", Value: "sort", Pointer: "/skills/0/id", Status: models.FieldRead},
			{Field: "skills[0].name", Value: "Sort", Pointer: "/skills/0/name", Status: models.FieldRead},
			{Field: "skills[0].description", Value: "Sorts it.", Pointer: "/skills/0/description", Status: models.FieldRead},
			{Field: "skills[2].name", Value: "${NAME}", Pointer: "/skills/2/name", Status: models.FieldPlaceholder},
		}}
	if change != nil {
		change(a)
	}
	return models.ImportRows([]models.Imported{{File: file, Format: "claude-subagent", Kind: models.ImportAgent, Name: name, Outcome: models.ImportClean,
		Digest: "sha256:" + models.Digest(content), Agent: a}})[0]
}

func (h *house) takeIn(by string, in models.ImportRow, into string) (models.Receipt, error) {
	return h.DecideImport(context.Background(), h.act(by), in, into)
}

func (h *house) manifestOf(id string) (models.Agent, models.Manifest) {
	h.t.Helper()
	a, err := find[models.Agent](h.read, "id = ?", id)
	require.NoError(h.t, err)
	require.NotNil(h.t, a)
	return *a, a.Manifest()
}

func (h *house) entries() int64 {
	h.t.Helper()
	var n int64
	require.NoError(h.t, h.read.Raw("SELECT seq FROM ledger_head").Scan(&n).Error)
	return n
}

func TestImportTakesOverWhatTheFileSays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		r, err := h.takeIn("anna", read("sorter.md", "Sorter", "one", nil), "")
		require.NoError(t, err)
		_, m := h.manifestOf(r.Subject)
		require.Equal(t, "model-1", m.Model)
		require.Equal(t, models.Digest("prompt one"), m.PromptDigest)
		require.Equal(t, "listed", m.ToolAccess)
		require.Equal(t, []models.ManifestTool{{Name: "Read", Digest: models.Digest("reads")}, {Name: "Write"}}, m.Tools)
		require.Equal(t, []string{"Archivist"}, m.Delegates)
		require.Equal(t, "sorter.md", m.Source)
		rec, err := h.Agent(t.Context(), h.viewer("anna"), r.Subject)
		require.NoError(t, err)
		require.Equal(t, []models.Suggestion{{No: 0, Name: "Sort", Description: "Sorts it."}}, rec.Import.Suggestions())

		for access, want := range map[string]string{"": "unknown", models.AccessUnknown: "unknown", models.AccessNone: "none"} {
			r, err := h.takeIn("anna", read("x"+access+".md", "X"+access, "x", func(a *models.ImportedAgent) { a.Tools = models.ImportedAccess{Access: access} }), "")
			require.NoError(t, err)
			_, m := h.manifestOf(r.Subject)
			require.Equal(t, want, m.ToolAccess, "what is absent is never none")
		}
		many := read("many.md", "Many", "m", func(a *models.ImportedAgent) {
			a.Tools.Listed = strings.Split(strings.Repeat("t ", 501), " ")
		})
		r, err = h.takeIn("anna", many, "")
		require.NoError(t, err)
		_, m = h.manifestOf(r.Subject)
		require.Equal(t, "unknown", m.ToolAccess, "a list that cannot be kept whole is no list")
		require.Contains(t, strings.Join(m.ImportedNotes, " "), "more than can be kept")
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

func TestImportAgain(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		one := read("sorter.md", "Sorter", "one", nil)
		r, err := h.takeIn("anna", one, "")
		require.NoError(t, err)
		at := h.entries()
		_, err = h.takeIn("anna", one, "")
		require.Equal(t, "import.same", models.RuleOf(err))

		// What the owner typed since is hers, and the same file still changes nothing.
		a, m := h.manifestOf(r.Subject)
		m.Name, m.Purpose = "Post sorter", "Sorts the post."
		_, err = h.DecideAgent(t.Context(), h.act("anna"), r.Subject, Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.SaveStep(models.StepAbout, m, a.Rev) })
		require.NoError(t, err)
		_, err = h.takeIn("anna", one, "")
		require.Equal(t, "import.same", models.RuleOf(err))
		require.Equal(t, at+1, h.entries())

		// A changed prompt, tool and model update the same draft and leave the rest.
		two := read("sorter.md", "Sorter", "two", func(a *models.ImportedAgent) {
			a.Model, a.Tools.Listed, a.Delegates = "", []string{"Read", "Send"}, nil
		})
		again, err := h.takeIn("anna", two, "")
		require.NoError(t, err)
		require.Equal(t, r.Subject, again.Subject)
		_, m = h.manifestOf(r.Subject)
		require.Equal(t, "Post sorter", m.Name)
		require.Equal(t, models.Digest("prompt two"), m.PromptDigest)
		require.Empty(t, m.Model, "the file names none any more")
		require.Empty(t, m.Delegates)
		require.Equal(t, "Send", m.Tools[1].Name)

		// The same bytes under another name are the same thing; another file is not.
		moved := two
		moved.File = "moved.md"
		plans, err := h.ImportPlans(t.Context(), h.viewer("anna"), []models.ImportRow{moved, read("b.md", "POST SORTER", "b", nil), read("c.md", "Other", "c", nil)}, []string{"", "", ""})
		require.NoError(t, err)
		require.Equal(t, r.Subject, plans[0].Agent.ID)
		require.Nil(t, plans[1].Agent)
		require.Contains(t, plans[1].Problem, "Say whether this is the same agent")
		require.Empty(t, plans[2].Matches)
		_, err = h.takeIn("anna", read("b.md", "Post sorter", "b", nil), "")
		require.Equal(t, "import.several", models.RuleOf(err))
		_, err = h.takeIn("anna", read("b.md", "Post sorter", "b", nil), models.ImportNew)
		require.NoError(t, err)

		// Two of one name in a file are two.
		pair := models.ImportRows([]models.Imported{read("p.json", "Twin", "p", nil).Imported, read("p.json", "Twin", "p", nil).Imported})
		first, err := h.takeIn("anna", pair[0], "")
		require.NoError(t, err)
		_, err = h.takeIn("anna", pair[1], "")
		require.Error(t, err, "the name alone does not say which")
		second, err := h.takeIn("anna", pair[1], models.ImportNew)
		require.NoError(t, err)
		require.NotEqual(t, first.Subject, second.Subject)
		for _, x := range pair {
			_, err = h.takeIn("anna", x, "")
			require.Equal(t, "import.same", models.RuleOf(err))
		}
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// What is registered stays; the change waits as the next revision, and the owner owes it.
func TestImportOverARegisteredAgent(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent := h.agent("anna")
		in := read("a.md", "Agent 1", "one", func(a *models.ImportedAgent) { a.Tools = models.ImportedAccess{} })
		_, err := h.takeIn("anna", in, "")
		require.Equal(t, "import.several", models.RuleOf(err), "its name alone does not make it this agent")
		before, _ := h.manifestOf(agent)
		_, err = h.takeIn("anna", in, agent)
		require.NoError(t, err)
		a, m := h.manifestOf(agent)
		require.Equal(t, models.AgentRegistered, a.State)
		require.Equal(t, before.RevisionID, a.RevisionID)
		require.Equal(t, "Agent 1", a.Name)
		require.Equal(t, models.Digest("prompt one"), m.PromptDigest)
		require.Equal(t, "none", m.ToolAccess, "a file that says nothing of its tools takes nothing back")
		duty := func() (n int) {
			require.NoError(t, h.read.Raw("SELECT COUNT(*) FROM duties WHERE kind = 'register' AND subject = ? AND closed_at IS NULL", agent).Scan(&n).Error)
			return n
		}
		require.Equal(t, 1, duty())
		_, err = h.takeIn("anna", read("a.md", "Agent 1", "two", func(a *models.ImportedAgent) { a.Tools = models.ImportedAccess{} }), "")
		require.NoError(t, err)
		require.Equal(t, 1, duty(), "owed once")
		plans, err := h.ImportPlans(t.Context(), h.viewer("anna"), []models.ImportRow{read("a.md", "Agent 1", "three", nil)}, []string{""})
		require.NoError(t, err)
		require.NotEmpty(t, plans[0].Live)
		require.NotEmpty(t, plans[0].Draft)
		_, err = h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, models.AgentFacts.Register)
		require.NoError(t, err)
		require.Zero(t, duty())

		// Somebody else's, and a retired one.
		_, err = h.takeIn("olga", in, agent)
		require.Equal(t, models.NotFound, models.CodeOf(err))
		_, err = h.takeIn("pete", read("p.md", "P", "p", nil), "")
		require.Equal(t, models.Forbidden, models.CodeOf(err))
		_, err = h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.Retire("Over") })
		require.NoError(t, err)
		at := h.entries()
		_, err = h.takeIn("anna", read("a.md", "Agent 1", "four", nil), agent)
		require.Equal(t, "agent.retired", models.RuleOf(err))
		_, err = h.takeIn("anna", read("a.md", "Agent 1", "four", nil), "")
		require.Equal(t, "import.retired", models.RuleOf(err), "a retired agent does not come back by itself")
		require.Equal(t, at, h.entries())
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// The same file in two windows at once makes one agent.
func TestImportTwiceAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = h.takeIn("anna", read("s.md", "Sorter", "one", nil), "") })
		}
		wg.Wait()
		same := 0
		for _, err := range errs {
			if err != nil {
				require.Equal(t, "import.same", models.RuleOf(err))
				same++
			}
		}
		require.Equal(t, 3, same)
	})
}

func TestImportSaysByWhichDoor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		act := h.act("anna")
		act.Via = "command line"
		r, err := h.DecideImport(t.Context(), act, read("s.md", "Sorter", "one", nil), "")
		require.NoError(t, err)
		again, err := h.DecideImport(t.Context(), act, read("s.md", "Sorter", "two", nil), "")
		require.NoError(t, err)
		require.True(t, again.Again)
		require.Equal(t, r.Subject, again.Subject)
		var body string
		require.NoError(t, h.read.Raw("SELECT body FROM ledger_bodies WHERE seq = ?", r.Seq).Scan(&body).Error)
		require.Contains(t, body, `"via":"command line"`)
	})
}

func TestImportLists(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		rows := make([]ImportListRow, 450)
		for i := range rows {
			rows[i] = ImportListRow{Outcome: models.ImportClean, Plan: PlanNew, Chosen: i%2 == 0, Row: read("many.json", "Agent "+string(rune('a'+i%26)), "x", nil)}
		}
		rows[449].Outcome, rows[449].Plan = models.ImportRefused, PlanNone
		l := ImportList{ID: "list1", PersonID: h.people["anna"], Label: "many.json"}
		require.NoError(t, h.KeepImport(ctx, l, rows))
		require.NoError(t, h.KeepImport(ctx, l, rows), "the same again changes nothing")
		kept, err := h.ImportList(ctx, h.viewer("anna"), "list1")
		require.NoError(t, err)
		require.Equal(t, 450, kept.Total)
		_, err = h.ImportList(ctx, h.viewer("olga"), "list1")
		require.Equal(t, models.NotFound, models.CodeOf(err))
		page, more, err := h.ImportRowsOf(ctx, "list1", ImportFilter{After: 25, Limit: 25})
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, 26, page[0].No)
		require.Equal(t, rows[25].Row, page[0].Row, "a row comes back whole")

		require.NoError(t, h.ChooseImportRows(ctx, "list1", []ImportChoice{{No: 1}, {No: 2, Chosen: true, Target: "new"}, {No: 450, Chosen: true}, {No: 9999, Chosen: true}}))
		require.NoError(t, h.QueueImportRows(ctx, "list1"))
		queued, _, err := h.ImportRowsOf(ctx, "list1", ImportFilter{State: RowQueued, Limit: 2})
		require.NoError(t, err)
		require.Equal(t, []int{2, 3}, []int{queued[0].No, queued[1].No})
		require.Equal(t, "new", queued[0].Target)
		require.NoError(t, h.EndImportRow(ctx, "list1", 2, RowCreated, "", "agt_1"))
		tallies, err := h.ImportTallies(ctx, "list1")
		require.NoError(t, err)
		n := map[string]int{}
		for _, x := range tallies {
			n[x.State] += x.N
		}
		require.Equal(t, map[string]int{RowCreated: 1, RowQueued: 224, RowWaiting: 225}, n)

		for _, id := range []string{"list2", "list3", "list4", "list5", "list6"} {
			require.NoError(t, h.KeepImport(ctx, ImportList{ID: id, PersonID: h.people["anna"], Label: id}, rows[:1]))
		}
		lists, err := h.ImportLists(ctx, h.viewer("anna"))
		require.NoError(t, err)
		require.Len(t, lists, 5)
		_, err = h.ImportList(ctx, h.viewer("anna"), "list1")
		require.Equal(t, models.NotFound, models.CodeOf(err), "the oldest went")
		h.pass(2 * models.Day)
		require.NoError(t, h.SweepImports(ctx))
		var left int
		require.NoError(t, h.read.Raw("SELECT COUNT(*) FROM import_rows").Scan(&left).Error)
		require.Zero(t, left)
	})
}
