package notify

import (
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"countersign/models"
)

// Endpoint is where one webhook goes. URL and Secret are both secrets: whoever
// knows a chat's URL can write there.
type Endpoint struct {
	URL    string
	Secret string // Standard: whsec_ and base64; PagerDuty: the routing key; chats: ""
	Style  string
}

// Styles of a webhook's body.
const (
	StyleStandard  = "standard"
	StyleSlack     = "slack"
	StyleTeams     = "teams"
	StylePagerDuty = "pagerduty"
)

// Styles as a form offers them.
var Styles = []models.Choice{
	{Value: StyleStandard, Words: "Signed JSON (Standard Webhooks)"},
	{Value: StyleSlack, Words: "Slack"},
	{Value: StyleTeams, Words: "Microsoft Teams"},
	{Value: StylePagerDuty, Words: "PagerDuty"},
}

// Check says what is wrong with an endpoint that was typed, beside which field
// ("url", "style", "secret"); none for nothing.
func (e Endpoint) Check(allow Allow) []models.FieldError {
	var out []models.FieldError
	if err := CheckURL(e.URL, allow); err != nil {
		out = append(out, models.FieldError{Field: "url", Message: err.Error()})
	}
	switch e.Style {
	case StyleStandard:
		if _, ok := signer(e.Secret); !ok {
			out = append(out, models.FieldError{Field: "secret", Message: "The secret begins with whsec_, followed by 24 to 64 bytes as base64."})
		}
	case StylePagerDuty:
		if !routingKey.MatchString(e.Secret) {
			out = append(out, models.FieldError{Field: "secret", Message: "Enter the integration key of an “Events API v2” integration: 32 letters and digits."})
		}
	case StyleSlack, StyleTeams:
		if e.Secret != "" {
			out = append(out, models.FieldError{Field: "secret", Message: "Leave the secret empty: the URL itself is the secret."})
		}
	default:
		out = append(out, models.FieldError{Field: "style", Message: "Choose what the receiver is."})
	}
	return out
}

// CheckEndpoint is Check as a rule asks for it (models.CheckEndpoint): the host, which
// may be shown, and what is wrong beside which field.
func CheckEndpoint(allow Allow) func(style, url, secret string) (host string, wrong []models.FieldError) {
	return func(style, typed, secret string) (string, []models.FieldError) {
		e := Endpoint{URL: typed, Secret: secret, Style: style}
		wrong := e.Check(allow)
		if len(wrong) > 0 {
			return "", wrong
		}
		u, err := parseURL(typed, allow)
		if err != nil {
			return "", []models.FieldError{{Field: "url", Message: err.Error()}}
		}
		return u.Hostname(), nil
	}
}

var routingKey = regexp.MustCompile(`^[A-Za-z0-9]{32}$`)

// signer signs with the secret (Standard Webhooks, "Signature scheme", symmetric):
// false when it is none.
func signer(secret string) (*standardwebhooks.Webhook, bool) {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	if !ok {
		return nil, false
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, false
	}
	w, err := standardwebhooks.NewWebhookRaw(key)
	return w, err == nil
}

// NewSecret is a fresh secret for a Standard Webhooks endpoint: 32 random bytes.
func NewSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand, since Go 1.24)
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}
