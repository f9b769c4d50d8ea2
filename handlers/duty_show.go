package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DutyShow is one duty: what is owed, by whom, since when and until when, what happened
// about it and what happens if nobody does it. Whoever owes it comes, whoever was told
// because nobody had done it, whoever sees what it is about, and auditors.
func DutyShow(r *Request) error {
	p, err := r.App.Store.Duty(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	title := dutyTitle(p.InboxDuty)
	page := views.DutyPage{Title: title, Agent: p.AgentName, Task: p.Title, Tier: string(p.Tier), Held: p.Held, Now: r.Now(),
		Opened: r.Local(p.OpenedAt), Due: r.Local(p.DueAt), Owes: r.owes(p), Why: whyTold(r, p), Consequence: p.Consequence(p.Stakes, p.Now, r.zone())}
	if p.ClosedAt != nil {
		page.Done, page.Consequence = r.Local(*p.ClosedAt), ""
	} else {
		page.Mine = p.Holder == r.Viewer.Person.ID || p.Pool != nil && r.Viewer.Has(models.Role(*p.Pool))
		if page.Mine || p.Sees {
			page.Href = dutyHref(p.Duty)
		}
	}
	if p.Sees && p.CapabilityID != "" {
		page.TaskHref = "/capabilities/" + p.CapabilityID
	}
	page.Line = dutyMoments(r, p)
	return r.Render(http.StatusOK, views.DutyShow(r.Head(title, p.AgentName), page))
}

// escalated are the duties of others of which the viewer was told, for the home page.
func escalated(r *Request, from *store.Store) (out []views.HomeEscalated, err error) {
	all, err := from.EscalatedTo(r.Ctx(), r.Viewer)
	for _, e := range all {
		owes := e.Owes
		if e.Pool != nil {
			owes = "Every " + models.Role(*e.Pool).Words()
		}
		out = append(out, views.HomeEscalated{Title: dutyTitle(e.InboxDuty), Agent: e.AgentName, Href: "/duties/" + e.ID, Owes: owes, Told: r.Local(e.ToldAt)})
	}
	return out, err
}

// owes is who owes it, in words.
func (r *Request) owes(p store.DutyPage) string {
	switch {
	case p.Pool != nil:
		return "every " + models.Role(*p.Pool).Words() + " who may do it"
	case p.Holder == r.Viewer.Person.ID:
		return "you"
	}
	return views.PartyText(p.People[p.Holder])
}

// whyTold says to whoever was told why they were.
func whyTold(r *Request, p store.DutyPage) string {
	for _, s := range p.Line {
		if s.TakenAt == nil || s.Kind != models.StepEscalation {
			continue
		}
		for _, id := range s.People {
			if id == r.Viewer.Person.ID {
				return "You were told on " + r.Local(*s.TakenAt).Format("2 January 2006") + " because nobody had done it, as " + views.StepWho(s.Why) + "."
			}
		}
	}
	return ""
}

// dutyMoments are the time line from the day it was opened to where it ends.
func dutyMoments(r *Request, p store.DutyPage) []views.DutyMoment {
	line := []views.DutyMoment{{At: r.Local(p.OpenedAt), What: "It was asked of " + r.owes(p) + ".", Past: true}}
	due := views.DutyMoment{At: r.Local(p.DueAt), What: "It is due.", Past: p.DueAt <= p.Now, Kind: "due"}
	if due.Past {
		due.What = "It was due."
	}
	stops := models.Instant(0)
	if p.ClosedAt == nil {
		stops = p.StopsAt(p.Stakes)
	}
	ends := views.DutyMoment{At: r.Local(stops), What: "This agent stops doing this: it is held until it is done.", Kind: "ends", Past: stops <= p.Now}
	switch {
	case p.Kind == models.DutyRenew && ends.Past:
		ends.What = "Its last day was over: this agent stopped doing this."
	case p.Kind == models.DutyRenew:
		ends.What = "Its last day is over: this agent stops doing this."
	case ends.Past:
		ends.What = "This agent stopped doing this: it is held until it is done."
	}
	said, ended := false, stops == 0
	put := func(upTo models.Instant) {
		if !said && p.DueAt < upTo {
			line, said = append(line, due), true
		}
		if !ended && stops < upTo {
			line, ended = append(line, ends), true
		}
	}
	for _, s := range p.Line {
		at := s.At
		if s.TakenAt != nil {
			at = *s.TakenAt
		}
		if p.ClosedAt == nil || at <= *p.ClosedAt {
			put(at)
		}
		line = append(line, views.DutyMoment{At: r.Local(at), What: stepWords(r, p, s), Past: s.TakenAt != nil, Kind: s.Kind})
	}
	if p.ClosedAt != nil {
		put(*p.ClosedAt)
		return append(line, views.DutyMoment{At: r.Local(*p.ClosedAt), What: "It was done, or it was no longer asked for.", Past: true, Kind: "done"})
	}
	put(max(p.DueAt, stops) + 1)
	return line
}

// stepWords is who is told, and that nobody is where there is nobody.
func stepWords(r *Request, p store.DutyPage, s models.TimeStep) string {
	var who []string
	for _, id := range s.People {
		switch party, known := p.People[id]; {
		case id == r.Viewer.Person.ID:
			who = append(who, "you")
		case known:
			who = append(who, views.PartyText(party))
		default:
			who = append(who, r.owes(p)) // a pool
		}
	}
	taken := s.TakenAt != nil
	if s.Kind == models.StepReminder {
		switch {
		case len(who) > 0 && taken:
			return views.UpperFirst(views.And(who)) + " " + wasWere(who) + " reminded, " + daysBefore(s.Step) + "."
		case len(who) > 0:
			return views.UpperFirst(views.And(who)) + " " + isAre(who) + " reminded, " + daysBefore(s.Step) + "."
		}
		return "A reminder was due, and nobody was sent one: " + s.Why + "."
	}
	switch {
	case len(who) == 0 && taken:
		return "Nobody was told: " + s.Why + "."
	case len(who) == 0:
		return "Nobody would be told just now: " + s.Why + "."
	case taken:
		return views.UpperFirst(views.And(who)) + " " + wasWere(who) + " told that nobody had done it, as " + views.StepWho(s.Why) + "."
	}
	return views.UpperFirst(views.And(who)) + " " + isAre(who) + " told that nobody has done it, as " + views.StepWho(s.Why) + "."
}

func daysBefore(days int) string {
	switch days {
	case 0:
		return "on the day"
	case 1:
		return "a day before"
	}
	return strconv.Itoa(days) + " days before"
}

func wasWere(who []string) string {
	if len(who) == 1 && who[0] != "you" {
		return "was"
	}
	return "were"
}

func isAre(who []string) string {
	if len(who) == 1 && who[0] != "you" {
		return "is"
	}
	return "are"
}
