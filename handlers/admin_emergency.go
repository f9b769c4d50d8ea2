package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminEmergency shows administrators and auditors whether the emergency path is
// on, who switched it on, and what happened under it.
func AdminEmergency(r *Request) error { return r.drawEmergencyPath(redraw{}) }

// AdminEmergencyPropose proposes to switch the path on; another administrator confirms it.
func AdminEmergencyPropose(r *Request) error {
	return r.decideSwitch("It is proposed. The path is on when another administrator confirms it.", func(f models.AdminFacts) (models.Change, error) { return f.ProposeSwitch(r.Form("reason")) })
}

// AdminEmergencyConfirm switches the path on. Refused: whoever proposed it.
func AdminEmergencyConfirm(r *Request) error {
	return r.decideSwitch("The emergency path is on.", func(f models.AdminFacts) (models.Change, error) { return f.ConfirmSwitch(r.Param("id")) })
}

// AdminEmergencyWithdraw takes the proposal back: any administrator does.
func AdminEmergencyWithdraw(r *Request) error {
	return r.decideSwitch("The proposal is withdrawn. The path stays off.", func(f models.AdminFacts) (models.Change, error) { return f.WithdrawSwitch(r.Param("id")) })
}

// AdminEmergencyOff switches the path off at once: any one administrator does.
func AdminEmergencyOff(r *Request) error {
	return r.decideSwitch("The emergency path is off. Nothing can be opened under it any more.", func(f models.AdminFacts) (models.Change, error) { return f.SwitchEmergencyOff(r.Param("id")) })
}

func (r *Request) decideSwitch(said string, rule func(models.AdminFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Emergency: true}, rule)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawEmergencyPath(refused)
	}
	return r.done(receipt, "/admin/emergency", said)
}

func (r *Request) drawEmergencyPath(a redraw) error {
	p, err := r.App.Store.EmergencyPath(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.EmergencyPathPage{May: r.Viewer.Has(models.Administrator), Errors: a.errors, Now: r.Now(),
		Propose: r.newKeys(), Confirm: r.newKeys(), Withdraw: r.newKeys(), Off: r.newKeys(),
		Reason: views.Field{Name: "reason", Label: "Why should there be an emergency path?", Hint: "The other administrator and the ledger get it.", Value: r.Form("reason"), Error: a.errors.For("reason"),
			Required: true, Max: models.MaxText, Rows: 3, Spellcheck: true}}
	line := func(s *models.EmergencySwitch) *views.SwitchLine {
		if s == nil {
			return nil
		}
		l := &views.SwitchLine{EmergencySwitch: *s, Proposer: p.People[s.ProposedBy]}
		if s.ConfirmedBy != nil {
			l.Confirmer = p.People[*s.ConfirmedBy]
		}
		if s.EndedBy != nil {
			l.Ender = p.People[*s.EndedBy]
		}
		return l
	}
	page.On, page.Proposed = line(p.On), line(p.Proposed)
	if p.Proposed != nil {
		_, err := models.AdminFacts{Env: models.Env{By: r.Viewer}, SwitchProposed: p.Proposed}.MayConfirmSwitch(p.Proposed.ID)
		page.Why = message(err)
	}
	for i := range p.Before {
		page.Before = append(page.Before, *line(&p.Before[i]))
	}
	for _, e := range p.Past {
		page.Past = append(page.Past, emergencyLine(r, e))
	}
	return r.Render(a.code(), views.AdminEmergency(r.headAfter("Emergency path", "Administration", a), page))
}

func emergencyLine(r *Request, e store.EmergencyPast) views.EmergencyLine {
	l := views.EmergencyLine{Agent: e.AgentName, Who: e.Approver.Name, From: r.Local(e.FromAt), Over: r.Local(e.Over()), Runs: e.Runs(models.At(r.App.Now())),
		Review: "Due " + views.WhenText(r.Local(e.ReviewDueAt), r.Now())}
	if e.Sees {
		l.Href = "/emergencies/" + e.ID
	}
	if e.ReviewedAt != nil {
		l.Review = capital(verdictWords[e.Verdict]) + ", found by " + e.Reviewer.Name
	}
	return l
}
