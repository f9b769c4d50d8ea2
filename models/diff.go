package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Difference is one thing in which a document differs from an earlier one, as a
// sentence. Its first word comes from Kind: "New", "Gone", "Changed".
type Difference struct {
	Kind  string
	Text  []Phrase
	Was   string // what it was before, or ""
	Wider bool   // the agent may do more than before, or is held less
}

// Phrase is a run of a sentence.
type Phrase struct {
	Text   string
	Strong bool
}

// Kinds of Difference.
const (
	DiffAdded   = "added"
	DiffRemoved = "removed"
	DiffChanged = "changed"
	DiffSame    = "same"
)

// String is the sentence without its marks, for mail and for lists.
func (d Difference) String() string {
	var b strings.Builder
	for _, p := range d.Text {
		b.WriteString(p.Text)
	}
	if d.Was != "" {
		b.WriteString(" (was: " + d.Was + ")")
	}
	return b.String()
}

// Differences are the sentences that say how is differs from was, what allows
// more first. Whatever is signed and differs has its sentence, but for the
// version's number and what follows from the rest: the reasons and the policy.
func Differences(was, is Document) []Difference {
	var d diff
	d.tier(was, is)
	d.operations(was.Facts, is.Facts)
	d.scope(was, is)
	d.task(was.Task, is.Task)
	d.oversight(was, is)
	d.asks(was, is)
	if was.AgentRevision != is.AgentRevision {
		d.add(DiffChanged, true, start(was.AgentRevision), "the agent itself: its manifest has the digest ", "*"+start(is.AgentRevision))
	}
	return d.sorted()
}

// Firsts are the sentences of a first version in the order in which it is read:
// all of it is new, so none allows more than before, and none says what was there.
func Firsts(doc Document) []Difference {
	was := Document{TierRules: doc.TierRules}
	var d diff
	d.task(was.Task, doc.Task)
	d.operations(was.Facts, doc.Facts)
	d.scope(was, doc)
	d.oversight(was, doc)
	d.add(DiffAdded, false, "", "the agent has the manifest with the digest ", "*"+start(doc.AgentRevision))
	d.tier(was, doc)
	out := make([]Difference, 0, len(d.lines))
	for _, x := range d.lines {
		out = append(out, Difference{Kind: DiffAdded, Text: x.Text})
	}
	return out
}

// sorted: what allows more first, what is the same last.
func (d *diff) sorted() []Difference {
	slices.SortStableFunc(d.lines, func(a, b Difference) int { return rank(a) - rank(b) })
	return d.lines
}

func rank(d Difference) int {
	switch {
	case d.Kind == DiffSame:
		return 2
	case d.Wider:
		return 0
	}
	return 1
}

// diff gathers the lines.
type diff struct{ lines []Difference }

// add adds a line; a phrase that begins with "*" is strong.
func (d *diff) add(kind string, wider bool, was string, phrases ...string) {
	line := Difference{Kind: kind, Was: was, Wider: wider}
	for _, p := range phrases {
		text, strong := strings.CutPrefix(p, "*")
		line.Text = append(line.Text, Phrase{text, strong})
	}
	d.lines = append(d.lines, line)
}

// value adds a line for a short value that changed; none is said for an empty one.
func (d *diff) value(wider bool, before, was, is, none string) {
	if was == is {
		return
	}
	if is == "" {
		is = none
	}
	if was == "" {
		was = none
	}
	d.add(DiffChanged, wider, was, before, "*"+is)
}

// number adds a line for a number that changed.
func (d *diff) number(wider bool, before string, was, is int, after string) {
	if was != is {
		d.add(DiffChanged, wider, itoa(was), before, "*"+itoa(is), after)
	}
}

// text adds a line for each line of a longer text that came or went.
func (d *diff) text(label, was, is string) {
	if was == is {
		return
	}
	old, now := textLines(was), textLines(is)
	if len(old) == 1 && len(now) == 1 {
		d.add(DiffChanged, false, "“"+old[0]+"”", label+": ", "*“"+now[0]+"”")
		return
	}
	before := len(d.lines)
	d.list(false, old, now, label+": ", "“", "”")
	if len(d.lines) == before {
		d.add(DiffChanged, false, "", label+": the same lines, arranged in another way")
	}
}

// list adds a line for each item that came or went; wider when one came.
func (d *diff) list(wider bool, was, is []string, before, open, shut string) {
	old, now := among(was), among(is)
	for _, x := range is {
		if !old[x] {
			d.add(DiffAdded, wider, "", before, "*"+open+x+shut)
		}
	}
	for _, x := range was {
		if !now[x] {
			d.add(DiffRemoved, false, "", before, "*"+open+x+shut)
		}
	}
}

func among(items []string) map[string]bool {
	out := make(map[string]bool, len(items))
	for _, x := range items {
		out[x] = true
	}
	return out
}

func textLines(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (d *diff) tier(was, is Document) {
	d.value(is.Tier.Rank() > was.Tier.Rank(), "its tier is ", string(was.Tier), string(is.Tier), "not known")
	if was.Need != is.Need || was.Apart != is.Apart {
		d.add(DiffChanged, is.Need < was.Need || was.Apart && !is.Apart, approvers(was), "it needs ", "*"+approvers(is))
	}
	if !slices.Equal(was.Custodians, is.Custodians) {
		fewer := slices.ContainsFunc(was.Custodians, func(team string) bool { return !slices.Contains(is.Custodians, team) })
		d.add(DiffChanged, fewer, custodians(was), "of those who look after its systems it asks for ", "*"+custodians(is))
	}
	if was.TierRules != is.TierRules {
		d.add(DiffChanged, false, "", "it is assessed by ", "*other tier rules")
	}
}

// custodians: the document has their teams by id, and names none.
func custodians(d Document) string {
	switch n := len(d.Custodians); n {
	case 0:
		return "no sign-off"
	case 1:
		return "a sign-off of one team"
	default:
		return "a sign-off of each of " + itoa(n) + " teams"
	}
}

func approvers(d Document) string {
	switch {
	case d.Need == 1:
		return "1 approver"
	case d.Apart:
		return itoa(d.Need) + " approvers of different teams"
	}
	return itoa(d.Need) + " approvers"
}

// asks are the other things that the tier asks, where they moved under the same tier.
func (d *diff) asks(was, is Document) {
	if was.Tier != is.Tier {
		return
	}
	w, i := was.Ask, is.Ask
	d.number(i.ReviewDays > w.ReviewDays, "it is reviewed every ", w.ReviewDays, i.ReviewDays, " days")
	d.number(i.GraceDays > w.GraceDays, "a missed review holds it after ", w.GraceDays, i.GraceDays, " days")
	d.number(i.DrillDays == 0 || w.DrillDays > 0 && i.DrillDays > w.DrillDays, "those who answer are drilled every ", w.DrillDays, i.DrillDays, " days (0 is never)")
	d.number(i.LifetimeMinutes > w.LifetimeMinutes, "the tier lets a credential live at most ", w.LifetimeMinutes, i.LifetimeMinutes, " minutes")
	if w.FreshSignIn != i.FreshSignIn {
		d.add(DiffChanged, w.FreshSignIn, "", "a sign-off takes ", map[bool]string{true: "*a fresh sign-in", false: "*no fresh sign-in"}[i.FreshSignIn])
	}
	if was.Need == is.Need && w.Approvers != i.Approvers || was.Apart == is.Apart && w.Apart != i.Apart {
		d.add(DiffChanged, false, "", "the tier asks for ", "*"+approvers(Document{Need: i.Approvers, Apart: i.Apart}))
	}
}

// scope is the rest of the provisioner's part.
func (d *diff) scope(was, is Document) {
	d.number(is.Scope.LifetimeMinutes > was.Scope.LifetimeMinutes, "a credential lives ", was.Scope.LifetimeMinutes, is.Scope.LifetimeMinutes, " minutes")
	d.text("the conditions", was.Scope.Conditions, is.Scope.Conditions)
	d.text("the condition in Cedar", was.Scope.When, is.Scope.When)
	d.list(true, secretNames(was, was.Scope.Secrets), secretNames(is, is.Scope.Secrets), "it uses the secret ", "", "")
	for _, s := range is.Secrets {
		for _, o := range was.Secrets {
			if o.ID == s.ID && o.Reference != s.Reference {
				d.add(DiffChanged, false, o.Reference, "the secret "+s.Name+" is kept at ", "*"+s.Reference)
			}
		}
	}
}

func secretNames(d Document, ids []string) []string {
	var out []string
	for _, id := range ids {
		name := id
		for _, s := range d.Secrets {
			if s.ID == id {
				name = s.Name
			}
		}
		out = append(out, name)
	}
	return out
}

func (d *diff) task(was, is Task) {
	d.value(false, "the task is called ", was.Title, is.Title, "nothing")
	d.text("what it does", was.Task, is.Task)
	d.text("acceptable outcomes", was.Acceptable, is.Acceptable)
	d.text("forbidden outcomes", was.Forbidden, is.Forbidden)
	d.value(sensitivityRank(is.Sensitivity) > sensitivityRank(was.Sensitivity), "it handles data up to ", was.Sensitivity, is.Sensitivity, "not said")
	d.value(autonomyRank(is.Autonomy) > autonomyRank(was.Autonomy), "how much it does by itself: ",
		lower(WordsOf(Autonomies, was.Autonomy)), lower(WordsOf(Autonomies, is.Autonomy)), "not said")
	d.value(is.Windows == "", "it may run ", was.Windows, is.Windows, "at any time")
	d.number(is.VolumeLimit == 0 || was.VolumeLimit > 0 && is.VolumeLimit > was.VolumeLimit, "in a day it may act at most ", was.VolumeLimit, is.VolumeLimit, " times")
	d.value(is.StartOn < was.StartOn, "it may run from ", day(was.StartOn), day(is.StartOn), "at once")
	d.value(is.EndOn == "" || is.EndOn > was.EndOn, "its last day is ", day(was.EndOn), day(is.EndOn), "not set")
}

func autonomyRank(a string) int {
	return slices.IndexFunc(Autonomies, func(c Choice) bool { return c.Value == a })
}

func (d *diff) oversight(was, is Document) {
	w, i := was.Oversight, is.Oversight
	d.text("what is watched", w.Signals, i.Signals)
	d.value(false, "an alert goes to ", w.AlertRoute, i.AlertRoute, "nobody")
	d.alerts(w.Thresholds(), i.Thresholds())
	d.value(false, "when nobody answers: ", strings.Join(w.Escalation, ", then "), strings.Join(i.Escalation, ", then "), "nobody is told")
	d.path(w.Path, i.Path)
	d.text("how it is stopped", w.StopHow, i.StopHow)
	d.value(false, "who can stop it: ", w.StopBy, i.StopBy, "nobody")
	d.number(i.StopWithinMinutes > w.StopWithinMinutes, "it is stopped within ", w.StopWithinMinutes, i.StopWithinMinutes, " minutes")
	d.list(false, secretNames(was, w.RotateSecrets), secretNames(is, i.RotateSecrets), "a stop rotates the secret ", "", "")
}

// day is a stored date as a person reads it.
func day(date string) string {
	t, err := time.Parse(dateForm, date)
	if err != nil {
		return date
	}
	return t.Format("2 January 2006")
}

// lower makes the first letter small, unless the word is written in capitals.
func lower(s string) string {
	r := []rune(s)
	if len(r) == 0 || len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) && r[1] != ' ' {
		return s
	}
	return strings.ToLower(string(r[0])) + string(r[1:])
}

func start(digest string) string {
	if digest == "" {
		return "none"
	}
	return digest[:min(len(digest), 12)]
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
