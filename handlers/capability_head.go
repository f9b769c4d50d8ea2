package handlers

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// What the pages of a capability have in common: its head with the four, the
// holds, the stop, and the one next act of whoever looks at it.

// shownVersion is the version whose contents the record shows: what is in force,
// else what is on its way, else the newest.
func shownVersion(c store.CapabilityRead) *models.VersionFile {
	switch {
	case c.Force != nil:
		return c.Force
	case c.Open != nil:
		return c.Open
	}
	return c.Last
}

func capabilityTop(r *Request, c store.CapabilityRead) views.CapabilityTop {
	v := shownVersion(c)
	top := views.CapabilityTop{ID: c.Capability.ID, AgentID: c.Agent.ID, Agent: c.Agent.Name, Title: v.Contents().Task.Title,
		State: v.Version.State.Words(), Held: c.Mandate != nil && len(c.Holds) > 0, Lead: standing(r, c), Now: r.Now(),
		Stop: stopOf(r, c), Seats: seatsOf(r, c, v), Holds: holdsOf(r, c, c.Holds), Emergencies: emergencyMarks(r, c, "")}
	if v.Version.State != models.Draft {
		top.Tier = v.Version.Tier
	}
	if c.Mandate != nil && c.Now >= c.Mandate.UntilAt {
		top.State = models.Expired.Words()
	}
	if c.Restart != nil {
		top.Restart, top.RestartHref = restartOf(r, c, false), "/versions/"+c.Restart.VersionID
	}
	nextAct(r, c, &top)
	return top
}

// standing is where a capability stands, in one sentence.
func standing(r *Request, c store.CapabilityRead) string {
	switch {
	case c.Mandate != nil && len(c.Holds) > 0:
		return "Version " + strconv.Itoa(c.Force.Version.No) + " is in force, but held: it may not act."
	case c.Mandate != nil && c.Now >= c.Mandate.UntilAt:
		return "Version " + strconv.Itoa(c.Force.Version.No) + " was in force until " + views.DateText(r.Local(c.Mandate.UntilAt), r.Now()) + ". Its time is over: it may not act."
	case c.Mandate != nil:
		return "Version " + strconv.Itoa(c.Force.Version.No) + " is in force until " + views.DateText(r.Local(c.Mandate.UntilAt), r.Now()) + "."
	case c.Open != nil:
		return "Nothing of it is in force. Version " + strconv.Itoa(c.Open.Version.No) + " is on its way."
	}
	return "Nothing of it is in force. Version " + strconv.Itoa(c.Last.Version.No) + ", the last one, is " + c.Last.Version.State.Words() + "."
}

// stopOf is the stop, for any of the four; nil for everybody else. Its form has
// a number of its own: a page that is drawn again may hold another form's.
func stopOf(r *Request, c store.CapabilityRead) *views.StopProps {
	if !c.Answers(r.Viewer) {
		return nil
	}
	return &views.StopProps{What: "it", Action: "/capabilities/" + c.Capability.ID + "/stop", Keys: r.newKeys(), Target: stopTargets(c, models.OnCapability),
		Effect: "From that moment every decision about it is “no”. Nobody is asked first. Starting again takes a stated cause and a new round of sign-offs."}
}

func stopTargets(c store.CapabilityRead, chosen string) views.Choices {
	whole := "The whole agent, " + c.Agent.Name
	if n := len(c.Siblings) + 1; n > 1 {
		whole += ": all " + strconv.Itoa(n) + " of its tasks in force"
	}
	return views.Choices{Name: "target", Label: "What is stopped", Required: true, Value: chosen,
		Options: []views.Option{{Value: models.OnCapability, Label: "This task alone"}, {Value: models.OnAgent, Label: whole}}}
}

// named is a person by name and team.
func named(c store.CapabilityRead, id string) views.SeatPerson {
	if id == models.SystemActor {
		return views.SeatPerson{Name: "Countersign"}
	}
	p, ok := c.People[id]
	if !ok {
		return views.SeatPerson{Name: "Somebody"}
	}
	who := views.SeatPerson{Name: p.Person.Name, Href: "/people/" + id, You: id == c.By.Person.ID}
	if len(p.Teams) > 0 {
		who.Team = p.Team()
	}
	return who
}

// capital begins a sentence with the words.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// text is a person in a sentence, "you" for the reader.
func text(p views.SeatPerson) string {
	switch {
	case p.You:
		return "you"
	case p.Team == "":
		return p.Name
	}
	return p.Name + " (" + p.Team + ")"
}

var seatAnswers = map[models.Role]string{
	models.BusinessOwner: "the task and its outcomes", models.Provisioner: "what it can reach",
	models.ControlOwner: "watching and stopping it", models.Approver: "that it may run",
}

// seatsOf are the four of a version: who accepted, who is asked, who signed, and
// the holes.
func seatsOf(r *Request, c store.CapabilityRead, v *models.VersionFile) []views.Seat {
	var out []views.Seat
	for _, role := range models.MakerRoles {
		out = append(out, makerSeat(r, c, v, role))
	}
	return append(out, approverSeat(r, c, v))
}

func makerSeat(r *Request, c store.CapabilityRead, v *models.VersionFile, role models.Role) views.Seat {
	seat := views.Seat{Role: capital(role.Words()), Answers: seatAnswers[role], Hole: "nobody is named"}
	for _, n := range v.Nominations {
		if n.Role != role || n.State != models.NominationAccepted && n.State != models.NominationOpen {
			continue
		}
		p := named(c, n.PersonID)
		switch {
		case c.People[n.PersonID].Person.Status != models.PersonActive:
			p.Mark, p.Note = views.SeatAbsent, "has left; nobody has taken over yet"
		case n.State == models.NominationOpen && v.Version.State == models.Draft:
			p.Mark, p.Note = views.SeatWaiting, "named; asked to accept once it is submitted"
		case n.State == models.NominationOpen:
			p.Mark, p.Note = views.SeatWaiting, "asked "+views.DateText(r.Local(n.NominatedAt), r.Now())
		case n.AnsweredAt != nil:
			p.Mark, p.Note = views.SeatAccepted, "since "+views.DateText(r.Local(*n.AnsweredAt), r.Now())
		}
		if n.State == models.NominationAccepted { // who answers first, then who was asked to follow
			seat.People = append([]views.SeatPerson{p}, seat.People...)
		} else {
			seat.People = append(seat.People, p)
		}
	}
	return seat
}

func approverSeat(r *Request, c store.CapabilityRead, v *models.VersionFile) views.Seat {
	seat := views.Seat{Role: "Approvers", Answers: seatAnswers[models.Approver]}
	signs := v.Valid()
	if v == c.Force && c.Mandate != nil {
		signs = seated(c, v)
	}
	for _, s := range signs {
		p := named(c, s.SignerID)
		p.Team = c.Teams[s.TeamID].Name
		p.Mark, p.Note = views.SeatSigned, views.DateText(r.Local(s.SignedAt), r.Now())+onBehalf(c, s)+methodNote(s.Method)
		if c.People[s.SignerID].Person.Status != models.PersonActive {
			p.Mark, p.Note = views.SeatAbsent, "signed "+p.Note+"; has left"
		}
		seat.People = append(seat.People, p)
	}
	need := v.Version.Need
	if v.Version.State == models.Draft {
		need = c.Preview(*v).Need
	}
	if v.Version.State.Open() || v.Version.State == models.Live {
		seat.Missing = max(0, need-len(signs))
		if v != c.Force {
			seat.Missing = max(seat.Missing, len(v.Unspoken()))
		}
	}
	seat.Hole = "nobody has signed yet"
	if len(signs) > 0 {
		seat.Hole = "one more is needed"
	}
	if len(signs) == 0 && seat.Missing == 0 {
		seat.Hole = "nobody signed it"
	}
	return seat
}

// seated are the sign-offs that the open mandate stands on.
func seated(c store.CapabilityRead, v *models.VersionFile) []models.SignOff {
	var out []models.SignOff
	for _, seat := range c.Seats {
		for _, s := range v.SignOffs {
			if s.ID == seat.SignOffID {
				out = append(out, s)
			}
		}
	}
	return out
}

func methodNote(method string) string {
	switch method {
	case models.MethodFresh:
		return ", with a fresh sign-in"
	case models.MethodPasskey:
		return ", with a passkey"
	}
	return ""
}

// holdsOf are holds in words: what they are on, and on what terms they are lifted.
func holdsOf(r *Request, c store.CapabilityRead, holds []models.Hold) []views.CapabilityHold {
	var out []views.CapabilityHold
	for _, h := range holds {
		who := named(c, h.PlacedBy)
		line := views.CapabilityHold{Title: holdTitle(h, holdNames(c)), Href: stopHref(h),
			Cause: h.Cause, Who: who.Name, Team: who.Team, At: r.Local(h.PlacedAt), Lift: liftTerms(h)}
		if h.LiftedAt != nil {
			line.Lifted, line.Lift = r.Local(*h.LiftedAt), ""
		}
		out = append(out, line)
	}
	return out
}

// holdNamed gives the names in a hold's title: of people, systems and teams.
type holdNamed struct{ person, system, team func(id string) string }

func holdNames(c store.CapabilityRead) holdNamed {
	return holdNamed{person: func(id string) string { return named(c, id).Name }, system: func(id string) string { return c.Systems[id].Name }, team: func(id string) string { return c.Teams[id].Name }}
}

// holdTitle says what a hold is, and on what.
func holdTitle(h models.Hold, name holdNamed) string {
	what := "Held"
	switch h.Kind {
	case models.HoldStop:
		what = "Stopped"
	case models.HoldRecall:
		return "Held: an approver took their sign-off back"
	case models.HoldLeaver:
		return "Held: " + name.person(h.TargetID) + ", who answers for it, has left"
	case "incident":
		what = "Held for an incident"
	case "missed_review":
		what = "Held: a review was missed"
	case "missed_drill":
		what = "Held: a drill was missed"
	case models.HoldKillDrill:
		what = "Held for a moment: a kill drill"
	}
	switch h.TargetKind {
	case models.OnCapability:
		return what
	case models.OnAgent:
		return what + ", with the whole agent"
	case models.OnSystem:
		return what + ", with everything that reaches the system " + name.system(h.TargetID)
	case models.OnIssuer:
		return what + ", with everything that the identity issuer " + h.TargetID + " vouches for"
	case models.OnTeam:
		return what + ", with everything that the team " + name.team(h.TargetID) + " owns"
	case models.OnPerson:
		return what + ", with everything that " + name.person(h.TargetID) + " answers for"
	case models.OnAll:
		return what + ", with everything else"
	}
	return what
}

func liftTerms(h models.Hold) string {
	switch h.Kind {
	case models.HoldLeaver:
		return "It is lifted when a successor has accepted; at tiers high and critical a new round of sign-offs comes first."
	case models.HoldStop, models.HoldRecall, "incident":
		if h.TargetKind == models.OnCapability || h.TargetKind == models.OnAgent {
			return "It is lifted by a stated cause and a new round of sign-offs on the same version, or ended for good by revoking it."
		}
		return "It is lifted by an approver’s sign-off on the hold itself."
	}
	if h.Kind == models.HoldKillDrill {
		return "The drill lifts it itself, when it has seen that it may not act."
	}
	return "It is lifted by doing what was missed."
}

// restartOf is the open restart; lifts adds the holds that it would lift.
func restartOf(r *Request, c store.CapabilityRead, lifts bool) *views.VersionRestart {
	if c.Restart == nil {
		return nil
	}
	who := named(c, c.Restart.AskedBy)
	out := &views.VersionRestart{Cause: c.Restart.Cause, Who: who.Name, Team: who.Team, At: r.Local(c.Restart.AskedAt)}
	if lifts {
		var stood []models.Hold
		for _, h := range c.Liftable() {
			if h.PlacedAt <= c.Restart.AskedAt {
				stood = append(stood, h)
			}
		}
		out.Lifts = holdsOf(r, c, stood)
	}
	return out
}
