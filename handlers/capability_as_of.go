package handlers

import (
	"net/http"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityAsOf says who answered for a capability at a moment: a look-up in
// its mandates. ?at=2026-11-02T10:00 is told in the reader's own time zone.
func CapabilityAsOf(r *Request) error {
	id := r.Param("id")
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	page := views.CapabilityAsOf{CapabilityTop: capabilityTop(r, c), At: r.Query("at"), Zone: r.zone().String()}
	mandates, err := r.App.Store.Mandates(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	for _, m := range mandates {
		page.Mandates = append(page.Mandates, mandateLine(r, m))
	}
	status := http.StatusOK
	switch at, problem := momentOf(r, page.At); {
	case page.At == "":
		page.At = r.Now().Format(minuteForm)
	case problem != "":
		page.Error, status = problem, http.StatusUnprocessableEntity
	default:
		if err := answeredAt(r, &page, id, at); err != nil {
			return err
		}
		page.Answer += emergencyThen(c, at)
	}
	head := r.Head("Who answered when", page.Title)
	head.Failed = page.Error != ""
	return r.Render(status, views.CapabilityAnswered(head, page))
}

const minuteForm = "2006-01-02T15:04"

// momentOf reads a moment as the field and as an export write it. It is not in
// the future: nobody has answered then yet.
func momentOf(r *Request, typed string) (models.Instant, string) {
	for _, form := range []string{minuteForm, "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(form, typed, r.zone()); err == nil {
			return notFuture(r, at)
		}
	}
	if at, err := time.Parse(time.RFC3339, typed); err == nil {
		return notFuture(r, at)
	}
	return 0, "Enter a date and a time, such as 2026-11-02T10:00"
}

func notFuture(r *Request, at time.Time) (models.Instant, string) {
	if at.After(r.App.Now()) {
		return 0, "Enter a moment that is over: nobody has answered for the future yet"
	}
	if at.Year() < 1970 {
		return 0, "Enter a moment since 1970"
	}
	return models.At(at), ""
}

func answeredAt(r *Request, page *views.CapabilityAsOf, id string, at models.Instant) error {
	a, err := r.App.Store.MandateAt(r.Ctx(), r.Viewer, id, at)
	if err != nil {
		return err
	}
	page.Asked, page.AtTime = true, r.Local(at)
	if a.Mandate == nil {
		page.Answer = "Nobody answered for it then: nothing that was signed was in force."
		return nil
	}
	page.Version, page.VersionHref = "version "+strconv.Itoa(a.VersionNo), "/versions/"+a.Mandate.VersionID
	page.Answer = capital(page.Version) + " was in force. These people answered for it."
	switch a.State {
	case store.MatrixHeld:
		page.Answer = capital(page.Version) + " was in force, and held. These people answered for it."
	case store.MatrixExpired:
		page.Answer = "The time of " + page.Version + " was over. These people answered for it last."
	default:
		page.MayAct = true
	}
	page.Seats = answeredSeats(r, a)
	people := map[string]string{}
	for _, w := range []store.Who{a.Owner, a.Provisioner, a.ControlOwner} {
		people[w.ID] = w.Name
	}
	for _, s := range a.Approvers {
		people[s.ID] = s.Name
	}
	for _, h := range a.Holds {
		line := views.CapabilityHold{Title: holdTitle(h.Hold, holdNamed{person: func(id string) string { return people[id] }, system: func(string) string { return "that it reaches" }, team: func(string) string { return "of its owner" }}), Href: stopHref(h.Hold),
			Cause: h.Cause, Who: h.By.Name, Team: h.By.Team, At: r.Local(h.PlacedAt)}
		if h.LiftedAt != nil {
			line.Lifted = r.Local(*h.LiftedAt)
		}
		page.Holds = append(page.Holds, line)
	}
	return nil
}

func answeredSeats(r *Request, a store.Answered) []views.Seat {
	var out []views.Seat
	for i, w := range []store.Who{a.Owner, a.Provisioner, a.ControlOwner} {
		role := models.MakerRoles[i]
		p := seatOf(r, w)
		p.Mark = views.SeatAccepted
		out = append(out, views.Seat{Role: capital(role.Words()), Answers: seatAnswers[role], People: []views.SeatPerson{p}})
	}
	approvers := views.Seat{Role: "Approvers", Answers: seatAnswers[models.Approver]}
	for _, s := range a.Approvers {
		p := seatOf(r, s.Who)
		p.Mark, p.Note = views.SeatSigned, views.DateText(r.Local(s.SignedAt), r.Now())+methodNote(s.Method)
		if s.For != nil {
			p.Note += ", for " + s.For.Name
		}
		approvers.People = append(approvers.People, p)
	}
	return append(out, approvers)
}

func seatOf(r *Request, w store.Who) views.SeatPerson {
	return views.SeatPerson{Name: w.Name, Team: w.Team, Href: "/people/" + w.ID, You: w.ID == r.Viewer.Person.ID}
}

// endings are why a mandate ended, in words.
var endings = map[string]string{
	"superseded": "a new version took its place", "succession": "a successor took over", "restarted": "restarted after a stop",
	"revoked": "revoked", "merged": "two who answered were found to be one person",
}

func mandateLine(r *Request, m store.MandateLine) views.CapabilityMandate {
	line := views.CapabilityMandate{From: r.Local(m.FromAt), EndReason: endings[m.EndReason], Version: "version " + strconv.Itoa(m.VersionNo), VersionHref: "/versions/" + m.VersionID,
		Owner: seatOf(r, m.Owner), Provisioner: seatOf(r, m.Provisioner), ControlOwner: seatOf(r, m.ControlOwner)}
	for _, w := range m.Approvers {
		line.Approvers = append(line.Approvers, seatOf(r, w))
	}
	switch {
	case m.EndedAt != nil:
		line.To = r.Local(*m.EndedAt)
	case m.UntilAt <= models.At(r.App.Now()):
		line.To, line.EndReason = r.Local(m.UntilAt), "its time was over"
	}
	return line
}
