package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"countersign/models"
)

// ReviewRow is a review in a list.
type ReviewRow struct {
	Href, Title, Agent string
	Small              bool // of a change
	Version            int
	State              string // a word
	Tier               models.Tier
	Due, Closed        time.Time // Closed is zero while it is open
	Next               string    // what happens next, or what came of it
	Waits              string    // why it waits for the reader; "" for not
	Held               bool
}

// ReviewListPage is /reviews.
type ReviewListPage struct {
	Rows                     []ReviewRow
	State, Whose, Kind, Tier string // as in the address; "" for what it begins with
	Overdue                  bool
	Counts                   map[string]int
	First, Next              string
	Now                      time.Time
}

// Href is the list with these filters.
func (p ReviewListPage) Href(pairs ...string) string { return p.at("/reviews", pairs...) }

func (p ReviewListPage) export() string { return p.at("/reviews.csv") }

func (p ReviewListPage) at(path string, pairs ...string) string {
	late := ""
	if p.Overdue {
		late = "1"
	}
	return HrefWith(path, append([]string{"state", p.State, "whose", p.Whose, "kind", p.Kind, "tier", p.Tier, "overdue", late}, pairs...)...)
}

func (p ReviewListPage) tabs() []Tab {
	tab := func(label, state, whose string, n int) Tab {
		return Tab{Label: label, Href: HrefWith("/reviews", "state", state, "whose", whose), Active: p.State == state && p.Whose == whose, Count: n}
	}
	return []Tab{tab("Open", "", "", p.Counts[models.ReviewOpen]), tab("Yours to answer", "", "mine", p.Counts["mine"]), tab("Yours to close", "", "close", p.Counts["close"]),
		tab("Closed", models.ReviewClosed, "", 0), tab("Moot", models.ReviewMoot, "", 0)}
}

func (p ReviewListPage) lead() string {
	switch n := p.Counts["overdue"]; {
	case n == 1:
		return "What is in force is looked at again at the cadence of its tier. One review is overdue."
	case n > 1:
		return "What is in force is looked at again at the cadence of its tier. " + Count(n) + " reviews are overdue."
	}
	return "What is in force is looked at again at the cadence of its tier. None is overdue."
}

func (p ReviewListPage) chips() []Chip {
	var chips []Chip
	if p.Kind != "" {
		x := p
		x.Kind = ""
		chips = append(chips, Chip{"Kind: " + WordsOfReview(p.Kind), x.Href()})
	}
	if p.Tier != "" {
		x := p
		x.Tier = ""
		chips = append(chips, Chip{"Tier: " + p.Tier, x.Href()})
	}
	if p.Overdue {
		x := p
		x.Overdue = false
		chips = append(chips, Chip{"Overdue", x.Href()})
	}
	return chips
}

func (p ReviewListPage) clear() string {
	if len(p.chips()) > 1 {
		return HrefWith("/reviews", "state", p.State, "whose", p.Whose)
	}
	return ""
}

func (p ReviewListPage) keys() [][2]string {
	return [][2]string{{"state", p.State}, {"whose", p.Whose}}
}

func (p ReviewListPage) open() bool { return p.State == "" }

func (p ReviewListPage) empty() EmptyProps {
	switch {
	case len(p.chips()) > 0:
		return EmptyProps{Title: "No review is like that", Text: "None of the reviews that you may see fits the filter.", Href: HrefWith("/reviews", "state", p.State, "whose", p.Whose), Action: "Show them all"}
	case p.Whose == "mine":
		return EmptyProps{Title: "No review waits for your answer", Text: "When the review of something that you answer for is opened, it is shown here and among what waits for you."}
	case p.Whose == "close":
		return EmptyProps{Title: "No review waits to be closed by you", Text: "When the three who answer for something have answered, and you had no part in making it, it is shown here."}
	case !p.open():
		return EmptyProps{Title: "There is none yet", Text: "Reviews that are over are kept here, with what was found.", Href: "/reviews", Action: "Show the open ones"}
	}
	return EmptyProps{Title: "No review is open", Text: "A review is opened by itself some time before it is due. The matrix says when each task is reviewed next.", Href: "/matrix", Action: "Open the matrix"}
}

// WordsOfReview is a kind of review in words.
func WordsOfReview(kind string) string {
	if kind == models.ReviewOfChange {
		return "of a change"
	}
	return "periodic"
}

func (r ReviewRow) kind() string {
	if r.Small {
		return WordsOfReview(models.ReviewOfChange)
	}
	return WordsOfReview(models.ReviewPeriodic)
}

// ReviewPage is one review.
type ReviewPage struct {
	VersionTop
	Asked       string // what is asked, in one sentence
	Small       bool
	Word        string // its state
	Due         time.Time
	Consequence string // what happens if nobody does it; "" where it is over
	Held        bool
	Changes     []ReviewFact // of a small one: what it is about
	Facts       []ReviewFact // what happened since the last look
	Since       string       // since when, in words
	Use         ReviewUse
	Advice      []ReviewAdvice
	Answers     []ReviewSaid
	Forms       []ReviewForm
	Close       *ReviewClose
	WhyNot      string // why the reader cannot close it; "" where that goes without saying
	Ended       *ReviewEnd
}

// ReviewUse is what was used of what is granted, and what was refused.
type ReviewUse struct {
	Grants  []GrantUse
	Refused []ReviewFact
	Known   time.Time // up to when it is known; zero: no gateway asked yet
}

func (u ReviewUse) unused() (n int) {
	for _, g := range u.Grants {
		if g.Allowed == 0 {
			n++
		}
	}
	return n
}

func (u ReviewUse) sum() string {
	switch n := u.unused(); {
	case n == 0:
		return "Each of its " + Counted(len(u.Grants), "operation was", "operations was") + " used."
	case n == len(u.Grants):
		return "None of its " + Counted(n, "operation was", "operations was") + " used."
	case n == 1:
		return "1 of its " + Count(len(u.Grants)) + " operations was not used."
	default:
		return Count(n) + " of its " + Count(len(u.Grants)) + " operations were not used."
	}
}

// ReviewFact is a line of what is known.
type ReviewFact struct {
	Key  string
	Text string
	Href string
}

// ReviewAdvice is what the facts suggest, with the reason. It is chosen by nobody.
type ReviewAdvice struct{ What, Why string }

// ReviewSaid is what one of the three says, or that they have not yet.
type ReviewSaid struct {
	Role    string
	Asks    string
	Who     SeatPerson
	Says    string // "" while nobody has
	Note    string
	More    []string
	At      time.Time
	Waiting string // why nobody has
}

// ReviewForm is what one of the three is asked.
type ReviewForm struct {
	Action, ID string
	Title      string
	Keys       FormKeys
	Errors     Errors
	Refused    string
	Answer     Choices
	Unneeded   *Choices
	Stopped    *DateProps
	Never      *Choices
	Note       Field
}

// ReviewClose is the approver's form.
type ReviewClose struct {
	Action  string
	Keys    FormKeys
	Errors  Errors
	Refused string
	Decision
	Teams     *Choices
	Team      string
	Passkey   *PasskeyAsked
	Fresh     string
	Digest    string
	OnlyEnds  string // why it can only be revoked for now; "" where everything is open
	FreshWhen bool
}

func (c ReviewClose) attrs() templ.Attributes {
	if c.Passkey == nil || c.Passkey.None || c.Passkey.Not != "" {
		return nil
	}
	return c.Passkey.Attrs(models.ReviewKeep)
}

// ReviewEnd is how it ended.
type ReviewEnd struct {
	Outcome string
	Finding string
	By      SeatPerson
	At      time.Time
	How     string
	Then    string
	Draft   string // where it is narrowed; "" for nowhere
}

func (p ReviewPage) crumbsOf() []Crumb {
	return []Crumb{{"Reviews", "/reviews"}, {p.name(), "/capabilities/" + p.CapabilityID}, {p.kicker(), ""}}
}

func (p ReviewPage) kicker() string {
	if p.Small {
		return "Review of a change"
	}
	return "Review of version " + strconv.Itoa(p.No)
}

// CapabilityReviews is the tab of a capability.
type CapabilityReviews struct {
	CapabilityTop
	Rows     []ReviewRow
	Past     []ReviewRow
	Upcoming string // when the next one is opened, or why none is
}
