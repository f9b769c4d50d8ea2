package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/views"
)

// ForbidShow shows administrators and auditors one forbid, and administrators what they
// may do about it.
func ForbidShow(r *Request) error { return r.drawForbid(redraw{}) }

// ForbidConfirm puts a proposed forbid in force. Refused: whoever proposed it.
func ForbidConfirm(r *Request) error {
	shown := r.revision()
	return r.decideForbid("It is in force. Every request that it fits is refused.", func(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbid(shown) })
}

// ForbidWithdraw takes a proposed forbid back: any administrator does.
func ForbidWithdraw(r *Request) error {
	reason := r.Form("reason")
	return r.decideForbid("The proposal is withdrawn. Nothing was forbidden by it.", func(f models.ForbidFacts) (models.Change, error) { return f.WithdrawForbid(reason) })
}

// ForbidEnd proposes to end a forbid that is in force; another administrator confirms it.
func ForbidEnd(r *Request) error {
	reason := r.Form("reason")
	return r.decideForbid("It is proposed to end it. It stays in force until another administrator confirms that.", func(f models.ForbidFacts) (models.Change, error) { return f.ProposeForbidEnd(reason) })
}

// ForbidConfirmEnd ends a forbid. Refused: whoever proposed that.
func ForbidConfirmEnd(r *Request) error {
	shown := r.revision()
	return r.decideForbid("It has ended. It forbids nothing any more.", func(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbidEnd(shown) })
}

// ForbidKeep takes the proposal to end a forbid back: any administrator does.
func ForbidKeep(r *Request) error {
	return r.decideForbid("It stays in force.", models.ForbidFacts.KeepForbid)
}

// revision is that of the row which the form was drawn from; what is no number is none.
func (r *Request) revision() int64 {
	n, _ := strconv.ParseInt(r.Form("revision"), 10, 64)
	return n
}

func (r *Request) decideForbid(said string, rule func(models.ForbidFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id := r.Param("id")
	receipt, err := r.App.Store.DecideForbid(r.Ctx(), act, id, rule)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawForbid(refused)
	}
	return r.done(receipt, "/admin/forbids/"+id, said)
}

func (r *Request) drawForbid(a redraw) error {
	f, people, err := r.App.Store.ReadForbid(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.ForbidPage{Line: forbidLine(*f.Forbid, people), May: r.Viewer.Has(models.Administrator), Why: whyNotForbid(f), Reason: r.Form("reason"),
		Confirm: r.newKeys(), Withdraw: r.newKeys(), End: r.newKeys(), Keep: r.newKeys(), Errors: a.errors, Now: r.Now()}
	if f.Forbid.State == models.ForbidProposed && page.May {
		if page.Tried, err = r.triedOut(f.Forbid.Text); err != nil {
			return err
		}
	}
	page.Confirm.Revision = strconv.FormatInt(f.Forbid.Rev, 10)
	return r.Render(a.code(), views.ForbidShow(r.headAfter(f.Forbid.Name, "Administration", a), page))
}

// whyNotForbid says why the viewer may not confirm what waits of a forbid, "" where they may.
func whyNotForbid(f models.ForbidFacts) string {
	if f.Forbid.State == models.ForbidActive {
		return message(f.MayConfirmEnd())
	}
	return message(f.MayConfirm())
}
