package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminRulesShow shows administrators and auditors the tier rules: in force,
// proposed, and their versions.
func AdminRulesShow(r *Request) error { return r.drawTierRules(redraw{}) }

// AdminRulesConfirm puts proposed rules in force. Refused: whoever proposed them.
func AdminRulesConfirm(r *Request) error {
	id := r.Param("id")
	return r.decideRules("The new rules are in force. What is signed keeps its own.", func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(id) })
}

// AdminRulesWithdraw takes proposed rules back: any administrator does.
func AdminRulesWithdraw(r *Request) error {
	id := r.Param("id")
	return r.decideRules("The proposed rules are withdrawn. Nothing was changed by them.", func(f models.AdminFacts) (models.Change, error) { return f.WithdrawRules(id) })
}

func (r *Request) decideRules(said string, rule func(models.AdminFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Rules: true}, rule)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawTierRules(refused)
	}
	return r.done(receipt, "/admin/tier-rules", said)
}

func (r *Request) drawTierRules(a redraw) error {
	p, err := r.App.Store.TierRules(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.TierRulesPage{Row: p.Active, May: r.Viewer.Has(models.Administrator), Errors: a.errors, Now: r.Now()}
	for _, row := range p.Versions {
		page.Versions = append(page.Versions, rulesVersion(row, p.People))
	}
	if row := p.Proposed; row != nil {
		x := views.RulesProposal{Row: *row, By: p.People[row.ProposedBy], Why: whyNotRules(r, *row), Confirm: r.newKeys(), Withdrawal: r.newKeys()}
		x.Tightens, x.Loosens = row.Rules().Compare(p.Active.Rules())
		page.Proposed = &x
	}
	return r.Render(a.code(), views.AdminTierRules(r.headAfter("Tier rules", "Administration", a), page))
}

// AdminRulesVersion shows one version of the rules.
func AdminRulesVersion(r *Request) error {
	no, _ := strconv.Atoi(r.Param("no")) // what is no number is no version
	row, people, err := r.App.Store.TierRulesNo(r.Ctx(), r.Viewer, no)
	if err != nil {
		return err
	}
	page := views.RulesVersionPage{RulesVersion: rulesVersion(row, people), Now: r.Now()}
	return r.Render(http.StatusOK, views.AdminTierRulesVersion(r.Head("Tier rules, version "+strconv.Itoa(row.No), "Administration"), page))
}

func rulesVersion(row models.TierRulesRow, people map[string]models.Party) views.RulesVersion {
	v := views.RulesVersion{Row: row, By: people[row.ProposedBy]}
	if row.ConfirmedBy != nil {
		v.Decider = people[*row.ConfirmedBy]
	}
	return v
}
