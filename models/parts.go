package models

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The words that forms offer. Order is the order of risk, lowest first.
var (
	Sensitivities = []Choice{{"public", "Public"}, {"internal", "Internal"}, {"confidential", "Confidential"}, {"restricted", "Restricted"}}
	Autonomies    = []Choice{
		{"suggests", "Suggests, a person does it"},
		{"asks", "Asks before each action"},
		{"reports", "Acts, and reports afterwards"},
		{"alone", "Acts alone"},
	}
	Accesses = []Choice{{"list", "list"}, {"read", "read"}, {"write", "write"}, {"permissions", "change permissions"}, {"unknown", "unknown (counts as the highest)"}}
	Effects  = []Choice{
		{"outbound-payment", "pays out"}, {"modifies-infrastructure", "changes infrastructure"},
		{"sensitive-records", "touches sensitive records"}, {"irreversible", "cannot be undone"},
	}
	Environments = []Choice{{"development", "Development"}, {"test", "Test"}, {"staging", "Staging"}, {"production", "Production"}}
)

// Task is the body of the task boundary, the business owner's part.
type Task struct {
	Title       string `json:"title"`       // one line, at most 120 characters
	Task        string `json:"task"`        // what it does
	Acceptable  string `json:"acceptable"`  // outcomes that are acceptable
	Forbidden   string `json:"forbidden"`   // outcomes that are not
	Sensitivity string `json:"sensitivity"` // highest sensitivity of data that it handles
	Autonomy    string `json:"autonomy"`
	Windows     string `json:"windows"`      // when it may run, see ParseWindows; "" for always
	VolumeLimit int    `json:"volume_limit"` // actions a day at most; 0 for not said yet
	StartOn     string `json:"start_on"`     // 2006-01-02, not before; "" for at once
	EndOn       string `json:"end_on"`       // 2006-01-02, the last day
}

// Scope is the body of the provisioner's part.
type Scope struct {
	Grants          []ScopeGrant `json:"grants"`
	LifetimeMinutes int          `json:"lifetime_minutes"` // of each credential
	Conditions      string       `json:"conditions"`       // in words, such as "only tickets of the HR project"
	When            string       `json:"when,omitempty"`   // the same as one Cedar expression over context and resource; "" for none
	Secrets         []string     `json:"secrets"`          // ids of secret references that it uses
}

// ScopeGrant is one operation with the resources that it is limited to.
type ScopeGrant struct {
	OperationID string   `json:"operation_id"`
	Resources   []string `json:"resources"` // patterns; empty means every resource
}

// Oversight is the body of the control owner's part.
type Oversight struct {
	Signals           string   `json:"signals"`         // what is watched
	AlertRoute        string   `json:"alert_route"`     // where an alert goes
	Alerts            Alerts   `json:"alerts,omitzero"` // from when on there is one, see Thresholds
	Escalation        []string `json:"escalation"`      // who next, in order, in words
	Path              Path     `json:"path,omitempty"`  // the same for the clock; empty: the team's
	StopHow           string   `json:"stop_how"`
	StopBy            string   `json:"stop_by"` // who can do it, in words
	StopWithinMinutes int      `json:"stop_within_minutes"`
	RotateSecrets     []string `json:"rotate_secrets"` // ids of secret references that a stop rotates
}

// Limits of what is typed, in characters.
const (
	MaxName     = 200
	MaxTitle    = 120
	MaxText     = 4000
	MaxLine     = 400
	MaxGrants   = 500
	MaxPatterns = 50
)

// Contents is a version's three parts, parsed.
type Contents struct {
	Task      Task
	Scope     Scope
	Oversight Oversight
}

func parseBody[T any](body string) T {
	var v T
	if body != "" {
		// A body was written by us from this very type; what does not parse is an empty part, which is incomplete.
		_ = json.Unmarshal([]byte(body), &v)
	}
	return v
}

// text checks what a person typed: bounded, valid, without control characters
// and without marks that reverse the reading direction.
func (p *problems) text(field, value string, most int) {
	if most > 0 && utf8.RuneCountInString(value) > most {
		p.add(field, "Enter at most %d characters; this has %d.", most, utf8.RuneCountInString(value))
		return
	}
	if why := badText(value); why != "" {
		p.add(field, "%s", why)
	}
}

// needText is text that may not be empty.
func (p *problems) needText(field, value string, most int, what string) {
	if strings.TrimSpace(value) == "" {
		p.add(field, "Enter %s.", what)
		return
	}
	p.text(field, value, most)
}

func (p *problems) choice(field, value string, among []Choice, what string) {
	if value == "" {
		p.add(field, "Choose %s.", what)
	} else if !has(among, value) {
		p.add(field, "Choose %s from the list.", what)
	}
}

func badText(s string) string {
	if !utf8.ValidString(s) {
		return "This contains bytes that are not text. Type it again."
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
		case unicode.Is(unicode.Cc, r):
			return "This contains a control character. Remove it, or type the text again."
		case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C:
			return "This contains a hidden mark that changes the reading direction. Remove it, or type the text again."
		}
	}
	return ""
}

func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

const dateForm = "2006-01-02"

// Check is what is wrong with the task boundary as typed. An unfinished one is
// fine while complete is false; dates are then still dates.
func (t *Task) Check(now Instant, complete bool) error {
	t.Title, t.Task, t.Acceptable, t.Forbidden, t.Windows = oneLine(t.Title), tidy(t.Task), tidy(t.Acceptable), tidy(t.Forbidden), oneLine(t.Windows)
	var p problems
	if complete {
		p.needText("title", t.Title, MaxTitle, "a short name for the task")
		p.needText("task", t.Task, MaxText, "what the agent does")
		p.needText("acceptable", t.Acceptable, MaxText, "the outcomes that are acceptable")
		p.needText("forbidden", t.Forbidden, MaxText, "what must never happen")
		p.choice("sensitivity", t.Sensitivity, Sensitivities, "the highest sensitivity of the data")
		p.choice("autonomy", t.Autonomy, Autonomies, "how much it does by itself")
		if t.VolumeLimit <= 0 {
			p.add("volume_limit", "Enter the most actions that it may take in a day.")
		}
		if t.EndOn == "" {
			p.add("end_on", "Enter the last day on which it may run.")
		}
	} else {
		p.needText("title", t.Title, MaxTitle, "a short name for the task")
		p.text("task", t.Task, MaxText)
		p.text("acceptable", t.Acceptable, MaxText)
		p.text("forbidden", t.Forbidden, MaxText)
		if t.Sensitivity != "" {
			p.choice("sensitivity", t.Sensitivity, Sensitivities, "the highest sensitivity of the data")
		}
		if t.Autonomy != "" {
			p.choice("autonomy", t.Autonomy, Autonomies, "how much it does by itself")
		}
	}
	p.text("windows", t.Windows, MaxLine)
	if _, err := ParseWindows(t.Windows); err != nil {
		p.add("windows", "Write days, hours and a time zone, such as Mon-Fri 08:00-18:00 Europe/Zurich: %v.", err)
	}
	if t.VolumeLimit < 0 || t.VolumeLimit > 100_000_000 {
		p.add("volume_limit", "Enter a number between 1 and 100,000,000.")
	}
	start, okStart := p.date("start_on", t.StartOn)
	end, okEnd := p.date("end_on", t.EndOn)
	if okEnd && t.EndOn != "" {
		switch {
		case At(end.AddDate(0, 0, 1)) <= now:
			p.add("end_on", "The last day must not be in the past.")
		case end.After(now.Time().AddDate(3, 0, 0)):
			p.add("end_on", "The last day must be within three years from now.")
		case okStart && t.StartOn != "" && end.Before(start):
			p.add("end_on", "The last day must not be before the first day.")
		}
	}
	return p.err()
}

func (p *problems) date(field, value string) (time.Time, bool) {
	if value == "" {
		return time.Time{}, true
	}
	d, err := time.Parse(dateForm, value)
	if err != nil {
		p.add(field, "Enter a real date: a day, a month and a year.")
	}
	return d, err == nil
}

// Starts is the moment from which the version may be in force; 0 for at once.
func (t Task) Starts() Instant {
	d, err := time.Parse(dateForm, t.StartOn)
	if err != nil {
		return 0
	}
	return At(d)
}

// Ends is the moment after the last day (UTC).
func (t Task) Ends() Instant {
	d, err := time.Parse(dateForm, t.EndOn)
	if err != nil {
		return 0
	}
	return At(d.AddDate(0, 0, 1))
}

// Check is what is wrong with the scope as typed. The lifetime's upper bound
// depends on the tier and is checked at submission.
func (s *Scope) Check(complete bool) error {
	s.Conditions, s.When = tidy(s.Conditions), tidy(s.When)
	var p problems
	if len(s.Grants) > MaxGrants {
		p.add("operations", "Choose at most %d operations; ask for two capabilities where one needs more.", MaxGrants)
	}
	if complete && len(s.Grants) == 0 {
		p.add("operations", "Choose at least one operation.")
	}
	seen := map[string]bool{}
	for i := range s.Grants {
		g := &s.Grants[i]
		if seen[g.OperationID] {
			p.add("operations", "An operation is chosen twice.")
		}
		seen[g.OperationID] = true
		if len(g.Resources) > MaxPatterns {
			p.add("resources-"+g.OperationID, "Enter at most %d patterns.", MaxPatterns)
		}
		for j, r := range g.Resources {
			g.Resources[j] = oneLine(r)
			p.needText("resources-"+g.OperationID, g.Resources[j], MaxLine, "a resource, or remove the empty line")
		}
		if g.Resources == nil {
			g.Resources = []string{}
		}
	}
	if complete && s.LifetimeMinutes <= 0 {
		p.add("lifetime_minutes", "Enter how many minutes a credential lives.")
	}
	if s.LifetimeMinutes < 0 || s.LifetimeMinutes > 60 {
		p.add("lifetime_minutes", "Enter a number of minutes between 1 and 60.")
	}
	if len(s.Secrets) > 50 {
		p.add("secrets", "Choose at most 50 secrets.")
	}
	p.text("conditions", s.Conditions, MaxText)
	p.text("when", s.When, MaxText)
	return p.err()
}

// Check is what is wrong with the oversight plan as typed.
func (o *Oversight) Check(complete bool) error {
	o.Signals, o.AlertRoute, o.StopHow, o.StopBy = tidy(o.Signals), oneLine(o.AlertRoute), tidy(o.StopHow), oneLine(o.StopBy)
	var steps []string
	for _, s := range o.Escalation {
		if s = oneLine(s); s != "" {
			steps = append(steps, s)
		}
	}
	o.Escalation = steps
	var p problems
	if complete {
		p.needText("signals", o.Signals, MaxText, "what is watched")
		p.needText("alert_route", o.AlertRoute, MaxLine, "where an alert goes")
		p.needText("stop_how", o.StopHow, MaxText, "how it is stopped")
		p.needText("stop_by", o.StopBy, MaxLine, "who can stop it")
		if len(steps) == 0 {
			p.add("escalation", "Enter at least one step: who is told when nobody answers.")
		}
		if o.StopWithinMinutes <= 0 {
			p.add("stop_within_minutes", "Enter within how many minutes it is stopped.")
		}
	} else {
		p.text("signals", o.Signals, MaxText)
		p.text("alert_route", o.AlertRoute, MaxLine)
		p.text("stop_how", o.StopHow, MaxText)
		p.text("stop_by", o.StopBy, MaxLine)
	}
	if len(steps) > 10 {
		p.add("escalation", "Enter at most 10 steps.")
	}
	for _, s := range steps {
		p.text("escalation", s, MaxLine)
	}
	o.Alerts.check(&p, complete)
	o.Path.check(&p, "path")
	if o.StopWithinMinutes < 0 || o.StopWithinMinutes > 10_080 {
		p.add("stop_within_minutes", "Enter a number of minutes between 1 and 10,080 (a week).")
	}
	if len(o.RotateSecrets) > 50 {
		p.add("rotate_secrets", "Choose at most 50 secrets.")
	}
	return p.err()
}
