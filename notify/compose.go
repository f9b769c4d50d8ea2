package notify

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// Notice is what a message is to tell, with the names that its words need. What is
// not known stays empty, and the sentence that needs it is left out.
type Notice struct {
	Kind      string // as it was queued, such as "version.approved"
	Key       string // see Message
	At        models.Instant
	To        Recipient
	Urgent    bool
	Actor     string // the name of who did it; "" for the clock
	Person    string // the name of whom it is about: who left, who owes it, who stands in
	For       string // the name of who is away, where it goes to whoever stands in for them
	Agent     string
	Task      string // the capability's title
	Tier      models.Tier
	VersionNo int
	Duty      string            // kind of the duty, of "duty.…", a reminder or an escalation
	Asks      string            // the duty's detail: the part or role that it is about
	Detail    string            // what was said: a cause, a reason, an outcome
	Details   map[string]string // what was queued with it: days, why, step, of, name, host
	Due       models.Instant    // 0 for none
	From      models.Instant
	Until     models.Instant
	ThenWhat  string // what happens if nobody does anything, as one sentence; "" for nothing
	Link      string // absolute URL of the page
	Zone      *time.Location
	Items     []Item // of a digest
}

// words are what is said of one kind of notice. A {name} stands for a value, {Name} for
// the same at the beginning of a sentence; of titles and leads the first is taken whose values are all known, and a line is left
// out where one of its values is not.
type words struct {
	titles []string
	leads  []string
	lines  []string
	action string // "" for "Open it"
}

// Compose puts a notice in words. Every kind has some: one that is not known here
// gets words that are true of any.
func Compose(n Notice) Message {
	w, ok := wordsOf(n)
	if !ok {
		w = ofAny
	}
	v := n.values()
	m := Message{Key: n.Key, Kind: n.Kind, At: n.At, To: n.To, Urgent: n.Urgent, Link: n.Link, Consequence: n.ThenWhat, Items: n.Items}
	m.Title, m.Lead = first(w.titles, v), first(w.leads, v)
	for _, l := range w.lines {
		if s, known := fill(l, v); known {
			m.Lines = append(m.Lines, s)
		}
	}
	m.Action = w.action
	if away := inert(n.For, 80); away != "" { // what it says of "you" is meant for them
		m.Title += " (for " + away + ")"
		m.Lead = "This went to " + away + ", for whom you stand in. " + m.Lead
		m.Lines = slices.DeleteFunc(m.Lines, func(l string) bool { return strings.HasPrefix(l, "You ") })
	}
	return m
}

// Known says whether there are words for just this kind.
func Known(kind string) bool {
	_, ok := wordsOf(Notice{Kind: kind})
	return ok
}

func wordsOf(n Notice) (words, bool) {
	if duty, ok := strings.CutPrefix(n.Kind, "duty."); ok {
		return ofDuty(duty, n)
	}
	switch n.Kind {
	case models.StepReminder:
		return ofReminder(n), true
	case models.StepEscalation:
		return ofEscalation(n), true
	}
	w, ok := kinds[n.Kind]
	return w, ok
}

var ofAny = words{titles: []string{"news of {what}"}, leads: []string{"{actor} did something that concerns you.", "something happened that concerns you."},
	lines: []string{saidWithIt}}

// Digest is the day's message: one item a notice, as it would have been told alone.
// n says whom it is for.
func Digest(n Notice, of []Notice) Message {
	n.Kind, n.Items = models.NoticeDigest, nil
	for _, x := range of {
		x.Zone = n.Zone
		item := Item{Title: Compose(x).Title, Link: x.Link}
		if x.Due != 0 {
			item.Due = "due on " + day(x.Due, n.Zone)
		}
		n.Items = append(n.Items, item)
	}
	n.Details = map[string]string{"count": count(len(of), "notice")}
	return Compose(n)
}

// values are what the {names} stand for; "" where it is not known.
func (n Notice) values() map[string]string {
	agent, task := inert(n.Agent, 55), inert(n.Task, 55)
	v := map[string]string{
		"agent": agent, "task": task, "actor": inert(n.Actor, 80), "person": inert(n.Person, 80), "detail": inert(n.Detail, 300),
		"due": moment(n.Due, n.Zone), "from": moment(n.From, n.Zone), "until": moment(n.Until, n.Zone),
		"tier": string(n.Tier), "role": "", "part": "", "writer": "", "asks": inert(n.Asks, 200),
	}
	for _, key := range []string{"days", "why", "step", "of", "name", "host", "count"} {
		v[key] = inert(n.Details[key], 100)
	}
	for _, key := range []string{"alert", models.AlertDenials, models.AlertManifest, models.AlertVolume, models.AlertFirstUse, "route"} {
		v[key] = inert(n.Details[key], 400)
	}
	v["Alert"], v["first"] = capital(shorten(v["alert"], 100)), v[models.AlertFirstUse]
	v["what"] = subject(task, agent)
	v["What"] = v["what"]
	if v["what"] == "" {
		v["what"], v["What"] = "a task", "A task"
	}
	v["vwhat"], v["Vwhat"], v["ask"] = v["what"], v["What"], ""
	if n.VersionNo > 0 {
		of := strconv.Itoa(n.VersionNo) + " of " + v["what"]
		v["vwhat"], v["Vwhat"] = "version "+of, "Version "+of
	}
	for _, r := range []models.Role{models.BusinessOwner, models.Provisioner, models.ControlOwner, models.Approver} {
		if string(r) == n.Asks {
			v["role"] = r.Words()
		}
	}
	for _, p := range models.Parts {
		if string(p) == n.Asks {
			v["part"], v["writer"] = p.Words(), p.Role().Words()
		}
	}
	if ask, ok := askOf(n.Duty, n.Asks); ok {
		if filled, known := fill(ask, v); known {
			v["ask"] = filled
		}
	}
	return v
}

// subject is what a notice is about, in a title: the task, and whose it is.
func subject(task, agent string) string {
	switch {
	case task == "":
		return agent
	case agent == "":
		return task
	}
	return task + " (" + agent + ")"
}

// moment is a point in time in words, with the place whose time it is.
func moment(at models.Instant, zone *time.Location) string {
	if at == 0 {
		return ""
	}
	zone = cmp.Or(zone, time.UTC)
	return at.Time().In(zone).Format("Monday 2 January 2006, 15:04") + " (" + strings.ReplaceAll(zone.String(), "_", " ") + ")"
}

func day(at models.Instant, zone *time.Location) string {
	if at == 0 {
		return ""
	}
	return at.Time().In(cmp.Or(zone, time.UTC)).Format("2 January 2006")
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// capital is s with its first letter as at the beginning of a sentence. A name that
// a sentence begins with stays as it is written.
func capital(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

var placeholder = regexp.MustCompile(`\{[A-Za-z]+\}`)

// fill puts the values in; false when one of them is not known. What a value holds
// is not read again.
func fill(s string, values map[string]string) (filled string, known bool) {
	known = true
	filled = placeholder.ReplaceAllStringFunc(s, func(name string) string {
		v := values[name[1:len(name)-1]]
		known = known && v != ""
		return v
	})
	return filled, known
}

// first is the first of the sentences whose values are all known, "" for none.
func first(of []string, values map[string]string) string {
	for _, s := range of {
		if filled, known := fill(capital(s), values); known {
			return filled
		}
	}
	return ""
}
