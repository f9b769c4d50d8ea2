package views

import (
	"strconv"
	"time"

	"countersign/models"
)

// GatewayLine is a gateway's key with whom and what it names.
type GatewayLine struct {
	models.Gateway
	Team             string // its name; "" for every agent
	Creator, Revoker models.Party
}

// GatewaysPage is the list of gateways' keys.
type GatewaysPage struct {
	Open, Ended []GatewayLine
	May         bool // the viewer is an administrator
	Now         time.Time
}

// GatewayForm makes a key.
type GatewayForm struct {
	Name, Team, Issuer, Days string
	Teams                    []models.Team
	Keys                     FormKeys
	Errors                   Errors
}

// GatewayPage is one key.
type GatewayPage struct {
	Line   GatewayLine
	Once   *ShownOnce // the key itself, right after it was made
	Why    string     // why the viewer may not revoke it; "" where they may
	May    bool       // the viewer is an administrator
	Reason string
	Keys   FormKeys
	Errors Errors
	Now    time.Time
}

func (l GatewayLine) href() string { return "/admin/gateways/" + l.ID }

// state is how far the key is, in the words of a state.
func (l GatewayLine) state(now time.Time) string {
	switch {
	case l.RevokedAt != nil:
		return "revoked"
	case !l.Gateway.Open(models.At(now)):
		return "expired"
	}
	return "active"
}

// ending says whether somebody should see to the next key.
func (l GatewayLine) ending(now time.Time) bool {
	at := models.At(now)
	return l.Gateway.Open(at) && l.ExpiresAt-at < 14*models.Day
}

// begins is what is known of the key itself.
func (l GatewayLine) begins() string { return models.GatewayKeyPrefix + l.Hint + "…" }

func (l GatewayLine) about() string {
	if l.TeamID == nil {
		return "Every agent"
	}
	return "Agents whose owner is in " + or(l.Team, "a team that is not there any more")
}

func (l GatewayLine) names() string {
	if l.Issuer == "" {
		return "Their ids here"
	}
	return "Their ids here, or their subjects at " + l.Issuer
}

// teams are the choices of a scope.
func (f GatewayForm) teams() (out []Option) {
	for _, t := range f.Teams {
		out = append(out, Option{Value: t.ID, Label: t.Name})
	}
	return out
}

func gatewayFacts(p GatewayPage) []SummaryRow {
	l := p.Line
	rows := []SummaryRow{
		{Key: "The key begins with", Value: l.begins()},
		{Key: "It may ask about", Value: l.about()},
		{Key: "It names agents by", Value: l.names()},
		{Key: "Made by", Body: whoWhen(l.Creator, l.CreatedAt, p.Now)},
	}
	key := "Expires"
	if l.state(p.Now) == "expired" {
		key = "Expired"
	}
	rows = append(rows, SummaryRow{Key: key, Body: When(localTime(l.ExpiresAt, p.Now), p.Now)})
	if l.RevokedAt != nil {
		rows = append(rows, SummaryRow{Key: "Revoked by", Body: whoWhen(l.Revoker, *l.RevokedAt, p.Now)}, SummaryRow{Key: "Why", Value: l.RevokeReason})
	}
	return rows
}

var gatewayDaysHint = "At most " + strconv.Itoa(models.MaxGatewayDays) + ". Nothing renews a key: make the next one before, and give the gateway that."
