package journeys_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/web"
)

// roles is one person of each role.
var roles = []string{"anna", "pete", "dana", "xu", "udo", "adam"}

// seen is a page that a crawl came to.
type seen struct {
	*app.Page
	who     string
	path    string // with its query
	pattern string // of its route: "/agents/:id"
	from    string // the page with the first link to it
}

// crawl opens what the person can come to by links from their home: of each kind
// of page (a route, and the names in its query) no more than a few. More are
// addresses to begin at as well.
func crawl(t *testing.T, org *journeys.Org, who string, few int, more ...string) []seen {
	t.Helper()
	c := org.Client(t).Login(who)
	queue := []seen{{path: "/"}, {path: "/me"}}
	for _, r := range web.Routes() {
		if r.Method == http.MethodGet && !strings.ContainsAny(r.Path, ":*") && !r.Guard.Machine() && r.Guard.String() != "anyone" {
			queue = append(queue, seen{path: r.Path, from: "the address bar"})
		}
	}
	for _, path := range more {
		queue = append(queue, seen{path: path, from: "an act"})
	}
	var pages []seen
	kinds, known := map[string]int{}, map[string]bool{}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		at, err := url.Parse(next.path)
		if err != nil {
			t.Errorf("%s leads %s to %q: %v", next.from, who, next.path, err)
			continue
		}
		next.who, next.pattern = who, pattern(http.MethodGet, at.Path)
		kind := next.pattern + "?" + strings.Join(slices.Sorted(keys(at.Query())), "&")
		if known[next.path] || kinds[kind] >= few || strings.HasPrefix(at.Path, "/sign-in") {
			continue
		}
		known[next.path] = true
		kinds[kind]++
		next.Page = c.Do(c.Request(http.MethodGet, next.path, nil))
		pages = append(pages, next)
		next.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			to, err := next.URL.Parse(a.AttrOr("href", ""))
			if err != nil || to.Host != next.URL.Host {
				return
			}
			queue = append(queue, seen{path: to.RequestURI(), from: next.path})
		})
	}
	return pages
}

func keys(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range q {
			if !yield(k) {
				return
			}
		}
	}
}

// pattern is the path of the route that answers, "" when none does.
func pattern(method, path string) string {
	best, fixed := "", -1
	for _, r := range web.Routes() {
		if n := fits(r.Path, path); r.Method == method && n > fixed {
			best, fixed = r.Path, n
		}
	}
	return best
}

// fits is how many parts of the route are the path's own words, -1 when it does
// not fit.
func fits(route, path string) int {
	want, have, n := strings.Split(route, "/"), strings.Split(path, "/"), 0
	for i, part := range want {
		switch {
		case part == "*":
			return n
		case i >= len(have) || have[i] == "" && i > 0 && len(want) > 2:
			return -1
		case strings.HasPrefix(part, ":"):
		case part != have[i]:
			return -1
		default:
			n++
		}
	}
	if len(want) != len(have) {
		return -1
	}
	return n
}
