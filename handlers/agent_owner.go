package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentOwner shows an agent whose owner has left, to those who may name another and to
// who is asked to take it over; to everybody else there is no such page.
func AgentOwner(r *Request) error { return r.drawAgentOwner(redraw{}) }

// AgentOwnerName asks a business owner to take the agent over. A search draws the page
// again and asks nobody.
func AgentOwnerName(r *Request) error {
	if r.Form("find") != "" {
		return r.drawAgentOwner(redraw{status: http.StatusOK})
	}
	person := r.Form("owner")
	return r.decideOwner(person, "owner", "They are asked. The agent is theirs when they accept it.", "/agents/"+r.Param("id")+"/owner",
		func(f models.AgentFacts) (models.Change, error) { return f.NameOwner(person) })
}

// AgentOwnerAccept makes who was asked the agent's owner.
func AgentOwnerAccept(r *Request) error {
	return r.decideOwner("", "", "The agent is yours now. What of it is on its way waits for people whom you name.", "/agents/"+r.Param("id"), models.AgentFacts.TakeOver)
}

// AgentOwnerDecline turns it down. Refused: no reason.
func AgentOwnerDecline(r *Request) error {
	reason := r.Form("reason")
	return r.decideOwner("", "reason", "You declined. Whoever asked you is asked again.", "/",
		func(f models.AgentFacts) (models.Change, error) { return f.DeclineOwner(reason) })
}

func (r *Request) decideOwner(person, field, said, to string, rule func(models.AgentFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAgentOwner(r.Ctx(), act, r.Param("id"), person, rule)
	if err != nil {
		refused, ok := again(err, field)
		if !ok {
			return err
		}
		return r.drawAgentOwner(refused)
	}
	if field == "owner" && !r.Viewer.Has(models.Administrator) {
		to = "/"
	}
	return r.done(receipt, to, said)
}

func (r *Request) drawAgentOwner(a redraw) error {
	p, err := r.App.Store.AgentOwner(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.AgentOwnerPage{ID: p.Agent.ID, Name: p.Agent.Name, Purpose: p.Agent.Description, State: p.Agent.State, Former: p.People[p.Agent.OwnerID], Drafts: p.Drafts,
		Asked: p.MayTakeOver() == nil, Reason: r.Form("reason"), NameKeys: r.newKeys(), Accept: r.newKeys(), Decline: r.newKeys(), Errors: a.errors}
	if err := p.MayNameOwner(); err == nil {
		if err := r.ownerPick(&page, p, a); err != nil {
			return err
		}
	} else if !page.Asked {
		page.Why = err.Error()
	}
	return r.Render(a.code(), views.AgentOwner(r.headAfter("New owner of "+p.Agent.Name, "Agents", a), page))
}

func (r *Request) ownerPick(page *views.AgentOwnerPage, p store.OwnerPage, a redraw) error {
	pick := views.NomineePick{Name: "owner", Label: "The new owner", Hint: "They see the agent and accept it, or decline. Until then it has no owner.", Find: firstRunes(r.Form("find-owner"), models.MaxName),
		Error: a.errors.For("owner"), Required: true, None: "Nobody holds the role business owner. An administrator can give somebody the role."}
	if a.status != 0 {
		pick.Value = r.Form("owner")
	}
	people, many, err := r.App.Store.RoleHolders(r.Ctx(), models.BusinessOwner, pick.Find, pick.Value)
	if err != nil {
		return err
	}
	pick.People, pick.Many = people, many
	page.Pick = &pick
	for _, d := range p.Duties {
		if d.Kind == models.DutyTakeOver && d.Detail == models.AgentOwner {
			waits, err := r.App.Store.PartiesOf(r.Ctx(), d.Holder)
			if err != nil {
				return err
			}
			page.Waits = waits[d.Holder]
		}
	}
	return nil
}
