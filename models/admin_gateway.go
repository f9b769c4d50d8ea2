package models

import (
	"net/url"
	"strings"
)

// GatewayFacts are the facts for an act on a gateway's key.
type GatewayFacts struct {
	Env
	Gateway *Gateway // asked for
	Open    []Gateway
	Team    *Team // to which a new key is to be confined
}

// GatewayForm is a new key as it was typed, with what is kept of the key itself.
type GatewayForm struct {
	Name, Team, Issuer string
	Days               int    // until it expires
	Hash, Hint         string // see GatewayKeyOf
}

// Bounds of gateways' keys.
const (
	MaxGateways    = 500 // open at once
	MaxGatewayDays = 366
)

// GatewayKeyPrefix is how every gateway's key begins, so that one that leaked is known
// for what it is.
const GatewayKeyPrefix = "csgw_"

// GatewayKeyOf is what is kept of a key: its hash, and the characters by which people
// know it again.
func GatewayKeyOf(key string) (hash, hint string) {
	hint = strings.TrimPrefix(key, GatewayKeyPrefix)
	return Digest(key), hint[:min(8, len(hint))]
}

// MakeGateway takes a new key into use: an administrator does. The key itself never
// comes here.
func (f GatewayFacts) MakeGateway(form GatewayForm) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	name, issuer := oneLine(form.Name), oneLine(form.Issuer)
	var p problems
	p.needText("name", name, MaxName, "a name by which you know the gateway again")
	for _, g := range f.Open {
		if g.Name == name {
			p.add("name", "There is already a key of this name. Choose another one, such as “%s, %s”.", cut(name, 100), f.Now.Time().Format("2006"))
			break
		}
	}
	if form.Team != "" && f.Team == nil {
		p.add("team", "Choose a team from the list.")
	}
	p.issuer("issuer", issuer)
	if form.Days < 1 || form.Days > MaxGatewayDays {
		p.add("days", "Enter a number of days between 1 and %d.", MaxGatewayDays)
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if len(f.Open) >= MaxGateways {
		return Change{}, conflict("gateway.many", "There are %d keys, and no more can be made. Revoke one that is no longer used.", MaxGateways)
	}
	c := f.gatewayChange("gateway.made", Gateway{Name: name, Hint: form.Hint})
	g := &Gateway{ID: c.id("gtw"), Name: name, KeyHash: form.Hash, Hint: form.Hint, Issuer: issuer, CreatedBy: f.Act.Person, CreatedAt: f.Now, ExpiresAt: f.Now + Instant(form.Days)*Day}
	if f.Team != nil {
		g.TeamID = &f.Team.ID
		c.note("team", f.Team.Name)
	}
	if issuer != "" {
		c.note("issuer", issuer)
	}
	c.subject = g.ID
	c.insert(g)
	return *c, nil
}

// issuer is an address, or nothing.
func (p *problems) issuer(field, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		p.add(field, "Enter the whole address of the issuer, such as https://token.actions.githubusercontent.com, or nothing.")
		return
	}
	p.text(field, value, MaxLine)
}

// RevokeGateway ends a key at once and for good: any administrator does, with a reason.
func (f GatewayFacts) RevokeGateway(reason string) (Change, error) {
	if err := f.MayRevoke(); err != nil {
		return Change{}, err
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	g, me := *f.Gateway, f.Act.Person
	c := f.gatewayChange("gateway.revoked", g)
	c.note("reason", reason)
	g.RevokedAt, g.RevokedBy, g.RevokeReason = f.Now.Ref(), &me, reason
	c.update(&g)
	return *c, nil
}

// MayRevoke refuses whoever may not revoke the key, for the page that offers it and for
// the act itself. What has ended stays as it is.
func (f GatewayFacts) MayRevoke() error {
	if err := f.must(Administrator); err != nil {
		return err
	}
	switch g := f.Gateway; {
	case g == nil:
		return notFound("key")
	case g.RevokedAt != nil:
		return conflict("gateway.revoked", "This key was revoked already. Nothing was changed.")
	case !g.Open(f.Now):
		return conflict("gateway.expired", "This key has expired, so nothing is left to revoke.")
	}
	return nil
}

func (f GatewayFacts) gatewayChange(act string, g Gateway) *Change {
	c := f.change(act, g.ID)
	c.touch(TouchSettings, "installation")
	c.note("name", g.Name)
	c.note("hint", g.Hint)
	return c
}
