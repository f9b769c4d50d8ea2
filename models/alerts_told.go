package models

import (
	"maps"
	"slices"
	"strings"
)

// AlertFacts are alerts that nobody was told of yet, by task.
type AlertFacts struct {
	Env
	Lots []AlertLot
}

// AlertLot is what is told of one task, in one notice.
type AlertLot struct {
	CapabilityID string // "" for requests of the agent that were of no task
	AgentID      string
	To           []string // its control owner; of no task those of all of the agent's
	Route        string   // where its plan says that an alert goes; "" for nowhere
	Alerts       []Alert
	Names        map[string]string // of operations, with their systems
}

// Kinds of notice of alerts: what is sent at once, and what may wait for a person's day; of
// one task, or of many together.
const (
	NoticeAlert      = "alert.raised"
	NoticeAlertLater = "alert.noted"
	NoticeAlerts     = "alert.many"
	NoticeAlertsNote = "alert.many_noted"
)

// mostAlone is how many tasks one person is told of at once in a notice each: where more
// pass a threshold together, something is wrong with more than the tasks.
const mostAlone = 5

// Tell tells the control owners. Only the clock does, and of each alert once.
func (f AlertFacts) Tell() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("alerts.clock", "Only the clock alerts.")
	}
	if len(f.Lots) == 0 {
		return Change{}, conflict("alerts.nothing", "There is nothing to tell.")
	}
	c := f.change("alerts.raised", f.Lots[0].subject())
	var told []map[string]any
	to := map[string][]AlertLot{}
	for _, l := range f.Lots {
		if l.CapabilityID == "" {
			c.touch(TouchAgent, l.AgentID)
		}
		c.touch(TouchCapability, l.CapabilityID) // alone: of one agent not everybody sees every task
		for _, who := range l.To {
			to[who] = append(to[who], l)
		}
		told = append(told, map[string]any{"capability": l.CapabilityID, "agent": l.AgentID, "to": l.To, "alert": l.Says()["alert"]})
	}
	for _, who := range slices.Sorted(maps.Keys(to)) {
		c.alert(who, to[who])
	}
	c.note("told", told)
	return *c, nil
}

// alert tells one person: a notice a task, or one of them all where they are many.
func (c *Change) alert(to string, lots []AlertLot) {
	urgent := func(l AlertLot) bool { return slices.ContainsFunc(l.Alerts, Alert.Urgent) }
	if len(lots) > mostAlone {
		notice := "alert.many_noted"
		if slices.ContainsFunc(lots, urgent) {
			notice = "alert.many"
		}
		c.notifyOf(notice, to, to, map[string]string{"count": itoa(len(lots))})
		return
	}
	for _, l := range lots {
		notice := "alert.noted"
		if urgent(l) {
			notice = "alert.raised"
		}
		c.notifyOf(notice, to, l.subject(), l.Says())
	}
}

func (l AlertLot) subject() string {
	if l.CapabilityID == "" {
		return l.AgentID
	}
	return l.CapabilityID
}

// Says are the words of the notice: "alert" in short, and a sentence of each kind.
func (l AlertLot) Says() map[string]string {
	var short, first []string
	out := map[string]string{}
	if l.Route != "" {
		out["route"] = l.Route
	}
	for _, a := range l.sorted() {
		if a.Kind == AlertFirstUse {
			first = append(first, nameOfUse(l.Names, a))
			continue
		}
		short = append(short, a.Short())
		out[a.Kind] = a.Sentence()
	}
	switch n := len(first); {
	case n == 1:
		short, out[AlertFirstUse] = append(short, "first use of an operation"), "Used for the first time: "+first[0]+"."
	case n > 1:
		short, out[AlertFirstUse] = append(short, "first use of "+itoa(n)+" operations"), "Used for the first time: "+strings.Join(first[:min(n, 5)], ", ")
		if n > 5 {
			out[AlertFirstUse] += " and " + itoa(n-5) + " more"
		}
		out[AlertFirstUse] += "."
	}
	out["alert"] = strings.Join(short, ", ")
	return out
}

// sorted: what matters most first; of several days or levels of one kind the last one stays.
func (l AlertLot) sorted() (out []Alert) {
	for _, kind := range []string{AlertManifest, AlertDenials, AlertVolume} {
		var last *Alert
		for i, a := range l.Alerts {
			if a.Kind == kind && (last == nil || a.Day > last.Day || a.Day == last.Day && a.Count > last.Count) {
				last = &l.Alerts[i]
			}
		}
		if last != nil {
			out = append(out, *last)
		}
	}
	for _, a := range l.Alerts {
		if a.Kind == AlertFirstUse {
			out = append(out, a)
		}
	}
	return out
}

func nameOfUse(names map[string]string, a Alert) string {
	if name := names[a.What]; name != "" {
		return name
	}
	return "an operation that is not in the catalogue any more"
}

// Short is an alert in a few words.
func (a Alert) Short() string {
	switch a.Kind {
	case AlertManifest:
		return "another manifest runs"
	case AlertDenials:
		if a.Count == 1 {
			return "1 refusal"
		}
		return Thousands(a.Count) + " refusals"
	case AlertVolume:
		return itoa(int(a.Count*100/max(a.Most, 1))) + " % of the day’s volume"
	}
	return "first use of an operation"
}

// Sentence is an alert about a day as one sentence.
func (a Alert) Sentence() string {
	on := "On " + a.Day.Time().UTC().Format("2 January 2006") + " (UTC) "
	switch a.Kind {
	case AlertManifest:
		return on + "what ran had another manifest than was signed. It was refused " + times(a.Count) + "."
	case AlertDenials:
		return on + "it was refused " + times(a.Count) + ". A reason: " + lower(RuleFamily(a.Rule)) + "."
	case AlertVolume:
		return on + "it used " + Thousands(a.Count) + " of its " + Thousands(a.Most) + " actions."
	}
	return ""
}

func times(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return Thousands(n) + " times"
}

// Thousands is a number with commas.
func Thousands(n int64) string {
	s := itoa(int(n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
