package models

import "strings"

// Watched is one task with what came of it at runtime: of what a part of the log brought, all
// that there was by then. Requests of an agent that were of none of its tasks are watched
// together, under its tasks' lowest threshold.
type Watched struct {
	CapabilityID string // "" for requests of no task
	AgentID      string
	Plan         Alerts
	Limit        int64          // actions a day; 0 for any number
	First        []DecisionUse  // operations that were used for the first time
	Refused      []DayRefusals  // of each day of which the part brought something
	Used         DecisionVolume // of the newest day on which anything was allowed
}

// DayRefusals are the refusals of one day, by rule.
type DayRefusals struct {
	Day    Instant
	ByRule map[string]int64
	LastAt Instant
}

// alertWithin is how long after it happened something is still told: a log that is read for the
// first time, or after a long break, is no news.
const alertWithin = 7 * Day

// manifestRule is the rule that says no to another manifest than was signed.
const manifestRule = "manifest.unsigned"

// Alerts are what the control owner is to be told of by now. The same comes back with every
// part of the log that adds to it, under the same id, which is kept once: so each threshold
// is told once a day, whenever it was passed and however many replicas look.
//
//	denials   refused as often as the plan says on one day; again at 10 and 100 times as often
//	manifest  refused because another manifest ran; always, and again at 10 and 100 times
//	volume    the share of the day's actions that the plan says is used
//	first use the first yes ever to an operation of the task, unless the plan has it off
func (w Watched) Alerts(now Instant) (out []Alert) {
	add := func(a Alert) {
		if a.Level > 0 && a.At > now-alertWithin {
			a.CapabilityID, a.AgentID, a.MadeAt = w.CapabilityID, w.AgentID, now
			a.ID = "alr_" + Digest(join(a.CapabilityID, a.AgentID, a.Kind, a.What, itoa(int(a.Day)), itoa(a.Level)))[:20]
			out = append(out, a)
		}
	}
	for _, d := range w.Refused {
		other := d.ByRule[manifestRule]
		add(Alert{Kind: AlertManifest, Day: d.Day, Count: other, Level: level(other, 1), Rule: manifestRule, At: d.LastAt})
		n, rule := d.denials()
		add(Alert{Kind: AlertDenials, Day: d.Day, Count: n, Level: level(n, int64(w.Plan.Denials)), Rule: rule, At: d.LastAt})
	}
	if u := w.Used; w.Limit > 0 && u.Volume*100 >= w.Limit*int64(w.Plan.Volume) {
		add(Alert{Kind: AlertVolume, Day: u.Day, Count: u.Volume, Most: w.Limit, Level: 1, At: min(now, u.Day+Day-1)})
	}
	for _, u := range w.First {
		if w.Plan.FirstUse == Yes {
			add(Alert{Kind: AlertFirstUse, What: u.OperationID, Count: 1, Level: 1, At: u.FirstAt})
		}
	}
	return out
}

// level is how often n passes a threshold: 1, 2 at ten times it, 3 at a hundred times.
func level(n, from int64) (l int) {
	for l < 3 && n >= from {
		l, from = l+1, from*10
	}
	return l
}

// denials are how many there are apart from those of another manifest, and the rule that said
// no most often; a hold only where no other did.
func (d DayRefusals) denials() (n int64, rule string) {
	held := func(r string) bool { return strings.HasPrefix(r, "hold.") }
	for r, of := range d.ByRule {
		if r == manifestRule {
			continue
		}
		n += of
		switch most := d.ByRule[rule]; {
		case rule == "", held(rule) && !held(r):
			rule = r
		case held(r) == held(rule) && (of > most || of == most && r < rule):
			rule = r
		}
	}
	return n, rule
}
