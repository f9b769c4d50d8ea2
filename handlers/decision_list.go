package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DecisionList is what gateways asked and were told, newest first: of what the viewer may
// see.
func DecisionList(r *Request) error {
	page, err := r.decisions("/decisions", "")
	if err != nil {
		return err
	}
	head, status := r.Head("Decisions", ""), http.StatusOK
	head.Wide = true
	if len(page.Errors) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.Decisions(head, page))
}

// DecisionNewer is what came since a page was drawn, for the page itself; 204 where
// nothing did.
func DecisionNewer(r *Request) error {
	if r.Query("had") == "" || !r.IsHTMX() {
		return r.Redirect("/decisions")
	}
	page := views.DecisionsPage{Path: "/decisions", Now: r.Now(), Query: url.Values{}, First: true, Follow: true}
	filter := r.decisionFilter(&page)
	found, err := r.App.Store.DecisionsSince(r.Ctx(), r.Viewer, filter, store.ParseDecisionCursor(firstRunes(r.Query("had"), mostCursor)))
	if err != nil {
		return err
	}
	if len(found.Lines) == 0 && !found.More {
		return r.NoContent(http.StatusNoContent)
	}
	page.Query.Set("follow", "1")
	page.Had, page.More = found.Newest.String(), found.More
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, r.decisionRow(l))
	}
	return r.Render(http.StatusOK, views.DecisionsNewer(page))
}

// mostCursor is the length of a cursor in an address, at most.
const mostCursor = 1_000

// decisions is a page of decisions at an address; of one agent where one is given.
func (r *Request) decisions(path, agent string) (views.DecisionsPage, error) {
	page := views.DecisionsPage{Path: path, Now: r.Now(), Query: url.Values{}, Ask: r.App.PublicURL, WhatIf: mayAskWhatIf(r.Viewer)}
	filter := r.decisionFilter(&page)
	if agent != "" {
		filter.Agent = agent
		page.Query.Del("agent")
	}
	before := store.ParseDecisionCursor(firstRunes(r.Query("before"), mostCursor))
	page.First = before.At == 0
	if page.Follow = r.Query("follow") == "1" && page.First; page.Follow {
		page.Query.Set("follow", "1")
	}
	found, err := r.App.Store.DecisionList(r.Ctx(), r.Viewer, filter, before)
	if err != nil {
		return page, err
	}
	page.Had, page.Older, page.Agent, page.Title, page.Gateway = found.Newest.String(), found.Older.String(), found.Agent, found.Title, found.Gateway
	if found.Left > 0 {
		page.Left, page.Looked = r.Local(found.Left), int(found.Looked)
	}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, r.decisionRow(l))
	}
	return page, nil
}

// decisionFilter reads the filters of the address; what is none is left out.
func (r *Request) decisionFilter(page *views.DecisionsPage) (f store.DecisionFilter) {
	for key, to := range map[string]*string{"agent": &f.Agent, "task": &f.Capability, "gateway": &f.Gateway} {
		if *to = firstRunes(r.Query(key), 64); *to != "" {
			page.Query.Set(key, *to)
		}
	}
	if a := r.Query("answer"); a == "yes" || a == "no" {
		f.Answer = a
		page.Query.Set("answer", a)
	}
	if f.Rule = views.RuleFamily(r.Query("rule")); f.Rule != "" {
		page.Query.Set("rule", f.Rule)
	}
	f.From, f.To = r.decisionMoment(page, "from"), r.decisionMoment(page, "to")
	return f
}

// decisionMoment reads a day, or a day with a time, at the viewer's place; nil for none.
func (r *Request) decisionMoment(page *views.DecisionsPage, key string) *models.Instant {
	typed := firstRunes(r.Query(key), 40)
	if typed == "" {
		return nil
	}
	page.Query.Set(key, typed)
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, typed, r.zone()); err == nil {
			return models.At(at).Ref()
		}
	}
	page.Errors = append(page.Errors, views.FieldError{Field: key, Message: "Enter a day and a time such as 2026-11-26T15:04."})
	return nil
}

func (r *Request) decisionRow(l store.LoggedDecision) views.DecisionRow {
	row := views.DecisionRow{ID: strconv.FormatInt(l.ID, 10), At: r.Local(l.At), Allow: l.Allow, Rule: l.Rule, Agent: l.Agent, AgentID: l.AgentID, Subject: l.Subject, Title: l.Title, CapabilityID: l.CapabilityID,
		Operation: l.Operation, System: l.System, Resource: l.Resource, Gateway: l.Gateway, GatewayID: l.GatewayID}
	if l.SystemName != "" {
		row.System = l.SystemName
	}
	if l.Behind.Owner.ID != "" {
		names := []string{l.Behind.Owner.Name, l.Behind.Provisioner.Name, l.Behind.ControlOwner.Name}
		for _, p := range l.Behind.Signers {
			names = append(names, p.Name)
		}
		seen := map[string]bool{} // owner and control owner may be one person
		for _, n := range names {
			if !seen[n] {
				row.Answers = append(row.Answers, n)
			}
			seen[n] = true
		}
	}
	return row
}
