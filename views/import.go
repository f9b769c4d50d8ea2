package views

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// ImportAskPage asks for files, or for the text of one. After files of which none
// could be read it says why.
type ImportAskPage struct {
	Keys    FormKeys
	Errors  Errors
	Pasted  string
	Source  string // where a pasted text comes from
	Into    *ImportTarget
	Refused []ImportRefusal
	Waiting []ImportWaiting // uploaded before, and still here
	Agents  bool            // the viewer may take in agents
	Systems bool            // and systems
	Now     time.Time
}

// lead says what this person may take in.
func (p ImportAskPage) lead() string {
	what := "agents and systems"
	switch {
	case !p.Systems:
		what = "agents"
	case !p.Agents:
		what = "systems"
	}
	return "Take in " + what + " from files that describe them. You see what was read, and from where, before anything is saved."
}

// ImportTarget is an agent that an import may update.
type ImportTarget struct {
	ID, Name, State string
	SameFile        bool // it was imported from the very same bytes
	Again           bool // its draft comes from this very thing
}

// ImportRefusal is one thing in a file that was not read: why and where, and what
// else was found.
type ImportRefusal struct {
	File, Format string
	Warnings     []models.ImportWarning
}

// known says whether the file's kind was recognised.
func (r ImportRefusal) known() bool { return r.Format != "" && r.Format != "unknown" }

// ImportWaiting is something uploaded before that is still here.
type ImportWaiting struct {
	Href, Label string
	Things      int
	At          time.Time
}

// ImportListPage is what was found in files: nothing of it is saved yet.
type ImportListPage struct {
	ID, Label     string
	Keys          FormKeys
	Errors        Errors
	Now, Until    time.Time
	Total         int
	Outcome, Plan string // asked for, "" for all
	After         int
	More          bool
	Lines         []ImportLine

	ByOutcome, ByPlan map[string]int
	Chosen            int // rows kept as chosen
	ChosenElsewhere   int // on other pages
	Done              int // taken in, or found the same
	Systems           int // rows that are systems on this page

	NewSystems        bool // the page has systems that would be new
	Team, Sensitivity string
	Teams             []Option
	Ask               []string // administrators, where the viewer is none
}

// Count adds rows of one kind to what the filters and buttons say.
func (p *ImportListPage) Count(outcome, plan, state string, chosen bool, n int) {
	if p.ByOutcome == nil {
		p.ByOutcome, p.ByPlan = map[string]int{}, map[string]int{}
	}
	p.ByOutcome[outcome] += n
	p.ByPlan[plan] += n
	if chosen && (state == "waiting" || state == "failed") {
		p.Chosen += n
	}
	if state != "waiting" {
		p.Done += n
	}
}

// ImportLine is one thing that was found.
type ImportLine struct {
	No                 int
	Href               string // its own page
	File, Format, Kind string
	Name, Outcome      string
	Digest             string
	Warnings           []models.ImportWarning
	Fields, Ignored    []AgentOrigin
	Further            int
	Skills, Operations int
	Secrets            []string // that a system asks for
	Plan               string
	Cannot             string // why this person cannot take it in; "" where they can
	Targets            []ImportTarget
	Into, IntoID       string // what it would update or is the same as
	Revision           int    // of the agent that it would update
	Draft, Live        []DiffLine
	System             *models.SystemDifference
	NewSystem          bool
	Chosen, Looked     bool
	Target             string
	State, Reason      string
	Subject            string
	Error, ErrorField  string
	Open               bool
}

// Waits says whether anything can still be decided about it.
func (l ImportLine) Waits() bool { return l.State == "waiting" || l.State == "failed" }

// Asks says whether somebody has to say that they have looked.
func (l ImportLine) Asks() bool { return l.Outcome == models.ImportWarned }

// MustChoose says whether it does not go anywhere by itself.
func (l ImportLine) MustChoose() bool { return l.Plan == "choose" }

// Title is its name, or its file's.
func (l ImportLine) Title() string { return or(l.Name, l.File) }

// choosable says whether a box is drawn for it.
func (l ImportLine) choosable() bool {
	return l.Waits() && l.Cannot == "" && l.Plan != "same"
}

func (l ImportLine) no() string { return strconv.Itoa(l.No) }

func (l ImportLine) error(field string) string {
	if l.ErrorField == field+"-"+l.no() {
		return l.Error
	}
	return ""
}

// look is how many things somebody should look at.
func (l ImportLine) look() int {
	if l.Outcome == models.ImportRefused {
		return 0
	}
	return len(l.Warnings)
}

// kindWord is what the thing is.
func (l ImportLine) kindWord() string {
	switch {
	case l.Outcome == models.ImportRefused:
		return "Not read"
	case l.Kind == models.ImportSystem:
		return "System"
	case l.Kind == models.ImportAgent:
		return "Agent"
	}
	return "Unknown"
}

// outcomeMark is how the reading ended, as a tag.
func (l ImportLine) outcomeMark() (word, tone string) {
	switch l.Outcome {
	case models.ImportRefused:
		return "Refused", ToneAmber
	case models.ImportWarned:
		return "With warnings", ToneAmber
	}
	return "Read", ToneQuiet
}

// goes says in words what taking it in does.
func (l ImportLine) goes() string {
	switch {
	case l.State != "waiting" && l.State != "failed":
		return importStates[l.State]
	case l.Cannot != "":
		return l.Cannot
	case l.Plan == "same" && l.Kind == models.ImportSystem:
		return "The same as in the catalogue: nothing to do"
	case l.Plan == "same":
		return "The same as what is there: nothing to do"
	case l.Plan == "choose":
		return "You have an agent of this name"
	case l.NewSystem:
		return "New in the catalogue"
	case l.Kind == models.ImportSystem:
		return "Adds to what the catalogue has"
	case l.Plan == "new":
		return "A new draft"
	case l.Plan == "draft":
		return "Updates the draft"
	}
	return "Differs from revision " + strconv.Itoa(l.Revision) + ", which is registered and stays; the change waits as the next revision"
}

func (l ImportLine) intoHref() string {
	if l.Kind == models.ImportSystem {
		return "/systems/" + l.IntoID
	}
	return "/agents/" + l.IntoID
}

// choices are where it may go, where there is more than one way.
func (l ImportLine) choices() Choices {
	c := Choices{Name: "into-" + l.no(), Label: "Where “" + l.Title() + "” goes", Value: l.Target, Error: l.error("into"), Required: true}
	if l.MustChoose() {
		c.Blank = "Choose"
	} else if l.Target == "" {
		c.Value = or(l.IntoID, models.ImportNew)
	}
	for _, t := range l.Targets {
		what := "Update the draft of " + t.Name
		switch {
		case t.SameFile:
			what += " (imported from this very file)"
		case t.Again:
			what += " (imported from here before)"
		}
		c.Options = append(c.Options, Option{Value: t.ID, Label: what})
	}
	c.Options = append(c.Options, Option{Value: models.ImportNew, Label: "Make a new draft: another agent"})
	return c
}

// importShown is how many fields, warnings and differences a row opens with; its
// own page has all.
const importShown = 8

func firstOf[T any](all []T) []T { return all[:min(len(all), importShown)] }

// summary says what opens below a row.
func (l ImportLine) summary() string {
	if l.Outcome == models.ImportRefused {
		return "Why it was not read"
	}
	return "What it says about " + l.Title()
}

// called says which of the fields are placeholders.
func (l ImportLine) placeholders() int {
	n := 0
	for _, f := range l.Fields {
		if f.Status == models.FieldPlaceholder {
			n++
		}
	}
	return n
}

// leaked counts the warnings of secrets that stood in the file.
func (l ImportLine) leaked() int {
	n := 0
	for _, w := range l.Warnings {
		if strings.HasPrefix(w.Message, "This looks like a secret") {
			n++
		}
	}
	return n
}

// further are the warnings that no field's note says already.
func (l ImportLine) further() []models.ImportWarning {
	said := map[string]bool{}
	for _, f := range l.Fields {
		said[f.Note] = true
	}
	var out []models.ImportWarning
	for _, w := range l.Warnings {
		if !said[w.Message] {
			out = append(out, w)
		}
	}
	return out
}

// systemLines say what taking in a system would change.
func (l ImportLine) systemLines() []string {
	d := l.System
	if d == nil {
		return nil
	}
	var out []string
	add := func(n int, one, many string) {
		if n == 1 {
			out = append(out, "1 "+one)
		} else if n > 1 {
			out = append(out, Count(n)+" "+many)
		}
	}
	add(len(d.New), "operation would be added", "operations would be added")
	add(len(d.Raised), "operation would count as reaching farther; what is signed is not moved", "operations would count as reaching farther; what is signed is not moved")
	add(len(d.Secrets), "reference to a secret would be added", "references to secrets would be added")
	add(len(d.Kept), "operation stays as the catalogue has it: the file says less", "operations stay as the catalogue has them: the file says less")
	add(len(d.Unnamed), "operation stays though the file does not name it", "operations stay though the file does not name them")
	add(len(d.Retired), "operation stays retired", "operations stay retired")
	add(len(d.Left), "name cannot be kept", "names cannot be kept")
	return out
}

func (p ImportListPage) href() string { return "/imports/" + p.ID }

func (p ImportListPage) title() string {
	if p.Total == 1 && len(p.Lines) == 1 {
		return "What “" + p.Lines[0].File + "” says"
	}
	return "What was found in " + p.Label
}

func (p ImportListPage) lead() string {
	if p.Total == 1 {
		return "Nothing is saved yet. A stranger wrote this: it is shown as text, and none of it is believed before you have looked."
	}
	return Count(p.Total) + " things were found. Nothing is saved before you choose and save it. Strangers wrote this: it is shown as text."
}

var importOutcomes = []models.Choice{{Value: models.ImportClean, Words: "Read"}, {Value: models.ImportWarned, Words: "Something to look at"}, {Value: models.ImportRefused, Words: "Refused"}}

var importPlans = []models.Choice{{Value: "new", Words: "New"}, {Value: "draft", Words: "Updates a draft"}, {Value: "registered", Words: "Differs from what is registered"},
	{Value: "choose", Words: "You have to choose"}, {Value: "same", Words: "Nothing differs"}, {Value: "none", Words: "Not yours to take in"}}

func importCounted(choices []models.Choice, n map[string]int) []Option {
	var out []Option
	for _, c := range choices {
		if n[c.Value] > 0 {
			out = append(out, Option{Value: c.Value, Label: c.Words + " (" + Count(n[c.Value]) + ")"})
		}
	}
	return out
}

// chips show which filters are on.
func (p ImportListPage) chips() []Chip {
	var out []Chip
	link := func(outcome, plan string) string {
		q := url.Values{}
		if outcome != "" {
			q.Set("outcome", outcome)
		}
		if plan != "" {
			q.Set("plan", plan)
		}
		if len(q) == 0 {
			return p.href()
		}
		return p.href() + "?" + q.Encode()
	}
	if p.Outcome != "" {
		out = append(out, Chip{models.WordsOf(importOutcomes, p.Outcome), link("", p.Plan)})
	}
	if p.Plan != "" {
		out = append(out, Chip{models.WordsOf(importPlans, p.Plan), link(p.Outcome, "")})
	}
	return out
}

func (p ImportListPage) filters() bool { return p.Total > 5 || p.Outcome != "" || p.Plan != "" }

// choosable says whether anything on the page can be chosen.
func (p ImportListPage) choosable() bool {
	if p.ChosenElsewhere > 0 || p.More {
		return true
	}
	for _, l := range p.Lines {
		if l.choosable() {
			return true
		}
	}
	return false
}

func (p ImportListPage) save() string {
	if p.Total == 1 {
		if len(p.Lines) == 1 && p.Lines[0].Kind == models.ImportSystem {
			return "Save it in the catalogue"
		}
		return "Save as a draft"
	}
	if p.ChosenElsewhere > 0 {
		return "Save the chosen ones, with " + Count(p.ChosenElsewhere) + " on other pages"
	}
	return "Save the chosen ones"
}

func (p ImportListPage) ask() string {
	text := "An administrator has to take in systems"
	if len(p.Ask) == 0 {
		return text + "."
	}
	return text + ": ask " + strings.Join(p.Ask, " or ") + "."
}

// ImportRowPage is everything that a file says of one thing.
type ImportRowPage struct {
	ListID, Label string
	Line          ImportLine
}

// ImportResultPage says what became of each row.
type ImportResultPage struct {
	ID, Label string
	Keys      FormKeys
	State     string // asked for, "" for all
	Lines     []ImportDone
	Next      string
	by        map[string]int
}

// ImportDone is a row and what became of it.
type ImportDone struct {
	No               int
	File, Name, Kind string
	State, Reason    string
	Subject          string
}

// Count adds rows of one state.
func (p *ImportResultPage) Count(state string, n int) {
	if p.by == nil {
		p.by = map[string]int{}
	}
	p.by[state] += n
}

var importStates = map[string]string{"waiting": "Left out", "queued": "Waits for its turn", "created": "Saved as new", "updated": "Updated", "same": "Nothing differed", "failed": "Not saved"}

var importStateChoices = []models.Choice{{Value: "failed", Words: "Not saved"}, {Value: "created", Words: "Saved as new"}, {Value: "updated", Words: "Updated"},
	{Value: "same", Words: "Nothing differed"}, {Value: "queued", Words: "Waits for its turn"}, {Value: "waiting", Words: "Left out"}}

// going says whether there is more to take in.
func (p ImportResultPage) going() bool { return p.by["queued"] > 0 }

func (p ImportResultPage) done() int {
	return p.by["created"] + p.by["updated"] + p.by["same"] + p.by["failed"]
}

// Title says how far it is.
func (p ImportResultPage) Title() string {
	switch {
	case p.going():
		return "Taking in what you chose"
	case p.by["failed"] > 0 && p.by["created"]+p.by["updated"] == 0:
		return "Nothing was saved"
	case p.by["failed"] > 0:
		return "Some were not saved"
	case p.done() == 0:
		return "Nothing is saved yet"
	}
	return "Saved"
}

func (p ImportResultPage) lead() string {
	var parts []string
	for _, c := range importStateChoices {
		if n := p.by[c.Value]; n > 0 {
			parts = append(parts, Count(n)+" "+lowerFirst(c.Words))
		}
	}
	return upperFirst(strings.Join(parts, ", ")) + "."
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (d ImportDone) href() string {
	switch {
	case d.Subject == "":
		return ""
	case d.Kind == models.ImportSystem:
		return "/systems/" + d.Subject
	}
	return "/agents/" + d.Subject
}

func (d ImportDone) tone() string {
	switch d.State {
	case "created", "updated":
		return ToneAccent
	case "failed":
		return ToneAmber
	}
	return ToneQuiet
}

// next is what the person does now.
func (d ImportDone) next() string {
	switch {
	case d.State == "failed":
		return d.Reason
	case d.State == "created" && d.Kind == models.ImportSystem:
		return "Check its operations."
	case d.State == "created":
		return "Fill in what the file does not say, then register it."
	case d.State == "updated" && d.Kind != models.ImportSystem:
		return "Look at its draft. A registered agent gets its next revision when you register it."
	}
	return ""
}

// importPart is all of it, or its beginning.
func importPart[T any](all []T, whole bool) []T {
	if whole {
		return all[:min(len(all), originsShown)]
	}
	return firstOf(all)
}

// importNames are names in a row, as far as a line goes.
func importNames(names []string) string {
	if more := len(names) - 20; more > 0 {
		return strings.Join(names[:20], ", ") + " and " + Count(more) + " more"
	}
	return strings.Join(names, ", ")
}

// importFirst is the address of the list's beginning under the same filters.
func importFirst(p ImportListPage) string {
	return p.href() + "?" + url.Values{"outcome": {p.Outcome}, "plan": {p.Plan}}.Encode()
}
