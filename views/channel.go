package views

import (
	"time"

	"countersign/models"
)

// ChannelsPage is how a person is told, for themselves.
type ChannelsPage struct {
	models.Party
	Mail, Digest bool // as chosen, or as typed
	Server       bool // a mail server is set up
	Post         PostState
	Hooks        HooksProps
	Calendar     *models.Calendar // nil for none
	Once         *ShownOnce
	Choose, Test FormKeys
	Make, Revoke FormKeys
	Morning      time.Time // when a digest would come next
	Errors       Errors
	Now          time.Time
}

// PostState is what became of mail lately, at the viewer's place.
type PostState struct {
	Delivered, Failed *time.Time
	Said              string
	Refused           bool
}

// HooksProps are hooks with the form that adds one.
type HooksProps struct {
	Base   string // the address beneath which they are: "/me/channels"
	Lines  []HookLine
	May    bool // the viewer may add, test and remove
	Styles []models.Choice
	Typed  models.EndpointForm
	Keys   FormKeys
	Errors Errors
	Now    time.Time
}

// HookLine is one hook.
type HookLine struct {
	models.Endpoint
	Style        string // in words
	Creator      string // "" where it goes without saying
	Last         *time.Time
	LastState    string
	Said         string
	Test, Remove FormKeys
}

// ShownOnce is a secret that is on the page this one time.
type ShownOnce struct{ Title, Text, Label, Value string }

// OrganisationPage is how the organisation is told, and how its mail goes.
type OrganisationPage struct {
	Host, From string // of the mail server; "" for none
	Demo       bool
	Post       PostState
	Hooks      HooksProps
	Once       *ShownOnce
	Test       FormKeys
	May        bool
	Errors     Errors
	Now        time.Time
}

func styleOptions(styles []models.Choice) (out []Option) {
	hints := map[string]string{
		"standard":  "Any receiver of your own. Each message is signed with a secret that you see once.",
		"slack":     "The URL of an incoming webhook.",
		"teams":     "The URL of a workflow that posts when a webhook request comes.",
		"pagerduty": "With the integration key of a service, below.",
	}
	for _, s := range styles {
		out = append(out, Option{Value: s.Value, Label: s.Words, Hint: hints[s.Value]})
	}
	return out
}

// hookState is the state of a hook in a word that StateBadge knows.
func (h HookLine) badge() string {
	switch {
	case h.Endpoint.State == models.EndpointGone:
		return "gone"
	case h.LastState == models.DeliveryGivenUp:
		return "given up"
	}
	return "active"
}

func (h HookLine) lastWords() string {
	switch h.LastState {
	case models.DeliveryDelivered:
		return "delivered"
	case models.DeliveryGivenUp:
		return "given up"
	case models.DeliveryWaiting, models.DeliveryInDigest:
		return "waits"
	}
	return "not sent"
}
