// Package browser drives Chromium for tests: tabs of people who are signed in
// through the real provider, forms filled in by their labels as a person reads
// them, and a watch over everything that a page does wrong meanwhile.
//
//	ben := browser.Open(t, a).SignIn("ben")
//	ben.Go("/agents/new").Fill("Name", "Travel desk").Press("Save and continue")
//	ben.Sees("h1", "Travel desk").Sound("agent-new")
//
// A package whose tests use it has a TestMain that returns browser.Main(m).
package browser

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// ScreenshotsVariable names the folder that Sound leaves pictures in; without
// it there are none.
const ScreenshotsVariable = "COUNTERSIGN_SCREENSHOTS"

const missing = "Chromium is not there, so pages are not tested in a browser: install it (Debian: apt-get install chromium) so that chromium or google-chrome is on the PATH"

// one is the browser of this test binary. Every tab has cookies of its own.
var one struct {
	sync.Mutex
	ctx  context.Context
	stop func()
	err  error
}

// Main runs the tests and ends the browser that they started.
func Main(m *testing.M) int {
	code := m.Run()
	one.Lock()
	defer one.Unlock()
	if one.stop != nil {
		one.stop()
	}
	return code
}

// Path is the browser's program, "" when there is none.
func Path() string {
	for _, name := range []string{"/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Needed skips the test where there is no browser; in CI it fails, since there
// a skip would go unseen.
func Needed(t testing.TB) {
	t.Helper()
	if Path() != "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// start starts the browser, once, with a profile that goes with it.
func start(t testing.TB) context.Context {
	t.Helper()
	Needed(t)
	one.Lock()
	defer one.Unlock()
	if one.ctx == nil && one.err == nil {
		launch()
	}
	if one.err != nil {
		t.Fatalf("cannot start %s: %v", Path(), one.err)
	}
	return one.ctx
}

func launch() {
	profile, err := os.MkdirTemp("", "countersign-browser-")
	if err != nil {
		one.err = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(Path()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile), chromedp.WindowSize(Wide, tall),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("mute-audio", true),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,OptimizationHints,MediaRouter"),
		chromedp.Flag("lang", "en-GB"))
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	quiet := chromedp.WithErrorf(func(string, ...any) {}) // what fails is an error of the call that it fails
	ctx, end := chromedp.NewContext(alloc, quiet)
	one.stop = func() {
		last, cancel := context.WithTimeout(ctx, 10*time.Second)
		_ = chromedp.Cancel(last) // it ends with the test in any case
		cancel()
		end()
		endAlloc()
		_ = os.RemoveAll(profile)
	}
	if one.err = chromedp.Do(ctx); one.err != nil {
		one.stop()
		one.stop = nil
		return
	}
	one.ctx = ctx
}
