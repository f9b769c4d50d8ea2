package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/models"
	"countersign/store"
	"countersign/web"
)

// rogue is a provider that lies as a test tells it to. It signs everybody in as
// Admin at once.
type rogue struct {
	URL string
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	nonces map[string]string // by code
	spent  map[string]bool
	change func(claims map[string]any)
	sign   func(claims map[string]any) string
	asked  []url.Values
}

func newRogue(t *testing.T) *rogue {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &rogue{key: key, nonces: map[string]string{}, spent: map[string]bool{}}
	p.sign = func(claims map[string]any) string { return signed(t, jose.ES256, key, claims) }
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("/authorize", p.authorize)
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/keys", p.keys)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *rogue) discovery(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"},
	})
}

func (p *rogue) authorize(w http.ResponseWriter, r *http.Request) {
	q, code := r.URL.Query(), rand.Text()
	p.mu.Lock()
	p.nonces[code] = q.Get("nonce")
	p.asked = append(p.asked, q)
	p.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *rogue) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := r.FormValue("code")
	w.Header().Set("Content-Type", "application/json")
	if p.spent[code] || r.FormValue("code_verifier") == "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"secret-in-an-error"}`))
		return
	}
	p.spent[code] = true
	claims := map[string]any{
		"iss": p.URL, "aud": "us", "sub": app.Admin.Subject, "name": app.Admin.Name, "email": app.Admin.Email, "groups": []string{},
		"nonce": p.nonces[code], "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "auth_time": time.Now().Unix(),
	}
	if p.change != nil {
		p.change(claims)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "access-token", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *rogue) keys(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &p.key.PublicKey, KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
}

// lie changes the claims of the tokens from now on.
func (p *rogue) lie(change func(claims map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.change = change
}

func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "1"))
	require.NoError(t, err)
	body, err := json.Marshal(claims)
	require.NoError(t, err)
	jws, err := signer.Sign(body)
	require.NoError(t, err)
	out, err := jws.CompactSerialize()
	require.NoError(t, err)
	return out
}

// startWith starts the app with the rogue as its provider.
func (p *rogue) startWith(t *testing.T, options ...app.Option) *app.App {
	t.Helper()
	return app.Start(t, apptest.SQLiteURL(t), append(options,
		app.Configure(func(c *web.Config) {
			c.OIDC = web.OIDC{Issuer: p.URL, ClientID: "us", ClientSecret: "the-client-secret"}
		}),
		app.Seed(func(ctx context.Context, st *store.Store, _ string) error {
			return st.Bootstrap(ctx, []models.Login{{Issuer: p.URL, Subject: app.Admin.Subject, Name: app.Admin.Name, Email: app.Admin.Email}})
		}))...)
}

// Every token that is not ours, fresh and properly signed signs nobody in.
func TestTokensThatAreRefused(t *testing.T) {
	p := newRogue(t)
	a := p.startWith(t)
	t.Run("the honest one is taken", func(t *testing.T) {
		c := a.Client(t)
		c.Get("/sign-in?return=/nowhere", http.StatusNotFound).Want(".cs-me-name", app.Admin.Name)
	})
	lies := map[string]func(map[string]any){
		"wrong audience":         func(c map[string]any) { c["aud"] = "them" },
		"another party's":        func(c map[string]any) { c["aud"] = []string{"us", "them"}; c["azp"] = "them" },
		"two audiences, no azp":  func(c map[string]any) { c["aud"] = []string{"us", "them"} },
		"wrong issuer":           func(c map[string]any) { c["iss"] = "http://127.0.0.1:1/other" },
		"wrong nonce":            func(c map[string]any) { c["nonce"] = "another" },
		"no nonce":               func(c map[string]any) { delete(c, "nonce") },
		"long expired":           func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"no expiry":              func(c map[string]any) { delete(c, "exp") },
		"nobody":                 func(c map[string]any) { delete(c, "sub") },
		"auth_time to come":      func(c map[string]any) { c["auth_time"] = time.Now().Add(time.Hour).Unix() },
		"auth_time is no number": func(c map[string]any) { c["auth_time"] = "now" },
		"groups are a number":    func(c map[string]any) { c["groups"] = 7 },
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			p.lie(lie)
			refused(t, a)
		})
	}
	p.lie(nil)
	public, err := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
	require.NoError(t, err)
	for name, sign := range map[string]func(map[string]any) string{
		"unsigned": func(c map[string]any) string {
			body, err := json.Marshal(c)
			require.NoError(t, err)
			return encode(`{"alg":"none"}`) + "." + encode(string(body)) + "."
		},
		"another key's": func(c map[string]any) string {
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			require.NoError(t, err)
			return signed(t, jose.ES256, other, c)
		},
		"the public key as a secret": func(c map[string]any) string { return signed(t, jose.HS256, public, c) },
		"no token":                   func(map[string]any) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			p.mu.Lock()
			was := p.sign
			p.sign = sign
			p.mu.Unlock()
			refused(t, a)
			p.mu.Lock()
			p.sign = was
			p.mu.Unlock()
		})
	}
	for _, secret := range []string{"access-token", "the-client-secret", "secret-in-an-error", "eyJ"} {
		require.NotContains(t, a.Log.String(), secret)
	}
}

func refused(t *testing.T, a *app.App) {
	t.Helper()
	c := a.Client(t)
	c.Get("/sign-in", http.StatusBadRequest).Want("h1", "You were not signed in")
	require.Empty(t, session(t, a, c))
}

// A provider that answers a question for a fresh sign-in with an old one.
func TestFreshSignInIsFresh(t *testing.T) {
	p := newRogue(t)
	a := p.startWith(t)
	c := a.Client(t)
	before := time.Now().Add(-10 * time.Minute)
	p.lie(func(claims map[string]any) { claims["auth_time"] = before.Unix() })
	c.Get("/sign-in", http.StatusOK)
	was := session(t, a, c)

	c.Get("/sign-in/again?return=/nowhere", http.StatusForbidden).Want("h1", "That was not a fresh sign-in")
	asked := p.asked[len(p.asked)-1]
	require.Equal(t, []string{"login", "0", app.Admin.Email}, []string{asked.Get("prompt"), asked.Get("max_age"), asked.Get("login_hint")})
	require.Equal(t, was, session(t, a, c), "the session that there was goes on")

	p.lie(func(claims map[string]any) { delete(claims, "auth_time") })
	c.Get("/sign-in/again", http.StatusForbidden).Want("h1", "That was not a fresh sign-in")

	p.lie(func(claims map[string]any) { claims["sub"] = "somebody-else" })
	c.Get("/sign-in/again", http.StatusForbidden).Want("h1", "That was somebody else")
	require.Equal(t, was, session(t, a, c))

	p.lie(nil)
	c.Get("/sign-in/again?return=/nowhere", http.StatusNotFound).Want(".cs-me-name", app.Admin.Name)
	require.NotEqual(t, was, session(t, a, c), "a fresh sign-in has a new session")
}

// A code that was used, and an answer to a question that nobody asked.
func TestCodesAndStates(t *testing.T) {
	p := newRogue(t)
	a := p.startWith(t)
	begin := func(c *app.Client) (callback *url.URL) {
		to := c.Do(c.Request(http.MethodGet, "/sign-in", nil)).Header.Get("Location")
		back := c.Do(c.Request(http.MethodGet, to, nil)).Header.Get("Location")
		at, err := url.Parse(back)
		require.NoError(t, err)
		return at
	}
	with := func(at *url.URL, change map[string]string) string {
		q := maps.Clone(at.Query())
		for key, value := range change {
			q.Set(key, value)
		}
		return at.Path + "?" + q.Encode()
	}
	t.Run("replayed code", func(t *testing.T) {
		c := a.Client(t)
		first := begin(c)
		c.Get(with(first, nil), http.StatusOK)
		c.Get(with(first, nil), http.StatusBadRequest)
		other := a.Client(t)
		other.Get(with(begin(other), map[string]string{"code": first.Query().Get("code")}), http.StatusBadRequest)
		require.Empty(t, session(t, a, other))
	})
	t.Run("somebody else's code", func(t *testing.T) {
		attacker, victim := begin(a.Client(t)), a.Client(t)
		own := begin(victim)
		victim.Get(with(own, map[string]string{"code": attacker.Query().Get("code")}), http.StatusBadRequest) // the nonce
		victim.Get(with(attacker, nil), http.StatusBadRequest)                                                // the state
		require.Empty(t, session(t, a, victim))
	})
	for name, change := range map[string]map[string]string{
		"wrong state":      {"state": "AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"no state":         {"state": ""},
		"state of a path":  {"state": "../../../../../../../../.."},
		"no code":          {"code": ""},
		"another provider": {"iss": "https://other.example"},
		"refused there":    {"error": "access_denied", "error_description": "<script>"},
	} {
		t.Run(name, func(t *testing.T) {
			c := a.Client(t)
			c.Get(with(begin(c), change), http.StatusBadRequest).WantNot("body", "<script>")
			require.Empty(t, session(t, a, c))
		})
	}
	t.Run("two tabs at once", func(t *testing.T) {
		c := a.Client(t)
		first, second := begin(c), begin(c)
		c.Get(with(second, nil), http.StatusOK)
		c.Get(with(first, nil), http.StatusOK)
	})
	t.Run("took too long", func(t *testing.T) {
		clock := app.At(time.Now())
		slow := p.startWith(t, clock)
		c := slow.Client(t)
		at := begin(c)
		slow.Clock.Move(11 * time.Minute)
		c.Get(with(at, nil), http.StatusBadRequest)
	})
}

func TestProviderIsDown(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), app.Configure(func(c *web.Config) { c.OIDC.Issuer = "http://127.0.0.1:1/none" }))
	page := a.Client(t).Get("/sign-in", http.StatusServiceUnavailable)
	page.Want("h1", "Signing in does not work just now")
	require.Equal(t, "5", page.Header.Get("Retry-After"))
}
