package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// reviewsAsked reads from the address which reviews are asked for, all of them from the first on.
func reviewsAsked(r *Request) store.ReviewAsk {
	pick := func(name string, among ...string) string {
		for _, v := range among {
			if r.Query(name) == v {
				return v
			}
		}
		return ""
	}
	ask := store.ReviewAsk{State: pick("state", models.ReviewClosed, models.ReviewMoot), Whose: pick("whose", "mine", "close"), Kind: pick("kind", models.ReviewPeriodic, models.ReviewOfChange),
		Tier: pick("tier", "low", "moderate", "high", "critical")}
	ask.Overdue = r.Query("overdue") == "1" && ask.State == ""
	return ask
}

// ReviewList is the reviews that the viewer may see, what is due soonest first.
func ReviewList(r *Request) error {
	ask := reviewsAsked(r)
	ask.After = store.ParseReviewCursor(r.Query("after"))
	list, err := r.App.Store.Reviews(r.Ctx(), r.Viewer, ask)
	if err != nil {
		return err
	}
	page := views.ReviewListPage{State: ask.State, Whose: ask.Whose, Kind: ask.Kind, Tier: ask.Tier, Overdue: ask.Overdue, Counts: list.Counts, Now: r.Now(), Rows: reviewRows(r, list.Lines)}
	if list.Next != nil {
		page.Next = page.Href("after", list.Next.String())
	}
	if ask.After != nil {
		page.First = page.Href()
	}
	return r.Render(http.StatusOK, views.Reviews(r.Head("Reviews", ""), page))
}

// CapabilityReviews is the tab of a capability's reviews.
func CapabilityReviews(r *Request) error {
	id := r.Param("id")
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	page := views.CapabilityReviews{CapabilityTop: capabilityTop(r, c), Upcoming: nextReview(r, c)}
	for _, state := range []string{"", models.ReviewClosed, models.ReviewMoot} {
		list, err := r.App.Store.Reviews(r.Ctx(), r.Viewer, store.ReviewAsk{State: state, Capability: id})
		if err != nil {
			return err
		}
		if state == "" {
			page.Rows = reviewRows(r, list.Lines)
		} else {
			page.Past = append(page.Past, reviewRows(r, list.Lines)...)
		}
	}
	return r.Render(http.StatusOK, views.ReviewsOfCapability(r.Head("Reviews", page.Title), page))
}

// nextReview says when the next periodic review is opened and due.
func nextReview(r *Request, c store.CapabilityRead) string {
	m := c.Mandate
	switch {
	case m == nil:
		return "Nothing of it is in force, so there is nothing to review."
	case m.UntilAt < m.ReviewDueAt:
		return "Its last day comes before its next review would be due: it ends " + views.WhenText(r.Local(m.UntilAt), r.Now()) + ", or is renewed as a new version."
	}
	for _, x := range c.Reviews {
		if x.State == models.ReviewOpen && x.Kind == models.ReviewPeriodic {
			return "Its review is open, and due " + views.WhenText(r.Local(x.DueAt), r.Now()) + "."
		}
	}
	due := models.ReviewDue{Mandate: *m}
	return "Its next review is opened " + views.WhenText(r.Local(due.From()), r.Now()) + ", and due " + views.WhenText(r.Local(m.ReviewDueAt), r.Now()) + "."
}

func reviewRows(r *Request, lines []store.ReviewLine) []views.ReviewRow {
	var out []views.ReviewRow
	for _, l := range lines {
		row := views.ReviewRow{Href: "/reviews/" + l.ID, Title: l.Title, Agent: l.AgentName, Small: l.Kind == models.ReviewOfChange, Version: l.VersionNo, State: l.State, Tier: l.Tier,
			Due: r.Local(l.DueAt), Held: l.Held && l.State == models.ReviewOpen, Next: reviewNext(l)}
		if l.ClosedAt != nil {
			row.Closed = r.Local(*l.ClosedAt)
		}
		switch {
		case l.Mine:
			row.Waits = "Your answer is asked for"
		case l.Closes:
			row.Waits = "You may close it"
		}
		out = append(out, row)
	}
	return out
}

var outcomeWords = map[string]string{models.ReviewKeep: "kept", models.ReviewNarrow: "to be narrowed", models.ReviewRevoke: "revoked"}

func reviewNext(l store.ReviewLine) string {
	switch {
	case l.State == models.ReviewMoot:
		return "Moot: what it was about was replaced or ended"
	case l.State == models.ReviewClosed:
		return capital(outcomeWords[l.Outcome])
	case l.Answered == 3:
		return "The three have answered; an approver closes it"
	}
	return strconv.Itoa(l.Answered) + " of 3 have answered"
}
