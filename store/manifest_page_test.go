package store

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// inForce is one more capability in force of the agent, which anna owns.
func (h *house) inForce(agent, title string, ops ...string) (capability, version string) {
	h.t.Helper()
	t := task()
	t.Title = title
	scope := models.Scope{LifetimeMinutes: 5}
	var ids []string
	for _, op := range ops {
		scope.Grants = append(scope.Grants, models.ScopeGrant{OperationID: h.ops[op]})
		ids = append(ids, h.ops[op])
	}
	r, err := h.DecideAgent(h.t.Context(), h.act("anna"), agent, Lookup{People: []string{h.people["pete"], h.people["carl"]}}, func(f models.AgentFacts) (models.Change, error) {
		return f.NewCapability(t, map[models.Role]string{models.Provisioner: h.people["pete"], models.ControlOwner: h.people["carl"]})
	})
	require.NoError(h.t, err)
	h.must("pete", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		version = f.Open.Version.ID
		return f.SavePart(models.ScopePart, scope, 0)
	}, ids...)
	h.must("carl", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, oversight(), 0)
	})
	h.must("anna", r.Subject, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(r.Subject, version)
	for _, name := range []string{"xena", "yuri"} {
		if signed, err := h.sign(name, r.Subject, version); err == nil && signed.Outcome == string(models.Live) {
			return r.Subject, version
		}
	}
	h.t.Fatal("it is not in force")
	return r.Subject, version
}

// remade registers a new revision of the agent.
func (h *house) remade(owner, agent string, change func(*models.Manifest)) string {
	h.t.Helper()
	ctx := h.t.Context()
	var m models.Manifest
	for _, step := range models.ManifestSteps {
		_, err := h.DecideAgent(ctx, h.act(owner), agent, Lookup{}, func(f models.AgentFacts) (models.Change, error) {
			m = f.Agent.Manifest()
			change(&m)
			return f.SaveStep(step.Value, m, f.Agent.Rev)
		})
		require.NoError(h.t, err)
	}
	var revision string
	_, err := h.DecideAgent(ctx, h.act(owner), agent, Lookup{}, models.AgentFacts.Register)
	require.NoError(h.t, err)
	a, err := find[models.Agent](h.read, "id = ?", agent)
	require.NoError(h.t, err)
	revision = *a.RevisionID
	return revision
}

func newModel(m *models.Manifest) { m.Model = "model-2" }

// manifestHouse has one agent with two tasks in force, of tiers low and critical,
// and a new revision of it.
func manifestHouse(h *house) (agent, revision string, low, critical [2]string) {
	agent = h.agent("anna")
	low[0], low[1] = h.inForce(agent, "Answer leave questions", "read")
	critical[0], critical[1] = h.inForce(agent, "Pay salaries", "pay")
	return agent, h.remade("anna", agent, newModel), low, critical
}

func (h *house) carry(by, agent, inForce, revision string) (models.Receipt, error) {
	return h.CarryOver(context.Background(), h.act(by), agent, inForce, revision, policy.Compile)
}

func rowOf(t *testing.T, p ManifestPage, capability string) ManifestRow {
	t.Helper()
	i := slices.IndexFunc(p.Rows, func(r ManifestRow) bool { return r.Capability.ID == capability })
	require.GreaterOrEqual(t, i, 0)
	return p.Rows[i]
}

// A new manifest is signed row by row: carried over as it is by its owner,
// accepted by the three, signed by approvers who had no part in it.
func TestOneNewManifestManyCapabilities(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent, revision, low, critical := manifestHouse(h)
		page, err := h.ManifestPage(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		require.Len(t, page.Rows, 2)
		require.Equal(t, 2, page.Behind)
		for _, r := range page.Rows {
			require.True(t, r.Behind())
			require.NoError(t, r.MayCarry())
			v := r.Carried()
			require.Empty(t, r.Missing(v))
			require.Empty(t, models.BesideTheManifest(r.Force.Version.Doc(), r.Preview(v)))
		}
		seq := h.entries()
		act := h.act("anna")
		first, err := h.CarryOver(t.Context(), act, agent, critical[1], revision, policy.Compile)
		require.NoError(t, err)
		require.Equal(t, "version.submitted", first.Act)
		require.Equal(t, seq+2, first.Seq, "drafted and submitted, each with its entry")
		again, err := h.CarryOver(t.Context(), act, agent, critical[1], revision, policy.Compile)
		require.NoError(t, err)
		require.True(t, again.Again)
		require.Equal(t, first.Seq, again.Seq)

		version := first.Subject
		row, err := h.ManifestRow(t.Context(), h.viewer("anna"), agent, version)
		require.NoError(t, err)
		require.Len(t, row.Rows, 1)
		require.NoError(t, row.Rows[0].CarriedOver(version))
		for _, part := range row.Rows[0].Open.Parts {
			require.Equal(t, critical[1], *part.CarriedFrom, "carried, and so nobody's new work")
			require.Nil(t, part.UpdatedBy)
		}
		for name, r := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "carl": models.ControlOwner} {
			h.must(name, critical[0], func(f models.CapabilityFacts) (models.Change, error) {
				return f.AcceptCarried(version, r, f.Open.Version.Digest)
			})
		}
		shown := h.shown(version)
		for i, name := range []string{"xena", "yuri"} {
			r, err := h.try(name, critical[0], func(f models.CapabilityFacts) (models.Change, error) {
				if err := f.CarriedOver(version); err != nil {
					return models.Change{}, err
				}
				return h.keys.SignOff(f, shown, models.Signing{})
			})
			require.NoError(t, err)
			require.Equal(t, i == 1, r.Outcome == string(models.Live))
		}
		page, err = h.ManifestPage(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		require.Equal(t, 1, page.Behind)
		require.False(t, rowOf(t, page, critical[0]).Behind())
		require.True(t, rowOf(t, page, low[0]).Behind())
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// Who may not, and what is not as it was shown, is refused and leaves nothing.
func TestCarryingOverIsRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent, revision, low, critical := manifestHouse(h)
		elsewhere, _ := h.live("read")
		count := h.entries
		before := count()
		refused := func(rule, by, version, revision string) {
			t.Helper()
			_, err := h.carry(by, agent, version, revision)
			require.Equal(t, rule, models.RuleOf(err), "%v", err)
			require.Equal(t, before, count())
		}
		refused("role.business_owner", "pete", low[1], revision)
		refused("not_found", "olga", low[1], revision)
		refused("role.business_owner", "udo", low[1], revision)
		refused("carry.manifest", "anna", low[1], "rev_of_before")
		force, err := h.OpenVersion(t.Context(), h.viewer("anna"), elsewhere)
		require.Error(t, err, force)
		other := rows[models.Mandate](t, h, "id", "capability_id = ?", elsewhere)[0].VersionID
		refused("not_found", "anna", other, revision) // of another agent, though anna owns it too
		_, err = h.CarryOver(t.Context(), models.Act{ID: "short", Person: h.people["anna"]}, agent, low[1], revision, policy.Compile)
		require.Equal(t, "act.id", models.RuleOf(err))

		// Retired meanwhile: the second of the two acts is refused, and the first is gone with it.
		h.catalogue(CatalogueLookup{System: h.system(), Operation: h.ops["read"]}, models.CatalogueFacts.Retire)
		before = count()
		refused("input", "anna", low[1], revision)
		require.Len(t, rows[models.Version](t, h, "id", "capability_id = ?", low[0]), 1)
		page, err := h.ManifestPage(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		r := rowOf(t, page, low[0])
		require.NotEmpty(t, r.Missing(r.Carried()))

		// Once it is on its way it is not carried again.
		_, err = h.carry("anna", agent, critical[1], revision)
		require.NoError(t, err)
		before = count()
		refused("version.open", "anna", critical[1], revision)

		// Who has left cannot answer for it again.
		h.admin("adam", AdminLookup{People: []string{h.people["carl"]}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(h.people["carl"], "Left") })
		before = count()
		refused("carry.nominees", "anna", low[1], revision)
	})
}

// Where more than the manifest moved, or the manifest moved the tier, it is not
// accepted or signed beside others; on its own page it is.
func TestWhatElseMovedIsDecidedOnItsOwnPage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent := h.agent("anna")
		capability, version := h.inForce(agent, "Answer leave questions", "read")
		revision := h.remade("anna", agent, func(m *models.Manifest) { m.Environments = []string{"production", "test"} })
		page, err := h.ManifestPage(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		r := rowOf(t, page, capability)
		require.Contains(t, models.BesideTheManifest(r.Force.Version.Doc(), r.Preview(r.Carried()))[0], "the tier, from low to ", "the page says so before")
		receipt, err := h.carry("anna", agent, version, revision)
		require.NoError(t, err)
		next := receipt.Subject
		shown := h.shown(next)
		_, err = h.try("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AcceptCarried(next, models.BusinessOwner, shown.Digest)
		})
		require.Equal(t, "carry.moved", models.RuleOf(err))
		h.accept(capability, next)
		sign := func(f models.CapabilityFacts) (models.Change, error) { return f.SignCarried(shown, models.Signing{}) }
		_, err = h.try("xena", capability, sign)
		require.Equal(t, "carry.moved", models.RuleOf(err))

		// A version for a manifest that is not the newest any more.
		h.remade("anna", agent, newModel)
		_, err = h.try("xena", capability, sign)
		require.Equal(t, "carry.manifest", models.RuleOf(err))
	})
}

// One page of many capabilities costs no more queries than one of few, and shows
// only what the viewer sees.
func TestManifestPageIsBoundedAndKeepsToWhoSees(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent, revision, low, _ := manifestHouse(h)
		_, err := h.ManifestPage(t.Context(), h.viewer("adam"), agent, "")
		require.Equal(t, models.NotFound, models.CodeOf(err))
		for name, sees := range map[string]int{"adam": 0, "olga": 1, "zoe": 2} { // olga and zoe are of a signer's team
			n, err := h.ManifestBehind(t.Context(), h.viewer(name), agent)
			require.NoError(t, err)
			require.Equal(t, sees, n, name)
		}
		page, err := h.ManifestPage(t.Context(), h.viewer("olga"), agent, "")
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		require.Error(t, page.Rows[0].MayCarry(), "not hers to carry")
		first, err := h.ManifestPage(t.Context(), h.viewer("udo"), agent, "")
		require.NoError(t, err)
		next, err := h.ManifestPage(t.Context(), h.viewer("udo"), agent, first.Rows[0].Capability.ID)
		require.NoError(t, err)
		require.Equal(t, first.Rows[1].Capability.ID, next.Rows[0].Capability.ID)
		require.Len(t, next.Rows, 1)

		before, n := count(t, h, agent)
		require.Equal(t, 2, n)
		for _, title := range []string{"Third", "Fourth", "Fifth"} {
			h.inForce(agent, title, "read")
		}
		after, n := count(t, h, agent)
		require.Equal(t, 5, n)
		require.Equal(t, before, after, "queries for two tasks and for five")

		// Zoe is an approver and sees it while it waits for approvers.
		receipt, err := h.carry("anna", agent, low[1], revision)
		require.NoError(t, err)
		h.accept(low[0], receipt.Subject)
		page, err = h.ManifestPage(t.Context(), h.viewer("zoe"), agent, "")
		require.NoError(t, err)
		r := rowOf(t, page, low[0])
		require.NoError(t, models.MaySign(r.By, *r.Open))
		require.NoError(t, r.CarriedOver(receipt.Subject))
		require.Equal(t, 1, r.Needed(*r.Open).Seats)
	})
}

// count is how many queries the page takes for an auditor, and how many rows it has.
func count(t *testing.T, h *house, agent string) (queries, rows int) {
	t.Helper()
	viewer, on := h.viewer("udo"), true
	seen := func(*gorm.DB) {
		if on {
			queries++
		}
	}
	name := "count " + NewActID()
	require.NoError(t, h.read.Callback().Query().Register(name, seen))
	require.NoError(t, h.read.Callback().Row().Register(name, seen))
	require.NoError(t, h.read.Callback().Raw().Register(name, seen))
	page, err := h.ManifestPage(t.Context(), viewer, agent, "")
	on = false
	require.NoError(t, err)
	require.Greater(t, queries, 10)
	return queries, len(page.Rows)
}
