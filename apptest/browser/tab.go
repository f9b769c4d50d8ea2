package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"countersign/apptest/app"
)

// Widths that pages are looked at in.
const (
	Wide   = 1280
	Narrow = 360

	tall = 900
)

// patience is how long a page may take for anything.
const patience = 15 * time.Second

// Tab is one page of one person, with cookies of their own. It is not for
// several goroutines at once.
type Tab struct {
	Who string // the subject that is signed in

	t     testing.TB
	app   *app.App
	ctx   context.Context
	watch *watch
	in    string // everything is looked for below this selector
}

// Open opens a tab that nobody is signed in with: light, wide, without motion.
// What its pages do wrong fails the test.
func Open(t testing.TB, a *app.App) *Tab {
	t.Helper()
	ctx, end := chromedp.NewContext(start(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	tab := &Tab{t: t, app: a, ctx: ctx, watch: newWatch()}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("cannot open a tab: %v", err)
	}
	if err := tab.watch.begin(ctx); err != nil {
		t.Fatalf("cannot watch a tab: %v", err)
	}
	t.Cleanup(func() { tab.Clean() })
	return tab.Look(Wide, false)
}

// Within is the same tab, looking below the selector alone.
func (b *Tab) Within(selector string) *Tab {
	same := *b
	same.in = selector
	return &same
}

// Look sets the width of the window and the person's wish for light or dark.
func (b *Tab) Look(width int64, dark bool) *Tab {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	ctx, cancel := b.limit()
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: tall, DeviceScaleFactor: 1})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err != nil {
		b.t.Fatalf("cannot look at it %d wide, %s: %v", width, scheme, err)
	}
	// Until it is drawn like that: a colour that is inherited may follow a frame
	// after the one that it comes from.
	drawn := eval[bool](b, `new Promise(done => {
		setTimeout(() => done(false), 12000);
		let still = 0;
		const frame = () => {
			still = document.getAnimations().some(a => a.playState === "running") ? 0 : still + 1;
			if (still > 3) done(true); else requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
	})`)
	if !drawn {
		b.t.Fatalf("the page is not drawn %d wide, %s", width, scheme)
	}
	return b
}

// SignIn signs in at the provider's page as the person with this subject.
func (b *Tab) SignIn(subject string) *Tab {
	b.t.Helper()
	b.Go("/sign-in").choose(subject)
	return b
}

// SignInAgain is a fresh sign-in on the provider's page, where one was led to.
func (b *Tab) SignInAgain() *Tab {
	b.t.Helper()
	return b.choose(b.Who)
}

func (b *Tab) choose(subject string) *Tab {
	b.t.Helper()
	b.PressOn(fmt.Sprintf("button[name=subject][value=%q]", subject))
	if at := b.Address(); !strings.HasPrefix(at, b.app.URL) || strings.Contains(at, "/demo-idp/") {
		b.t.Fatalf("%s is not signed in: the browser is at %s", subject, at)
	}
	b.Who = subject
	return b
}

// Go opens a path.
func (b *Tab) Go(path string) *Tab {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	if strings.HasPrefix(path, "/") {
		path = b.app.URL + path
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(path)); err != nil {
		b.t.Fatalf("cannot open %s: %v", path, err)
	}
	return b
}

// Address is where the tab is.
func (b *Tab) Address() string {
	b.t.Helper()
	return eval[string](b, `location.href`)
}

// At is the path where the tab is, with its query.
func (b *Tab) At() string {
	b.t.Helper()
	return eval[string](b, `location.pathname + location.search`)
}

// Status is what the server answered for the page that the tab is on.
func (b *Tab) Status() int { return b.watch.status() }

// Weight is how many bytes came over the wire since the last call.
func (b *Tab) Weight() int { return b.watch.takeWeight() }

// Text is what a person reads in whatever matches.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return eval[string](b, `[...document.querySelectorAll(`+quote(b.below(selector))+`)].map(e => e.innerText).join(" ").replace(/\s+/g, " ").trim()`)
}

// Attribute is an attribute of the first that matches, "" without it.
func (b *Tab) Attribute(selector, name string) string {
	b.t.Helper()
	return eval[string](b, `(e => e ? e.getAttribute(`+quote(name)+`) || "" : "")(document.querySelector(`+quote(b.below(selector))+`))`)
}

// Sees waits until something that matches shows the text.
func (b *Tab) Sees(selector, text string) *Tab {
	b.t.Helper()
	want := fold(text)
	if !b.until(func() bool { return strings.Contains(fold(b.Text(selector)), want) }) {
		b.t.Fatalf("%s does not see %q in %q at %s; there is: %q\n%s", b.Who, text, selector, b.At(), b.Text(selector), b.page())
	}
	return b
}

// SeesNot waits until nothing that matches shows the text any more.
func (b *Tab) SeesNot(selector, text string) *Tab {
	b.t.Helper()
	if !b.until(func() bool { return !strings.Contains(fold(b.Text(selector)), fold(text)) }) {
		b.t.Fatalf("%s sees %q in %q at %s, and should not: %q", b.Who, text, selector, b.At(), b.Text(selector))
	}
	return b
}

// Count is how many match.
func (b *Tab) Count(selector string) int {
	b.t.Helper()
	return eval[int](b, `document.querySelectorAll(`+quote(b.below(selector))+`).length`)
}

// page is what is on the page, for a failure.
func (b *Tab) page() string {
	return eval[string](b, `(() => {
		const main = document.querySelector("main") || document.body;
		const names = [...main.querySelectorAll("label, legend, button, summary, a[href]")].filter(e => e.checkVisibility())
			.map(e => e.tagName.toLowerCase() + ": " + e.innerText.replace(/\s+/g, " ").trim() + (e.href ? " → " + e.getAttribute("href") : ""));
		return main.innerText + "\n--- it has:\n" + names.join("\n");
	})()`)
}

func (b *Tab) below(selector string) string {
	if b.in == "" {
		return selector
	}
	parts := strings.Split(selector, ",")
	for i, p := range parts {
		parts[i] = b.in + " " + strings.TrimSpace(p)
	}
	return strings.Join(parts, ", ")
}

// until asks again and again; false when it never came.
func (b *Tab) until(ok func() bool) bool {
	b.t.Helper()
	for end := time.Now().Add(patience / 3); ; time.Sleep(20 * time.Millisecond) {
		if ok() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

func (b *Tab) limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, patience)
}

// eval asks the page. While one page goes and the next comes there is nobody to
// ask; it asks again then.
func eval[T any](b *Tab, script string) T {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	var err error
	for range 100 {
		var got T
		if got, err = chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise)); err == nil {
			return got
		}
		if !between(err) || ctx.Err() != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("the page cannot be asked: %v", err)
	panic("unreachable")
}

// between says whether the page went away while it was asked.
func between(err error) bool {
	for _, says := range []string{"context was destroyed", "Cannot find context", "navigated or closed", "Cannot find default execution context", "Execution context"} {
		if strings.Contains(err.Error(), says) {
			return true
		}
	}
	return false
}

func quote(s string) string {
	q, _ := json.Marshal(s) // a string always has one
	return string(q)
}

// fold is text as it is compared: capitals are the stylesheet's business.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Fresh forgets what the browser kept of earlier pages: the next weighs what it
// weighs for somebody who comes for the first time.
func (b *Tab) Fresh() *Tab {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	if _, err := chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		b.t.Fatalf("cannot empty the browser's cache: %v", err)
	}
	b.Weight()
	return b
}

// Focused is the id of what has the focus.
func (b *Tab) Focused() string {
	b.t.Helper()
	return eval[string](b, `document.activeElement ? document.activeElement.id : ""`)
}
