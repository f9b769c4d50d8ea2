package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Rules of axe-core: WCAG 2.2 at levels A and AA. In the dark only what can
// differ is asked again.
const (
	AllRules  = `{runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"], preload: false}`
	DarkRules = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}, resultTypes: ["violations"], preload: false}`

	runAxe = `(async () => {
		const r = await axe.run(document, %s);
		return r.violations.map(v => v.id + ": " + v.help + " (" + v.helpUrl + "), " + v.nodes.length + " times" + v.nodes.slice(0, 3).map(n => "\n    " + n.target.join(" ") + "\n      " + n.html.slice(0, 200) + "\n      " + (n.failureSummary || "").replace(/\s+/g, " ")).join(""));
	})()`
)

var axe = sync.OnceValues(func() (string, error) {
	for _, dir := range []string{"../testdata", "../../apptest/testdata", "apptest/testdata"} {
		if text, err := os.ReadFile(filepath.Join(dir, "axe.min.js")); err == nil {
			return string(text), nil
		}
	}
	return "", os.ErrNotExist
})

// Clean fails the test when a page did something wrong since it was last asked:
// violated the policy, failed in a script, asked for what is not there.
func (b *Tab) Clean() *Tab {
	b.t.Helper()
	for _, problem := range b.watch.takeProblems() {
		b.t.Errorf("%s at %s: %s", b.Who, b.last(), problem)
	}
	return b
}

// last is where the tab is, also when it is gone.
func (b *Tab) last() string {
	if b.ctx.Err() != nil {
		return "the end"
	}
	return b.At()
}

// Sound looks at the page as it is in three ways: light and wide, dark, and as
// narrow as a phone. In all of them axe-core finds nothing, the policy is not
// violated, and nothing scrolls sideways. With a folder for screenshots it
// leaves pictures there under the name.
func (b *Tab) Sound(name string) *Tab {
	b.t.Helper()
	b.Axe(name+" (light, wide)", AllRules).Fits(Wide).Picture(name + "-light")
	b.Look(Wide, true).Axe(name+" (dark, wide)", DarkRules).Picture(name + "-dark")
	b.Look(Narrow, false).Axe(name+" (light, narrow)", AllRules).Fits(Narrow).Picture(name + "-narrow")
	return b.Look(Wide, false).Clean()
}

// Axe runs axe-core on the page in a world of its own.
func (b *Tab) Axe(name, rules string) *Tab {
	b.t.Helper()
	text, err := axe()
	if err != nil {
		b.t.Fatalf("cannot read axe-core: %v", err)
	}
	ctx, cancel := b.limit()
	defer cancel()
	found, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]string, error) {
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		made, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "countersign-axe"})
		if err != nil {
			return nil, err
		}
		in := func(p *runtime.EvaluateParams) { p.ContextID = made.ExecutionContextID }
		if there, err := chromedp.Evaluate[bool](`typeof axe === "object"`, in)(ctx, t); err != nil || !there {
			if _, err := chromedp.Evaluate[chromedp.Void](text, in)(ctx, t); err != nil {
				return nil, err
			}
		}
		return chromedp.Evaluate[[]string](fmt.Sprintf(runAxe, rules), in, chromedp.EvalAwaitPromise)(ctx, t)
	})
	if err != nil {
		b.t.Fatalf("axe-core cannot look at %s (%s): %v", name, b.At(), err)
	}
	for _, violation := range found {
		b.t.Errorf("axe-core: %s at %s as %s:\n  %s", name, b.At(), b.Who, violation)
	}
	return b
}

// Fits fails the test when the page can be scrolled sideways.
func (b *Tab) Fits(width int) *Tab {
	b.t.Helper()
	wide := eval[[]string](b, `(() => {
		const d = document.documentElement;
		if (d.scrollWidth <= d.clientWidth) return [];
		const out = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > d.clientWidth + 0.5)
			.filter(e => ![...e.children].some(c => c.getBoundingClientRect().right > d.clientWidth + 0.5)).slice(0, 5)
			.map(e => e.outerHTML.slice(0, 160));
		return ["it is " + d.scrollWidth + " wide"].concat(out);
	})()`)
	if len(wide) > 0 {
		b.t.Errorf("%s as %s scrolls sideways in %d pixels: %s", b.At(), b.Who, width, strings.Join(wide, "\n    "))
	}
	return b
}

// Picture leaves a picture of the whole page, where a folder is named.
func (b *Tab) Picture(name string) *Tab {
	b.t.Helper()
	dir := os.Getenv(ScreenshotsVariable)
	if dir == "" {
		return b
	}
	ctx, cancel := b.limit()
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
		}
	}
	if err != nil {
		b.t.Errorf("cannot take a picture of %s: %v", name, err)
	}
	return b
}
