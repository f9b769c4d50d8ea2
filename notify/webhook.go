package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Webhooks posts messages to endpoints that people of the installation chose. The
// zero value sends to the public internet over https.
type Webhooks struct {
	Allow   Allow
	RootCAs *x509.CertPool   // nil for the system's
	Now     func() time.Time // nil for the system's clock

	resolver *net.Resolver // tests
	within   time.Duration // tests
}

// Answer is what the register keeps of what a receiver said.
type Answer struct {
	Status  int    // HTTP status, 0 when there was no answer
	Excerpt string // the beginning of its body: one printable line, without our secrets
}

const (
	webhookWithin = 20 * time.Second // Standard Webhooks: 15 to 30 s
	mostAnswer    = 64 << 10
	longestAfter  = 24 * time.Hour
)

// Post sends the message once. A status of 2xx is success, whatever the body is or
// does. Gone(err) asks to switch the endpoint off (410); After(err) is how long the
// receiver asks to wait (429, 503). No redirect is followed: it could lead a signed
// body anywhere. An error says what the receiver did, with the excerpt of its answer,
// and never holds the URL's path or query or the secret.
func (w Webhooks) Post(ctx context.Context, e Endpoint, m Message) (Answer, error) {
	u, err := parseURL(e.URL, w.Allow)
	if err != nil {
		return Answer{}, failed("%s", err)
	}
	req, f := w.request(u, e, m)
	if f != nil {
		return Answer{}, f
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout())
	defer cancel()
	transport := w.transport()
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return Answer{}, unreached(ctx, u.Hostname(), err)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, mostAnswer)) // the status has been said; the rest is only for the register
	a := Answer{Status: res.StatusCode, Excerpt: excerpt(string(body), secretsOf(u, e)...)}
	if f := w.verdict(u.Hostname(), res); f != nil {
		if a.Excerpt != "" {
			f.words += ": " + a.Excerpt
		}
		return a, f
	}
	return a, nil
}

// request is the message in the endpoint's style.
func (w Webhooks) request(u *url.URL, e Endpoint, m Message) (*http.Request, *failure) {
	var body []byte
	var err error
	m = m.inert(posted)
	switch e.Style {
	case StyleStandard:
		body, err = standardBody(m)
	case StyleSlack:
		body, err = slackBody(m)
	case StyleTeams:
		body, err = teamsBody(m)
	case StylePagerDuty:
		body, err = pagerDutyBody(m, e.Secret)
	default:
		return nil, failed("%s: what the receiver is was never chosen", u.Hostname())
	}
	if err != nil {
		return nil, failed("%s: the message could not be put into JSON", u.Hostname())
	}
	req, err := http.NewRequest(http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, failed("%s: the URL cannot be used", u.Hostname())
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Countersign")
	if e.Style == StyleStandard {
		if err := w.sign(req.Header, e.Secret, m.ID(), body); err != nil {
			return nil, failed("%s: the endpoint's secret cannot be used to sign", u.Hostname())
		}
	}
	return req, nil
}

// sign adds the three headers of Standard Webhooks. The timestamp is this try's.
func (w Webhooks) sign(h http.Header, secret, id string, body []byte) error {
	s, ok := signer(secret)
	if !ok {
		return errors.New("no secret")
	}
	now := w.now()
	signature, err := s.Sign(id, now, body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	h.Set("webhook-signature", signature)
	return err
}

func (w Webhooks) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

func (w Webhooks) timeout() time.Duration {
	if w.within != 0 {
		return w.within
	}
	return webhookWithin
}

// transport is made for one post: nothing stays open between two, so every one of
// them looks at the address it dials.
func (w Webhooks) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // see guard
		DialContext:            guard{w.Allow, w.resolver}.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: w.RootCAs, MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: mostAnswer,
	}
}

// unreached is a post that no answer came to.
func unreached(ctx context.Context, host string, err error) *failure {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return network(host, err) // which never repeats err's own text: the URL is in it
}

// verdict is what the status means.
func (w Webhooks) verdict(host string, res *http.Response) *failure {
	switch status := res.StatusCode; {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return failed("%s answers with a redirect (%d). Redirects are not followed: enter the address that it leads to", host, status)
	case status == http.StatusGone:
		f := failed("%s answers that this endpoint is gone (410)", host)
		f.class = gone
		return f
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		f := failed("%s asks to be left alone for now (%d)", host, status)
		f.after = w.retryAfter(res.Header.Get("Retry-After"))
		return f
	default:
		return failed("%s answers %d", host, status)
	}
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3): 0 for none, at most
// a day.
func (w Webhooks) retryAfter(said string) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(said)); err == nil {
		if n < 0 {
			return 0
		}
		return min(time.Duration(min(n, 1_000_000))*time.Second, longestAfter)
	}
	at, err := http.ParseTime(said)
	if err != nil {
		return 0
	}
	return max(0, min(at.Sub(w.now()), longestAfter))
}

// secretsOf is what must not come back from the receiver into the register: the
// secret, and the parts of the URL by which a chat knows its hook.
func secretsOf(u *url.URL, e Endpoint) []string {
	out := []string{e.Secret, strings.TrimPrefix(e.Secret, "whsec_"), u.RawQuery, u.Path, u.EscapedPath()}
	out = append(out, strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })...)
	for _, values := range u.Query() {
		out = append(out, values...)
	}
	return out
}
