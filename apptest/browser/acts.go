package browser

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// How a person finds things: a field by its label or its group's legend, a
// button or a link by what it says. What is not seen is not found; of several
// that say the same, the one in the page's main part, and else none.
const finders = `
const fold = s => (s || "").replace(/\s+/g, " ").trim().toLowerCase();
const seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && e.checkVisibility({visibilityProperty: true}); };
const root = ROOT ? document.querySelector(ROOT) : document;
const all = (css) => root ? [...root.querySelectorAll(css)] : [];
const words = e => {
	const copy = e.cloneNode(true);
	copy.querySelectorAll(".cs-optional, svg, [aria-hidden=true]").forEach(x => x.remove());
	return fold(copy.textContent);
};
const named = (list, text, name) => {
	text = fold(text);
	for (const fits of [n => n === text, n => n.startsWith(text), n => n.includes(text)]) {
		let found = list.filter(e => fits(name(e)));
		if (found.length > 1) {
			const inMain = found.filter(e => e.closest("main"));
			if (inMain.length) found = inMain;
		}
		if (found.length) return found;
	}
	return [];
};
const field = (text) => {
	let found = named(all("label").filter(l => l.control && (seen(l.control) || seen(l))), text, words).map(l => l.control);
	if (!found.length) found = named(all("[aria-label]").filter(e => e.matches("input,select,textarea") && seen(e)), text, e => fold(e.getAttribute("aria-label")));
	return [...new Set(found)];
};
const control = (text) => {
	const label = e => fold(e.getAttribute("aria-label")) || words(e) || fold(e.value);
	return named(all("button, a[href], summary, input[type=submit]").filter(e => seen(e) && !e.disabled), text, label);
};
const group = (text) => named(all("fieldset").filter(seen), text, f => f.querySelector("legend") ? words(f.querySelector("legend")) : "");
const only = (found, what) => {
	if (found.length !== 1) throw new Error(found.length + " are called " + what + ": " + found.map(e => e.outerHTML.slice(0, 160)).join(" | "));
	return found[0];
};
window.countersignFound = null;
`

// find puts what the expression finds where the next step takes it; it waits
// for it to appear.
func (b *Tab) find(expression, what string) {
	b.t.Helper()
	root := "null"
	if b.in != "" {
		root = quote(b.in)
	}
	script := `(() => {` + strings.Replace(finders, "ROOT ? document.querySelector(ROOT)", root+" ? document.querySelector("+root+")", 1) + `
		try { window.countersignFound = only(` + expression + `, ` + quote(what) + `); return ""; } catch (e) { return e.message; }
	})()`
	why := ""
	if !b.until(func() bool { why = eval[string](b, script); return why == "" }) {
		b.t.Fatalf("%s at %s: %s\n%s", b.Who, b.At(), why, b.page())
	}
}

// Fill types into the field with this label instead of what is there; where
// several are called this, the one in the group with the legend.
func (b *Tab) Fill(label, text string, legend ...string) *Tab {
	b.t.Helper()
	b.find(labelled(label, legend))
	return b.typed(text)
}

// labelled is the search for the field with the label, in the group with the
// legend if one is given, and what it is called.
func labelled(label string, legend []string) (expression, what string) {
	expression, what = `field(`+quote(label)+`)`, label
	if len(legend) > 0 {
		expression += `.filter(e => group(` + quote(legend[0]) + `).some(g => g.contains(e)))`
		what += " of " + legend[0]
	}
	return expression, what
}

// FillIn types into the one field that matches the selector.
func (b *Tab) FillIn(selector, text string) *Tab {
	b.t.Helper()
	b.find(`all(`+quote(selector)+`).filter(seen)`, selector)
	return b.typed(text)
}

// FillDate types day, month and year into the date with this legend.
func (b *Tab) FillDate(legend string, at time.Time) *Tab {
	b.t.Helper()
	for part, value := range map[string]int{"Day": at.Day(), "Month": int(at.Month()), "Year": at.Year()} {
		b.find(`group(`+quote(legend)+`).flatMap(f => [...f.querySelectorAll("label")].filter(l => words(l) === `+quote(strings.ToLower(part))+`).map(l => l.control))`, legend+", "+part)
		b.typed(fmt.Sprint(value))
	}
	return b
}

// typed types into what was found: all but the last letter at once, as pasted,
// and the last as a key, so that whatever waits for keys sees one.
func (b *Tab) typed(text string) *Tab {
	b.t.Helper()
	eval[bool](b, `(e => { e.scrollIntoView({block: "center"}); e.focus(); if (e.select) e.select(); return document.activeElement === e; })(window.countersignFound)`)
	ctx, cancel := b.limit()
	defer cancel()
	err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Delete))
	if runes := []rune(text); err == nil && len(runes) > 0 {
		if head := string(runes[:len(runes)-1]); head != "" {
			_, err = chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: head})
		}
		if err == nil {
			err = chromedp.Do(ctx, chromedp.KeyEvent(string(runes[len(runes)-1])))
		}
	}
	if err != nil {
		b.t.Fatalf("cannot type %q: %v", text, err)
	}
	return b
}

// Select takes the option that says this in the select with the label.
func (b *Tab) Select(label, option string) *Tab {
	b.t.Helper()
	b.find(`field(`+quote(label)+`).filter(e => e.matches("select"))`, label)
	why := eval[string](b, `((e, want) => {
		const fold = s => s.replace(/\s+/g, " ").trim().toLowerCase();
		const all = [...e.options], found = all.find(o => fold(o.text) === want) || all.find(o => fold(o.text).startsWith(want));
		if (!found || found.disabled) return "there is: " + all.map(o => o.text).join(", ");
		e.focus();
		e.value = found.value;
		for (const name of ["input", "change"]) e.dispatchEvent(new Event(name, {bubbles: true}));
		return "";
	})(window.countersignFound, `+quote(fold(option))+`)`)
	if why != "" {
		b.t.Fatalf("%s cannot select %q in %q: %s", b.Who, option, label, why)
	}
	return b.settle(false)
}

// Upload chooses a file in the file field with the label.
func (b *Tab) Upload(label, path string) *Tab {
	b.t.Helper()
	b.find(`field(`+quote(label)+`).filter(e => e.type === "file")`, label)
	eval[bool](b, `(e => { e.setAttribute("data-countersign-upload", ""); return true; })(window.countersignFound)`)
	ctx, cancel := b.limit()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS("[data-countersign-upload]"), []string{path})); err != nil {
		b.t.Fatalf("cannot choose the file: %v", err)
	}
	return b
}

// Choose ticks the radio or the box with this label; where several groups offer
// the same, in the group with the legend.
func (b *Tab) Choose(label string, legend ...string) *Tab {
	b.t.Helper()
	expression, what := labelled(label, legend)
	b.find(expression+`.filter(e => e.type === "radio" || e.type === "checkbox")`, what)
	if !eval[bool](b, `window.countersignFound.checked`) {
		b.click()
	}
	return b.settle(false)
}

// Press presses the button or link that says this, and waits for what it asks
// the server for.
func (b *Tab) Press(says string) *Tab {
	b.t.Helper()
	return b.press(`control(`+quote(says)+`)`, says)
}

// PressOn presses the one thing that matches the selector, as Press does.
func (b *Tab) PressOn(selector string) *Tab {
	b.t.Helper()
	return b.press(`all(`+quote(selector)+`).filter(seen)`, selector)
}

func (b *Tab) press(expression, what string) *Tab {
	b.t.Helper()
	b.find(expression, what)
	page := b.leads("window.countersignFound")
	before := b.watch.requests(page)
	b.click()
	if !b.until(func() bool { return b.watch.requests(page) > before }) {
		b.t.Fatalf("%s pressed %q at %s, and nothing was asked of the server\n%s", b.Who, what, b.At(), b.page())
	}
	return b.settle(true)
}

// leads says whether pressing this leads to another page, rather than to a part
// of this one that htmx asks for.
func (b *Tab) leads(element string) bool {
	b.t.Helper()
	return eval[bool](b, `(e => ![e, e.form].some(x => x && x.matches("[hx-get], [hx-post]")))(`+element+`)`)
}

// PressTwice presses quickly twice, before anything can have been answered.
func (b *Tab) PressTwice(says string) *Tab {
	b.t.Helper()
	b.find(`control(`+quote(says)+`)`, says)
	b.click()
	b.click()
	return b.settle(true)
}

// Unfold presses what only opens something on the page.
func (b *Tab) Unfold(says string) *Tab {
	b.t.Helper()
	b.find(`control(`+quote(says)+`)`, says)
	b.click()
	return b
}

// click presses the mouse in the middle of what was found, where a person would:
// what lies over it gets the press, and that is a failure.
func (b *Tab) click() {
	b.t.Helper()
	at := eval[[]float64](b, `(e => {
		if (!e || !e.isConnected) return [];
		e.scrollIntoView({block: "center"});
		const r = [...e.getClientRects()].find(r => r.width > 0 && r.height > 0) || e.getBoundingClientRect();
		const x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
		const mine = hit && (e.contains(hit) || hit.contains(e) || (hit.closest("label") && hit.closest("label").control === e));
		return mine ? [x, y] : [];
	})(window.countersignFound)`)
	if len(at) != 2 {
		b.t.Fatalf("%s cannot press it at %s: something lies over it, or it is gone", b.Who, b.At())
	}
	ctx, cancel := b.limit()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil && !between(err) {
		b.t.Fatalf("cannot press: %v", err)
	}
}

// Enter presses the Enter key on what has the focus, and waits for what that
// asks the server for.
func (b *Tab) Enter() *Tab {
	b.t.Helper()
	page := b.leads("document.activeElement")
	before := b.watch.requests(page)
	b.Type(kb.Enter)
	if !b.until(func() bool { return b.watch.requests(page) > before }) {
		b.t.Fatalf("%s pressed Enter at %s, and nothing was asked of the server\n%s", b.Who, b.At(), b.page())
	}
	return b.settle(true)
}

// TabTo presses Tab until the focus is on what has this in its name, and wants the
// focus to be seen there.
func (b *Tab) TabTo(name string) *Tab {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	var passed []string
	for range 150 {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			b.t.Fatalf("cannot press Tab: %v", err)
		}
		on := eval[[]string](b, `(e => {
			const fold = s => (s || "").replace(/\s+/g, " ").trim().toLowerCase();
			const s = getComputedStyle(e), shown = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
			const labels = e.labels && e.labels.length ? [...e.labels].map(l => l.textContent).join(" ") : "";
			return [fold(e.getAttribute("aria-label") || labels || e.textContent), shown ? "yes" : ""];
		})(document.activeElement)`)
		if strings.Contains(on[0], fold(name)) {
			if on[1] == "" {
				b.t.Fatalf("the focus on %q at %s is not seen", name, b.At())
			}
			return b
		}
		passed = append(passed, on[0])
	}
	b.t.Fatalf("%s does not come to %q at %s with the Tab key; passed: %s", b.Who, name, b.At(), strings.Join(passed, " · "))
	return b
}

// Type types where the focus is, key by key; keys without a letter are in package kb.
func (b *Tab) Type(text string) *Tab {
	b.t.Helper()
	ctx, cancel := b.limit()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(text)); err != nil && !between(err) {
		b.t.Fatalf("cannot type: %v", err)
	}
	return b
}

// settle waits until nothing is under way any more. A new page needs no longer
// wait than its load.
func (b *Tab) settle(page bool) *Tab {
	b.t.Helper()
	quiet := 40 * time.Millisecond
	if !page {
		quiet = 15 * time.Millisecond
	}
	for end := time.Now().Add(patience); !b.watch.idle(quiet); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s still waits for the server at %s (%s)", b.Who, b.At(), b.watch.pending())
		}
	}
	return b
}

// Does runs a script as the page's own would, for what no person could do.
func (b *Tab) Does(script string) *Tab {
	b.t.Helper()
	eval[bool](b, `(() => { `+script+`; return true; })()`)
	return b
}
