package browser

import (
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a security key of Chromium's own making, plugged into one tab.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// Authenticator plugs a new key in, which verifies its person at a touch.
func (b *Tab) Authenticator() *Authenticator {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	_, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})
	var got webauthn.AddVirtualAuthenticatorResult
	if err == nil {
		got, err = chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	}
	if err != nil {
		b.t.Fatalf("cannot plug an authenticator in: %v", err)
	}
	return &Authenticator{b, got.AuthenticatorID}
}

// Verifies has the key know its person, or not.
func (a *Authenticator) Verifies(yes bool) {
	a.tab.t.Helper()
	ctx, cancel := a.tab.limit()
	defer cancel()
	if _, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: yes}); err != nil {
		a.tab.t.Fatalf("cannot say who holds the authenticator: %v", err)
	}
}

// Unplug takes the key away, with what is on it.
func (a *Authenticator) Unplug() {
	a.tab.t.Helper()
	ctx, cancel := a.tab.limit()
	defer cancel()
	if _, err := chromedp.Call(ctx, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: a.id}); err != nil {
		a.tab.t.Fatalf("cannot unplug the authenticator: %v", err)
	}
}

// PressAndStay presses the button that says this, where the page then does
// something by itself and is not left.
func (b *Tab) PressAndStay(says string) *Tab {
	b.t.Helper()
	b.find(`control(`+quote(says)+`)`, says)
	b.click()
	return b
}

// Run runs a script on the page, as somebody would who wants to get around it, and
// gives what its promise comes to.
func (b *Tab) Run(script string) string {
	b.t.Helper()
	return eval[string](b, script)
}

// Quote is a text as a script writes it.
func Quote(t testing.TB, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
