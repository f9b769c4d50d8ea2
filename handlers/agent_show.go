package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentShow is the record of an agent: whoever may see the agent.
func AgentShow(r *Request) error { return r.drawAgent(http.StatusOK, "", "") }

// drawAgent draws the record; what was typed into the stop's form stays.
func (r *Request) drawAgent(status int, reason, problem string) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.AgentPage{AgentHead: r.agentHead(rec), Manifest: rec.Agent.Manifest(),
		MayWrite: r.ownsAgent(rec) && rec.Agent.State != models.AgentRetired}
	if rec.Revision != nil {
		page.Manifest, page.Digest, page.RegisteredAt = rec.Revision.Manifest(), rec.Revision.Digest, r.Local(rec.Revision.CreatedAt)
	}
	if rec.Import != nil {
		page.Import = &views.AgentImportLine{File: rec.Import.File, Format: rec.Import.Format, At: r.Local(rec.Import.CreatedAt)}
		if page.MayWrite {
			page.Suggestions, page.FurtherSuggested = suggested(rec)
		}
	}
	if rec.Revision != nil && rec.Revision.No > 1 {
		if page.Behind, err = r.App.Store.ManifestBehind(r.Ctx(), r.Viewer, rec.Agent.ID); err != nil {
			return err
		}
	}
	if page.Stop != nil {
		page.Stop.Reason, page.Stop.Error = reason, problem
	}
	if err := r.agentCapabilities(rec, &page); err != nil {
		return err
	}
	if page.Emergencies, err = r.agentEmergencies(rec.Agent.ID); err != nil {
		return err
	}
	head := r.Head(rec.Agent.Name, "")
	head.Failed = problem != ""
	return r.Render(status, views.Agent(head, page))
}

// agentHead is what every page of the record begins with: the one next act is
// the viewer's own, and the stop is for the four alone.
func (r *Request) agentHead(rec store.AgentRecord) views.AgentHead {
	a := rec.Agent
	h := views.AgentHead{ID: a.ID, Name: a.Name, State: a.State, Yours: r.ownsAgent(rec), Pending: agentPending(rec), Now: r.Now(), OwnerName: rec.Owner.Person.Name}
	if len(rec.Owner.Teams) > 0 {
		h.OwnerTeam = rec.Owner.Team()
	}
	if rec.Revision != nil {
		h.Revision = rec.Revision.No
	}
	for _, x := range rec.Holds {
		h.Holds = append(h.Holds, views.AgentHold{Kind: x.Kind, Target: x.TargetKind, Href: stopHref(x.Hold), Who: x.By.Name, Team: x.By.Team, Cause: x.Cause, At: r.Local(x.PlacedAt)})
	}
	for _, x := range rec.Partly {
		h.Partly = append(h.Partly, stopLine(r, x))
	}
	if rec.StopThrough != "" {
		h.Stop = &views.StopProps{Label: "Stop this agent", Action: "/agents/" + a.ID + "/stop", Keys: r.Keys(),
			Effect: "All of its tasks are held at once: every later decision is “no”. Each starts again only with a stated cause and a new round of sign-offs."}
	}
	if h.Yours {
		h.Next = nextForOwner(h)
	}
	return h
}

func nextForOwner(h views.AgentHead) views.ButtonProps {
	next := views.ButtonProps{Kind: views.ButtonPrimary}
	switch {
	case h.State == models.AgentRetired:
		return views.ButtonProps{}
	case h.State == models.AgentDraft:
		next.Label, next.Href = "Finish the registration", "/agents/"+h.ID+"/register"
	case h.Pending:
		next.Label, next.Href = "Finish revision "+strconv.Itoa(h.Revision+1), "/agents/"+h.ID+"/register"
	default:
		next.Label, next.Href = "Write a task", "/agents/"+h.ID+"/capabilities/new"
	}
	return next
}

const suggestionsShown = 10

// suggested are the tasks that the newest import suggests and that nobody has
// written yet under that name.
func suggested(rec store.AgentRecord) (shown []views.AgentSuggestion, further int) {
	for _, s := range rec.Import.Suggestions() {
		written := slices.ContainsFunc(rec.Titles, func(t string) bool { return strings.EqualFold(t, s.Name) })
		switch {
		case written:
		case len(shown) == suggestionsShown:
			further++
		default:
			shown = append(shown, views.AgentSuggestion{No: s.No, Name: s.Name, Description: s.Description})
		}
	}
	return shown, further
}

func (r *Request) agentCapabilities(rec store.AgentRecord, page *views.AgentPage) error {
	after := r.Query("after")
	lines, people, more, err := r.App.Store.AgentCapabilities(r.Ctx(), r.Viewer, rec.Agent.ID, after)
	if err != nil {
		return err
	}
	for _, l := range lines {
		page.Capabilities = append(page.Capabilities, r.agentCapability(l, people))
	}
	if more {
		page.More = "/agents/" + rec.Agent.ID + "?after=" + lines[len(lines)-1].CapabilityID
	}
	if after != "" {
		page.From = "/agents/" + rec.Agent.ID
	}
	return nil
}

func (r *Request) agentCapability(l store.AgentCapability, people map[string]models.Party) views.AgentCapability {
	name := func(id string) views.AgentPerson {
		p := views.AgentPerson{Name: people[id].Person.Name}
		if len(people[id].Teams) > 0 {
			p.Team = people[id].Team()
		}
		return p
	}
	c := views.AgentCapability{ID: l.CapabilityID, Title: l.Title, State: l.State.Words(), Held: l.Held && !l.Over,
		Owner: name(l.OwnerID), Provisioner: name(l.ProvisionerID), ControlOwner: name(l.ControlOwnerID), MissingApprovers: l.Holes&models.HoleApprovers != 0,
		Ended: l.MandateID == "" && !l.State.Open() && l.OpenVersionID == ""}
	if l.Over {
		c.State, c.Over = models.Expired.Words(), r.local(l.UntilAt)
	} else {
		c.Review = r.local(l.ReviewDueAt)
	}
	if l.OpenVersionID != "" {
		c.OpenState = l.OpenState.Words()
	}
	if l.TierRank >= 0 && l.TierRank < len(models.Tiers) {
		c.Tier = string(models.Tiers[l.TierRank])
	}
	for _, id := range l.Signers() {
		c.Approvers = append(c.Approvers, name(id))
	}
	if !c.Ended && l.Holes&models.HoleScope != 0 {
		c.OtherHoles = append(c.OtherHoles, "no scope yet")
	}
	if !c.Ended && l.Holes&models.HoleOversight != 0 {
		c.OtherHoles = append(c.OtherHoles, "no oversight plan yet")
	}
	return c
}
