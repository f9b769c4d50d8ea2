package views

import (
	"net/url"
	"strings"
	"time"

	"countersign/models"
)

// NoticeLine is one line of the register.
type NoticeLine struct {
	ID, OutboxID   string
	Kind           string // in words
	Whom, WhomHref string
	Where          string // "mail", "hook (Slack of the team)"
	Address        string
	State, Why     string
	Tries          int
	At             time.Time
	Ended, Next    *time.Time
	Agent, AgentID string
	AllTries       []NoticeTry
	Retry          *FormKeys // nil where it cannot be tried again
}

// NoticeTry is one attempt.
type NoticeTry struct {
	No            int
	At            time.Time
	Outcome, Said string
}

// NoticesPage is a page of the register.
type NoticesPage struct {
	Lines   []NoticeLine
	Query   url.Values // the filters, no cursor
	After   bool       // it is not the first page
	Next    string     // the cursor of the next page, or ""
	Kinds   []string
	Counts  map[string]int
	Person  string // the name of the filter's person
	NoMail  bool   // no mail server is set up
	Demo    bool
	Errors  Errors
	Now     time.Time
	CountTo int // where counting stopped
}

// Link is the address with some parameters changed; "" takes one off.
func (p NoticesPage) Link(changes ...string) string {
	return matrixLink("/admin/notices", p.Query, changes...)
}

func (p NoticesPage) kinds() (out []Option) {
	for _, k := range p.Kinds {
		out = append(out, Option{Value: k, Label: upperFirst(NoticeKind(k))})
	}
	return out
}

func (p NoticesPage) chips() (chips []Chip) {
	add := func(key, label string) {
		if p.Query.Get(key) != "" {
			chips = append(chips, Chip{Label: label, Remove: p.Link(key, "")})
		}
	}
	add("state", "State: "+models.WordsOf(DeliveryStates, p.Query.Get("state")))
	add("channel", "By "+models.WordsOf(DeliveryChannels, p.Query.Get("channel")))
	add("kind", "About: "+NoticeKind(p.Query.Get("kind")))
	add("who", "To: “"+p.Query.Get("who")+"”")
	add("person", "To "+or(p.Person, "somebody who is not known here"))
	add("from", "From "+p.Query.Get("from"))
	add("to", "Up to "+p.Query.Get("to"))
	return chips
}

func (p NoticesPage) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Lines), Total: -1, Noun: "lines"}
	if p.After {
		turn.Previous = p.Link()
	}
	if p.Next != "" {
		turn.Next = p.Link("after", p.Next)
	}
	return turn
}

func (p NoticesPage) count(state string) string {
	n := p.Counts[state]
	if n >= p.CountTo {
		return Count(p.CountTo) + " or more"
	}
	return Count(n)
}

// NoticePage is one notice with everything that became of it.
type NoticePage struct {
	Kind   string // in words
	To     string // whom it was meant for
	Actor  string
	At     time.Time
	Sent   *time.Time // given to the channels
	Urgent bool
	Agent  string
	Lines  []NoticeLine
	Errors Errors
	Now    time.Time
}

// MyNoticesPage is what a person was sent.
type MyNoticesPage struct {
	models.Party
	Lines []NoticeLine
	After bool
	Next  string // the address of the next page, or ""
	Now   time.Time
}

// DeliveryStates and DeliveryChannels in words.
var (
	DeliveryStates = []models.Choice{
		{Value: models.DeliveryWaiting, Words: "waits to be sent"}, {Value: models.DeliveryInDigest, Words: "in the day’s message"},
		{Value: models.DeliveryDelivered, Words: "delivered"}, {Value: models.DeliveryGivenUp, Words: "given up"}, {Value: models.DeliveryNone, Words: "not sent"},
	}
	DeliveryChannels = []models.Choice{{Value: models.ByMail, Words: "mail"}, {Value: models.ByWebhook, Words: "hook"}, {Value: models.ByPage, Words: "page only"}}
)

func choicesOf(list []models.Choice) (out []Option) {
	for _, c := range list {
		out = append(out, Option{Value: c.Value, Label: upperFirst(c.Words)})
	}
	return out
}

// deliveryBadge is a state in a word that StateBadge draws.
func deliveryBadge(state string) string {
	switch state {
	case models.DeliveryInDigest:
		return "in the day’s message"
	case models.DeliveryNone:
		return "not sent"
	}
	return state
}

func outcomeWord(outcome string) string {
	switch outcome {
	case "delivered":
		return "Delivered"
	case "refused":
		return "Refused for good"
	}
	return "Not this time"
}

// NoticeKind is a kind of notice in words.
func NoticeKind(kind string) string {
	if words, ok := noticeKinds[kind]; ok {
		return words
	}
	if duty, ok := strings.CutPrefix(kind, "duty."); ok {
		if words := DutyKind(duty); words != "" {
			return "asked to " + words
		}
	}
	return strings.NewReplacer(".", " ", "_", " ").Replace(kind)
}

var noticeKinds = map[string]string{
	models.StepReminder:         "reminder",
	models.StepEscalation:       "escalation",
	models.NoticeDigest:         "the day’s message",
	models.NoticeTest:           "test",
	models.NoticeHookGone:       "a hook is gone",
	models.NoticeHookChanged:    "a hook of the organisation",
	models.NoticeDrill:          "drill",
	models.NoticeAlert:          "alert",
	models.NoticeAlertLater:     "alert that may wait",
	models.NoticeAlerts:         "alerts of many tasks",
	models.NoticeAlertsNote:     "alerts of many tasks that may wait",
	"drill.missed":              "missed drill",
	"stop.placed":               "stop",
	"broad_stop.placed":         "broad stop",
	"broad_stop.lifted":         "broad stop lifted",
	"version.live":              "version in force",
	"version.approved":          "version approved",
	"version.rejected":          "version refused",
	"version.withdrawn":         "version withdrawn",
	"version.superseded":        "version superseded",
	"version.revoked":           "version revoked",
	"version.expired":           "version expired",
	"person.left":               "somebody left",
	"comment.added":             "comment",
	"delegation.given":          "asked to stand in",
	"delegation.ended":          "stand-in ended",
	"delegation.declined":       "stand-in declined",
	"emergency.opened":          "emergency opened",
	"emergency.ended":           "emergency ended",
	"emergency.reviewed":        "emergency reviewed",
	"passkey.added":             "passkey added",
	"passkey.removed":           "passkey removed",
	"catalogue.changed":         "catalogue changed",
	"catalogue.tier_would_rise": "a tier would rise",
	"review.missed":             "missed review",
	"review.closed":             "review closed",
	"mandate.renewed":           "renewed",
}
