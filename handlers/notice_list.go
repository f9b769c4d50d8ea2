package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// NoticeList shows auditors and administrators the register of what was sent, newest
// first. Days are those of the viewer's time zone; "to" is counted in.
func NoticeList(r *Request) error {
	page := views.NoticesPage{Now: r.Now(), Query: url.Values{}, NoMail: r.App.MailHost == "", Demo: r.App.Demo, CountTo: store.CountMost}
	filter := store.NoticeFilter{}
	for key, to := range map[string]*string{"state": &filter.State, "channel": &filter.Channel, "kind": &filter.Kind, "who": &filter.Who, "person": &filter.Person} {
		if *to = firstRunes(r.Query(key), 200); *to != "" {
			page.Query.Set(key, *to)
		}
	}
	day := func(key string, on int) *models.Instant {
		typed := firstRunes(r.Query(key), 40)
		if typed == "" {
			return nil
		}
		page.Query.Set(key, typed)
		at, err := time.ParseInLocation(time.DateOnly, typed, r.zone())
		if err != nil {
			page.Errors = append(page.Errors, views.FieldError{Field: key, Message: "Enter a day such as 2026-11-26."})
			return nil
		}
		return models.At(at.AddDate(0, 0, on)).Ref()
	}
	filter.From, filter.To = day("from", 0), day("to", 1)
	after := store.ParseNoticeCursor(r.Query("after"))
	found, err := r.App.Store.Notices(r.Ctx(), r.Viewer, filter, after)
	if err != nil {
		return err
	}
	page.Kinds, page.Counts, page.Person, page.After, page.Lines = found.Kinds, found.Counts, found.Person, after != nil, r.noticeLines(found.Lines)
	if found.Next != nil {
		page.Next = found.Next.String()
	}
	head, status := r.Head("What was sent", "Administration"), http.StatusOK
	if len(page.Errors) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.Notices(head, page))
}

// MyNotices shows people what they were sent.
func MyNotices(r *Request) error {
	after := store.ParseNoticeCursor(r.Query("after"))
	lines, next, err := r.App.Store.MyNotices(r.Ctx(), r.Viewer, after)
	if err != nil {
		return err
	}
	page := views.MyNoticesPage{Party: r.Viewer, Lines: r.noticeLines(lines), After: after != nil, Now: r.Now()}
	if next != nil {
		page.Next = views.HrefWith("/me/notices", "after", next.String())
	}
	return r.Render(http.StatusOK, views.MyNotices(r.Head("What you were sent", "You"), page))
}

func (r *Request) noticeLines(lines []store.NoticeLine) []views.NoticeLine {
	var out []views.NoticeLine
	for _, l := range lines {
		out = append(out, r.noticeLine(l))
	}
	return out
}

func (r *Request) noticeLine(l store.NoticeLine) views.NoticeLine {
	v := views.NoticeLine{ID: l.ID, OutboxID: l.OutboxID, Kind: views.NoticeKind(l.Kind), Whom: l.Person, Where: models.WordsOf(views.DeliveryChannels, l.Channel), Address: l.Address,
		State: l.State, Tries: l.Tries, At: r.Local(l.CreatedAt), Agent: l.Agent, AgentID: l.AgentID}
	if l.Why != "" {
		v.Why = models.WordsOf(models.NotSent, l.Why)
	}
	if l.Endpoint != "" {
		v.Where = "hook “" + l.Endpoint + "”"
	}
	switch {
	case l.PersonID != nil:
		v.WhomHref = "/people/" + *l.PersonID
	case l.EndpointID != nil:
		v.Whom = "the organisation"
	default:
		v.Whom = groupWords(l.Recipient)
	}
	if l.EndedAt != nil {
		at := r.Local(*l.EndedAt)
		v.Ended = &at
	}
	if l.NextAt != nil && l.Tries > 0 {
		at := r.Local(*l.NextAt)
		v.Next = &at
	}
	return v
}

// groupWords is the recipient of a notice that nobody was sent.
func groupWords(recipient string) string {
	group, id, ok := strings.Cut(recipient, ":")
	if !ok {
		return "somebody"
	}
	switch group {
	case "pool":
		return "whoever may act as " + models.Role(id).Words()
	case "capability":
		return "the four of the capability"
	case "agent":
		return "who answers for the agent"
	case "person":
		return "who answers with them"
	case "system":
		return "who owns what reaches the system"
	case "team":
		return "the team"
	case "endpoint":
		return "a hook"
	case "mail":
		return "a mailbox"
	}
	return "somebody"
}
