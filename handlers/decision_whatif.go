package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"countersign/models"
	"countersign/policy"
	"countersign/store"
	"countersign/views"
)

// WhatIfRoles may ask what would be allowed now, about the tasks that they may see.
var WhatIfRoles = []models.Role{models.BusinessOwner, models.Provisioner, models.ControlOwner, models.Approver, models.Auditor, models.Administrator}

func mayAskWhatIf(p models.Party) bool { return slices.ContainsFunc(WhatIfRoles, p.Has) }

// WhatIf answers a request as a gateway would get it now, and leaves nothing behind. It
// changes nothing, so the question is in the address.
func WhatIf(r *Request) error {
	page := views.WhatIfPage{Now: r.Now(), Values: map[string]string{}}
	for _, key := range []string{"task", "operation", "system", "resource", "sensitivity", "environment", "manifest", "volume", "properties"} {
		page.Values[key] = firstRunes(r.Query(key), 4000)
	}
	agent := firstRunes(r.Query("agent"), 64)
	if agent == "" {
		return r.whatIfAgent(page)
	}
	a, tasks, err := r.App.Store.Askable(r.Ctx(), r.Viewer, agent)
	if err != nil {
		return err
	}
	page.AgentID, page.Agent = a.ID, a.Name
	for _, s := range models.Sensitivities {
		page.Sensitivities = append(page.Sensitivities, views.Option{Value: s.Value, Label: s.Words})
	}
	for _, t := range tasks {
		page.Tasks = append(page.Tasks, views.Option{Value: t.CapabilityID, Label: t.Title})
		for _, o := range t.Operations {
			page.Actions, page.Systems = append(page.Actions, o.Operation), append(page.Systems, o.System)
		}
	}
	slices.Sort(page.Actions)
	slices.Sort(page.Systems)
	page.Actions, page.Systems = slices.Compact(page.Actions), slices.Compact(page.Systems)
	status := http.StatusOK
	if r.Query("ask") != "" {
		if err := r.answerWhatIf(&page); err != nil {
			return err
		}
		if len(page.Errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	head := r.Head("What if", "Decisions")
	head.Failed = len(page.Errors) > 0
	return r.Render(status, views.WhatIf(head, page))
}

// whatIfAgent asks which agent it is about.
func (r *Request) whatIfAgent(page views.WhatIfPage) error {
	page.Search = firstRunes(r.Query("q"), models.MaxName)
	found, err := r.App.Store.Agents(r.Ctx(), r.Viewer, store.AgentsAsk{State: models.AgentRegistered, Search: page.Search})
	if err != nil {
		return err
	}
	page.More = found.Next != nil
	for _, l := range found.Lines {
		page.Found = append(page.Found, views.StopKind{Label: l.Name, Href: views.HrefWith("/what-if", "agent", l.ID)})
	}
	return r.Render(http.StatusOK, views.WhatIf(r.Head("What if", "Decisions"), page))
}

// answerWhatIf checks what was typed as the door checks a request, and asks.
func (r *Request) answerWhatIf(page *views.WhatIfPage) error {
	v, wrong := page.Values, func(field, says string) {
		page.Errors = append(page.Errors, views.FieldError{Field: field, Message: says})
	}
	for _, x := range [][2]string{{"operation", "Enter an operation."}, {"system", "Enter a system."}, {"resource", "Enter a resource."}} {
		switch {
		case v[x[0]] == "":
			wrong(x[0], x[1])
		case !plainID(v[x[0]]):
			wrong(x[0], "This is too long, or has characters that cannot be read.")
		}
	}
	for _, key := range []string{"task", "environment", "manifest", "sensitivity"} {
		if v[key] != "" && !plainID(v[key]) {
			wrong(key, "This is too long, or has characters that cannot be read.")
		}
	}
	req := policy.Request{Subject: policy.Entity{Type: "agent", ID: page.AgentID}, Action: v["operation"], Resource: policy.Entity{Type: v["system"], ID: v["resource"]},
		Context: policy.Context{Capability: v["task"], Environment: v["environment"], Manifest: v["manifest"], Sensitivity: v["sensitivity"], Volume: 1}}
	if v["volume"] != "" {
		n, err := strconv.ParseInt(v["volume"], 10, 64)
		if err != nil || n < 1 || n > policy.MaxVolume {
			wrong("volume", "Enter a whole number from 1 to "+views.Count(policy.MaxVolume)+".")
		}
		req.Context.Volume = n
	}
	if v["properties"] != "" {
		if err := shallow([]byte(v["properties"])); err != nil {
			wrong("properties", "This is not JSON, or nests too deep.")
		} else if err := json.Unmarshal([]byte(v["properties"]), &map[string]any{}); err != nil {
			wrong("properties", "Enter a JSON object, in which each name comes once.")
		}
		req.Context.Said = policy.Properties(v["properties"])
	}
	if len(page.Errors) > 0 {
		return nil
	}
	d, err := r.App.Store.Decisions(r.Ctx())
	if err != nil {
		return err
	}
	got, err := d.WhatIf(r.Ctx(), r.Viewer, req)
	if models.CodeOf(err) == models.NotFound {
		wrong("task", "There is no such task, or it is not for you to see.")
		return nil
	}
	if err != nil {
		return err
	}
	answer := &views.WhatIfAnswer{Allow: got.Allow, Rule: got.Rule, Says: got.Says, Remedy: got.Remedy, Who: got.Who, Cedar: got.Cedar}
	if c := got.Capability; c != nil {
		answer.Task, answer.TaskHref, answer.Digest, answer.Until = c.Title, "/capabilities/"+c.CapabilityID, c.Digest, r.Local(got.Until)
		answer.Version, answer.VersionHref = "version "+strconv.Itoa(got.VersionNo), "/versions/"+c.VersionID
	}
	page.Answer = answer
	return nil
}
