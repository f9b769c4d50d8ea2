package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// NoticeShow shows auditors and administrators one notice with everything that became of it.
func NoticeShow(r *Request) error { return r.drawNotice(redraw{}) }

// NoticeRetry has a delivery that was given up tried again: an administrator does.
func NoticeRetry(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{Delivery: r.Form("delivery")}, models.ChannelFacts.RetryDelivery)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawNotice(refused)
	}
	return r.done(receipt, "/admin/notices/"+r.Param("id"), "It is tried again. Load this page again in a moment to see what came of it.")
}

func (r *Request) drawNotice(a redraw) error {
	n, err := r.App.Store.Notice(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.NoticePage{Kind: views.NoticeKind(n.Kind), To: groupWords(n.Recipient), Actor: or(n.Actor, "Countersign"), At: r.Local(n.CreatedAt), Urgent: n.Urgent(), Errors: a.errors, Now: r.Now()}
	if n.SentAt != nil {
		at := r.Local(*n.SentAt)
		page.Sent = &at
	}
	for _, l := range n.Lines {
		line := r.noticeLine(l)
		for _, t := range n.Tries[l.ID] {
			line.AllTries = append(line.AllTries, views.NoticeTry{No: t.No, At: r.Local(t.At), Outcome: t.Outcome, Said: t.Said})
		}
		if l.State == models.DeliveryGivenUp && r.Viewer.Has(models.Administrator) {
			keys := r.newKeys()
			line.Retry = &keys
		}
		if l.PersonID != nil && *l.PersonID == n.Recipient {
			page.To = l.Person
		}
		page.Agent, line.Agent = or(page.Agent, l.Agent), ""
		page.Lines = append(page.Lines, line)
	}
	return r.Render(a.code(), views.Notice(r.headAfter("Notice", "Administration", a), page))
}
