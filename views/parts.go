// Package views draws the pages. This file is the index of the parts that pages
// are made of, part_*.templ and part_*.go; layout.templ is the frame round them.
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
//	MainNav(active, waiting, decisions, stops, auditor, admin)  the entries of the main nav, as []NavItem
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
