package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// DraftTop is what the pages of a version that is being made have in common.
type DraftTop struct {
	VersionID, CapabilityID, AgentID string
	Agent, Title                     string // the agent's name, the task's
	No                               int
	State                            models.State
	Now                              time.Time // at the reader's place
}

// At is the address of one of the version's pages.
func (d DraftTop) At(page string) string { return "/versions/" + d.VersionID + "/" + page }

func (d DraftTop) name() string { return or(d.Title, "A task without a name yet") }

func (d DraftTop) version() string { return "version " + strconv.Itoa(d.No) }

// crumbs lead here; last is the name of this page, "" for the task list itself.
func (d DraftTop) crumbs(last string) []Crumb {
	list := "Draft of " + d.version()
	if d.State != models.Draft {
		list = upperFirst(d.version())
	}
	way := []Crumb{{"Agents", "/agents"}, {d.Agent, "/agents/" + d.AgentID}, {d.name(), "/capabilities/" + d.CapabilityID}}
	if last == "" {
		return append(way, Crumb{list, ""})
	}
	if d.State == models.Draft {
		return append(way, Crumb{list, d.At("draft")}, Crumb{last, ""})
	}
	return append(way, Crumb{last, ""})
}

// DraftPage is the task list of a draft.
type DraftPage struct {
	DraftTop
	SentBack *DraftComment
	Sections []TaskSection
	Missing  []DraftGaps
	Tier     DraftTier
	Submit   bool   // nothing is missing and this person may submit
	Waits    string // who may submit, when it is not this person
	Withdraw bool
}

// DraftComment is what an approver wrote when sending a version back.
type DraftComment struct {
	Reason, Who, Team string
	At                time.Time
}

// DraftGaps are what keeps the draft from being submitted in one of its
// sections; Who says who can fill them where this person cannot.
type DraftGaps struct {
	Title, Who string
	Gaps       []DraftGap
}

// DraftGap is one of them; Href is empty where this person cannot fill it.
type DraftGap struct{ Text, Href string }

// DraftTier is the tier as of now, why, and what it asks. Lifetime is the
// scope's credential lifetime in minutes, 0 when not said.
type DraftTier struct {
	Tier     models.Tier
	Reasons  []models.Reason
	Ask      models.Ask
	Lifetime int
}

// TierOf is the tier of a document.
func TierOf(d models.Document) DraftTier {
	return DraftTier{Tier: d.Tier, Reasons: d.Reasons, Ask: d.Ask, Lifetime: d.Scope.LifetimeMinutes}
}

func (t DraftTier) lines() []Reason {
	out := make([]Reason, 0, len(t.Reasons))
	for _, r := range t.Reasons {
		out = append(out, Reason{Text: r.Text, Raises: string(r.Tier)})
	}
	return out
}

// asks says what the tier asks, a line each.
func (t DraftTier) asks() []string {
	approvers := plural(t.Ask.Approvers, "approver")
	if t.Ask.Apart {
		approvers += ", of different teams"
	}
	out := []string{approvers}
	if t.Tier == models.High || t.Tier == models.Critical {
		out = append(out, "A passkey's signature for each sign-off")
	} else if t.Ask.FreshSignIn {
		out = append(out, "A fresh sign-in for each sign-off")
	}
	return append(out, "A credential lives at most "+plural(t.Ask.LifetimeMinutes, "minute"), "A review every "+plural(t.Ask.ReviewDays, "day"))
}

// tooLong says that the lifetime as typed is more than the tier allows.
func (t DraftTier) tooLong() string {
	if t.Lifetime <= t.Ask.LifetimeMinutes {
		return ""
	}
	return fmt.Sprintf("The scope says that a credential lives %s. That is too long for this tier.", plural(t.Lifetime, "minute"))
}

// Mark tells one panel from another: what is the same is not drawn again, so
// that it is not read out again.
func (t DraftTier) Mark() string {
	text, err := models.Canonical(t)
	if err != nil {
		return ""
	}
	return models.Digest(text)[:16]
}

// DraftStale is what is in a part now, after somebody else saved it.
type DraftStale struct {
	Who  string
	At   time.Time
	Rows []SummaryRow
}

// DraftForm is what the forms of the three parts have in common. Where
// MayWrite is false the part is only read.
type DraftForm struct {
	DraftTop
	Keys     FormKeys
	Errors   Errors
	Refused  string // why nothing was saved, when no field is to blame
	Stale    *DraftStale
	MayWrite bool
	Writer   string       // who writes it, for everybody else
	Rows     []SummaryRow // what is there, for everybody else
	Comment  *DraftComment
}

// TaskAnswers are the answers of a task boundary. change is the address of its
// form, "" for people who cannot change it.
func TaskAnswers(t models.Task, change string) []SummaryRow {
	volume := ""
	if t.VolumeLimit > 0 {
		volume = Count(t.VolumeLimit)
	}
	rows := []SummaryRow{
		{Key: "Name", Value: t.Title, Change: change + "#title"},
		{Key: "What it does", Value: t.Task, Change: change + "#task"},
		{Key: "Acceptable outcomes", Value: t.Acceptable, Change: change + "#acceptable"},
		{Key: "What must never happen", Value: t.Forbidden, Change: change + "#forbidden"},
		{Key: "Highest sensitivity of its data", Value: models.WordsOf(models.Sensitivities, t.Sensitivity), Change: change + "#sensitivity"},
		{Key: "How much it does by itself", Value: models.WordsOf(models.Autonomies, t.Autonomy), Change: change + "#autonomy"},
		{Key: "When it may run", Value: or(t.Windows, "At any time"), Change: change + "#windows"},
		{Key: "Actions a day, at most", Value: volume, Change: change + "#volume_limit"},
		{Key: "First day", Value: or(dayText(t.StartOn), "As soon as it is signed"), Change: change + "#start_on"},
		{Key: "Last day", Value: dayText(t.EndOn), Change: change + "#end_on"},
	}
	return changeable(rows, change)
}

// ScopeAnswers are the answers of a scope, with what the catalogue says of its
// operations and secrets.
func ScopeAnswers(s models.Scope, facts []models.Fact, secrets map[string]models.SecretRef, change string) []SummaryRow {
	lifetime := ""
	if s.LifetimeMinutes > 0 {
		lifetime = plural(s.LifetimeMinutes, "minute")
	}
	var may []string
	for _, f := range facts {
		may = append(may, FactText(f))
	}
	return changeable([]SummaryRow{
		{Key: "What it may do", Values: may, Hole: "nothing chosen yet", Change: change + "#operations"},
		{Key: "A credential lives", Value: lifetime, Change: change + "#lifetime_minutes"},
		{Key: "Conditions", Value: or(s.Conditions, "None"), Change: change + "#conditions"},
		{Key: "Condition in Cedar", Value: or(s.When, "None"), Change: change + "#when"},
		{Key: "Standing secrets that it uses", Values: secretTexts(s.Secrets, secrets), Value: "None", Change: change + "#secrets"},
	}, change)
}

// OversightAnswers are the answers of an oversight plan.
func OversightAnswers(o models.Oversight, secrets map[string]models.SecretRef, change string) []SummaryRow {
	within := ""
	if o.StopWithinMinutes > 0 {
		within = plural(o.StopWithinMinutes, "minute")
	}
	return changeable([]SummaryRow{
		{Key: "Signals that are watched", Value: o.Signals, Change: change + "#signals"},
		{Key: "Where an alert goes", Value: o.AlertRoute, Change: change + "#alert_route"},
		{Key: "The control owner is alerted of", Values: alertsText(o.Thresholds()), Change: change + "#alert_denials"},
		{Key: "Who is told next", Values: o.Escalation, Change: change + "#escalation"},
		{Key: "When something is overdue", Values: pathSteps(o.Path), Value: "The path of the owner’s team, or the standard one", Change: change + "#path"},
		{Key: "How it is stopped", Value: o.StopHow, Change: change + "#stop_how"},
		{Key: "Who can stop it", Value: o.StopBy, Change: change + "#stop_by"},
		{Key: "It is stopped within", Value: within, Change: change + "#stop_within_minutes"},
		{Key: "Secrets that a stop rotates", Values: secretTexts(o.RotateSecrets, secrets), Value: "None", Change: change + "#rotate_secrets"},
	}, change)
}

func alertsText(a models.Alerts) []string {
	out := a.Words()
	for i := range out {
		out[i] = upperFirst(out[i])
	}
	if a.FirstUse == models.No {
		out = append(out, "Not of the first use of an operation")
	}
	return out
}

func changeable(rows []SummaryRow, change string) []SummaryRow {
	if change == "" {
		for i := range rows {
			rows[i].Change = ""
		}
	}
	return rows
}

// FactText is one operation of a scope as a sentence.
func FactText(f models.Fact) string {
	text := f.Title + " in " + f.System + " (" + factRisk(f) + ")"
	if len(f.Resources) > 0 {
		return text + ", only " + strings.Join(f.Resources, ", ")
	}
	return text + ", every resource"
}

// factRisk is what makes an operation more or less risky, in words.
func factRisk(f models.Fact) string {
	words := []string{models.WordsOf(models.Accesses, f.Access), f.Sensitivity + " data"}
	for _, e := range f.Effects {
		words = append(words, models.WordsOf(models.Effects, e))
	}
	return strings.Join(words, ", ")
}

func secretTexts(ids []string, known map[string]models.SecretRef) []string {
	var out []string
	for _, id := range ids {
		if s, ok := known[id]; ok {
			out = append(out, s.Name+" ("+s.Reference+")")
		}
	}
	return out
}

// dayText is a day such as "31 October 2027"; what is no day stays as it is.
func dayText(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("2 January 2006")
}

// DayValue is a stored day in the three inputs of a DateField.
func DayValue(day string) DateValue {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return DateValue{}
	}
	return DateValue{Day: strconv.Itoa(at.Day()), Month: strconv.Itoa(int(at.Month())), Year: strconv.Itoa(at.Year())}
}

// ChoicesOf are the options of a form for choices of the rules.
func ChoicesOf(choices []models.Choice, hints map[string]string) []Option {
	out := make([]Option, 0, len(choices))
	for _, c := range choices {
		out = append(out, Option{Value: c.Value, Label: c.Words, Hint: hints[c.Value]})
	}
	return out
}

// Hints beside the choices of the task boundary: what each means for whoever
// has to choose.
var (
	sensitivityHints = map[string]string{
		"public":       "Anybody may read it, such as a published price list.",
		"internal":     "For everybody who works here, such as a handbook.",
		"confidential": "For some of those who work here, such as contracts.",
		"restricted":   "Harm to people or the business if it gets out, such as health or payroll records.",
	}
	autonomyHints = map[string]string{
		"suggests": "It drafts an answer; a person sends it.",
		"asks":     "It waits for a person’s yes each time that it changes something.",
		"reports":  "It changes things, and a person sees afterwards what it did.",
		"alone":    "Nobody looks at single actions.",
	}
)
