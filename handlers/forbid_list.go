package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/views"
)

// ForbidList shows administrators and auditors what the organisation forbids.
func ForbidList(r *Request) error {
	l, err := r.App.Store.Forbids(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.ForbidsPage{May: r.Viewer.Has(models.Administrator), Now: r.Now()}
	for _, f := range l.Open {
		page.Open = append(page.Open, forbidLine(f, l.People))
	}
	for _, f := range l.Ended {
		page.Ended = append(page.Ended, forbidLine(f, l.People))
	}
	return r.Render(http.StatusOK, views.Forbids(r.Head("Forbids", "Administration"), page))
}

func forbidLine(f models.Forbid, people map[string]models.Party) views.ForbidLine {
	l := views.ForbidLine{Forbid: f, Proposer: people[f.ProposedBy]}
	for who, to := range map[*string]*models.Party{f.ConfirmedBy: &l.Confirmer, f.EndProposedBy: &l.EndProposer, f.EndedBy: &l.Ender} {
		if who != nil {
			*to = people[*who]
		}
	}
	return l
}
