package handlers

import (
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/policy"
	"countersign/store"
	"countersign/views"
)

// DraftScope shows the scope: its form to the provisioner who writes it, what is
// there to everybody else. The address may ask for a search (q, kind).
func DraftScope(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	typed := scopeSaved(d.Asked.Contents().Scope)
	typed.query, typed.kind = r.Query("q"), r.Query("kind")
	return drawScope(r, d, typed, attempt{}, "")
}

// DraftScopeSave saves the scope, unless a button of the form was pressed that
// only draws it again: those add and remove operations, search, and show the
// tier, keep everything that was typed, and save nothing.
func DraftScopeSave(r *Request) error {
	id, typed := r.Param("id"), scopePosted(r)
	said := typed.choose(r.Form("add"), r.Form("remove"))
	d, err := draftWith(r, typed)
	if err != nil {
		return err
	}
	if r.IsHTMX() || r.Form("add") != "" || r.Form("remove") != "" || r.Form("find") != "" || r.Form("show") != "" {
		return drawScope(r, d, typed, attempt{}, said)
	}
	body, problems := typed.parse()
	check := body
	problems = fieldProblems(problems, check.Check(!r.later()))
	var refusal error
	if len(problems) == 0 {
		if refusal = saveScope(r, id, body); refusal == nil {
			return savedPart(r, "The scope", draftPath(id, "draft"))
		}
	}
	a, err := attempted(problems, refusal)
	if err != nil {
		return err
	}
	if refusal != nil {
		if d, err = draftWith(r, typed); err != nil {
			return err
		}
	}
	return drawScope(r, d, typed, a, "")
}

func saveScope(r *Request, versionID string, body models.Scope) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	rev := r.shownRevision()
	chosen := store.Lookup{Secrets: body.Secrets}
	for _, g := range body.Grants {
		chosen.Operations = append(chosen.Operations, g.OperationID)
	}
	_, err = r.App.Store.DecideVersion(r.Ctx(), act, versionID, chosen, onDraft(versionID, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.ScopePart, body, rev)
	}))
	return err
}

// DraftScopeAssess says which tier the scope would have as it is typed just now.
// It writes nothing.
func DraftScopeAssess(r *Request) error {
	typed := scopePosted(r)
	d, err := draftWith(r, typed)
	if err != nil {
		return err
	}
	if r.IsHTMX() {
		return answerTier(r, views.TierOf(typed.preview(d)))
	}
	return drawScope(r, d, typed, attempt{}, "")
}

// typedScope is the form as typed, right or wrong.
type typedScope struct {
	operations  []string          // ids, in the order of the form
	resources   map[string]string // by operation
	lifetime    string
	conditions  string
	when        string
	secrets     []string
	query, kind string
}

func scopeSaved(s models.Scope) typedScope {
	t := typedScope{resources: map[string]string{}, conditions: s.Conditions, when: s.When, secrets: s.Secrets}
	for _, g := range s.Grants {
		t.operations = append(t.operations, g.OperationID)
		t.resources[g.OperationID] = strings.Join(g.Resources, "\n")
	}
	if s.LifetimeMinutes > 0 {
		t.lifetime = strconv.Itoa(s.LifetimeMinutes)
	}
	return t
}

func scopePosted(r *Request) typedScope {
	t := typedScope{resources: map[string]string{}, lifetime: r.Form("lifetime_minutes"), conditions: r.Form("conditions"), when: r.Form("when"),
		secrets: r.FormAll("secrets"), query: r.Form("q"), kind: r.Form("kind")}
	all := r.FormAll("op")
	for _, id := range all[:min(len(all), 2*models.MaxGrants)] {
		if _, twice := t.resources[id]; !twice {
			t.operations = append(t.operations, id)
			t.resources[id] = r.Form("resources-" + id)
		}
	}
	return t
}

// choose adds and removes, and says what it did.
func (t *typedScope) choose(add, remove string) string {
	if _, chosen := t.resources[add]; add != "" && !chosen {
		t.operations = append(t.operations, add)
		t.resources[add] = ""
	}
	if remove != "" {
		t.operations = slices.DeleteFunc(t.operations, func(id string) bool { return id == remove })
		delete(t.resources, remove)
	}
	switch {
	case remove != "":
		return "Removed. " + strconv.Itoa(len(t.operations)) + " chosen. Nothing is saved yet."
	case add != "":
		return "Added. " + strconv.Itoa(len(t.operations)) + " chosen. Nothing is saved yet."
	}
	return ""
}

func (t typedScope) parse() (models.Scope, views.Errors) {
	var problems views.Errors
	s := models.Scope{Grants: []models.ScopeGrant{}, Conditions: t.conditions, When: t.when, Secrets: t.secrets}
	if s.Secrets == nil {
		s.Secrets = []string{}
	}
	for _, id := range t.operations {
		s.Grants = append(s.Grants, models.ScopeGrant{OperationID: id, Resources: lines(t.resources[id])})
	}
	if err := policy.CheckCondition(s.When); err != nil {
		problems = append(problems, views.FieldError{Field: "when", Message: "Write one Cedar expression, such as context.volume < 10: " + err.Error() + "."})
	}
	s.LifetimeMinutes = number(&problems, "lifetime_minutes", t.lifetime, "the minutes that a credential lives")
	return s, problems
}

func (t typedScope) preview(d store.DraftPage) models.Document {
	body, _ := t.parse()
	return d.Preview(d.Asked.With(models.ScopePart, body))
}

// draftWith is the version, for its provisioner, with what the catalogue says of the chosen operations.
func draftWith(r *Request, t typedScope) (store.DraftPage, error) {
	return draftToWrite(r, models.ScopePart, store.Lookup{Operations: t.operations, Secrets: t.secrets})
}

// drawScope draws the page, or for htmx the piece of it that is asked for.
func drawScope(r *Request, d store.DraftPage, typed typedScope, a attempt, said string) error {
	saved := d.Asked.Contents().Scope
	rows := views.ScopeAnswers(saved, factsOf(d), d.Secrets, "")
	page := views.DraftScopePage{DraftForm: draftForm(r, d, models.ScopePart, a, rows), Lifetime: typed.lifetime, Conditions: typed.conditions, When: typed.when, Uses: typed.secrets, Said: said}
	if page.Rows != nil {
		return r.Render(a.code(), views.DraftScope(r.Head("Scope", page.Title), page))
	}
	doc := typed.preview(d)
	page.Tier = views.TierOf(doc)
	page.Chosen = chosenOperations(d, typed, a)
	var err error
	if page.Search, err = searchScope(r, d, typed, doc); err != nil {
		return err
	}
	if r.IsHTMX() && r.Request().Header.Get("HX-Target") == "found" {
		return r.Render(a.code(), views.ScopeFound(page))
	}
	if page.Secrets, err = secretOptions(r, d, systemsOf(doc.Facts), typed.secrets); err != nil {
		return err
	}
	if r.IsHTMX() {
		return r.Render(a.code(), views.ScopeFields(page))
	}
	page.Said = ""
	return r.Render(a.code(), views.DraftScope(formHead(r, "Scope", page.DraftForm), page))
}

func chosenOperations(d store.DraftPage, typed typedScope, a attempt) []views.ScopeOperation {
	var out []views.ScopeOperation
	for _, id := range typed.operations {
		o := views.ScopeOperation{Fact: models.Fact{OperationID: id, Title: "An operation"}, Gone: true}
		if op, ok := d.Operations[id]; ok {
			sys := d.Systems[op.SystemID]
			o.Fact, o.Gone = models.FactOf(op, sys, nil), op.State != "active" || sys.State != "active"
		}
		o.Typed, o.Error = typed.resources[id], a.problems.For("resources-"+id)
		out = append(out, o)
	}
	return out
}

// searchScope searches the catalogue and says of each operation which tier the
// version would have with it.
func searchScope(r *Request, d store.DraftPage, typed typedScope, doc models.Document) (views.ScopeSearch, error) {
	s := views.ScopeSearch{Query: typed.query, Kind: typed.kind}
	hits, many, err := r.App.Store.FindOperations(r.Ctx(), typed.query, typed.kind)
	if err != nil {
		return s, err
	}
	s.Many = many
	manifest := d.Agent.Manifest()
	if d.Revision != nil {
		manifest = d.Revision.Manifest()
	}
	rules := d.Rules.Rules()
	for _, hit := range hits {
		fact := models.FactOf(hit.Operation, hit.System, nil)
		h := views.ScopeHit{Fact: fact, Chosen: slices.Contains(typed.operations, fact.OperationID)}
		if !h.Chosen {
			h.Tier, _ = rules.Assess(doc.Task, append(slices.Clone(doc.Facts), fact), manifest.Environments, manifest.ToolAccess)
			h.Raises = h.Tier.Rank() > doc.Tier.Rank()
		}
		s.Found = append(s.Found, h)
	}
	return s, nil
}

func systemsOf(facts []models.Fact) []string {
	var out []string
	for _, f := range facts {
		if !slices.Contains(out, f.SystemID) {
			out = append(out, f.SystemID)
		}
	}
	return out
}

// secretOptions are the secrets of the systems, and those that are ticked
// already whatever they belong to.
func secretOptions(r *Request, d store.DraftPage, systems, ticked []string) ([]views.Option, error) {
	secrets, err := r.App.Store.SecretsOf(r.Ctx(), systems)
	if err != nil {
		return nil, err
	}
	var out []views.Option
	listed := map[string]bool{}
	for _, s := range secrets {
		listed[s.ID] = true
		out = append(out, views.Option{Value: s.ID, Label: s.Name, Hint: d.Systems[s.SystemID].Name + ", kept at " + s.Reference})
	}
	for _, id := range ticked {
		if s, ok := d.Secrets[id]; ok && !listed[id] {
			out = append(out, views.Option{Value: s.ID, Label: s.Name, Hint: "Not of a system in the scope: untick it."})
		}
	}
	return out, nil
}
