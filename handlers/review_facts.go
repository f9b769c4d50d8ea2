package handlers

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// What a review's page says of what happened, and what it suggests.

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// dayWords is a day in words, "3 March 2027".
func dayWords(day string) string {
	at, err := time.Parse("2006-01-02", day)
	if err != nil {
		return day
	}
	return at.Format("2 January 2006")
}

func sinceLook(r *Request, p store.ReviewRead) string {
	since := views.DateText(r.Local(p.Since), r.Now())
	return lookWords(p) + ", " + since
}

// changeFacts are what a small review is about.
func changeFacts(r *Request, p store.ReviewRead) []views.ReviewFact {
	var out []views.ReviewFact
	revision := func(id string) string {
		if x, ok := p.Revisions[id]; ok {
			return strconv.Itoa(x.No)
		}
		return "another"
	}
	for _, x := range p.Review.Changes() {
		when := ", noticed " + views.DateText(r.Local(x.At), r.Now())
		switch x.Kind {
		case models.ChangeOfManifest:
			out = append(out, views.ReviewFact{Key: "The agent’s manifest", Text: "Revision " + revision(x.To) + " is registered; revision " + revision(x.From) + " is signed" + when + ". A run on what is not signed is denied.", Href: "/agents/" + p.Agent.ID + "/manifest"})
		case models.ChangeOfTier:
			out = append(out, views.ReviewFact{Key: "The risk tier", Text: "Signed at " + x.From + "; by the rules and the catalogue as they are now it would be " + x.To + when + ". What is signed keeps its own."})
		case models.ChangeOfPeople:
			out = append(out, views.ReviewFact{Key: capital(x.Role.Words()), Text: text(named(p.CapabilityRead, x.From)) + " handed over to " + text(named(p.CapabilityRead, x.To)) + ", " + views.DateText(r.Local(x.At), r.Now())})
		}
	}
	return out
}

// evidenceFacts are what happened since the last look; what did not is said too.
func evidenceFacts(r *Request, p store.ReviewRead) []views.ReviewFact {
	e, c := p.Evidence, p.CapabilityRead
	var out []views.ReviewFact
	day := func(at models.Instant) string { return views.DateText(r.Local(at), r.Now()) }
	add := func(key, none string, n int, line func(i int) (string, string)) {
		for i := range n {
			says, href := line(i)
			out = append(out, views.ReviewFact{Key: key, Text: says, Href: href})
		}
		if n == 0 && none != "" {
			out = append(out, views.ReviewFact{Key: key, Text: none})
		}
	}
	add("Stops and holds", "None", len(e.Holds), func(i int) (string, string) {
		h := e.Holds[i]
		says := holdTitle(h, holdNames(c)) + ", " + day(h.PlacedAt)
		if h.Cause != "" {
			says += ": “" + h.Cause + "”"
		}
		return says, ""
	})
	add("Sign-offs taken back", "None", len(e.Recalls), func(i int) (string, string) {
		return text(named(c, e.Recalls[i].PersonID)) + ", " + day(e.Recalls[i].RecalledAt) + ": “" + e.Recalls[i].Reason + "”", ""
	})
	add("Break glass", "None", len(e.Emergencies), func(i int) (string, string) {
		return "Opened by " + text(named(c, e.Emergencies[i].ApproverID)) + ", " + day(e.Emergencies[i].FromAt), "/emergencies/" + e.Emergencies[i].ID
	})
	add("Versions", "No new one", len(e.Versions), func(i int) (string, string) {
		v := e.Versions[i]
		return "Version " + strconv.Itoa(v.No) + ", " + v.State.Words() + ", begun " + day(v.CreatedAt), "/versions/" + v.ID
	})
	add("The agent’s manifest", "No new revision", len(e.Revisions), func(i int) (string, string) {
		return "Revision " + strconv.Itoa(e.Revisions[i].No) + ", " + day(e.Revisions[i].CreatedAt), "/agents/" + c.Agent.ID + "/revisions"
	})
	add("People", "The same as then", len(e.Successions), func(i int) (string, string) {
		return "A role was handed over, " + day(*e.Successions[i].EndedAt), "/capabilities/" + c.Capability.ID + "/as-of"
	})
	add("Who left", "", len(e.Left), func(i int) (string, string) { return text(named(c, e.Left[i])) + ", who answers for it, has left", "" })
	add("Looked at already", "", len(e.Looked), func(i int) (string, string) {
		return "A change, " + outcomeWords[e.Looked[i].Outcome] + " " + day(*e.Looked[i].ClosedAt), "/reviews/" + e.Looked[i].ID
	})
	add("Drills that were missed or late", "None", len(e.Missed), func(i int) (string, string) {
		return text(named(c, e.Missed[i].PersonID)) + ", " + day(e.Missed[i].PlannedAt), ""
	})
	return append(out, stoppedFact(e.Stopped, day))
}

// reviewUse is what was used and refused since the last look.
func reviewUse(r *Request, p store.ReviewRead) (u views.ReviewUse) {
	e := p.Evidence
	if e.Counted > 0 {
		u.Known = r.Local(min(e.Counted, p.Now))
	}
	u.Grants = r.grantUses(e.Used)
	for _, x := range e.Refused {
		says, _, _ := views.RuleWords(x.Rule)
		of := ""
		if !x.OfTask {
			of = ", of the agent and no task of it"
		}
		u.Refused = append(u.Refused, views.ReviewFact{Key: counted(x.N, "time", "times") + of, Text: says + " Last " + views.WhenText(r.Local(x.Last), r.Now()) + "."})
	}
	return u
}

// useHints say beside each operation what is known of its use.
func useHints(r *Request, p store.ReviewRead) map[string]string {
	hints := map[string]string{}
	for _, g := range p.Evidence.Used {
		switch {
		case p.Evidence.Counted == 0:
		case g.Last == 0:
			hints[g.OperationID] = "Never used"
		case g.Allowed == 0:
			hints[g.OperationID] = "Not used since the last look; last " + views.DateText(r.Local(g.Last), r.Now())
		default:
			hints[g.OperationID] = "Used " + counted(g.Allowed, "time", "times") + ", last " + views.DateText(r.Local(g.Last), r.Now())
		}
	}
	return hints
}

// stoppedFact is when stopping was last exercised, and how: a real stop counts as a
// drill does.
func stoppedFact(last *store.KillPast, day func(models.Instant) string) views.ReviewFact {
	says := "Never"
	switch {
	case last == nil:
	case last.Stop != nil:
		says = day(last.At) + ", a real stop"
	default:
		says = day(last.At) + ", by a kill drill"
	}
	return views.ReviewFact{Key: "Stopping was last exercised", Text: says}
}

// advice is what the facts suggest, each with its reason. It is made of what is known
// and of nothing else.
func advice(p store.ReviewRead) []views.ReviewAdvice {
	var out []views.ReviewAdvice
	if a, said := p.Review.Answer(models.Provisioner); said {
		if n, all := len(a.Parsed().Unneeded), len(p.Asked.Version.Doc().Facts); n > 0 {
			out = append(out, views.ReviewAdvice{What: "Have it narrowed", Why: "its provisioner says that " + views.Count(n) + " of its " + views.Count(all) + " operations are not needed any more"})
		}
	}
	for _, role := range models.MakerRoles {
		if a, said := p.Review.Answer(role); said && a.Answer == models.AnswerChange && (role != models.Provisioner || len(a.Parsed().Unneeded) == 0) {
			out = append(out, views.ReviewAdvice{What: "Have it changed before it goes on", Why: "its " + role.Words() + " says that something should change"})
		}
	}
	for range p.Evidence.Left {
		out = append(out, views.ReviewAdvice{What: "Find a successor first", Why: "somebody who answers for it has left"})
	}
	if n := unused(p); n > 0 && p.Evidence.Counted > 0 {
		out = append(out, views.ReviewAdvice{What: "Ask whether it can be narrowed", Why: counted(int64(n), "operation was", "operations were") + " not used " + lookWords(p) + ", of " + views.Count(len(p.Evidence.Used))})
	}
	never := p.Evidence.Stopped == nil
	if a, said := p.Review.Answer(models.ControlOwner); said && a.Parsed().StoppedOn != "" {
		never = false
	}
	if never {
		out = append(out, views.ReviewAdvice{What: "Exercise a stop", Why: "stopping it was never exercised, as far as is known here"})
	}
	return out
}

func unused(p store.ReviewRead) (n int) {
	for _, g := range p.Evidence.Used {
		if g.Allowed == 0 {
			n++
		}
	}
	return n
}

func lookWords(p store.ReviewRead) string {
	if p.Reviewed {
		return "since the last review"
	}
	return "since it went live"
}

func counted(n int64, one, more string) string { return views.Counted(int(n), one, more) }
