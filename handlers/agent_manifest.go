package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/policy"
	"countersign/store"
	"countersign/views"
)

// One new manifest, many tasks: what differs in the manifest once, then a row for
// each task in force with the one act of whoever looks at it. Whatever more than
// the manifest moved in is decided on its own page.

// AgentManifest is for whoever may see the agent, with the tasks that they see.
func AgentManifest(r *Request) error {
	return drawManifest(r, manifestSaid{done: r.Query("done"), after: r.Query("after")})
}

// manifestSaid is what a page of the manifest says beside what is there.
type manifestSaid struct {
	after   string            // the capability after which the page begins
	done    string            // receipts, joined by dots
	failed  map[string]string // by version: why nothing was done
	problem views.Errors
	chosen  []string
	status  int
}

// AgentManifestCarry carries the chosen tasks over to the newest manifest: their
// business owner does. Each is on its own; one that is refused says why in its row.
func AgentManifestCarry(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	agent, chosen := r.Param("id"), r.FormAll("version")
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	said := manifestSaid{after: r.Form("after"), chosen: chosen, failed: map[string]string{}}
	if err := models.CheckCarried(chosen); err != nil {
		said.problem, said.status = fieldProblems(nil, err), http.StatusUnprocessableEntity
		return drawManifest(r, said)
	}
	var done []string
	for _, version := range chosen {
		receipt, err := r.App.Store.CarryOver(r.Ctx(), act, agent, version, r.Form("revision"), policy.Compile)
		var rule *models.Error
		switch {
		case err == nil:
			done = append(done, strconv.FormatInt(receipt.Seq, 10))
		case !errors.As(err, &rule), rule.Code == models.NotFound:
			return err
		default:
			said.failed[version] = manifestRefusal(rule)
		}
	}
	if len(said.failed) == 0 {
		return r.Redirect("/agents/" + agent + "/manifest?" + manifestQuery(said.after, strings.Join(done, ".")))
	}
	said.done, said.status = strings.Join(done, "."), http.StatusConflict
	said.problem = views.Errors{{Message: capital(views.NumberWord(len(said.failed))) + " of what you chose could not be carried over; each says why."}}
	return drawManifest(r, said)
}

// manifestRefusal is a refusal in one paragraph, for a row.
func manifestRefusal(rule *models.Error) string {
	if len(rule.Fields) == 0 {
		return rule.Message
	}
	var says []string
	for _, f := range rule.Fields {
		says = append(says, f.Message)
	}
	return strings.Join(says, " ")
}

func manifestQuery(after, done string) string {
	out := "done=" + done
	if after != "" {
		out = "after=" + url.QueryEscape(after) + "&" + out
	}
	return out
}

// AgentManifestAccept takes an offered role up, in a version in which nothing but
// the manifest moved: its nominee does.
func AgentManifestAccept(r *Request) error {
	version := r.Param("version")
	return manifestAct(r, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.AcceptCarried(version, models.Role(r.Form("role")), r.Form("digest"))
	})
}

// AgentManifestSign signs a version off in which nothing but the manifest moved:
// an approver who had no part in it does.
func AgentManifestSign(r *Request) error {
	shown := r.shownOf(r.Param("version"))
	return manifestAct(r, store.Lookup{Challenge: r.Form("challenge")}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SignCarried(shown, r.signing())
	})
}

// manifestAct answers an act in a row with the row: in its place where htmx asks,
// else with the page at its anchor.
func manifestAct(r *Request, also store.Lookup, rule func(models.CapabilityFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	agent, version := r.Param("id"), r.Param("version")
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, version, also, func(f models.CapabilityFacts) (models.Change, error) {
		if f.Agent.ID != agent {
			return models.Change{}, models.Refusal(models.NotFound, "not_found", "There is no such version, or it is not for you to see.")
		}
		return rule(f)
	})
	said := manifestSaid{after: r.Form("after"), failed: map[string]string{}}
	if err != nil {
		var refused *models.Error
		if !errors.As(err, &refused) || refused.Code == models.NotFound || refused.Code == models.Forbidden {
			return err
		}
		said.failed[version], said.status = manifestRefusal(refused), http.StatusUnprocessableEntity
		if refused.Code == models.Conflict && !r.IsHTMX() {
			said.status = http.StatusConflict
		}
		if r.IsHTMX() {
			return drawManifestRow(r, said, models.Receipt{})
		}
		return drawManifest(r, said)
	}
	if r.IsHTMX() {
		return drawManifestRow(r, said, receipt)
	}
	return r.Redirect("/agents/" + agent + "/manifest?" + manifestQuery(said.after, strconv.FormatInt(receipt.Seq, 10)) + "#task-" + url.PathEscape(r.Form("task")))
}

// drawManifestRow answers htmx with the one row, or with what is left of it.
func drawManifestRow(r *Request, said manifestSaid, receipt models.Receipt) error {
	p, err := r.App.Store.ManifestRow(r.Ctx(), r.Viewer, r.Param("id"), r.Param("version"))
	if err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	status := max(said.status, http.StatusOK)
	said.done = strconv.FormatInt(receipt.Seq, 10)
	if len(p.Rows) == 1 {
		return r.Render(status, views.ManifestRow(manifestRow(r, p, p.Rows[0], said, manifestReceipts(r, said.done))))
	}
	if receipt.Seq == 0 {
		return models.Refusal(models.NotFound, "not_found", "There is no such version, or it is not for you to see.")
	}
	return r.Render(status, views.ManifestGone("task-"+r.Form("task"), "It is recorded", "/receipts/"+said.done))
}

// manifestReceipts are the viewer's own acts of the numbers, by capability.
func manifestReceipts(r *Request, done string) map[string]models.HistoryEntry {
	out := map[string]models.HistoryEntry{}
	for i, text := range strings.Split(done, ".") {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seq <= 0 || i >= models.MostCarried {
			break
		}
		e, err := r.App.Store.Receipt(r.Ctx(), r.Viewer, seq)
		if err == nil && e.ActorID == r.Viewer.Person.ID && e.CapabilityID != "" {
			out[e.CapabilityID] = e
		}
	}
	return out
}

func drawManifest(r *Request, said manifestSaid) error {
	p, err := r.App.Store.ManifestPage(r.Ctx(), r.Viewer, r.Param("id"), said.after)
	if err != nil {
		return err
	}
	here := "/agents/" + p.Agent.ID + "/manifest"
	page := views.ManifestPage{AgentHead: r.agentHead(p.AgentRecord), Behind: p.Behind, Most: models.MostCarried, Errors: said.problem}
	page.Carry = r.Keys()
	if p.Revision == nil {
		return models.Refusal(models.Conflict, "agent.draft", "The agent is not registered yet.")
	}
	page.Carry.More = [][2]string{{"revision", p.Revision.ID}, {"after", said.after}}
	if len(said.failed) > 0 && len(said.chosen) == 0 {
		page.Carry.ActID = r.NewActID() // the form that was sent was a row's
	}
	receipts := manifestReceipts(r, said.done)
	for _, row := range p.Rows {
		t := manifestRow(r, p, row, said, receipts)
		page.MayCarry = page.MayCarry || t.Choice != ""
		page.Rows = append(page.Rows, t)
	}
	page.Changes = manifestChanges(p)
	if p.Next != "" {
		page.More = here + "?after=" + url.QueryEscape(p.Next)
	}
	if said.after != "" {
		page.First = here
	}
	head := r.Head("New manifest", p.Agent.Name)
	head.Failed = said.status != 0
	return r.Render(max(said.status, http.StatusOK), views.Manifest(head, page))
}

// manifestChanges is what differs from each revision that a row is signed for,
// newest first.
func manifestChanges(p store.ManifestPage) []views.ManifestChanges {
	var out []views.ManifestChanges
	seen := map[string]bool{p.Revision.ID: true}
	for _, row := range p.Rows {
		if id := row.Force.Version.AgentRevisionID; id != nil && !seen[*id] {
			seen[*id] = true
			was := p.Signed[*id]
			out = append(out, views.ManifestChanges{From: was.No, Lines: views.DiffLines(models.ManifestDifferences(was.Manifest(), p.Revision.Manifest()))})
		}
	}
	slices.SortFunc(out, func(a, b views.ManifestChanges) int { return b.From - a.From })
	return out
}

// manifestRow is one task: how it stands, and the viewer's next act.
func manifestRow(r *Request, p store.ManifestPage, row store.ManifestRow, said manifestSaid, receipts map[string]models.HistoryEntry) views.ManifestTask {
	c := store.CapabilityRead{CapabilityFacts: row.CapabilityFacts, Teams: p.Teams}
	force := c.Force.Version
	t := views.ManifestTask{AgentID: p.Agent.ID, ID: c.Capability.ID, Title: c.Force.Contents().Task.Title, Tier: string(force.Tier), Signed: !c.Behind()}
	t.Stands = "Version " + strconv.Itoa(force.No) + " is in force"
	if c.Mandate.UntilAt <= c.Now {
		t.Stands = "Version " + strconv.Itoa(force.No) + " was in force until its time was over"
	}
	if force.AgentRevisionID != nil {
		t.Stands += ", signed for revision " + strconv.Itoa(p.Signed[*force.AgentRevisionID].No)
	}
	t.Stands += "."
	for _, v := range []*models.VersionFile{c.Force, c.Open} {
		if v == nil {
			continue
		}
		if why := said.failed[v.Version.ID]; why != "" {
			t.Failed, t.FailedFocused = why, len(said.problem) == 0
		}
	}
	if e, ok := receipts[c.Capability.ID]; ok {
		t.Done, t.Receipt = receiptTitle(e, r.Viewer), "/receipts/"+strconv.FormatInt(e.Seq, 10)
	}
	switch {
	case t.Signed:
	case c.Open == nil:
		carryRow(c, &t)
		t.Chosen = t.Choice != "" && slices.Contains(said.chosen, t.Choice) && len(said.failed) == 0
	default:
		openRow(r, c, said, &t)
	}
	return t
}

// carryRow is a task of which nothing is on its way yet.
func carryRow(c store.CapabilityRead, t *views.ManifestTask) {
	owner, _ := c.Force.Holder(models.BusinessOwner)
	if owner != c.By.Person.ID {
		t.Says = []string{"Nothing is on its way for the new manifest. " + capital(text(named(c, owner))) + ", its business owner, can carry it over."}
		return
	}
	usual := views.Crumb{Label: "Start a new version the usual way", Href: "/capabilities/" + c.Capability.ID + "/versions/new"}
	if err := c.MayCarry(); err != nil {
		t.Says = []string{"It cannot be carried over: " + err.Error()}
		if c.MayDraft() == nil {
			t.Link = usual
		}
		return
	}
	v := c.Carried()
	if gaps := c.Missing(v); len(gaps) > 0 {
		t.Says = []string{"It cannot be carried over as it is:"}
		for _, g := range gaps {
			t.Says = append(t.Says, g.Text)
		}
		t.Link = usual
		return
	}
	t.Choice = c.Force.Version.ID
	t.Moved = models.BesideTheManifest(c.Force.Version.Doc(), c.Preview(v))
	if len(t.Moved) == 0 {
		t.Says = []string{"Nothing but the manifest would change in it."}
	}
}

// openRow is a task with a version on its way.
func openRow(r *Request, c store.CapabilityRead, said manifestSaid, t *views.ManifestTask) {
	v := c.Open
	no := "version " + strconv.Itoa(v.Version.No)
	own := views.Crumb{Label: "To " + no, Href: "/versions/" + v.Version.ID}
	switch err := c.CarriedOver(v.Version.ID); models.RuleOf(err) {
	case "":
	case "carry.draft":
		t.Says, t.Link = []string{capital(no) + " is a draft. What is written in it is submitted on its own page."}, own
		return
	case "carry.moved":
		t.Says, t.Link = []string{capital(no) + " is " + v.Version.State.Words() + " for the new manifest."}, own
		t.Moved = models.BesideTheManifest(c.Force.Version.Doc(), v.Version.Doc())
		return
	default:
		t.Says, t.Link = []string{capital(no) + " is " + v.Version.State.Words() + ", for a manifest before the newest. It goes on, or is withdrawn, on its own page."}, own
		return
	}
	t.Says = []string{capital(no) + " is " + v.Version.State.Words() + " for the new manifest, under the digest " + views.ShortDigest(v.Version.Digest) + "; nothing else changed in it."}
	t.Link = own
	for _, role := range models.MakerRoles {
		met, line := roleLine(c, v, role)
		t.Needed = append(t.Needed, views.Reason{Text: line, Met: views.Met(met)})
	}
	for _, s := range v.Valid() {
		t.Needed = append(t.Needed, views.Reason{Text: "An approver: " + capital(text(named(c, s.SignerID))) + " signed off for " + c.Teams[s.TeamID].Name + onBehalf(c, s) + ".", Met: views.Met(true)})
	}
	switch {
	case v.Version.State == models.Approved:
		t.Needed = append(t.Needed, views.Reason{Text: capital(c.NotYet(*v)) + ".", Met: views.Met(false)})
	case !v.Enough():
		t.Needed = append(t.Needed, views.Reason{Text: capital(neededText(c, *v)) + ".", Met: views.Met(false)})
	}
	here := "/agents/" + c.Agent.ID + "/manifest/" + v.Version.ID
	role, offered := offeredTo(r.Viewer, v)
	switch {
	case offered:
		keys := manifestKeys(r, c, v, said)
		keys.More = append(keys.More, [2]string{"role", string(role)})
		t.Accept = &views.ManifestAccept{Words: role.Words(), Role: string(role), Action: here + "/accept", Decline: "/versions/" + v.Version.ID + "/roles/" + string(role), Keys: keys}
	case v.Version.State != models.InReview || !r.Viewer.Has(models.Approver):
	case models.MaySign(r.Viewer, *v) != nil:
		t.Says = append(t.Says, "You cannot sign it off: you "+models.WhyNot(r.Viewer, *v, true)+".")
	default:
		t.Sign = manifestSign(r, c, v, here, said)
	}
}

// manifestKeys are the hidden fields of a row's form, each with a number of its
// own; the one that was sent and refused keeps its own.
func manifestKeys(r *Request, c store.CapabilityRead, v *models.VersionFile, said manifestSaid) views.FormKeys {
	keys := r.newKeys()
	if said.failed[v.Version.ID] != "" {
		keys = r.Keys()
	}
	keys.Digest = v.Version.Digest
	keys.More = [][2]string{{"round", strconv.Itoa(v.Version.Round)}, {"after", said.after}, {"task", c.Capability.ID}}
	return keys
}

func manifestSign(r *Request, c store.CapabilityRead, v *models.VersionFile, here string, said manifestSaid) *views.ManifestSign {
	s := &views.ManifestSign{Action: here + "/sign", Keys: manifestKeys(r, c, v, said), After: choices(store.CapabilityRead{CapabilityFacts: withAsked(c, v)}, false)[0].Hint}
	s.Keys.More = append(s.Keys.More, [2]string{"decision", chooseSign})
	if said.failed[v.Version.ID] != "" {
		s.Reason = r.Form("reason")
	}
	switch {
	case v.NeedsPasskey():
		s.Passkey = &views.PasskeyAsked{Href: "/versions/" + v.Version.ID + "/challenge", None: len(c.Passkeys) == 0,
			Why: "Your browser asks for your passkey; its signature is on the digest " + views.ShortDigest(v.Version.Digest) + " of this version."}
		if r.App.Passkeys == nil {
			s.Passkey.Not = noPasskeys
		}
	case v.Version.Doc().Ask.FreshSignIn && !r.Fresh():
		s.Fresh = r.FreshHref()
	}
	if teams := models.TeamsFor(r.Viewer, *v); len(teams) == 1 {
		s.Team = teams[0].Name
	} else {
		s.Teams = teamChoice(teams, "", "")
		s.Teams.ID, s.Teams.Hint = "team-"+c.Capability.ID, ""
	}
	return s
}

// withAsked are the facts with the version as the one that a page shows.
func withAsked(c store.CapabilityRead, v *models.VersionFile) models.CapabilityFacts {
	f := c.CapabilityFacts
	f.Asked = v
	return f
}
