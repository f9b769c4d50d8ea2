package browser

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch keeps what a tab's pages do wrong, and what is under way. The policy's
// violations come twice: from the browser's log, and from a listener in a world
// of its own, which a page's policy has no say over.
type watch struct {
	mu       sync.Mutex
	problems []string
	asked    map[network.RequestID]network.ResourceType // under way
	ever     int                                        // how many were asked for
	pages    int                                        // how many of them were pages
	loading  bool                                       // a document was asked for and has not loaded
	moved    time.Time                                  // when something last changed
	last     int                                        // the document's status
	weight   int
	allow    []string
}

const (
	world   = "countersign-watch"
	binding = "countersignViolation"

	listenForViolations = `document.addEventListener("securitypolicyviolation", e =>
		` + binding + `(e.violatedDirective + " refused " + (e.blockedURI || "?") + " " + (e.sourceFile || "") + ":" + e.lineNumber + " " + e.sample))`
)

func newWatch() *watch { return &watch{asked: map[network.RequestID]network.ResourceType{}} }

func (w *watch) begin(ctx context.Context) error {
	if err := chromedp.Listen(ctx, func(ev any) { w.take(ctx, ev) }); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, runtime.AddBinding, runtime.AddBindingParams{Name: binding, ExecutionContextName: world}); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: listenForViolations, WorldName: world})
	return err
}

func (w *watch) take(ctx context.Context, ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventBindingCalled:
		if ev.Name == binding {
			w.problem("the policy was violated: %s", ev.Payload)
		}
	case *log.EventEntryAdded:
		// What the network did is told by its own events, with the status.
		if e := ev.Entry; e.Source != log.EntrySourceNetwork && (e.Level == log.EntryLevelError || e.Source == log.EntrySourceSecurity) {
			w.problem("%s %s: %s (%s)", e.Source, e.Level, e.Text, e.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "assert" {
			var words []string
			for _, arg := range ev.Args {
				words = append(words, string(arg.Value)+arg.Description)
			}
			w.problem("the console says: %s", strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			text += " " + ev.ExceptionDetails.Exception.Description
		}
		w.problem("a script failed: %s", text)
	case *page.EventJavascriptDialogOpening:
		w.problem("a dialog came up: %s %q", ev.Type, ev.Message)
		go func() {
			_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	case *page.EventLoadEventFired:
		w.loading, w.moved = false, time.Now()
	case *network.EventRequestWillBeSent, *network.EventResponseReceived, *network.EventLoadingFinished, *network.EventLoadingFailed:
		w.traffic(ev)
	}
}

func (w *watch) traffic(ev any) {
	w.moved = time.Now()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if ev.Type == network.ResourceTypeDocument {
			clear(w.asked) // what the page before asked for may never be told of
			w.loading = true
			w.pages++
		}
		if ev.Type != network.ResourceTypeOther { // the icon of the tab, which no page waits for
			w.asked[ev.RequestID] = ev.Type
			w.ever++
		}
	case *network.EventResponseReceived:
		status := int(ev.Response.Status)
		byScript := ev.Type == network.ResourceTypeXHR || ev.Type == network.ResourceTypeFetch
		if ev.Type == network.ResourceTypeDocument {
			w.last = status
		}
		// A refusal is an answer to a page or a form; a part of a page has no business failing.
		if status >= 500 || status >= 400 && ev.Type != network.ResourceTypeDocument && !byScript {
			w.problem("%s %s answered %d", ev.Type, ev.Response.URL, status)
		}
	case *network.EventLoadingFinished:
		delete(w.asked, ev.RequestID)
		w.weight += int(ev.EncodedDataLength)
	case *network.EventLoadingFailed:
		if w.asked[ev.RequestID] == network.ResourceTypeDocument {
			w.loading = false // a download, or a page that was left
		}
		if !ev.Canceled {
			w.problem("a request failed: %s %s %s", w.asked[ev.RequestID], ev.ErrorText, ev.BlockedReason)
		}
		delete(w.asked, ev.RequestID)
	}
}

func (w *watch) problem(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if slices.ContainsFunc(w.allow, func(a string) bool { return strings.Contains(text, a) }) {
		return
	}
	w.problems = append(w.problems, text)
}

func (w *watch) takeProblems() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.problems
	w.problems = nil
	return all
}

func (w *watch) takeWeight() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.weight
	w.weight = 0
	return n
}

func (w *watch) status() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// requests is how many were asked for, pages alone or everything.
func (w *watch) requests(pages bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if pages {
		return w.pages
	}
	return w.ever
}

// pending is what is under way, for a failure.
func (w *watch) pending() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("loading: %t, %v", w.loading, slices.Collect(maps.Values(w.asked)))
}

// idle says whether nothing is under way, and nothing has moved for a moment.
func (w *watch) idle(quiet time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.loading && len(w.asked) == 0 && time.Since(w.moved) >= quiet
}
