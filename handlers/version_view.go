package handlers

import (
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// The views of a version, each by address: ?view=changes (when nothing is said),
// mine, whole, agent, policy, comments. What is opened is what a look keeps.

// linesAtOnce is how many lines of a long list a page shows before it is asked
// for all of them.
const linesAtOnce = 100

// viewAsked is the view that is asked for, or the first one: the difference to what
// was last in force. There is no view of what changed since one's own decision
// for whoever decided on nothing.
func viewAsked(c store.CapabilityRead, asked string) string {
	if !slices.Contains(models.Looks, asked) || asked == models.LookMine && c.Mine == nil {
		return models.LookChanges
	}
	return asked
}

// viewing is one drawing of a view: the documents are read once.
type viewing struct {
	*Request
	c    store.CapabilityRead
	doc  models.Document
	was  models.Document // of c.Before; zero where nothing was in force before
	name string
	all  bool // of long lists
}

func (v viewing) href(view string) string {
	if view == models.LookChanges {
		return "/versions/" + v.c.Asked.Version.ID
	}
	return "/versions/" + v.c.Asked.Version.ID + "?view=" + view
}

func (v viewing) allHref() string {
	return "/versions/" + v.c.Asked.Version.ID + "?view=" + v.name + "&all=1"
}

// restart says that it is a restart of this version that is decided on.
func (v viewing) restart() bool {
	return underDecision(v.c) == v.c.Asked && v.c.Asked.Version.State == models.Live
}

// versionView adds the view to the page, and the risk beside it.
func versionView(r *Request, c store.CapabilityRead, back said, page *views.VersionPage) error {
	asked := r.Query("view")
	if back.view != "" {
		asked = back.view
	}
	v := viewing{Request: r, c: c, doc: documentOf(c, c.Asked), name: viewAsked(c, asked), all: r.Query("all") != ""}
	if c.Before != nil {
		v.was = c.Before.Version.Doc()
	}
	talk, err := r.App.Store.Comments(r.Ctx(), r.Viewer, c.Asked.Version.ID, r.Query("before"))
	if err != nil {
		return err
	}
	page.View = views.VersionView{Name: v.name}
	v.tabs(talk.Total, &page.View)
	switch v.name {
	case models.LookMine:
		page.View.Diff = v.since(*c.Mine, c.Mine.Version.Doc(), "What changed since you "+decided(c, r.Viewer)+" version "+strconv.Itoa(c.Mine.Version.No))
	case models.LookWhole:
		page.View.Whole = v.whole()
	case models.LookAgent:
		page.View.Agent = v.agent()
	case models.LookPolicy:
		page.View.Rules = v.rules()
	case models.LookChanges:
		page.View.Diff = v.changes()
	}
	v.threads(talk, back, &page.View)
	page.Risk = v.risk()
	return nil
}

func (v viewing) tabs(comments int, to *views.VersionView) {
	for _, t := range []views.Tab{
		{Label: "What changed", Href: models.LookChanges}, {Label: "Since you decided", Href: models.LookMine}, {Label: "The whole", Href: models.LookWhole},
		{Label: "Agent", Href: models.LookAgent}, {Label: "Policy", Href: models.LookPolicy}, {Label: "Comments", Href: models.LookComments, Count: comments},
	} {
		if t.Href == models.LookMine && v.c.Mine == nil {
			continue
		}
		if t.Active = t.Href == v.name; t.Active {
			to.Says = t.Label
		}
		t.Href = v.href(t.Href)
		to.Tabs = append(to.Tabs, t)
	}
}

// decided is what the viewer did with the earlier version.
func decided(c store.CapabilityRead, viewer models.Party) string {
	m := c.Mine.Version
	for _, s := range c.Past {
		if s.VersionID == m.ID && s.SignerID == viewer.Person.ID {
			return "signed"
		}
	}
	if m.EndedBy != nil && *m.EndedBy == viewer.Person.ID {
		switch m.State {
		case models.ChangesRequested:
			return "asked for changes in"
		case models.Rejected:
			return "refused"
		}
	}
	return "decided on"
}

// changes is the difference to what was last in force; of a first version all of
// it is new.
func (v viewing) changes() *views.VersionDifference {
	if v.restart() {
		return &views.VersionDifference{Title: "What changed", Unchanged: "Nothing in it changed since it was signed: a restart is decided on the same digest."}
	}
	if b := v.c.Before; b != nil {
		return v.since(*b, v.was, "What changed since "+sinceWords(b.Version))
	}
	d := &views.VersionDifference{Title: "What changed", First: true}
	v.fill(d, models.Firsts(v.doc))
	if len(d.Lines) == 0 {
		d.Unchanged = "It may do nothing yet."
	}
	return d
}

func sinceWords(v models.Version) string {
	if v.State == models.Live {
		return "version " + strconv.Itoa(v.No) + ", which is in force"
	}
	return "version " + strconv.Itoa(v.No) + ", which was in force"
}

func (v viewing) since(b store.Earlier, was models.Document, title string) *views.VersionDifference {
	no := "version " + strconv.Itoa(b.Version.No)
	d := &views.VersionDifference{Title: title, Was: no, Href: "/versions/" + b.Version.ID + "?view=" + models.LookWhole, Manifest: v.manifest(b.Revision, was)}
	all := models.Differences(was, v.doc)
	v.fill(d, all)
	if sameFrom(all) == 0 {
		d.Unchanged = "Nothing differs from " + no + " but its number."
	}
	return d
}

func (v viewing) fill(d *views.VersionDifference, all []models.Difference) {
	shown, more := cutLines(v, all, "changes")
	d.Lines, d.More = views.DiffLines(shown), more
}

// cutLines keeps a page's lists bounded: all of them are one address further.
func cutLines[T any](v viewing, all []T, noun string) ([]T, views.More) {
	if v.all || len(all) <= linesAtOnce {
		return all, views.More{}
	}
	return all[:linesAtOnce], views.More{N: len(all) - linesAtOnce, Noun: noun, Href: v.allHref()}
}

// manifest is how the agent differs from the earlier revision, nil where it is
// the same one.
func (v viewing) manifest(was *models.AgentRevision, before models.Document) *views.ManifestChange {
	is := v.c.Registered
	if was == nil || is == nil || was.ID == is.ID {
		return nil
	}
	lines, same := models.ManifestTable(was.Manifest(), is.Manifest())
	m := &views.ManifestChange{Title: "The agent: revision " + strconv.Itoa(was.No) + " → revision " + strconv.Itoa(is.No), Same: views.SameText(same)}
	if b, now := before.Task.Autonomy, v.doc.Task.Autonomy; b != now {
		lines = append(lines, models.ManifestLine{What: "Autonomy", Kind: models.DiffChanged, Was: models.WordsOf(models.Autonomies, b), Is: models.WordsOf(models.Autonomies, now)})
	}
	m.Lines, m.More = cutLines(v, lines, "lines")
	return m
}

func (v viewing) whole() *views.VersionWhole {
	facts, more := cutLines(v, v.doc.Facts, "operations")
	return &views.VersionWhole{Task: views.TaskAnswers(v.doc.Task, ""), Scope: views.ScopeAnswers(v.doc.Scope, facts, v.c.Secrets, ""),
		Oversight: views.OversightAnswers(v.doc.Oversight, v.c.Secrets, ""), More: more}
}

// agent is the agent that the version is for, as of its revision.
func (v viewing) agent() *views.VersionAgent {
	a, m := &views.VersionAgent{Revision: "The agent is not registered yet."}, v.c.Agent.Manifest()
	if is := v.c.Registered; is != nil {
		m = is.Manifest()
		a.Revision = "Revision " + strconv.Itoa(is.No) + ", digest " + views.ShortDigest(is.Digest) + "."
		if v.c.Revision != nil && v.c.Revision.ID != is.ID {
			a.Revision += " The agent has moved on to revision " + strconv.Itoa(v.c.Revision.No) + " since; this version does not cover it."
		}
	}
	m.Tools, a.More = cutLines(v, m.Tools, "tools")
	a.Manifest = views.ManifestAnswers(m)
	if v.c.Before != nil {
		a.Change = v.manifest(v.c.Before.Revision, v.was)
	}
	return a
}

func (v viewing) rules() *views.VersionRules {
	p := views.RulesOf(v.doc)
	p.Reasons, p.More = cutLines(v, p.Reasons, "reasons")
	return &p
}

// mostMoves and mostReasons are how many reasons stand beside the view; all of
// them are in the view of the policy.
const mostMoves, mostReasons = 8, 5

// risk is the tier before and after with the reasons that moved it.
func (v viewing) risk() views.VersionRisk {
	k := views.RiskOf(v.doc)
	for _, x := range v.doc.Reasons {
		if x.Tier == v.doc.Tier && len(k.Why) < mostReasons {
			k.Why = append(k.Why, views.ReasonsOf([]models.Reason{x})...)
		}
	}
	if n := len(v.doc.Reasons) - len(k.Why); n > 0 {
		k.All = views.More{N: n, Noun: "reasons", Href: v.href(models.LookPolicy)}
	}
	if v.c.Before == nil || v.restart() {
		return k
	}
	m := models.RiskMoves(v.was, v.doc)
	k.Was = m.Was
	k.Says = riskSays(m)
	for _, group := range []struct {
		kind    string
		reasons []models.Reason
	}{{"New", m.New}, {"Counts otherwise", m.Other}, {"Gone", m.Gone}} {
		for _, x := range group.reasons {
			k.Moved = append(k.Moved, views.RiskLine{Kind: group.kind, Text: x.Text, Tier: string(x.Tier)})
		}
	}
	if n := len(k.Moved) - mostMoves; n > 0 && !v.all {
		k.Moved, k.More = k.Moved[:mostMoves], views.More{N: n, Noun: "reasons that moved it", Href: v.allHref()}
	}
	return k
}

func riskSays(m models.RiskMove) string {
	switch {
	case m.Was != m.Is:
		return "It was " + string(m.Was) + " and is " + string(m.Is) + " now."
	case m.Moved():
		return "It is " + string(m.Is) + ", as before; its reasons are not the same."
	}
	return "It is " + string(m.Is) + ", as before, for the same reasons."
}

// pastOf are the sign-offs of the last version before that has any: given to
// another digest, so none of them counts here.
func pastOf(r *Request, c store.CapabilityRead) []string {
	var out []string
	for _, s := range c.Past {
		who := capital(text(named(c, s.SignerID)))
		line := who + " signed version " + strconv.Itoa(s.No) + " off on " + strings.TrimSpace(views.DateText(r.Local(s.SignedAt), r.Now()))
		out = append(out, line+", digest "+views.ShortDigest(s.Digest)+"…: given to another digest, not counted here.")
	}
	return out
}
