package store

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"countersign/apptest"
	"countersign/ledger"
	"countersign/models"
	"countersign/policy"
)

// Anybody tries anything, in any order, for as long as it takes: what is done is
// what the design's table allows, what is refused changes nothing, and after
// each act everything that must always hold does.
//
//	go test ./store -run TestAnybodyTriesAnything -rapid.checks=2000   (for long)
//	go test ./store -run TestAnybodyTriesAnything -rapid.seed=N         (again)
func TestAnybodyTriesAnything(t *testing.T) {
	// As many as are worth their time at each change; say -rapid.checks for more.
	unlessSaid(t, "rapid.checks", "40")
	unlessSaid(t, "rapid.nofailfile", "true") // its seed is enough to see it again
	t.Run("sqlite", func(t *testing.T) {
		start := furnished(t, apptest.SQLiteURL(t))
		file := filepath.Join(t.TempDir(), "start.db")
		require.NoError(t, plain(start.Store).Exec("VACUUM INTO ?", file).Error)
		scratch := t.TempDir()
		rapid.Check(t, func(r *rapid.T) { anything(r, start, copyOf(r, start, file, scratch)) })
	})
	t.Run("postgres", func(t *testing.T) {
		// One house for all: each check goes on where the one before ended.
		h := furnished(t, apptest.PostgresURL(t))
		for seed := range 3 {
			r := rapid.Custom(func(r *rapid.T) int { anything(r, h, h); return 0 })
			r.Example(seed)
		}
	})
}

// unlessSaid gives a flag another default.
func unlessSaid(t *testing.T, name, value string) {
	f := flag.Lookup(name)
	if f.Value.String() == f.DefValue {
		require.NoError(t, f.Value.Set(value))
		t.Cleanup(func() { _ = f.Value.Set(f.DefValue) })
	}
}

// furnished is a house with five capabilities of two agents, at every tier.
func furnished(t *testing.T, url string) *house {
	h := newHouse(t, url)
	h.furnish()
	return h
}

func (h *house) furnish() {
	first, _ := h.draft("read")
	agent := rows[models.Capability](h.t, h, "id", "id = ?", first)[0].AgentID
	h.another(agent, "write")
	h.draft("pay")
	half, version := h.reviewed("infra")
	_, err := h.sign("xena", half, version)
	require.NoError(h.t, err)
	h.live("write")
	h.officer()
}

// another is a draft of a further task on an agent of anna's.
func (h *house) another(agent string, op string) (capability, version string) {
	h.t.Helper()
	ctx := context.Background()
	r, err := h.DecideAgent(ctx, h.act("anna"), agent, Lookup{People: []string{h.people["pete"], h.people["carl"]}}, func(f models.AgentFacts) (models.Change, error) {
		return f.NewCapability(task(), map[models.Role]string{models.Provisioner: h.people["pete"], models.ControlOwner: h.people["carl"]})
	})
	require.NoError(h.t, err)
	scope := models.Scope{LifetimeMinutes: 5, Grants: []models.ScopeGrant{{OperationID: h.ops[op]}}}
	h.must("pete", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		version = f.Open.Version.ID
		return f.SavePart(models.ScopePart, scope, 0)
	}, h.ops[op])
	h.must("carl", r.Subject, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, oversight(), 0)
	})
	return r.Subject, version
}

// copyOf is the house again, on a copy of its file that is not synced to the disk.
func copyOf(r *rapid.T, start *house, file, scratch string) *house {
	from, err := os.ReadFile(file)
	require.NoError(r, err)
	path := filepath.Join(scratch, "now.db")
	for _, rest := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + rest)
	}
	require.NoError(r, os.WriteFile(path, from, 0o600))
	h := *start
	now := *start.clock
	h.clock = &now
	h.Store, err = Open(context.Background(), path, WithClock(h.tick))
	require.NoError(r, err)
	r.Cleanup(func() { _ = h.Close() })
	require.NoError(r, plain(h.Store).Exec("PRAGMA synchronous = OFF").Error)
	return &h
}

type machine struct {
	*house
	now   *scene
	chain *ledger.Chain
	done  map[string]int
	acts  int
}

func anything(r *rapid.T, start, h *house) {
	m := &machine{house: h, chain: ledger.NewChain(), done: map[string]int{}}
	m.now = readScene(r, h)
	m.check(r)
	r.Repeat(map[string]func(*rapid.T){
		"do what is owed":        m.dutiful,
		"do what is owed again":  m.dutiful,
		"do what is owed, still": m.dutiful,
		"act as one of the four": m.asOneOfTheFour,
		"stop, start and end":    m.asOneOfTheFour,
		"do anything":            m.anybody,
		"administer":             m.administer,
		"stop broadly, or lift":  m.broadly,
		"see to successors": func(r *rapid.T) {
			was := m.now
			require.NoError(r, h.SeeToSuccessors(context.Background()))
			m.now = readScene(r, h)
			for id, v := range m.now.versions {
				require.Equal(r, was.versions[id].State, v.State, "the clock asks, and decides nothing")
			}
			m.check(r)
		},
		"let time pass": func(r *rapid.T) {
			h.pass(rapid.SampledFrom([]models.Instant{models.Minute, models.Hour, 6 * models.Day, 31 * models.Day}).Draw(r, "time"))
			m.now.now = *h.clock
		},
	})
	whole(r, h)
}

// try does a deed and holds the product against the design.
func (m *machine) try(r *rapid.T, d deed) {
	want := m.now.expect(d)
	before := m.fingerprint(r)
	_, err := m.perform(d)
	after := m.fingerprint(r)
	said := fmt.Sprintf("%s: %+v: %v", d.what, d, err)
	require.Equal(r, want.may, err == nil, "the design says may=%v of %s", want.may, said)
	if err != nil {
		require.NotEqual(r, models.Busy, models.CodeOf(err), said)
		require.NotEmpty(r, models.CodeOf(err), "not a refusal but a fault: %s", said)
		require.NotContains(r, err.Error(), "database refused", "the rules explain what the tables refuse: %s", said)
		require.Equal(r, before, after, "a refusal changes nothing: %s", said)
		return
	}
	m.done[d.what]++
	was := m.now
	m.now = readScene(r, m.house)
	born := 0
	for id, v := range m.now.versions {
		old, known := was.versions[id]
		switch {
		case !known:
			born++
			require.EqualValues(r, "draft", v.State, said)
		case want.loose && v.State != old.State:
			require.Contains(r, arrows[old.State], v.State, "%s: no arrow from %s to %s", said, old.State, v.State)
		case !want.loose && want.states[id] != "":
			require.Equal(r, want.states[id], v.State, said)
		case !want.loose:
			require.Equal(r, old.State, v.State, "%s: version %d of %s", said, v.No, v.CapabilityID)
		}
		if known && old.State != "draft" {
			require.Equal(r, [2]string{old.Document, old.Digest}, [2]string{v.Document, v.Digest}, "a submitted version never changes: %s", said)
			require.Equal(r, old.parts, v.parts, said)
		}
	}
	require.Equal(r, want.born, born, said)
	m.check(r)
}

// perform posts the deed.
func (m *machine) perform(d deed) (models.Receipt, error) {
	// The same attempts make the same ids, so that a failure can be made smaller.
	m.acts++
	act := models.Act{ID: fmt.Sprintf("%016x%016x", m.chain.Seq(), m.acts), Person: d.by, AuthAt: *m.clock}
	if d.tired {
		act.AuthAt -= models.Hour
	}
	reason := "Because"
	if d.blank {
		reason = " \n"
	}
	ctx := context.Background()
	if look, rule := m.administration(d, reason); rule != nil {
		return m.DecideAdmin(ctx, act, look, rule)
	}
	switch d.what {
	case "stop broadly":
		return m.DecideStop(ctx, act, d.target, d.id, func(f models.StopFacts) (models.Change, error) { return f.Place(reason) })
	case "lift a broad stop":
		return m.DecideLift(ctx, act, d.id, func(f models.StopFacts) (models.Change, error) { return f.Lift(reason) })
	}
	v := m.now.versions[d.version]
	shown := models.Shown{VersionID: d.version}
	if v != nil {
		shown.Digest, shown.Round = v.Digest, v.Round
	}
	if d.stale {
		shown.Round++
		shown.Digest = models.Digest("something else")
	}
	also := Lookup{Operations: slices.Collect(maps.Values(m.ops))}
	if d.person != "" {
		also.People = []string{d.person}
	}
	return m.DecideCapability(ctx, act, d.capability, also, func(f models.CapabilityFacts) (models.Change, error) {
		switch d.what {
		case "draft":
			return f.NewDraft()
		case "edit":
			rev := v.parts[d.part].Rev
			if d.stale {
				rev += 7
			}
			if f.Open == nil || f.Open.Version.ID != d.version { // as every form of a draft is looked at
				return models.Change{}, models.Refusal(models.Conflict, "version.changed", "This is not the draft any more.")
			}
			return f.SavePart(d.part, m.body(d), rev)
		case "nominate":
			return f.Nominate(d.version, d.role, d.person)
		case "submit":
			return f.Submit(d.version, policy.Compile)
		case "accept":
			return f.Accept(d.version, d.role, shown.Digest)
		case "decline":
			return f.Decline(d.version, d.role, reason)
		case "withdraw":
			return f.Withdraw(d.version, reason)
		case "sign":
			return m.keys.SignOff(f, shown, models.Signing{TeamID: d.id})
		case "send back":
			return f.AskForChanges(shown, models.Signing{Comment: reason})
		case "refuse":
			return f.Refuse(shown, models.Signing{Comment: reason})
		case "recall":
			return f.Recall(d.id, reason)
		case "stop":
			return f.Stop(d.target, reason)
		case "ask restart":
			return f.AskRestart(reason)
		case "go live":
			return f.GoLive(d.version)
		case "lapse":
			return f.Lapse(d.version)
		case "revoke":
			return f.Revoke(reason)
		}
		panic(d.what)
	})
}

func (m *machine) administration(d deed, reason string) (AdminLookup, func(models.AdminFacts) (models.Change, error)) {
	people := AdminLookup{People: []string{d.person}}
	switch d.what {
	case "grant":
		return people, func(f models.AdminFacts) (models.Change, error) { return f.Grant(d.person, d.role) }
	case "end grant":
		return AdminLookup{Grant: d.id}, func(f models.AdminFacts) (models.Change, error) { return f.EndGrant(d.id) }
	case "leave":
		return people, func(f models.AdminFacts) (models.Change, error) { return f.Leave(d.person, reason) }
	case "join team", "leave team":
		people.Team = d.id
		return people, func(f models.AdminFacts) (models.Change, error) {
			return f.SetMember(d.id, d.person, d.what == "join team")
		}
	case "say they are one":
		people.People = append(people.People, d.other)
		return people, func(f models.AdminFacts) (models.Change, error) { return f.ProposeMerge(d.other, d.person, reason) }
	case "confirm they are one":
		return AdminLookup{Link: d.id}, models.AdminFacts.ConfirmLink
	case "withdraw that they are one":
		return AdminLookup{Link: d.id}, models.AdminFacts.WithdrawLink
	case "propose rules":
		return AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) {
			rules := f.Rules.Rules()
			ask := rules.Asks[models.Low]
			ask.Approvers = d.more
			rules.Asks[models.Low] = ask
			return f.ProposeRules(rules, reason)
		}
	case "confirm rules":
		return AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(m.now.rules["proposed"].ID) }
	case "withdraw rules":
		return AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.WithdrawRules(m.now.rules["proposed"].ID) }
	}
	return AdminLookup{}, nil
}

// body is what is written in a part: the same scope as before, so that the tier
// stays, or half of it.
func (m *machine) body(d deed) any {
	v := m.now.versions[d.version]
	switch d.part {
	case models.TaskPart:
		x := task()
		x.EndOn = m.clock.Time().AddDate(0, 6, 0).Format("2006-01-02")
		if d.later {
			x.StartOn = m.clock.Time().AddDate(0, 0, 10).Format("2006-01-02")
		}
		if d.half {
			x.Forbidden, x.EndOn = "", ""
		}
		return x
	case models.ScopePart:
		x := models.Scope{LifetimeMinutes: 5, Conditions: "Only what is asked"}
		if !d.half {
			x.Grants = []models.ScopeGrant{{OperationID: m.opOf(v)}}
		}
		return x
	}
	x := oversight()
	if d.half {
		x.StopHow = ""
	}
	return x
}

// opOf is the operation that the capability was made with.
func (m *machine) opOf(v *sceneVersion) string {
	for op := range m.now.tiers {
		for _, x := range m.now.of(v.CapabilityID) {
			if strings.Contains(x.parts["scope"].Body, op) {
				return op
			}
		}
	}
	return m.ops["read"]
}

// dutiful does, mostly rightly, what an open duty asks of the one who owes it.
func (m *machine) dutiful(r *rapid.T) {
	var owed []models.Duty
	for _, x := range m.now.duties {
		if x.CapabilityID != "" && x.Kind != "review" && x.Kind != "close_review" { // those have tests of their own
			owed = append(owed, x)
		}
	}
	if len(owed) == 0 {
		r.Skip("nothing is owed")
	}
	duty := rapid.SampledFrom(owed).Draw(r, "duty")
	d := deed{capability: duty.CapabilityID, version: duty.Subject, by: duty.Holder, role: models.Role(duty.Detail)}
	switch duty.Kind {
	case "fill", "edit":
		d.what, d.part = "edit", models.Part(duty.Detail)
		d.later = d.part == models.TaskPart && rapid.IntRange(0, 4).Draw(r, "later") == 0
	case "submit":
		d.what = "submit"
	case "accept", "take_over":
		d.what = "accept"
	case "nominate", "succeed":
		d.what = "withdraw"
		if duty.Detail != models.ToWithdraw {
			d.what, d.person = "nominate", m.with(r, d.role)
		}
	case "sign":
		d.what, d.by = "sign", m.with(r, "approver")
		if signed := m.now.versions[duty.Subject].valid(); len(signed) > 0 && rapid.IntRange(0, 3).Draw(r, "again") == 0 {
			d.by = signed[0].signer
		}
		if teams := m.now.teams[d.by]; len(teams) > 0 {
			d.id = rapid.SampledFrom(teams).Draw(r, "team")
		}
	case "lift":
		d.what = "ask restart"
	case "go_live":
		d.what = "go live"
	default:
		r.Fatalf("nobody knows the duty %s", duty.Kind)
	}
	m.flaws(r, &d)
	m.try(r, d)
}

// asOneOfTheFour does something to what is in force or on its way, as somebody
// who answers for it.
func (m *machine) asOneOfTheFour(r *rapid.T) {
	v := m.version(r)
	d := deed{capability: v.CapabilityID, version: v.ID}
	var who []string
	for _, role := range threeRoles {
		if p := v.named(role); p != "" {
			who = append(who, p)
		}
	}
	for _, x := range v.signs {
		who = append(who, x.signer)
	}
	if len(who) == 0 {
		r.Skip("nobody")
	}
	d.by = rapid.SampledFrom(who).Draw(r, "by")
	d.what = rapid.SampledFrom([]string{"stop", "stop", "ask restart", "recall", "revoke", "nominate", "nominate", "draft", "draft", "withdraw", "go live", "edit", "submit", "decline"}).Draw(r, "what")
	m.rest(r, &d, v)
	m.flaws(r, &d)
	m.try(r, d)
}

func (m *machine) anybody(r *rapid.T) {
	v := m.version(r)
	d := deed{capability: v.CapabilityID, version: v.ID, by: m.somebody(r)}
	d.what = rapid.SampledFrom([]string{"draft", "edit", "nominate", "submit", "accept", "decline", "withdraw", "sign", "sign", "send back", "refuse", "recall",
		"stop", "ask restart", "go live", "lapse", "revoke"}).Draw(r, "what")
	if d.what == "go live" || d.what == "lapse" {
		d.by = rapid.SampledFrom([]string{d.by, models.SystemActor}).Draw(r, "by the clock")
	}
	if rapid.Bool().Draw(r, "fit") && (d.what == "send back" || d.what == "refuse" || d.what == "sign") {
		d.by = m.with(r, "approver")
	}
	m.rest(r, &d, v)
	m.flaws(r, &d)
	m.try(r, d)
}

// rest fills in what the deed is about.
func (m *machine) rest(r *rapid.T, d *deed, v *sceneVersion) {
	d.role = rapid.SampledFrom(threeRoles).Draw(r, "role")
	d.part = rapid.SampledFrom(models.Parts).Draw(r, "part")
	d.target = rapid.SampledFrom([]string{"capability", "agent"}).Draw(r, "target")
	switch d.what {
	case "nominate":
		d.person = m.with(r, d.role)
	case "recall":
		var ids []string
		for _, x := range v.signs {
			ids = append(ids, x.id)
		}
		d.id = rapid.SampledFrom(append(ids, "sig_nobody")).Draw(r, "sign-off")
	case "sign":
		if teams := m.now.teams[d.by]; len(teams) > 0 {
			d.id = rapid.SampledFrom(append([]string{""}, teams...)).Draw(r, "team")
		}
	}
}

func (m *machine) flaws(r *rapid.T, d *deed) {
	switch rapid.IntRange(0, 24).Draw(r, "flaw") {
	case 1:
		d.stale = true
	case 2:
		d.tired = true
	case 3:
		d.blank = true
	case 4:
		d.half = true
	case 5:
		d.by = m.somebody(r)
	}
}

func (m *machine) administer(r *rapid.T) {
	d := deed{by: m.with(r, "administrator"), person: m.somebody(r), other: m.somebody(r), role: rapid.SampledFrom(models.Roles).Draw(r, "role"), more: rapid.IntRange(1, 2).Draw(r, "approvers")}
	d.what = rapid.SampledFrom([]string{"grant", "grant", "grant", "end grant", "end grant", "leave", "join team", "join team", "leave team",
		"say they are one", "confirm they are one", "confirm they are one", "withdraw that they are one", "propose rules", "confirm rules", "withdraw rules"}).Draw(r, "what")
	if rapid.IntRange(0, 9).Draw(r, "usurps") == 0 {
		d.by = m.somebody(r)
	}
	d.blank = rapid.IntRange(0, 19).Draw(r, "blank") == 0
	switch d.what {
	case "end grant":
		d.id = rapid.SampledFrom(m.now.grants).Draw(r, "grant").ID
	case "join team", "leave team":
		d.id = m.teams[rapid.SampledFrom(slices.Sorted(maps.Keys(m.teams))).Draw(r, "team")]
	case "confirm they are one", "withdraw that they are one":
		ids := m.now.proposals()
		if len(ids) == 0 {
			r.Skip("nothing was said")
		}
		d.id = rapid.SampledFrom(ids).Draw(r, "link")
	case "confirm rules", "withdraw rules":
		if _, waiting := m.now.rules["proposed"]; !waiting {
			r.Skip("no rules wait")
		}
	}
	m.try(r, d)
}

// broadly stops a system, a team or everything, or lifts such a stop.
func (m *machine) broadly(r *rapid.T) {
	var open []string
	for _, h := range m.now.holds {
		if h.Broad() {
			open = append(open, h.ID)
		}
	}
	d := deed{what: "stop broadly", by: m.with(r, "stop_officer")}
	if len(open) > 0 && rapid.IntRange(0, 2).Draw(r, "lifts") > 0 {
		d = deed{what: "lift a broad stop", by: m.with(r, "approver"), id: rapid.SampledFrom(open).Draw(r, "stop")}
	} else if d.target = rapid.SampledFrom([]string{"system", "team", "all"}).Draw(r, "target"); d.target == "system" {
		d.id = slices.Sorted(maps.Keys(m.now.keepers))[0]
	} else if d.target == "team" {
		d.id = m.teams[rapid.SampledFrom(slices.Sorted(maps.Keys(m.teams))).Draw(r, "team")]
	}
	if rapid.IntRange(0, 5).Draw(r, "usurps") == 0 {
		d.by = m.somebody(r)
	}
	d.blank = rapid.IntRange(0, 19).Draw(r, "blank") == 0
	m.try(r, d)
}

func (m *machine) somebody(r *rapid.T) string {
	return rapid.SampledFrom(m.now.everybody()).Draw(r, "person")
}

// with is somebody who holds the role, or anybody where nobody does.
func (m *machine) with(r *rapid.T, role models.Role) string {
	var who []string
	for _, id := range m.now.everybody() {
		if m.now.has(id, role) {
			who = append(who, id)
		}
	}
	if len(who) == 0 {
		return m.somebody(r)
	}
	return rapid.SampledFrom(who).Draw(r, "with the role "+string(role))
}

// version is mostly one that an act may be about, else any.
func (m *machine) version(r *rapid.T) *sceneVersion {
	var some []*sceneVersion
	old := rapid.IntRange(0, 9).Draw(r, "old") == 0
	for _, v := range m.now.oldestFirst() {
		if old || m.now.current(v) {
			some = append(some, v)
		}
	}
	i := rapid.IntRange(0, len(some)-1).Draw(r, "version")
	return some[i]
}
