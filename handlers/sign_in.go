package handlers

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"countersign/models"
	"countersign/views"
)

// signInLife is how long somebody may take at the identity provider.
const signInLife = 10 * time.Minute

// signInCookie is a sign-in under way, in a cookie of the browser that began
// it: what comes back has to fit it. Each has a cookie of its own, so that
// several tabs may sign in at once.
type signInCookie struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Return   string `json:"r"`
	Again    bool   `json:"a,omitempty"` // asked to sign in afresh
	Begun    int64  `json:"b"`           // models.Instant
}

// SignIn leads to the identity provider. Anyone may; somebody who is signed in
// already is led on.
func SignIn(r *Request) error {
	if r.SignedIn() {
		return r.Redirect(SafeReturn(r.Query("return")))
	}
	return r.goSignIn(false)
}

// SignInAgain asks the identity provider for a fresh sign-in, as acts of weight
// need it, and comes back to the page.
func SignInAgain(r *Request) error { return r.goSignIn(true) }

func (r *Request) goSignIn(again bool) error {
	if to := r.App.loopbackHome(r.Request()); to != "" {
		return r.Redirect(to)
	}
	begun := signInCookie{
		State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		Return: SafeReturn(r.Query("return")), Again: again, Begun: int64(models.At(r.App.Now())),
	}
	at, err := r.App.Provider.askAt(begun, r.Viewer.Person.Email)
	if err != nil {
		r.App.Log.WarnContext(r.Ctx(), "sign-in cannot begin", "request", r.ID, "error", err)
		r.Response().Header().Set("Retry-After", "5")
		return r.say(http.StatusServiceUnavailable, views.MessagePage{
			Title: "Signing in does not work just now",
			Says:  []string{"Your company’s sign-in cannot be reached. Nothing was changed. Please try again in a minute; if it lasts, tell an administrator."},
			Next:  views.ButtonProps{Label: "Try again", Kind: views.ButtonPrimary, Href: r.Request().URL.RequestURI()}, RequestID: r.ID,
		})
	}
	r.keepSignIn(begun)
	return r.Redirect(at)
}

// SignInCallback takes what the identity provider sent the browser back with.
// Refused: what this browser did not begin, a code that is used up, a token
// that is not for us, and, where a fresh sign-in was asked for, an old one or
// somebody else's. An account that is linked to nobody gets no session.
func SignInCallback(r *Request) error {
	begun, ok := r.takeSignIn(r.QueryParam("state"))
	if !ok {
		return r.refuseSignIn("not begun in this browser, or over", "")
	}
	if iss := r.QueryParam("iss"); iss != "" && iss != r.App.Provider.config.Issuer { // RFC 9207
		return r.refuseSignIn("answered by another provider", begun.Return)
	}
	if code := r.QueryParam("error"); code != "" {
		return r.refuseSignIn("the provider says "+word(code), begun.Return)
	}
	if r.QueryParam("code") == "" {
		return r.refuseSignIn("no code", begun.Return)
	}
	who, err := r.App.Provider.redeem(r.Ctx(), r.QueryParam("code"), begun)
	if err != nil {
		return r.refuseSignIn(err.Error(), begun.Return)
	}
	now := r.App.Now()
	if who.AuthTime.After(now.Add(clockSkew)) {
		return r.refuseSignIn("auth_time is in the future", begun.Return)
	}
	if begun.Again && !r.fresher(who.AuthTime, begun) {
		return r.say(http.StatusForbidden, views.MessagePage{
			Title: "That was not a fresh sign-in",
			Says: []string{
				"This act asks that you sign in again just now. Your company’s sign-in answered with an earlier sign-in instead of asking you.",
				"Nothing was changed. Sign out there and try again, or tell an administrator that the identity provider has to honour “prompt=login” and send “auth_time”.",
			},
			Next: views.ButtonProps{Label: "Try again", Kind: views.ButtonPrimary, Href: againHref(begun.Return)},
		})
	}
	return r.enter(who, authAt(who.AuthTime, now), begun)
}

// fresher: newer than the sign-in that this session has, and not older than the
// question. The first compares the provider's clock with itself.
func (r *Request) fresher(at time.Time, begun signInCookie) bool {
	if at.IsZero() || at.Before(models.Instant(begun.Begun).Time().Add(-clockSkew)) {
		return false
	}
	return !r.SignedIn() || models.At(at) > r.AuthAt
}

// authAt: a provider whose clock is ahead does not make a sign-in fresher than
// now, and one that does not say when never makes a fresh one.
func authAt(at, now time.Time) models.Instant {
	switch {
	case at.IsZero():
		return 0
	case at.After(now):
		return models.At(now)
	}
	return models.At(at)
}

// enter records the sign-in and begins a session.
func (r *Request) enter(who claims, at models.Instant, begun signInCookie) error {
	issuer := r.App.Provider.config.Issuer
	in, err := r.App.Store.SignIn(r.Ctx(), models.Login{
		Issuer: issuer, Subject: who.Subject, Name: who.Name, Email: who.Email, Groups: who.Groups, AuthAt: at,
	})
	if err != nil {
		return err
	}
	if begun.Again && r.SignedIn() && in.AccountID != r.AccountID {
		return r.say(http.StatusForbidden, views.MessagePage{
			Title: "That was somebody else",
			Says:  []string{"You are signed in as " + r.Viewer.Person.Name + ", and the fresh sign-in was with another account. Nothing was changed. To go on as somebody else, sign out first."},
			Next:  views.ButtonProps{Label: "Try again", Kind: views.ButtonPrimary, Href: againHref(begun.Return)},
		})
	}
	if in.Person == nil {
		if err := r.endSession(); err != nil {
			return err
		}
		r.App.Log.InfoContext(r.Ctx(), "sign-in is linked to nobody", "request", r.ID, "account", in.AccountID)
		r.Viewer = models.Party{}
		return r.say(http.StatusForbidden, unlinked(issuer, who))
	}
	if err := r.beginSession(in.AccountID, at); err != nil {
		return err
	}
	r.App.Log.InfoContext(r.Ctx(), "signed in", "request", r.ID, "account", in.AccountID, "fresh", begun.Again)
	return r.Redirect(begun.Return)
}

func unlinked(issuer string, who claims) views.MessagePage {
	page := views.MessagePage{
		Title: "This sign-in is not linked to anyone yet",
		Says: []string{
			"You signed in, but Countersign does not know which person this account belongs to. Until two administrators have linked it, it gives no access.",
			"Send an administrator these lines:",
		},
		Facts: []views.SummaryRow{{Key: "Issuer", Value: issuer}, {Key: "Subject", Value: who.Subject}},
	}
	if who.Email != "" {
		page.Facts = append(page.Facts, views.SummaryRow{Key: "Email", Value: who.Email})
	}
	page.Next = views.ButtonProps{Label: "Sign in with another account", Kind: views.ButtonSecondary, Href: againHref("/")}
	return page
}

// SignOut ends the session, here and in the browser. Anyone may; twice is no error.
func SignOut(r *Request) error {
	if err := r.endSession(); err != nil {
		return err
	}
	return r.Redirect("/signed-out")
}

// SignedOut says goodbye, rather than signing the next person in again at once.
func SignedOut(r *Request) error {
	if r.SignedIn() {
		return r.Redirect("/")
	}
	return r.say(http.StatusOK, views.MessagePage{
		Title: "You are signed out",
		Says:  []string{"You may still be signed in at your company’s own sign-in. On a shared computer, sign out there too."},
		Next:  views.ButtonProps{Label: "Sign in", Kind: views.ButtonPrimary, Href: "/sign-in"},
	})
}

// refuseSignIn says that it did not work. The reason is for the log: it has no
// token in it, and a stranger learns nothing from the page.
func (r *Request) refuseSignIn(reason, back string) error {
	r.App.Log.WarnContext(r.Ctx(), "sign-in refused", "request", r.ID, "reason", reason)
	return r.say(http.StatusBadRequest, views.MessagePage{
		Title: "You were not signed in",
		Says:  []string{"The sign-in was not finished, took too long, or did not come from here. Nothing was changed. Please begin again."},
		Next:  views.ButtonProps{Label: "Sign in", Kind: views.ButtonPrimary, Href: "/sign-in?return=" + url.QueryEscape(SafeReturn(back))}, RequestID: r.ID,
	})
}

func (r *Request) say(status int, page views.MessagePage) error {
	return r.Render(status, views.Message(r.Head(page.Title, ""), page))
}

func againHref(back string) string { return "/sign-in/again?return=" + url.QueryEscape(back) }

// loopbackHome is the same page at the public address, for a demo that is
// opened at 127.0.0.1 and known to its provider as localhost: cookies would
// not go from one to the other. "" when there is nothing to change.
func (a *App) loopbackHome(req *http.Request) string {
	home, err := url.Parse(a.PublicURL)
	if err != nil || home.Host == req.Host || !isLoopback(home.Hostname()) {
		return ""
	}
	if host, _, err := net.SplitHostPort(req.Host); err != nil || !isLoopback(host) {
		return ""
	}
	return a.PublicURL + req.URL.RequestURI()
}

func isLoopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

var stateText = regexp.MustCompile(`^[A-Z2-7]{26}$`) // as rand.Text makes them

var errorWord = regexp.MustCompile(`^[a-z_]{1,40}$`)

// word is an OAuth error code, or a stand-in for what is none.
func word(code string) string {
	if errorWord.MatchString(code) {
		return code
	}
	return "something unknown"
}

func (r *Request) signInName(state string) string {
	if r.App.Secure {
		return "__Host-countersign-in-" + state[:8]
	}
	return "countersign_demo_in_" + state[:8]
}

// keepSignIn remembers a sign-in under way, in the browser. It is not signed:
// whoever can change it can only spoil their own sign-in.
func (r *Request) keepSignIn(begun signInCookie) {
	r.forgetOldSignIns()
	text, _ := json.Marshal(begun) // strings and numbers always marshal
	if len(text) > 2500 {
		begun.Return = "/"
		text, _ = json.Marshal(begun)
	}
	r.setSignIn(r.signInName(begun.State), base64.RawURLEncoding.EncodeToString(text), int(signInLife.Seconds()))
}

// takeSignIn finds the sign-in that this answer belongs to, and forgets it.
func (r *Request) takeSignIn(state string) (signInCookie, bool) {
	if !stateText.MatchString(state) {
		return signInCookie{}, false
	}
	name := r.signInName(state)
	cookie, err := r.Cookie(name)
	if err != nil {
		return signInCookie{}, false
	}
	r.setSignIn(name, "", -1)
	var begun signInCookie
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(text, &begun) != nil {
		return signInCookie{}, false
	}
	over := models.At(r.App.Now())-models.Instant(begun.Begun) > span(signInLife)
	same := subtle.ConstantTimeCompare([]byte(begun.State), []byte(state)) == 1
	begun.Return = SafeReturn(begun.Return)
	return begun, same && !over && begun.Nonce != "" && begun.Verifier != ""
}

// forgetOldSignIns keeps the browser's cookies few when many were begun and none ended.
func (r *Request) forgetOldSignIns() {
	var names []string
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-countersign-in-") || strings.HasPrefix(c.Name, "countersign_demo_in_") {
			names = append(names, c.Name)
		}
	}
	if len(names) < 5 {
		return
	}
	for _, name := range names {
		r.setSignIn(name, "", -1)
	}
}

func (r *Request) setSignIn(name, value string, age int) {
	r.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		Secure: r.App.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
