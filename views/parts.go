// Package views draws the pages. This file and the part_*.templ files are the
// parts that pages are made of; layout.templ is the frame round each page.
//
// # How a page is written
//
//	templ Agents(head PageHead, page AgentsPage) {
//		@Page(head) {
//			@Breadcrumbs([]Crumb{{"Home", "/"}, {"Agents", ""}})
//			@Title("Agents", "Every agent, and who answers for it")
//			…
//		}
//	}
//
// Rules: no inline script or style, no style= or on…= attributes, no hx-on, no
// templ script or css (the policy forbids them all, and a test looks). Every
// page works without JavaScript; hx-… attributes only make it quicker.
// What came from a stranger is text: never templ.Raw. templ drops the space
// between an expression and an if or for beside it: write { " " } there.
//
// # Index of the parts
//
// Frame
//
//	Page(PageHead) {…}                the document: top bar, nav, flash, main, footer
//	MainNav(active, waiting, admin)   the five entries of the main nav, as []NavItem
//	Title(title, lead)                the h1 with a sentence under it
//	Breadcrumbs([]Crumb)              the way here; the last one has no address
//	RecordHead(RecordProps) {…}       h1, state, tier, children = the one next act; Stop always last
//	Tabs([]Tab)                       tabs by address (a nav, no script)
//	Card(title) {…}                   a titled box; Card("") for an untitled one
//
// Marks (words first; the shape and colour only confirm)
//
//	StateBadge(state)                 draft, proposed, in review, approved, live, held, …
//	TierBadge(tier)                   low, moderate, high, critical
//	HoleMark(text)                    a visible gap; "" says "nobody yet"
//	Tag(text, tone)                   any other short word; tone: ToneNeutral …
//	PersonName(name, team, href)      people by name and team, never by id
//	When(at, now)                     "in 3 days (Thu 26 Nov, 17:00)", exact instant on hover
//	Due(at, now)                      When, red when overdue, amber when it is within two days
//	DigestMark(digest)                a short digest, whole on hover and to copy
//	WhenText(at, now), DateText(at, now)   the same as plain strings
//
// People and risk
//
//	FourStrip([]Seat)                 the four roles, who fills them, accepted/waiting/hole
//	ReasonList([]Reason)              why a tier is what it is, a line each
//	DiffSentences([]DiffLine)         "may now **delete** records in **CRM** (was: read)"
//	HistoryList([]HistoryItem, now)   what happened, newest first
//	DutyList([]Duty, now)             the home page's rows: what, why you, what changed, by when
//
// Forms (every one keeps what was typed; errors beside the field and in the summary)
//
//	Form(FormProps) {…}               form method=post with the hidden fields
//	Hidden(FormKeys)                  the hidden fields alone: csrf, act_id, digest, revision
//	ErrorSummary([]FieldError)        takes the focus and links to the fields; nothing when empty
//	TextField(Field), TextArea(Field)
//	Select(Choices), Radios(Choices), Checkboxes(Choices)
//	DateField(DateProps)              day, month, year as three inputs: name-day, name-month, name-year
//	ThreeChoices(Decision)            three choices of equal weight, none preselected, and the reason
//	Buttons() {…}, Button(ButtonProps)
//	StopButton(StopProps)             the red one, with its reason
//	Errors                            []FieldError with For(name): fill Field.Error from it
//	DateFrom(get, name)               reads a DateField back; DateValue.Date() checks it
//
// Lists
//
//	Table(TableProps) {rows}          turns into cards on a phone; cells carry their column's name
//	Cell(label) {…}, NumCell(label) {…}, HeadCell(label) {…}   HeadCell is the row's th
//	Column, SortHeader(SortProps)     Table draws its own head from []Column
//	FilterBar(FilterProps) {fields}   a GET form; Chips([]Chip, clearHref) beneath it
//	Pager(PagerProps)                 next and previous links of a keyset
//	EmptyState(EmptyProps)
//	SummaryList([]SummaryRow)         check your answers
//	TaskList([]TaskSection)           the sections of a long form
//
// Messages
//
//	Callout(kind, title) {…}          KindInfo, KindSuccess, KindWarning, KindDanger
//	Panel(title, text) {…}            the confirmation after an act
//	Receipt(ReceiptProps)             what was recorded, by whom, and what happens next
//	Progress(ProgressProps)
//
// Classes for what is between the parts: cs-stack (vertical rhythm), cs-grid
// (columns that wrap), cs-two (main column and side column), cs-row (a line that
// wraps), cs-card, cs-lead, cs-muted, cs-small, cs-num (tabular, right),
// cs-prose (long text), cs-quote (a stranger's text), cs-visually-hidden,
// cs-noprint. Tailwind utilities and daisyUI classes may be used as well; run
// `task generate` so that the stylesheet gets them.
//
// Attributes that static/app.js reads: data-focus (takes the focus when it
// appears), data-announce="…" (read out when it was swapped in), data-print (a
// button that prints), data-many (a form that may be sent more than once).
package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// PageHead is what the frame needs to know. Person is empty on pages that are
// seen before signing in; nav and sign-out are left out then.
type PageHead struct {
	Title   string // of this page alone; the product's name is added
	Section string // what comes between the two in the browser's title, e.g. the agent's name
	Person  string
	// PersonTeam is shown beside the name.
	PersonTeam string
	Nav        []NavItem // MainNav makes it
	CSRF       string
	Flash      *Flash // what the last act did; shown once
	DemoBanner bool
	Failed     bool // the form was sent back: "Error: " goes before the title
	Wide       bool // lists and matrices use the whole width
	// SignOut is where the sign-out form posts to; "" is /sign-out.
	SignOut string
}

// NavItem is one entry of the main nav. Count is shown when above zero.
type NavItem struct {
	Label, Href string
	Active      bool
	Count       int
}

// Flash says what the last act did. Kind is one of the Callout kinds.
type Flash struct{ Kind, Text string }

// MainNav is the main nav; active is one of the hrefs, or below one of them.
// waiting is the number beside "What waits for me"; Administration is for
// administrators only.
func MainNav(active string, waiting int, admin bool) []NavItem {
	items := []NavItem{
		{Label: "What waits for me", Href: "/", Count: waiting},
		{Label: "Agents", Href: "/agents"},
		{Label: "Matrix", Href: "/matrix"},
		{Label: "Systems", Href: "/systems"},
	}
	if admin {
		items = append(items, NavItem{Label: "Administration", Href: "/admin"})
	}
	for i, item := range items {
		items[i].Active = active == item.Href || (item.Href != "/" && strings.HasPrefix(active, item.Href+"/"))
	}
	return items
}

func (h PageHead) title() string {
	parts := []string{h.Title}
	if h.Section != "" && h.Section != h.Title {
		parts = append(parts, h.Section)
	}
	title := strings.Join(append(parts, "Countersign"), " – ")
	if h.Failed {
		return "Error: " + title
	}
	return title
}

func (h PageHead) signOut() string { return or(h.SignOut, "/sign-out") }

// htmxConfig: nothing evaluated, nothing styled inline, nothing kept in the
// browser's storage, nothing asked of another origin; a form that was sent back
// (422) is swapped in like any answer.
const htmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"allowScriptTags":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":true,"error":true}]}`

// Crumb is one step of the way here; the last has no Href.
type Crumb struct{ Label, Href string }

// Tab is one address of a record. Count is shown when above zero.
type Tab struct {
	Label, Href string
	Active      bool
	Count       int
}

// RecordProps is the head of a record's page. Kicker says what kind of thing it
// is ("Capability of Invoice agent"); State and Tier may be "".
type RecordProps struct {
	Kicker, Title, Lead string
	State               string
	Held                bool // adds "held" beside the state
	Tier                string
	Stop                *StopProps // nil when this person cannot stop it
}

// Tones of Tag and of the marks. Red is for stopped, overdue and irreversible
// only; amber for what is about to lapse.
const (
	ToneNeutral = "neutral"
	ToneQuiet   = "quiet"
	ToneAccent  = "accent"
	ToneSolid   = "solid"
	ToneAmber   = "amber"
	ToneRed     = "red"
)

type mark struct{ tone, shape string }

// states gives each state its tone and its shape, the same on every page.
var states = map[string]mark{
	"draft":             {ToneQuiet, "dashed"},
	"proposed":          {ToneNeutral, "ring"},
	"in review":         {ToneAccent, "half"},
	"approved":          {ToneAccent, "check"},
	"live":              {ToneSolid, "disc"},
	"held":              {ToneRed, "square"},
	"changes requested": {ToneNeutral, "back"},
	"rejected":          {ToneNeutral, "cross"},
	"withdrawn":         {ToneQuiet, "dash"},
	"superseded":        {ToneQuiet, "double"},
	"revoked":           {ToneRed, "cross"},
	"expired":           {ToneQuiet, "glass"},
	// Of agents, seats, duties and holds.
	"registered": {ToneAccent, "disc"},
	"retired":    {ToneQuiet, "dash"},
	"active":     {ToneAccent, "disc"},
	"inactive":   {ToneQuiet, "dash"},
	"accepted":   {ToneAccent, "check"},
	"signed":     {ToneAccent, "check"},
	"signed off": {ToneAccent, "check"},
	"waiting":    {ToneNeutral, "ring"},
	"declined":   {ToneNeutral, "cross"},
	"absent":     {ToneAmber, "dash"},
	"has left":   {ToneAmber, "dash"},
	"hole":       {ToneAmber, "dashed"},
	"open":       {ToneNeutral, "ring"},
	"done":       {ToneQuiet, "check"},
	"lifted":     {ToneQuiet, "check"},
	"due soon":   {ToneAmber, "glass"},
	"overdue":    {ToneRed, "glass"},
	"stopped":    {ToneRed, "square"},
}

// stateMark takes "in_review" and "In review" as well as "in review".
func stateMark(state string) mark {
	if m, ok := states[strings.ToLower(stateWord(state))]; ok {
		return m
	}
	return mark{ToneNeutral, "ring"}
}

func stateWord(state string) string { return strings.ReplaceAll(state, "_", " ") }

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// tierBars is how many of the four bars are filled; 0 for a tier not known yet.
func tierBars(tier string) int {
	switch strings.ToLower(tier) {
	case "low":
		return 1
	case "moderate":
		return 2
	case "high":
		return 3
	case "critical":
		return 4
	}
	return 0
}

func tierClass(tier string) string {
	if tierBars(tier) == 0 {
		return "cs-tier"
	}
	return "cs-tier cs-tier-" + strings.ToLower(tier)
}

// Marks of a seat.
const (
	SeatAccepted = "accepted"
	SeatWaiting  = "waiting"
	SeatDeclined = "declined"
	SeatSigned   = "signed"
	SeatAbsent   = "absent"
)

// Seat is one of the four roles. A seat without people is drawn as a hole;
// Missing adds that many holes more ("one more approver").
type Seat struct {
	Role    string // "Business owner", "Provisioner", "Control owner", "Approvers"
	Answers string // what the role answers for, in a few words; may be ""
	People  []SeatPerson
	Missing int
	Hole    string // what the hole says; "" is "nobody yet"
}

// SeatPerson is who fills it. Note is a short sentence: "signed on Thu 26 Nov".
type SeatPerson struct {
	Name, Team, Href string
	Mark             string // SeatAccepted …
	Note             string
	You              bool
}

// class draws a hole before what only waits.
func (s Seat) class() string {
	if len(s.holes()) > 0 {
		return "cs-seat-hole"
	}
	for _, p := range s.People {
		if p.Mark != SeatAccepted && p.Mark != SeatSigned {
			return "cs-seat-waiting"
		}
	}
	return ""
}

func (s Seat) holes() []int {
	n := s.Missing
	if len(s.People) == 0 && n == 0 {
		n = 1
	}
	return make([]int, n)
}

// Reason is one line of why. Raises is the tier that this line asks for; Met
// draws a tick instead of a bullet (what is still needed and what is done).
type Reason struct {
	Text   string
	Raises string
	Met    *bool
}

// Met and Unmet are for Reason.Met.
func Met(yes bool) *bool { return &yes }

// Piece is a run of text in a sentence.
type Piece struct {
	Text   string
	Strong bool
}

// Plain and Strong make the pieces of a sentence.
func Plain(text string) Piece  { return Piece{Text: text} }
func Strong(text string) Piece { return Piece{Text: text, Strong: true} }

// Sentence puts pieces in a row.
func Sentence(pieces ...Piece) []Piece { return pieces }

// Kinds of a DiffLine.
const (
	DiffAdded   = "added"
	DiffRemoved = "removed"
	DiffChanged = "changed"
	DiffSame    = "same"
)

// DiffLine is one change as a sentence. Was is what it was before ("" when
// nothing was); Wider marks a change that lets the agent do more.
type DiffLine struct {
	Kind     string
	Sentence []Piece
	Was      string
	Wider    bool
}

func (d DiffLine) word() string {
	switch d.Kind {
	case DiffAdded:
		return "New"
	case DiffRemoved:
		return "Gone"
	case DiffSame:
		return "Unchanged"
	}
	return "Changed"
}

// HistoryItem is one thing that happened.
type HistoryItem struct {
	At        time.Time
	Who, Team string
	What      string // "signed off version 3"
	Reason    string // in the person's own words
	State     string // the state it led to; may be ""
	Href      string // its own page or ledger entry
	HrefLabel string // "" is "Details"
}

// Duty is one row of the home page. Due zero means no due time.
type Duty struct {
	ID      string // the row's id in the page, for swaps
	Title   string // "Sign off version 3 of Pay supplier invoices"
	Href    string
	Agent   string
	Why     string // why it is yours
	Changed string // what changed
	Others  string // who else may
	Lapse   string // what happens if nobody does
	Tier    string
	Due     time.Time
}

// FieldError belongs to the field with that id (its name, unless it says
// otherwise). Field "" is about the whole form.
type FieldError struct{ Field, Message string }

// Errors are the errors of one form.
type Errors []FieldError

// For is the first message of a field, "" when it has none.
func (e Errors) For(field string) string {
	for _, err := range e {
		if err.Field == field {
			return err.Message
		}
	}
	return ""
}

// FormKeys are the hidden fields. CSRF goes as "csrf", ActID as "act_id" (the
// same form twice gives the first one's receipt), Digest as "digest" (what the
// person was shown), Revision as "revision". Empty ones are left out. More are
// name and value.
type FormKeys struct {
	CSRF, ActID, Digest, Revision string
	More                          [][2]string
}

// FormProps is a form that posts. Attrs may hold hx-post, hx-target and so on.
type FormProps struct {
	Action string
	ID     string
	Keys   FormKeys
	Attrs  templ.Attributes
}

// Field is a text input or a text area. ID is Name unless set. A field that is
// not Required says "(optional)".
type Field struct {
	ID, Name, Label string
	Hint, Error     string
	Value           string
	Required        bool
	Type            string // text (when ""), email, url, number, password, search
	InputMode       string
	Autocomplete    string
	Width           string // "short", "medium", or "" for the full measure
	Prefix, Suffix  string // units, beside the input
	Max             int    // characters; said in the hint and set as a soft limit
	Rows            int    // of a text area; 0 is 5
	Quiet           bool   // label for screen readers only (filter bars)
	Spellcheck      bool
	Attrs           templ.Attributes
}

func (f Field) id() string { return or(f.ID, f.Name) }

func (f Field) describedBy() string {
	return describedBy(f.id(), f.Hint, f.Error, f.Max > 0)
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(f.Rows)
}

func (f Field) inputClass() string {
	class := "input cs-input"
	if f.Width != "" {
		class += " cs-input-" + f.Width
	}
	if f.Error != "" {
		class += " cs-input-error"
	}
	return class
}

// spellcheck keeps names, addresses and patterns from being underlined, and
// from being sent to a browser's spelling service.
func (f Field) spellcheck() string { return strconv.FormatBool(f.Spellcheck) }

// Option is one choice. A disabled one says why in Hint.
type Option struct {
	Value, Label, Hint string
	Disabled           bool
}

// Choices is a select, a set of radios (Value) or of checkboxes (Values). The
// first input carries the group's id, so that an error can link to it.
type Choices struct {
	ID, Name, Label string
	Hint, Error     string
	Value           string
	Values          []string
	Options         []Option
	Required        bool
	Blank           string // a select's first, empty choice; "" leaves it out
	Inline          bool   // radios and checkboxes in a line
	Quiet           bool   // label for screen readers only (filter bars)
	Attrs           templ.Attributes
}

func (c Choices) id() string { return or(c.ID, c.Name) }

func (c Choices) optionID(i int) string {
	if i == 0 {
		return c.id()
	}
	return c.id() + "-" + strconv.Itoa(i+1)
}

func (c Choices) describedBy() string { return describedBy(c.id(), c.Hint, c.Error, false) }

func (c Choices) chosen(value string) bool {
	if c.Value != "" && c.Value == value {
		return true
	}
	for _, v := range c.Values {
		if v == value {
			return true
		}
	}
	return false
}

// DateValue is a date as typed, right or wrong. Clock ("15:04") is asked for
// when DateProps.AskTime is set.
type DateValue struct{ Day, Month, Year, Clock string }

// DateFrom reads a DateField back: get is the form's look-up.
func DateFrom(get func(string) string, name string) DateValue {
	read := func(part string) string { return strings.TrimSpace(get(name + "-" + part)) }
	return DateValue{Day: read("day"), Month: read("month"), Year: read("year"), Clock: read("time")}
}

// DateOf is the value of an instant in its own location; zero gives empty fields.
func DateOf(at time.Time) DateValue {
	if at.IsZero() {
		return DateValue{}
	}
	return DateValue{
		Day: strconv.Itoa(at.Day()), Month: strconv.Itoa(int(at.Month())), Year: strconv.Itoa(at.Year()),
		Clock: at.Format("15:04"),
	}
}

// Empty reports whether nothing was typed.
func (d DateValue) Empty() bool { return d.Day == "" && d.Month == "" && d.Year == "" }

// Date is the instant, at midnight when no time was typed; ok is false when
// there is no such date or time.
func (d DateValue) Date(in *time.Location) (at time.Time, ok bool) {
	day, err1 := strconv.Atoi(d.Day)
	month, err2 := strconv.Atoi(d.Month)
	year, err3 := strconv.Atoi(d.Year)
	if err1 != nil || err2 != nil || err3 != nil || year < 1000 || year > 9999 {
		return time.Time{}, false
	}
	var hour, minute int
	if d.Clock != "" {
		clock, err := time.Parse("15:04", d.Clock)
		if err != nil {
			return time.Time{}, false
		}
		hour, minute = clock.Hour(), clock.Minute()
	}
	at = time.Date(year, time.Month(month), day, hour, minute, 0, 0, in)
	if at.Day() != day || int(at.Month()) != month {
		return time.Time{}, false
	}
	return at, true
}

// DateProps is a date in three inputs: a date picker loses what was typed wrong.
type DateProps struct {
	ID, Name, Label string
	Hint, Error     string
	Value           DateValue
	Required        bool
	AskTime         bool
	Zone            string // said beside the time: "UTC"
}

func (d DateProps) id() string          { return or(d.ID, d.Name) }
func (d DateProps) describedBy() string { return describedBy(d.id(), d.Hint, d.Error, false) }

// Decision asks for one of three answers. Chosen is only for redrawing what the
// person sent; it stays "" on the first sight.
type Decision struct {
	Legend      string // what is asked, in one sentence
	Name        string // "" is "decision"
	Choices     [3]Option
	Chosen      string
	Error       string
	ReasonLabel string // "" is "Why?"
	ReasonHint  string
	Reason      string // as typed
	ReasonError string
	ReasonMax   int
}

func (d Decision) name() string { return or(d.Name, "decision") }

func (d Decision) optionID(i int) string {
	if i == 0 {
		return d.name()
	}
	return d.name() + "-" + strconv.Itoa(i+1)
}

// Kinds of buttons. Secondary is the default; a page has one primary.
const (
	ButtonPrimary   = "primary"
	ButtonSecondary = "secondary"
	ButtonQuiet     = "quiet"
	ButtonDanger    = "danger"
)

// ButtonProps is a submit button, or a link that looks like one when Href is set.
type ButtonProps struct {
	Label       string
	Kind        string
	Href        string
	Name, Value string
	Small       bool
	Attrs       templ.Attributes
}

func (b ButtonProps) class() string {
	class := "btn cs-btn"
	switch b.Kind {
	case ButtonPrimary:
		class += " btn-primary"
	case ButtonQuiet:
		class += " cs-btn-quiet"
	case ButtonDanger:
		class += " btn-error"
	default:
		class += " cs-btn-secondary"
	}
	if b.Small {
		class += " btn-sm"
	}
	return class
}

// StopProps is the stop. With Href it leads to a page; else it opens a form
// that posts "reason" to Action. It is always the last thing of RecordHead.
type StopProps struct {
	Label  string // "" is "Stop"
	What   string // "Invoice agent": "Stop Invoice agent"
	Effect string // what happens at once, and how it starts again
	Href   string
	Action string
	Keys   FormKeys
	Target Choices // what is stopped, where there is a choice; none without options
	Reason string  // as typed, when redrawn
	Error  string  // of the reason; opens the form
}

func (s StopProps) label() string {
	label := or(s.Label, "Stop")
	if s.What == "" {
		return label
	}
	return label + " " + s.What
}

// Statuses of a task.
const (
	TaskNotStarted  = "Not started"
	TaskInProgress  = "In progress"
	TaskComplete    = "Complete"
	TaskCannotStart = "Cannot start yet"
	TaskProblem     = "Has a problem"
)

// TaskSection groups the tasks of a long form.
type TaskSection struct {
	Title string
	Tasks []Task
}

// Task is one short step. TaskCannotStart draws no link; Hint says why.
type Task struct {
	Title, Href, Hint, Status string
	Who                       string // whose part it is, when not yours
}

func (t Task) tone() string {
	switch t.Status {
	case TaskComplete:
		return ToneQuiet
	case TaskInProgress:
		return ToneAccent
	case TaskProblem:
		return ToneAmber
	}
	return ToneNeutral
}

func (t Task) id() string { return "task-" + slug(t.Title) }

// SummaryRow is one answer. Values are drawn as a list; Body wins over both;
// Hole is drawn when there is no answer.
type SummaryRow struct {
	Key         string
	Value       string
	Values      []string
	Body        templ.Component
	Hole        string
	Change      string // the address that changes it
	ChangeLabel string // "" is "Change"
}

// ReceiptProps is what was recorded. Digest and Entry may be empty.
type ReceiptProps struct {
	Title     string // "You signed off version 3"
	What      string
	By, Team  string
	At, Now   time.Time
	Method    string // "passkey", "session", "fresh sign-in"
	Digest    string
	Entry     string // the ledger entry's number
	EntryHref string
	Next      []string // what happens next, by whom, by when
	Links     []Crumb
	Again     bool // the same form was sent before: this is the first one's receipt
}

// Column is one column of a Table. Sort makes it a link; Direction is how it is
// sorted now.
type Column struct {
	Label     string
	Num       bool
	Sort      string // the address that sorts by it
	Direction string // SortUp, SortDown or ""
	Hidden    bool   // label for screen readers only (a column of actions)
}

// Directions of a sorted column.
const (
	SortUp   = "ascending"
	SortDown = "descending"
)

// SortProps is a column's head outside of Table.
type SortProps = Column

// TableProps is a table. Caption is needed; Quiet hides it from sight.
type TableProps struct {
	Caption string
	Quiet   bool
	Columns []Column
	Dense   bool
	Sticky  bool // the head stays in sight
	ID      string
}

func (t TableProps) class() string {
	class := "cs-table"
	if t.Dense {
		class += " cs-table-dense"
	}
	if t.Sticky {
		class += " cs-table-sticky"
	}
	return class
}

// FilterProps is a filter form; it asks by GET, so its answer has an address.
type FilterProps struct {
	Action string
	Label  string // "" is "Filter"
	Keys   [][2]string
	Attrs  templ.Attributes
}

// Chip is one filter that is on; Remove is the address without it.
type Chip struct{ Label, Remove string }

// PagerProps are the neighbours in a keyset; "" when there is none. Total below
// zero is unknown.
type PagerProps struct {
	Previous, Next string
	Shown, Total   int
	Noun           string // plural: "agents"
}

func (p PagerProps) text() string {
	noun := or(p.Noun, "rows")
	if p.Total < 0 {
		return Count(p.Shown) + " " + noun + " on this page"
	}
	return Count(p.Shown) + " of " + Count(p.Total) + " " + noun
}

// EmptyProps is an empty list: what it means, and what to do.
type EmptyProps struct {
	Title, Text  string
	Href, Action string
}

// ProgressProps is how far something is.
type ProgressProps struct {
	Label      string
	Value, Max int
	Text       string // "" is "3 of 4"
}

func (p ProgressProps) text() string {
	if p.Text != "" {
		return p.Text
	}
	return Count(p.Value) + " of " + Count(p.Max)
}

// Kinds of Callout and Flash.
const (
	KindInfo    = "info"
	KindSuccess = "success"
	KindWarning = "warning"
	KindDanger  = "danger"
)

// kindWord is read out before a callout's title, so that the colour is not alone.
func kindWord(kind string) string {
	switch kind {
	case KindSuccess:
		return "Done"
	case KindWarning:
		return "Take care"
	case KindDanger:
		return "Important"
	}
	return "Note"
}

func kindClass(kind string) string {
	switch kind {
	case KindSuccess, KindWarning, KindDanger:
		return "cs-callout cs-callout-" + kind
	}
	return "cs-callout cs-callout-info"
}

// Count writes a number in groups of three: 12,345.
func Count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// ShortDigest is the beginning of a digest, enough to compare by eye.
func ShortDigest(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	if len(digest) > 12 {
		return digest[:12]
	}
	return digest
}

// WhenText is an instant as people say it: "in 3 days (Thu 26 Nov, 17:00)". It
// is told in at's own location.
func WhenText(at, now time.Time) string {
	if at.IsZero() {
		return "not set"
	}
	return relative(at, now) + " (" + DateText(at, now) + ")"
}

// DateText is "Thu 26 Nov, 17:00", with the year when it is not this one.
func DateText(at, now time.Time) string {
	layout := "Mon 2 Jan, 15:04"
	if at.Year() != now.In(at.Location()).Year() {
		layout = "Mon 2 Jan 2006, 15:04"
	}
	return at.Format(layout)
}

func relative(at, now time.Time) string {
	gap := at.Sub(now)
	past := gap < 0
	if past {
		gap = -gap
	}
	var n int
	var unit string
	switch {
	case gap < time.Minute:
		return "now"
	case gap < 90*time.Minute:
		n, unit = int(gap.Round(time.Minute)/time.Minute), "minute"
	case gap < 36*time.Hour:
		n, unit = int(gap.Round(time.Hour)/time.Hour), "hour"
	case gap < 60*24*time.Hour:
		n, unit = days(at, now), "day"
	case gap < 700*24*time.Hour:
		n, unit = int(gap/(24*time.Hour)/30), "month"
	default:
		n, unit = int(gap/(24*time.Hour)/365), "year"
	}
	text := plural(n, unit)
	if past {
		return text + " ago"
	}
	return "in " + text
}

// days counts calendar days in at's location, so that "in 3 days" on Monday is
// Thursday at whatever hour.
func days(at, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	gap := midnight(at).Sub(midnight(now.In(at.Location()))) / (24 * time.Hour)
	if gap < 0 {
		gap = -gap
	}
	return int(gap)
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

func exact(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// dueClass: red once it is past, amber within two days of it.
func dueClass(at, now time.Time) string {
	switch {
	case at.IsZero():
		return "cs-due"
	case at.Before(now):
		return "cs-due cs-due-over"
	case at.Sub(now) <= 48*time.Hour:
		return "cs-due cs-due-soon"
	}
	return "cs-due"
}

func describedBy(id, hint, message string, count bool) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if count {
		ids = append(ids, id+"-count")
	}
	if message != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

func limitText(limit int) string {
	return fmt.Sprintf("Up to %s characters", Count(limit))
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// slug makes an id's word of a title.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

func timeLabel(zone string) string {
	if zone == "" {
		return "Time"
	}
	return "Time (" + zone + ")"
}

func dateInputMode(part string) string {
	if part == "time" {
		return "text"
	}
	return "numeric"
}
