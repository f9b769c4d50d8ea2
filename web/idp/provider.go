// Package idp is a small OpenID provider for the demo and the tests, and for
// nothing else: it knows no passwords. Whoever reaches its page may sign in as
// any of its people, and the page says so in big letters.
//
// It speaks the code flow of OpenID Connect Core 1.0 (section 3.1) with PKCE
// S256 (RFC 7636) and a nonce, all three required, and asks who it is every
// time: there is no session that would answer for somebody.
package idp

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// CallbackPath is the path of the one registered redirect address, at the
// origin that the issuer has as well.
const CallbackPath = "/sign-in/callback"

// ClientID is the one registered client.
const ClientID = "countersign-demo"

// Person is somebody to sign in as. Says is what the page tells about them,
// such as "Business owner in Payments".
type Person struct {
	Subject string
	Name    string
	Email   string
	Says    string
	Groups  []string
}

// Provider is the OpenID provider. It serves everything below its issuer's path.
type Provider struct {
	path    string // the issuer's path, such as "/demo-idp"
	issuer  string
	storage *storage
	mux     *http.ServeMux
	op      *op.Provider
}

// New makes a provider with keys of its own, in memory. The issuer must be a
// loopback address: a sign-in without passwords is not for a network.
func New(issuer string, people []Person) (*Provider, error) {
	at, err := url.Parse(issuer)
	if err != nil {
		return nil, fmt.Errorf("cannot read the demo provider's issuer: %w", err)
	}
	if !loopback(at.Hostname()) || at.RawQuery != "" || at.Fragment != "" || strings.HasSuffix(at.Path, "/") {
		return nil, fmt.Errorf("cannot use %q as the demo provider's issuer: it has to be a loopback address such as http://localhost:8080/demo-idp", issuer)
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	p := &Provider{path: at.Path, issuer: issuer, mux: http.NewServeMux()}
	p.storage = &storage{
		key:      key,
		client:   client{login: at.Path + "/login", redirects: []string{at.Scheme + "://" + at.Host + CallbackPath}, secret: rand.Text()},
		now:      time.Now,
		people:   people,
		requests: map[string]*request{},
		codes:    map[string]string{},
		tokens:   map[string]token{},
	}
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true, SupportedScopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}, SupportedClaims: []string{"sub", "name", "email", "groups", "auth_time"}}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, fmt.Errorf("cannot make the demo provider's key: %w", err)
	}
	config.CryptoKeyId = "demo"
	p.op, err = op.NewProvider(config, p.storage, op.StaticIssuer(issuer),
		op.WithAllowInsecure(), op.WithCORSOptions(nil), op.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		return nil, fmt.Errorf("cannot start the demo provider: %w", err)
	}
	p.routes()
	return p, nil
}

// routes names what is served; the library's other endpoints are left out.
func (p *Provider) routes() {
	for _, path := range []string{"/.well-known/openid-configuration", "/authorize", "/authorize/callback", "/oauth/token", "/userinfo", "/keys"} {
		p.mux.Handle(path, p.op)
	}
	p.mux.HandleFunc("GET /login", p.ask)
	p.mux.HandleFunc("POST /login", p.answer)
	p.mux.HandleFunc("GET /style.css", style)
}

// ServeHTTP answers below the issuer's path, and nothing else.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	}
	http.StripPrefix(p.path, p.mux).ServeHTTP(w, r)
}

// Issuer is the issuer, for the client's configuration.
func (p *Provider) Issuer() string { return p.issuer }

// Path is where the provider has to be mounted, such as "/demo-idp".
func (p *Provider) Path() string { return p.path }

// ClientSecret is the registered client's secret, made anew at each start.
func (p *Provider) ClientSecret() string { return p.storage.client.secret }

// AllowRedirect registers one more redirect address, for an application that is
// at another origin than the provider.
func (p *Provider) AllowRedirect(address string) {
	p.storage.mu.Lock()
	defer p.storage.mu.Unlock()
	p.storage.client.redirects = append(slices.Clone(p.storage.client.redirects), address)
}

// SetPeople changes who can sign in, from the next request on.
func (p *Provider) SetPeople(people []Person) {
	p.storage.mu.Lock()
	defer p.storage.mu.Unlock()
	p.storage.people = people
}

// SetClock changes what auth_time says, for tests: a provider whose clock is
// off, or one that does not ask again although it was told to.
func (p *Provider) SetClock(now func() time.Time) {
	p.storage.mu.Lock()
	defer p.storage.mu.Unlock()
	p.storage.now = now
}
