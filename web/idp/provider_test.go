package idp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"countersign/web/idp"
)

var people = []idp.Person{
	{Subject: "ada", Name: "Ada <Admin>", Email: "ada@example.com", Says: "Administrator", Groups: []string{"admins"}},
	{Subject: "bo", Name: "Bo Owner", Email: "bo@example.com", Says: "Business owner"},
}

// browser walks through the provider as a person's browser does.
type browser struct {
	t        *testing.T
	provider *idp.Provider
	client   oauth2.Config
	http     http.Client
}

func start(t *testing.T) *browser {
	t.Helper()
	var provider *idp.Provider
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	provider, err := idp.New(server.URL+"/demo-idp", people)
	require.NoError(t, err)
	found, err := oidc.NewProvider(t.Context(), provider.Issuer())
	require.NoError(t, err)
	return &browser{t: t, provider: provider,
		client: oauth2.Config{ClientID: idp.ClientID, ClientSecret: provider.ClientSecret(), Endpoint: found.Endpoint(),
			RedirectURL: server.URL + idp.CallbackPath, Scopes: []string{"openid", "profile", "email"}},
		http: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func (b *browser) get(at string) (*http.Response, *goquery.Document) {
	b.t.Helper()
	res, err := b.http.Get(at)
	require.NoError(b.t, err)
	defer func() { _ = res.Body.Close() }()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	require.NoError(b.t, err)
	return res, doc
}

// ask goes to the login page and gives its sign-in's id, or "" with the answer
// to the application.
func (b *browser) ask(verifier string, more ...oauth2.AuthCodeOption) (page *goquery.Document, back *url.URL) {
	b.t.Helper()
	more = append(more, oauth2.SetAuthURLParam("nonce", "n-1"))
	if verifier != "" {
		more = append(more, oauth2.S256ChallengeOption(verifier))
	}
	res, _ := b.get(b.client.AuthCodeURL("state-1", more...))
	to, err := res.Location()
	if err != nil {
		return nil, nil
	}
	if strings.HasSuffix(to.Path, idp.CallbackPath) {
		return nil, to
	}
	res, page = b.get(to.String())
	require.Equal(b.t, http.StatusOK, res.StatusCode)
	return page, nil
}

func (b *browser) press(page *goquery.Document, subject string) (*http.Response, *url.URL) {
	b.t.Helper()
	at, err := url.Parse(b.provider.Issuer())
	require.NoError(b.t, err)
	to := at.Scheme + "://" + at.Host + page.Find("form").AttrOr("action", "")
	res, err := b.http.PostForm(to, url.Values{"id": {page.Find("input[name=id]").AttrOr("value", "")}, "subject": {subject}})
	require.NoError(b.t, err)
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	next, err := res.Location()
	if err != nil {
		return res, nil
	}
	res, _ = b.get(next.String())
	back, err := res.Location()
	require.NoError(b.t, err)
	return res, back
}

func (b *browser) token(code, verifier string) (*oauth2.Token, error) {
	return b.client.Exchange(context.Background(), code, oauth2.VerifierOption(verifier))
}

func TestSignIn(t *testing.T) {
	b := start(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	b.provider.SetClock(func() time.Time { return at })
	verifier := oauth2.GenerateVerifier()
	page, _ := b.ask(verifier)
	assert.Contains(t, page.Find(".demo strong").Text(), "DEMO SIGN-IN, WITHOUT PASSWORDS")
	assert.Equal(t, 2, page.Find("button").Length())
	assert.Contains(t, page.Find("button").First().Text(), "Ada <Admin>")
	assert.Zero(t, page.Find("script, [style], style, [onclick]").Length())

	_, back := b.press(page, "ada")
	assert.Equal(t, "state-1", back.Query().Get("state"))
	token, err := b.token(back.Query().Get("code"), verifier)
	require.NoError(t, err)
	found, err := oidc.NewProvider(t.Context(), b.provider.Issuer())
	require.NoError(t, err)
	id, err := found.Verifier(&oidc.Config{ClientID: idp.ClientID}).Verify(t.Context(), token.Extra("id_token").(string))
	require.NoError(t, err)
	var claims struct {
		Sub, Name, Email, Nonce string
		Groups                  []string
		AuthTime                int64 `json:"auth_time"`
	}
	require.NoError(t, id.Claims(&claims))
	assert.Equal(t, "ada", claims.Sub)
	assert.Equal(t, "Ada <Admin>", claims.Name)
	assert.Equal(t, "ada@example.com", claims.Email)
	assert.Equal(t, []string{"admins"}, claims.Groups)
	assert.Equal(t, "n-1", claims.Nonce)
	assert.Equal(t, at.Unix(), claims.AuthTime)
	info, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	require.NoError(t, err)
	assert.Equal(t, "ada", info.Subject)

	_, err = b.token(back.Query().Get("code"), verifier)
	assert.Error(t, err, "a code works once")
}

func TestSignInsThatAreRefused(t *testing.T) {
	b := start(t)
	verifier := oauth2.GenerateVerifier()
	t.Run("without PKCE", func(t *testing.T) {
		_, back := b.ask("")
		assert.Equal(t, "invalid_request", back.Query().Get("error"))
	})
	t.Run("with plain PKCE", func(t *testing.T) {
		_, back := b.ask("", oauth2.SetAuthURLParam("code_challenge", verifier), oauth2.SetAuthURLParam("code_challenge_method", "plain"))
		assert.Equal(t, "invalid_request", back.Query().Get("error"))
	})
	t.Run("without asking anybody", func(t *testing.T) {
		_, back := b.ask(verifier, oauth2.SetAuthURLParam("prompt", "none"))
		assert.Equal(t, "login_required", back.Query().Get("error"))
	})
	t.Run("to another address", func(t *testing.T) {
		was := b.client.RedirectURL
		defer func() { b.client.RedirectURL = was }()
		b.client.RedirectURL = "http://127.0.0.1:1/elsewhere"
		page, back := b.ask(verifier)
		assert.Nil(t, page)
		assert.Nil(t, back)
	})
	t.Run("as nobody on the list", func(t *testing.T) {
		page, _ := b.ask(verifier)
		res, back := b.press(page, "eve")
		assert.Equal(t, http.StatusUnprocessableEntity, res.StatusCode)
		assert.Nil(t, back)
	})
	t.Run("with another's verifier", func(t *testing.T) {
		page, _ := b.ask(verifier)
		_, back := b.press(page, "bo")
		_, err := b.token(back.Query().Get("code"), oauth2.GenerateVerifier())
		assert.Error(t, err)
		_, err = b.token(back.Query().Get("code"), verifier)
		assert.Error(t, err, "the code is spent")
	})
	t.Run("with a wrong secret", func(t *testing.T) {
		page, _ := b.ask(verifier)
		_, back := b.press(page, "bo")
		was := b.client.ClientSecret
		defer func() { b.client.ClientSecret = was }()
		b.client.ClientSecret = "guess"
		_, err := b.token(back.Query().Get("code"), verifier)
		assert.Error(t, err)
	})
	t.Run("one that nobody began", func(t *testing.T) {
		res, page := b.get(b.provider.Issuer() + "/login?id=none")
		assert.Equal(t, http.StatusNotFound, res.StatusCode)
		assert.Zero(t, page.Find("button").Length())
	})
}

func TestHintAndFreshness(t *testing.T) {
	b := start(t)
	page, _ := b.ask(oauth2.GenerateVerifier(), oauth2.SetAuthURLParam("login_hint", "bo@example.com"), oauth2.SetAuthURLParam("max_age", "0"))
	assert.Contains(t, page.Find("button").First().Text(), "Bo Owner")
	assert.Equal(t, "Sign in again", page.Find("h1").Text())
	b.provider.SetPeople(people[:1])
	page, _ = b.ask(oauth2.GenerateVerifier())
	assert.Equal(t, 1, page.Find("button").Length())
}

func TestOnlyOnThisMachine(t *testing.T) {
	for _, issuer := range []string{"https://login.example.com/demo-idp", "http://10.0.0.1/demo-idp", "http://localhost:8080/demo-idp/", "", "http://localhost.evil.example/x"} {
		_, err := idp.New(issuer, people)
		assert.Error(t, err, issuer)
	}
}

func TestNoMoreThanIsNeeded(t *testing.T) {
	b := start(t)
	for _, path := range []string{"/oauth/introspect", "/revoke", "/end_session", "/device_authorization", "/healthz", "/"} {
		res, _ := b.get(b.provider.Issuer() + path)
		assert.Equal(t, http.StatusNotFound, res.StatusCode, path)
	}
	res, _ := b.get(b.provider.Issuer() + "/keys")
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'none'")
}
