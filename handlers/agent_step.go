package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentStepEdit is one section of the registration as a form: the agent's
// business owner's.
func AgentStepEdit(r *Request) error {
	rec, step, err := r.ownStep()
	if err != nil {
		return err
	}
	m := rec.Agent.Manifest()
	page := r.stepPage(rec, step)
	page.Typed, page.Lists, page.Rows = m, views.ListsOf(m), identityRows(m.Bindings, 0)
	return r.drawStep(http.StatusOK, rec, page)
}

// ownStep is the agent and the section of the address.
func (r *Request) ownStep() (store.AgentRecord, string, error) {
	step := r.Param("step")
	if !slices.ContainsFunc(models.ManifestSteps, func(c models.Choice) bool { return c.Value == step }) {
		return store.AgentRecord{}, "", models.Refusal(models.NotFound, "not_found", "There is no such section.")
	}
	rec, err := r.ownAgent()
	return rec, step, err
}

func (r *Request) stepPage(rec store.AgentRecord, step string) views.AgentStepPage {
	page := views.AgentStepPage{ID: rec.Agent.ID, Name: rec.Agent.Name, Step: step, Keys: r.Keys(), Open: views.OpenOrigins(rec.Agent.Manifest(), r.origins(rec))[step]}
	page.Keys.Revision = strconv.FormatInt(rec.Agent.Rev, 10)
	return page
}

func (r *Request) drawStep(status int, rec store.AgentRecord, page views.AgentStepPage) error {
	head := r.Head(models.WordsOf(models.ManifestSteps, page.Step), rec.Agent.Name)
	head.Failed = status >= http.StatusBadRequest
	return r.Render(status, views.AgentStep(head, page))
}

// AgentStepSave saves one section: the agent's business owner does. What
// somebody else saved in between is shown beside what was typed.
func AgentStepSave(r *Request) error {
	rec, step, err := r.ownStep()
	if err != nil {
		return err
	}
	typed := r.typedManifest()
	if step == models.StepIdentity && r.Form("add") != "" {
		page := r.stepPage(rec, step)
		page.Keys.Revision = r.Form("revision") // what was typed was begun at that one
		page.Typed, page.Rows, page.FocusRow = typed, identityRows(typed.Bindings, len(r.postedIdentities())+1), len(typed.Bindings)
		return r.drawStep(http.StatusOK, rec, page)
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	shown := r.shownRevision()
	_, err = r.App.Store.DecideAgent(r.Ctx(), act, rec.Agent.ID, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) {
		return f.SaveStep(step, typed, shown)
	})
	if errs, status, ok := formErrors(err); ok {
		return r.redrawStep(status, step, typed, errs, err)
	}
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "“"+models.WordsOf(models.ManifestSteps, step)+"” is saved.")
	return r.Redirect("/agents/" + rec.Agent.ID + "/register")
}

// redrawStep draws the form with what was typed and, after a conflict, with what
// is there now; saving again then takes that as seen.
func (r *Request) redrawStep(status int, step string, typed models.Manifest, errs views.Errors, refusal error) error {
	rec, err := r.ownAgent()
	if err != nil {
		return err
	}
	page := r.stepPage(rec, step)
	page.Errors, page.Typed, page.Rows = errs, typed, identityRows(typed.Bindings, 0)
	page.Lists = views.AgentLists{Interfaces: r.Form("interfaces"), Tools: r.Form("tools"), Delegates: r.Form("delegates")}
	var rule *models.Error
	if errors.As(refusal, &rule) && rule.Rule == "agent.changed" {
		there := rec.Agent.Manifest()
		page.There = &there
	} else {
		page.Keys.Revision = r.Form("revision")
	}
	return r.drawStep(status, rec, page)
}

// typedManifest is what a section's form says; the rule takes only the fields of
// that section.
func (r *Request) typedManifest() models.Manifest {
	m := models.Manifest{
		Name: r.Form("name"), Purpose: r.Form("purpose"), Provider: r.Form("provider"),
		Model: r.Form("model"), CodeVersion: r.Form("code_version"), Source: r.Form("source"),
		PromptDigest: hexDigest(r.Form("prompt_digest")), ToolAccess: r.Form("tool_access"),
		Interfaces: r.formLines("interfaces"), Delegates: r.formLines("delegates"), Environments: r.FormAll("environments"),
	}
	for _, line := range r.formLines("tools") {
		name, digest, _ := strings.Cut(line, ";")
		m.Tools = append(m.Tools, models.ManifestTool{Name: strings.Join(strings.Fields(name), " "), Digest: hexDigest(digest)})
	}
	for _, id := range r.postedIdentities() {
		if id != (models.Identity{}) {
			m.Bindings = append(m.Bindings, id)
		}
	}
	return m
}

// hexDigest takes a SHA-256 as people copy it: with "sha256:" or in capitals.
func hexDigest(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sha256:")
}

// maxIdentities is a little more than the rule takes, so that the rule can say so.
const maxIdentities = 30

// postedIdentities are the rows of the form, empty ones too.
func (r *Request) postedIdentities() []models.Identity {
	form := r.Request().PostForm
	var rows []models.Identity
	for i := range min(max(len(form["issuer"]), len(form["subject"]), len(form["audience"])), maxIdentities) {
		at := func(key string) string {
			if i < len(form[key]) {
				return strings.TrimSpace(form[key][i])
			}
			return ""
		}
		rows = append(rows, models.Identity{Issuer: at("issuer"), Subject: at("subject"), Audience: at("audience")})
	}
	return rows
}

// identityRows are rows to fill in: what is filled in, and one at least.
func identityRows(filled []models.Identity, least int) []models.Identity {
	rows := slices.Clone(filled)
	for len(rows) < min(max(1, least), maxIdentities) {
		rows = append(rows, models.Identity{})
	}
	return rows
}
