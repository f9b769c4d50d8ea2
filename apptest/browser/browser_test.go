package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// kept is a test that keeps what it is told instead of failing.
type kept struct {
	*testing.T
	mu   sync.Mutex
	said []string
}

func (k *kept) Errorf(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.said = append(k.said, fmt.Sprintf(format, args...))
}

// take is what was said since the last time.
func (k *kept) take() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := strings.Join(k.said, "\n")
	k.said = nil
	return all
}

// A person signs in through the real provider and reads who they are.
func TestSignIn(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	tab := browser.Open(t, a).Go("/sign-in")
	tab.Axe("provider", browser.AllRules)
	tab.SignIn(app.Admin.Subject).Sees(".cs-me-name", app.Admin.Name)
	other := browser.Open(t, a).Go("/signed-out")
	assert.Zero(t, other.Count(".cs-me-name"), "another tab is another person's")
	tab.Sound("first-page").Press("Sign out").Sees("main", "signed out")
}

// What pages do wrong is seen: a watch that sees nothing would pass every test.
func TestTheWatchSees(t *testing.T) {
	wrong := map[string]struct{ html, says string }{
		"inline-script":  {`<script>document.title = "x"</script>`, "the policy was violated: script-src"},
		"inline-handler": {`<img src="/static/nothing.png" alt="" onerror="alert(1)">`, "the policy was violated: script-src-attr"},
		"inline-style":   {`<p style="color: red">x</p>`, "the policy was violated: style-src-attr"},
		"foreign-image":  {`<img src="http://127.0.0.2:9/x.png" alt="">`, "the policy was violated: img-src"},
		"missing-image":  {`<img src="/static/nothing.png" alt="">`, "answered 404"},
		"wide":           {`<pre>` + strings.Repeat("wide", 100) + `</pre>`, "scrolls sideways in 360 pixels"},
		"no-label":       {`<input name="a">`, "axe-core: no-label (light, narrow)"},
		"pale":           {`<link rel="stylesheet" href="/pale.css"><p class="pale">pale</p>`, "axe-core: pale (dark, wide)"},
	}
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what, ok := strings.CutPrefix(r.URL.Path, "/wrong/")
		switch {
		case ok:
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><head><title>Wrong</title><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"></head><body><main><h1>Wrong</h1>` + wrong[what].html + `</main></body></html>`))
		case r.URL.Path == "/pale.css":
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write([]byte(`@media (prefers-color-scheme: dark) { body { background: #fff } .pale { color: #eee } }`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	a := &app.App{URL: server.URL}
	k := &kept{T: t}
	tab := browser.Open(k, a)
	tab.Go("/wrong/nothing").Sound("nothing")
	require.Empty(t, k.take(), "a page without a fault")
	for what, w := range wrong {
		tab.Go("/wrong/" + what).Sound(what)
		assert.Contains(t, k.take(), w.says, what)
	}
	for script, says := range map[string]string{`console.error("oh dear")`: "oh dear", `setTimeout(() => { throw new Error("it broke") }, 0)`: "it broke", `setTimeout(() => alert("boo"), 0)`: `"boo"`} {
		tab.Go("/wrong/nothing").Does(script).Sound("script")
		assert.Contains(t, k.take(), says)
	}
}
