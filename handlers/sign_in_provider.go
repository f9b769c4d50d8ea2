package handlers

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// clockSkew is how far the identity provider's clock may be off ours.
const clockSkew = 2 * time.Minute

// ProviderConfig is this application as the identity provider knows it.
type ProviderConfig struct {
	Issuer, ClientID, ClientSecret string
	Redirect                       string   // the address of GET /sign-in/callback
	Scopes                         []string // besides openid, profile and email
	GroupsClaim                    string
}

// Provider is the identity provider, as a relying party sees it (OpenID
// Connect Core 1.0). It is asked for its addresses and keys at the first
// sign-in, so that we start while it is down.
type Provider struct {
	config ProviderConfig
	http   *http.Client

	mu      sync.Mutex
	found   *oidc.Provider
	failed  error
	retryAt time.Time
}

// NewProvider does not speak to the provider yet.
func NewProvider(config ProviderConfig) *Provider {
	return &Provider{config: config, http: &http.Client{Timeout: 10 * time.Second}}
}

// discover asks the provider for its addresses, once; after a failure again,
// but not before a pause.
func (p *Provider) discover() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if time.Now().Before(p.retryAt) {
		return nil, p.failed
	}
	// Not the request's context: the keys are fetched with this one later on.
	found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.http), p.config.Issuer)
	if err != nil {
		p.failed, p.retryAt = fmt.Errorf("cannot reach the identity provider: %w", err), time.Now().Add(3*time.Second)
		return nil, p.failed
	}
	p.found = found
	return found, nil
}

// client names how the secret is sent, as the provider says, rather than have
// both ways tried: a code that was refused once may be spent.
func (p *Provider) client(found *oidc.Provider) oauth2.Config {
	var meta struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	at := found.Endpoint()
	at.AuthStyle = oauth2.AuthStyleInHeader // the default (Discovery 1.0, section 3)
	if err := found.Claims(&meta); err == nil && len(meta.Methods) > 0 && !slices.Contains(meta.Methods, "client_secret_basic") {
		at.AuthStyle = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.config.Redirect,
		Endpoint: at, Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, p.config.Scopes...),
	}
}

// askAt is where the browser goes to sign in.
func (p *Provider) askAt(begun signInCookie, hint string) (string, error) {
	found, err := p.discover()
	if err != nil {
		return "", err
	}
	with := []oauth2.AuthCodeOption{oidc.Nonce(begun.Nonce), oauth2.S256ChallengeOption(begun.Verifier)}
	if begun.Again {
		with = append(with, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if hint != "" {
		with = append(with, oauth2.SetAuthURLParam("login_hint", hint))
	}
	client := p.client(found)
	return client.AuthCodeURL(begun.State, with...), nil
}

// claims is what the provider says of somebody.
type claims struct {
	Subject  string
	Name     string
	Email    string
	Groups   []string
	AuthTime time.Time // zero when it does not say
}

// redeem exchanges the code for an ID token and checks it: signature, issuer,
// audience, authorized party, expiry and nonce (Core, section 3.1.3.7). No
// token leaves this function, in an error neither.
func (p *Provider) redeem(ctx context.Context, code string, begun signInCookie) (claims, error) {
	found, err := p.discover()
	if err != nil {
		return claims{}, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	client := p.client(found)
	token, err := client.Exchange(ctx, code, oauth2.VerifierOption(begun.Verifier))
	if err != nil {
		return claims{}, withoutBody(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, errors.New("cannot sign in: the identity provider sent no ID token")
	}
	// A minute or two after it ran out, a token is still taken.
	verifier := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: func() time.Time { return time.Now().Add(-clockSkew) }})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return claims{}, fmt.Errorf("cannot take the ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(begun.Nonce)) != 1 {
		return claims{}, errors.New("cannot take the ID token: its nonce is not the one of this sign-in")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return claims{}, fmt.Errorf("cannot take the ID token: %w", err)
		}
	}
	said, err := p.read(id)
	if err != nil || said.Groups != nil {
		return said, err
	}
	return p.askMore(ctx, found, token, said)
}

// read takes what we use of the ID token.
func (p *Provider) read(id *oidc.IDToken) (claims, error) {
	var said struct {
		Name     string `json:"name"`
		Email    string `json:"email"`
		AZP      string `json:"azp"`
		AuthTime *int64 `json:"auth_time"`
	}
	if err := id.Claims(&said); err != nil {
		return claims{}, fmt.Errorf("cannot read the ID token: %w", err)
	}
	if (len(id.Audience) > 1 || said.AZP != "") && said.AZP != p.config.ClientID {
		return claims{}, errors.New("cannot take the ID token: it was issued to another application")
	}
	if id.Subject == "" {
		return claims{}, errors.New("cannot take the ID token: it names nobody")
	}
	out := claims{Subject: id.Subject, Name: said.Name, Email: said.Email}
	if said.AuthTime != nil {
		out.AuthTime = time.Unix(*said.AuthTime, 0)
	}
	var err error
	out.Groups, err = p.groups(id.Claims)
	return out, err
}

// askMore asks the userinfo endpoint for groups, name and email where the ID
// token has no groups. A provider without the endpoint has said all it says.
func (p *Provider) askMore(ctx context.Context, found *oidc.Provider, token *oauth2.Token, said claims) (claims, error) {
	if found.UserInfoEndpoint() == "" {
		return said, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return claims{}, fmt.Errorf("cannot ask the identity provider for the groups: %w", withoutBody(err))
	}
	if info.Subject != said.Subject {
		return claims{}, errors.New("cannot take the identity provider's answer: it is about somebody else")
	}
	var more struct {
		Name string `json:"name"`
	}
	if err := info.Claims(&more); err != nil {
		return claims{}, fmt.Errorf("cannot read the identity provider's answer: %w", err)
	}
	if said.Name == "" {
		said.Name = more.Name
	}
	if said.Email == "" {
		said.Email = info.Email
	}
	said.Groups, err = p.groups(info.Claims)
	return said, err
}

// groups reads the groups claim: a list, or one group as a plain string. Nil
// when there is no such claim.
func (p *Provider) groups(claimsInto func(any) error) ([]string, error) {
	var all map[string]json.RawMessage
	if err := claimsInto(&all); err != nil {
		return nil, fmt.Errorf("cannot read the groups: %w", err)
	}
	raw, ok := all[p.config.GroupsClaim]
	if !ok || string(raw) == "null" {
		return nil, nil
	}
	groups := []string{}
	if err := json.Unmarshal(raw, &groups); err == nil {
		return groups, nil
	}
	var one string
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, fmt.Errorf("cannot read the groups: the claim %q is neither a list nor a text", p.config.GroupsClaim)
	}
	return []string{one}, nil
}

// withoutBody leaves out the provider's answer, which may hold a token.
func withoutBody(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("cannot exchange the code: the identity provider answered %d %s", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}
