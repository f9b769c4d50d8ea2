package idp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	requestLife = 10 * time.Minute // from being sent here to the code's exchange
	tokenLife   = 5 * time.Minute
	mostAtOnce  = 10_000 // sign-ins under way, and tokens: a demo, not a service
)

var errUnknown = errors.New("unknown or over")

// storage keeps sign-ins under way in memory. It is what the library calls.
type storage struct {
	key    key
	client client

	mu       sync.Mutex
	now      func() time.Time
	people   []Person
	requests map[string]*request
	codes    map[string]string // code → request id, until the one exchange
	tokens   map[string]token  // access token id → whose
}

type token struct {
	subject string
	until   time.Time
}

// CreateAuthRequest begins a sign-in. Refused: one without PKCE S256 or without
// a nonce, and prompt=none, since nobody is ever signed in here.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if slices.Contains(asked.Prompt, oidc.PromptNone) {
		return nil, oidc.ErrLoginRequired()
	}
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	if asked.Nonce == "" {
		return nil, oidc.ErrInvalidRequest().WithDescription("a nonce is required")
	}
	r := &request{
		id: rand.Text(), asked: *asked, begun: time.Now(), hint: asked.LoginHint,
		again: slices.Contains(asked.Prompt, oidc.PromptLogin) || (asked.MaxAge != nil && *asked.MaxAge == 0),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if len(s.requests) >= mostAtOnce {
		return nil, oidc.ErrServerError().WithDescription("too many sign-ins are under way")
	}
	s.requests[r.id] = r
	return r, nil
}

// sweep forgets what is over. The lock is held.
func (s *storage) sweep() {
	now := time.Now()
	for id, r := range s.requests {
		if now.Sub(r.begun) > requestLife {
			delete(s.requests, id)
		}
	}
	for code, id := range s.codes {
		if s.requests[id] == nil {
			delete(s.codes, code)
		}
	}
	for id, t := range s.tokens {
		if now.After(t.until) {
			delete(s.tokens, id)
		}
	}
}

// asked is a sign-in under way and the people to choose from.
func (s *storage) asked(id string) (request, []Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return request{}, nil, false
	}
	return *r, slices.Clone(s.people), true
}

// choose answers a sign-in under way, once, with one of the people.
func (s *storage) choose(id, subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || r.subject != "" || s.person(subject) == nil {
		return false
	}
	r.subject, r.at = subject, s.now()
	return true
}

// person is somebody on the list, or nil. The lock is held.
func (s *storage) person(subject string) *Person {
	for i := range s.people {
		if s.people[i].Subject == subject {
			return &s.people[i]
		}
	}
	return nil
}

// AuthRequestByID finds a sign-in under way.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.requests[id]; ok {
		seen := *r
		return &seen, nil
	}
	return nil, errUnknown
}

// AuthRequestByCode finds a sign-in by its code and spends the code: a second
// exchange is refused, whatever came of the first.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.codes[code]
	delete(s.codes, code)
	r, known := s.requests[id]
	if !ok || !known || time.Since(r.begun) > requestLife {
		return nil, errUnknown
	}
	seen := *r
	return &seen, nil
}

// SaveAuthCode keeps the code that goes back with the browser.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest forgets a sign-in that is done.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

// CreateAccessToken makes the token that the userinfo endpoint takes.
func (s *storage) CreateAccessToken(_ context.Context, of op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens) >= mostAtOnce {
		return "", time.Time{}, oidc.ErrServerError().WithDescription("too many tokens are out")
	}
	id, until := rand.Text(), time.Now().Add(tokenLife)
	s.tokens[id] = token{subject: of.GetSubject(), until: until}
	return id, until, nil
}

// GetClientByClientID knows the one client.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errUnknown
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client, nil
}

// AuthorizeClientIDSecret checks the one client's secret.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.client.secret)) != 1 {
		return errUnknown
	}
	return nil
}

// SetUserinfoFromScopes says who it is, in the ID token.
func (s *storage) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	return s.tell(info, subject)
}

// SetUserinfoFromToken says who it is, at the userinfo endpoint.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, _, _ string) error {
	s.mu.Lock()
	t, ok := s.tokens[tokenID]
	s.mu.Unlock()
	if !ok || time.Now().After(t.until) {
		return errUnknown
	}
	return s.tell(info, t.subject)
}

func (s *storage) tell(info *oidc.UserInfo, subject string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(subject)
	if p == nil {
		return errUnknown
	}
	info.Subject, info.Name, info.Email = p.Subject, p.Name, p.Email
	info.EmailVerified = true
	info.AppendClaims("groups", append([]string{}, p.Groups...))
	return nil
}

// SigningKey, SignatureAlgorithms and KeySet hand out the one key.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey(s.key)}, nil }

// Health: memory is always there.
func (s *storage) Health(context.Context) error { return nil }

// What follows is asked for by the library's interface and not offered here:
// no refresh tokens, no introspection, no revocation, no JWT profile.

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, oidc.ErrUnsupportedGrantType()
}

func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrInvalidRequest()
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnknown
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnknown
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnknown
}

// key signs the ID tokens, ES256.
type key struct {
	id      string
	private *ecdsa.PrivateKey
}

func newKey() (key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return key{}, fmt.Errorf("cannot make the demo provider's key: %w", err)
	}
	return key{id: rand.Text(), private: private}, nil
}

func (k key) ID() string                                  { return k.id }
func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k key) Key() any                                    { return k.private }

// publicKey is the half that is shown.
type publicKey key

func (k publicKey) ID() string                         { return k.id }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.private.PublicKey }

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
